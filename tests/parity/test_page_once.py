"""One update of every rule: the page asks the kernel that Python asks, and both have the bits of Python's rule."""

import json
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mtlcore
from app import engine
from app.engine.contents import table
from app.workbench.told import construction_of, of_rule, told
from mtlcore import RULES
from mtlcore.compiled.pointers import ELEMENTWISE_POINTER, RULE_POINTER, address
from mtlcore.constructions.construction import MARKS, STEPS, WIDTH
from mtlcore.draws import NOISE_SIZE
from mtlcore.registry import CONSTRUCTIONS
from mtlcore.spec import RuleSpec, Status
from tests.in_node import Call, run
from tools.find_node import find_node
from toy_problems.compiled.once import balance_once

SCRIPT = Path(__file__).parents[1] / "bench_in_node.mjs"
DRAWS = 3
POINTS = np.array([[1.2, 0.5], [-0.9, 0.9], [0.3, -1.1], [-1.0, -0.4]])
LOSSES, SHARES = (1.0, 2.5, 0.3, 0.7), (0.5, 1.5, 2.0, 1.0)
GRADIENTS = {
    "two": POINTS[:2],
    "three": POINTS[:3],
    "four": POINTS,
    "opposed": np.array([[1.0, 0.0], [-0.5, 0.0]]),
    "one of no length": np.array([[1.0, 0.5], [0.0, 0.0], [-0.2, 0.9]]),
    "in a half-plane": np.array([[1.0, 0.1], [0.4, 0.9], [-0.6, 0.8]]),
}


def takes_losses(spec: RuleSpec) -> bool:
    """Returns whether a rule reads losses as it is set by default."""
    return spec.takes_losses({p.name: p.default for p in spec.params})


def preferences_of(spec: RuleSpec, tasks: int) -> tuple[float, ...] | None:
    """Returns uneven preferences for a rule that takes them."""
    return None if spec.preferences == "none" else SHARES[:tasks]


def asked(key: str, rows: np.ndarray, draws: int = DRAWS) -> Call:
    """Returns the call that asks a rule about gradients [K, 2], for the seeds 0, 1, ..."""
    spec, tasks = RULES[key], len(rows)
    losses = np.array(LOSSES[:tasks] if takes_losses(spec) else ())
    own = mtlcore.rule(key, preferences=preferences_of(spec, tasks))
    element = spec.kind == "elementwise"
    at = address(spec.kernel, ELEMENTWISE_POINTER if element else RULE_POINTER)
    results = (
        np.zeros((draws, tasks)),
        np.zeros((draws, 1, 2)),
        np.zeros((draws, tasks + 3)),
        np.zeros(draws, np.int64),
    )
    return Call(
        "balance_once", 0 if element else at, at if element else 0, list(NOISE_SIZE).index(spec.noise),
        spec.state_size(tasks), 0, rows[:, None].copy(), losses, own._hp.copy(), *results,
    )  # fmt: skip


@pytest.mark.parametrize("name", GRADIENTS)
def test_every_rule_has_the_same_bits_in_the_page(name):
    calls = {key: asked(key, GRADIENTS[name]) for key in RULES}
    run(calls.values())
    assert {key: found for key, call in calls.items() if (found := call.differing())} == {}


@pytest.mark.parametrize(("key", "name"), list(product(RULES, GRADIENTS)))
def test_the_kernel_answers_as_python_s_rule(key, name):
    rows, spec = GRADIENTS[name], RULES[key]
    call, tasks = asked(key, rows), len(rows)
    balance_once(*call.given)
    gram = np.array([[a @ b for b in rows] for a in rows])
    exact = np.array([[a[0] * b[0] + a[1] * b[1] for b in rows] for a in rows])
    losses = LOSSES[:tasks] if takes_losses(spec) else None
    for seed in range(DRAWS):
        rule = mtlcore.rule(key, seed=seed, preferences=preferences_of(spec, tasks))
        if spec.kind == "elementwise":
            assert rule.combine(rows).tobytes() == call.flat["updates"][seed, 0].tobytes()
        else:
            assert rule.weights(exact, losses).tobytes() == call.flat["weights"][seed].tobytes()
            again = mtlcore.rule(key, seed=seed, preferences=preferences_of(spec, tasks))
            weights = again.weights(gram, losses)
            np.testing.assert_allclose(weights @ rows, call.flat["updates"][seed, 0], rtol=1e-7, atol=1e-9)
        assert call.flat["statuses"][seed] == rule.status


@pytest.mark.parametrize("name", GRADIENTS)
def test_what_an_update_does_is_read_from_it(name):
    rows, tasks = GRADIENTS[name], len(GRADIENTS[name])
    mean = rows.mean(axis=0)
    for key in RULES:
        call = asked(key, rows, draws=1)
        balance_once(*call.given)
        update, found = call.flat["updates"][0, 0], call.flat["readings"][0]
        length = float(np.hypot(*update))
        inner = rows @ update
        still = call.flat["statuses"][0] == Status.STATIONARY
        small = 1e-9 * length * np.linalg.norm(rows, axis=1)
        helps = np.where(still | (np.abs(inner) <= small), 0, np.sign(inner))
        np.testing.assert_array_equal(found[:tasks], helps, err_msg=key)
        across = mean[0] * update[1] - mean[1] * update[0]
        np.testing.assert_allclose(
            found[tasks:], [length, mean @ update, across], rtol=1e-12, atol=1e-13, err_msg=key
        )


def page_s_answers(rows: np.ndarray) -> dict[str, Any]:
    """Returns what the page's own modules make of every rule and its construction at gradients [K, 2]."""
    tasks, everything = len(rows), told()
    given = {"gradients": rows.tolist(), "losses": LOSSES[:tasks], "preferences": SHARES[:tasks]}
    for_node = {"file": str(engine.FILE), "manifest": engine.manifest(), "given": given, **everything}
    node = find_node()
    assert node, "install node, or requirements-dev.txt, which brings one"
    ran = subprocess.run(
        [node, str(SCRIPT)], input=json.dumps(for_node).encode(), capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_the_page_asks_every_rule_as_python_does():
    """From what Python tells of a rule the page's own module makes the arguments and reads the answer."""
    rows = GRADIENTS["three"]
    answers = page_s_answers(rows)
    assert answers.keys() == set(RULES)
    for key, answer in answers.items():
        call = asked(key, rows, draws=64 if RULES[key].noise != "none" else 1)
        balance_once(*call.given)
        updates = call.flat["updates"][:, 0].tolist()
        assert [draw["update"] for draw in answer["draws"]] == (
            updates if updates.count(updates[0]) < len(updates) else updates[:1]
        )
        assert answer["weights"] == (
            None if RULES[key].kind == "elementwise" else call.flat["weights"][0].tolist()
        )
        assert answer["length"] == call.flat["readings"][0, 3], key


@pytest.mark.parametrize("key", CONSTRUCTIONS)
def test_a_construction_has_the_same_bits_in_the_page(key):
    kernel, spec = CONSTRUCTIONS[key].kernel, RULES[key]
    calls = []
    for rows in GRADIENTS.values():
        given = np.array(SHARES[: len(rows)]) / sum(SHARES[: len(rows)])
        calls.append(
            Call(
                "construct_once", address(kernel, kernel.get_function_type()), list(NOISE_SIZE).index(spec.noise), 5,
                rows.copy(), given, mtlcore.rule(key)._hp.copy(), np.zeros((MARKS, WIDTH)), np.zeros((STEPS, WIDTH)),
            )
        )  # fmt: skip
    run(calls)
    assert [call.differing() for call in calls] == [[]] * len(calls)
    assert all(call.result > 0 for call in calls[:3])


def test_the_page_asks_every_construction_as_python_does():
    """It ends at the rule's update, so the page shows it: as many steps, and every place in the words is filled."""
    answers = page_s_answers(GRADIENTS["in a half-plane"])
    assert {key for key, answer in answers.items() if answer["construction"]} == set(CONSTRUCTIONS)
    for key in CONSTRUCTIONS:
        said = answers[key]["construction"]["steps"]
        assert len(said) >= 2
        assert not any(
            letter in step["title"] + step["text"] for step in said for letter in ("{", "NaN", "undefined")
        )


def test_every_rule_is_in_the_page_s_file():
    assert {of_rule(spec)["kernel"] for spec in RULES.values()} <= table().keys()
    assert {drawn["kernel"] for key in RULES if (drawn := construction_of(key))} <= table().keys()
