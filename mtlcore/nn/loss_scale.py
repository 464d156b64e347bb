"""The factor by which a torch.amp.GradScaler multiplies losses, so that gradients in 16 bits do not become zero."""

from typing import Any

import torch


def check_scaler(scaler: Any) -> None:
    """Raises TypeError unless the scaler is None or a torch.amp.GradScaler."""
    if scaler is not None and not isinstance(scaler, torch.amp.GradScaler):
        raise TypeError(f"scaler takes a torch.amp.GradScaler or None, got {type(scaler).__name__}.")


def loss_scale(scaler: "torch.amp.GradScaler | None", device: torch.device) -> float | None:
    """Returns the factor of the scaler; None without a scaler, or with one that is not enabled."""
    if scaler is None or not scaler.is_enabled():
        return None
    scaler.scale(torch.ones((), device=device))  # its first use makes the factor; `step` refuses without
    return float(scaler.get_scale())
