"""Groups that nobody photographed: the pictures of a folder again, with drawn wear on the face."""

import io
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from biometrics.decode import decode
from biometrics.detector import Floats
from biometrics.labelled import LabelledTemplates
from biometrics.pool import FacePool
from biometrics.refusal import FaceRefusal
from biometrics.reply import Embedded, FivePoints
from biometrics.synthetic_wear import Wear, draw

DRAWN: Final = (Wear.HIJAB, Wear.PECI, Wear.GLASSES, Wear.MASK)
AS_TAKEN: Final = "as taken"


def name_of(wear: Wear) -> str:
    """The group's name in every table and file: nobody shall take it for real people."""
    return f"synthetic {wear}"


def worn_groups(
    files: list[Path], answers: list[Embedded | None], pool: FacePool, probe: int
) -> dict[str, LabelledTemplates]:
    """One material a wear: each person's last `probe` pictures worn, her others as taken.

    No picture is on both sides, so none is compared with itself. `files` are sorted by person;
    `answers` are the templates of the pictures as taken. A wear nobody could be given is left out.
    """
    rows = list(zip(files, answers, strict=True))
    groups: dict[str, LabelledTemplates] = {}
    for wear in DRAWN:
        material = _Material()
        for person, own in groupby(rows, key=lambda row: row[0].parent.name):
            pictures = list(own)
            asking = pictures[-min(probe, len(pictures) - 1) :] if len(pictures) > 1 else []
            for _, answer in pictures[: len(pictures) - len(asking)]:
                material.add(person, AS_TAKEN, answer)
            for file, answer in asking:
                if answer is not None and answer.points:
                    worn = _worn(file, answer.points, wear, len(material.person))
                    (seen,) = pool.embed_many([worn])
                    material.add(person, name_of(wear), seen)
        if name_of(wear) in material.group:
            groups[name_of(wear)] = material.labelled()
    return groups


class _Material:
    """Rows of one wear's material while it grows."""

    def __init__(self) -> None:
        self.vectors: list[Floats | None] = []
        self.person: list[str] = []
        self.group: list[str] = []
        self.failures: Counter[str] = Counter()

    def add(self, person: str, group: str, answer: Embedded | FaceRefusal | None) -> None:
        if answer is None:  # as taken and without a face: told in the main figures
            return
        self.person.append(person)
        self.group.append(group)
        if isinstance(answer, FaceRefusal):
            self.vectors.append(None)
            self.failures[str(answer.reason)] += 1
        else:
            self.vectors.append(answer.template.vector)

    def labelled(self) -> LabelledTemplates:
        nothing = np.zeros_like(next(vector for vector in self.vectors if vector is not None))
        rows = np.stack([nothing if vector is None else vector for vector in self.vectors])
        return LabelledTemplates.of(rows, self.person, self.group, self.failures)


def _worn(file: Path, points: FivePoints, wear: Wear, seed: int) -> bytes:
    """PNG of the picture, which a worker has opened before, with the wear on its face."""
    picture = decode(file.read_bytes())
    if isinstance(picture, FaceRefusal):  # changed on disk since
        return b""
    drawn = draw(picture, np.array(points, np.float32), wear, np.random.default_rng(seed))
    packed = io.BytesIO()
    Image.fromarray(drawn).save(packed, "PNG", compress_level=1)
    return packed.getvalue()
