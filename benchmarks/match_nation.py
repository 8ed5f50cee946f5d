"""Search of the nation index, 495 000 to 18.8 million templates, beside NumPy and face_distance.

Run by `make bench-match-nation` (one thread). Needs 210 bytes a template, and 0.5 GB for NumPy's
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
from benchmarks.nation_gallery import MODEL, Nation, make_nation, slot_named
from biometrics.gallery import GalleryEntry
from biometrics.nation_snapshot import load_nation, save_nation
from biometrics.scopes import Places
from biometrics.template import Template

Benchmark = Callable[..., Any]
KEY = bytes(32)
SIZES = (495_000, 1_000_000, 18_800_000)


@pytest.mark.parametrize("size", SIZES)
def test_nation(benchmark: Benchmark, size: int, tmp_path: Path) -> None:
    faiss.omp_set_num_threads(1)
    nation = make_nation(size)
    templates = [Template(vector, MODEL, 80) for vector in nation.probes]
    print(f"\n{size} templates, {cpu_name()}, one thread")
    turn = iter(templates * 100)
    benchmark.pedantic(lambda: nation.index.search_many([next(turn)], 1), rounds=50)
    print_rates(nation, templates)
    print_recall(nation, templates)
    print_changes(nation)
    print_snapshot(nation, tmp_path / "nation")


def print_rates(nation: Nation, templates: list[Template]) -> None:
    scale, turn = nation.size / len(nation.sample), iter(templates * 100)
    rounds = 200 if scale == 1 else 60
    p50, p99 = times_us(lambda: nation.index.search_many([next(turn)], 1), rounds)
    group_us, _ = times_us(lambda: nation.index.search_many(list(islice(turn, 32)), 1), 20)
    numpy_us = scale * times_us(lambda: numpy_search(nation.sample, nation.probes[:1]), 20)[0]
    numpy32_us = scale * times_us(lambda: numpy_search(nation.sample, nation.probes[:32]), 5)[0]
    doubles = nation.sample[:100_000].astype(float)
    naive_us = nation.size / 1e5 * times_us(
        lambda: face_distance_search(doubles, nation.probes[0]), 5
    )[0]  # fmt: skip
    rate, memory = 32 * nation.size / p50 / 1000, read_gb_per_s(nation.sample)
    scaled = "" if scale == 1 else f", NumPy scaled {scale:.1f} times from a million"
    print(
        f"  batch 1: {p50 / 1000:.2f} / {p99 / 1000:.2f} ms p50 / p99, {1e6 / p50:.0f} q/s;"
        f" NumPy {1e6 / numpy_us:.1f} q/s: {numpy_us / p50:.1f} times;"
        f" face_distance {1e6 / naive_us:.2f} q/s (from 100 000): {naive_us / p50:.0f} times\n"
        f"  batch 32: {32e6 / group_us:.0f} q/s; NumPy {32e6 / numpy32_us:.0f} q/s:"
        f" {numpy32_us / group_us:.1f} times{scaled}\n"
        f"  reads {rate:.1f} of {memory:.1f} GB/s at batch 1: {rate / memory:.2f}"
    )


def print_recall(nation: Nation, templates: list[Template]) -> None:
    found = [slot_named(one[0].template_id) for one in nation.index.search_many(templates, 1)]
    same = int(np.sum(np.array(found) == nation.best))
    print(f"  same best template as the exact float32 scan: {same} of {len(found)}")
    assert same >= 0.99 * len(found)


def print_changes(nation: Nation) -> None:
    index, numbers = nation.index, iter(range(10**9, 10**9 + 10**6))

    def enrol() -> None:
        name = f"{next(numbers):032x}"
        entry = GalleryEntry(name, name, name, nation.sample[0])
        index.enrol(entry, Places(), index.sequence + 1)

    enrol_us, _ = times_us(enrol, 50)
    gone = iter(range(0, nation.size, 997))
    revoke_us, _ = times_us(
        lambda: index.revoke(f"{(n := next(gone)) << 64 | n:032x}", index.sequence + 1), 50
    )
    print(
        f"  build {nation.build_s:.1f} s ({1e6 * nation.build_s / nation.size:.1f} us each);"
        f" enrol {enrol_us:.0f} us, revoke {revoke_us:.0f} us"
    )


def print_snapshot(nation: Nation, path: Path) -> None:
    rows = nation.index.rows
    start = time.perf_counter()
    with path.open("wb") as file:
        save_nation(nation.index, file, KEY)
    saved = time.perf_counter()
    newest = nation.index.sequence
    with path.open("rb") as file:
        load_nation(file, KEY, model_id=MODEL, newest_sequence=newest)
    loaded = time.perf_counter()
    columns = rows.codes[:1].nbytes + rows.ids[:, :1].nbytes + rows.dead[:1].nbytes
    print(
        f"  {columns + 32} bytes a template in memory, {path.stat().st_size / rows.used:.0f} on"
        f" disk; snapshot saved in {saved - start:.1f} s, loaded in {loaded - saved:.1f} s"
    )
    path.unlink()
