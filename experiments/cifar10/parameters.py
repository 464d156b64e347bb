"""What a run can be asked for: the fields of a configuration, and each method's parameters as the lab offers them."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from experiments.cifar10 import CLASSES
from mtlcore.registry import METHODS, method_spec
from mtlcore.spec import Param

FIELDS = (
    Param(
        "data",
        "Data",
        "choice",
        "synthetic",
        choices=("synthetic", "cifar10"),
        help="synthetic: made from a seed, works offline. cifar10: the official binary archive, "
        "170 MB, fetched once.",
    ),
    Param(
        "train_images",
        "Training images",
        "int",
        50_000,
        20,
        50_000,
        10,
        help="The first so many images train.",
    ),
    Param("test_images", "Test images", "int", 10_000, 20, 10_000, 10, help="The first so many test images."),
    Param(
        "epochs", "Epochs", "int", 10, 1, 300, 1, help="How often the run goes through the training images."
    ),
    Param(
        "batch",
        "Batch size",
        "int",
        64,
        8,
        1024,
        8,
        help="Images in a step; the last incomplete batch is left out.",
    ),
    Param(
        "lr",
        "Learning rate",
        "float",
        1e-3,
        1e-6,
        1.0,
        1e-4,
        scale="log",
        help="Step size of the network's optimiser.",
    ),
    Param("optimizer", "Optimiser", "choice", "adam", choices=("adam", "sgd"), help="sgd has momentum 0.9."),
    Param(
        "schedule",
        "Schedule",
        "choice",
        "cosine",
        choices=("cosine", "constant"),
        help="cosine: the rate falls to 0.",
    ),
    Param(
        "weight_decay",
        "Weight decay",
        "float",
        0.0,
        0.0,
        0.1,
        1e-4,
        help="Decoupled from the gradient (AdamW); classical for SGD.",
    ),
    Param(
        "width",
        "Channels of the first stage",
        "int",
        64,
        1,
        128,
        1,
        help="64 is ResNet-18; the feature has 8 times as many dimensions.",
    ),
    Param(
        "augment",
        "Augment",
        "bool",
        True,
        help="Shifts of up to 4 pixels and mirror images, drawn from the seed.",
    ),
    Param(
        "precision",
        "Precision",
        "choice",
        "auto",
        choices=("auto", "float32", "bfloat16"),
        help="auto: bfloat16 autocast on CUDA, float32 elsewhere.",
    ),
    Param(
        "seed",
        "Seed",
        "int",
        0,
        0,
        2**31 - 1,
        1,
        help="Draws the network, the order of images and every random choice.",
    ),
    Param(
        "data_seed",
        "Synthetic data seed",
        "int",
        0,
        0,
        2**31 - 1,
        1,
        help="Makes the synthetic images; runs with one seed see the same.",
    ),
    Param(
        "log_every",
        "Log every",
        "int",
        10,
        1,
        10_000,
        1,
        help="Steps between two points of the per-step curves.",
    ),
)
# What a launch can be sized by. Quick was chosen by measurement: see quick_setting.py and docs/lab.md.
PAPER, QUICK = "Paper", "Quick"
_USUAL: Mapping[str, Any] = MappingProxyType({param.name: param.default for param in FIELDS})
_SIZED = ("width", "train_images", "test_images", "epochs", "batch", "lr", "augment")
SIZES: Mapping[str, Mapping[str, Any]] = {
    QUICK: dict(zip(_SIZED, (2, 2000, 1000, 4, 32, 5e-3, False), strict=True)),
    "Medium": {
        **{name: _USUAL[name] for name in _SIZED},
        "width": 16, "train_images": 10_000, "test_images": 2000, "epochs": 5,
    },
    PAPER: {name: _USUAL[name] for name in _SIZED},
}  # fmt: skip
# How the rotations' rate falls over a run, offered with every transform that learns by one. A leader must slow
# down faster than its follower (seed 000, section 3.2), so the rate follows the network's and falls besides.
ROT_FINAL = Param(
    "rot_final", "Final rotation share", "float", 0.1, 1e-6, 1.0, 0.01, scale="log",
    help="Over the run the rotations' rate falls to this share of what schedule and decay leave of it; 1: not.",
)  # fmt: skip
ROT_SCHEDULE = Param(
    "rot_schedule", "Rotation schedule", "choice", "network", choices=("network", "constant"),
    help="network: the rotations' rate follows the network's schedule. constant: it does not.",
)  # fmt: skip
# What a run of version 0.1, whose parameters name neither, was trained with.
BEFORE: Mapping[str, Any] = MappingProxyType({ROT_FINAL.name: 1.0, ROT_SCHEDULE.name: "constant"})


def method_params(key: str) -> tuple[Param, ...]:
    """Returns a method's parameters as the lab offers them: the networks' defaults, and ranges that fit ten tasks."""
    narrowed = []
    own, has_rate = method_spec(key).params, method_spec(key).transform_spec.learning_rate
    for param in (*own, *((ROT_FINAL, ROT_SCHEDULE) if has_rate else ())):
        if param.network_default is not None:
            param = replace(param, default=param.network_default)
        if param.name == "task":
            param = replace(param, high=len(CLASSES) - 1)
        narrowed.append(param)
    return tuple(narrowed)


def lab_methods() -> tuple[str, ...]:
    """Returns the methods the lab can train: those whose transform a network can have."""
    return tuple(key for key, spec in METHODS.items() if spec.transform_spec.for_networks)
