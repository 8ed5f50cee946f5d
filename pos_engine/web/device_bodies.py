"""Shapes of requests about devices and their keys, and how a device is answered."""

from typing import Annotated, Any

from pydantic import Field, SecretStr, StrictStr
from pydantic.functional_validators import AfterValidator

from pos_engine.rules.identity import is_digits
from pos_engine.services.device_codes import DEVICE_CODE_DIGITS
from pos_engine.services.device_signature import Algorithm, PublicKey, read_public_key
from pos_engine.store.devices import DeviceKey, ListedDevice
from pos_engine.web.card_body import Digits6
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import Uuid7
from pos_engine.web.strict import Strict

PUBLIC_KEY_LENGTH_MAX = 128
LABEL = r"^[^\x00-\x1f\x7f]{1,60}$"


def _eight_digits(value: SecretStr) -> SecretStr:
    if not is_digits(value.get_secret_value(), DEVICE_CODE_DIGITS):
        message = f"must be {DEVICE_CODE_DIGITS} digits"
        raise ValueError(message)
    return value


Code8 = Annotated[
    SecretStr, AfterValidator(_eight_digits), Field(json_schema_extra={"pattern": "^[0-9]{8}$"})
]
Label = Annotated[StrictStr, Field(pattern=LABEL)]
KeyText = Annotated[StrictStr, Field(max_length=PUBLIC_KEY_LENGTH_MAX)]


class CodeAskIn(Strict):
    """The owner's own PIN, once more."""

    pin: Digits6


class KeyIn(Strict):
    """The public key of a tablet, as WebCrypto exports it raw."""

    algorithm: Algorithm
    public_key: KeyText

    def key(self) -> PublicKey:
        """The key; 422 when it is none of its algorithm."""
        found = read_public_key(self.algorithm, self.public_key)
        if found is None:
            detail = "Kunci publik ini bukan kunci dari algoritme itu."
            raise ProblemError(422, "MALFORMED", detail, "public_key")
        return found


class DeviceIn(KeyIn):
    """A new device with its owner's code; the tablet makes its name and key itself."""

    device_id: Uuid7
    code: Code8
    label: Label


class BindIn(KeyIn):
    """A key for the device of this session. A sample installation asks for no code."""

    code: Code8 | None = None
    label: Label = "Tablet"


def key_json(key: DeviceKey) -> dict[str, Any]:
    """A device with its key."""
    return {
        "device_id": key.device_id,
        "till_id": key.till_id,
        "kid": key.kid,
        "algorithm": key.algorithm,
        "state": key.state,
        "label": key.label,
        "made_at": key.made_at.isoformat(timespec="seconds"),
    }


def listed_json(row: ListedDevice) -> dict[str, Any]:
    """A device on a list."""
    return key_json(row.key) | {
        "shop_id": row.key.shop_id,
        "shop_name": row.shop_name,
        "region": row.region,
    }
