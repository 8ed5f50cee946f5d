"""How five points moved from frame to frame, and whether a flat picture could move so."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, degrees, hypot, nan
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Floats
from biometrics.quality import Vector
from biometrics.reply import POINTS, FivePoints

QUAD: Final = (0, 1, 3, 4)  # eyes and corners of the mouth: nearly one plane also on a real face
UNIT_SQUARE: Final = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
LENGTH_MIN_PX: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class FaceGeometry:
    """One frame's face. Lengths in pixels of the full picture.

    `yaw` as `Measures.yaw_ratio`: positive when the nose points to the left of the picture, which
    in a picture that is not mirrored is the person's own right. `height` is eyes to mouth, which
    a turn to the side leaves as it is, while it shortens `across`, the eye distance.
    """

    points: Vector
    middle: Vector
    along: Vector
    across: float
    height: float
    yaw: float

    @classmethod
    def of(cls, five: FivePoints) -> Self:
        """Raise ValueError when there are no five points: the caller mixed up its frames."""
        if len(five) != POINTS:
            raise ValueError(f"liveness needs {POINTS} points a frame, got {len(five)}")
        points = np.array(five, np.float64)
        middle = (points[0] + points[1]) / 2
        line = points[1] - points[0]
        across = max(hypot(*line), LENGTH_MIN_PX)
        along = line / across
        height = hypot(*((points[3] + points[4]) / 2 - middle))
        yaw = float((middle - points[2]) @ along / across)
        return cls(points, middle, along, across, max(height, LENGTH_MIN_PX), yaw)

    @property
    def aside(self) -> float:
        """Yaw by the height: a sine of the angle, where `yaw` runs off as its tangent."""
        return self.yaw * self.across / self.height

    @property
    def size(self) -> float:
        """Across and height together: what a turn changes little."""
        return float((self.across * self.height) ** 0.5)

    @property
    def roll_deg(self) -> float:
        """Angle of the line of the eyes, -180 to 180."""
        return degrees(atan2(self.along[1], self.along[0]))


@dataclass(frozen=True, slots=True)
class Step:
    """What changed between two frames that follow each other.

    `shift` in mean face sizes, `scale` as a ratio of at least 1, `aside` as in `FaceGeometry`.
    """

    shift: float
    scale: float
    aside: float
    roll_deg: float


def step(before: FaceGeometry, after: FaceGeometry) -> Step:
    """From one frame to the next."""
    ratio = after.size / before.size
    turned = abs(after.roll_deg - before.roll_deg) % 360
    return Step(
        shift=hypot(*(after.middle - before.middle)) / ((before.size + after.size) / 2),
        scale=max(ratio, 1 / ratio),
        aside=abs(after.aside - before.aside),
        roll_deg=min(turned, 360 - turned),
    )


def points_shift_px(one: FaceGeometry, other: FaceGeometry) -> float:
    """The largest way any of the five points went."""
    return float(np.linalg.norm(one.points - other.points, axis=1).max())


def growth(before: FaceGeometry, after: FaceGeometry) -> float:
    """How much nearer the face came: the smaller of both directions, so that no tilt counts."""
    return min(after.across / before.across, after.height / before.height)


def parallax(at_rest: Sequence[FaceGeometry], turned: Sequence[FaceGeometry]) -> float:
    """How far the nose left the place a flat picture would put it, in face heights.

    Eyes and mouth fix the homography of a plane between two views; on a photograph it carries the
    nose too, however the photograph is held. A nose that stands out goes its own way: depth /
    height * sin(angle). Sign as `FaceGeometry.yaw`; NaN when the points span no plane.
    """
    if not at_rest or not turned:
        return nan
    place = np.mean([_apply(_to_square(face), face.points[2]) for face in at_rest], axis=0)
    left = [_residual(face, place) for face in turned]
    return float(np.mean(left))


def _residual(face: FaceGeometry, place: Vector) -> float:
    back = _from_square(face)
    return float((_apply(back, place) - face.points[2]) @ face.along / face.height)


def _to_square(face: FaceGeometry) -> NDArray[np.float64]:
    return np.asarray(cv2.getPerspectiveTransform(_quad(face), UNIT_SQUARE), np.float64)


def _from_square(face: FaceGeometry) -> NDArray[np.float64]:
    return np.asarray(cv2.getPerspectiveTransform(UNIT_SQUARE, _quad(face)), np.float64)


def _quad(face: FaceGeometry) -> Floats:
    return face.points[list(QUAD)].astype(np.float32)


def _apply(homography: NDArray[np.float64], point: Vector) -> Vector:
    """Image of a point; NaN where it lies at infinity or the homography is degenerate."""
    x, y, w = homography @ np.array([point[0], point[1], 1.0])
    return np.array([x / w, y / w]) if w else np.array([nan, nan])
