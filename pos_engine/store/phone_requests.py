"""Baskets that wait for a yes on a family's own phone."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from pos_engine.rules.ids import KpmId, PersonId, PurchaseId, ShopId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema_sms import phone_request

WAITING, CONFIRMED, REFUSED = "WAITING", "CONFIRMED", "REFUSED"


@dataclass(frozen=True, slots=True)
class PhoneRequest:
    """Who is asked to agree to which basket."""

    kpm_id: KpmId
    purchase_id: PurchaseId
    person_id: PersonId
    phone_id: str
    shop_id: ShopId
    amount: int
    state: str
    asked_at: datetime
    expires_at: datetime


_REQUEST = select(*(phone_request.c[name] for name in PhoneRequest.__dataclass_fields__))
_COLUMNS = phone_request.c


def add_request(tx: Tx, new: PhoneRequest) -> None:
    """Write a request; `ConflictError` when this family was asked already."""
    tx.execute(insert(phone_request).values(shard=shard_of(new.kpm_id), **asdict(new)))


def find_request(tx: Tx, kpm_id: str, purchase_id: str) -> PhoneRequest | None:
    """A request by family and basket."""
    row = tx.execute(
        _REQUEST.where(
            _COLUMNS.shard == shard_of(kpm_id),
            _COLUMNS.kpm_id == kpm_id,
            _COLUMNS.purchase_id == purchase_id,
        )
    ).one_or_none()
    return PhoneRequest(*row) if row else None


def oldest_waiting(tx: Tx, kpm_id: str, phone_id: str, now: datetime) -> PhoneRequest | None:
    """The request that this phone is to answer next."""
    row = tx.execute(
        _REQUEST.where(
            _COLUMNS.shard == shard_of(kpm_id),
            _COLUMNS.kpm_id == kpm_id,
            _COLUMNS.phone_id == phone_id,
            _COLUMNS.state == WAITING,
            _COLUMNS.expires_at > now,
        )
        .order_by(_COLUMNS.asked_at)
        .limit(1)
    ).one_or_none()
    return PhoneRequest(*row) if row else None


def count_since(tx: Tx, kpm_id: str, since: datetime) -> int:
    """How often a family was asked since a moment."""
    asked = select(func.count()).where(
        _COLUMNS.shard == shard_of(kpm_id),
        _COLUMNS.kpm_id == kpm_id,
        _COLUMNS.asked_at >= since,
    )
    return int(tx.execute(asked).scalar_one())


def settle_request(tx: Tx, kpm_id: str, purchase_id: str, state: str) -> bool:
    """She answered; False when she had answered before."""
    done = tx.execute(
        update(phone_request)
        .where(
            _COLUMNS.shard == shard_of(kpm_id),
            _COLUMNS.kpm_id == kpm_id,
            _COLUMNS.purchase_id == purchase_id,
            _COLUMNS.state == WAITING,
        )
        .values(state=state)
    )
    return done.rowcount == 1
