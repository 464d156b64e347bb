"""GradVac's construction at its first step, where every target cosine is 0: PCGrad's projections."""

from mtlcore.constructions import pcgrad
from mtlcore.constructions.construction import Construction, Step

SPEC = Construction(
    pcgrad.construct,
    {
        pcgrad.PROJECT: Step(
            "Task {0t} meets task {1t}",
            "Their cosine is below its target, which is 0 in the first step: ⟨{0g}, {1g}⟩ = {2}. Move {0g} along "
            "{1g} until the target is met: {0g} ← {0g} + {4} · {1g} = {5v}.",
        ),
        pcgrad.AGREES: Step(
            "Task {0t} meets the others", "No cosine is below its target: {0g} stays as it is."
        ),
        pcgrad.MEAN: Step("The update", "The mean of what is left, with shares {2w}: d = {0v}."),
    },
)
