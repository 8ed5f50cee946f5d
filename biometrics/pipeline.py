"""The whole way of one picture inside one process: decode, find, judge, embed."""

from pathlib import Path
from typing import Final

import cv2

from biometrics.decode import decode
from biometrics.encoder import PRECISION_DEFAULT, Encoder, SFaceEncoder
from biometrics.finder import FaceFinder, open_finder
from biometrics.quality import Pose
from biometrics.refusal import FaceRefusal
from biometrics.reply import Embedded, five_points

ENGINES: Final = ("sface", "dlib")


class Pipeline:
    """Bytes in, `Embedded` or a refusal out; not thread-safe, one per process."""

    def __init__(self, finder: FaceFinder, encoder: Encoder) -> None:
        self._finder = finder
        self._encoder = encoder

    def run(self, data: bytes, pose: Pose = Pose.FRONTAL) -> Embedded | FaceRefusal:
        """One still picture (JPEG, PNG, WebP)."""
        picture = decode(data)
        if isinstance(picture, FaceRefusal):
            return picture
        found = self._finder.find(picture, pose)
        if isinstance(found, FaceRefusal):
            return found
        template = self._encoder.embed_found(picture, found)
        return Embedded(template, found.measures, five_points(found.face.points))


def open_pipeline(
    engine: str = "sface", folder: Path | None = None, precision: str = PRECISION_DEFAULT
) -> Pipeline:
    """`engine` is one of `ENGINES`; `folder` as in `models.model_path`.

    Raises `ModelsMissing`, and ValueError for another engine. Sets OpenCV to one thread.
    """
    cv2.setNumThreads(1)
    finder = open_finder(folder)
    return Pipeline(finder, _open_encoder(engine, finder, folder, precision))


def _open_encoder(engine: str, finder: FaceFinder, folder: Path | None, precision: str) -> Encoder:
    if engine == "sface":
        return SFaceEncoder(finder, folder, precision)
    if engine == "dlib":
        from biometrics.dlib_encoder import DlibEncoder  # noqa: PLC0415 - see its traps

        return DlibEncoder(finder)
    raise ValueError(f"no face engine called {engine!r}; there are {', '.join(ENGINES)}")
