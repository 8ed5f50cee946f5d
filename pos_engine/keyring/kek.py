"""Keys that wrap the families' keys: one interface, and the keys of a file or the environment."""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pos_engine.keyring.file import Content, KeyFile, KeyFileError

KEY_BYTES = 32
NONCE_BYTES = 12
OF_BEFORE = "installation"  # the id of the key of files that name none
KEKS = "keks"


class KeyEncryptionKey(Protocol):
    """Wraps and unwraps keys of 32 bytes; `bound_to` is whose and for what (AES-256-GCM's AAD)."""

    @property
    def kek_id(self) -> str:
        """Its name, in every row that it wrapped."""
        ...

    def wrap(self, key: bytes, bound_to: str) -> bytes:
        """Encrypt a key."""
        ...

    def unwrap(self, wrapped: bytes, bound_to: str) -> bytes:
        """Decrypt a key. Raises `KeyFileError` when it is of another row or key."""
        ...


class KekSource(Protocol):
    """Where such keys come from."""

    def keys(self) -> Sequence[KeyEncryptionKey]:
        """All that are known, the newest first; at least one. Raises `KeyFileError`."""
        ...

    def changed(self) -> bool:
        """May `keys` answer otherwise than before."""
        ...

    def make(self, now: datetime) -> KeyEncryptionKey | None:
        """Make a newer one. None when an operator has to put it there."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class LocalKek:
    """A key in this process's memory."""

    kek_id: str
    key: bytes

    def wrap(self, key: bytes, bound_to: str) -> bytes:
        """See `KeyEncryptionKey.wrap`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.key).encrypt(nonce, key, bound_to.encode())

    def unwrap(self, wrapped: bytes, bound_to: str) -> bytes:
        """See `KeyEncryptionKey.unwrap`."""
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return AESGCM(self.key).decrypt(nonce, sealed, bound_to.encode())
        except (InvalidTag, ValueError):
            raise KeyFileError(NOT_THIS_ROW) from None


NOT_THIS_ROW = (
    "A family's key does not open: it was wrapped for another family, by another installation, "
    "or was altered."
)


class FileKeks:
    """In the key file, whose mode is 0600. A file of before has one that follows from its own."""

    def __init__(self, file: KeyFile) -> None:
        self._file = file

    def keys(self) -> Sequence[KeyEncryptionKey]:
        """See `KekSource.keys`."""
        content = self._file.read()
        try:
            before = _key(content["personal_data"])
            named = [LocalKek(each["id"], _key(each["key"])) for each in content.get(KEKS, [])]
        except (KeyError, TypeError, ValueError):
            raise self._file.not_ours() from None
        own = LocalKek(OF_BEFORE, hmac.digest(before, b"family keys", "sha256"))
        return [*reversed(named), own]

    def changed(self) -> bool:
        """See `KekSource.changed`."""
        return self._file.changed()

    def make(self, now: datetime) -> KeyEncryptionKey | None:
        """See `KekSource.make`."""
        made = fresh_kek(now)
        self._file.change(lambda content: content.setdefault(KEKS, []).append(made))
        return LocalKek(made["id"], _key(made["key"]))


class EnvironmentKeks:
    """In a setting: secrets of 32 bytes in base64, the newest first, as an operator put them."""

    def __init__(self, secrets_text: str) -> None:
        self._secrets = secrets_text.replace(",", " ").split()

    def keys(self) -> Sequence[KeyEncryptionKey]:
        """See `KekSource.keys`."""
        try:
            found = [_key(each) for each in self._secrets]
        except ValueError:
            found = []
        if not found:
            raise KeyFileError(
                "EWARONG_KEK_SECRETS: one or more secrets of 32 bytes in base64, the newest first "
                "(`openssl rand -base64 32`)."
            )
        return [LocalKek(f"env-{hashlib.sha256(each).hexdigest()[:12]}", each) for each in found]

    def changed(self) -> bool:
        """See `KekSource.changed`: an environment is of one process."""
        return False

    def make(self, now: datetime) -> KeyEncryptionKey | None:  # noqa: ARG002 - of the interface
        """None: the operator writes the newest in front."""
        return None


class WithFile:
    """Another source first, then the file's: what was wrapped before the source changed."""

    def __init__(self, first: KekSource, file: FileKeks) -> None:
        self._first, self._file = first, file

    def keys(self) -> Sequence[KeyEncryptionKey]:
        """See `KekSource.keys`."""
        return [*self._first.keys(), *self._file.keys()]

    def changed(self) -> bool:
        """See `KekSource.changed`."""
        return self._first.changed()

    def make(self, now: datetime) -> KeyEncryptionKey | None:
        """See `KekSource.make`."""
        return self._first.make(now)


class KekRing:
    """The keys of a source, by name; read again when a row names one that is not known yet."""

    def __init__(self, source: KekSource) -> None:
        self.source = source
        self._lock = Lock()
        self._keys = list(source.keys())

    @property
    def current(self) -> KeyEncryptionKey:
        """What wraps from now on."""
        if self.source.changed():
            self.read_again()
        return self._keys[0]

    def named(self, kek_id: str) -> KeyEncryptionKey:
        """Raises `KeyFileError` when no such key is there."""
        for _ in range(2):
            for each in self._keys:
                if each.kek_id == kek_id:
                    return each
            self.read_again()
        raise KeyFileError(
            f"Families' keys were wrapped by the key {kek_id}, which is not here. Put it back from "
            "your safe: without it what it protects stays unreadable."
        )

    @property
    def names(self) -> list[str]:
        """All that are known, the newest first."""
        return [each.kek_id for each in self._keys]

    def read_again(self) -> None:
        """Ask the source for what it has now."""
        with self._lock:
            self._keys = list(self.source.keys())


def fresh_kek(now: datetime) -> dict[str, Any]:
    """An entry of the key file."""
    return {
        "id": f"file-{secrets.token_hex(6)}",
        "key": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
        "made_at": now.isoformat(timespec="seconds"),
    }


def made_at_of(content: Content, kek_id: str) -> str:
    """When a key of the file was made; empty when the file does not say."""
    found = [each["made_at"] for each in content.get(KEKS, []) if each["id"] == kek_id]
    return found[0] if found else ""


def _key(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if len(raw) != KEY_BYTES:
        raise ValueError
    return raw
