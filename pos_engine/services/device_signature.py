"""Is this what a device signed: its public key, a body under a signature, a signed request."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from pos_engine.wire.canonical import CanonicalError, canonical, from_base64url, to_base64url

ED25519_KEY_BYTES = 32
P256_POINT_BYTES = 65  # uncompressed: 04, x, y; what WebCrypto exports as "raw"
SIGNATURE_BYTES = 64  # of both: Ed25519, and r and s of P-256 (IEEE P1363)
KEY_ID_LETTERS = 16


class Algorithm(StrEnum):
    """What a tablet's browser can sign with, by the names of the protocol."""

    ED25519 = "Ed25519"
    ES256 = "ES256"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A device's public key: `raw` as WebCrypto exports it."""

    algorithm: Algorithm
    raw: bytes

    @property
    def key_id(self) -> str:
        """Its short name: the start of the SHA-256 of the raw key, in hex."""
        return hashlib.sha256(self.raw).hexdigest()[:KEY_ID_LETTERS]

    @property
    def thumbprint(self) -> str:
        """What a token names it by: the SHA-256 of its JWK (RFC 7638), base64url."""
        if self.algorithm is Algorithm.ED25519:
            jwk = {"crv": "Ed25519", "kty": "OKP", "x": to_base64url(self.raw)}
        else:
            half = P256_POINT_BYTES // 2
            x, y = self.raw[1 : 1 + half], self.raw[1 + half :]
            jwk = {"crv": "P-256", "kty": "EC", "x": to_base64url(x), "y": to_base64url(y)}
        text = json.dumps(jwk, sort_keys=True, separators=(",", ":"))
        return to_base64url(hashlib.sha256(text.encode()).digest())


def read_public_key(algorithm: str, text: str) -> PublicKey | None:
    """The key of a base64url text; None when it is no key of this algorithm."""
    if algorithm not in set(Algorithm):
        return None
    kind = Algorithm(algorithm)
    length = ED25519_KEY_BYTES if kind is Algorithm.ED25519 else P256_POINT_BYTES
    raw = from_base64url(text, length)
    if raw is None or (kind is Algorithm.ES256 and _point(raw) is None):
        return None
    return PublicKey(kind, raw)


def signed_by(key: PublicKey, message: bytes, signature: str) -> bool:
    """Did the holder of this key sign exactly these bytes. `signature` is base64url."""
    raw = from_base64url(signature, SIGNATURE_BYTES)
    if raw is None:
        return False
    if key.algorithm is Algorithm.ED25519:
        return _ed25519_ok(key.raw, message, raw)
    return _es256_ok(key.raw, message, raw)


def body_signed_by(key: PublicKey, body: object, signature: str) -> bool:
    """Did the holder of this key sign this body in its canonical form; False when it has none."""
    try:
        message = canonical(body)
    except CanonicalError:
        return False
    return signed_by(key, message, signature)


def _ed25519_ok(raw: bytes, message: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(raw).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def _es256_ok(raw: bytes, message: bytes, signature: bytes) -> bool:
    point = _point(raw)
    if point is None:
        return False
    half = SIGNATURE_BYTES // 2
    r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
    try:
        point.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _point(raw: bytes) -> EllipticCurvePublicKey | None:
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw)
    except ValueError:
        return None
