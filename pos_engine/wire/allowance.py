"""The document of an allowance: what the engine signs and a tablet keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pos_engine.wire.canonical import to_base64url

VERSION = 1
OFFLINE_METHODS = ("KKS_QR", "PIN")  # both, always: the sticker on her card and what she knows


@dataclass(frozen=True, slots=True, repr=False)
class Verifier:
    """What checks a PIN on the tablet: argon2id, its salt the card's secret, and its cost."""

    rounds: int
    kib: int
    lanes: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """The most one sale may cost (rupiah), how many there may be, what of a good a family's day."""

    tx_max: int
    tx_count: int
    daily: Sequence[tuple[str, int]]  # sku, thousandths of its base unit
    remote: bool


@dataclass(frozen=True, slots=True, repr=False)
class Promise:
    """What an allowance promises. `name` is masked; `kpm_ref` means nothing to another device."""

    allowance_id: str
    kpm_ref: str
    card_ref: str
    name: str
    shop_id: str
    device_id: str
    amount_max: int
    not_before: datetime
    not_after: datetime
    price_book: str
    verifier: Verifier
    limits: Limits
    kid: str
    not_by: Sequence[str] = ()  # staff of the family: whoever serves does not serve her own


def document_of(promise: Promise) -> dict[str, object]:
    """The fields in the names of the protocol; canonical JSON of them is what is signed."""
    verifier, limits = promise.verifier, promise.limits
    return {
        "v": VERSION,
        "alw": promise.allowance_id,
        "kpm_ref": promise.kpm_ref,
        "card_ref": promise.card_ref,
        "name": promise.name,
        "shop": promise.shop_id,
        "device": promise.device_id,
        "amount_max": promise.amount_max,
        "not_before": _moment(promise.not_before),
        "not_after": _moment(promise.not_after),
        "catalog": promise.price_book,
        "methods": list(OFFLINE_METHODS),
        "verifier": {
            "alg": "argon2id",
            "t": verifier.rounds,
            "m_kib": verifier.kib,
            "p": verifier.lanes,
            "hash": to_base64url(verifier.digest),
        },
        "limits": {
            "tx_max": limits.tx_max,
            "tx_count": limits.tx_count,
            "daily": [list(each) for each in limits.daily],
            "remote": limits.remote,
        },
        "time_anchor": _moment(promise.not_before),
        "kid": promise.kid,
    } | ({"not_by": list(promise.not_by)} if promise.not_by else {})


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
