"""Write down what a person agreed to or took back, in the transaction of the act itself."""

from datetime import datetime

from pos_engine.rules.enrolment import Status
from pos_engine.rules.ids import new_uuid7
from pos_engine.store import consents
from pos_engine.store.consents import Consent, Purpose
from pos_engine.store.database import Tx
from pos_engine.store.enrolments import Enrolment

BY_HERSELF = "KPM"
WITHDRAWAL = "withdrawal"  # no text is read out to who takes her word back


def note_face_consent(tx: Tx, row: Enrolment) -> None:
    """Yes or no to the text that was read out; an enrolment's consent has the enrolment's id."""
    consents.add_consent(
        tx,
        Consent(
            consent_id=row.enrolment_id,
            kpm_id=row.kpm_id,
            person_id=row.person_id,
            purpose=Purpose.FACE.value,
            given=row.status is not Status.DECLINED_BY_KPM,
            text_version=row.consent_text,
            language=row.consent_language,
            by_id=row.proposed_by,
            at=row.proposed_at,
        ),
    )


def note_face_withdrawal(tx: Tx, kpm_id: str, person_id: str, by: str, now: datetime) -> None:
    """She took it back at a till."""
    consents.add_consent(
        tx,
        Consent(
            consent_id=new_uuid7(now),
            kpm_id=kpm_id,
            person_id=person_id,
            purpose=Purpose.FACE.value,
            given=False,
            text_version=WITHDRAWAL,
            language="id",
            by_id=by,
            at=now,
        ),
    )
