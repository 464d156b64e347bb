"""Nothing leaves this machine: not at the start, not for a page, not for a foreign one."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit import net_util

from app.server import quiet

pytestmark = pytest.mark.xdist_group("browser")
SCRIPT = str(Path(__file__).with_name("outbound.py"))


def namespace() -> list[str]:
    """Returns the command that starts a network namespace of its own, empty where this system allows none."""
    if shutil.which("unshare") is None:
        return []
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return command
    return []


def test_the_server_asks_nobody_outside():
    """Inside a namespace of its own the server listens everywhere, as in a container, and nothing can get out."""
    own = namespace()
    listen = ["0.0.0.0", "namespace"] if own else ["127.0.0.1"]
    ran = subprocess.run([*own, sys.executable, SCRIPT, *listen], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])
    assert found == {"foreign": [403, 403, 403], "proxied": [], "outbound": [], "lost": 0}


def test_what_looks_for_addresses_elsewhere_is_replaced(monkeypatch):
    for name in ("get_external_ip", "get_internal_ip"):
        monkeypatch.setattr(net_util, name, lambda: "192.0.2.1")
    quiet.ask_nobody()
    assert (net_util.get_external_ip(), net_util.get_internal_ip()) == (None, None)
    monkeypatch.delattr(net_util, "get_external_ip")
    with pytest.raises(RuntimeError, match="has no get_external_ip any more"):
        quiet.ask_nobody()
