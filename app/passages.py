"""What is so at each step of a run, in plain words: a trajectory in, passages out.

`app.sentences` says how a run ends. Told from the first step on, that would give the ending away; so the stage shows
the passage that holds at the step shown, and the verdict where it is reached.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from app.sentences import OPPOSITION, every, optima_of, sentence
from app.stage import turns
from toy_problems import PROBLEMS, pairs_solved
from toy_problems.problems.landscape import SIDE, front_height
from toy_problems.trajectory import Outcome, Trajectory

LOSSES = "{losses}"  # the stage puts the excess losses at the step shown in its place
# The cosine below which the tasks pull against each other; they do so until it is positive again. A path is between
# them once they have done so for this part of the records, and is not just swinging past.
OPPOSED, STEADY = -0.5, 50
CALM = 100  # what holds for less than this part of the records, in between, is not told: nobody could read it


class Passage(NamedTuple):
    """A text that holds from a step on, until the next one; it may have LOSSES in it."""

    step: int
    text: str


def passages(run: Trajectory, note: str = "") -> tuple[Passage, ...]:
    """Returns what is so from which step on, the first from step 0 and the last the run's own sentence.

    note: what is so of the run whatever the step; it stands behind every passage.
    """
    texts = _of_one(run) if len(run.status) == 1 else _of_many(run)
    texts[-1] = sentence(run)
    return tuple(
        Passage(int(step), f"{text} {note}".rstrip())
        for i, (step, text) in enumerate(zip(run.steps, texts, strict=True))
        if i == 0 or text != texts[i - 1]
    )


def _of_one(run: Trajectory) -> list[str]:
    """Returns the text at every record of the only path."""
    problem = PROBLEMS[run.config.problem]
    tell = _labels if problem.sees_views else _optima if problem.backbone else _front
    texts = _calm(tell(run))
    if run.status[0].outcome != Outcome.OK:
        stopped = int(np.searchsorted(run.steps, run.status[0].step))
        texts[stopped:] = [sentence(run)] * len(texts[stopped:])
    return texts


def _calm(texts: list[str]) -> list[str]:
    """Returns the texts without those that hold for a moment only: the one before them goes on."""
    lengths = [len(list(same)) for _, same in groupby(texts)]
    told, at = list(texts), 0
    for length in lengths:
        if at + length < len(texts) and length * CALM < len(texts) and at > 0:
            told[at : at + length] = [told[at - 1]] * length
        at += length
    return told


def _of_many(run: Trajectory) -> list[str]:
    """Returns how many of the paths are there, at every record."""
    problem = PROBLEMS[run.config.problem]
    there = run.success if problem.backbone or not turns(run) else _served(run)
    texts = so_far(run)
    return [texts[int(count)] for count in there.sum(axis=0)]


def so_far(run: Trajectory) -> list[str]:
    """Returns the sentences that none, one, ... all of a run's several starts are where they all should be."""
    problem, total = PROBLEMS[run.config.problem], len(run.status)
    verb = f"{{}} {{}} at {every(run)}"
    if problem.sees_views:
        verb = "{} serve{} both tasks"
    elif not problem.backbone and not turns(run):
        verb = "{} {} on the Pareto front"
    return [f"{_subject(count, total, verb)}." for count in range(total + 1)]


def _subject(count: int, total: int, verb: str) -> str:
    one = count == 1
    ending = ("s" if one else "") if "serve" in verb else ("is" if one else "are")
    who = f"All {total} starts" if count == total else f"{count or 'None'} of the {total} starts"
    return verb.format(who, ending) + ("" if count == total else " so far")


def _optima(run: Trajectory) -> list[str]:
    pairs, opposed, done = _pairs_so_far(run), _opposed(run), run.at_optimum[0]
    texts = []
    for i, both in enumerate(run.success[0]):
        if both:
            where = f"At {every(run)}"
        elif done[i].any():
            where = f"At {optima_of(done[i])} alone"
        else:
            where = "Between the optima" if opposed[i] else "On its way"
        texts.append(f"{where}: excess losses {LOSSES}{pairs[i]}.")
    return _from_solved(run, texts, f"Reaches {every(run)} at step {{step}}.")


def _front(run: Trajectory) -> list[str]:
    served, theta = _served(run)[0], run.z[0, :, 0]
    above = theta[:, 1] > front_height(np.clip(theta[:, 0], -SIDE, SIDE))
    if turns(run):  # the front is that of the unturned tasks
        where = np.where(served, "At both optima", "On its way")
    else:
        where = np.where(
            run.success[0], "On the Pareto front", np.where(above, "Above the front", "Below the front")
        )
    texts = [f"{words}: excess losses {LOSSES}." for words in where]
    told = f"On the Pareto front since step {{step}}: excess losses {LOSSES}."
    return texts if turns(run) else _from_solved(run, texts, told)


def _labels(run: Trajectory) -> list[str]:
    words = np.where(run.success[0], "Serves both tasks", "Does not serve both tasks yet")
    told = f"Serves both tasks since step {{step}}: excess losses {LOSSES}."
    return _from_solved(run, [f"{one}: excess losses {LOSSES}." for one in words], told)


def _from_solved(run: Trajectory, texts: list[str], told: str) -> list[str]:
    """Returns the texts with `told` from the step on from which success holds to the end."""
    step = int(run.solved_at[0])
    if step < 0:
        return texts
    solved = int(np.searchsorted(run.steps, step))
    return texts[:solved] + [told.replace("{step}", f"{step:,}")] * (len(texts) - solved)


def _served(run: Trajectory) -> np.ndarray:
    """Returns whether every task is at its own optimum: bool [S, T + 1]."""
    return np.asarray(run.at_optimum.all(axis=-1))


def _opposed(run: Trajectory) -> np.ndarray:
    """Returns whether the tasks pull against each other and have done so for a while: bool [T + 1]."""
    cosine = run.diagnostics[0, :, OPPOSITION]
    clear, records = (cosine < OPPOSED) | (cosine >= 0.0), np.arange(cosine.size)
    latest = np.maximum.accumulate(np.where(clear, records, 0))
    opposed = cosine[latest] < OPPOSED
    since = records - np.maximum.accumulate(np.where(opposed, 0, records))
    return np.asarray(opposed & (since * STEADY >= cosine.size))


def _pairs_so_far(run: Trajectory) -> Sequence[str]:
    """Returns the words on the pairs of dimensions solved at every record, where there are several."""
    if run.config.d == 2:
        return [""] * len(run.steps)
    pairs = pairs_solved(run)
    return [f"; {count} of {pairs.shape[-1]} pairs of dimensions solved" for count in pairs[0].sum(axis=-1)]
