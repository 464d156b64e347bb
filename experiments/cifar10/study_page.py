"""The results of a study as a page of Markdown."""

import platform
from collections.abc import Sequence

from experiments import store
from experiments.cifar10 import CLASSES, checkpoint
from experiments.cifar10.config import LabConfig
from experiments.cifar10.paper import SOURCE
from experiments.comparison import KINDS, Table
from experiments.estimate import duration


def page(table: Table, configs: Sequence[LabConfig], failed: Sequence[str], note: str, again: str) -> str:
    """Returns the results as Markdown: what was run, under which conditions, the table, each task's scores.

    note: what else a reader must know, a paragraph under the title. again: the command that repeats the study.
    """
    lines = [
        "# CIFAR-10, ten binary tasks",
        "",
        *([note, ""] if note else []),
        *_conditions(table, configs, again),
        "",
        *_table(table),
        "",
        *_tasks(table),
    ]
    if table.ranks:
        lines += ["", f"The paper's columns: {SOURCE}."]
    lines.append("")
    lines += ["## What differs from the paper", "", *_differences(table, configs[0]), ""]
    if failed:
        lines += ["## Runs that did not finish", "", *(f"- {line}" for line in failed), ""]
    return "\n".join(lines)


def _conditions(table: Table, configs: Sequence[LabConfig], again: str) -> list[str]:
    runs = {run.id: run for run in store.runs()}
    used = [runs[name] for row in table.rows for name in row.runs]
    seconds = sum((run.ended or run.started) - run.started for run in used)
    versions = ", ".join(f"{name} {version}" for name, version in checkpoint.versions().items())
    return [
        f"Data: {table.source}; {configs[0].train_images} training and {configs[0].test_images} test images. "
        f"ResNet-18 with {configs[0].width} channels in the first stage, d = {configs[0].features}; "
        f"{configs[0].epochs} epochs, batch {configs[0].batch}, {configs[0].optimizer}, learning "
        f"rate {configs[0].lr:g} "
        f"({configs[0].schedule}). F1 on the test images after the last epoch.",
        "",
        f"Device: {', '.join(sorted({run.tags.get('lab.device', '') for run in used}))}. "
        f"{platform.system()}, {versions}. {len(used)} runs took {duration(seconds)} together, "
        "the baselines left out.",
        "",
        f"Again: `{again}`. One run: `{configs[-1].command()}`.",
    ]


def _table(table: Table) -> list[str]:
    deltas = [name for kind in ("avg", "med", "max") for name in (f"{kind} Delta_k", *_paper(table, "paper"))]
    head = ["method", "level", "seeds", *deltas, "turned (rad)", "images/s"]
    lines = [_cells(head), "|---" * len(head) + "|"]
    speed = store.latest()
    for row in table.rows:
        cells = []
        for i, kind in enumerate(KINDS):
            found = row.improvement(kind)
            cells.append(f"{found.median:.2f} ± {found.deviation:.2f}" if found else "")
            cells += _paper(table, "{:.2f} ± {:.2f}".format(*row.paper[i]) if row.paper else "")
        pace = sorted(speed[run]["images_per_second"] for run in row.runs)[len(row.runs) // 2]
        turned = "" if row.turned is None else f"{sorted(row.turned)[len(row.turned) // 2]:.5f}"
        first = [row.title, row.level, str(len(row.seeds))]
        lines.append(_cells([*first, *cells, turned, f"{pace:.0f}"]).replace("± nan", ""))
    still = [f"{row.title}: {row.stillness}." for row in table.rows if row.stillness]
    for more in (*still, table.reach, table.note):
        lines += ["", more] if more else []
    return lines


def _paper(table: Table, text: str) -> list[str]:
    """Returns a cell of the paper's columns, none where too few seeds stand beside them."""
    return [text] if table.ranks else []


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _tasks(table: Table) -> list[str]:
    import numpy as np

    lines = ["| F1 (median) | " + " | ".join(CLASSES) + " |", "|---" * 11 + "|"]
    lines.append("| Single task | " + " | ".join(f"{value:.3f}" for value in table.baseline) + " |")
    for row in table.rows:
        lines.append(
            f"| {row.title} | " + " | ".join(f"{value:.3f}" for value in np.median(row.f1, 0)) + " |"
        )
    return lines


def _differences(table: Table, config: LabConfig) -> list[str]:
    return [
        "- The paper does not print its schedule, batch size or augmentation in the text that is "
        "public; these are ours.",
        "- The paper searched hyper-parameters for every method on validation data; here every "
        "method has its defaults.",
        "- S_k is the median over the single-task seeds, and the spread is over the methods' seeds alone.",
        "- The paper does not state at which level its baselines are measured; ours is in the table.",
        *(
            ["- The images are synthetic: the numbers compare methods here and say nothing of CIFAR-10."]
            if config.data == "synthetic"
            else []
        ),
        *([f"- The network is {config.width / 64:g} of ResNet-18's width."] if config.width != 64 else []),
        *(
            [f"- {config.train_images} of 50000 training images were used."]
            if config.train_images < 50_000
            else []
        ),
        *([] if config.augment else ["- The images were neither shifted nor mirrored."]),
        *(
            ["- A few hundred steps on few images leave F1 scores far below those of a full training."]
            if config.train_images < 10_000
            else []
        ),
    ]
