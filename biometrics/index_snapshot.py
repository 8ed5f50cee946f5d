"""The index to and from a sealed snapshot, so that a restart need not encode it again."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Final

import numpy as np

from biometrics.face_index import FaceIndex, Moment
from biometrics.face_rows import COLUMNS, Column, FaceRows
from biometrics.snapshot import BLOCK_BYTES_MAX, read_snapshot, write_snapshot
from biometrics.snapshot_header import SnapshotHeader, SnapshotReason, SnapshotRefused
from biometrics.where import Where

INDEX: Final = "faces"
_LISTS: Final = 3  # shop, region, birth date
_COLUMN_BYTES: Final = sum(np.dtype(kind).itemsize for kind in COLUMNS.values())


@dataclass(frozen=True, slots=True)
class Restored:
    """The index, and what its writer knew of the store: `mark` of the entry at its number."""

    index: FaceIndex
    mark: str


def save_index(index: FaceIndex, file: BinaryIO, key: bytes, mark: Callable[[int], str]) -> int:
    """Write all slots, return their number; see `write_snapshot`.

    `mark` names the entry of a number, so that a restored store is not taken for the one that was
    indexed. Searches and changes go on meanwhile.
    """
    now = index.snapshot()
    rows, where = now.rows, index.where
    header = SnapshotHeader(INDEX, index.model_id, now.sequence, rows.used, rows.codes.shape[1])
    names = {
        "mark": mark(now.sequence),
        "shops": where.shops.names,
        "regions": where.regions.names,
    }
    write_snapshot(file, key, header, _written(names, now))
    return now.sequence


def load_index(
    file: BinaryIO, key: bytes, *, model_id: str, newest_sequence: int, spare: int = 1 << 16
) -> Restored:
    """The index as it was at its number, with `spare` slots for what comes.

    Raises `SnapshotRefused`; the caller then builds from the stored templates.
    """
    header, blocks = read_snapshot(
        file, key, index=INDEX, model_id=model_id, newest_sequence=newest_sequence
    )
    try:
        return _restored(header, blocks, spare)
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        # sealed with our key, yet no index of its kind: our fault, not a stranger's
        raise SnapshotRefused(SnapshotReason.CORRUPT) from error


def _restored(header: SnapshotHeader, blocks: Iterator[bytes], spare: int) -> Restored:
    names = json.loads(b"".join(_counted(blocks)))
    orders = [np.frombuffer(b"".join(_counted(blocks)), np.uint32) for _ in range(_LISTS)]
    scan = _counted(blocks)
    index = FaceIndex(header.model_id, dimension=header.dimension, capacity=header.count + spare)
    for block in blocks:
        _read(block, index.rows, header.count)
    if index.rows.used != header.count:
        raise ValueError("rows are missing")
    index.scan.restore(scan)  # it knows all rows: nothing is left to follow
    index.where = Where(names["shops"], names["regions"])
    index.load_done(header.sequence, orders)
    return Restored(index, names["mark"])


def _written(names: Mapping[str, object], now: Moment) -> Iterator[bytes]:
    yield from _with_count([json.dumps(names).encode()])
    for order in now.orders:
        yield from _with_count([order.tobytes()])
    yield from _with_count(now.scan)
    rows = now.rows
    step = BLOCK_BYTES_MAX // (rows.codes.shape[1] + _COLUMN_BYTES)
    for start in range(0, rows.used, step):
        part = slice(start, min(start + step, rows.used))
        columns = [rows.codes[part], *(rows.columns[name][part] for name in COLUMNS)]
        yield b"".join(column.tobytes() for column in columns)


def _with_count(whole: list[bytes]) -> Iterator[bytes]:
    """Pieces that fit a block, after a block with their number."""
    pieces = [
        piece[start : start + BLOCK_BYTES_MAX]
        for piece in whole
        for start in range(0, len(piece), BLOCK_BYTES_MAX)
    ]
    yield len(pieces).to_bytes(4, "little")
    yield from pieces


def _counted(blocks: Iterator[bytes]) -> list[bytes]:
    return list(islice(blocks, int.from_bytes(next(blocks, b"")[:4], "little")))


def _read(block: bytes, rows: FaceRows, most: int) -> None:
    dimension = rows.codes.shape[1]
    count = len(block) // (dimension + _COLUMN_BYTES)
    if count == 0 or rows.used + count > most:
        raise ValueError("more rows than the header says")
    at = count * dimension
    codes = np.frombuffer(block, np.int8, at).reshape(count, dimension)
    columns: dict[str, Column] = {}
    for name, kind in COLUMNS.items():
        columns[name] = np.frombuffer(block, kind, count, offset=at)
        at += count * np.dtype(kind).itemsize
    rows.append_codes(codes, columns)
