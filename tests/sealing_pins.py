"""Seals a PIN belanja as the page does: ECDH P-256, HKDF-SHA256, AES-256-GCM."""

import base64
import json
import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.world import NOW

INFO = b"ewarong pin-sealing v1"


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def seal(key: dict[str, Any], pin: str, till_id: str, **changes: Any) -> str:
    """`key` as `GET /v1/sessions/sealing-key` tells it."""
    plain = {
        "pin": pin,
        "till_id": till_id,
        "time": int(NOW.timestamp() * 1000),
        "nonce": "AAAAAAAAAAAAAAAAAAAAAA",
        "act": "",
    } | changes
    theirs, mine = raw(key["public_key"]), ec.generate_private_key(ec.SECP256R1())
    point = mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    engine = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    shared = mine.exchange(ec.ECDH(), engine)
    once = HKDF(SHA256(), 32, salt=point + theirs, info=INFO).derive(shared)
    iv = os.urandom(12)
    cipher = AESGCM(once).encrypt(iv, json.dumps(plain).encode(), key["kid"].encode())
    return ".".join([key["kid"], *map(text, (point, iv, cipher))])
