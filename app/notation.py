"""What the letters of the formulas mean: each stated once, shown on the cards whose formulas it occurs in.

A symbol is written as in the formula: a letter or a Greek command, with `_` where only the letter with an index is
meant ("n_" is the norm n_k, n alone an index), with `^` where only that with an upper index is, or a longer piece
of LaTeX taken whole. Each has how it is shown and its meaning.
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
_SCALES: Notation = {"s_": ("s_k", "the logarithm of the scale of task k's loss, learned")}
_CONE: Notation = {
    "C": ("C^*", "the directions that oppose no task"),
    r"\operatorname{proj}": (r"\operatorname{proj}", "the nearest direction of $C^*$"),
}
OF_RULES: Mapping[str, Notation] = {
    "single_task": {"e_": ("e_k", "weight 1 for the task trained, 0 for the others")},
    "rlw": {"I": ("I", "the identity"), r"\xi": (r"\xi", "random numbers, new at every step")},
    "dwa": {
        "r_": ("r_k", "how much of task k's loss the last step left"),
        "r": ("r", "all $r_k$"),
        "T": ("T", "the temperature"),
    },
    "uncertainty": {
        "s_": ("s_k", "the log variance of task k, learned"),
        r"\eta_": (r"\eta_s", "the learning rate of the log variances"),
    },
    "mgda": {"s_": ("s_k", "what the normalisation divides by: 1, the length, the loss or both")},
    "gradnorm": {
        "v_": ("v_k", "learned weights that sum to K"),
        r"\bar n": (r"\bar n", r"the mean of $v_k n_k$"),
        "r_": ("r_k", "how much of its loss task k has left, relative to the others"),
        r"\alpha": (r"\alpha", "how strongly slow tasks are favoured"),
    },
    "graddrop": {
        "P": ("P", "the chance that a coordinate keeps its positive entries"),
        r"\ell": (r"\ell", "the leak: what is kept of the dropped"),
    },
    "gradvac": {
        r"\phi": (r"\phi", r"the cosine of $g_i$ and $g_j$"),
        r"\rho_": (r"\rho_{ij}", "the running mean of that cosine, the target"),
        r"\beta": (r"\beta", "the averaging rate"),
    },
    "cagrad": {
        "c": ("c", "the radius of the ball, in lengths of $g_0$"),
        "g_0": ("g_0", "the mean gradient"),
        "g_x": ("g_x", r"$\sum_k x_k g_k$"),
        "x": ("x", "weights"),
    },
    "imtl_l": _SCALES,
    "imtl": {
        **_SCALES,
        "e_": ("e_k", "the scales, normalised"),
        "e": ("e", "all $e_k$"),
        "g'": ("g'_k", "the gradient of the scaled loss"),
        r"w^{\text{IMTL-G}}": (r"w^{\text{IMTL-G}}", "the weights of IMTL-G"),
    },
    "nash_mtl": {"a": ("a", "the weights of the bargaining solution; $1/a$ is taken element by element")},
    "aligned_mtl": {
        "V": ("V", "the eigenvectors of M"),
        r"\Lambda": (r"\Lambda", "the eigenvalues of M, zeros left out"),
        r"\lambda_": (r"\lambda_s", "the eigenvalue that sets the common length"),
    },
    "rotograd_scale": {
        "C": ("C", "the common length of all gradients"),
        r"\alpha_": (r"\alpha_k", "how long task k's gradient still is, relative to the others"),
        "n_k(0)": ("n_k(0)", "the length at the first step"),
    },
    "famo": {
        r"\xi": (r"\xi", "the logits, which are learned"),
        "z": ("z", r"the softmax of $\xi$"),
        r"\eta": (r"\eta", "the learning rate of the logits"),
        "J": ("J", r"the derivatives of $z$ by $\xi$"),
        r"\gamma": (r"\gamma", "the decay of the logits"),
        "L": ("L(t)", "the losses before step t"),
    },
    "fairgrad": {r"\alpha": (r"\alpha", "the kind of fairness: larger favours the worst off")},
    "upgrad": _CONE,
    "dualproj": _CONE,
    "stch": {r"\mu": (r"\mu", "the smoothing"), "L": ("L", "all losses")},
}  # fmt: skip

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
