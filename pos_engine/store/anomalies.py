"""Cases of what looks wrong: found once a month and subject, changed by sealed steps."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, select, update

from pos_engine.rules.anomaly_case import CaseStatus
from pos_engine.rules.ids import shard_of
from pos_engine.store.announce import Kind, announce
from pos_engine.store.database import Tx
from pos_engine.store.schema import template
from pos_engine.store.schema_anomalies import (
    anomaly_case,
    anomaly_run,
    anomaly_step,
    anomaly_stop,
)

CASES_LISTED_MAX = 500
RUNS_LISTED_MAX = 24
ASIDE = 0  # the shard of what belongs to nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. `evidence` are rows that show it; `bound` is from where it looks wrong."""

    case_id: str
    rule: str
    subject_kind: str
    subject_id: str
    period: str
    region: str
    status: CaseStatus
    score: float
    counted: int
    looked_at: int
    value: float
    bound: float
    peers_middle: float
    peers: int
    peers_of: str
    sentence: str
    evidence: Sequence[dict[str, Any]]
    opened_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did with a case, as its `number`-th step."""

    case_id: str
    number: int
    act_id: str
    kind: str
    made_by: str
    role: str
    note: str
    content: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """A face or an officer that the machine stopped."""

    case_id: str
    subject_id: str
    kind: str
    kpm_id: str | None
    stopped_at: datetime
    freed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """The newest run over a month. `left_out`: found, but more than are kept."""

    period: str
    ran_at: datetime
    shops: int
    months: int
    found: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases: of a region (None is the nation), a month, a state, a rule, a subject."""

    region: str | None = None
    first: str = ""
    last: str = "9999-99"
    statuses: Collection[CaseStatus] = ()
    rule: str = ""
    subject_id: str = ""


_COLUMNS = [anomaly_case.c[each.name] for each in fields(Case)]
_LEAN = [each for each in _COLUMNS if each.name != "evidence"]
_STEP = [anomaly_step.c[each.name] for each in fields(Step)]
_STOP = [anomaly_stop.c[each.name] for each in fields(Stop)]
_RUN = [anomaly_run.c[each.name] for each in fields(Run)]


def _of(row: Any) -> Case:
    given = {str(name): value for name, value in row.items()}
    given["status"] = CaseStatus(given["status"])
    return Case(**({"evidence": ()} | given))


def _mine(case_id: str) -> list[ColumnElement[bool]]:
    return [anomaly_case.c.shard == shard_of(case_id), anomaly_case.c.case_id == case_id]


def find_case(tx: Tx, case_id: str, *, lock: bool = False) -> Case | None:
    """One case with its evidence; `lock` holds it until the transaction ends."""
    query = select(*_COLUMNS).where(*_mine(case_id))
    row = tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return _of(row) if row else None


def keep_found(tx: Tx, found: Case) -> Case:
    """Open a case, or bring an OPEN one up to what was found now; the case as it stands then."""
    before = find_case(tx, found.case_id, lock=True)
    values = asdict(found) | {"status": found.status.value, "evidence": list(found.evidence)}
    if before is None:
        tx.execute(insert(anomaly_case).values(shard=shard_of(found.case_id), **values))
        return found
    if before.status is not CaseStatus.OPEN:
        return before
    del values["opened_at"]
    tx.execute(update(anomaly_case).where(*_mine(found.case_id)).values(**values))
    return found


def listed(tx: Tx, wanted: Wanted, limit: int = CASES_LISTED_MAX) -> list[Case]:
    """Cases without their evidence, the strangest first."""
    c = anomaly_case.c
    query = _where(select(*_LEAN), wanted).order_by(c.score.desc(), c.case_id).limit(limit)
    return [_of(row) for row in tx.execute(query).mappings()]


def count_by_status(tx: Tx, wanted: Wanted) -> dict[str, int]:
    """How many cases of each state."""
    c = anomaly_case.c
    rows = tx.execute(_where(select(c.status, func.count()), wanted).group_by(c.status))
    return {str(status): int(count) for status, count in rows}


def _where(query: Select[Any], wanted: Wanted) -> Select[Any]:
    c = anomaly_case.c
    query = query.where(c.period.between(wanted.first, wanted.last))
    if wanted.region:
        inside = c.region.startswith(f"{wanted.region}.", autoescape=True)
        query = query.where((c.region == wanted.region) | inside)
    if wanted.statuses:
        query = query.where(c.status.in_([each.value for each in wanted.statuses]))
    if wanted.rule:
        query = query.where(c.rule == wanted.rule)
    if wanted.subject_id:
        query = query.where(c.subject_id == wanted.subject_id)
    return query


def add_step(tx: Tx, new: Step, status: CaseStatus) -> None:
    """Write down what was done and where the case stands now; the caller holds its lock."""
    shard = shard_of(new.case_id)
    tx.execute(insert(anomaly_step).values(shard=shard, **asdict(new)))
    tx.execute(update(anomaly_case).where(*_mine(new.case_id)).values(status=status.value))
    announce(tx, Kind.ANOMALY_STEP, [(shard, f"{new.case_id}:{new.number}")])


def steps_of(tx: Tx, case_id: str) -> list[Step]:
    """What was done with a case, the oldest first."""
    c = anomaly_step.c
    query = select(*_STEP).where(c.shard == shard_of(case_id), c.case_id == case_id)
    return [Step(*row) for row in tx.execute(query.order_by(c.number))]


def add_stop(tx: Tx, new: Stop) -> None:
    """Write down what the machine stopped."""
    tx.execute(insert(anomaly_stop).values(shard=shard_of(new.case_id), **asdict(new)))


def stops_of(tx: Tx, case_id: str) -> list[Stop]:
    """What was stopped because of a case."""
    c = anomaly_stop.c
    query = select(*_STOP).where(c.shard == shard_of(case_id), c.case_id == case_id)
    return [Stop(*row) for row in tx.execute(query.order_by(c.subject_id))]


def stopped_faces(tx: Tx, kpm_id: str, templates: Collection[str]) -> list[str]:
    """Which of these faces a case still holds."""
    c = anomaly_stop.c
    rows = tx.execute(
        select(c.subject_id).where(
            c.kpm_id == kpm_id, c.subject_id.in_(list(templates)), c.freed_at.is_(None)
        )
    )
    return sorted(set(rows.scalars()))


def free_stop(tx: Tx, stop: Stop, now: datetime) -> None:
    """It works again."""
    c = anomaly_stop.c
    tx.execute(
        update(anomaly_stop)
        .where(
            c.shard == shard_of(stop.case_id),
            c.case_id == stop.case_id,
            c.subject_id == stop.subject_id,
        )
        .values(freed_at=now)
    )


def keep_run(tx: Tx, done: Run) -> None:
    """The newest run over a month replaces the one before."""
    c = anomaly_run.c
    mine = (c.shard == ASIDE, c.period == done.period)
    if tx.execute(select(c.period).where(*mine)).first() is None:
        tx.execute(insert(anomaly_run).values(shard=ASIDE, **asdict(done)))
    else:
        tx.execute(update(anomaly_run).where(*mine).values(**asdict(done)))


def runs(tx: Tx) -> list[Run]:
    """The newest run of each month, the newest month first."""
    query = select(*_RUN).order_by(anomaly_run.c.period.desc()).limit(RUNS_LISTED_MAX)
    return [Run(*row) for row in tx.execute(query)]


def faces_in_force(tx: Tx, kpm_id: str, person_id: str) -> list[str]:
    """The templates by which a person is found."""
    c = template.c
    rows = tx.execute(
        select(c.template_id)
        .where(c.shard == shard_of(kpm_id), c.kpm_id == kpm_id, c.person_id == person_id)
        .where(c.number.is_not(None))
        .order_by(c.template_id)
    )
    return list(rows.scalars())


def person_of_face(tx: Tx, kpm_id: str, template_id: str) -> str | None:
    """Whose face it is."""
    c = template.c
    mine = (c.shard == shard_of(kpm_id), c.template_id == template_id)
    found: str | None = tx.execute(select(c.person_id).where(*mine)).scalar_one_or_none()
    return found
