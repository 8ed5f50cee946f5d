"""A portrait turned as if it had depth: an ellipsoid for the skull and a bump for the nose."""

import cv2
import numpy as np

from tests.biometrics import pictures

EYES_MM = 63
SKULL_MM = (78, 115, 95)  # half axes: wide, high, deep
NOSE_MM = 22
PIVOT_MM = 90
DISTANCE_MM = 600


def turned(picture, points, yaw_deg):
    """JPEG; `yaw_deg` positive: to the person's own right. `points` as in `Face.points`."""
    scale = EYES_MM / np.hypot(*(points[1] - points[0]))
    middle = (points[0] + points[1]) / 2
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    x, y = (x - middle[0]) * scale, (y - middle[1]) * scale
    z = _depth(x, y, *((points[2] - middle) * scale)) + PIVOT_MM
    angle = np.radians(-yaw_deg)
    moved, depth = x * np.cos(angle) + z * np.sin(angle), z * np.cos(angle) - x * np.sin(angle)
    nearness = DISTANCE_MM / (DISTANCE_MM - depth + PIVOT_MM)
    column = np.rint(middle[0] + moved * nearness / scale).astype(int)
    row = np.rint(middle[1] + y * nearness / scale).astype(int)
    return pictures.encode(_painted(picture, row, column, depth))


def _depth(x, y, nose_x, nose_y):
    wide, high, deep = SKULL_MM
    inside = 1 - (x / wide) ** 2 - ((y - 30) / high) ** 2
    eyes = deep * np.sqrt(1 - (EYES_MM / 2 / wide) ** 2 - (30 / high) ** 2)
    bridge = np.clip((y + 5) / (nose_y + 5), 0, 1) ** 1.3
    below = np.exp(-(((y - nose_y) / 7) ** 2))
    nose = NOSE_MM * np.exp(-(((x - nose_x) / 9) ** 2)) * np.where(y < nose_y, bridge, below)
    return deep * np.sqrt(inside.clip(0)) - eyes + nose


def _painted(picture, row, column, depth):
    """Far points first, so that near ones cover them; holes are filled from their edges."""
    height, width = picture.shape[:2]
    order = np.argsort(depth, axis=None)
    row, column = row.ravel()[order], column.ravel()[order]
    seen = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    canvas, holes = np.zeros_like(picture), np.ones((height, width), np.uint8)
    canvas[row[seen], column[seen]] = picture.reshape(-1, 3)[order][seen]
    holes[row[seen], column[seen]] = 0
    return cv2.inpaint(canvas, holes, 3, cv2.INPAINT_TELEA)
