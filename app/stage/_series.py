"""Arrays over recorded steps as small integers: quantised, differenced, ready to be deflated."""

from dataclasses import dataclass, field

import numpy as np


def quantize(rows: np.ndarray, low: np.ndarray, high: np.ndarray, bits: int) -> np.ndarray:
    """Returns rows [R, F] as uint16 codes of `bits` bits, 0 at low [R] and 2**bits - 1 at high [R]."""
    span = np.where(high > low, high - low, 1.0)
    unit = np.clip((rows - low[:, None]) / span[:, None], 0.0, 1.0)
    return np.round(unit * (2**bits - 1)).astype(np.uint16)


def difference(codes: np.ndarray, order: int) -> np.ndarray:
    """Returns the `order`-th differences of codes [R, F] along F, modulo 2**16, folded to be small."""
    for _ in range(order):
        codes = np.diff(codes, axis=1, prepend=np.uint16(0))  # uint16 wraps, and so does the reader
    signed = codes.view(np.int16)
    return ((signed << 1) ^ (signed >> 15)).view(np.uint16)


@dataclass
class Stream:
    """Collects arrays into one run of 16-bit numbers; `add` returns what the reader needs to find each."""

    parts: list[np.ndarray] = field(default_factory=list)
    size: int = 0

    def add(self, values: np.ndarray, bits: int = 14, order: int = 2, share: int = 0) -> list:
        """Returns [offset, rows, length, order, bits, lows, highs] of values [..., F], stored as rows of F.

        `share` > 0: rows i, i + share, i + 2 share ... have one range (the same channel of several starts).
        """
        rows = np.ascontiguousarray(values, dtype=np.float64).reshape(-1, values.shape[-1])
        channels = share or rows.shape[0]
        grouped = rows.reshape(-1, channels, rows.shape[1])
        low, high = grouped.min(axis=(0, 2)), grouped.max(axis=(0, 2))
        repeat = rows.shape[0] // channels
        codes = difference(quantize(rows, np.tile(low, repeat), np.tile(high, repeat), bits), order)
        offset, self.size = self.size, self.size + codes.size
        self.parts.append(codes.ravel())
        return [offset, *rows.shape, order, bits, _round(low), _round(high)]

    def bytes(self) -> bytes:
        """Returns all low bytes, then all high bytes: most high bytes are 0, which deflate likes."""
        codes = np.concatenate(self.parts) if self.parts else np.empty(0, np.uint16)
        return (codes & 0xFF).astype(np.uint8).tobytes() + (codes >> 8).astype(np.uint8).tobytes()


def _round(values: np.ndarray) -> list[float]:
    """Returns the values with 9 significant digits: the range is stored as text in the header."""
    return [float(f"{value:.9g}") for value in values]
