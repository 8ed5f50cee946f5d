"""Faces of known persons from a file of numbers or a folder of pictures."""

from collections import Counter
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from rich.progress import Progress

from biometrics.child import WorkerConfig
from biometrics.detector import Floats
from biometrics.labelled import DataFault, LabelledTemplates
from biometrics.pool import FacePool
from biometrics.reply import Embedded
from pos_engine.cli.out import WRONG_USE, errors, fail

PICTURES: Final = {".jpg", ".jpeg", ".png", ".webp"}
ARRAYS_BYTES_MAX: Final = 4 * 1024**3  # a million templates are half a gigabyte


def read_material(path: Path, config: WorkerConfig) -> tuple[LabelledTemplates, str]:
    """The material and the SHA-256 of what was read; ends the command on a fault."""
    try:
        if path.is_dir():
            return _read_folder(path, config)
        return _read_arrays(path)
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


def _read_folder(path: Path, config: WorkerConfig) -> tuple[LabelledTemplates, str]:
    files = [
        picture
        for person in sorted(path.iterdir())
        if person.is_dir()
        for picture in sorted(person.iterdir())
        if picture.suffix.lower() in PICTURES
    ]
    if not files:
        raise DataFault("no pictures; make one folder a person with JPEG, PNG or WebP files in it")
    vectors, failures, digest = _embed(files, config)
    found = next((vector for vector in vectors if vector is not None), None)
    if found is None:
        raise DataFault(f"no face in any of {len(files)} pictures ({dict(failures)})")
    nothing = np.zeros_like(found)  # a picture without a face counts as a failure to acquire
    rows = np.stack([nothing if vector is None else vector for vector in vectors])
    persons = [picture.parent.name for picture in files]
    return LabelledTemplates.of(rows, persons, failures=failures), digest


def _embed(
    files: list[Path], config: WorkerConfig
) -> tuple[list[Floats | None], Counter[str], str]:
    """A vector or `None` a picture, failures by reason, and the SHA-256 over all pictures."""
    vectors: list[Floats | None] = []
    failures: Counter[str] = Counter()
    hashed = sha256()
    with FacePool(config) as pool, Progress(console=errors) as progress:
        pool.warm_up()
        for picture in progress.track(files, description="faces"):
            content = picture.read_bytes()
            hashed.update(sha256(content).digest())
            (answer,) = pool.embed_many([content])
            if isinstance(answer, Embedded):
                vectors.append(answer.template.vector)
            else:
                vectors.append(None)
                failures[str(answer.reason)] += 1
    return vectors, failures, hashed.hexdigest()
