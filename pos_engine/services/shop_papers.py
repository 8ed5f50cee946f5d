"""What an officer takes down about a shop: its owner, account and photo, sealed for its row."""

import base64
import hashlib
import json
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.ids import ShopId
from pos_engine.rules.qris import ShopState
from pos_engine.services.payer import NIK
from pos_engine.store.shop_applications import Application

PICTURE_KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """Where the shop's money goes."""

    bank: str
    number: str
    holder: str


@dataclass(frozen=True, slots=True, repr=False)
class NewShop:
    """What an officer takes down in the shop."""

    shop_id: str
    name: str
    region: str
    owner_name: str
    owner_nik: str
    account: Account
    photo: bytes | None


def seal(engine: Engine, applied_by: str, new: NewShop) -> Application:
    """An application as it is written: what names a person is sealed for this row."""
    keys, place = engine.keys, f"shop {new.shop_id}"
    account = [new.account.bank, new.account.number, new.account.holder]
    owner = json.dumps([new.owner_name, new.owner_nik])
    photo = base64.b64encode(new.photo).decode() if new.photo is not None else None
    content = json.dumps([new.name, new.region, owner, account, photo])
    return Application(
        shop_id=ShopId(new.shop_id),
        name=new.name,
        region=new.region,
        status=ShopState.APPLIED.value,
        reason=None,
        # keyed: a plain hash of a NIK could be tried out by whoever reads the database
        content=keys.lookup("SHOP", hashlib.sha256(content.encode()).hexdigest()),
        owner_hmac=keys.lookup(NIK, new.owner_nik),
        owner_sealed=keys.seal_personal(owner, f"{place} owner"),
        account_sealed=keys.seal_personal(json.dumps(account), f"{place} account"),
        photo_sealed=keys.seal_personal(photo, f"{place} photo") if photo else None,
        till_id=None,
        applied_by=applied_by,
        applied_at=engine.now(),
    )


def owner_of(engine: Engine, application: Application) -> tuple[str, str]:
    """Name and NIK of the owner, for the officer who decides."""
    sealed, place = application.owner_sealed, f"shop {application.shop_id} owner"
    name, nik = json.loads(engine.keys.open_personal(sealed, place))
    return name, nik


def account_of(engine: Engine, application: Application) -> Account:
    """The account that was named at the application: where settlement begins from."""
    sealed, place = application.account_sealed, f"shop {application.shop_id} account"
    return Account(*json.loads(engine.keys.open_personal(sealed, place)))


def photo_of(engine: Engine, application: Application) -> tuple[bytes, str] | None:
    """The photo and its kind; it is handed on, never decoded here."""
    if application.photo_sealed is None:
        return None
    place = f"shop {application.shop_id} photo"
    photo = base64.b64decode(engine.keys.open_personal(application.photo_sealed, place))
    return photo, picture_kind(photo) or "application/octet-stream"


def picture_kind(photo: bytes) -> str | None:
    """The media type by the first bytes; None when it is no picture we take."""
    return next((kind for head, kind in PICTURE_KINDS.items() if photo.startswith(head)), None)
