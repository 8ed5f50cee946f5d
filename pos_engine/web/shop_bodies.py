"""Shapes of what an officer sends about a shop, and how it is answered."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr, StrictStr, field_validator

from pos_engine.rules.ids import new_uuid7
from pos_engine.services.install import NAME_LENGTH_MAX
from pos_engine.services.shop_nmid import Merchant
from pos_engine.services.shop_onboarding import Standing
from pos_engine.services.shop_papers import Account, NewShop, picture_kind
from pos_engine.store.shop_applications import Application
from pos_engine.web.enrolment_bodies import Region
from pos_engine.web.schemas import Code, Uuid7, decoded_picture, real_nik
from pos_engine.web.strict import Strict

SHOP_PHOTO_BYTES_MAX = 1024 * 1024
REASON_LENGTH_MAX = 300
_ACCOUNT_NUMBER = r"^[0-9]{5,20}$"
Name = Annotated[
    StrictStr, Field(min_length=1, max_length=NAME_LENGTH_MAX, pattern=r"^[^\x00-\x1f]+$")
]


def _hidden_nik(value: SecretStr) -> SecretStr:
    return SecretStr(real_nik(value.get_secret_value()))


class OwnerIn(Strict):
    """The owner as on the KTP."""

    name: Name
    nik: Annotated[SecretStr, AfterValidator(_hidden_nik)]


class AccountIn(Strict):
    """Where the shop's money goes."""

    bank: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9 .]{2,30}$")]
    number: Annotated[SecretStr, Field(json_schema_extra={"pattern": _ACCOUNT_NUMBER})]
    holder: Name

    @field_validator("number")
    @classmethod
    def _digits(cls, value: SecretStr) -> SecretStr:
        digits = value.get_secret_value()
        if not (5 <= len(digits) <= 20 and digits.isascii() and digits.isdigit()):  # noqa: PLR2004
            message = "5 to 20 digits"
            raise ValueError(message)
        return value


class ShopIn(Strict):
    """An application, taken down in the shop. `photo` is a JPEG or PNG as base64."""

    shop_id: Uuid7 | None = None
    name: Name
    region: Region
    owner: OwnerIn
    account: AccountIn
    photo: Annotated[StrictStr, AfterValidator(decoded_picture)] | None = None

    @field_validator("photo")
    @classmethod
    def _picture(cls, value: Any) -> Any:
        if value is not None and (len(value) > SHOP_PHOTO_BYTES_MAX or picture_kind(value) is None):
            message = f"a JPEG or PNG of at most {SHOP_PHOTO_BYTES_MAX // 1024} KiB"
            raise ValueError(message)
        return value

    def to_shop(self, now: Any) -> NewShop:
        """The value for the services; without an id it gets one."""
        photo: Any = self.photo  # bytes after its validator
        return NewShop(
            shop_id=self.shop_id or new_uuid7(now),
            name=self.name.strip(),
            region=self.region,
            owner_name=self.owner.name.strip(),
            owner_nik=self.owner.nik.get_secret_value(),
            account=Account(
                self.account.bank, self.account.number.get_secret_value(), self.account.holder
            ),
            photo=photo,
        )


class RejectIn(Strict):
    """Why a shop is refused: its owner may read it."""

    reason: Annotated[
        StrictStr, Field(min_length=3, max_length=REASON_LENGTH_MAX, pattern=r"^[^\x00-\x1f]+$")
    ]


class NmidIn(Strict):
    """What the acquiring provider answered about a shop."""

    nmid: Annotated[StrictStr, Field(pattern=r"^ID[0-9]{13}$")]
    domain: Annotated[StrictStr, Field(pattern=r"^[A-Z0-9.-]{3,32}$")]
    mpan: Annotated[StrictStr, Field(pattern=r"^9360[0-9]{11,15}$")]
    merchant_id: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9]{1,15}$")]
    criteria: Annotated[StrictStr, Field(pattern=r"^[A-Z]{3}$")]
    mcc: Annotated[StrictStr, Field(pattern=r"^[0-9]{4}$")] = "5411"
    postal_code: Annotated[StrictStr, Field(pattern=r"^[0-9]{5}$")]
    partner_id: Code

    def to_merchant(self) -> Merchant:
        """The value for the services."""
        return Merchant(**self.model_dump())


def standing_json(found: Standing) -> dict[str, Any]:
    """How far a shop is; nothing of its owner."""
    row, state = found.application, found.nmid_state
    return application_json(row) | {
        "nmid_status": state.value if state else None,
        "nmid": found.qris.nmid if found.qris else None,
        "till_id": row.till_id,
        "owner_shops": found.owner_shops,
        "has_photo": row.photo_sealed is not None,
    }


def application_json(row: Application) -> dict[str, Any]:
    """A row of the list."""
    return {
        "shop_id": row.shop_id,
        "name": row.name,
        "region": row.region,
        "status": row.status,
        "reason": row.reason,
        "applied_at": row.applied_at.isoformat(timespec="seconds"),
        "decided_at": row.decided_at.isoformat(timespec="seconds") if row.decided_at else None,
    }
