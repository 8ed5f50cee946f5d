"""Where the faces are: YuNet on OpenVINO, on OpenCV where OpenVINO cannot be loaded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.decode import Pixels
from biometrics.models import YUNET, model_path

Floats: TypeAlias = NDArray[np.float32]

SCORE_MIN: Final = 0.6  # the value all accuracy figures were measured with
NMS_OVERLAP_MAX: Final = 0.3  # OpenCV's own default for YuNet
FACES_MAX: Final = 50
STRIDES: Final = (8, 16, 32)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One detected face in pixels of the picture it was found in.

    `box` is left, top, width, height. `points` is 5 x 2: the person's right eye, left eye, nose,
    right and left corner of the mouth. `score` is YuNet's, 0-1.
    """

    box: tuple[float, float, float, float]
    points: Floats
    score: float


class Network(Protocol):
    """YuNet; rows of box(4), points(10), score(1)."""

    side_px: int

    def rows(self, canvas: Pixels) -> Floats:
        """Rows (n x 15) above `SCORE_MIN` after non-maximum suppression, in canvas pixels.

        A canvas is `side_px` on its longer side, on the other a multiple of the largest stride.
        """
        ...


class OpenVinoYuNet:
    """YuNet compiled for the shapes of canvas it meets, at most three of a `Detector`."""

    def __init__(self, model: Path, side_px: int) -> None:
        """Raise ImportError where OpenVINO has no wheel."""
        self.side_px = side_px
        self._model = model
        self._compiled: dict[tuple[int, int], _Compiled] = {}
        self._at(side_px, side_px)

    def rows(self, canvas: Pixels) -> Floats:
        """Decode the twelve outputs as OpenCV's face_detect.cpp does."""
        return self._at(*canvas.shape[:2]).rows(canvas)

    def _at(self, height_px: int, width_px: int) -> "_Compiled":
        shape = (height_px, width_px)
        if shape not in self._compiled:  # a third of a second, once a shape
            self._compiled[shape] = _Compiled(self._model, *shape)
        return self._compiled[shape]


class _Compiled:
    """YuNet for one shape of canvas, and its anchors: places of a grid, one grid a stride."""

    def __init__(self, model: Path, height_px: int, width_px: int) -> None:
        from biometrics.inference import compile_model  # noqa: PLC0415 - optional at run time

        self._run = compile_model(model, height_px, width_px, channels="BGR")
        grids = [np.indices((height_px // s, width_px // s)).reshape(2, -1).T for s in STRIDES]
        self._anchors = np.concatenate(grids)[:, ::-1].astype(np.float32)  # column, row
        sizes = [np.full((len(grid), 1), s) for grid, s in zip(grids, STRIDES, strict=True)]
        self._strides = np.concatenate(sizes).astype(np.float32)

    def rows(self, canvas: Pixels) -> Floats:
        out = self._run(canvas)
        likely, there, box, points = (
            np.concatenate([out[f"{name}_{stride}"][0] for stride in STRIDES])
            for name in ("cls", "obj", "bbox", "kps")
        )
        score = np.sqrt(likely.clip(0, 1) * there.clip(0, 1))
        sure = np.flatnonzero(score >= SCORE_MIN)
        anchor, stride = self._anchors[sure], self._strides[sure]
        size = np.exp(box[sure, 2:4]) * stride
        corner = (anchor + box[sure, 0:2]) * stride - size / 2
        spots = (points[sure] + np.tile(anchor, 5)) * stride
        return _suppress(np.concatenate([corner, size, spots, score[sure]], axis=1))


class OpenCvYuNet:
    """The same network through OpenCV: the fallback, several times slower."""

    def __init__(self, model: Path, side_px: int) -> None:
        self.side_px = side_px
        self._detector = cv2.FaceDetectorYN.create(
            str(model), "", (side_px, side_px), SCORE_MIN, NMS_OVERLAP_MAX, FACES_MAX
        )

    def rows(self, canvas: Pixels) -> Floats:
        """See `Network.rows`."""
        height, width = canvas.shape[:2]
        self._detector.setInputSize((width, height))
        # The stub says an array; without a face OpenCV answers None.
        found: Any = self._detector.detect(np.ascontiguousarray(canvas[..., ::-1]))[1]
        return np.zeros((0, 15), np.float32) if found is None else np.asarray(found, np.float32)


def open_network(side_px: int, folder: Path | None = None) -> Network:
    """YuNet on the best engine this machine has. Raises `ModelsMissing`."""
    model = model_path(YUNET, folder)
    try:
        return OpenVinoYuNet(model, side_px)
    except ImportError:
        return OpenCvYuNet(model, side_px)


class Detector:
    """Finds faces on a reduced copy; coordinates come back in pixels of the full picture."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def detect(self, picture: Pixels) -> list[Face]:
        """Faces of a picture of any size, best score first."""
        side = self._network.side_px
        height, width = picture.shape[:2]
        scale = side / max(height, width)
        small = cv2.resize(
            picture,
            (max(1, round(width * scale)), max(1, round(height * scale))),
            interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR,
        )
        shape = _canvas_shape(small.shape[0], small.shape[1], side)
        canvas = np.zeros((*shape, 3), np.uint8)
        canvas[: small.shape[0], : small.shape[1]] = small
        ratio = (width / small.shape[1], height / small.shape[0])
        return [_face(row, ratio) for row in self._network.rows(canvas)]


def _face(row: Floats, ratio: tuple[float, float]) -> Face:
    x, y, wide, high = (float(v) for v in row[:4])
    points = row[4:14].reshape(5, 2) * np.asarray(ratio, np.float32)
    box = (x * ratio[0], y * ratio[1], wide * ratio[0], high * ratio[1])
    return Face(box, points, float(row[14]))


def _canvas_shape(height_px: int, width_px: int, side_px: int) -> tuple[int, int]:
    """Square, or a fifth lower or narrower where the picture (4:3, 16:9) leaves that empty."""
    less = side_px * 4 // 5 // STRIDES[-1] * STRIDES[-1]
    return (less if height_px <= less else side_px), (less if width_px <= less else side_px)


def _suppress(rows: Floats) -> Floats:
    """Keep the best of overlapping boxes, best first, at most `FACES_MAX`."""
    if len(rows) <= 1:
        return rows
    kept = cv2.dnn.NMSBoxes(
        rows[:, :4].tolist(), rows[:, 14].tolist(), SCORE_MIN, NMS_OVERLAP_MAX, top_k=5000
    )
    return rows[np.asarray(kept, np.intp).reshape(-1)[:FACES_MAX]]
