"""What persons agreed to and took back: appended; the newest of a purpose counts."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema_privacy import consent

CONSENTS_LISTED_MAX = 500


class Purpose(StrEnum):
    """What for. Buying itself rests on the law, not on consent."""

    FACE = "FACE"  # to be recognised by her face


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One word of a person: yes, or no and a withdrawal."""

    consent_id: str
    kpm_id: str
    person_id: str
    purpose: str
    given: bool
    text_version: str
    language: str
    by_id: str
    at: datetime


def add_consent(tx: Tx, new: Consent) -> None:
    """Write it down."""
    tx.execute(insert(consent).values(shard=shard_of(new.kpm_id), **asdict(new)))


def consents_of(tx: Tx, kpm_id: str) -> list[Consent]:
    """A family's, the oldest first."""
    columns = [consent.c[name] for name in Consent.__slots__]
    rows = tx.execute(
        select(*columns)
        .where(consent.c.shard == shard_of(kpm_id), consent.c.kpm_id == kpm_id)
        .order_by(consent.c.at, consent.c.consent_id)
        .limit(CONSENTS_LISTED_MAX)
    ).mappings()
    return [Consent(**{str(name): row[name] for name in row}) for row in rows]
