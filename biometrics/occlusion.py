"""Is mouth, nose or are the eyes hidden: from the aligned crop alone, whatever the skin and light.

Every number is relative to the skin between and under the eyes of the same picture, so that a dark
skin, a dim shop or a coloured lamp moves all of them together. Hair, brow and neck are not looked
at: a headscarf or a peci covers them by right.
"""

from math import exp, log
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.decode import Pixels
from biometrics.detector import Floats

Patch: TypeAlias = tuple[slice, slice]
Colour: TypeAlias = NDArray[np.float64]
"""Logarithm of the light, and how much redder and bluer than grey it is."""

CELLS: Final = 28  # the crop is looked at in cells of 4 x 4 px: pores and grain are gone
CALM_SIGMA_PX: Final = 1.2
GLOOM: Final = 0.15  # of the skin's light: what is darker counts as this dark
GLOOM_MIN: Final = 1.5


def mouth_nose_occlusion(crop: Pixels) -> float:
    """0 (free) to 1 (covered): chance that mouth and nose are hidden. `crop` as of `align`.

    A linear rule over eight signs: cloth and hands have no lips, no line of the mouth and no
    nostrils, and where they begin the colour of the face ends. Weights by logistic regression on
    350 LFW faces with drawn masks, veils and hands, and on photographs of real masks; see
    `QualityLimits` for what it reaches.
    """
    score = BIAS + sum(weight * sign for weight, sign in zip(WEIGHTS, _signs(crop), strict=True))
    return 1 / (1 + exp(-max(-30.0, min(30.0, score))))


def eye_occlusion(crop: Pixels) -> float:
    """Share of the light missing around the better seen eye against nose and cheeks, 0 to 1.

    The brighter cells (90th percentile) of the patch around an eye are skin or
    white of the eye, also behind clear glasses and under deep brows; dark lenses hide them.
    """
    light = _cells(crop) @ GREY
    skin = float(np.median(np.concatenate([light[part].ravel() for part in (NOSE, *CHEEKS)])))
    gloom = _gloom(skin)
    eyes = max(float(np.sort(light[eye], axis=None)[BRIGHTEST] @ PERCENTILE_90) for eye in EYES)
    return min(1.0, max(0.0, 1 - (eyes + gloom) / (skin + gloom)))


def _signs(crop: Pixels) -> tuple[float, ...]:
    """The eight numbers that `WEIGHTS` weigh, in their order."""
    cells = _cells(crop)
    light = cells @ GREY
    gloom = _gloom(float(np.mean([light[part].mean() for part in SKIN])))
    colours = _colours(cells, light, gloom)
    skin, nose, cheek, mouth, chin = (
        _mean(colours, parts) for parts in (SKIN, (NOSE,), CHEEKS, (MOUTH,), (CHIN,))
    )
    lower = _mean(colours, (*CHEEKS, MOUTH, CHIN))
    line, sideways = _texture(crop, gloom)
    return (
        line,
        sideways,
        _apart(lower, skin) - _apart(mouth, chin),
        float(mouth[1] - skin[1]),
        _apart(mouth, cheek),
        float(chin[0] - skin[0]),
        abs(float(nose[0] - skin[0])),
        _apart(nose, skin) - _apart(nose, mouth),
    )


def _cells(crop: Pixels) -> Floats:
    return cv2.resize(crop, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype(np.float32)


def _gloom(light: float) -> float:
    """Added to every light before its logarithm: black is no information."""
    return GLOOM * max(light, GLOOM_MIN / GLOOM)


def _colours(cells: Floats, light: Floats, gloom: float) -> Floats:
    """Cells x cells x 3, see `Colour`."""
    lit = light + np.float32(gloom)
    red, blue = (cells[..., 0] - light) / lit, (cells[..., 2] - light) / lit
    return np.stack([np.log(lit), red, blue], axis=2)


def _mean(colours: Floats, parts: tuple[Patch, ...]) -> Colour:
    """Of the patches' means, each with the same weight."""
    means = [colours[part].mean(axis=(0, 1), dtype=np.float64) for part in parts]
    return np.asarray(np.mean(means, axis=0), np.float64)


def _apart(one: Colour, other: Colour) -> float:
    """How unlike two colours are; the tint counts more than the light."""
    return float(np.abs((one - other) * TINT).sum())


def _texture(crop: Pixels, gloom: float) -> tuple[float, float]:
    """Spread of the light about the mouth, and edges across the nose against those at the eyes."""
    grey = cv2.cvtColor(crop[TEXTURE_ROWS], cv2.COLOR_RGB2GRAY).astype(np.float32)
    calm = np.log(cv2.GaussianBlur(grey, (0, 0), CALM_SIGMA_PX) + np.float32(gloom))
    edges = np.abs(np.diff(calm, axis=1))
    eyes = (float(edges[EYES_PX[0]].mean()) + float(edges[EYES_PX[1]].mean())) / 2
    return float(calm[MOUTH_PX].std()), log(float(edges[NOSE_PX].mean()) / (eyes + 0.01) + 0.05)


GREY: Final = np.array([0.299, 0.587, 0.114], np.float32)
TINT: Final = np.array([1.0, 3.0, 3.0])
# Patches in cells (rows, columns) of the pattern's face.
SKIN: Final = (np.s_[11:13, 12:16], np.s_[14:15, 7:11], np.s_[14:15, 17:21])
NOSE: Final = np.s_[17:20, 12:16]
CHEEKS: Final = (np.s_[18:22, 6:9], np.s_[18:22, 19:22])
MOUTH: Final = np.s_[22:25, 11:17]
CHIN: Final = np.s_[26:28, 11:17]
BRIGHTEST: Final = slice(21, 23)  # of an eye's 25 cells, between which the percentile lies
PERCENTILE_90: Final = np.array([0.4, 0.6], np.float32)
EYES: Final = (np.s_[11:16, 7:12], np.s_[11:16, 16:21])
# The same in pixels of the rows that are looked at closely.
TEXTURE_ROWS: Final = slice(40, 108)
EYES_PX: Final = (np.s_[5:18, 29:47], np.s_[5:18, 65:83])
NOSE_PX: Final = np.s_[22:42, 44:68]
MOUTH_PX: Final = np.s_[44:62, 42:72]
# In the order of `_signs`; a positive sign speaks for a cover.
WEIGHTS: Final = (-21.612, -4.162, 1.862, -21.134, -4.176, -5.726, 6.891, 1.879)
BIAS: Final = -1.277
