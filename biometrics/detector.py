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
    """YuNet for square canvases of one side; rows of box(4), points(10), score(1)."""

    side_px: int

    def rows(self, canvas: Pixels) -> Floats:
        """Rows (n x 15) above `SCORE_MIN` after non-maximum suppression, in canvas pixels."""
        ...


class OpenVinoYuNet:
    """YuNet compiled for one canvas size: 0.9 ms at 320 pixels on one thread."""

    def __init__(self, model: Path, side_px: int) -> None:
        """Raise ImportError where OpenVINO has no wheel."""
        from biometrics.inference import compile_model  # noqa: PLC0415 - optional at run time

        self.side_px = side_px
        self._run = compile_model(model, (1, 3, side_px, side_px))

    def rows(self, canvas: Pixels) -> Floats:
        """Decode the twelve outputs as OpenCV's face_detect.cpp does."""
        blob = cv2.dnn.blobFromImage(canvas, swapRB=True)  # YuNet reads BGR, 0-255
        out = self._run(blob)
        found = np.concatenate([_stride_rows(out, stride, self.side_px) for stride in STRIDES])
        return _suppress(found)


class OpenCvYuNet:
    """The same network through OpenCV: the fallback, about ten times slower."""

    def __init__(self, model: Path, side_px: int) -> None:
        self.side_px = side_px
        self._detector = cv2.FaceDetectorYN.create(
            str(model), "", (side_px, side_px), SCORE_MIN, NMS_OVERLAP_MAX, FACES_MAX
        )

    def rows(self, canvas: Pixels) -> Floats:
        """See `Network.rows`."""
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
        canvas = np.zeros((side, side, 3), np.uint8)
        canvas[: small.shape[0], : small.shape[1]] = small
        ratio = (width / small.shape[1], height / small.shape[0])
        return [_face(row, ratio) for row in self._network.rows(canvas)]


def _face(row: Floats, ratio: tuple[float, float]) -> Face:
    x, y, wide, high = (float(v) for v in row[:4])
    points = row[4:14].reshape(5, 2) * np.asarray(ratio, np.float32)
    box = (x * ratio[0], y * ratio[1], wide * ratio[0], high * ratio[1])
    return Face(box, points, float(row[14]))


def _stride_rows(out: dict[str, Floats], stride: int, side_px: int) -> Floats:
    """Anchors of one stride above `SCORE_MIN` as n x 15 rows in canvas pixels."""
    score = np.sqrt(
        out[f"cls_{stride}"][0, :, 0].clip(0, 1) * out[f"obj_{stride}"][0, :, 0].clip(0, 1)
    )
    sure = np.flatnonzero(score >= SCORE_MIN)
    row, column = np.divmod(sure, side_px // stride)
    anchor = np.stack([column, row], axis=1).astype(np.float32)
    box, points = out[f"bbox_{stride}"][0, sure], out[f"kps_{stride}"][0, sure]
    size = np.exp(box[:, 2:4]) * stride
    corner = (anchor + box[:, 0:2]) * stride - size / 2
    points = (points + np.tile(anchor, 5)) * stride
    rows: Floats = np.concatenate([corner, size, points, score[sure, None]], axis=1)
    return rows


def _suppress(rows: Floats) -> Floats:
    """Keep the best of overlapping boxes, best first, at most `FACES_MAX`."""
    kept = cv2.dnn.NMSBoxes(
        rows[:, :4].tolist(), rows[:, 14].tolist(), SCORE_MIN, NMS_OVERLAP_MAX, top_k=5000
    )
    return rows[np.asarray(kept, np.intp).reshape(-1)[:FACES_MAX]]
