"""Gram matrices of task gradients in float64, computed one block of coordinates after the other."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from mtlcore.compiled.products import products

CPU_BLOCK = 1 << 15  # coordinates: K blocks of float64 stay in a core's cache
DEVICE_BLOCK = 1 << 22
PIECE = 1 << 20  # coordinates that one thread takes at once

Gradients = Sequence[Tensor | None]


def _block(device: torch.device) -> int:
    return CPU_BLOCK if device.type == "cpu" else DEVICE_BLOCK


def _exact(device: torch.device) -> torch.dtype:
    """Returns the dtype of the products: float64, where those of float32 are exact; MPS has only float32."""
    return torch.float32 if device.type == "mps" else torch.float64


def gram_of_rows(rows: Tensor) -> Tensor:
    """Returns M = G G^T, float64 [K, K] on the rows' device, for gradients `rows` [K, ...]."""
    flat = rows.detach().reshape(rows.shape[0], -1)
    exact = _exact(flat.device)
    gram = torch.zeros(len(flat), len(flat), dtype=exact, device=flat.device)
    for part in flat.split(_block(flat.device), dim=1):
        wide = part.to(exact)
        gram.addmm_(wide, wide.T)
    return gram


def gram_of_lists(tasks: Sequence[Gradients], device: torch.device) -> Tensor:
    """Returns M, float64 [K, K] on `device`, for K lists of gradients, one tensor per parameter.

    None counts as zero. Parameters are taken block by block, so no second K x D matrix is made.
    """
    size = len(tasks)
    gram = torch.zeros(size, size, dtype=_exact(device), device=device)
    whole: list[list[Tensor]] = []
    for gradients in zip(*tasks, strict=True):
        given = _dense([one for one in gradients if one is not None])
        if len(given) == size and all(map(_is_plain, given)):
            whole.append(given)
        elif given:
            reached = [k for k in range(size) if gradients[k] is not None]
            _add_blocks(gram, reached, [one.reshape(-1) for one in given])
    return gram + _gram_of_plain(whole).to(gram) if whole else gram


def _dense(given: list[Tensor]) -> list[Tensor]:
    """Returns the gradients of one parameter as dense tensors of one shape.

    Sparse gradients get the rows that at least one of them stores.
    """
    if not any(one.is_sparse for one in given):
        return given
    if not all(one.is_sparse for one in given):
        return [one.to_dense() for one in given]
    stored = [one.coalesce() for one in given]
    indices = torch.cat([one.indices() for one in stored], dim=1)
    rows, places = torch.unique(indices, dim=1, return_inverse=True)
    result = []
    for one, place in zip(stored, places.split([one.indices().shape[1] for one in stored]), strict=True):
        values = one.values()
        dense = values.new_zeros(rows.shape[1], *values.shape[1:])
        dense[place] = values
        result.append(dense)
    return result


def _is_plain(gradient: Tensor) -> bool:
    """Returns whether a gradient is a contiguous run of float32 in the memory of the CPU."""
    here = gradient.layout == torch.strided and gradient.device.type == "cpu"
    return here and gradient.dtype == torch.float32 and gradient.is_contiguous() and gradient.numel() > 0


def _gram_of_plain(parameters: list[list[Tensor]]) -> Tensor:
    """Returns M, float64 [K, K], for K plain gradients per parameter; as many threads as torch uses share the work."""
    pieces = []
    for gradients in parameters:
        total, width = gradients[0].numel(), gradients[0].element_size()
        first = np.array([one.data_ptr() for one in gradients])
        pieces += [(first + width * at, min(PIECE, total - at)) for at in range(0, total, PIECE)]
    threads = min(torch.get_num_threads(), len(pieces))
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(products, [pieces[i::threads] for i in range(threads)]))
    return torch.from_numpy(np.sum(parts, axis=0))


def _add_blocks(gram: Tensor, reached: list[int], flat: list[Tensor]) -> None:
    """Adds to `gram` the inner products of the flat gradients of the `reached` tasks."""
    step, exact = _block(flat[0].device), _exact(flat[0].device)
    part = torch.zeros(len(flat), len(flat), dtype=exact, device=flat[0].device)
    for start in range(0, flat[0].numel(), step):
        wide = torch.stack([one[start : start + step] for one in flat]).to(exact)
        part.addmm_(wide, wide.T)
    if len(reached) == len(gram):
        gram += part.to(gram)
    else:
        index = torch.tensor(reached, device=gram.device)
        gram[index[:, None], index] += part.to(gram)
