"""Times of one call, named CPU, and the two baselines that every search is held against."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def times_us(call: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """p50 and p99 of one call in microseconds, after one that warms up."""
    call()
    took = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        call()
        took.append((time.perf_counter_ns() - start) / 1000)
    return float(np.percentile(took, 50)), float(np.percentile(took, 99))


def cpu_name() -> str:
    """As the kernel knows it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), "unknown")


def numpy_search(matrix: Floats, vectors: Floats) -> NDArray[np.intp]:
    """The exact float32 scan with BLAS: the best row of each probe."""
    return (vectors @ matrix.T).argmax(axis=1)


def face_distance_search(matrix: NDArray[np.float64], vector: Floats) -> np.intp:
    """What a user of face_recognition does: `face_distance(known, face)`, then the least."""
    return np.linalg.norm(matrix - vector, axis=1).argmin()


def read_gb_per_s(matrix: Floats) -> float:
    """Memory that one core reads in a second, by a BLAS product over the whole of it."""
    took_us, _ = times_us(lambda: matrix @ matrix[0], 5)
    return matrix.nbytes / took_us / 1000
