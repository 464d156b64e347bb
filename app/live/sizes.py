"""Which sizes go together: what a field that counts dimensions takes, for every number of dimensions there is."""

from functools import lru_cache
from itertools import product
from types import MappingProxyType

from app.fields import fields
from app.live.specs import Spec
from app.view import View
from toy_problems import PROBLEMS

DIM = "d"
WHOLE = -1  # stands for all dimensions, where a field takes it


@lru_cache(maxsize=256)
def sizes(problem: str, methods: tuple[str, ...], tasks: int) -> dict[str, Spec]:
    """Returns for each field whose range depends on d what its control is told besides its range.

    by: the fields that decide what it takes; takes: their values with commas between -> the values it takes. whole: the
    value that stands for all of the first of them, if it takes one.
    """
    dim = PROBLEMS[problem].dims[0]
    narrow, wide = (fields(problem, methods, d, tasks) for d in (dim, 2 * dim))
    found = [key for key in narrow if narrow[key].param.high < wide[key].param.high]
    turned = {p.name for spec in View(problem, methods).specs for p in spec.transform_spec.params}
    wholes = [key for key in found if narrow[key].default == WHOLE]
    told: dict[str, Spec] = {}
    for key in found:
        if key not in wholes:
            told[key] = {"by": [DIM], "takes": _takes(problem, methods, key, {})}
    blocks = {key: one["takes"] for key, one in told.items() if key in turned}
    for key in wholes:
        told[key] = {"by": [DIM, *blocks], "takes": _takes(problem, methods, key, blocks), "whole": WHOLE}
    return told


def _takes(
    problem: str, methods: tuple[str, ...], key: str, others: dict[str, dict[str, list[int]]]
) -> dict[str, list[int]]:
    """Returns what a field takes, by d and every value that the `others` take there."""
    taken = {}
    for dim in PROBLEMS[problem].dims:
        for values in product(*(takes[str(dim)] for takes in others.values())):
            chosen = {DIM: dim, **dict(zip(others, values, strict=True))}
            view = View(problem, methods, MappingProxyType(chosen))
            taken[",".join(map(str, chosen.values()))] = [
                v for v in _counted(view, key) if _fits(view, key, v)
            ]
    return taken


def _counted(view: View, key: str) -> list[int]:
    """Returns every number in a field's range, all dimensions as what stands for them."""
    param = view.fields[key].param
    if view.fields[key].default != WHOLE:
        return list(range(int(param.low), int(param.high) + 1))
    return [*range(view[DIM]), WHOLE]


def _fits(view: View, key: str, value: int) -> bool:
    refused = view.refusal(key, value)
    return refused is None or refused.field != key
