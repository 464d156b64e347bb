"""The comparison as a table of HTML: numbers measured here beside those the paper prints."""

from html import escape

import numpy as np

from experiments.comparison import Row, Spread, Table

KINDS = {"mean": "avg Δ<sub>k</sub>", "median": "med Δ<sub>k</sub>", "max": "max Δ<sub>k</sub>"}
HEAD = (
    "<thead><tr><th rowspan=2 scope=col>Method</th><th rowspan=2 scope=col>Seeds</th>"
    "<th rowspan=2 scope=col>mean F1</th>"
    + "".join(f"<th colspan=2 scope=colgroup>{name}</th>" for name in KINDS.values())
    + "</tr><tr>"
    + "<th scope=col>here</th><th scope=col>paper</th>" * len(KINDS)
    + "</tr></thead>"
)


def table_html(table: Table) -> str:
    """Returns the table: a line a method, the best of each measured column in bold, "–" where there is none."""
    best = {kind: _best(table, kind) for kind in KINDS}
    body = "".join(_line(row, best) for row in table.rows)
    return f'<div class="lab-table"><table>{HEAD}<tbody>{body}</tbody></table></div>'


def _line(row: Row, best: dict[str, float | None]) -> str:
    cells = [f"<td>{len(row.seeds)}</td>", f"<td>{np.median(row.f1.mean(axis=1)):.3f}</td>"]
    for i, kind in enumerate(KINDS):
        found = row.improvement(kind)
        text = "–" if found is None else number(found)
        strong = found is not None and found.median == best[kind]
        cells.append(f"<td>{f'<b>{text}</b>' if strong else text}</td>")
        cells.append(f'<td class="printed">{number(Spread(*row.paper[i])) if row.paper else "–"}</td>')
    return f"<tr><th scope=row>{escape(row.title)}</th>{''.join(cells)}</tr>"


def _best(table: Table, kind: str) -> float | None:
    found = [improvement.median for row in table.rows if (improvement := row.improvement(kind))]
    return max(found, default=None)


def number(spread: Spread) -> str:
    """Returns median and deviation, as "4.48 ± 0.99"; the median alone for a single seed."""
    median = f"{spread.median:.2f}".replace("-", "−")
    return median if np.isnan(spread.deviation) else f"{median} ± {spread.deviation:.2f}"
