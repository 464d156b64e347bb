"""GradDrop's construction: a sign drawn for each coordinate, and who is kept there."""

from mtlcore.compiled.deferred import kernel
from mtlcore.constructions._drawing import ALWAYS, ARROW, NEUTRAL, POINT, UPDATE, arrow, mark, say
from mtlcore.constructions.construction import CONSTRUCTION, Construction, Step

POSITIVE, NEGATIVE, TAKEN = range(3)


@kernel(CONSTRUCTION)
def construct(gradients, p, hp, noise, marks, told):
    """Coordinate by coordinate the entries, the chance of the positive ones, the draw, and the sum of what is kept."""
    K, at, x, y = gradients.shape[0], 0, 0.0, 0.0
    for i in range(2):
        total, size, kept = 0.0, 0.0, 0.0
        for k in range(K):
            total += gradients[k, i]
            size += abs(gradients[k, i])
        chance = 0.5 * (1.0 + total / size) if size > 0.0 else 0.5
        for k in range(K):
            entry = gradients[k, i]
            stays = (entry > 0.0 and chance > noise[i]) or (entry < 0.0 and chance < noise[i])
            kept += p[k] * entry * (1.0 if stays else hp[0])
            u, v = (entry, 0.0) if i == 0 else (0.0, entry)
            at = mark(marks, at, 1 + i, 1 + i, ARROW if stays else POINT, k, u if not stays else 0.0,
                      v if not stays else 0.0, u, v)  # fmt: skip
            told[i, 5 + k] = entry
        x, y = (kept, y) if i == 0 else (x, kept)
        at = mark(marks, at, 1 + i, ALWAYS, ARROW, NEUTRAL, x if i == 1 else 0.0, 0.0, x, y)
        say(told, 1 + i, POSITIVE if chance > noise[i] else NEGATIVE, i + 1, chance, noise[i], kept)
    arrow(marks, at, 3, ALWAYS, UPDATE, x, y)
    say(told, 3, TAKEN, x, y, 0.0, 0.0)
    return 3


SPEC = Construction(
    construct,
    {
        POSITIVE: Step(
            "Coordinate {0i}",
            "The entries are {4w}: positive with chance P = {1}. Drawn: U = {2} < P, so the positive ones stay "
            "(arrows) and the others are dropped (dots): {3}.",
        ),
        NEGATIVE: Step(
            "Coordinate {0i}",
            "The entries are {4w}: positive with chance P = {1}. Drawn: U = {2} ≥ P, so the negative ones stay "
            "(arrows) and the others are dropped (dots): {3}.",
        ),
        TAKEN: Step(
            "The update", "Both coordinates together: d = {0v}. Another draw gives another one: see the fan."
        ),
    },
)
