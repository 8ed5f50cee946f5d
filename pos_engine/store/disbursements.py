"""Disbursement runs: what is to be credited, on whose decree, approved by whom."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import disbursement_item, disbursement_run

STAGED = "STAGED"
CREDITED = "CREDITED"


@dataclass(frozen=True, slots=True)
class Run:
    """One file of one programme and period. `papers`: decree, SP2D, budget year, bank."""

    run_id: str
    programme: str
    period: str
    file_sha256: str
    expected_count: int
    expected_total: int
    expires_on: date
    status: str
    papers: dict[str, str]
    made_by: str
    approved_by: str | None


def stage(tx: Tx, run: Run, items: list[tuple[str, int]], now: datetime) -> None:
    """Write a run and its items (family, rupiah); nothing is credited yet."""
    tx.execute(
        insert(disbursement_run).values(
            shard=shard_of(run.run_id),
            run_id=run.run_id,
            programme=run.programme,
            period=run.period,
            file_sha256=run.file_sha256,
            expected_count=run.expected_count,
            expected_total=run.expected_total,
            expires_on=run.expires_on,
            status=run.status,
            papers=run.papers,
            made_by=run.made_by,
            created_at=now,
        )
    )
    tx.execute(
        insert(disbursement_item),
        [
            {
                "shard": shard_of(run.run_id),
                "run_id": run.run_id,
                "kpm_id": kpm_id,
                "amount": amount,
            }
            for kpm_id, amount in items
        ],
    )


def find_run(tx: Tx, run_id: str, *, lock: bool = False) -> Run | None:
    """One run; with `lock` nobody else approves it meanwhile."""
    columns = disbursement_run.c
    query = select(
        columns.run_id,
        columns.programme,
        columns.period,
        columns.file_sha256,
        columns.expected_count,
        columns.expected_total,
        columns.expires_on,
        columns.status,
        columns.papers,
        columns.made_by,
        columns.approved_by,
    ).where(columns.shard == shard_of(run_id), columns.run_id == run_id)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return Run(*row) if row else None


def items_of(tx: Tx, run_id: str) -> list[tuple[str, int]]:
    """The run's items in family order."""
    rows = tx.execute(
        select(disbursement_item.c.kpm_id, disbursement_item.c.amount)
        .where(disbursement_item.c.shard == shard_of(run_id), disbursement_item.c.run_id == run_id)
        .order_by(disbursement_item.c.kpm_id)
    )
    return [(row.kpm_id, row.amount) for row in rows]


def close_run(tx: Tx, run_id: str, approved_by: str, now: datetime) -> None:
    """The run is credited."""
    tx.execute(
        update(disbursement_run)
        .where(disbursement_run.c.shard == shard_of(run_id), disbursement_run.c.run_id == run_id)
        .values(status=CREDITED, approved_by=approved_by, approved_at=now)
    )
