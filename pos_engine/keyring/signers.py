"""Keys that sign: the ones in use, and those of before that what they signed is checked with."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from pos_engine.wire.canonical import canonical, to_base64url

RETIRED = "retired"  # in the key file: public halves by what they were for
SIGNING, ALLOWANCES = "signing", "allowances"


def signed_by(key: VerifyKey, message: bytes, signature: str) -> bool:
    """Is this signature (base64url) of this message by this key."""
    try:
        key.verify(message, base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
    except (BadSignatureError, ValueError):
        return False
    return True


def name_of(public: bytes) -> str:
    """A short name of a key: the start of its public half's hash."""
    return hashlib.sha256(public).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public half of a key that signs no more, or still does."""

    kid: str
    public_key: str  # raw, base64url
    key: VerifyKey = field(repr=False, compare=False)

    @classmethod
    def of(cls, public: bytes) -> "Verifier":
        """Of 32 raw bytes."""
        return cls(name_of(public), to_base64url(public), VerifyKey(public))

    @classmethod
    def read(cls, public_key: str) -> "Verifier":
        """Of base64url. Raises ValueError."""
        return cls.of(base64.urlsafe_b64decode(public_key + "=" * (-len(public_key) % 4)))

    def as_dict(self) -> dict[str, str | list[str]]:
        """As a JWK."""
        return {"kty": "OKP", "crv": "Ed25519", "x": self.public_key}


class OfflineKey:
    """What signs allowances and checkpoints for the tablets: a key of its own, with its own name.

    In a key file that names none it follows from the signing key.
    """

    def __init__(self, seed: bytes, retired: tuple[Verifier, ...] = ()) -> None:
        self._key = SigningKey(seed)
        self.public_key: str = to_base64url(bytes(self._key.verify_key))  # raw, as tablets keep it
        self.kid: str = name_of(bytes(self._key.verify_key))
        self.retired = retired

    @staticmethod
    def seed_of_before(private: bytes) -> bytes:
        """The seed that follows from a signing key."""
        return hmac.digest(private, b"offline allowances", "sha256")

    def sign(self, document: dict[str, object]) -> str:
        """The signature of a document in its canonical form, base64url. It names `kid` itself."""
        return to_base64url(self._key.sign(canonical(document)).signature)

    def signed(self, document: dict[str, object], signature: str) -> bool:
        """Is this document ours as it stands, by this key or one of before."""
        text = canonical(document)
        keys = [self._key.verify_key, *(each.key for each in self.retired)]
        return any(signed_by(each, text, signature) for each in keys)


@dataclass(frozen=True, slots=True, repr=False)
class Signers:
    """What one reading of the key file says."""

    signing: OKPKey
    offline: OfflineKey
    retired: tuple[Verifier, ...]  # of the signing key
    pair: bytes  # of the signing key, as libsodium takes it
    own: Verifier

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Signers":
        """Raises KeyError, TypeError, ValueError, JoseError when it is no key file."""
        signing = OKPKey.import_key(content["signing"])
        private = cast(Ed25519PrivateKey, signing.private_key)
        seed = private.private_bytes_raw()
        public = private.public_key().public_bytes_raw()
        old = content.get(RETIRED, {})
        retired = {name: tuple(map(_retired, old.get(name, []))) for name in (SIGNING, ALLOWANCES)}
        own = content.get(ALLOWANCES)
        offline = base64.b64decode(own) if own else OfflineKey.seed_of_before(seed)
        return cls(
            signing,
            OfflineKey(offline, retired[ALLOWANCES]),
            retired[SIGNING],
            seed + public,
            Verifier.of(public),
        )

    def verifiers(self) -> tuple[Verifier, ...]:
        """All whose signatures count, the newest first."""
        return (self.own, *self.retired)


def _retired(entry: dict[str, str]) -> Verifier:
    return Verifier.read(entry["public_key"])


def retire(content: dict[str, Any], what: str, public_key: str, until: str) -> None:
    """Keep the public half of a key that signs no more."""
    kept = content.setdefault(RETIRED, {}).setdefault(what, [])
    if all(each["public_key"] != public_key for each in kept):
        kept.insert(0, {"public_key": public_key, "until": until})
