"""Exports for auditors: credits with decree and SP2D, frozen balances, returns to the treasury.

Each is one question over facts that are only ever added, so as of a moment it has the same rows
for ever. Days are those of WIB.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import nsmallest
from typing import Any
from zoneinfo import ZoneInfo

from pos_engine.rules.posting import Kind
from pos_engine.store import report_audit as facts
from pos_engine.store.database import Tx
from pos_engine.store.work_lists import Look, moved_after

Row = dict[str, Any]
WIB = ZoneInfo("Asia/Jakarta")
PAPERS = ("decree", "sp2d", "budget_year", "bank", "escrow")
CREDITS_COLUMNS = (
    "day", "region", "kpm_id", "wallet_id", "programme", "period", "credited", "expires_on",
    "custodian", *PAPERS, "run_id", "file_sha256", "file_row", "made_by", "approved_by",
    "approved_at", "txn_id", "seal",
)  # fmt: skip
FROZEN_COLUMNS = (
    "day", "region", "kpm_id", "wallet_id", "programme", "period", "amount", "idle_days",
    "frozen_by", "state", "state_day", "list_id", "decree", "sp2d", "run_id", "seal",
)  # fmt: skip
RETURNED_COLUMNS = (
    "day", "region", "kpm_id", "wallet_id", "programme", "period", "amount", "kind", "decree",
    "sp2d", "run_id", "list_id", "made_by", "approved_by", "txn_id", "seal",
)  # fmt: skip
FROZEN, THAWED, RETURNED = "FROZEN", "THAWED", "RETURNED"
CHANGES_MAX = 1_000  # named after an export as of a moment


def credits_traced(tx: Tx, look: Look) -> Iterator[Row]:
    """Every credit of these days, traced to its list, its decree and its SP2D."""
    for row in facts.credits_between(tx, _asked(look)):
        yield (
            _leg(row, "credited", row.amount)
            | _papers(row.papers, PAPERS)
            | {
                "expires_on": row.expires_on.isoformat(),
                "custodian": row.custodian,
                "run_id": row.run_id,
                "file_sha256": row.file_sha256 or "",
                "file_row": row.number,
                "made_by": row.made_by or "",
                "approved_by": row.approved_by or "",
                "approved_at": _moment(row.approved_at),
                "txn_id": row.txn_id,
                "seal": _seal(row.shard, row.batch),
            }
        )


def frozen(tx: Tx, look: Look) -> Iterator[Row]:
    """Balances that were put aside in these days, and what became of them since."""
    for row in facts.freezes_between(tx, _asked(look)):
        state, at = _state(row, look.known)
        yield {
            "day": _day(row.frozen_at),
            "region": row.region,
            "kpm_id": row.kpm_id,
            "wallet_id": row.wallet_id,
            "programme": row.programme,
            "period": row.period,
            "amount": row.amount,
            "idle_days": row.days,
            "frozen_by": row.frozen_by,
            "state": state,
            "state_day": _day(at),
            "list_id": row.list_id if state == RETURNED else "",
            "run_id": row.run_id,
            "seal": _seal(row.shard, row.batch),
        } | _papers(row.papers, ("decree", "sp2d"))


def returned(tx: Tx, look: Look) -> Iterator[Row]:
    """What went back of these days: idle money to the treasury, lists that were taken back."""
    officers = facts.officers_of_returns(tx)
    for row in facts.returns_between(tx, _asked(look)):
        to_treasury = row.kind == Kind.TREASURY.value
        pair = (row.made_by, row.approved_by) if to_treasury else _pair(officers, row.run_id)
        yield (
            _leg(row, "amount", -row.amount)
            | _papers(row.papers, ("decree", "sp2d"))
            | {
                "kind": row.kind,
                "run_id": row.run_id,
                "list_id": row.txn_id if to_treasury else "",
                "made_by": pair[0] or "",
                "approved_by": pair[1] or "",
                "txn_id": row.txn_id,
                "seal": _seal(row.shard, row.batch),
            }
        )


def changes_since(tx: Tx, look: Look) -> list[Row]:
    """What of these days became known after the moment of an export, movement by movement."""
    return [
        _change(str(kind), txn_id, at, int(amount), look)
        for kind, txn_id, at, amount in facts.credits_after(tx, _asked(look), CHANGES_MAX)
    ]


def freezes_changed(tx: Tx, look: Look) -> list[Row]:
    """Balances of these days that were put aside, used again or returned after the moment."""
    asked = facts.Between(look.since, look.until, look.now, look.region)
    found = (
        (what, row, at)
        for row in facts.freezes_between(tx, asked)
        for what, at in (
            (FROZEN, row.frozen_at), (THAWED, row.bought_at), (RETURNED, row.approved_at)
        )
        if at is not None and look.known < at <= look.now
    )  # fmt: skip
    return [
        _change(what, row.wallet_id, at, int(row.amount), look)
        for what, row, at in nsmallest(CHANGES_MAX, found, key=lambda each: each[2])
    ]


def redeemed_since(tx: Tx, look: Look) -> list[Row]:
    """What moved after the moment on the tranches that end in these days, movement by movement."""
    return [
        _change(str(kind), txn_id, at, int(amount), look)
        for kind, txn_id, at, amount in moved_after(tx, look, CHANGES_MAX)
    ]


def _change(what: str, name: str, at: datetime, amount: int, look: Look) -> Row:
    return {
        "what": what.lower(),
        "id": name,
        "day": _day(at),
        "regency": look.region or "",
        "shop_id": "",
        "amount": amount,
        "known_at_us": int(at.timestamp() * 1_000_000),
    }


def _asked(look: Look) -> facts.Between:
    return facts.Between(look.since, look.until, look.known, look.region)


def _leg(row: Any, column: str, amount: int) -> Row:
    return {
        "day": _day(row.posted_at),
        "region": row.region,
        "kpm_id": row.kpm_id,
        "wallet_id": row.wallet_id,
        "programme": row.programme,
        "period": row.period,
        column: amount,
    }


def _papers(papers: Mapping[str, str] | None, names: tuple[str, ...]) -> Row:
    return {name: (papers or {}).get(name, "") for name in names}


def _pair(
    officers: Mapping[str, list[tuple[str, str]]], run_id: str
) -> tuple[str, str]:  # fmt: skip
    """Who asked for a list to be taken back, and who agreed; on a demo one person did both."""
    said = officers.get(run_id, [])
    agreed = said[-1][1] if said else ""
    asked = next((officer for kind, officer in reversed(said) if kind.endswith("_ASKED")), agreed)
    return asked, agreed


def _state(row: Any, known: datetime) -> tuple[str, datetime]:
    """What became of a frozen tranche by this moment, and when."""
    if row.approved_at is not None and row.approved_at <= known:
        return RETURNED, row.approved_at
    if row.bought_at is not None and row.bought_at <= known:
        return THAWED, row.bought_at
    return FROZEN, row.frozen_at


def _seal(shard: int, batch: int | None) -> str:
    """The link of the audit chain that holds the fact; empty while it waits."""
    return f"{shard}/{batch}" if batch is not None else ""


def _day(at: datetime) -> str:
    return at.astimezone(WIB).date().isoformat()


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""
