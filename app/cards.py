"""Methods and problems as cards: everything on them comes from their specifications."""

import streamlit as st

from mtlcore.registry import MethodSpec
from mtlcore.rules._types import Param
from toy_problems.problem import Problem

LEVEL_WORDS = {
    "parameters": "gradients of all shared parameters",
    "features": "gradients of the shared feature z",
    "last_shared": "gradients of the last shared layer",
}


def method_card(spec: MethodSpec, with_parameters: bool = True) -> None:
    """Draws a method: title, source, transform and rule with their equations, ideas, parameters."""
    with st.container(border=True, height="stretch"):
        st.markdown(method_text(spec))
        if with_parameters and spec.params:
            with st.expander("Parameters"):
                st.markdown(parameter_table(spec.params))


def method_text(spec: MethodSpec) -> str:
    """Returns a method's card as one Markdown text: one element costs the page a fifth of what five cost."""
    parts = [f"##### {spec.title}", small(f"{spec.cite or spec.rule_spec.cite} · `{spec.key}`")]
    if spec.transform != "none":
        parts += [displayed(spec.transform_spec.equation), spec.transform_spec.idea]
    parts += [displayed(spec.rule_spec.equation), spec.rule_spec.idea, spec.note]
    if needs_gradients(spec):
        parts.append(small(f"Looks at the {LEVEL_WORDS[spec.level]}."))
    return "\n\n".join(part for part in parts if part)


def small(text: str) -> str:
    """Returns a line in the style of a caption."""
    return f":small[:gray[{text}]]"


def displayed(equation: str) -> str:
    """Returns an equation as a paragraph of its own."""
    return f"$$\n{stacked(equation)}\n$$"


def stacked(equation: str) -> str:
    """Returns the equation with its parts, set apart by (q)quad outside of braces, one below the other."""
    parts, depth, start = [], 0, 0
    for i, letter in enumerate(equation):
        depth += (letter == "{") - (letter == "}")
        if depth == 0 and equation.startswith((r"\quad", r"\qquad"), i):
            parts.append(equation[start:i])
            start = i + (5 if equation.startswith(r"\quad", i) else 6)
    parts.append(equation[start:])
    return r"\begin{gathered}" + r" \\ ".join(part.strip() for part in parts) + r"\end{gathered}"


def needs_gradients(spec: MethodSpec) -> bool:
    """Returns whether the level matters to the method: some rules only read the losses."""
    return bool(spec.rule_spec.needs & {"gram", "gradients"})


def problem_card(problem: Problem) -> None:
    """Draws a problem: title, source, equation and idea."""
    parts = (
        f"##### {problem.title}", small(f"{problem.cite} · `{problem.key}`"), displayed(problem.equation),
        problem.idea,
    )  # fmt: skip
    with st.container(border=True, height="stretch"):
        st.markdown("\n\n".join(parts))


def parameter_table(params: tuple[Param, ...]) -> str:
    """Returns a Markdown table of parameters: name, default, range and what each is for."""
    rows = [f"| `{p.name}` | {shown(p)} | {taken(p)} | {p.help or p.label} |" for p in params]
    return "\n".join(["| name | default | takes | |", "|---|---|---|---|", *rows])


def shown(param: Param) -> str:
    """Returns a parameter's default as text."""
    return (
        "equal"
        if param.default == ()
        else f"{param.default:g}"
        if param.kind == "float"
        else str(param.default)
    )


def taken(param: Param) -> str:
    """Returns what a parameter takes, as text."""
    if param.kind == "choice":
        return ", ".join(param.choices)
    if param.kind == "bool":
        return "true, false"
    return f"{param.low:.15g} to {param.high:.15g}"
