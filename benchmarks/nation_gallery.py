"""A nation of synthetic people, indexed, with the exact answers beside it."""

import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from benchmarks.match_figures import Floats
from benchmarks.synthetic_gallery import CHUNK, SyntheticFaces
from biometrics.face_index import FaceIndex
from biometrics.scopes import Places
from biometrics.where import Owners

MODEL = "sface-2021dec"
NUMPY_ROWS = 1_000_000
SHOPS, VILLAGES, DAYS = 100_000, 83_762, 21_900
BORN = date(1946, 1, 1)


@dataclass
class Nation:
    """An index of `size` synthetic people, with what the exact float32 scan answers beside it."""

    size: int
    probes: Floats
    index: FaceIndex
    sample: Floats
    build_s: float = 0.0
    best: Any = field(default=None)


def places_of(number: int) -> Places:
    """Person `number`: a shop, village and birth date of some 190, 220 and 860 of 18.8 million."""
    village = number % VILLAGES
    region = (
        f"{11 + village % 80}.{village // 80 % 40:02}.{village // 3200:02}.{2001 + village % 12}"
    )
    return Places(f"shop-{number % SHOPS}", region, BORN + timedelta(days=number * 7919 % DAYS))


def owners_of(numbers: range) -> Owners:
    """Two persons a family."""
    places = [places_of(number) for number in numbers]
    return Owners(
        [f"person-{number}" for number in numbers],
        [f"family-{number // 2}" for number in numbers],
        [each.shop_id for each in places],
        [each.region for each in places],
        [each.birth_date for each in places],
    )


def make_nation(size: int, probes: int) -> Nation:
    """Draw, load and scan chunk by chunk, so that no more than a million vectors stay."""
    faces = SyntheticFaces(3)
    seen, _ = faces.probes(probes, size)
    index = FaceIndex(MODEL, capacity=size + 10_000)
    nation = Nation(size, seen, index, np.zeros((min(size, NUMPY_ROWS), 128), np.float32))
    score, nation.best = np.full(len(seen), -2.0), np.zeros(len(seen), np.int64)
    for number, vectors in enumerate(faces.templates(size)):
        at = number * CHUNK
        owners = owners_of(range(at, at + len(vectors)))
        start = time.perf_counter()
        index.load(vectors, range(at + 1, at + 1 + len(vectors)), owners)
        nation.build_s += time.perf_counter() - start
        nation.sample[at : at + CHUNK] = vectors[: max(0, len(nation.sample) - at)]
        improve(nation, score, vectors, at)
    start = time.perf_counter()
    index.load_done(size)
    nation.build_s += time.perf_counter() - start
    return nation


def improve(nation: Nation, score: Floats, vectors: Floats, at: int) -> None:
    """Bring the exact answers up to these people, by a float32 scan of all of them."""
    columns = np.ascontiguousarray(vectors.T)
    for low in range(0, len(nation.probes), 500):
        part = slice(low, low + 500)
        scores = nation.probes[part] @ columns
        row = scores.argmax(axis=1)
        here = scores[np.arange(len(row)), row]
        better = here > score[part]
        score[part] = np.where(better, here, score[part])
        nation.best[part] = np.where(better, at + 1 + row, nation.best[part])
