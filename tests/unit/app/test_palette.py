"""The palette keeps its promises: contrast on its own ground, and hues that stay apart for all eyes."""

from itertools import combinations

import numpy as np
import pytest

from app.palette import DARK, LIGHT, Palette, as_json, palette, with_alpha

# Machado, Oliveira and Fernandes 2009: full deuteranopia, protanopia and tritanopia, on linear RGB.
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
PROTANOPIA = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
TRITANOPIA = np.array(
    [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]
)
SIGHTS = {"all": np.eye(3), "deutan": DEUTERANOPIA, "protan": PROTANOPIA, "tritan": TRITANOPIA}


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Returns the WCAG contrast ratio."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    high, low = sorted((float(linear(c) @ weights) for c in (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_reads_and_lines_show(colours: Palette):
    for ground in (colours.background, colours.surface):
        for text in (colours.ink, colours.muted, colours.front_text, colours.success, colours.warning):
            assert contrast(text, ground) >= 4.5
        for text in colours.task_text:
            assert contrast(text, ground) >= 4.5
        for line in (*colours.tasks, colours.update, colours.front, *colours.methods):
            assert contrast(line, ground) >= 3.0


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sight", ["all", "deutan", "protan"])
def test_what_stands_side_by_side_stays_apart(colours: Palette, sight: str):
    for one, other in combinations((colours.tasks[0], colours.tasks[1], colours.front, colours.ink), 2):
        distance = np.linalg.norm(SIGHTS[sight] @ linear(one) - SIGHTS[sight] @ linear(other))
        assert distance > 0.1, (one, other)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Returns L*, a* and b* (CIE 1976) of linear RGB under daylight."""
    to_xyz = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])
    ratio = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.0888])
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sight", SIGHTS.values(), ids=SIGHTS)
def test_five_tasks_and_the_shared_feature_are_told_apart(colours: Palette, sight: np.ndarray):
    """2.3 is just noticeable (CIE 1976); thin lines on a projector want ten times that."""
    assert len(colours.tasks) == len(colours.task_text) == 5
    for one, other in combinations((*colours.tasks, colours.ink), 2):
        assert np.linalg.norm(lab(sight @ linear(one)) - lab(sight @ linear(other))) > 23, (one, other)


def test_both_variants_name_the_same_colours():
    both = as_json()
    assert both["light"].keys() == both["dark"].keys()
    assert palette(True) is DARK
    assert palette(False) is LIGHT
    assert with_alpha("#0072b2", 0.5) == "rgba(0, 114, 178, 0.5)"
