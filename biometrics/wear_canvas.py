"""Paint on a face in the pattern of `align`: outlines follow the five points, cloth its light."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.align import similarity
from biometrics.decode import Pixels
from biometrics.detector import Floats

Layer: TypeAlias = NDArray[np.float32]
"""Height x width, 0 where nothing is drawn, 1 where the wear hides everything."""

Spot: TypeAlias = tuple[float, float]
Colour: TypeAlias = Sequence[float] | NDArray[np.float64]

EYES_APART: Final = 35.2  # in the pattern
MONOCHROME: Final = 12  # largest difference of the channels in a picture without colour


class Canvas:
    """One picture being painted on: shapes in pattern coordinates, colours lit as the face is."""

    def __init__(self, picture: Pixels, points: Floats, rng: np.random.Generator) -> None:
        self.picture, self.rng = picture, rng
        matrix = similarity(points)
        self._back = np.linalg.inv(matrix[:, :2])
        self._shift = matrix[:, 2]
        self.scale_px = scale_px(points)

    def place(self, spots: Sequence[Spot]) -> NDArray[np.float64]:
        """Picture pixels of pattern coordinates."""
        return np.asarray((np.asarray(spots, np.float64) - self._shift) @ self._back.T)

    def jitter(self, spots: Sequence[Spot], spread: float = 1.5) -> list[Spot]:
        """The same outline, cut a little differently each time."""
        moved = np.asarray(spots) + self.rng.normal(0, spread, (len(spots), 2))
        return [(float(x), float(y)) for x, y in moved]

    def polygon(self, spots: Sequence[Spot], value: float = 1.0, on: Layer | None = None) -> Layer:
        """A filled outline; straight between the spots."""
        layer = self.empty() if on is None else on
        corners = np.rint(self.place(spots) * 16).astype(np.int32)
        cv2.fillPoly(layer, [corners], value, cv2.LINE_AA, 4)
        return layer

    def ellipse(
        self, middle: Spot, radius: Spot, value: float = 1.0, on: Layer | None = None
    ) -> Layer:
        """A filled ellipse, upright in the pattern."""
        return self.polygon(ring(middle, radius), value, on)

    def line(self, spots: Sequence[Spot], width: float, value: float, on: Layer) -> Layer:
        """A line of `width` pattern pixels."""
        corners = np.rint(self.place(spots) * 16).astype(np.int32)
        thick = max(1, round(width * self.scale_px))
        cv2.polylines(on, [corners], False, value, thick, cv2.LINE_AA, 4)
        return on

    def empty(self) -> Layer:
        """Nothing drawn yet."""
        return np.zeros(self.picture.shape[:2], np.float32)

    def lit(self, colour: Colour) -> Layer:
        """Cloth of `colour` in the light of the picture: its broad shadows and its exposure."""
        grey: Any = cv2.cvtColor(self.picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
        broad = cv2.GaussianBlur(grey, (0, 0), 14 * self.scale_px)
        x, y = self.inside([(56, 62)])[0]
        relative = np.sqrt(broad / max(float(broad[y, x]), 8.0)).clip(0.5, 1.6)
        exposure = min(1.15, float(broad[y, x]) / 150 + 0.25) * self.rng.uniform(0.85, 1.1)
        grain = cv2.GaussianBlur(self.rng.normal(0, 6, grey.shape).astype(np.float32), (0, 0), 1)
        cloth = relative[..., None] * np.float32(exposure) * np.asarray(colour, np.float32)
        if np.ptp(self.picture.reshape(-1, 3)[::97].astype(int), axis=1).max() <= MONOCHROME:
            cloth[:] = cloth.mean(axis=2, keepdims=True)
        return np.asarray(cloth + 2 * grain[..., None], np.float32)

    def inside(self, spots: Sequence[Spot]) -> NDArray[np.intp]:
        """Whole pixels (n x 2: x, y) of pattern coordinates, moved into the picture."""
        height, width = self.picture.shape[:2]
        return self.place(spots).astype(np.intp).clip(0, (width - 1, height - 1))

    def pick(self, colours: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        """One of the colours, a little off."""
        chosen = np.asarray(colours[int(self.rng.integers(len(colours)))], np.float64)
        return np.asarray(chosen + self.rng.normal(0, 8, 3))


def ring(middle: Spot, radius: Spot) -> list[Spot]:
    """Forty spots of an ellipse, closed."""
    angles = np.linspace(0, 2 * np.pi, 40).tolist()
    return [
        (middle[0] + radius[0] * float(np.cos(a)), middle[1] + radius[1] * float(np.sin(a)))
        for a in angles
    ]


def scale_px(points: Floats) -> float:
    """Picture pixels a pattern pixel."""
    return float(np.hypot(*(points[1] - points[0]))) / EYES_APART
