"""Ten classes of made-up images, shaped like CIFAR-10 and drawn from a seed: offline, quick and learnable."""

import numpy as np

_CHUNK = 2048


def synthetic_images(count: int, seed: int, part: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns `count` images, uint8 [count, 3, 32, 32], and their classes, uint8 [count], all ten equally
    often.

    Each class is a smooth random pattern; an image is its class's pattern shifted, half mixed with another
    class's, in another light and with noise, so that a network has something to learn. part: 0 for training,
    1 for test, drawn from the same patterns. The first images of a larger set are those of a smaller one.
    """
    patterns = _patterns(np.random.default_rng([seed, 0xC1FA]))
    images = np.empty((count, 3, 32, 32), np.uint8)
    classes = np.empty(count, np.uint8)
    for start in range(0, count, _CHUNK):
        rng = np.random.default_rng([seed, part, start])
        size = min(_CHUNK, count - start)
        chosen = np.argsort(rng.random((-(-_CHUNK // 10), 10)), axis=1).reshape(-1)[:_CHUNK]
        classes[start : start + size] = chosen[:size]
        images[start : start + size] = _draw(patterns, chosen, rng)[:size]
    return images, classes


def _patterns(rng: np.random.Generator) -> np.ndarray:
    """Returns a smooth pattern for each class, float32 [10, 3, 32, 32], of mean 0 and standard deviation 1."""
    frequencies = np.minimum(np.arange(32), 32 - np.arange(32))
    low = np.exp(-(np.add.outer(frequencies**2, frequencies**2)) / (2 * 2.0**2))
    noise = np.fft.fft2(rng.standard_normal((10, 3, 32, 32)))
    smooth = np.fft.ifft2(noise * low).real
    smooth -= smooth.mean((2, 3), keepdims=True)
    return (smooth / smooth.std((1, 2, 3), keepdims=True)).astype(np.float32)


def _draw(patterns: np.ndarray, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns one image for each class given, uint8 [N, 3, 32, 32]."""
    size = len(classes)
    other = (classes + rng.integers(1, 10, size)) % 10
    shifts = rng.integers(-4, 5, (2, 2, size))
    light = rng.uniform(0.6, 1.2, (size, 1, 1, 1)).astype(np.float32)
    mix = rng.uniform(0.0, 0.5, (size, 1, 1, 1)).astype(np.float32)
    noise = rng.standard_normal((size, 3, 32, 32), dtype=np.float32)
    picture = _shifted(patterns, classes, shifts[0]) + mix * _shifted(patterns, other, shifts[1])
    return np.clip(128 + 42 * (light * picture + 0.5 * noise), 0, 255).astype(np.uint8)


def _shifted(patterns: np.ndarray, classes: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Returns each class's pattern moved by whole pixels around the edge."""
    out = np.empty((len(classes), *patterns.shape[1:]), patterns.dtype)
    tiled = np.tile(patterns, (1, 1, 2, 2))
    rows, columns = shifts % 32
    for i, (k, y, x) in enumerate(zip(classes.tolist(), rows.tolist(), columns.tolist(), strict=True)):
        out[i] = tiled[k, :, y : y + 32, x : x + 32]
    return out
