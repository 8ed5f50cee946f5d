"""A key that never leaves a hardware module: wraps families' keys through PKCS#11."""

import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import Any

from pos_engine.keyring.file import KeyFileError
from pos_engine.keyring.kek import NONCE_BYTES, NOT_THIS_ROW, KeyEncryptionKey

LABEL = "ewarong-kek-"
BITS, TAG_BITS = 256, 128


class TokenKeks:
    """AES keys of a token, by label; made there, sensitive and not extractable."""

    def __init__(self, module: str, token: str, pin: str) -> None:
        """`module`: the library of the token's maker. Raises `KeyFileError`."""
        self._session = _opened(module, token, pin)
        self._lock = Lock()  # one session: PKCS#11 knows one operation at a time in it

    def keys(self) -> Sequence[KeyEncryptionKey]:
        """See `KekSource.keys`; the first one is made when there is none."""
        import pkcs11  # noqa: PLC0415 - an optional extra

        wanted = {
            pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY,
            pkcs11.Attribute.KEY_TYPE: pkcs11.KeyType.AES,
        }
        with self._lock:
            found = [each for each in self._session.get_objects(wanted) if _ours(each.label)]
        found.sort(key=lambda each: str(each.label), reverse=True)
        if not found:
            return [self._make(1)]
        return [TokenKek(each, self._lock) for each in found]

    def changed(self) -> bool:
        """See `KekSource.changed`: an unknown name makes the ring look again."""
        return False

    def make(self, now: datetime) -> KeyEncryptionKey | None:  # noqa: ARG002 - of the interface
        """See `KekSource.make`."""
        newest = self.keys()[0].kek_id.removeprefix(LABEL)
        return self._make(int(newest.split("-")[0]) + 1)

    def _make(self, number: int) -> "TokenKek":
        import pkcs11  # noqa: PLC0415

        hidden = {pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False}
        label = f"{LABEL}{number:06d}-{secrets.token_hex(3)}"
        with self._lock:
            made = self._session.generate_key(
                pkcs11.KeyType.AES, BITS, label=label, store=True, template=hidden
            )
        return TokenKek(made, self._lock)


class TokenKek:
    """A `KeyEncryptionKey` whose bytes nobody sees."""

    def __init__(self, key: Any, lock: Lock) -> None:
        self._key, self._lock = key, lock
        self.kek_id: str = str(key.label)

    def wrap(self, key: bytes, bound_to: str) -> bytes:
        """See `KeyEncryptionKey.wrap`."""
        nonce = os.urandom(NONCE_BYTES)
        with self._lock:
            return nonce + bytes(self._key.encrypt(key, **_how(nonce, bound_to)))

    def unwrap(self, wrapped: bytes, bound_to: str) -> bytes:
        """See `KeyEncryptionKey.unwrap`."""
        import pkcs11  # noqa: PLC0415

        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            with self._lock:
                return bytes(self._key.decrypt(sealed, **_how(nonce, bound_to)))
        except pkcs11.exceptions.PKCS11Error:
            raise KeyFileError(NOT_THIS_ROW) from None


def _how(nonce: bytes, bound_to: str) -> dict[str, Any]:
    import pkcs11  # noqa: PLC0415

    how = pkcs11.GCMParams(nonce=nonce, aad=bound_to.encode(), tag_bits=TAG_BITS)
    return {"mechanism": pkcs11.Mechanism.AES_GCM, "mechanism_param": how}


def _ours(label: str | None) -> bool:
    return str(label or "").startswith(LABEL)


def _opened(module: str, token: str, pin: str) -> Any:
    try:
        import pkcs11  # noqa: PLC0415
    except ImportError:
        raise KeyFileError(
            "EWARONG_KEK=pkcs11 needs the extra `hsm`: pip install 'ewarong[hsm]'."
        ) from None
    try:
        found = pkcs11.lib(module).get_token(token_label=token)
        try:
            return found.open(rw=True, user_pin=pin)
        except pkcs11.exceptions.UserAlreadyLoggedIn:  # another part of this process is
            return found.open(rw=True)
    except (pkcs11.exceptions.PKCS11Error, RuntimeError) as error:
        raise KeyFileError(
            f"The token {token} does not open ({type(error).__name__}). Check "
            "EWARONG_HSM_MODULE, EWARONG_HSM_TOKEN and EWARONG_HSM_PIN."
        ) from None
