"""The factor by which a KPM agrees to an enrolment: her PIN belanja, or a code by SMS."""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import EnrolmentReason, Refusal, in_scope
from pos_engine.rules.ids import KpmId, ShopId
from pos_engine.services.codes import Bounds, Prepared, send, write_code
from pos_engine.services.payer import check_code, check_pin
from pos_engine.services.sessions import Session
from pos_engine.store import families
from pos_engine.store.database import Tx
from pos_engine.wire.sms import face_code_text

PIN, CODE = "PIN", "CODE"
NO_SHOP = ShopId("ENROLMENT")  # such a code buys nowhere, and a purchase's code enrols nobody


@dataclass(frozen=True, slots=True, repr=False)
class Factor:
    """One existing factor of the KPM."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """She has agreed; the code, if it was one, is to be used up with the proposal."""

    code_id: str | None


def check_factor(
    tx: Tx, engine: Engine, kpm_id: KpmId, enrolment_id: str, factor: Factor | None
) -> Agreed | Refusal:
    """Check her factor; a wrong one spends a try, as at the till."""
    if factor is None:
        return Refusal(EnrolmentReason.FACTOR_MISSING, "factor")
    if factor.kind == PIN:
        checked = check_pin(tx, engine, kpm_id, factor.value)
    else:
        now = engine.now()
        checked = check_code(tx, engine, kpm_id, NO_SHOP, enrolment_id, factor.value, 0, now)
    if not checked.proven:
        return Refusal(EnrolmentReason(checked.reasons[0].value), "factor.value")
    return Agreed(checked.code_id)


def send_code(engine: Engine, session: Session, enrolment_id: str, kpm_id: str) -> bool | Refusal:
    """Send a code that is good for this enrolment only; False when no phone could take one."""

    def work(tx: Tx) -> Prepared | Refusal | None:
        family = families.find_family(tx, kpm_id)
        if family is None or not in_scope(session.region, family.region):
            return Refusal(EnrolmentReason.NOT_FOUND, "kpm_id")
        bounds = Bounds(NO_SHOP, enrolment_id)
        return write_code(tx, engine, family.kpm_id, bounds, face_code_text, engine.now())

    prepared = engine.database.transact(work)
    if isinstance(prepared, Refusal):
        return prepared
    return prepared is not None and send(engine, prepared)
