"""The second of two who vouch: an officer says yes or no; above a quota DINSOS hears of it."""

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import in_scope
from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.money import Rupiah
from pos_engine.rules.supervision import (
    QUOTA_SPAN,
    NoOtherWay,
    SupervisionReason,
    SupervisionRefusal,
    SupervisionState,
    Vouching,
    case_reasons,
    may_confirm,
)
from pos_engine.services.enrolment_force import notify_family
from pos_engine.services.kin import own_family
from pos_engine.services.payer import Place
from pos_engine.services.sessions import Session
from pos_engine.services.supervise import CONFIRMED, STOPPED, Answered, log_attempt, own_pin
from pos_engine.store import aid_cases, enrolments, families, standing_people, supervisions
from pos_engine.store.database import Tx
from pos_engine.store.supervisions import Supervision

SUPERVISED_CONFIRMED = "SUPERVISED_CONFIRMED"


def confirm_supervision(
    engine: Engine, session: Session, supervision_id: str, pin: str
) -> Answered:
    """The second of two: an officer of her region. Twice is once."""
    refusal = own_pin(engine, session, pin)

    def work(tx: Tx) -> Answered:
        row = supervisions.find_supervision(tx, supervision_id, lock=True)
        if row is None or not in_scope(session.region, row.region):
            return SupervisionRefusal(SupervisionReason.NOT_FOUND, "supervision_id")
        mine = row.decided_by == session.staff_id
        if refusal is None and row.status is SupervisionState.CONFIRMED and mine:
            return row
        against = refusal or _against(tx, engine, session, row)
        if against is not None:
            place = Place(row.shop_id, row.till_id)
            log_attempt(tx, engine, session, place, row.kpm_id, STOPPED, against.reason)
            return against
        return _confirmed(tx, engine, session, row)

    return engine.database.transact(work)


def _against(
    tx: Tx, engine: Engine, session: Session, row: Supervision
) -> SupervisionRefusal | None:
    if standing_people.same_person(tx, row.asked_by, session.staff_id):
        return SupervisionRefusal(SupervisionReason.SECOND_PERSON_NEEDED)
    return may_confirm(
        row.status,
        asked_by=row.asked_by,
        officer=session.staff_id,
        own_family=own_family(tx, row.kpm_id, row.asked_by, session.staff_id),
        late=row.expires_at < engine.now(),
    )


def _confirmed(tx: Tx, engine: Engine, session: Session, row: Supervision) -> Supervision:
    enrolments.lock_family(tx, row.kpm_id)  # her quota is counted one by one
    now, by = engine.now(), session.staff_id
    _open_case(tx, engine, row, by)
    supervisions.decide_supervision(tx, row.supervision_id, SupervisionState.CONFIRMED, by, now)
    place = Place(row.shop_id, row.till_id)
    log_attempt(tx, engine, session, place, row.kpm_id, CONFIRMED, None)
    notify_family(tx, SUPERVISED_CONFIRMED, row.kpm_id, row.supervision_id, now)
    return supervisions.find_supervision(tx, row.supervision_id) or row


def _open_case(tx: Tx, engine: Engine, row: Supervision, officer: str) -> None:
    """Above a quota somebody looks why; nobody is sent away."""
    now = engine.now()
    seen = supervisions.count_confirmed(tx, row, officer, now - QUOTA_SPAN)
    family = families.find_family(tx, row.kpm_id)
    persons = [each.person_id for each in families.persons_of(tx, row.kpm_id)]
    waits = supervisions.in_cool_down(tx, row.kpm_id, persons, now)
    reasons = case_reasons(
        Vouching(
            amount=Rupiah(row.amount),
            cool_down=waits or row.no_other_way == NoOtherWay.COOL_DOWN,
            home_shop=family is not None and family.home_shop_id == row.shop_id,
            of_family=seen.of_family,
            of_shop=seen.of_shop,
            of_pair=seen.of_pair,
        )
    )
    if not reasons:
        return
    case = aid_cases.AidCase(
        case_id=new_uuid7(now),
        status=aid_cases.OPEN,
        reasons=" ".join(reasons),
        region=row.region,
        shop_id=row.shop_id,
        till_id=row.till_id,
        opened_at=now,
        kpm_id=row.kpm_id,
        supervision_id=row.supervision_id,
    )
    aid_cases.add_case(tx, case)


def refuse_supervision(engine: Engine, session: Session, supervision_id: str) -> Answered:
    """The officer does not know her, or is not there: the till asks somebody else."""

    def work(tx: Tx) -> Answered:
        row = supervisions.find_supervision(tx, supervision_id, lock=True)
        if row is None or not in_scope(session.region, row.region):
            return SupervisionRefusal(SupervisionReason.NOT_FOUND, "supervision_id")
        if row.status is SupervisionState.CONFIRMED:
            return SupervisionRefusal(SupervisionReason.WRONG_STATUS)
        if row.status is SupervisionState.ASKED:
            by, now = session.staff_id, engine.now()
            state = SupervisionState.REFUSED
            supervisions.decide_supervision(tx, supervision_id, state, by, now)
            log_attempt(
                tx, engine, session, Place(row.shop_id, row.till_id), row.kpm_id, STOPPED, None
            )
        return supervisions.find_supervision(tx, supervision_id) or row

    return engine.database.transact(work)
