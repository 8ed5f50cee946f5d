"""The fast look over everybody: 32 bytes a template give the shortlist, not the order."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Floats
from biometrics.int8 import Int8s

# 4 bits each. With 32 of them 1 of 500 best templates misses a shortlist of 300; with 64 none of
# 2 000 misses one of 50 (100 000 synthetic templates).
_SUBVECTORS: Final = 64
_ROWS_A_STEP: Final = 1 << 16


class NationScan:
    """FAISS product quantisation with in-register tables, by inner product.

    Exhaustive on purpose: cells (IVF) lose 5-20 % of people at usual settings, because a probe at
    cosine 0.75 often falls into another cell than its template.
    """

    def __init__(self, dimension: int) -> None:
        """Knows nobody and no code book yet."""
        self._faiss: Any = faiss.IndexPQFastScan(
            dimension, _SUBVECTORS, 4, faiss.METRIC_INNER_PRODUCT
        )

    @property
    def ready(self) -> bool:
        """Whether it has learnt its code book."""
        return bool(self._faiss.is_trained)

    def learn(self, codes: Int8s) -> None:
        """Once; templates x dimension, some ten thousand."""
        self._faiss.train(_unit(codes))

    def follow(self, codes: Int8s) -> None:
        """Add those of `codes` (all slots x dimension) that are not yet in."""
        known = self._faiss.ntotal
        with _on_cores(1 if len(codes) - known < _ROWS_A_STEP else os.cpu_count() or 1):
            for start in range(known, len(codes), _ROWS_A_STEP):
                self._faiss.add(_unit(codes[start : start + _ROWS_A_STEP]))

    def near(self, vectors: Floats, depth: int) -> NDArray[np.int64]:
        """Slots, probes x depth, best first by a rough score; -1 where there are fewer."""
        found: NDArray[np.int64] = self._faiss.search(vectors, depth)[1]
        return found

    def dump(self) -> list[bytes]:
        """Code book and codes, in pieces; a copy, so that nobody waits for a disk."""
        pieces: list[bytes] = []
        writer = faiss.PyCallbackIOWriter(pieces.append, 1 << 22)  # type: ignore[attr-defined]
        faiss.write_index(self._faiss, writer)
        del writer  # flushes
        return pieces

    def restore(self, pieces: list[bytes]) -> None:
        """Inverse of `dump`; the pieces may be cut anywhere."""
        file = io.BytesIO(b"".join(pieces))
        reader = faiss.PyCallbackIOReader(file.read, 1 << 22)  # type: ignore[attr-defined]
        self._faiss = faiss.read_index(reader)


@contextmanager
def _on_cores(count: int) -> Iterator[None]:
    """A nation is added on every core while nobody can be searching it yet.

    OpenMP keeps the number for each calling thread: searches of other threads stay at theirs.
    """
    before: int = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(count)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _unit(codes: Int8s) -> Floats:
    """Rows of length 1; a dead row stays zero."""
    rows = codes.astype(np.float32)
    unit: Floats = rows / np.maximum(np.sqrt(np.vecdot(rows, rows)), np.float32(1))[:, None]
    return unit
