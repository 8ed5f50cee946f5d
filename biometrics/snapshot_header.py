"""What a snapshot says of itself before its blocks are opened, and why it may be refused."""

import hmac
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

FORMAT_VERSION: Final = 1


class SnapshotReason(StrEnum):
    """Why a snapshot is not used; the caller builds the index from the stored templates."""

    NOT_A_SNAPSHOT = "NOT_A_SNAPSHOT"
    FORMAT = "FORMAT"
    WRONG_INDEX = "WRONG_INDEX"
    WRONG_MODEL = "WRONG_MODEL"
    WRONG_KEY = "WRONG_KEY"
    AHEAD = "AHEAD"  # it knows changes that the store does not: the store was put back
    TRUNCATED = "TRUNCATED"
    CORRUPT = "CORRUPT"


class SnapshotRefused(Exception):  # noqa: N818 - the name says what is wrong
    """Nothing of the snapshot may be used."""

    def __init__(self, reason: SnapshotReason) -> None:
        """`reason` is what is told and counted."""
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SnapshotHeader:
    """In clear, but bound into every block. `index` is the kind of index that wrote it."""

    index: str
    model_id: str
    sequence: int
    count: int
    dimension: int
    format_version: int = FORMAT_VERSION

    def to_bytes(self, key: bytes) -> bytes:
        """JSON, with a check of the key."""
        return json.dumps(asdict(self) | {"key_check": _key_check(key)}).encode()

    @classmethod
    def from_bytes(cls, clear: bytes, key: bytes) -> "SnapshotHeader":
        """Raises `SnapshotRefused`."""
        try:
            fields = json.loads(clear)
            check, version = fields.pop("key_check"), fields.get("format_version")
            header = cls(**fields) if version == FORMAT_VERSION else None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SnapshotRefused(SnapshotReason.CORRUPT) from error
        if header is None:
            raise SnapshotRefused(SnapshotReason.FORMAT)
        numbers = (header.sequence, header.count, header.dimension)
        if not all(isinstance(number, int) and number >= 0 for number in numbers):
            raise SnapshotRefused(SnapshotReason.CORRUPT)
        if check != _key_check(key):
            raise SnapshotRefused(SnapshotReason.WRONG_KEY)
        return header


def _key_check(key: bytes) -> str:
    """Tells a wrong key from a damaged file; says nothing about a random key."""
    return hmac.digest(key, b"ewarong face snapshot", "sha256")[:8].hex()
