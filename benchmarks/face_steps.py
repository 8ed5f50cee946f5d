"""The steps of the face chain, opened once, each callable alone."""

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from biometrics.align import SIDE_PX, align
from biometrics.decode import Pixels, decode
from biometrics.detector import Detector, open_network
from biometrics.encoder import SFaceEncoder
from biometrics.finder import DETECT_SIDE_PX, FoundFace, open_finder
from biometrics.inference import compile_model
from biometrics.models import SFACE, YUNET, ModelFile, model_path


class Steps:
    """`jpeg` and the same picture decoded (height x width x 3)."""

    NAMES: ClassVar = (
        "decode JPEG", "detect", "find", "align", "embed f32", "embed bf16", "chain f32",
        "chain bf16", "chain from JPEG f32", "chain from JPEG bf16", "inference YuNet",
        "inference f32", "inference bf16",
    )  # fmt: skip

    def __init__(self, jpeg: bytes, picture: Pixels) -> None:
        finder = open_finder()
        found = finder.find(picture)
        assert isinstance(found, FoundFace)
        detector = Detector(open_network(DETECT_SIDE_PX))
        self._acts: dict[str, Callable[[], object]] = {
            "decode JPEG": lambda: decode(jpeg),
            "detect": lambda: detector.detect(picture),
            "find": lambda: finder.find(picture),
            "align": lambda: align(picture, found.face.points),
            "inference YuNet": _bare(YUNET, (DETECT_SIDE_PX * 4 // 5, DETECT_SIDE_PX), "f32"),
        }
        for precision in ("f32", "bf16"):
            self._of(precision, SFaceEncoder(finder, precision=precision), jpeg, picture, found)

    def step(self, name: str) -> Callable[[], object]:
        """One of `NAMES`."""
        return self._acts[name]

    def _of(
        self, precision: str, encoder: SFaceEncoder, jpeg: bytes, picture: Pixels, found: FoundFace
    ) -> None:
        self._acts[f"embed {precision}"] = lambda: encoder.embed_found(picture, found)
        self._acts[f"chain {precision}"] = lambda: encoder.embed(picture)
        self._acts[f"chain from JPEG {precision}"] = lambda: encoder.embed(_decoded(jpeg))
        self._acts[f"inference {precision}"] = _bare(SFACE, (SIDE_PX, SIDE_PX), precision)


def _decoded(jpeg: bytes) -> Pixels:
    picture = decode(jpeg)
    assert isinstance(picture, np.ndarray)
    return picture


def _bare(model: ModelFile, shape: tuple[int, int], precision: str) -> Callable[[], object]:
    """OpenVINO on a picture of noise."""
    run = compile_model(model_path(model), *shape, precision=precision)
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    return lambda: run(noise)
