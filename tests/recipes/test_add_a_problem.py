"""Following CONTRIBUTING.md's recipe for a problem: one file, and its line in the registry."""

PROBLEM = '''"""Two round bowls, of which one is steeper."""

from typing import Any

import numpy as np

from mtlcore.compiled.deferred import kernel
from toy_problems.problem import CONSTANTS, LOSS, Balance, Problem, all_at_optimum

STEEPNESS = (1.0, 3.0)


def formula(xp: Any, r: Any, task: int, b: Balance) -> Any:
    """Returns the task's loss: r [..., N, d] -> [...]."""
    return 0.5 * b[task] * STEEPNESS[task] * ((r - (2.0 * task - 1.0)) ** 2).sum((-2, -1))


@kernel(CONSTANTS)
def constants(b, d):
    """Returns each task's scale [2] and the minima [2]."""
    data = np.empty(2)
    for k in range(2):
        data[k] = b[k] * STEEPNESS[k]
    return data, np.zeros(2)


@kernel(LOSS)
def loss(r, task, data, gradient):
    """Loss of one task and its gradient; data: each task's scale."""
    total = 0.0
    for n in range(r.shape[0]):
        for i in range(r.shape[1]):
            u = r[n, i] - (2.0 * task - 1.0)
            total += u * u
            gradient[n, i] = data[task] * u
    return 0.5 * data[task] * total


BOWLS = Problem(
    key="bowls", title="Two bowls", equation=r"L_k = \\tfrac{\\varsigma_k}{2} \\|z - c_k\\|^2",
    idea="One task is three times as steep as the other.", cite="Ours", task_counts=(2,),
    task_names=lambda tasks: ("Flat bowl", "Steep bowl"), backbone=True, dims=(2,), starts=((0.5, 2.0),),
    bounds=((-3.0, 3.0), (-3.0, 3.0)),
    defaults={"optimizer": "sgd", "lr": 0.003, "steps": 100, "record_every": 1},
    formula=formula, kernel=loss, constants=constants, solved=all_at_optimum,
    optima=lambda d, tasks: np.array([[-1.0] * d, [1.0] * d]),
    notation={r"\\varsigma": (r"\\varsigma_k", "how steep task k is"), "c_": ("c_k", "the optimum of task k"),
              "z": ("z", "what the task sees of the shared feature")},
)  # fmt: skip
'''
BEFORE = """
from app.offered import refusal
from app.view import View
from app.url_state import decode
from tools.documentation import problem_pages
from tools.make_readme_tables import with_tables
from toy_problems import PROBLEMS, ToyConfig, run

config = ToyConfig("bowls", "rotograd", params={"lr_rot": 0.01})
fast, slow = run(config), run(config, engine="reference")
view, notices = decode({"problem": "bowls", "methods": "cagrad"})
"""
SEES = {
    "listed": "'bowls' in PROBLEMS",
    "opens": "[view.problem, list(notices)]",
    "runs on the page": "refusal('bowls', 'rotograd') is None",
    "parity": "float(abs(fast.z - slow.z).max())",
    "moved": "float(abs(fast.matrices[:, -1] - fast.matrices[:, 0]).max()) > 0",
    "page": "problem_pages.pages()['problems/bowls.md']",
    "index": "problem_pages.pages()['problems/index.md']",
    "table": "with_tables('<!-- table: problems -->\\n<!-- end -->')",
}


def test_a_problem_is_one_file_and_its_line_in_the_registry(copy):
    copy.write("toy_problems/problems/bowls.py", PROBLEM)
    registry = "toy_problems/problems/__init__.py"
    copy.replace(
        registry, "import AVOCADO\n", "import AVOCADO\nfrom toy_problems.problems.bowls import BOWLS\n"
    )
    copy.replace(registry, "OPPOSITE, THREE)", "OPPOSITE, THREE, BOWLS)")
    assert set(copy.touched) == {"toy_problems/problems/bowls.py", registry}
    seen = copy.sees(SEES, BEFORE)
    assert seen.pop("parity") < 1e-9
    assert seen.pop("opens") == ["bowls", []]
    assert "One task is three times as steep as the other." in seen.pop("page")
    assert "[Two bowls](bowls.md)" in seen.pop("index")
    assert "Two bowls" in seen.pop("table")
    assert all(value is True for value in seen.values()), seen
    tests = copy.collected(
        "tests/parity/test_engines.py",
        "tests/unit/toy_problems/test_toy_formulas.py",
        "tests/unit/toy_problems/test_toy_kernels.py",
        "tests/app/test_notation.py",
    )
    assert len({line.partition("::")[0] for line in tests if "bowls" in line}) == 4
