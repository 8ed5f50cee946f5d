"""A complaint that somebody else types for a family: at the till, or from paper in an office."""

from dataclasses import dataclass, field

from pos_engine.engine import Engine
from pos_engine.rules.audit import day_of_number
from pos_engine.rules.complaints import Kind
from pos_engine.rules.enrolment import in_scope
from pos_engine.rules.ids import KpmId
from pos_engine.services.complaints import Grievance, Opened, keep_complaint, usable_photo
from pos_engine.services.install import Refused
from pos_engine.services.kpm_complaints import OPEN_OF_A_FAMILY_MAX
from pos_engine.services.sessions import SHOP_ROLES, Session
from pos_engine.store import complaint_desk, complaints, families, purchases
from pos_engine.store.database import Tx

TILL, PAPER = "TILL", "PAPER"


@dataclass(frozen=True, slots=True, repr=False)
class TakenDown:
    """What is typed. The family is known by her receipt's number, or (in an office) by `kpm_id`."""

    complaint_id: str
    kind: Kind
    words: str
    number: str | None = None
    kpm_id: str | None = None
    line: int | None = None
    photo: bytes | None = field(default=None, repr=False)


def take_down(engine: Engine, session: Session, new: TakenDown) -> Opened | Refused:
    """Keep it. A till names a receipt of its own shop; an office a family of its region.

    The same complaint again is the same number; whoever types learns nothing about the family.
    """
    if new.photo is not None and not usable_photo(new.photo):
        return Refused("photo", "a JPEG, PNG or WebP of at most 2 MiB")
    return engine.database.transact(lambda tx: _take_down(tx, engine, session, new))


def _take_down(tx: Tx, engine: Engine, session: Session, new: TakenDown) -> Opened | Refused:
    about = _about(tx, session, new)
    if isinstance(about, Refused):
        return about
    kpm_id, purchase_id = about
    known = complaints.find_complaint(tx, kpm_id, new.complaint_id)
    if known is not None:
        case = complaint_desk.find_case(tx, kpm_id, new.complaint_id)
        return Opened(known.reference, case.kind if case else new.kind)
    if len(complaints.open_of(tx, kpm_id)) >= OPEN_OF_A_FAMILY_MAX:
        return Refused("kpm_id", "too many complaints of this family are open already")
    said = Grievance(
        kpm_id=kpm_id,
        channel=TILL if session.role in SHOP_ROLES else PAPER,
        note=" ".join(new.words.split()),
        kind=new.kind,
        line=new.line,
        photo=new.photo,
        complaint_id=new.complaint_id,
        brought_by=session.staff_id,
    )
    return keep_complaint(tx, engine, said, purchase_id)


def _about(tx: Tx, session: Session, new: TakenDown) -> tuple[KpmId, str | None] | Refused:
    """Whose complaint it is, and about which purchase."""
    nobody = Refused("number", "no receipt or family of your shop or region has this number")
    shop_id = session.shop.shop_id if session.shop else None
    if new.number is not None:
        day = day_of_number(new.number)
        found = complaint_desk.of_number(tx, new.number, day, shop_id) if day else None
        if found is None:
            return nobody
        purchase_id, kpm_id = found
    elif new.kpm_id is not None and shop_id is None:
        purchase_id, kpm_id = None, new.kpm_id
    else:
        return nobody
    family = families.find_family(tx, kpm_id)
    if family is None or not (shop_id or _seen(tx, session, family.region, purchase_id)):
        return nobody
    return KpmId(kpm_id), purchase_id


def _seen(tx: Tx, session: Session, region: str, purchase_id: str | None) -> bool:
    """An office takes down for families of its region, and for sales of its shops."""
    if in_scope(session.region, region):
        return True
    claim = purchases.find_claim(tx, purchase_id) if purchase_id else None
    if claim is None or claim.kpm_id is None:
        return False
    paid = complaint_desk.paid(tx, claim.kpm_id, claim.purchase_id)
    return paid is not None and in_scope(session.region, paid.region)
