"""Faces of known persons from a file of numbers or a folder of pictures."""

from collections import Counter
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from rich.progress import Progress

from biometrics.child import WorkerConfig
from biometrics.labelled import DataFault, LabelledTemplates
from biometrics.pool import FacePool
from biometrics.refusal import FaceRefusal
from biometrics.reply import Embedded
from pos_engine.cli.face_wear import worn_groups
from pos_engine.cli.out import WRONG_USE, errors, fail

PICTURES: Final = {".jpg", ".jpeg", ".png", ".webp"}
ARRAYS_BYTES_MAX: Final = 4 * 1024**3  # a million templates are half a gigabyte


@dataclass(frozen=True, slots=True, eq=False)
class FaceMaterial:
    """Faces of known persons and the SHA-256 of what was read; `worn` as `worn_groups` makes."""

    data: LabelledTemplates
    digest: str
    worn: dict[str, LabelledTemplates] = field(default_factory=dict)


def read_material(path: Path, config: WorkerConfig, wear_probe: int = 0) -> FaceMaterial:
    """Ends the command on a fault.

    Of a folder, wear is drawn on the last `wear_probe` pictures of each person (0: on none).
    """
    try:
        if path.is_dir():
            return _read_folder(path, config, wear_probe)
        return FaceMaterial(*_read_arrays(path))
    except DataFault as fault:
        fail(f"{path}: {fault}")
    except OSError as error:
        fail(f"{path}: {error.strerror or error}. Give an NPZ file or a folder.", WRONG_USE)


def _read_arrays(path: Path) -> tuple[LabelledTemplates, str]:
    if path.stat().st_size > ARRAYS_BYTES_MAX:
        raise DataFault(f"larger than {ARRAYS_BYTES_MAX >> 30} GiB; split the population")
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ("embedding", "person", "group") if name in file}
    except (BadZipFile, ValueError, EOFError, AttributeError, TypeError) as error:
        raise DataFault(
            f"no NPZ file ({str(error) or type(error).__name__}); write it with numpy.savez("
            "path, embedding=..., person=...), numbers and texts only"
        ) from None
    missing = {"embedding", "person"} - arrays.keys()
    if missing:
        raise DataFault(f"holds no {' and no '.join(sorted(missing))}; both are needed")
    data = LabelledTemplates.of(arrays["embedding"], arrays["person"], arrays.get("group"))
    with path.open("rb") as opened:
        return data, file_digest(opened, "sha256").hexdigest()


def _read_folder(path: Path, config: WorkerConfig, wear_probe: int) -> FaceMaterial:
    files = [
        picture
        for person in sorted(path.iterdir())
        if person.is_dir()
        for picture in sorted(person.iterdir())
        if picture.suffix.lower() in PICTURES
    ]
    if not files:
        raise DataFault("no pictures; make one folder a person with JPEG, PNG or WebP files in it")
    with FacePool(config) as pool:
        pool.warm_up()
        answers, failures, digest = _embed(files, pool)
        found = next((answer for answer in answers if answer is not None), None)
        if found is None:
            raise DataFault(f"no face in any of {len(files)} pictures ({dict(failures)})")
        # A picture without a face counts as a failure to acquire.
        nothing = np.zeros_like(found.template.vector)
        rows = np.stack([each.template.vector if each else nothing for each in answers])
        persons = [picture.parent.name for picture in files]
        data = LabelledTemplates.of(rows, persons, failures=failures)
        worn = worn_groups(files, answers, pool, wear_probe) if wear_probe else {}
    return FaceMaterial(data, digest, worn)


def _embed(files: list[Path], pool: FacePool) -> tuple[list[Embedded | None], Counter[str], str]:
    """An answer or `None` a picture, failures by reason, and the SHA-256 over all pictures."""
    answers: list[Embedded | None] = []
    failures: Counter[str] = Counter()
    hashed = sha256()
    with Progress(console=errors) as progress:
        for picture in progress.track(files, description="faces"):
            content = picture.read_bytes()
            hashed.update(sha256(content).digest())
            (answer,) = pool.embed_many([content])
            answers.append(answer if isinstance(answer, Embedded) else None)
            if isinstance(answer, FaceRefusal):
                failures[str(answer.reason)] += 1
    return answers, failures, hashed.hexdigest()
