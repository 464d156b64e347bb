"""The comparison as CSV, whole: every row and every column of the page, and each task's numbers."""

import csv
import io
from typing import Any

import numpy as np

from experiments.cifar10 import CLASSES
from experiments.comparison import KINDS, Row, Spread, Table, spread


def to_csv(table: Table) -> str:
    """Returns a header and a line a method, medians over seeds; the single-task networks' line is the last.

    Numbers that there are none of are left empty. The paper's columns are there where the table ranks.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_header(table))
    for row in table.rows:
        writer.writerow(_line(table, row))
    if table.baseline_seeds:
        scores = [_cell(value) for value in table.baseline]
        mean = _cell(float(table.baseline.mean()))
        before = [
            "Single task",
            "",
            len(table.baseline_seeds),
            " ".join(map(str, table.baseline_seeds)),
            mean,
        ]
        empty = [""] * (len(_header(table)) - len(before) - 1 - 2 * len(CLASSES))
        writer.writerow([*before, *empty, _text(table.source), *scores, *[""] * len(CLASSES)])
    return out.getvalue()


def _header(table: Table) -> list[str]:
    parts = ("", " deviation", *((" paper", " paper deviation") if table.ranks else ()))
    deltas = [f"{kind} delta{part}" for kind in KINDS for part in parts]
    tasks = [f"{what} {name}" for what in ("f1", "delta") for name in CLASSES]
    first = ["method", "level", "seeds", "seed numbers", "mean f1", "mean f1 deviation"]
    return [*first, *deltas, "turned (rad)", "in effect", "data", *tasks]


def _line(table: Table, row: Row) -> list[Any]:
    score = spread(row.f1.mean(axis=1).tolist())
    cells = [_text(row.title), row.level, len(row.seeds), " ".join(map(str, row.seeds)), *_both(score)]
    for i, kind in enumerate(KINDS):
        cells += _both(row.improvement(kind))
        if table.ranks:
            cells += _both(Spread(*row.paper[i]) if row.paper else None)
    turned = "" if row.turned is None else f"{np.median(row.turned):.6f}"
    scores = [_cell(value) for value in np.median(row.f1, axis=0)]
    deltas = [""] * len(CLASSES) if row.delta is None else [_cell(x) for x in np.median(row.delta, axis=0)]
    return [*cells, turned, row.stillness, _text(table.source), *scores, *deltas]


def _both(found: Spread | None) -> list[str]:
    return ["", ""] if found is None else [_cell(found.median), _cell(found.deviation)]


def _cell(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4f}"


def _text(text: str) -> str:
    """Returns text on one line that a spreadsheet does not take for a formula."""
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line
