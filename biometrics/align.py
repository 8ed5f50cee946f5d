"""Lay a face onto SFace's 112 x 112 pattern: five points, one similarity, all its pixels."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.decode import Pixels
from biometrics.detector import Floats

SIDE_PX: Final = 112
# Where the five points lie in the crops SFace was trained on (OpenCV's face_recognize.cpp).
PATTERN: Final[Floats] = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366],
     [41.5493, 92.3655], [70.7299, 92.2041]],
    np.float32,
)  # fmt: skip


def align(picture: Pixels, points: Floats) -> Pixels:
    """112 x 112 RGB crop; equals OpenCV's FaceRecognizerSF.alignCrop on the same points."""
    matrix = similarity(points)
    return np.asarray(
        cv2.warpAffine(picture, matrix, (SIDE_PX, SIDE_PX), flags=cv2.INTER_LINEAR), np.uint8
    )


def similarity(points: Floats) -> NDArray[np.float64]:
    """2 x 3 matrix of the least-squares similarity (rotation, one scale, shift) onto `PATTERN`.

    Umeyama, IEEE PAMI 13(4), 1991; a reflection is ruled out.
    """
    source, target = points.astype(np.float64), PATTERN.astype(np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    source_off, target_off = source - source_mean, target - target_mean
    left, spread, right = np.linalg.svd(target_off.T @ source_off / len(source))
    sign = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    rotation = (left * sign) @ right
    scale = (spread * sign).sum() / source_off.var(axis=0).sum()
    return np.column_stack([scale * rotation, target_mean - scale * rotation @ source_mean])
