"""Formulas of a page as MathML, made when the site is built: no script and no font has to be loaded to read them."""

import html
import re

from math_core import LatexError, LatexToMathML

# What pymdownx.arithmatex makes of $...$ and $$...$$ in its generic form.
_INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
_DISPLAYED = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)
_CONVERTER = LatexToMathML()


def with_mathml(page: str) -> str:
    """Returns a page's HTML with MathML in the place of its formulas. Raises ValueError naming one that is no LaTeX."""
    page = _DISPLAYED.sub(
        lambda found: f'<div class="formula" tabindex="0">{mathml(found[1], True)}</div>', page
    )
    return _INLINE.sub(lambda found: mathml(found[1], False), page)


def mathml(escaped: str, displayed: bool) -> str:
    """Returns a formula, LaTeX as HTML escapes it, as MathML. Raises ValueError where it is no LaTeX."""
    latex = html.unescape(escaped).strip()
    try:
        return _CONVERTER.convert_with_local_state(latex, displaystyle=displayed)
    except LatexError as error:
        raise ValueError(f"{latex!r} cannot be shown as a formula: {error}.") from error
