"""Whose data passed through a device or an officer's hands in a span of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, Table, func, literal, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import device, identity_attempt, purchase
from pos_engine.store.schema_allowances import allowance
from pos_engine.store.schema_enrolment import enrolment_event
from pos_engine.store.schema_privacy import privacy_event
from pos_engine.store.schema_sms import complaint


@dataclass(frozen=True, slots=True)
class Wanted:
    """Moments from `since` to before `until`; of one device (and its till), of one officer."""

    since: datetime
    until: datetime
    device_id: str | None = None
    till_id: str | None = None
    staff_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Trace:
    """A table that tells who saw whom."""

    kind: str
    table: Table
    at: str
    staff: str
    device: str = ""
    till: str = ""
    only: str = ""  # rows of this kind

    def rows(self, wanted: Wanted) -> Select[tuple[object, ...]] | None:
        """Families and this kind; None when the table knows no device and one is asked for."""
        c = self.table.c
        query = select(c.kpm_id, literal(self.kind).label("kind"), c[self.at].label("at")).where(
            c[self.at] >= wanted.since, c[self.at] < wanted.until, c.kpm_id.is_not(None)
        )
        if self.only:
            query = query.where(c.kind == self.only)
        if wanted.staff_id:
            query = query.where(c[self.staff] == wanted.staff_id)
        if wanted.device_id is None:
            return query
        if self.device:
            return query.where(c[self.device] == wanted.device_id)
        return query.where(c[self.till] == wanted.till_id) if self.till else None


TRACES = (
    _Trace("LOOKED_UP", identity_attempt, "at", "staff_id", till="till_id"),
    _Trace("PURCHASE", purchase, "decided_at", "staff_id", till="till_id"),
    _Trace("ALLOWANCE", allowance, "issued_at", "staff_id", device="device_id"),
    _Trace("FACE", enrolment_event, "at", "staff_id", device="device_id"),
    _Trace("COMPLAINT", complaint, "closed_at", "closed_by"),
    _Trace("EXPORT", privacy_event, "at", "by_id", only="EXPORTED"),
)
KINDS = tuple(each.kind for each in TRACES)


@dataclass(frozen=True, slots=True)
class Exposed:
    """A family: what of hers, how often, when first and last."""

    kpm_id: str
    kind: str
    times: int
    first: datetime
    last: datetime


def exposed(tx: Tx, wanted: Wanted, kinds: frozenset[str]) -> Iterator[Exposed]:
    """Family by family within a kind."""
    for trace in TRACES:
        rows = trace.rows(wanted) if trace.kind in kinds else None
        if rows is None:
            continue
        found = rows.subquery()
        query = (
            select(
                found.c.kpm_id,
                found.c.kind,
                func.count(),
                func.min(found.c.at),
                func.max(found.c.at),
            )
            .group_by(found.c.kpm_id, found.c.kind)
            .order_by(found.c.kpm_id)
        )
        for row in tx.execute(query):
            yield Exposed(*row)


def till_of(tx: Tx, device_id: str) -> str | None:
    """The till that a device stands at."""
    query = select(device.c.till_id).where(
        device.c.shard == shard_of(device_id), device.c.device_id == device_id
    )
    return tx.execute(query).scalar_one_or_none()
