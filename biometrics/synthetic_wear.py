"""Wear drawn onto a face: what people put on, for measuring refusals; every picture is synthetic.

Shapes are laid out in the 112 x 112 pattern of `align`, continued beyond its edges, and carried
into the picture by the five points. It tells how the pipeline bears what was drawn, not how real
cloth behaves.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import cv2
import numpy as np

from biometrics.decode import Pixels
from biometrics.detector import Floats
from biometrics.wear_canvas import Canvas, Colour, Layer, ring, scale_px


class Wear(StrEnum):
    """The first four leave the face free; the others hide a part that the template needs."""

    HIJAB = "hijab"
    PECI = "peci"
    GLASSES = "glasses"
    BEARD = "beard"
    MASK = "mask"
    NIQAB = "niqab"
    HAND = "hand"
    SUNGLASSES = "sunglasses"


FREE: Final = (Wear.HIJAB, Wear.PECI, Wear.GLASSES, Wear.BEARD)
COVERING: Final = (Wear.MASK, Wear.NIQAB, Wear.HAND, Wear.SUNGLASSES)

# RGB of cloth as sold: surgical blue, white, black, green, beige, grey, maroon, pink.
CLOTH: Final = (
    (150, 190, 215), (235, 235, 235), (35, 35, 38), (120, 175, 150),
    (205, 175, 150), (120, 120, 125), (95, 35, 45), (215, 160, 175),
)  # fmt: skip
DARK: Final = ((20, 20, 24), (45, 30, 25), (30, 35, 60))


def draw(picture: Pixels, points: Floats, wear: Wear, rng: np.random.Generator) -> Pixels:
    """The picture with `wear` on the face of the five `points` (5 x 2 px).

    Colour, size and place are drawn by `rng`.
    """
    layer, colour = _PAINT[wear](Canvas(picture, points, rng))
    alpha = cv2.GaussianBlur(layer, (0, 0), max(0.4, SOFT_EDGE_PX * scale_px(points)))[..., None]
    return np.clip(picture * (1 - alpha) + colour * alpha, 0, 255).astype(np.uint8)


def _mask(on: Canvas) -> tuple[Layer, Layer]:
    """Surgical or cloth: bridge of the nose to below the chin, pleats, two straps."""
    top = float(on.rng.uniform(55, 65))
    outline = [
        (13, top + 4), (36, top + 2), (50, top - 1), (56, top - 3), (62, top - 1), (76, top + 2),
        (99, top + 4), (96, 92), (82, 114), (66, 124), (46, 124), (30, 114), (16, 92),
    ]  # fmt: skip
    layer = on.polygon(on.jitter(outline))
    for y in (top + 7, 90):
        on.line([(13, y), (-14, y - 6)], 1.2, 0.9, layer)
        on.line([(99, y), (126, y - 6)], 1.2, 0.9, layer)
    colour = on.lit(on.pick(CLOTH))
    if on.rng.random() < PLEATED:
        pleats = on.empty()
        for y in np.arange(top + 14, 112, on.rng.uniform(9, 13)):
            on.line([(16, y - 1), (56, y + 2), (96, y - 1)], 1.2, 1.0, pleats)
        soft = cv2.GaussianBlur(pleats, (0, 0), max(0.5, 0.7 * on.scale_px))
        colour = colour * (1 - on.rng.uniform(0.1, 0.3) * soft[..., None])
    return layer, colour


def _niqab(on: Canvas) -> tuple[Layer, Layer]:
    """Cloth over head and face, a slit for the eyes."""
    layer = on.ellipse((56, 60), (78, 110))
    low, high = on.rng.uniform(33, 42), on.rng.uniform(58, 66)
    slit = [
        (12, 46),
        (30, low),
        (56, low - 1),
        (82, low),
        (100, 46),
        (96, 60),
        (56, high),
        (16, 60),
    ]
    on.polygon(on.jitter(slit, 1.0), 0.0, layer)
    return layer, _folds(on, on.pick((*DARK, *CLOTH[2:6])))


def _hijab(on: Canvas) -> tuple[Layer, Layer]:
    """Cloth over hair, ears and neck; from brow to chin the face is free."""
    layer = on.ellipse((56, 62), (80, 112))
    wide, top, bottom = on.rng.uniform(38, 46), on.rng.uniform(8, 26), on.rng.uniform(112, 124)
    on.ellipse((56, (top + bottom) / 2), (wide, (bottom - top) / 2), 0.0, layer)
    return layer, _folds(on, on.pick((*DARK, *CLOTH)))


def _peci(on: Canvas) -> tuple[Layer, Layer]:
    """The black cap: down to the hairline, forehead and face free."""
    brim = float(on.rng.uniform(8, 26))
    outline = [(6, brim + 2), (56, brim - 2), (106, brim + 2), (100, brim - 50), (12, brim - 50)]
    return on.polygon(on.jitter(outline)), on.lit(on.pick(DARK))


def _glasses(on: Canvas) -> tuple[Layer, Layer]:
    """Frames and clear lenses, at times with a reflection."""
    layer = on.empty()
    wide, high = on.rng.uniform(12, 16), on.rng.uniform(8, 13)
    for x in EYES_X:
        lens = on.ellipse((x, 54), (wide, high), float(on.rng.uniform(0.0, 0.18)))
        on.line(ring((x, 54), (wide, high)), float(on.rng.uniform(0.8, 2.6)), 0.95, lens)
        layer = np.maximum(layer, lens)
    on.line([(38 + wide, 53), (74 - wide, 53)], 1.5, 0.95, layer)
    on.line([(38 - wide, 52), (0, 50)], 1.5, 0.9, layer)
    on.line([(74 + wide, 52), (112, 50)], 1.5, 0.9, layer)
    return layer, on.lit(on.pick((*DARK, (150, 120, 70))))


def _sunglasses(on: Canvas) -> tuple[Layer, Layer]:
    """Lenses that let little or no light through."""
    layer = on.empty()
    wide, high = on.rng.uniform(14, 18), on.rng.uniform(10, 14)
    for x in EYES_X:
        on.ellipse((x, 55), (wide, high), float(on.rng.uniform(0.85, 1.0)), layer)
    on.line([(50, 52), (62, 52)], 3, 0.95, layer)
    on.line([(38 - wide, 52), (0, 50)], 2, 0.9, layer)
    on.line([(74 + wide, 52), (112, 50)], 2, 0.9, layer)
    return layer, on.lit(on.pick(DARK))


def _hand(on: Canvas) -> tuple[Layer, Layer]:
    """Four fingers of the person's own colour laid over mouth and nose."""
    layer, shade = on.empty(), on.empty()
    top = float(on.rng.uniform(66, 72))
    for finger in range(4):
        y = top + 11 * finger
        spots = [(20 + on.rng.uniform(-8, 8), y + 3), (120, y - 4)]
        on.line(spots, 13, 1.0, layer)
        on.line([(spots[0][0], y + 9), (120, y + 2)], 1.5, 1.0, shade)
    x, y = on.inside([(30, 66), (82, 66), (56, 60), (56, 46)]).T
    spots_rgb = on.picture[y, x]
    skin = np.median(spots_rgb, axis=0) * on.rng.uniform(0.85, 1.1)
    exposure = on.lit((100.0, 100.0, 100.0)).mean(axis=2, keepdims=True)
    even = exposure / max(float(np.median(exposure)), 1.0)
    return layer, (skin * even * (1 - 0.3 * shade[..., None])).astype(np.float32)


def _beard(on: Canvas) -> tuple[Layer, Layer]:
    """Hair on cheeks, chin and upper lip; lips and nose are free."""
    outline = [
        (13, 70), (24, 84), (40, 85), (47, 82), (56, 83), (65, 82), (72, 85), (88, 84), (99, 70),
        (94, 100), (78, 126), (56, 132), (34, 126), (18, 100),
    ]  # fmt: skip
    layer = on.polygon(on.jitter(outline), float(on.rng.uniform(0.5, 0.9)))
    on.ellipse((56, 92), (14, 4.5), 0.0, layer)
    hair: Any = on.rng.normal(1.0, 0.5, layer.shape).astype(np.float32)
    hair = cv2.GaussianBlur(hair, (0, 0), max(0.5, 0.5 * on.scale_px))
    colour = on.lit(on.pick((*DARK, (90, 65, 45), (130, 130, 130))))
    soft = cv2.GaussianBlur(layer, (0, 0), 1.5 * on.scale_px)
    return np.asarray(soft, np.float32), np.asarray(colour * hair[..., None], np.float32)


def _folds(on: Canvas, colour: Colour) -> Layer:
    """Cloth with broad folds."""
    waves: Any = cv2.GaussianBlur(
        on.rng.normal(0, 1, on.picture.shape[:2]).astype(np.float32), (0, 0), 4 * on.scale_px
    )
    waves /= max(float(waves.std()), 1e-6)
    return np.asarray(on.lit(colour) * (1 + 0.12 * waves[..., None]), np.float32)


SOFT_EDGE_PX: Final = 0.5  # of the pattern: drawn edges as soft as a camera's
EYES_X: Final = (38, 74)
PLEATED: Final = 0.6  # share of masks with pleats
_PAINT: Final[dict[Wear, Callable[[Canvas], tuple[Layer, Layer]]]] = {
    Wear.HIJAB: _hijab,
    Wear.PECI: _peci,
    Wear.GLASSES: _glasses,
    Wear.BEARD: _beard,
    Wear.MASK: _mask,
    Wear.NIQAB: _niqab,
    Wear.HAND: _hand,
    Wear.SUNGLASSES: _sunglasses,
}
