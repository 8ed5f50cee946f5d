"""What the audit chain hashes: rows, links and days as exact bytes, and a proof to check.

Each text begins with its format, so that a later format never changes what an older one meant.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pos_engine.rules.merkle import Step, climbed, leaf_hash

ROW_FORMAT = 2  # what `row_leaf` writes today
AUDIT_ZONE = ZoneInfo("Asia/Jakarta")  # the chain has one calendar for the nation: WIB
# A day is closed this long after its end: no transaction that began in it still runs.
CLOSING_DELAY = timedelta(minutes=10)
RECEIPT_FIELDS, SEAL_FIELDS, DAY_FIELDS = 6, 8, 6
_NUMBER = re.compile(r"^\d{4}-(\d{6})-[0-9A-F]{8}$")
CENTURY = "20"


def canonical(value: Any) -> Any:
    """A stored value as JSON knows it, the same whichever database gave it back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value


def row_leaf(kind: str, rows: list[Mapping[str, Any]], row_format: int = ROW_FORMAT) -> bytes:
    """The leaf of one fact: every column of the rows it is made of."""
    plain = [{name: canonical(value) for name, value in row.items()} for row in rows]
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return leaf_hash(f"EWA{row_format}*{kind}*{text}".encode())


def receipt_leaf(facts: str) -> bytes:
    """The leaf of a receipt: of the text that its signature covers."""
    return leaf_hash(facts.encode())


def local_day(moment: datetime) -> date:
    """The day of the chain's calendar."""
    return moment.astimezone(AUDIT_ZONE).date()


def closable_day(now: datetime) -> date:
    """The newest day that may be closed now."""
    return local_day(now - CLOSING_DELAY) - timedelta(days=1)


def day_of_number(number: str) -> date | None:
    """The shop's local day that a receipt's number names; None when it is no such number."""
    found = _NUMBER.match(number)
    try:
        return datetime.strptime(CENTURY + found[1], "%Y%m%d").date() if found else None  # noqa: DTZ007 - a day
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Seal:
    """The n-th link of a shard's chain: the root over one batch of leaves."""

    shard: int
    n: int
    prev: bytes
    root: bytes
    count: int
    day: date
    sealed_at: datetime

    @property
    def text(self) -> str:
        """Everything the link says."""
        at = canonical(self.sealed_at)
        return (
            f"EWS1*{self.shard}*{self.n}*{self.prev.hex()}*{self.root.hex()}"
            f"*{self.count}*{self.day}*{at}"
        )

    @property
    def hash(self) -> bytes:
        """What the next link names as its predecessor."""
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def leaf(self) -> bytes:
        """The link as a leaf of its day."""
        return leaf_hash(self.text.encode())


@dataclass(frozen=True, slots=True)
class Day:
    """A closed day: the root over every link since the day closed before it."""

    day: date
    prev: bytes
    root: bytes
    seals: int
    closed_at: datetime

    @property
    def text(self) -> str:
        """The statement that is signed and published."""
        at = canonical(self.closed_at)
        return f"EWD1*{self.day}*{self.prev.hex()}*{self.root.hex()}*{self.seals}*{at}"

    @property
    def hash(self) -> bytes:
        """What the next closed day names as its predecessor."""
        return hashlib.sha256(self.text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Proof:
    """From a leaf to the published root of its day. `receipt` is None for what has no receipt."""

    receipt: str | None
    leaf: bytes
    path: tuple[Step, ...]
    seal: str
    seal_path: tuple[Step, ...]
    day: str


def proof_holds(proof: Proof) -> bool:
    """Does the proof lead from its receipt (or leaf) to the root that its day names."""
    receipt = proof.receipt
    if receipt is not None:
        shaped = receipt.startswith("EW1*") and receipt.count("*") == RECEIPT_FIELDS - 1
        if not shaped or receipt_leaf(receipt) != proof.leaf:
            return False
    seal, day = proof.seal.split("*"), proof.day.split("*")
    if (seal[0], len(seal)) != ("EWS1", SEAL_FIELDS) or (day[0], len(day)) != ("EWD1", DAY_FIELDS):
        return False
    if climbed(proof.leaf, proof.path).hex() != seal[4]:
        return False
    return climbed(leaf_hash(proof.seal.encode()), proof.seal_path).hex() == day[3]
