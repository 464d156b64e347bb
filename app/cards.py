"""Methods and problems as cards: everything on them comes from their specifications."""

import streamlit as st

from app.notation import entries, line
from mtlcore.spec import MethodSpec, Param
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
    transform, rule = spec.transform_spec, spec.rule_spec
    parts = [f"### {spec.title}", small(f"{spec.cite or rule.cite} · `{spec.key}`")]
    said: list[tuple[str, str]] = []
    if spec.transform != "none":
        parts += [displayed(transform.equation), transform.idea, *learning(spec), transform.explained]
        moving = (network_step(spec), transform.step) if transform.step else ()
        said = entries(" ".join((transform.equation, transform.objective, *moving)), transform.notation)
        parts.append(line(said))
    parts += [displayed(rule.equation), rule.idea, spec.note]
    parts.append(line(e for e in entries(rule.equation, rule.notation) if e not in said))
    if spec.rule_spec.needs_gradients:
        parts.append(small(f"Looks at the {LEVEL_WORDS[spec.level]}."))
    return "\n\n".join(part for part in parts if part)


def learning(spec: MethodSpec) -> list[str]:
    """Returns what a transform's parameters descend, and the updates that they and the network make at once."""
    transform = spec.transform_spec
    if not transform.objective:
        return []
    parts = [f"What the {transform.title.lower()} learns from:", displayed(transform.objective)]
    if transform.step:
        parts += [
            "Two players move at the same time, here by plain gradient steps:",
            f"$$\n{players(spec)}\n$$",
        ]
    return parts


def players(spec: MethodSpec) -> str:
    """Returns the network's update and the transform's side by side."""
    return (
        r"\begin{array}{c|c} \textsf{network} & \textsf{transform} \\[2pt] "
        rf"\displaystyle {network_step(spec)} & {stacked(spec.transform_spec.step)} \end{{array}}"
    )


def network_step(spec: MethodSpec) -> str:
    """Returns the shared parameters' update."""
    if spec.rule_spec.kind == "elementwise":
        return r"\theta \leftarrow \theta - \eta_t\, (\nabla_\theta z)^\top d"
    return r"\theta \leftarrow \theta - \eta_t \sum_k w_k \nabla_\theta L_k"


def formulas(spec: MethodSpec) -> str:
    """Returns the transform's and the rule's formulas, and what their symbols mean."""
    transform, rule = spec.transform_spec, spec.rule_spec
    said = entries(transform.equation, transform.notation)
    said += [e for e in entries(rule.equation, rule.notation) if e not in said]
    return "\n\n".join([displayed(transform.equation), displayed(rule.equation), line(said)])


def small(text: str) -> str:
    """Returns a line in the style of a caption."""
    return f":small[:gray[{text}]]" if text else ""


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


def problem_card(problem: Problem) -> None:
    """Draws a problem: title, source, equation, idea and notation."""
    with st.container(border=True, height="stretch"):
        st.markdown(problem_text(problem))


def problem_text(problem: Problem) -> str:
    """Returns a problem's card as one Markdown text."""
    said = entries(problem.equation, problem.notation)
    parts = (
        f"### {problem.title}", small(f"{problem.cite} · `{problem.key}`"), displayed(problem.equation),
        problem.idea, line(said),
    )  # fmt: skip
    return "\n\n".join(parts)


def parameter_table(params: tuple[Param, ...]) -> str:
    """Returns a Markdown table of parameters: name, default, range and what each is for."""
    rows = [f"| `{p.name}` | {shown(p)} | {taken(p)} | {p.help or p.label} |" for p in params]
    return "\n".join(["| name | default | takes | meaning |", "|---|---|---|---|", *rows])


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
