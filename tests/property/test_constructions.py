"""Every construction ends at its rule's own update, draws what it can draw and says what it can say."""

import re

import numpy as np
import pytest

import mtlcore
from mtlcore.compiled.pointers import address
from mtlcore.constructions._drawing import ALWAYS, ARROW, ELLIPSE, HEAD, UPDATE
from mtlcore.constructions.construction import MARKS, STEPS, WIDTH
from mtlcore.draws import NOISE_SIZE
from mtlcore.registry import CONSTRUCTIONS, RULES
from toy_problems.compiled.once import construct_once

PLACES = re.compile(r"\{(\d+)([a-z]?)\}")
ROOM = {"": 1, "i": 1, "t": 1, "g": 1, "v": 2}
SPECIAL = {
    "opposed": [[1.0, 0.5], [-0.4, -0.2]],
    "one direction": [[1.0, 0.5], [2.0, 1.0]],
    "at right angles": [[1.0, 0.0], [0.0, 2.0]],
    "the same twice": [[1.0, 0.5], [1.0, 0.5], [-0.3, 0.8]],
    "in a cycle": [[1.4, 0.1], [-0.5, 1.0], [-0.5, -0.6]],
    "four around": [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.1], [0.0, -1.0]],
}


def constructed(key, rows, seed, preferences):
    """Returns marks, told and the number of steps of a rule's construction."""
    spec, tasks = RULES[key], len(rows)
    shares = np.full(tasks, 1.0 / tasks) if preferences is None else np.array(preferences) / sum(preferences)
    own = mtlcore.rule(key, preferences=preferences)
    marks, told = np.zeros((MARKS, WIDTH)), np.zeros((STEPS, WIDTH))
    kernel = CONSTRUCTIONS[key].kernel
    steps = construct_once(
        address(kernel, kernel.get_function_type()), list(NOISE_SIZE).index(spec.noise), seed, rows, shares,
        own._hp.copy(), marks, told,
    )  # fmt: skip
    return marks, told, steps


def ending(marks, steps):
    """Returns where the update that the last step draws ends, None where it draws none."""
    last = [row for row in marks if row[0] == steps and row[2] == ARROW and row[3] == UPDATE]
    return np.array(last[-1][HEAD + 2 : HEAD + 4]) if last else None


def cases(key):
    """Yields gradients, seeds and preferences: 40 at random for every number of tasks."""
    rng = np.random.default_rng(7)
    for tasks in (2, 3, 4):
        for seed in range(40):
            rows = rng.normal(size=(tasks, 2)) * rng.choice([1.0, 0.2, 3.0], size=(tasks, 1))
            if seed % 2:
                rows[:, 1] = np.abs(rows[:, 1])  # a step that helps all
            uneven = tuple(rng.uniform(0.2, 2.0, tasks)) if RULES[key].preferences != "none" else None
            yield rows, seed, uneven if seed % 3 == 0 else None


def updated(key, rows, seed, preferences):
    """Returns the update of Python's rule, and whether it found one."""
    rule = mtlcore.rule(key, seed=seed, preferences=preferences)
    update = rule.combine(rows)
    return update, rule.status


@pytest.mark.parametrize("key", CONSTRUCTIONS)
def test_the_last_step_ends_at_the_rule_s_own_update(key):
    for rows, seed, preferences in cases(key):
        marks, _, steps = constructed(key, rows, seed, preferences)
        update, _ = updated(key, rows, seed, preferences)
        assert steps > 0
        np.testing.assert_allclose(
            ending(marks, steps),
            update,
            rtol=1e-9,
            atol=1e-9,
            err_msg=f"{rows.tolist()} {seed} {preferences}",
        )


@pytest.mark.parametrize("key", CONSTRUCTIONS)
@pytest.mark.parametrize("name", SPECIAL)
def test_at_special_gradients_it_ends_there_or_says_nothing(key, name):
    rows = np.array(SPECIAL[name])
    marks, _, steps = constructed(key, rows, 0, None)
    if steps:
        update, _ = updated(key, rows, 0, None)
        np.testing.assert_allclose(ending(marks, steps), update, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("key", CONSTRUCTIONS)
def test_marks_and_words_are_whole(key):
    construction = CONSTRUCTIONS[key]
    used = set()
    for rows, seed, preferences in cases(key):
        marks, told, steps = constructed(key, rows, seed, preferences)
        drawn = marks[marks[:, 0] > 0]
        assert 0 < len(drawn) < MARKS
        assert steps < STEPS
        assert np.isfinite(drawn).all()
        first, last, kind, tint, points = drawn[:, :HEAD].T
        assert ((first >= 1) & (first <= steps) & (last >= first) & (last <= ALWAYS)).all()
        assert ((kind >= ARROW) & (kind <= ELLIPSE) & (tint >= -2) & (tint < len(rows)) & (points <= 8)).all()
        assert set(first) >= {1.0, float(steps)}
        used |= {int(row[0]) for row in told[:steps]}
    assert used <= construction.steps.keys()
    for step in construction.steps.values():
        for number, form in PLACES.findall(step.title + step.text):
            assert int(number) + ROOM.get(form, 4) < WIDTH
            assert form in (*ROOM, "w")
        assert "{" not in PLACES.sub("", step.title + step.text)


def test_every_construction_is_a_rule_s():
    assert CONSTRUCTIONS.keys() <= RULES.keys()
