"""Who may launch, and how much."""

import pytest

from experiments import launch
from experiments.cifar10.config import LabConfig
from experiments.launch.policy import allowed, limits


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    """Starts from an environment that says nothing."""
    for name in (
        "MTL_LAUNCH_TOKEN",
        "MTL_CLASSROOM",
        "MTL_MAX_QUEUED",
        "MTL_MAX_EPOCHS",
        "MTL_MAX_BATCH",
        "MTL_RAY_ADDRESS",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MTL_DATA", str(tmp_path))


@pytest.mark.parametrize("client", [None, "127.0.0.1", "::1", "127.8.9.10", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501"])
def test_this_machine_may_launch(client, host):
    assert allowed(client, "127.0.0.1", {"Host": host}).granted


ELSEWHERE = [
    ("192.168.1.5", "127.0.0.1", {}),
    ("127.0.0.1", "0.0.0.0", {}),
    ("127.0.0.1", "", {}),
    (None, "example.org", {}),
    ("127.0.0.1", "127.0.0.1", {"X-Forwarded-For": "10.0.0.1"}),
    ("127.0.0.1", "127.0.0.1", {"host": "evil.example:8501"}),
    ("127.0.0.1", "127.0.0.1", {"Forwarded": "for=10.0.0.1"}),
    ("not an address", "127.0.0.1", {}),
]


@pytest.mark.parametrize(("client", "server", "headers"), ELSEWHERE)
def test_from_elsewhere_the_token_decides(client, server, headers, monkeypatch):
    refused = allowed(client, server, headers, "secret")
    assert not refused.granted
    assert "MTL_LAUNCH_TOKEN" in refused.reason
    monkeypatch.setenv("MTL_LAUNCH_TOKEN", "secret")
    assert allowed(client, server, headers).needs_token
    assert allowed(client, server, headers, "sécret").reason == "The launch token is not right."
    assert allowed(client, server, headers, "secret").granted


def test_a_classroom_hides_launching_from_everyone(monkeypatch):
    monkeypatch.setenv("MTL_CLASSROOM", "1")
    monkeypatch.setenv("MTL_LAUNCH_TOKEN", "secret")
    found = allowed(None, token="secret")
    assert (found.granted, found.hidden) == (False, True)


def test_limits_are_the_operators(monkeypatch):
    assert (limits().queued, limits().epochs, limits().batch) == (200, 300, 1024)
    monkeypatch.setenv("MTL_MAX_EPOCHS", "5")
    assert limits().epochs == 5
    monkeypatch.setenv("MTL_MAX_QUEUED", "none")
    with pytest.raises(ValueError, match="MTL_MAX_QUEUED takes a whole number from 1, got 'none'"):
        limits()


def test_more_than_the_limits_is_refused_and_nothing_is_launched(monkeypatch):
    monkeypatch.setenv("MTL_MAX_QUEUED", "2")
    with pytest.raises(launch.Refused, match="At most 2 runs may wait or run at once: 0 do, 3 more"):
        launch.submit([LabConfig()] * 3)
    monkeypatch.setenv("MTL_MAX_EPOCHS", "5")
    with pytest.raises(launch.Refused, match="epochs takes at most 5 on this server, got 10"):
        launch.submit([LabConfig()])
    monkeypatch.setenv("MTL_MAX_BATCH", "32")
    with pytest.raises(launch.Refused, match="batch takes at most 32 on this server, got 64"):
        launch.submit([LabConfig(epochs=1)])
    with pytest.raises(launch.Refused, match="at least one"):
        launch.submit([])
    assert launch.queue() == []


def test_a_device_that_is_not_here_is_refused_with_a_reason():
    with pytest.raises(launch.Refused, match="device takes one of .*cpu.* here, got 'cuda:97'"):
        launch.submit([LabConfig(device="cuda:97", epochs=1)])
    assert launch.queue() == []
