"""`python -m toy_problems --problem avocado --method rotograd --lr_rot 0.1`: one run, told as a sentence or as JSON."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from mtlcore.command_line import add_options, read_options
from mtlcore.param import sentence_of
from mtlcore.registry import METHODS, method_spec
from toy_problems.config import BALANCES, PREFERENCES, SHARED, ToyConfig
from toy_problems.engine import run
from toy_problems.outcome import Outcome
from toy_problems.problems import PROBLEMS
from toy_problems.starts_text import parse_starts
from toy_problems.trajectory import Trajectory


def parser(method: str = ToyConfig.method) -> argparse.ArgumentParser:
    """Returns the command line's options: those of every run, then those of `method`, all from their specs."""
    line = argparse.ArgumentParser("python -m toy_problems", description=__doc__, allow_abbrev=False)
    line.add_argument("--problem", default=ToyConfig.problem, help=", ".join(PROBLEMS))
    line.add_argument(
        "--method", default=ToyConfig.method, help=f"{', '.join(METHODS)}, or transform+[modifier-]rule@level"
    )
    names = ", ".join(dict.fromkeys(problem.starts_name for problem in PROBLEMS.values()))
    line.add_argument("--starts", help=f'{names}, random or points as "1,2;3,4"')
    line.add_argument("--engine", choices=("compiled", "reference"), default="compiled")
    line.add_argument("--json", action="store_true", help="print the outcome as JSON")
    add_options(line, (*SHARED, BALANCES, PREFERENCES))
    add_options(line.add_argument_group(f"parameters of {method}"), method_spec(method).params)
    return line


def config_of(arguments: Sequence[str]) -> tuple[ToyConfig, argparse.Namespace]:
    """Returns the configuration asked for, the problem's own defaults standing in. Raises ValueError naming a field."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--method", default=ToyConfig.method)
    method = first.parse_known_args(arguments)[0].method
    given = parser(method).parse_args(arguments)
    texts = vars(given)
    fields = dict(PROBLEMS[given.problem].defaults) if given.problem in PROBLEMS else {}
    fields |= read_options((*SHARED, BALANCES, PREFERENCES), texts)
    if given.starts is not None:
        fields["starts"] = parse_starts(given.starts)
    params = read_options(method_spec(method).params, texts)
    return ToyConfig(problem=given.problem, method=method, params=params, **fields), given


def _listed(words: Sequence[str]) -> str:
    """Returns words as a sentence lists them: "a, b and c"."""
    return " and ".join([*([", ".join(words[:-1])] if words[1:] else []), words[-1]])


def sentences(trajectory: Trajectory) -> list[str]:
    """Returns what became of each path, a sentence each."""
    told = []
    for i, status in enumerate(trajectory.status):
        excess = _listed([f"{value:.4g}" for value in trajectory.excess[i, -1]])
        if status.outcome == Outcome.DIVERGED:
            what = f"diverged at step {status.step}: lower the learning rate"
        elif status.outcome == Outcome.SOLVER_FAILED:
            what = f"stopped at step {status.step}, where the rule's solver failed"
        elif trajectory.solved_at[i] >= 0:
            what = f"solved from step {trajectory.solved_at[i]} on; final excess losses {excess}"
        else:
            what = f"not solved after {trajectory.config.steps} steps; final excess losses {excess}"
        where = ", ".join(f"{value:.4g}" for value in trajectory.z[i, 0].mean(axis=0))
        told.append(f"Start ({where}): {what}.")
    return told


def outcome(trajectory: Trajectory) -> dict[str, Any]:
    """Returns the outcome as plain values for JSON."""
    config = trajectory.config
    return {
        "problem": config.problem,
        "method": config.method,
        "params": dict(config.params),
        "tasks": config.tasks,
        "balance": list(config.scales),
        "preferences": config.shares.tolist(),
        "paths": [
            {
                "outcome": status.outcome.name,
                "steps": status.step,
                "solved_at": int(trajectory.solved_at[i]),
                "start": trajectory.z[i, 0].mean(axis=0).tolist(),
                "end": trajectory.z[i, -1].mean(axis=0).tolist(),
                "excess": trajectory.excess[i, -1].tolist(),
            }
            for i, status in enumerate(trajectory.status)
        ],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for and returns the exit status: 2, with a sentence, for a bad value."""
    try:
        config, given = config_of(sys.argv[1:] if arguments is None else arguments)
        trajectory = run(config, engine=given.engine)
    except ValueError as error:
        sys.stderr.write(f"{sentence_of(error)}\n")
        return 2
    text = json.dumps(outcome(trajectory), indent=2) if given.json else "\n".join(sentences(trajectory))
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
