"""Each family has a key of her own: what it seals opens for her row only, and ends with it.

Form: 4 bytes that say so, 12 of nonce, AES-256-GCM; bound to family, purpose, form and row.
"""

import os
from collections import OrderedDict
from threading import Lock
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pos_engine.keyring.file import KeyFileError
from pos_engine.keyring.kek import KEY_BYTES, NONCE_BYTES, KekRing

MARK: Final = b"EWF1"  # a family's key, form 1
PURPOSE: Final = "personal data"
CIPHERS_REMEMBERED: Final = 4_096  # an unwrapped key is used again soon: a batch, a page
GONE = "This was sealed with a family's key that was destroyed, or belongs to another family."


class FamilyKey(NamedTuple):
    """A family's key as her row keeps it; `wrapped` is None once it was destroyed."""

    kek_id: str
    wrapped: bytes | None


class ErasedError(Exception):
    """The family was erased: nothing of hers is sealed or opened again."""


class Families:
    """Makes, opens and uses families' keys. Any number of threads."""

    def __init__(self, ring: KekRing) -> None:
        self.ring = ring
        self._lock = Lock()
        self._ciphers: OrderedDict[tuple[str, bytes], AESGCM] = OrderedDict()

    def new_key(self, kpm_id: str) -> FamilyKey:
        """A fresh key, wrapped by the newest key."""
        return self._wrapped(os.urandom(KEY_BYTES), kpm_id)

    def rewrapped(self, kpm_id: str, key: FamilyKey) -> FamilyKey:
        """The same key under the newest one; what it sealed stays as it is."""
        if key.wrapped is None:
            return key
        return self._wrapped(
            self.ring.named(key.kek_id).unwrap(key.wrapped, _bound(kpm_id)), kpm_id
        )

    def _wrapped(self, plain: bytes, kpm_id: str) -> FamilyKey:
        kek = self.ring.current
        return FamilyKey(kek.kek_id, kek.wrap(plain, _bound(kpm_id)))

    def seal(self, kpm_id: str, key: FamilyKey, text: str, bound_to: str) -> bytes:
        """Encrypt for the row that `bound_to` names. Raises `ErasedError`."""
        nonce = os.urandom(NONCE_BYTES)
        cipher = self._cipher(kpm_id, key)
        return MARK + nonce + cipher.encrypt(nonce, text.encode(), _row(kpm_id, bound_to))

    def open(self, kpm_id: str, key: FamilyKey | None, sealed: bytes, bound_to: str) -> str:
        """Decrypt what `seal` sealed for the same family and row. Raises `KeyFileError`."""
        if key is None:
            raise KeyFileError(GONE)
        nonce, rest = sealed[len(MARK) :][:NONCE_BYTES], sealed[len(MARK) + NONCE_BYTES :]
        try:
            cipher = self._cipher(kpm_id, key)
            return cipher.decrypt(nonce, rest, _row(kpm_id, bound_to)).decode()
        except (InvalidTag, ValueError, ErasedError):
            raise KeyFileError(GONE) from None

    def _cipher(self, kpm_id: str, key: FamilyKey) -> AESGCM:
        if key.wrapped is None:
            raise ErasedError(kpm_id)
        name = (kpm_id, key.wrapped)
        with self._lock:
            known = self._ciphers.get(name)
            if known is not None:
                self._ciphers.move_to_end(name)
                return known
        made = AESGCM(self.ring.named(key.kek_id).unwrap(key.wrapped, _bound(kpm_id)))
        with self._lock:
            self._ciphers[name] = made
            while len(self._ciphers) > CIPHERS_REMEMBERED:
                self._ciphers.popitem(last=False)
        return made


def of_a_family(sealed: bytes) -> bool:
    """Was it sealed with a family's key, by its first bytes."""
    return sealed.startswith(MARK)


def _bound(kpm_id: str) -> str:
    return f"family key\x1f{kpm_id}\x1f{PURPOSE}\x1f1"


def _row(kpm_id: str, bound_to: str) -> bytes:
    return f"{kpm_id}\x1f{PURPOSE}\x1f1\x1f{bound_to}".encode()
