"""What the letters of the formulas mean: each stated once, shown on the cards whose formulas it occurs in.

A symbol is written as in the formula: a letter or a Greek command, with `_` where only the letter with an index is
meant ("n_" is the norm n_k, n alone an index), with `^` where only that with an upper index is, or a longer piece
of LaTeX taken whole. Each has how it is shown and its meaning. What a rule's or a transform's formulas have of their
own stands in its SPEC.
"""

import re
from collections.abc import Iterable, Mapping

Notation = Mapping[str, tuple[str, str]]

COMMON: Notation = {
    "K": ("K", "number of tasks"),
    "N": ("N", "number of inputs in a batch"),
    r"\theta": (r"\theta", "the shared parameters"),
    "z": ("z", "the shared feature"),
    "r_": ("r_k", "what task k sees of the shared feature"),
    "L_": ("L_k", "task k's loss, above its minimum where that is known"),
    "g": ("g_k", "task k's gradient"),
    "n_": ("n_k", "the length of task k's gradient"),
    "u_": ("u_k", "the direction of task k's gradient, of unit length"),
    "M": ("M", r"the Gram matrix, $M_{ij} = \langle g_i, g_j \rangle$"),
    "p": ("p_k", r"how much task k is meant to count, $1/K$ unless chosen"),
    "w": ("w_k", r"task k's weight"),
    "d": ("d", r"the update, $\sum_k w_k g_k$"),
    r"\Delta": (r"\Delta", "all weights of at least 0 that sum to 1"),
    r"\eta_": (r"\eta_t", "the network's learning rate at step t"),
}

GREEK = frozenset(
    (
        "alpha",
        "beta",
        "gamma",
        "ell",
        "epsilon",
        "eta",
        "lambda",
        "mu",
        "phi",
        "rho",
        "theta",
        "xi",
        "Delta",
        "Lambda",
        "Pi",
    )
)
SILENT = frozenset("ijknte")  # indices, and Euler's number
_WORDS = re.compile(r"\\(?:text|mathrm|operatorname\*?|begin|end)\{[^{}]*\}|\\(?:mathbb|mathcal)[ {]\w\}?")
_INDEX = re.compile(r"_(\{(?:[^{}]|\{[^{}]*\})*\}|\\[a-zA-Z]+|\w)")
_LETTER = re.compile(r"\\(?P<greek>[a-zA-Z]+)|(?P<latin>[a-zA-Z])")
_SIMPLE = re.compile(r"\\?[a-zA-Z]+[_^]?$")


def symbols(formula: str, notation: Notation = COMMON) -> list[str]:
    """Returns the symbols of a formula by the names `notation` would have them under, longer pieces first."""
    whole = [
        key for key in notation if not (_SIMPLE.match(key) and (key[0] == "\\" or len(key.strip("_^")) == 1))
    ]
    found = []
    for piece in sorted(whole, key=len, reverse=True):
        if piece in formula:
            found.append(piece)
            formula = formula.replace(piece, " ")
    formula = _INDEX.sub("_", _WORDS.sub(" ", formula))
    for letter in _LETTER.finditer(formula):
        if letter["greek"] and letter["greek"] not in GREEK:
            continue
        after = formula[letter.end() : letter.end() + 3]
        found.append(
            letter[0] + ("^" if re.match(r"_?\^[kn]", after) else "_" if after.startswith("_") else "")
        )
    return list(dict.fromkeys(found))


def meaning(symbol: str, notation: Notation) -> tuple[str, str] | None:
    """Returns how a symbol is shown and what it means; None for an index, or where nobody has said."""
    plain = symbol.rstrip("_^")
    return (
        notation.get(symbol)
        or notation.get(plain)
        or (notation.get(f"{plain}_") if symbol[-1] == "^" else None)
    )


def entries(formulas: str, own: Notation) -> list[tuple[str, str]]:
    """Returns how each symbol of these formulas is shown and what it means; its `own` meanings come first."""
    notation = {**COMMON, **own}
    wanted = {found for symbol in symbols(formulas, notation) if (found := meaning(symbol, notation))}
    return [entry for entry in dict.fromkeys(notation.values()) if entry in wanted]


def line(said: Iterable[tuple[str, str]]) -> str:
    """Returns the line of a card that says what its symbols mean, in Markdown; nothing for no symbols."""
    text = " · ".join(f"${shown}$ :gray[{words}]" for shown, words in said)
    return f":small[{text}]" if text else ""
