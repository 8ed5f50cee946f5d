"""A PIN belanja sealed on the page that it was typed on: the engine's keys for it, and opening it.

ECDH on P-256 (every browser has it), HKDF-SHA256, AES-256-GCM. The page seals
`{"pin","till_id","time","nonce","act"}`: `time` in Unix milliseconds, `act` the id of the purchase
(or recall, allowance) that it is for, or empty. A sealed PIN that names its act is good for that
act alone, as long as its key is: twice is once there. One that names none lives ten minutes.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pos_engine.engine import Engine
from pos_engine.rules.identity import PIN_DIGITS, is_digits
from pos_engine.services.payer import CardProof, SealedProof

ALGORITHM = "ECDH-P256-HKDF-SHA256-A256GCM"
INFO = b"ewarong pin-sealing v1"
WEEK = timedelta(days=7)  # a key seals for one, and opens for OLDER_OPENED more
OLDER_OPENED = 4  # a purchase that is sent again after a month still finds its answer
SEALED_LIFE = timedelta(minutes=10)  # of a PIN that names no act
SEALED_LENGTH_MAX = 640
KEYS_REMEMBERED = 16
IV_BYTES = 12
# of P-256 (FIPS 186-5), to make a private key out of more bits than it has
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class SealingKey:
    """What a page needs to seal: the public point, uncompressed, and until when to use it."""

    kid: str
    public_key: str
    until: datetime


@dataclass(frozen=True, slots=True, repr=False)
class _Pair:
    kid: str
    private: ec.EllipticCurvePrivateKey
    public: bytes


class _Plain(msgspec.Struct, forbid_unknown_fields=True):
    """What a page sealed."""

    pin: str
    till_id: str
    time: int
    nonce: str
    act: str = ""


_decode = msgspec.json.Decoder(_Plain).decode


def sealing_key(engine: Engine) -> SealingKey:
    """The key of this week. It goes on opening when the next one seals."""
    week = _week(engine.now())
    pair = _pair(engine.keys.pin_sealing_secret(week))
    until = datetime.fromtimestamp((week + 1) * WEEK.total_seconds(), UTC)
    return SealingKey(pair.kid, _text(pair.public), until)


def unsealed(
    engine: Engine, proof: SealedProof, till_id: str, act: str | None = None
) -> CardProof | None:
    """The proof with its PIN; None when the PIN does not open here and now. No try is spent."""
    pin = open_pin(engine, proof.sealed, till_id, act)
    return None if pin is None else replace(proof.proof, pin=pin)


def open_pin(engine: Engine, sealed: str, till_id: str, act: str | None = None) -> str | None:
    """Six digits; None for another key, an altered text, another till or act, or a stale one."""
    now = engine.now()
    plain = _opened(engine, sealed, now)
    if plain is None or plain.till_id != till_id or not is_digits(plain.pin, PIN_DIGITS):
        return None
    if plain.act:
        return plain.pin if plain.act == act else None
    age_s = abs(now.timestamp() - plain.time / 1000)
    return plain.pin if age_s <= SEALED_LIFE.total_seconds() else None


def _opened(engine: Engine, sealed: str, now: datetime) -> _Plain | None:
    kid, _, rest = sealed.partition(".")
    pair = _find(engine, kid, now)
    if pair is None or len(sealed) > SEALED_LENGTH_MAX:
        return None
    try:
        point, iv, cipher = (_raw(part) for part in rest.split("."))
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        shared = pair.private.exchange(ec.ECDH(), theirs)
        key = HKDF(SHA256(), 32, salt=point + pair.public, info=INFO).derive(shared)
        return _decode(AESGCM(key).decrypt(iv, cipher, kid.encode()))
    except (ValueError, TypeError, InvalidTag, binascii.Error, msgspec.MsgspecError):
        return None  # a stranger's text: whatever is wrong with it, it says nothing


def _find(engine: Engine, kid: str, now: datetime) -> _Pair | None:
    """The key of that name among this week's, the next (a clock at midnight) and older ones."""
    week = _week(now)
    for each in (*range(week, week - OLDER_OPENED - 1, -1), week + 1):
        pair = _pair(engine.keys.pin_sealing_secret(each))
        if pair.kid == kid:
            return pair
    return None


def _week(now: datetime) -> int:
    return int(now.timestamp() // WEEK.total_seconds())


@lru_cache(KEYS_REMEMBERED)
def _pair(secret: bytes) -> _Pair:
    """A key pair out of 48 secret bytes: the same in every process, kept nowhere."""
    number = int.from_bytes(secret, "big") % (ORDER - 1) + 1
    private = ec.derive_private_key(number, ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _Pair(hashlib.sha256(public).hexdigest()[:16], private, public)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
