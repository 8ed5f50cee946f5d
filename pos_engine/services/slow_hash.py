"""Hashes that are slow on purpose, a few at a time: else log-ins at dawn would take the machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import Type, hash_secret_raw

HASHES_AT_ONCE_MAX = 2
VERIFIER_ROUNDS, VERIFIER_KIB, VERIFIER_LANES, VERIFIER_BYTES = 2, 19_456, 1, 32

_hasher = PasswordHasher()  # argon2id with the library's defaults
_slots = threading.BoundedSemaphore(HASHES_AT_ONCE_MAX)


@contextmanager
def _slot() -> Iterator[None]:
    """Wait for one of the few; whoever holds one waits for nothing else."""
    with _slots:
        yield


def hash_pin(pin: str) -> str:
    """argon2id of a staff PIN."""
    with _slot():
        return _hasher.hash(pin)


def pin_ok(pin_hash: str, pin: str) -> bool:
    """Is this the PIN of the hash."""
    with _slot():
        try:
            return _hasher.verify(pin_hash, pin)
        except (Argon2Error, InvalidHashError):
            return False


def pin_verifier(pin: str, card_secret: bytes) -> bytes:
    """What a tablet checks a PIN belanja with, without us: argon2id, its salt the card's secret.

    Without the card it tells nothing, and its cost is what a tablet can bear
    (VERIFIER_ROUNDS, VERIFIER_KIB, VERIFIER_LANES).
    """
    with _slot():
        return hash_secret_raw(
            pin.encode(),
            card_secret,
            time_cost=VERIFIER_ROUNDS,
            memory_cost=VERIFIER_KIB,
            parallelism=VERIFIER_LANES,
            hash_len=VERIFIER_BYTES,
            type=Type.ID,
        )
