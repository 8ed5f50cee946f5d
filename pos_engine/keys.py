"""Keys outside the database: lookups, PIN values, signatures, sealing."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from nacl.bindings import crypto_sign, crypto_sign_BYTES
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from pos_engine.wire.canonical import canonical, to_base64url

KEY_BYTES = 32
NONCE_BYTES = 12
TOKENS_REMEMBERED = 20_000
CIPHERS_REMEMBERED = 4  # an import seals millions of numbers with one key
FILE_MODE = 0o600
NOT_OURS = (
    "A sealed value does not open with this key file: it belongs to another installation "
    "or was altered."
)
NAMES = ("pepper", "personal_data")
TEMPLATES = "templates"
# {"typ":"JWT","alg":"Ed25519"} as `issue` writes it
_HEADER = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZDI1NTE5In0."
ALGORITHM: Literal["Ed25519"] = "Ed25519"


class KeyFileError(Exception):
    """The key file is missing, unreadable or not ours. The message says what to do."""


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


class OfflineKey:
    """What signs allowances and checkpoints for the tablets: a key of its own, with its own name.

    It follows from the signing key of the file, so that a key file of before knows it too.
    """

    def __init__(self, private: bytes) -> None:
        seed = hmac.digest(private, b"offline allowances", "sha256")
        self._key = SigningKey(seed)
        self.public_key: str = to_base64url(bytes(self._key.verify_key))  # raw, as tablets keep it
        self.kid: str = hashlib.sha256(bytes(self._key.verify_key)).hexdigest()[:16]

    def sign(self, document: dict[str, object]) -> str:
        """The signature of a document in its canonical form, base64url. It names `kid` itself."""
        return to_base64url(self._key.sign(canonical(document)).signature)

    def signed(self, document: dict[str, object], signature: str) -> bool:
        """Is this document ours as it stands."""
        return _signed_by(self._key.verify_key, canonical(document), signature)


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The keys of one installation; their values never appear in a repr or a log."""

    pepper: bytes
    personal_data: bytes
    signing: OKPKey
    _ours: _Ours = field(default_factory=_Ours, init=False, compare=False)
    _pair: bytes = field(init=False, compare=False)  # of the signing key, as libsodium takes it
    _verifier: VerifyKey = field(init=False, compare=False)
    offline: OfflineKey = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Sign with libsodium: the bytes that OpenSSL makes, in three fifths of its time."""
        private = cast(Ed25519PrivateKey, self.signing.private_key)
        public = private.public_key().public_bytes_raw()
        object.__setattr__(self, "_pair", private.private_bytes_raw() + public)
        object.__setattr__(self, "_verifier", VerifyKey(public))
        object.__setattr__(self, "offline", OfflineKey(private.private_bytes_raw()))

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
        signature = crypto_sign(message, self._pair)[:crypto_sign_BYTES]
        return base64.urlsafe_b64encode(signature).decode().rstrip("=")

    def signature_ok(self, message: bytes, signature: str) -> bool:
        """Did this installation sign exactly this message."""
        return _signed_by(self._verifier, message, signature)

    def device_secret(self, device_id: str, code_id: str) -> str:
        """The secret of a device that a one-time code let in: the same when it is asked again."""
        return to_base64url(self._mac("device", device_id, code_id))

    def family_on_device(self, device_id: str, kpm_id: str) -> str:
        """What a tablet calls a family: 16 letters that mean nothing to any other."""
        return to_base64url(self._mac("on-device", device_id, kpm_id))[:16]

    @property
    def public_key(self) -> str:
        """The public half of the signing key, raw and base64url."""
        return to_base64url(bytes(self._verifier))

    @property
    def key_id(self) -> str:
        """A short name of the signing key: the start of its public key's hash."""
        public = self.signing.public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return hashlib.sha256(public).hexdigest()[:16]


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
        return _signed_by(VerifyKey(public.public_bytes_raw()), message, signature)
    except (JoseError, ValueError, TypeError, KeyError):
        return False  # a stranger's file: whatever is wrong with its key, it proves nothing


def _signed_by(key: VerifyKey, message: bytes, signature: str) -> bool:
    try:
        key.verify(message, base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
    except (BadSignatureError, ValueError):
        return False
    return True


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
        "signing": OKPKey.generate_key(ALGORITHM).as_dict(private=True),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        raise KeyFileError(
            f"The key file {path} exists already and is kept: a new one would make every card, "
            "phone and template unreadable. Move it away yourself if you really start anew."
        ) from None
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)


def load_keys(path: Path) -> Keys:
    """Read the key file, all but the key of the templates."""
    content = _content(path)
    try:
        return Keys(
            **{name: _bytes(content[name]) for name in NAMES},
            signing=OKPKey.import_key(content["signing"]),
        )
    except (KeyError, TypeError, ValueError, JoseError):
        raise _no_key_file(path) from None


def load_template_key(path: Path) -> TemplateKey:
    """Read the key of the templates alone."""
    try:
        return TemplateKey.of(_bytes(_content(path)[TEMPLATES]))
    except (KeyError, TypeError, ValueError):
        raise _no_key_file(path) from None


def _content(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        raise KeyFileError(
            f"The key file {path} is missing. Make it once with `ewarong keys init` "
            "(or restore it from your backup: data sealed with other keys stays unreadable)."
        ) from None
    except ValueError:
        raise _no_key_file(path) from None
    return content


def _no_key_file(path: Path) -> KeyFileError:
    return KeyFileError(f"The key file {path} is not a key file of this program.")


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
