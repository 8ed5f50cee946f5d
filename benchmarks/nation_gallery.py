"""A nation of synthetic people, indexed, with the exact answers beside it."""

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.match_figures import Floats
from benchmarks.synthetic_gallery import CHUNK, SyntheticFaces
from biometrics.nation_index import NationIndex
from biometrics.nation_rows import Ids

MODEL = "sface-2021dec"
NUMPY_ROWS = 1_000_000


@dataclass
class Nation:
    """An index of `size` synthetic people, with what the exact float32 scan answers beside it."""

    size: int
    probes: Floats
    index: NationIndex
    sample: Floats
    build_s: float = 0.0
    best: Any = field(default=None)


def make_nation(size: int) -> Nation:
    """Draw, load and scan exactly chunk by chunk, so that no more than a million stay."""
    faces = SyntheticFaces(3)
    probes, _ = faces.probes(10_000 if size <= NUMPY_ROWS else 1_000, size)
    index = NationIndex(MODEL, capacity=size + 10_000)
    nation = Nation(size, probes, index, np.zeros((min(size, NUMPY_ROWS), 128), np.float32))
    score, nation.best = np.full(len(probes), -2.0), np.zeros(len(probes), np.int64)
    for number, vectors in enumerate(faces.templates(size)):
        at = number * CHUNK
        start = time.perf_counter()
        index.load(vectors, ids_of(at, len(vectors)))
        nation.build_s += time.perf_counter() - start
        nation.sample[at : at + CHUNK] = vectors[: max(0, len(nation.sample) - at)]
        for low in range(0, len(probes), 1_000):
            part = slice(low, low + 1_000)
            cosines = probes[part] @ vectors.T
            row, here = cosines.argmax(axis=1), cosines.max(axis=1)
            better = here > score[part]
            score[part] = np.where(better, here, score[part])
            nation.best[part] = np.where(better, at + row, nation.best[part])
    return nation


def ids_of(start: int, count: int) -> Ids:
    """Template, person and family numbered alike."""
    numbers = np.arange(start, start + count, dtype=np.uint64)
    return np.stack([numbers, numbers] * 3)


def slot_named(name: str) -> int:
    """Inverse of `ids_of`."""
    return int(name.replace("-", "")[16:], 16)
