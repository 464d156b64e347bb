"""What the paper prints: Javaloy & Valera 2021 (RotoGrad), Table 1, CIFAR-10, median and deviation over five
runs.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Printed(NamedTuple):
    """(median, deviation) of the average, the median and the largest Delta_k, in percent."""

    mean: tuple[float, float]
    median: tuple[float, float]
    max: tuple[float, float]


# The paper's names, the lab's method keys and parameters that stand for them. The paper does not state at which
# level it measures its baselines; IMTL-G stands beside both of ours.
TABLE_1: Mapping[tuple[str, int], Printed] = {
    ("uniform", 0): Printed((2.58, 0.54), (2.73, 1.37), (11.14, 3.35)),
    ("graddrop", 0): Printed((3.07, 0.48), (3.18, 1.07), (14.03, 2.83)),
    ("pcgrad", 0): Printed((2.86, 0.81), (3.33, 1.68), (12.01, 3.19)),
    ("mgda_ub", 0): Printed((-1.75, 0.43), (-4.48, 2.35), (3.67, 0.98)),
    ("gradnorm_z", 0): Printed((-0.08, 0.95), (0.09, 2.23), (8.82, 3.41)),
    ("imtl_g", 0): Printed((2.73, 0.27), (1.95, 2.21), (10.20, 2.98)),
    ("imtl_g_ub", 0): Printed((2.73, 0.27), (1.95, 2.21), (10.20, 2.98)),
    ("imtl_g_rk", 512): Printed((3.02, 0.69), (4.38, 1.11), (12.76, 1.77)),
    ("rotograd", 64): Printed((2.90, 0.49), (3.44, 1.51), (13.16, 2.40)),
    ("rotograd", 128): Printed((2.97, 1.08), (3.73, 2.14), (12.64, 3.56)),
    ("rotograd", 256): Printed((3.68, 0.68), (3.29, 2.18), (14.01, 3.22)),
    ("rotograd", 512): Printed((4.48, 0.99), (4.72, 2.84), (15.57, 3.99)),
}
SOURCE = "Javaloy & Valera 2021, Table 1: median and standard deviation over five runs on CIFAR-10"


def printed(config: Mapping[str, Any]) -> Printed | None:
    """Returns the paper's row for a configuration's method, whatever its other settings, None where it has
    none.

    A method at the features stands for the paper's MGDA and GradNorm. Rotations of all dimensions count as
    512.
    """
    params = config["params"]
    m = params.get("m", 0)
    return TABLE_1.get((config["method"], 512 if m in (-1, 8 * config["width"]) else m))
