"""Search of everybody, 495 000 to 18.8 million templates, beside NumPy and face_distance.

Run by `make bench-match-nation` (one thread). Needs 195 bytes a template, and 0.5 GB for NumPy's
million: above a million its time is scaled up from there, and said so.
"""

import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from benchmarks.match_figures import (
    cpu_name,
    face_distance_search,
    numpy_search,
    read_gb_per_s,
    times_us,
)
from benchmarks.nation_gallery import MODEL, Nation, make_nation, owners_of, places_of
from biometrics.index_snapshot import load_index, save_index
from biometrics.int8 import to_codes
from biometrics.scopes import NATION

Benchmark = Callable[..., Any]
KEY = bytes(32)
PROBES = 10_000
SIZES = (495_000, 1_000_000, 18_800_000)
SCANNED_BYTES = 32


@pytest.mark.parametrize("size", SIZES)
def test_nation(benchmark: Benchmark, size: int, tmp_path: Path) -> None:
    faiss.omp_set_num_threads(1)
    nation = make_nation(size, PROBES)
    print(f"\n{size} templates, {cpu_name()}, one thread")
    turn = iter(np.tile(np.arange(PROBES), 100))
    benchmark.pedantic(
        lambda: nation.index.nearest(nation.probes[next(turn)], NATION, 1), rounds=50
    )
    print_rates(nation)
    print_recall(nation)
    print_regions(nation)
    print_changes(nation)
    print_snapshot(nation, tmp_path / "nation")


def print_rates(nation: Nation) -> None:
    scale, turn = nation.size / len(nation.sample), iter(np.tile(np.arange(PROBES), 100))
    rounds = 200 if scale == 1 else 100
    search = nation.index.nearest_many
    p50, p99 = times_us(lambda: search(nation.probes[next(turn)][None], 1), rounds)
    group_us, _ = times_us(lambda: search(nation.probes[list(islice(turn, 32))], 1), 20)
    numpy_us = scale * times_us(lambda: numpy_search(nation.sample, nation.probes[:1]), 20)[0]
    numpy32_us = scale * times_us(lambda: numpy_search(nation.sample, nation.probes[:32]), 5)[0]
    doubles = nation.sample[:100_000].astype(float)
    naive_us = nation.size / 1e5 * times_us(
        lambda: face_distance_search(doubles, nation.probes[0]), 5
    )[0]  # fmt: skip
    rate, memory = SCANNED_BYTES * nation.size / p50 / 1000, read_gb_per_s(nation.sample)
    scaled = "" if scale == 1 else f", NumPy scaled {scale:.1f} times from a million"
    print(
        f"  batch 1: {p50 / 1000:.2f} / {p99 / 1000:.2f} ms p50 / p99, {1e6 / p50:.0f} q/s;"
        f" NumPy {1e6 / numpy_us:.1f} q/s: {numpy_us / p50:.1f} times;"
        f" face_distance {1e6 / naive_us:.2f} q/s (from 100 000): {naive_us / p50:.0f} times\n"
        f"  batch 32: {32e6 / group_us:.0f} q/s; NumPy {32e6 / numpy32_us:.0f} q/s:"
        f" {numpy32_us / group_us:.1f} times{scaled}\n"
        f"  reads {rate:.1f} of {memory:.1f} GB/s at batch 1: {rate / memory:.2f}"
    )


def print_recall(nation: Nation) -> None:
    found = [near[0].number for near in nation.index.nearest_many(nation.probes, 1)]
    same = int(np.sum(np.array(found) == nation.best))
    lists = nation.index.nearest_many(nation.probes, 5)
    listed = sum(
        best in [one.number for one in near] for near, best in zip(lists, nation.best, strict=True)
    )
    print(
        f"  the best template of the exact scan: first for {same}, on the list of five for"
        f" {listed} of {len(found)} (who is on the list is scored again from the stored template)"
    )
    assert listed >= 0.999 * len(found)


def print_regions(nation: Nation) -> None:
    """Blocks out of the whole: building one, then searching it."""
    code = to_codes(nation.probes[:1])
    for kind, scope in zip(
        ("shop", "village", "kecamatan", "birth date"), places_of(1).scopes(), strict=False
    ):
        start = time.perf_counter()
        block = nation.index.block(scope)
        built_us = 1e6 * (time.perf_counter() - start)
        p50, p99 = times_us(lambda b=block: b.nearest(code), 500)  # type: ignore[misc]
        five_us, _ = times_us(lambda b=block: b.search(code, 5), 500)  # type: ignore[misc]
        print(
            f"  {kind}: {block.count} templates, built in {built_us:.0f} us, nearest"
            f" {p50:.1f} / {p99:.1f} us, five persons {five_us:.1f} us"
        )


def print_changes(nation: Nation) -> None:
    index, someone = nation.index, owners_of(range(1))
    enrol_us, _ = times_us(lambda: index.enlist(index.sequence + 1, nation.sample[0], someone), 50)
    gone = iter(range(1, nation.size, 997))
    revoke_us, _ = times_us(lambda: index.revoke(index.sequence + 1, next(gone)), 50)
    assert index.sizes(NATION).templates == index.rows.living()
    print(
        f"  build {nation.build_s:.1f} s ({1e6 * nation.build_s / nation.size:.1f} us each);"
        f" enrol {enrol_us:.0f} us, revoke {revoke_us:.0f} us"
    )


def print_snapshot(nation: Nation, path: Path) -> None:
    rows = nation.index.rows
    start = time.perf_counter()
    with path.open("wb") as file:
        save_index(nation.index, file, KEY, str)
    saved = time.perf_counter()
    newest = nation.index.sequence
    with path.open("rb") as file:
        again = load_index(file, KEY, model_id=MODEL, newest_sequence=newest).index
    loaded = time.perf_counter()
    columns = sum(column[:1].nbytes for column in rows.columns.values())
    in_memory = rows.codes[:1].nbytes + columns + rows.dead[:1].nbytes + SCANNED_BYTES + 3 * 4
    probe = nation.probes[0]
    assert again.nearest(probe, NATION, 3) == nation.index.nearest(probe, NATION, 3)
    print(
        f"  {in_memory} bytes a template in memory, {path.stat().st_size / rows.used:.0f} on disk;"
        f" snapshot saved in {saved - start:.1f} s, loaded in {loaded - saved:.1f} s"
    )
    path.unlink()
