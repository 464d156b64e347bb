"""The comparison as a table of HTML: numbers measured here, and where seeds suffice those the paper prints."""

from html import escape

import numpy as np

from experiments.comparison import RANKS_FROM, Row, Spread, Table

KINDS = {"mean": "avg Δ<sub>k</sub>", "median": "med Δ<sub>k</sub>", "max": "max Δ<sub>k</sub>"}


def table_html(table: Table) -> str:
    """Returns the table: a line a method, "–" where there is no number.

    The best of each measured column is bold among the methods that have seeds enough to be ranked.
    """
    best = {kind: _best(table, kind) for kind in KINDS}
    turns = any(row.turned is not None for row in table.rows)
    body = "".join(_line(row, best, table.ranks, turns) for row in table.rows)
    return f'<div class="lab-table"><table>{_head(table.ranks, turns)}<tbody>{body}</tbody></table></div>'


def _head(ranks: bool, turns: bool) -> str:
    """Returns the header: one row of names, and a second one where the paper's columns are."""
    tall = " rowspan=2" if ranks else ""
    wide = " colspan=2 scope=colgroup" if ranks else " scope=col"
    names = {"Method": " class=word", "Level": " class=word", "Seeds": "", "mean F1": ""}
    first = "".join(f"<th{tall}{kind} scope=col>{name}</th>" for name, kind in names.items())
    deltas = "".join(f"<th{wide}>{name}</th>" for name in KINDS.values())
    last = f"<th{tall} scope=col>turned (rad)</th>" if turns else ""
    second = "<th scope=col>here</th><th scope=col>paper</th>" * len(KINDS)
    return f"<thead><tr>{first}{deltas}{last}</tr>{f'<tr>{second}</tr>' if ranks else ''}</thead>"


def _line(row: Row, best: dict[str, float | None], ranks: bool, turns: bool) -> str:
    cells = [f'<td class="word">{escape(row.level)}</td>', f"<td>{len(row.seeds)}</td>"]
    cells.append(f"<td>{np.median(row.f1.mean(axis=1)):.3f}</td>")
    for i, kind in enumerate(KINDS):
        found = row.improvement(kind)
        text = "–" if found is None else number(found)
        strong = found is not None and _ranked(row) and found.median == best[kind]
        cells.append(f"<td>{f'<b>{text}</b>' if strong else text}</td>")
        if ranks:
            cells.append(f'<td class="printed">{number(Spread(*row.paper[i])) if row.paper else "–"}</td>')
    if turns:
        cells.append(f"<td>{'–' if row.turned is None else angle(float(np.median(row.turned)))}</td>")
    still = f'<span class="still">{escape(row.stillness)}</span>' if row.stillness else ""
    return f"<tr><th scope=row>{escape(row.title)}{still}</th>{''.join(cells)}</tr>"


def _best(table: Table, kind: str) -> float | None:
    ranked = [row for row in table.rows if _ranked(row)]
    found = [improvement.median for row in ranked if (improvement := row.improvement(kind))]
    return max(found, default=None)


def _ranked(row: Row) -> bool:
    return len(row.seeds) >= RANKS_FROM


def number(spread: Spread) -> str:
    """Returns median and deviation, as "4.48 ± 0.99"; the median alone for a single seed."""
    median = f"{spread.median:.2f}".replace("-", "−")
    return median if np.isnan(spread.deviation) else f"{median} ± {spread.deviation:.2f}"


def angle(radians: float) -> str:
    """Returns an angle with three digits; one too small for them as a power of ten."""
    return f"{radians:.3f}" if radians >= 1e-3 or radians == 0 else f"{radians:.0e}".replace("-", "−")
