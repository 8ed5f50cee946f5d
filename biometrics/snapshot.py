"""An index on disk, sealed block by block: read whole and sound, or refused by name."""

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.snapshot_header import SnapshotHeader, SnapshotReason, SnapshotRefused

BLOCK_BYTES_MAX: Final = 8 << 20  # bounds the memory of reader and writer
_MAGIC: Final = b"EWFACES\x00"
_LENGTH: Final = struct.Struct("<I")
_COUNTER: Final = struct.Struct("<Q?")  # number of the block, whether it is the last
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEADER_BYTES_MAX: Final = 4096


def write_snapshot(
    file: BinaryIO, key: bytes, header: SnapshotHeader, blocks: Iterable[bytes]
) -> None:
    """AES-256-GCM with a 32-byte key; each block at most `BLOCK_BYTES_MAX`.

    The caller writes to a new name, syncs and renames: a half-written file is TRUNCATED.
    """
    clear = header.to_bytes(key)
    file.write(_MAGIC + _LENGTH.pack(len(clear)) + clear)
    cipher, bound_to = AESGCM(key), hashlib.sha256(clear).digest()
    number = 0
    for number, block in enumerate(blocks, 1):
        if not 1 <= len(block) <= BLOCK_BYTES_MAX:
            raise ValueError(f"a block has 1 to {BLOCK_BYTES_MAX} bytes")
        file.write(_sealed(cipher, block, bound_to + _COUNTER.pack(number, False)))
    file.write(_sealed(cipher, b"", bound_to + _COUNTER.pack(number + 1, True)))


def read_snapshot(
    file: BinaryIO, key: bytes, *, index: str, model_id: str, newest_sequence: int
) -> tuple[SnapshotHeader, Iterator[bytes]]:
    """Header, and the blocks as they are read; both raise `SnapshotRefused`.

    Use what the blocks gave only after the last: cut ends show there. `newest_sequence` is the
    store's; a snapshot that is ahead of it holds faces that the store no longer answers for.
    """
    clear = _header_bytes(file)
    header = SnapshotHeader.from_bytes(clear, key)
    refusals = {
        SnapshotReason.WRONG_INDEX: header.index != index,
        SnapshotReason.WRONG_MODEL: header.model_id != model_id,
        SnapshotReason.AHEAD: header.sequence > newest_sequence,
    }
    for reason, refused in refusals.items():
        if refused:
            raise SnapshotRefused(reason)
    return header, _blocks(file, AESGCM(key), hashlib.sha256(clear).digest())


def _header_bytes(file: BinaryIO) -> bytes:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise SnapshotRefused(SnapshotReason.NOT_A_SNAPSHOT)
    return _exactly(file, _length(file, _HEADER_BYTES_MAX))


def _blocks(file: BinaryIO, cipher: AESGCM, bound_to: bytes) -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        sealed = _exactly(file, _length(file, BLOCK_BYTES_MAX + _NONCE_BYTES + _TAG_BYTES))
        last = len(sealed) == _NONCE_BYTES + _TAG_BYTES
        try:
            block = cipher.decrypt(
                sealed[:_NONCE_BYTES],
                sealed[_NONCE_BYTES:],
                bound_to + _COUNTER.pack(number, last),
            )
        except (InvalidTag, ValueError) as error:
            raise SnapshotRefused(SnapshotReason.CORRUPT) from error
        if last:
            return
        yield block


def _sealed(cipher: AESGCM, block: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, block, bound_to)
    return _LENGTH.pack(len(sealed)) + sealed


def _length(file: BinaryIO, most: int) -> int:
    (length,) = _LENGTH.unpack(_exactly(file, _LENGTH.size))
    if length > most:
        raise SnapshotRefused(SnapshotReason.CORRUPT)
    return int(length)


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise SnapshotRefused(SnapshotReason.TRUNCATED)
    return data
