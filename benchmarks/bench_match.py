"""Search of one region's block, 230 to 36 600 templates, beside NumPy and face_distance.

Run by `make bench-match` (one thread); the nation is in match_nation.py.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from benchmarks.match_figures import cpu_name, face_distance_search, numpy_search, times_us
from benchmarks.synthetic_gallery import SyntheticFaces
from biometrics.block import Block
from biometrics.face_index import FaceIndex
from biometrics.gallery import GalleryEntry, Scope
from biometrics.int8 import to_codes
from biometrics.scopes import Places, ScopeKind
from biometrics.stored_gallery import Stored, StoredGallery
from biometrics.template import Template
from biometrics.where import Owners

Benchmark = Callable[..., Any]
MODEL = "sface-2021dec"
SIZES = {
    "shop": 230, "five villages": 1_000, "birth date": 1_300, "kecamatan": 2_600,
    "kabupaten": 36_600,
}  # fmt: skip
PROBES = 500
SCOPE = Scope(ScopeKind.SHOP, "s")


@pytest.fixture(scope="module")
def faces() -> SyntheticFaces:
    print(f"\n{cpu_name()}, one thread, NumPy {np.__version__}")
    return SyntheticFaces(3, chunk=40_000)


def index_of(matrix: Any) -> FaceIndex:
    """All at one shop."""
    index = FaceIndex(MODEL, capacity=len(matrix) + 10_000)
    count = len(matrix)
    names = [f"p{i}" for i in range(count)]
    owners = Owners(names, names, ["s"] * count, [None] * count, [None] * count)
    index.load(matrix, range(1, len(matrix) + 1), owners)
    index.load_done(len(matrix))
    return index


def gallery_of(index: FaceIndex, matrix: Any) -> StoredGallery:
    """As in the match process, with the stored templates in memory instead of in a database."""

    def stored(numbers: Sequence[int]) -> list[Stored]:
        return [Stored(n, GalleryEntry(f"t{n}", f"p{n}", f"f{n}", matrix[n - 1])) for n in numbers]

    return StoredGallery(index, stored)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_search_of_a_block(benchmark: Benchmark, faces: SyntheticFaces, size: int) -> None:
    """The nearest template of a block; beside it what a decision asks for."""
    matrix = faces.people(0).templates[:size]
    probes, whom = faces.probes(PROBES, size)
    index = index_of(matrix)
    gallery, block = gallery_of(index, matrix), index.block(SCOPE)
    exact = numpy_search(matrix, probes)
    templates = [Template(probe, MODEL, 80) for probe in probes]
    found = [int(gallery.search(one, SCOPE, 1)[0].template_id[1:]) - 1 for one in templates]
    benchmark(block.nearest, to_codes(probes[:1]))
    _print_times(size, matrix, probes, block)
    gallery_us, _ = times_us(lambda: gallery.search(templates[0], SCOPE, 10), 500)
    print(
        f"  ten persons scored again from their stored templates: {gallery_us:.0f} us\n"
        f"  of {PROBES} probes: same as exact {np.mean(np.array(found) == exact):.4f},"
        f" the right person {np.mean(np.array(found) == whom):.4f}"
    )


def _print_times(size: int, matrix: Any, probes: Any, block: Block) -> None:
    rounds = 2000 if size < 10_000 else 300
    codes = to_codes(probes)
    doubles, turn = matrix.astype(float), iter(np.tile(np.arange(len(probes)), 10**4))
    rows = {
        "face_distance": lambda: face_distance_search(doubles, probes[next(turn)]),
        "NumPy BLAS": lambda: numpy_search(matrix, probes[next(turn)][None]),
        "probe to bytes": lambda: to_codes(probes[next(turn)][None]),
        "block, nearest": lambda: block.nearest(codes[next(turn)][None]),
        "block, 5 persons": lambda: block.search(codes[next(turn)][None], 5),
    }
    print(f"\n{size} templates, batch 1: p50 / p99 us (times NumPy, times face_distance)")
    times = {name: times_us(call, rounds) for name, call in rows.items()}
    numpy_us, naive_us = times["NumPy BLAS"][0], times["face_distance"][0]
    for name, (p50, p99) in times.items():
        ratios = f"({numpy_us / p50:.2f}, {naive_us / p50:.1f})"
        print(f"  {name:18} {p50:9.1f} / {p99:9.1f} {ratios}")


def test_enrol_and_revoke(benchmark: Benchmark, faces: SyntheticFaces) -> None:
    """A change, and the first search after it, which builds the block anew."""
    vectors = faces.people(0).templates
    index = index_of(vectors[:2_600])
    someone = Owners.one("p", "f", Places(shop_id="s"))

    def change() -> None:
        index.enlist(index.sequence + 1, vectors[3_000], someone)
        index.revoke(index.sequence + 1, index.sequence)

    def change_and_search() -> None:
        change()
        index.nearest(vectors[0], SCOPE, 5)

    benchmark.pedantic(change_and_search, rounds=100, warmup_rounds=2)
    build_us, _ = times_us(lambda: index_of(vectors[:2_600]), 5)
    print(
        f"\n2600 templates: fill {build_us / 2600:.1f} us each;"
        f" enrol + revoke {times_us(change, 300)[0]:.0f} us,"
        f" with the next search {times_us(change_and_search, 100)[0]:.0f} us"
    )
