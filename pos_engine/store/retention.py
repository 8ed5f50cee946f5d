"""What is kept for a time and then deleted: which table, by which moment, why so long."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, Table, delete, func, select

from pos_engine.store.database import Tx
from pos_engine.store.schema import challenge, identity_attempt, one_time_code, session
from pos_engine.store.schema_complaint_desk import complaint_photo
from pos_engine.store.schema_kpm import kpm_session
from pos_engine.store.schema_people import pin_witness
from pos_engine.store.schema_sms import sms_in, ussd_session

SWEPT_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of a table. Facts of money and officers' acts are in none of these."""

    kind: str
    table: Table
    key: str
    at: str
    days: int  # unless the setting says otherwise
    ground: str


KEPT = (
    Kept(
        "attempts",
        identity_attempt,
        "attempt_id",
        "at",
        400,
        "who looked her up: her right to know (Law 27/2022 Art. 7), a year and its report",
    ),
    Kept("codes", one_time_code, "code_id", "expires_at", 30, "to clear up a disputed text"),
    Kept("challenges", challenge, "challenge_id", "expires_at", 30, "no use after a visit"),
    Kept("dialogues", ussd_session, "session_key", "seen_at", 30, "no use after a dialogue"),
    Kept("texts", sms_in, "message_key", "at", 90, "to answer who says that she wrote"),
    Kept(
        "sessions", session, "session_id", "expires_at", 400, "who was logged in: with the attempts"
    ),
    Kept("visits", kpm_session, "session_id", "expires_at", 90, "strangers on her page are seen"),
    Kept("pin_witnesses", pin_witness, "witness_id", "expires_at", 400, "a disputed new PIN"),
    Kept("photos", complaint_photo, "complaint_id", "kept_at", 365, "a complaint and its appeal"),
)


def _old(kept: Kept, before: datetime, limit: int | None) -> Select[tuple[object, ...]]:
    c = kept.table.c
    return select(c[kept.key]).where(c[kept.at] < before).limit(limit)


def count(tx: Tx, kept: Kept, before: datetime) -> int:
    """How many are older."""
    found = _old(kept, before, None).subquery()
    return int(tx.execute(select(func.count()).select_from(found)).scalar_one())


def sweep(tx: Tx, kept: Kept, before: datetime) -> int:
    """Delete some that are older; how many."""
    keys = _old(kept, before, SWEPT_AT_ONCE).scalar_subquery()
    return int(tx.execute(delete(kept.table).where(kept.table.c[kept.key].in_(keys))).rowcount)
