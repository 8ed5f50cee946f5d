"""The roots of closed days as everybody may keep them: statements, signatures, the public key."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pos_engine.engine import Engine
from pos_engine.store import audit

ROOTS_TOLD_MAX = 400  # days


@dataclass(frozen=True, slots=True)
class Roots:
    """Closed days, the oldest first, with the key that checks their signatures (a JWK)."""

    key: dict[str, Any]
    key_id: str
    keys: tuple[dict[str, Any], ...]  # of before a rotation too: each day names its own
    days: tuple[audit.Closed, ...]

    def as_json(self) -> dict[str, Any]:
        """The file that the public checker reads."""
        return {
            "format": "EWR1",
            "key": self.key,
            "key_id": self.key_id,
            "keys": self.keys,
            "days": [
                {
                    "day": each.day.day.isoformat(),
                    "root": each.day.root.hex(),
                    "statement": each.day.text,
                    "signature": each.signature,
                    "key_id": each.key_id,
                }
                for each in self.days
            ],
        }


def public_roots(engine: Engine) -> Roots:
    """The newest ROOTS_TOLD_MAX closed days of the first database."""
    last = engine.now().date() + timedelta(days=1)
    with engine.database.read() as tx:
        found = audit.days(tx, last - timedelta(days=ROOTS_TOLD_MAX), last)
    return Roots(
        key=engine.keys.signing.as_dict(private=False),
        key_id=engine.keys.key_id,
        keys=tuple({"kid": each.kid, **each.as_dict()} for each in engine.keys.verifiers()),
        days=tuple(found[-ROOTS_TOLD_MAX:]),
    )
