"""Keys outside the database: lookups, PIN values, signatures, sealing."""

import base64
import hmac
import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from nacl.bindings import crypto_sign, crypto_sign_BYTES
from nacl.signing import VerifyKey

from pos_engine.keyring.families import Families
from pos_engine.keyring.file import KeyFile, KeyFileError
from pos_engine.keyring.kek import KEKS, FileKeks, KekRing, KekSource, WithFile, fresh_kek
from pos_engine.keyring.signers import (
    ALLOWANCES,
    SIGNING,
    OfflineKey,
    Signers,
    Verifier,
    signed_by,
)
from pos_engine.wire.canonical import to_base64url

KEY_BYTES = 32
NONCE_BYTES = 12
TOKENS_REMEMBERED = 20_000
CIPHERS_REMEMBERED = 4  # an import seals millions of numbers with one key
LOOK_EVERY_S = 1.0  # at the key file: another process may have changed it
NOT_OURS = (
    "A sealed value does not open with this key file: it belongs to another installation "
    "or was altered."
)
NAMES = ("pepper", "personal_data")
TEMPLATES = "templates"
# {"typ":"JWT","alg":"Ed25519"} as `issue` writes it
_HEADER = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZDI1NTE5In0."
ALGORITHM: Literal["Ed25519"] = "Ed25519"


class _Ours:
    """Tokens that we signed or checked lately: a signature costs more than all else about them.

    At most TOKENS_REMEMBERED, the oldest out first. Nothing forged is ever in it; whether a token
    has expired is asked by whoever reads it.
    """

    def __init__(self) -> None:
        self._claims: dict[str, dict[str, object]] = {}
        self._lock = threading.Lock()

    def add(self, token: str, claims: dict[str, object]) -> None:
        """This token is ours."""
        with self._lock:
            if len(self._claims) >= TOKENS_REMEMBERED:
                del self._claims[next(iter(self._claims))]
            self._claims[token] = claims

    def find(self, token: str) -> dict[str, object] | None:
        """Its claims when it is remembered; never to be changed."""
        return self._claims.get(token)


class _Current:
    """What the key file says now: read again when it is another file than before."""

    def __init__(self, file: KeyFile, read: Callable[[], Signers]) -> None:
        self._file, self._read = file, read
        self._lock = threading.Lock()
        self._signers, self._next_s = read(), 0.0

    def signers(self, *, at_once: bool = False) -> Signers:
        """At most LOOK_EVERY_S old; `at_once` looks now: a signature did not hold."""
        now_s = time.monotonic()
        if at_once or now_s >= self._next_s:
            self._next_s = now_s + LOOK_EVERY_S
            if self._file.changed():
                with self._lock:
                    self._signers = self._read()
        return self._signers


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The keys of one installation; their values never appear in a repr or a log."""

    pepper: bytes
    personal_data: bytes
    file: KeyFile
    families: Families
    _current: _Current
    _ours: _Ours = field(default_factory=_Ours, init=False, compare=False)

    @property
    def signing(self) -> OKPKey:
        """The key that signs receipts, catalogues, days and tokens."""
        return self._current.signers().signing

    @property
    def offline(self) -> OfflineKey:
        """The key that signs for tablets."""
        return self._current.signers().offline

    def look_again(self) -> None:
        """Read the key file now if it is another one: this process changed it."""
        self._current.signers(at_once=True)

    def verifiers(self) -> tuple[Verifier, ...]:
        """The signing key's public half and those of the keys before it, the newest first."""
        return self._current.signers().verifiers()

    def verifier(self, kid: str) -> Verifier:
        """The one of that name; the newest when there is none."""
        known = self.verifiers()
        return next((each for each in known if each.kid == kid), known[0])

    def lookup(self, kind: str, number: str) -> bytes:
        """Keyed hash of a card, phone or NIK: equal numbers meet, nobody can list them."""
        return self._mac("lookup", kind, number)

    def pin_verifier(self, kpm_id: str, pin: str) -> bytes:
        """PIN verification value: HMAC with a pepper that is not in the database.

        argon2id for six digits would cost 18 ms a purchase and protect nothing once the
        pepper is known; without the pepper this value tells nothing.
        """
        return self._mac("pin", kpm_id, pin)

    def code_verifier(self, code_id: str, code: str) -> bytes:
        """Keyed hash of a one-time code."""
        return self._mac("code", code_id, code)

    def pin_sealing_secret(self, week: int) -> bytes:
        """48 bytes that only PINs sealed in that week of the Unix clock are opened with."""
        return hmac.digest(self.pepper, f"pin sealing\x1f{week}".encode(), "sha384")

    def token_digest(self, token: str) -> bytes:
        """Keyed hash of a random token or device secret."""
        return self._mac("token", token)

    def pseudonyms(self, purpose: str) -> "Pseudonyms":
        """Names for families in files that leave the engine; those of two purposes never meet."""
        return Pseudonyms(self._mac("pseudonyms", purpose))

    def _mac(self, *parts: str) -> bytes:
        return hmac.digest(self.pepper, "\x1f".join(parts).encode(), "sha256")

    def seal_personal(self, text: str, bound_to: str) -> bytes:
        """Encrypt personal data for the row that `bound_to` names (AES-256-GCM)."""
        return _seal(self.personal_data, text.encode(), bound_to.encode())

    def open_personal(self, sealed: bytes, bound_to: str) -> str:
        """Decrypt what `seal_personal` sealed for the same row."""
        return _open(self.personal_data, sealed, bound_to.encode()).decode()

    def issue(self, claims: dict[str, object]) -> str:
        """A signed token (JWT, Ed25519, RFC 8037)."""
        token = jwt.encode({"alg": ALGORITHM}, claims, self.signing, algorithms=[ALGORITHM])
        self._ours.add(token, json.loads(json.dumps(claims)))
        return token

    def read(self, token: str, purpose: str) -> dict[str, object] | None:
        """The claims of a token we signed for this purpose, expired or not; None if forged."""
        claims = self._ours.find(token)
        if claims is None:
            try:
                claims = self._claims(token)
            except (JoseError, ValueError, TypeError, KeyError, RecursionError):
                return None  # a stranger's text: whatever is wrong with it, we did not sign it
            self._ours.add(token, claims)
        return claims if claims.get("purpose") == purpose else None

    def _claims(self, token: str) -> dict[str, object]:
        """The claims under our signature. Our own way of writing a header needs no library."""
        signed, _, signature = token.rpartition(".")
        if signed.startswith(_HEADER) and signed.isascii():
            if not self.signature_ok(signed.encode(), signature):
                raise ValueError
            claims = json.loads(base64.urlsafe_b64decode(f"{signed[len(_HEADER) :]}=="))
            return dict(claims)
        return dict(jwt.decode(token, self.signing, algorithms=[ALGORITHM]).claims)

    def sign(self, message: bytes) -> str:
        """A bare Ed25519 signature, base64url."""
        pair = self._current.signers().pair  # libsodium: the bytes of OpenSSL, in less time
        signature = crypto_sign(message, pair)[:crypto_sign_BYTES]
        return base64.urlsafe_b64encode(signature).decode().rstrip("=")

    def signature_ok(self, message: bytes, signature: str) -> bool:
        """Did this installation sign exactly this message, with this key or one of before."""
        known = self.verifiers()
        if any(signed_by(each.key, message, signature) for each in known):
            return True
        newer = self._current.signers(at_once=True).verifiers()
        return newer != known and any(signed_by(each.key, message, signature) for each in newer)

    def device_secret(self, device_id: str, code_id: str) -> str:
        """The secret of a device that a one-time code let in: the same when it is asked again."""
        return to_base64url(self._mac("device", device_id, code_id))

    def family_on_device(self, device_id: str, kpm_id: str) -> str:
        """What a tablet calls a family: 16 letters that mean nothing to any other."""
        return to_base64url(self._mac("on-device", device_id, kpm_id))[:16]

    @property
    def public_key(self) -> str:
        """The public half of the signing key, raw and base64url."""
        return self._current.signers().own.public_key

    @property
    def key_id(self) -> str:
        """A short name of the signing key: the start of its public key's hash."""
        return self._current.signers().own.kid


@dataclass(frozen=True, slots=True, repr=False)
class Pseudonyms:
    """Keyed names of one purpose: equal families meet, nobody can tell who they are."""

    key: bytes

    def of(self, name: str) -> str:
        """The pseudonym of a family or person: half of an HMAC-SHA-256, 32 hex digits."""
        return hmac.digest(self.key, name.encode(), "sha256")[:16].hex()


def holds_by_itself(key: dict[str, str | list[str]], message: bytes, signature: str) -> bool:
    """Is the message under this signature by this public key (a JWK, as we publish it)."""
    try:
        public = cast(Ed25519PublicKey, OKPKey.import_key(key).public_key)
        return signed_by(VerifyKey(public.public_bytes_raw()), message, signature)
    except (JoseError, ValueError, TypeError, KeyError):
        return False  # a stranger's file: whatever is wrong with its key, it proves nothing


@dataclass(frozen=True, slots=True, repr=False)
class TemplateKey:
    """The key of the face templates: held by the match process, by nobody who talks to strangers.

    It keeps its cipher: `open` is called for every template of the nation when an index is built.
    """

    key: bytes
    cipher: AESGCM

    @classmethod
    def of(cls, key: bytes) -> "TemplateKey":
        """Of 32 bytes."""
        return cls(key, AESGCM(key))

    def seal(self, template: bytes, bound_to: str) -> bytes:
        """Encrypt a template; `bound_to` is whose, of which model and version."""
        return _seal(self.key, template, bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """Decrypt what `seal` sealed for the same person, model and version."""
        try:
            return self.cipher.decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode()
            )
        except InvalidTag:
            raise KeyFileError(NOT_OURS) from None

    @property
    def snapshot_key(self) -> bytes:
        """A key of its own for the index on disk."""
        return hmac.digest(self.key, b"face index snapshot", "sha256")


def create_key_file(path: Path) -> None:
    """Write fresh keys, readable by the owner only; an existing file is never overwritten."""
    fresh = {name: _text(secrets.token_bytes(KEY_BYTES)) for name in (*NAMES, TEMPLATES)}
    content = {
        "version": 1,
        **fresh,
        SIGNING: OKPKey.generate_key(ALGORITHM).as_dict(private=True),
        ALLOWANCES: _text(secrets.token_bytes(KEY_BYTES)),
        KEKS: [fresh_kek(datetime.now(UTC))],
    }
    if not KeyFile(path).create(content):
        raise KeyFileError(
            f"The key file {path} exists already and is kept: a new one would make every card, "
            "phone and template unreadable. Move it away yourself if you really start anew."
        )


def load_keys(path: Path, keks: KekSource | None = None) -> Keys:
    """Read the key file, all but the key of the templates.

    `keks` wrap the families' keys; without them those of the file do.
    """
    file = KeyFile(path)
    content = file.read()

    def read() -> Signers:
        try:
            return Signers.of(file.read())
        except (KeyError, TypeError, ValueError, JoseError):
            raise file.not_ours() from None

    try:
        own = {name: _bytes(content[name]) for name in NAMES}
    except (KeyError, TypeError, ValueError):
        raise file.not_ours() from None
    own_keks = FileKeks(KeyFile(path))
    ring = KekRing(WithFile(keks, own_keks) if keks else own_keks)
    return Keys(**own, file=file, families=Families(ring), _current=_Current(file, read))


def load_template_key(path: Path) -> TemplateKey:
    """Read the key of the templates alone."""
    try:
        return TemplateKey.of(_bytes(KeyFile(path).read()[TEMPLATES]))
    except (KeyError, TypeError, ValueError):
        raise KeyFile(path).not_ours() from None


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if len(raw) != KEY_BYTES:
        raise ValueError
    return raw


def _seal(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plain, bound_to)


@lru_cache(CIPHERS_REMEMBERED)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def _open(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except InvalidTag:
        raise KeyFileError(NOT_OURS) from None


__all__ = ["KeyFileError", "Keys", "TemplateKey"]
