"""A face becomes a template: SFace on OpenVINO, on OpenCV where OpenVINO cannot be loaded."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import cv2
import numpy as np

from biometrics.align import SIDE_PX
from biometrics.decode import Pixels
from biometrics.detector import Floats
from biometrics.finder import FaceFinder, FoundFace, open_finder
from biometrics.models import SFACE, model_path
from biometrics.refusal import FaceRefusal
from biometrics.template import Template

SFACE_ID: Final = "sface-2021dec"
SFACE_DIMENSION: Final = 128
PRECISION_DEFAULT: Final = "f32"  # equal to OpenCV; "bf16" is 2-3 times faster, cosine 0.9999

PRECISIONS: Final = ("f32", "bf16")

CropToVector: TypeAlias = Callable[[Pixels], Floats]


class Encoder(Protocol):
    """One face engine. Templates of different `model_id` are never compared."""

    @property
    def model_id(self) -> str:
        """Name of the model, bound into every template and threshold."""
        ...

    @property
    def dimension(self) -> int:
        """Length of the template's vector."""
        ...

    def embed(self, image: Pixels) -> Template | FaceRefusal:
        """Find the face of a decoded picture and turn it into a template."""
        ...

    def embed_found(self, image: Pixels, found: FoundFace) -> Template:
        """The second half alone, for a face that `FaceFinder.find` chose in `image`."""
        ...


class SFaceEncoder:
    """SFace, 128 numbers, cosine; measured: TAR 0.986 at FMR 1e-3 on LFW (1.7 k people).

    Templates of both precisions carry one model id and are compared with each other: the weights
    are the same, and bf16 only rounds on the way. On 600 LFW faces the cosine of one crop's two
    templates was 0.9999 (lowest 0.9989) and the score of a pair moved by 0.0016 (standard
    deviation; 0.019 at most), a twentieth of the spread between two pictures of one person. So a
    gallery enrolled in f32 may be searched in bf16, with the same thresholds.
    """

    model_id = SFACE_ID
    dimension = SFACE_DIMENSION

    def __init__(
        self,
        finder: FaceFinder | None = None,
        folder: Path | None = None,
        precision: str = PRECISION_DEFAULT,
    ) -> None:
        """`precision` is OpenVINO's, "f32" or "bf16". Raises `ModelsMissing`."""
        self._finder = finder or open_finder(folder)
        self._vector = open_sface(model_path(SFACE, folder), precision)

    def embed(self, image: Pixels) -> Template | FaceRefusal:
        """See `Encoder.embed`."""
        found = self._finder.find(image)
        return found if isinstance(found, FaceRefusal) else self.embed_found(image, found)

    def embed_found(self, image: Pixels, found: FoundFace) -> Template:  # noqa: ARG002 - Protocol
        """See `Encoder.embed_found`; the finder laid the crop out already."""
        return Template.of(self._vector(found.crop), self.model_id, found.quality)


def open_sface(model: Path, precision: str = PRECISION_DEFAULT) -> CropToVector:
    """SFace on the best engine this machine has: 112 x 112 RGB crop -> 128 raw numbers."""
    try:
        return openvino_sface(model, precision)
    except ImportError:
        return opencv_sface(model)


def openvino_sface(model: Path, precision: str = PRECISION_DEFAULT) -> CropToVector:
    """SFace on OpenVINO, one thread. Raises ImportError where it has no wheel."""
    from biometrics.inference import compile_model  # noqa: PLC0415 - optional at run time

    run = compile_model(model, SIDE_PX, SIDE_PX, precision=precision)  # SFace reads RGB, 0-255
    return lambda crop: np.array(run(crop)["fc1"][0], np.float32)


def opencv_sface(model: Path) -> CropToVector:
    """The same network through OpenCV: the fallback, about twice as slow."""
    network = cv2.FaceRecognizerSF.create(str(model), "")

    def vector(crop: Pixels) -> Floats:
        bgr = np.ascontiguousarray(crop[..., ::-1])
        return np.array(network.feature(bgr), np.float32).reshape(-1)

    return vector
