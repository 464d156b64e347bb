"""Adding a rule and a modifier as CONTRIBUTING.md says: what is written, and where they then appear by themselves."""

RULE = '''"""Longest: all weight on the longest gradient."""

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE
from mtlcore.spec import MethodSpec, Param, RuleSpec


@njit(RULE, cache=True)
def longest(gram, losses, hp, noise, state, w):
    """w = the share hp[0] for the longest gradient, the rest shared alike."""
    best = 0
    for k in range(w.size):
        best = k if gram[k, k] > gram[best, best] else best
        w[k] = (1.0 - hp[0]) / w.size
    w[best] += hp[0]
    return OK


SPEC = RuleSpec(
    key="longest",
    title="Longest gradient",
    equation=r"w_k = \\kappa",
    idea="Give the longest gradient a share of its own, which makes of every step what its own task asks for.",
    cite="Roe 2031",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=longest,
    params=(Param("share", "Share", "float", 0.5, 0.0, 1.0, 0.1, help="What the longest gradient gets."),),
    no_preferences="it looks at the longest gradient alone",
    methods=(MethodSpec("longest", "Longest", "longest", cite="Roe 2031", note="Follows the longest gradient."),),
    properties=frozenset({"scale", "sum_to_one", "nonnegative"}),
    exemptions={
        name: "It is made up for a test of the recipe."
        for name in ("permutation", "min_norm_nonincrease", "descent", "equal_projections", "stationary_at_opposite")
    },
)
'''
ENTRY = "\n@misc{roe2031longest,\n  title  = {The longest},\n  author = {Roe, Jan},\n  year   = {2031}\n}\n"
MODIFIER = '''"""Halved: half of what the rule says."""

import numpy as np

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import RULE
from mtlcore.solvers.inner_rule import ask
from mtlcore.solvers.vectors import all_tasks
from mtlcore.spec import ModifierSpec


@kernel(RULE)
def halved(gram, losses, hp, noise, state, w):
    """w_k = w'_k / 2."""
    status = ask(hp, all_tasks(w.size), w.size, gram, losses, noise, state, w)
    for k in range(w.size):
        w[k] *= 0.5
    return status


SPEC = ModifierSpec(
    key="halved",
    title="Half weights",
    equation=r"w_k = w'_k / 2",
    idea="Take half of what the rule says, so that every step is half as long and as well directed as before.",
    kernel=halved,
    notation={"w'": ("w'", "the rule's own weights")},
)
'''
BEFORE = """
import numpy as np
import mtlcore
from app.cards import method_text
from app.view import View
from mtlcore.registry import method_spec
from tools.documentation import method_pages, modifier_pages, rule_pages
from tools.make_readme_tables import with_tables
"""


def test_a_rule_is_one_file_one_key_and_one_entry(copy):
    copy.write("mtlcore/rules/longest.py", RULE)
    copy.replace("mtlcore/registry.py", '"stch",\n', '"stch", "longest",\n')
    copy.append("docs/references.bib", ENTRY)
    assert copy.touched == ["mtlcore/rules/longest.py", "mtlcore/registry.py", "docs/references.bib"]
    seen = copy.sees(
        {
            "weights": "mtlcore.rule('longest', share=0.5).weights(np.diag([1.0, 4.0])).tolist()",
            "named": "[key for key, spec in mtlcore.METHODS.items() if spec.rule == 'longest']",
            "slider": "View().having('methods', ('longest',)).fields['longest.share'].param.label",
            "card": "method_text(method_spec('longest'))",
            "composed": "method_text(method_spec('rotation+unit-longest@features'))",
            "rule page": "rule_pages.pages()['rules/longest.md']",
            "method page": "method_pages.pages()['methods/longest.md']",
            "table": "with_tables('<!-- table: methods -->\\n<!-- end -->')",
        },
        BEFORE,
    )
    assert seen["weights"] == [0.25, 0.75]
    assert seen["named"] == ["longest"]
    assert seen["slider"] == "Share"
    for page in ("card", "composed", "rule page", "method page"):
        assert r"w_k = \kappa" in seen[page]
        assert "Longest" in seen[page]
    assert "The longest" in seen["rule page"]
    assert "| Longest | `longest` |" in seen["table"]
    tests = copy.collected(
        "tests/property/test_registry.py", "tests/parity/test_engines.py", "tests/parity/test_networks.py",
        "tests/unit/rules/test_extreme_scales.py", "tests/property/test_absent_tasks.py",
        "tests/property/test_modifiers.py", "tests/app/test_notation.py",
    )  # fmt: skip
    of_files = {line.partition("::")[0] for line in tests if "longest" in line}
    assert len(of_files) == 7, of_files


def test_a_modifier_is_one_file_and_one_key(copy):
    copy.write("mtlcore/modifiers/halved.py", MODIFIER)
    copy.replace("mtlcore/registry.py", '("unit", "ema")', '("unit", "ema", "halved")')
    assert copy.touched == ["mtlcore/modifiers/halved.py", "mtlcore/registry.py"]
    seen = copy.sees(
        {
            "weights": "mtlcore.rule('halved-uniform').weights(np.eye(2)).tolist()",
            "card": "method_text(method_spec('rotation+halved-cagrad@features'))",
            "page": "modifier_pages.pages()['modifiers/halved.md']",
            "table": "with_tables('<!-- table: modifiers -->\\n<!-- end -->')",
        },
        BEFORE,
    )
    assert seen["weights"] == [0.25, 0.25]
    assert "CAGrad, half weights" in seen["card"]
    assert "w_k = w'_k / 2" in seen["card"]
    assert "the rule's own weights" in seen["page"]
    assert "| Half weights | `halved-` |" in seen["table"]
    tests = copy.collected(
        "tests/property/test_modifiers.py", "tests/app/test_composing.py", "tests/app/test_notation.py"
    )
    assert len({line.partition("::")[0] for line in tests if "halved" in line}) == 3
