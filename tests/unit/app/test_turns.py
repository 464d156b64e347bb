"""Whose computation runs next, and how what nobody waits for any more is left."""

import threading

import pytest

import toy_problems.compiled.engine as compiled
from app.turns import HEAVY, Asked, Turns
from toy_problems import ToyConfig, run

MUCH, LITTLE = HEAVY * 9, 100.0


def served(turns: Turns, asked: list[Asked]) -> list[str]:
    """Returns the visitors in the order in which they get a turn, one at a time."""
    found, left = [], list(asked)
    while left:
        mine = next(one for one in left if turns.begin(one, 0))
        turns.end(mine)
        left.remove(mine)
        found.append(mine.visitor)
    return found


def test_the_light_pass_the_heavy_that_came_before():
    turns = Turns(1)
    heavy = [turns.ask(f"heavy {i}", MUCH) for i in range(10)]
    light = [turns.ask(f"light {i}", LITTLE) for i in range(20)]
    assert served(turns, heavy + light)[:20] == [one.visitor for one in light]


def test_nobody_waits_for_ever():
    """Light computations keep coming; the heavy one has its turn when they have had as much."""
    turns = Turns(1)
    heavy, count = turns.ask("heavy", 50 * LITTLE), 0
    while True:
        light = turns.ask("light", LITTLE)
        if turns.begin(heavy, 0):
            break
        assert turns.begin(light, 0)
        turns.end(light)
        count += 1
    assert 40 <= count <= 50


def test_who_asks_for_more_at_once_gets_no_larger_share():
    turns = Turns(1)
    many = [turns.ask("greedy", LITTLE) for _ in range(5)]
    one = turns.ask("modest", LITTLE)
    assert served(turns, [*many, one]).index("modest") <= 1


def test_heavy_ones_leave_a_place_free():
    turns = Turns(2)
    first, second, light = turns.ask("a", MUCH), turns.ask("b", MUCH), turns.ask("c", LITTLE)
    assert not turns.begin(first, 0)
    assert turns.begin(light, 0)
    assert turns.begin(first, 0)
    turns.end(light)
    assert not turns.begin(second, 0)
    turns.end(first)
    assert turns.begin(second, 0)


def test_one_core_serves_the_heavy_too():
    turns = Turns(1)
    assert turns.begin(turns.ask("a", MUCH), 0)


def test_who_changes_their_mind_while_waiting_keeps_their_place():
    """Else whoever moves a slider faster than their turn comes would wait for ever."""
    turns = Turns(1)
    first = turns.ask("undecided", MUCH)
    count = 0
    while turns.begin(light := turns.ask("light", MUCH / 10), 0):
        turns.end(light)
        turns.give_back(first)
        first, count = turns.ask("undecided", MUCH), count + 1
        assert count <= 10
    assert turns.begin(first, 0)


def test_what_is_outdated_while_it_waits_leaves_no_trace():
    turns = Turns(1)
    running = turns.ask("other", LITTLE)
    assert turns.begin(running, 0)

    def outdated() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), turns.turn("visitor", MUCH, outdated):
        raise AssertionError("It is not this one's turn.")
    turns.end(running)
    again = turns.ask("visitor", MUCH)
    assert again.start == turns.ask("newcomer", MUCH).start
    assert turns.begin(again, 0)


@pytest.mark.parametrize("starts", ["random", ((1.0, 2.0), (0.5, -1.0), (2.0, 0.0))])
def test_a_run_ends_where_its_pause_says_so(starts, monkeypatch):
    """All legs but the first wait until the run has been told to end, so those under way are all there are."""
    legs: list[int] = []
    told, wait = threading.Event(), compiled.wait

    def leg(*given: object) -> bool:
        legs.append(1)
        if len(legs) > 1:
            told.wait()
        return True

    def ending(working: object, *patience: float) -> object:
        if not patience:
            told.set()
        return wait(working, *patience)

    def pause() -> None:
        if legs:
            raise KeyboardInterrupt

    monkeypatch.setattr(compiled, "travel", leg)
    monkeypatch.setattr(compiled, "wait", ending)
    config = ToyConfig("avocado", "uniform", steps=50_000, record_every=1000, starts=starts)
    with pytest.raises(KeyboardInterrupt):
        run(config, pause=pause)
    assert 1 <= len(legs) <= 1 + compiled.cores()
