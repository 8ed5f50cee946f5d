"""Who calls through SNAP: partners as data, tokens, signatures, replay window, ids used once."""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from pos_engine.engine import Engine
from pos_engine.rules.identity import is_digits
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.install import NAME_LENGTH_MAX, SECRET_BYTES, Refused
from pos_engine.store import snap_partners
from pos_engine.store.database import ConflictError
from pos_engine.store.snap_partners import Partner
from pos_engine.wire import snap
from pos_engine.wire.qris_cpm import NNS_DIGITS

SNAP_TOKEN_LIFE = timedelta(minutes=15)
SNAP_WINDOW = timedelta(minutes=5)  # how far a call's time may be from ours
SNAP = "snap"
RSA_BITS_MIN = 2_048
PEM_BYTES_MAX = 8_192
WIB = ZoneInfo("Asia/Jakarta")  # a partner's day, for its X-EXTERNAL-ID


@dataclass(frozen=True, slots=True, repr=False)
class NewPartner:
    """A partner and its secret: shown now, never again."""

    partner_id: str
    client_secret: str


@dataclass(frozen=True, slots=True, repr=False)
class Headers:
    """What a call carries besides its body."""

    authorization: str = ""
    timestamp: str = ""
    signature: str = ""
    partner_id: str = ""
    external_id: str = ""
    channel_id: str = ""


def add_partner(
    engine: Engine, name: str, public_key: bytes, nns: str | None = None
) -> NewPartner | Refused:
    """Register a provider by its RSA public key; its secret is sealed in the database."""
    if not 1 <= len(name.strip()) <= NAME_LENGTH_MAX:
        return Refused("name", f"1 to {NAME_LENGTH_MAX} characters")
    if nns is not None and not is_digits(nns, NNS_DIGITS):
        return Refused("nns", f"{NNS_DIGITS} digits, for example 93600009")
    if not _is_rsa(public_key):
        return Refused("public-key", f"a PEM file with an RSA key of {RSA_BITS_MIN} bits or more")
    now, secret = engine.now(), secrets.token_urlsafe(SECRET_BYTES)
    partner_id = new_uuid7(now)
    partner = Partner(
        partner_id=partner_id,
        name=name.strip(),
        public_key=public_key.decode(),
        secret_sealed=engine.keys.seal_personal(secret, f"snap {partner_id}"),
        nns=nns,
        status=snap_partners.ACTIVE,
        created_at=now,
    )
    with engine.database.begin() as tx:
        snap_partners.add_partner(tx, partner)
    return NewPartner(partner_id, secret)


def _is_rsa(pem: bytes) -> bool:
    if len(pem) > PEM_BYTES_MAX or not pem.isascii():
        return False
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        return False
    return isinstance(key, RSAPublicKey) and key.key_size >= RSA_BITS_MIN


def listed(engine: Engine) -> list[Partner]:
    """The partners, by name."""
    with engine.database.read() as tx:
        return snap_partners.partners(tx)


def stop_partner(engine: Engine, partner_id: str) -> bool:
    """Stop a partner at once: its tokens die with it."""
    with engine.database.begin() as tx:
        return snap_partners.stop_partner(tx, partner_id)


def issue_token(engine: Engine, headers: Headers) -> str | snap.Case:
    """An access token for whoever signs client key and time with the registered key."""
    partner = _active(engine, headers.partner_id)
    if partner is None:
        return snap.UNKNOWN_CLIENT
    if (wrong := _wrong_time(engine, headers.timestamp)) is not None:
        return wrong
    signed = snap.text_for_token(headers.partner_id, headers.timestamp)
    if not _signed(partner, signed, headers.signature):
        return snap.UNAUTHORIZED
    now = engine.now()
    with engine.database.begin() as tx:  # a token is asked for a few times an hour: time to tidy
        snap_partners.forget_calls(tx, now.astimezone(WIB).date() - timedelta(days=1))
    expires = int((now + SNAP_TOKEN_LIFE).timestamp())
    return engine.keys.issue({"purpose": SNAP, "sub": partner.partner_id, "exp": expires})


def check_call(
    engine: Engine, headers: Headers, method: str, path: str, body: bytes
) -> Partner | snap.Case:
    """The partner behind a call. Nothing is written before its signature held."""
    token = headers.authorization.removeprefix("Bearer ")
    partner = _by_token(engine, token)
    if partner is None or headers.partner_id != partner.partner_id:
        return snap.TOKEN_INVALID
    if not snap.EXTERNAL_ID.fullmatch(headers.external_id):
        return snap.MISSING
    if not snap.CHANNEL_ID.fullmatch(headers.channel_id):
        return snap.MISSING
    if (wrong := _wrong_time(engine, headers.timestamp)) is not None:
        return wrong
    secret = engine.keys.open_personal(partner.secret_sealed, f"snap {partner.partner_id}")
    text = snap.text_for_call(method, path, token, body, headers.timestamp)
    if not secrets.compare_digest(
        hmac.digest(secret.encode(), text, "sha512"), _decoded(headers.signature)
    ):
        return snap.UNAUTHORIZED
    return partner if _first_use(engine, partner, headers) else snap.EXTERNAL_ID_USED


def _first_use(engine: Engine, partner: Partner, headers: Headers) -> bool:
    """Used up for the day of the signed time: a replay after midnight is of the same day."""
    at = snap.moment(headers.timestamp) or engine.now()
    day = at.astimezone(WIB).date()
    try:
        with engine.database.begin() as tx:
            snap_partners.note_call(tx, partner.partner_id, day, headers.external_id, engine.now())
    except ConflictError:
        return False
    return True


def _wrong_time(engine: Engine, text: str) -> snap.Case | None:
    at: datetime | None = snap.moment(text)
    if at is None:
        return snap.MALFORMED
    return None if abs(engine.now() - at) <= SNAP_WINDOW else snap.TIME_OUTSIDE


def _by_token(engine: Engine, token: str) -> Partner | None:
    claims = engine.keys.read(token, SNAP)
    expires = claims.get("exp") if claims else None
    if claims is None or not isinstance(expires, int) or expires < engine.now().timestamp():
        return None
    return _active(engine, str(claims["sub"]))


def _active(engine: Engine, partner_id: str) -> Partner | None:
    with engine.database.read() as tx:
        partner = snap_partners.find_partner(tx, partner_id)
    return partner if partner is not None and partner.status == snap_partners.ACTIVE else None


def _signed(partner: Partner, text: bytes, signature: str) -> bool:
    key = load_pem_public_key(partner.public_key.encode())
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(_decoded(signature), text, PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _decoded(signature: str) -> bytes:
    """The bytes of a signature; none when it is no base64."""
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""
