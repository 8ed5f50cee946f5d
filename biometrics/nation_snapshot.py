"""The nation index to and from a sealed snapshot, so that a restart need not encode it again."""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Final

import numpy as np

from biometrics.nation_index import NationIndex
from biometrics.nation_rows import NationRows
from biometrics.snapshot import BLOCK_BYTES_MAX, read_snapshot, write_snapshot
from biometrics.snapshot_header import SnapshotHeader, SnapshotReason, SnapshotRefused

INDEX: Final = "nation"
_ID_BYTES: Final = 6 * 8


def save_nation(index: NationIndex, file: BinaryIO, key: bytes) -> None:
    """Write all slots; see `write_snapshot`.

    The index goes on meanwhile: a revocation that falls in between is in the file or is replayed,
    and replaying it twice is harmless.
    """
    sequence, rows, scan = index.snapshot()
    header = SnapshotHeader(INDEX, index.model_id, sequence, rows.used, rows.codes.shape[1])
    write_snapshot(file, key, header, _written(rows, scan))


def load_nation(
    file: BinaryIO, key: bytes, *, model_id: str, newest_sequence: int, spare: int = 1 << 20
) -> NationIndex:
    """The index as it was at its sequence number, with `spare` slots for what comes.

    Raises `SnapshotRefused`; the caller then builds from the stored templates.
    """
    header, blocks = read_snapshot(
        file, key, index=INDEX, model_id=model_id, newest_sequence=newest_sequence
    )
    rows = NationRows(header.dimension, header.count + spare)
    scan = list(islice(blocks, int.from_bytes(next(blocks, b"")[:4], "little")))
    for block in blocks:
        if rows.used + len(block) // (header.dimension + _ID_BYTES + 1) > header.count:
            raise SnapshotRefused(SnapshotReason.CORRUPT)
        _read(block, rows)
    if rows.used != header.count:
        raise SnapshotRefused(SnapshotReason.CORRUPT)
    try:
        return NationIndex.of(model_id, header.sequence, rows, scan)
    except RuntimeError as error:  # FAISS: sealed with our key, yet no index of its kind
        raise SnapshotRefused(SnapshotReason.CORRUPT) from error


def _written(rows: NationRows, scan: list[bytes]) -> Iterator[bytes]:
    pieces = [piece for whole in scan for piece in _cut(whole)]
    yield len(pieces).to_bytes(4, "little")
    yield from pieces
    step = BLOCK_BYTES_MAX // (rows.codes.shape[1] + _ID_BYTES + 1)
    for start in range(0, rows.used, step):
        part = slice(start, min(start + step, rows.used))
        columns = rows.codes[part], rows.ids[:, part], rows.dead[part]
        yield b"".join(column.tobytes() for column in columns)


def _cut(whole: bytes) -> Iterator[bytes]:
    for start in range(0, len(whole), BLOCK_BYTES_MAX):
        yield whole[start : start + BLOCK_BYTES_MAX]


def _read(block: bytes, rows: NationRows) -> None:
    dimension = rows.codes.shape[1]
    count = len(block) // (dimension + _ID_BYTES + 1)
    codes = np.frombuffer(block, np.int8, count * dimension)
    ids = np.frombuffer(block, np.uint64, count * 6, offset=count * dimension)
    rows.append(codes.reshape(count, dimension), ids.reshape(6, count))
