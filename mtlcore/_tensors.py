"""A rule applied to torch tensors, on their own device; torch is an argument, so that nothing here loads it."""

from typing import Any, Protocol

import numpy as np

from mtlcore._given import check_gradients
from mtlcore._range import gram_within_range, out_of_range
from mtlcore.presence import present_tasks
from mtlcore.spec import RuleSpec


class Answering(Protocol):
    """What is asked of a rule here; `Rule` answers it."""

    spec: RuleSpec

    def weights(self, gram: Any, losses: Any = ..., losses_after: Any = ..., active: Any = ...) -> np.ndarray:
        """Returns the weights [K]."""

    def combine(self, G: Any, losses: Any, features: Any, losses_after: Any, active: Any) -> Any:
        """Returns the update for gradients that are an array."""


def combine_tensor(
    rule: Answering, torch: Any, G: Any, losses: Any, features: Any, losses_after: Any, active: Any
) -> Any:
    """Returns what `Rule.combine` returns for gradients `G` that are a tensor: a tensor of its dtype and device."""
    rows = G.detach()
    if not rows.is_floating_point():
        raise ValueError(f"G takes a floating-point tensor, got {rows.dtype}.")
    check_gradients(tuple(rows.shape))
    losses, losses_after = (_to_numpy(torch, part) for part in (losses, losses_after))
    if rule.spec.kind == "elementwise":
        given = _to_numpy(torch, rows), losses, _to_numpy(torch, features), losses_after, active
        return torch.from_numpy(rule.combine(*given)).to(device=rows.device, dtype=rows.dtype)
    home = rows.device if rows.device.type != "mps" else torch.device("cpu")  # MPS has no float64
    flat = rows.to(home).reshape(rows.shape[0], -1).double()
    if active is not None and (present := present_tasks(active, len(flat))) is not None:
        shown = torch.zeros_like(flat)
        shown[present] = flat[present]
        flat = shown
    gram = (flat @ flat.T).cpu().numpy()
    if out_of_range(gram):
        gram = gram_within_range(flat.cpu().numpy(), rule.spec)
    w = rule.weights(gram, losses, losses_after, active)
    update = torch.from_numpy(w).to(home) @ flat
    return update.reshape(rows.shape[1:]).to(device=rows.device, dtype=rows.dtype)


def _to_numpy(torch: Any, value: Any) -> Any:
    """Returns a float64 array for a tensor, or for a sequence that holds tensors; anything else as it is."""
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().double().numpy()
    if isinstance(value, (list, tuple)):
        return [None if item is None else float(item) for item in value]
    return value
