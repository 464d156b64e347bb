"""A real Ray head in a network namespace of its own, and a test's commands inside it.

Ray opens ports beyond loopback whatever its flags, so nothing of it runs outside the namespace. Run as
`unshare -n python ray_head.py FOLDER`: it brings loopback up, starts the head, then answers each line of
Python on standard input with one line of JSON, until the input ends.
"""

import fcntl
import io
import json
import os
import socket
import struct
import subprocess
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path

PORT = 8645
ADDRESS = f"http://127.0.0.1:{PORT}"


def loopback_up() -> None:
    """Switches the namespace's own loopback on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        request = struct.pack("16sh22x", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(plug, 0x8914, request)  # SIOCSIFFLAGS


def ray(*words: str) -> subprocess.CompletedProcess[str]:
    """Returns what Ray's own command did."""
    command = [str(Path(sys.executable).with_name("ray")), *words]
    environment = {
        **os.environ,
        "RAY_USAGE_STATS_ENABLED": "0",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def answer(said: dict[str, object]) -> None:
    """Writes one line of JSON."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serves until the input ends, then stops the head."""
    loopback_up()
    temporary = sys.argv[1]
    started = ray(
        "start",
        "--head",
        "--node-ip-address=127.0.0.1",
        "--port=8646",
        "--dashboard-host=127.0.0.1",
        f"--dashboard-port={PORT}",
        "--num-cpus=2",
        "--num-gpus=2",
        "--disable-usage-stats",
        f"--temp-dir={temporary}",
        "--object-store-memory=100000000",
    )
    answer({"ready": started.returncode == 0, "said": started.stderr[-2000:] + started.stdout[-500:]})
    names: dict[str, object] = {"ADDRESS": ADDRESS, "ray": ray}
    for line in sys.stdin:
        said = io.StringIO()
        try:
            with redirect_stdout(said):
                code = json.loads(line)
                exec(compile(code, "<test>", "exec"), names)  # noqa: S102 - the test's own commands
            answer({"result": names.get("result"), "said": said.getvalue()})
        except Exception:
            answer({"error": traceback.format_exc()})
            raise
    ray("stop", "--force")


if __name__ == "__main__":
    main()
