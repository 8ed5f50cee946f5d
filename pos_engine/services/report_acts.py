"""The report `officer-acts`: what officers did, when, why, and under which link of the chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pos_engine.engine import Engine
from pos_engine.store import audit
from pos_engine.store.database import Tx
from pos_engine.store.officer_acts import ACTS_MAX, Act, Wanted, acts
from pos_engine.store.work_lists import Look

Row = dict[str, Any]
COLUMNS = (
    "at", "officer", "name", "role", "region", "act", "subject", "why", "seal", "seal_day",
)  # fmt: skip
SEALED, WAITS, NOT_SEALED = "SEALED", "WAITS", "NOT_SEALED"


def officer_acts(tx: Tx, look: Look, officer: str = "", act: str = "") -> Iterator[Row]:
    """Acts of these days by officers of a region, the newest first."""
    until = look.until if look.as_of is None else min(look.until, look.as_of)
    wanted = Wanted(look.since, until, look.region, officer, act)
    return map(_row, acts(tx, wanted, min(look.limit, ACTS_MAX)))


def _row(each: Act) -> Row:
    return {
        "at": each.at.isoformat(),
        "officer": each.officer,
        "name": each.name or "",
        "role": each.role or "",
        "region": each.region or "",
        "act": each.act,
        "subject": each.subject,
        "why": each.why,
        "seal": _seal(each),
        "seal_day": each.sealed_on,
    }


def _seal(each: Act) -> str:
    """Its link as shard/number; WAITS for the next minute's link; some acts have none."""
    if not each.kind:
        return NOT_SEALED
    return WAITS if each.batch is None else f"{each.shard}/{each.batch}"


@dataclass(frozen=True, slots=True)
class CheckedDay:
    """A closed day of the audit chain with what a look at it says."""

    day: date
    root: str
    seals: int
    signed: bool  # under a key of this installation
    follows: bool  # names the closed day before it
    text: str


def checked_days(engine: Engine, first: date, last: date) -> list[CheckedDay]:
    """The closed days of a range, the newest first: signature and chain are checked here.

    Every fact under them is checked by `ewarong audit verify`.
    """
    with engine.database.read() as tx:
        before, found = audit.last_day(tx, first), audit.days(tx, first, last)
    checked = []
    for each in found:
        follows = before is None or each.day.prev == before.day.hash
        signed = engine.keys.signature_ok(each.day.text.encode(), each.signature)
        checked.append(
            CheckedDay(
                each.day.day, each.day.root.hex(), each.day.seals, signed, follows, each.day.text
            )
        )
        before = each
    return checked[::-1]
