"""Applications of shops, and the merchant ids that providers gave them."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from pos_engine.rules.ids import ShopId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema_qris import shop_application, shop_qris

APPLICATIONS_LISTED_MAX = 100


@dataclass(frozen=True, slots=True, repr=False)
class Application:
    """A shop that wants to sell. Owner, account and photo are sealed for this row."""

    shop_id: ShopId
    name: str
    region: str
    status: str
    reason: str | None
    content: bytes
    owner_hmac: bytes
    owner_sealed: bytes
    account_sealed: bytes
    photo_sealed: bytes | None
    till_id: str | None
    applied_by: str
    applied_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShopQris:
    """What the acquiring provider gave a shop."""

    shop_id: ShopId
    nmid: str
    domain: str
    mpan: str
    merchant_id: str
    criteria: str
    mcc: str
    city: str
    postal_code: str
    partner_id: str
    given_by: str
    given_at: datetime


_APPLICATION = select(*(shop_application.c[name] for name in Application.__dataclass_fields__))
_QRIS = select(*(shop_qris.c[name] for name in ShopQris.__dataclass_fields__))


def add_application(tx: Tx, new: Application) -> None:
    """Write an application; `ConflictError` when the id is taken."""
    tx.execute(insert(shop_application).values(shard=shard_of(new.shop_id), **asdict(new)))


def find_application(tx: Tx, shop_id: str) -> Application | None:
    """One application by its shop's id."""
    row = tx.execute(
        _APPLICATION.where(
            shop_application.c.shard == shard_of(shop_id), shop_application.c.shop_id == shop_id
        )
    ).one_or_none()
    return Application(*row) if row else None


def listed(tx: Tx, region: str | None, status: str, after: str) -> list[Application]:
    """Applications of a region (None is the nation) in a state, by id, after a cursor."""
    columns = shop_application.c
    statement = _APPLICATION.where(columns.status == status, columns.shop_id > after)
    if region is not None:
        inside = columns.region == region
        statement = statement.where(
            inside | columns.region.startswith(f"{region}.", autoescape=True)
        )
    ordered = statement.order_by(columns.shop_id).limit(APPLICATIONS_LISTED_MAX)
    return [Application(*row) for row in tx.execute(ordered)]


def shops_of_owner(tx: Tx, owner_hmac: bytes) -> int:
    """How many applications one owner has made."""
    counted = select(func.count()).where(shop_application.c.owner_hmac == owner_hmac)
    return int(tx.execute(counted.select_from(shop_application)).scalar_one())


def decide(
    tx: Tx,
    shop_id: str,
    status: str,
    reason: str | None,
    till_id: str | None,
    by: str,
    now: datetime,
) -> bool:
    """Decide an application that nobody decided yet; False when somebody was first."""
    columns = shop_application.c
    done = tx.execute(
        update(shop_application)
        .where(
            columns.shard == shard_of(shop_id),
            columns.shop_id == shop_id,
            columns.decided_at.is_(None),
        )
        .values(status=status, reason=reason, till_id=till_id, decided_by=by, decided_at=now)
    )
    return done.rowcount == 1


def give_nmid(tx: Tx, given: ShopQris) -> None:
    """Write what the provider gave; `ConflictError`: the shop has one, or the NMID is another's."""
    tx.execute(insert(shop_qris).values(shard=shard_of(given.shop_id), **asdict(given)))


def find_qris(tx: Tx, shop_id: str) -> ShopQris | None:
    """What a shop was given; None while its NMID is awaited."""
    row = tx.execute(
        _QRIS.where(shop_qris.c.shard == shard_of(shop_id), shop_qris.c.shop_id == shop_id)
    ).one_or_none()
    return ShopQris(*row) if row else None


def find_by_nmid(tx: Tx, nmid: str) -> ShopQris | None:
    """Whose national merchant id this is."""
    row = tx.execute(_QRIS.where(shop_qris.c.nmid == nmid)).one_or_none()
    return ShopQris(*row) if row else None
