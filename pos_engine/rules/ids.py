"""Names of things: UUIDv7 made by the caller, and the shard each thing lives in for life."""

import hashlib
import re
import secrets
from datetime import datetime
from functools import lru_cache
from typing import NewType

KpmId = NewType("KpmId", str)  # also called family_id
PersonId = NewType("PersonId", str)
ShopId = NewType("ShopId", str)
TillId = NewType("TillId", str)
PurchaseId = NewType("PurchaseId", str)
WalletId = NewType("WalletId", str)

SHARDS = 1024  # fixed for life: servers are mapped to shards by a table, never the other way
SHARDS_REMEMBERED = 65_536
UUID_VERSION = 7
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_uuid7(now: datetime) -> str:
    """A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then randomness."""
    milliseconds = int(now.timestamp() * 1000)
    bits = (milliseconds & ((1 << 48) - 1)) << 80
    noise = secrets.randbits(12 + 62)
    bits |= UUID_VERSION << 76 | noise >> 62 << 64
    bits |= 0b10 << 62 | noise & ((1 << 62) - 1)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def parse_uuid7(text: str) -> str | None:
    """The canonical lower-case form, or None when it is not a UUIDv7."""
    lower = text.lower()
    return lower if _UUID7.fullmatch(lower) else None


@lru_cache(SHARDS_REMEMBERED)
def shard_of(key: str) -> int:
    """The shard of a family (or of a purchase id, for its claim): a stable hash, not Python's."""
    return int.from_bytes(hashlib.blake2s(key.encode(), digest_size=8).digest()) % SHARDS
