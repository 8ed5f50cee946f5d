"""The second engine, for comparison and old galleries: dlib through `face_recognition`."""

import contextlib
import io
import warnings
from typing import Any, Final

import numpy as np
from PIL import ImageFile

from biometrics.decode import Pixels
from biometrics.finder import FaceFinder, FoundFace, open_finder
from biometrics.models import ModelsMissing
from biometrics.refusal import FaceRefusal
from biometrics.template import Template

DLIB_ID: Final = "dlib-resnet-v1"
DLIB_DIMENSION: Final = 128


class DlibEncoder:
    """`face_recognition.face_encodings` behind the `Encoder` Protocol; own thresholds (cosine).

    Make one only inside a worker process: importing `face_recognition` switches Pillow to
    accept truncated pictures and, with a wrong setuptools, ends the process.
    """

    model_id = DLIB_ID
    dimension = DLIB_DIMENSION

    def __init__(self, finder: FaceFinder | None = None) -> None:
        """Raise `ModelsMissing` when the extra `faces` is not installed or cannot be loaded."""
        self._finder = finder or open_finder()
        self._library = _import_face_recognition()

    def embed(self, image: Pixels) -> Template | FaceRefusal:
        """See `Encoder.embed`; the face is found and judged by YuNet, as for SFace."""
        found = self._finder.find(image)
        return found if isinstance(found, FaceRefusal) else self.embed_found(image, found)

    def embed_found(self, image: Pixels, found: FoundFace) -> Template:
        """See `Encoder.embed_found`; dlib lays its own five points into the found box."""
        raw = self._library.face_encodings(
            np.ascontiguousarray(image), [_square(found)], num_jitters=1, model="small"
        )[0]
        return Template.of(np.asarray(raw, np.float32), self.model_id, found.quality)


def _square(found: FoundFace) -> tuple[int, int, int, int]:
    """Top, right, bottom, left: dlib's detector draws squares from brow to chin."""
    left, top, width, height = found.face.box
    half = width * HALF_SIDE_WIDTHS
    x, y = left + width / 2, top + height * MIDDLE_HEIGHT
    return round(y - half), round(x + half), round(y + half), round(x - half)


# Where dlib's own boxes lie in YuNet's, median of 38 LFW faces; the embedding is then 0.04 away
# (dlib's distance) from the one face_recognition makes alone, a tenth of the tolerance.
HALF_SIDE_WIDTHS: Final = 0.54
MIDDLE_HEIGHT: Final = 0.54


def _import_face_recognition() -> Any:
    """Import with its traps closed: quit() instead of an error, truncated pictures, prints."""
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # pkg_resources announces its end on every import
            import face_recognition  # noqa: PLC0415 - only here, only in the worker
    except (ImportError, SystemExit) as fault:
        raise ModelsMissing(
            "face_recognition (dlib) cannot be loaded; it is the second, comparison engine. "
            "Cure: install the extra `faces` with uv (it keeps setuptools below 81), "
            "or choose the engine sface.",
        ) from fault
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    return face_recognition
