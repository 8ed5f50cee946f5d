"""Measure one face: place, pose, light, sharpness and what hides it, from picture and crop."""

from math import atan2, degrees, hypot
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.align import SIDE_PX, similarity
from biometrics.decode import Pixels
from biometrics.detector import Face
from biometrics.occlusion import eye_occlusion, mouth_nose_occlusion
from biometrics.quality import Measures, Vector


def measure(picture: Pixels, face: Face, crop: Pixels) -> Measures:
    """All measures of one face of a full-resolution picture; `crop` as `align` laid it out."""
    right, left, nose, mouth = _landmarks(face)
    across, eyes = left - right, (right + left) / 2
    distance = max(hypot(*across), 1e-6)
    along = across / distance
    down = np.array([-along[1], along[0]])
    depth = float((mouth - eyes) @ down)
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8)
    dark, middle, bright = _luminance(grey[SKIN])
    return Measures(
        inside_share=_inside_share(picture, face),
        inter_eye_distance_px=float(distance),
        roll_deg=degrees(atan2(across[1], across[0])),
        yaw_ratio=float((eyes - nose) @ along / distance),
        pitch_ratio=float((nose - eyes) @ down / (depth or 1e-6)),
        luminance_mean=middle,
        dynamic_range=bright - dark,
        sharpness=_edge_energy(grey) * 100 / max(bright - dark, 1.0),
        detector_score=face.score,
        mouth_nose_occlusion=mouth_nose_occlusion(crop),
        eye_occlusion=eye_occlusion(crop),
    )


def _landmarks(face: Face) -> tuple[Vector, Vector, Vector, Vector]:
    """Right eye, left eye, nose, middle of the mouth as float64 vectors."""
    points = face.points.astype(np.float64)
    return points[0], points[1], points[2], (points[3] + points[4]) / 2


def _inside_share(picture: Pixels, face: Face) -> float:
    """YuNet guesses an eye that the edge of the picture has cut off; its place tells."""
    matrix = similarity(face.points)
    height, width = picture.shape[:2]
    x, y = np.linalg.solve(matrix[:, :2], SPOTS - matrix[:, 2:])
    return float(((x >= 0) & (x < width) & (y >= 0) & (y < height)).mean())


def _luminance(skin: Pixels) -> tuple[float, float, float]:
    """The level below which a twentieth lies, the mean, the level above which a twentieth lies."""
    counts = np.bincount(skin, minlength=256)
    below = np.cumsum(counts) / skin.size
    dark, bright = np.searchsorted(below, [0.05, 0.95])
    return float(dark), float(counts @ LEVELS) / skin.size, float(bright)


def _edge_energy(grey: Pixels) -> float:
    """Spread of second derivatives on the skin, of the direction that has less of them."""
    calm = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), EDGE_SIGMA_PX)
    spread = [
        float(cv2.Sobel(calm, cv2.CV_32F, dx, dy, ksize=3)[SKIN].std())
        for dx, dy in ((2, 0), (0, 2))
    ]
    return min(spread) / 4  # the kernel's own weights sum to four


def _oval(side_px: int) -> NDArray[np.bool_]:
    """Mask of the skin in an aligned crop."""
    axis = (np.arange(side_px) + 0.5) / side_px - 0.5
    wide, high = OVAL_RADIUS
    inside: NDArray[np.bool_] = (axis[None] / wide) ** 2 + (axis[:, None] / high) ** 2 <= 1.0
    return inside


EDGE_SIGMA_PX: Final = 1.5  # grain and JPEG blocks are finer than this, features of a face are not
OVAL_RADIUS: Final = (0.40, 0.48)  # share of the crop that is skin, without hair, scarf, wall
SKIN: Final = _oval(SIDE_PX)
SPOTS: Final = np.argwhere(SKIN)[::23, ::-1].T.astype(np.float64)  # x, y of some 250 of its points
LEVELS: Final = np.arange(256)
