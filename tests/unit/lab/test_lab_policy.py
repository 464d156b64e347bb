"""Who may launch, and how much."""

import hmac

import pytest

from experiments import launch
from experiments.cifar10.config import LabConfig
from experiments.launch.guesses import FREE, LONGEST, Guesses
from experiments.launch.policy import allowed, limits, who_may_launch
from experiments.switches import switched_on


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


PROXIES = (
    "Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Whatever", "Forwarded", "True-Client-IP",
    "X-Client-IP", "X-Real-IP", "CF-Connecting-IP", "CF-Ray", "CDN-Loop", "Fastly-Client-IP", "X-Original-Host",
)  # fmt: skip


@pytest.mark.parametrize("name", PROXIES)
def test_whatever_a_proxy_adds_counts_as_elsewhere(name):
    assert not allowed("127.0.0.1", "127.0.0.1", {"Host": "localhost:8501", name: "127.0.0.1"}).granted
    assert not allowed("127.0.0.1", "127.0.0.1", {"Host": "localhost:8501", name.lower(): ""}).granted


def test_a_token_that_is_set_is_asked_of_this_machine_too(monkeypatch):
    """A bare forwarder on this machine adds nothing: who comes through it looks like a visitor at home."""
    monkeypatch.setenv("MTL_LAUNCH_TOKEN", "secret")
    home = ("127.0.0.1", "127.0.0.1", {"Host": "localhost:8501"})
    found = allowed(*home)
    assert (found.granted, found.needs_token, found.reason) == (
        False,
        True,
        "Launching needs the launch token.",
    )
    assert not allowed(*home, "wrong", guesses=Guesses()).granted
    assert allowed(*home, "secret", guesses=Guesses()).granted


@pytest.mark.parametrize(
    "word", ["1", "true", "yes", "on", "ON", " On ", "y", "enabled", "classroom", "2", "ja"]
)
def test_any_word_but_those_for_off_closes(word, monkeypatch):
    monkeypatch.setenv("MTL_CLASSROOM", word)
    assert allowed(None).hidden


@pytest.mark.parametrize("word", ["", "0", "false", "False", "no", "off", " OFF "])
def test_the_words_for_off_leave_it_open(word, monkeypatch):
    monkeypatch.setenv("MTL_CLASSROOM", word)
    assert allowed(None).granted


@pytest.mark.parametrize("unknown", [True, False])
def test_an_unknown_word_takes_the_safe_side_and_is_named_once_in_the_log(unknown, monkeypatch, caplog):
    monkeypatch.setenv("MTL_TRIED", f"perhaps {unknown}")
    assert [switched_on("MTL_TRIED", unknown), switched_on("MTL_TRIED", unknown)] == [unknown] * 2
    (record,) = caplog.records
    side = "on" if unknown else "off"
    said = (
        f"MTL_TRIED takes 1, true, yes, on, 0, false, no, off, got 'perhaps {unknown}'. It counts as {side}."
    )
    assert record.getMessage().lower() == said.lower()


class Clock:
    """Time that passes when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_wrong_guesses_wait_longer_and_longer():
    clock = Clock()
    guesses, waits = Guesses(clock), []
    for i in range(FREE + 12):
        assert not guesses.right(f"wrong {i}", "secret")
        waits.append(guesses.wait())
        clock.now += guesses.wait()
    assert waits == [0.0] * (FREE - 1) + [min(2.0**i, LONGEST) for i in range(13)]
    assert guesses.right("secret", "secret")
    assert not guesses.right("wrong", "secret")
    assert guesses.wait() == 0.0


def test_while_one_has_to_wait_no_guess_is_looked_at():
    clock = Clock()
    guesses = Guesses(clock)
    for i in range(FREE):
        guesses.right(f"wrong {i}", "secret")
    assert not guesses.right("secret", "secret")
    clock.now = 0.999
    assert not guesses.right("secret", "secret")
    clock.now = 1.0
    assert guesses.right("secret", "secret")


def test_asking_again_with_the_same_wrong_token_counts_once():
    guesses = Guesses(Clock())
    assert not any(guesses.right("wrong", "secret") for _ in range(100))
    assert guesses.wait() == 0.0


def test_other_peoples_wrong_guesses_do_not_stop_who_has_proved_the_token(monkeypatch):
    monkeypatch.setenv("MTL_LAUNCH_TOKEN", "secret")
    guesses = Guesses(Clock())
    for i in range(FREE):
        assert not allowed(token=f"wrong {i}", guesses=guesses).granted
    assert allowed(token="secret", guesses=guesses).reason.endswith("looked at in 1 seconds.")
    assert allowed(token="secret", proved=True, guesses=guesses).granted
    assert not allowed(token="secr€t", proved=True, guesses=guesses).granted


def test_tokens_are_compared_in_constant_time(monkeypatch):
    seen = []
    monkeypatch.setattr(hmac, "compare_digest", lambda *pair: seen.append(pair) or False)
    Guesses(Clock()).right("tok\ud800en", "secret")
    assert seen == [(b"tok\xed\xa0\x80en", b"secret")]


@pytest.mark.parametrize(
    ("set_", "server", "said"),
    [
        ({}, "127.0.0.1", "Everyone on this machine may launch, without a token"),
        ({}, "0.0.0.0", "Nobody may launch: the server listens beyond this machine"),
        ({"MTL_LAUNCH_TOKEN": "x"}, "127.0.0.1", "Whoever knows the token in MTL_LAUNCH_TOKEN may launch"),
        (
            {"MTL_LAUNCH_TOKEN": "x", "MTL_CLASSROOM": "on"},
            "0.0.0.0",
            "Nobody may launch: MTL_CLASSROOM is on",
        ),
    ],
)
def test_the_operator_is_told_who_may_launch(set_, server, said, monkeypatch):
    for name, value in set_.items():
        monkeypatch.setenv(name, value)
    assert who_may_launch(server).startswith(said)
