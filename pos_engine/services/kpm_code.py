"""The KPM's own code on her telephone: signed, a minute long, good for one purchase.

It is written short, not as a JWT: shown as a picture it must be read by a cheap camera.
"""

import base64
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pos_engine.engine import Engine
from pos_engine.rules.ids import KpmId, PersonId, new_uuid7

KPM_CODE_LIFE = timedelta(seconds=60)
KPM_CODE = "kpm-code"
PREFIX = "KPM1."  # nothing else that we sign begins so
ID_BYTES, TIME_BYTES = 16, 4


@dataclass(frozen=True, slots=True)
class KpmCode:
    """Whose code it is. `code_id` is used up by the purchase that it pays."""

    code_id: str
    kpm_id: KpmId
    person_id: PersonId
    shown_at: datetime

    @property
    def expires_at(self) -> datetime:
        """The last moment at which it pays."""
        return self.shown_at + KPM_CODE_LIFE

    def alive_at(self, moment: datetime) -> bool:
        """Was it good at this moment; a provider's clock may run a little ahead."""
        return abs(moment - self.shown_at) <= KPM_CODE_LIFE


def issue_code(engine: Engine, kpm_id: KpmId, person_id: PersonId) -> str:
    """A fresh code for a person who proved herself; it names nobody who has no key."""
    now = engine.now()
    code_id = new_uuid7(now)
    sealed = engine.keys.seal_personal(f"{kpm_id} {person_id}", _bound_to(code_id))
    shown_at = int(now.timestamp()).to_bytes(TIME_BYTES)
    content = uuid.UUID(code_id).bytes + shown_at + sealed
    plain = PREFIX + base64.urlsafe_b64encode(content).decode().rstrip("=")
    return f"{plain}.{engine.keys.sign(plain.encode())}"


def read_code(engine: Engine, text: str) -> KpmCode | None:
    """The code behind a text, even an old one; None when we never signed it."""
    plain, _, signature = text.rpartition(".")
    if not (plain.startswith(PREFIX) and text.isascii()):
        return None
    if not engine.keys.signature_ok(plain.encode(), signature):
        return None
    letters = plain.removeprefix(PREFIX)
    content = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4))
    code_id = str(uuid.UUID(bytes=content[:ID_BYTES]))
    shown_at = int.from_bytes(content[ID_BYTES : ID_BYTES + TIME_BYTES])
    whose = engine.keys.open_personal(content[ID_BYTES + TIME_BYTES :], _bound_to(code_id))
    kpm_id, _, person_id = whose.partition(" ")
    return KpmCode(
        code_id, KpmId(kpm_id), PersonId(person_id), datetime.fromtimestamp(shown_at, tz=UTC)
    )


def _bound_to(code_id: str) -> str:
    return f"{KPM_CODE} {code_id}"
