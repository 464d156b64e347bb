"""What a run costs in arithmetic, memory and disk, from its configuration alone and without torch."""

from experiments.cifar10.config import LabConfig
from mtlcore.registry import method_spec

_FLOAT = 4
_SAVED = 21  # maps of the first stage's size, for each of its channels, that a backward of ResNet-18 needs


def forward_operations(width: int) -> float:
    """Returns the multiply-adds of one image's forward pass through the backbone, convolutions only."""
    found = 9 * 3 * width * 32 * 32
    inside = width
    for outside, side in zip((width, 2 * width, 4 * width, 8 * width), (32, 16, 8, 4), strict=True):
        found += 9 * (inside * outside + 3 * outside * outside) * side * side
        found += inside * outside * side * side if inside != outside else 0
        inside = outside
    return float(found)


def parameters(width: int) -> int:
    """Returns how many parameters the backbone has."""
    found, inside = 27 * width + 2 * width, width
    for stage, outside in enumerate((width, 2 * width, 4 * width, 8 * width)):
        found += 9 * (inside * outside + 3 * outside * outside) + 8 * outside
        found += inside * outside + 2 * outside if stage else 0
        inside = outside
    return found


def backwards(config: LabConfig) -> int:
    """Returns how many backward passes through the backbone one step takes."""
    return method_spec(config.method).backward_passes(len(config.tasks))


def turned(config: LabConfig) -> int:
    """Returns how many feature dimensions the method's transform moves, 0 without one."""
    return sum(blocks(config))


def blocks(config: LabConfig) -> tuple[int, ...]:
    """Returns them by the blocks that are moved each by itself."""
    spec = method_spec(config.method).transform_spec
    if spec.idle(config.params):
        return ()
    return spec.blocks(config.params, config.features) or (config.features,)


def step_operations(config: LabConfig) -> float:
    """Returns the floating-point operations of one training step: network, rule's backwards and rotations."""
    network = 2 * forward_operations(config.width) * (1 + 2 * backwards(config)) * config.batch
    each = sum(8.0 * size * size * config.batch + 4.0 * size**3 for size in blocks(config))
    return network + len(config.tasks) * each


def epoch_operations(config: LabConfig) -> float:
    """Returns the floating-point operations of an epoch, its test included."""
    test = 2 * forward_operations(config.width) * config.test_images
    return config.steps_per_epoch * step_operations(config) + test


def memory(config: LabConfig) -> float:
    """Returns about how many bytes training needs: images, network, optimiser, K gradients where kept,
    activations.
    """
    images = 3072 * (config.train_images + config.test_images)
    weights = parameters(config.width)
    gradients = backwards(config) if backwards(config) > 1 else 0
    rotations = 6 * len(config.tasks) * sum(size**2 for size in blocks(config))
    activations = _SAVED * config.width * 32 * 32 * config.batch
    test = 6 * config.width * 32 * 32 * 500
    return images + _FLOAT * (weights * (4 + gradients) + rotations + max(activations, test))


def checkpoint_size(config: LabConfig) -> float:
    """Returns about how many bytes one checkpoint has: weights, rotations and their tangents, two moments of Adam."""
    rotations = len(config.tasks) * sum(size**2 for size in blocks(config))
    return _FLOAT * (3 * parameters(config.width) + 4 * rotations)
