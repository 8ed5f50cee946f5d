"""Search of one region's block, 230 to 36 600 templates, beside NumPy and face_distance.

Run by `make bench-match` (one thread); the nation is in match_nation.py.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks.match_figures import cpu_name, face_distance_search, numpy_search, times_us
from benchmarks.synthetic_gallery import SyntheticFaces
from biometrics.block import Block, Key
from biometrics.block_gallery import BlockGallery
from biometrics.gallery import GalleryEntry
from biometrics.scopes import NATION, Enrolment, Places
from biometrics.template import Template

Benchmark = Callable[..., Any]
MODEL = "sface-2021dec"
SIZES = {"shop": 230, "five villages": 1_000, "kecamatan": 2_600, "kabupaten": 36_600}
PROBES = 500


@pytest.fixture(scope="module")
def faces() -> SyntheticFaces:
    print(f"\n{cpu_name()}, one thread, NumPy {np.__version__}")
    return SyntheticFaces(3, chunk=40_000)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_search_of_a_block(benchmark: Benchmark, faces: SyntheticFaces, size: int) -> None:
    """Persons with names, five of them, from a probe: what the gallery answers."""
    matrix = faces.people(0).templates[:size]
    probes, whom = faces.probes(PROBES, size)
    keys = [Key(f"t{i}", f"p{i}", f"f{i}") for i in range(size)]
    block = Block(matrix, np.arange(size), keys)
    exact = numpy_search(matrix, probes)
    found = np.array([int(block.search(one, 1, MODEL)[0].template_id[1:]) for one in probes])
    benchmark(block.search, probes[0], 5, MODEL)
    _print_times(size, matrix, probes, block)
    print(
        f"  of {PROBES} probes: same as exact {np.mean(found == exact):.4f},"
        f" the right person {np.mean(found == whom):.4f}"
    )


def _print_times(size: int, matrix: Any, probes: Any, block: Block) -> None:
    rounds = 2000 if size < 10_000 else 300
    doubles, turn = matrix.astype(float), iter(np.tile(np.arange(len(probes)), 10**4))
    rows = {
        "face_distance": lambda: face_distance_search(doubles, probes[next(turn)]),
        "NumPy BLAS": lambda: numpy_search(matrix, probes[next(turn)][None]),
        "block, scan only": lambda: block.nearest(probes[next(turn)]),
        "block, 1 person": lambda: block.search(probes[next(turn)], 1, MODEL),
        "block, 5 persons": lambda: block.search(probes[next(turn)], 5, MODEL),
    }
    print(f"\n{size} templates, batch 1: p50 / p99 us (times NumPy, times face_distance)")
    times = {name: times_us(call, rounds) for name, call in rows.items()}
    numpy_us, naive_us = times["NumPy BLAS"][0], times["face_distance"][0]
    for name, (p50, p99) in times.items():
        ratios = f"({numpy_us / p50:.2f}, {naive_us / p50:.1f})"
        print(f"  {name:18} {p50:9.1f} / {p99:9.1f} {ratios}")
    group_us, _ = times_us(lambda: numpy_search(matrix, probes[:32]), 30)
    ours_us, _ = times_us(lambda: [block.search(one, 1, MODEL) for one in probes[:32]], 30)
    print(f"  32 probes: {32e6 / ours_us:.0f} q/s one after another, NumPy {32e6 / group_us:.0f}")


def test_enrol_and_revoke(benchmark: Benchmark, faces: SyntheticFaces) -> None:
    """A change, and the first search after it, which builds the block anew."""
    vectors = faces.people(0).templates
    places = Places(kecamatan_id="k")
    stored = [
        Enrolment(GalleryEntry(f"t{i}", f"p{i}", f"f{i}", vectors[i]), places) for i in range(2_600)
    ]
    gallery = BlockGallery(MODEL, stored)
    probe = Template.of(vectors[0], MODEL, 80)
    number = iter(range(1, 10**6))

    def change() -> None:
        at = next(number)
        entry = GalleryEntry(f"n{at}", "p", "f", vectors[3_000 + at % 1_000])
        gallery.enrol(entry, places, gallery.sequence + 1)
        gallery.revoke(entry.template_id, gallery.sequence + 1)

    def change_and_search() -> None:
        change()
        gallery.search(probe, NATION, 5)

    benchmark.pedantic(change_and_search, rounds=100, warmup_rounds=2)
    build_us, _ = times_us(lambda: BlockGallery(MODEL, stored), 5)
    print(
        f"\n2600 templates: fill {build_us / 2600:.1f} us each;"
        f" enrol + revoke {times_us(change, 300)[0]:.0f} us,"
        f" with the next search {times_us(change_and_search, 100)[0]:.0f} us"
    )
