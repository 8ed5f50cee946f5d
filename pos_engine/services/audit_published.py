"""Hold the chain against a root that was published: what was told outside cannot be rewritten here.

The published file is checked by itself first: its statement under the signature and key that it
carries. Then the same day in the database must say the same words.
"""

import json
import re
from dataclasses import dataclass
from datetime import date

from pos_engine.engine import Engine
from pos_engine.keys import holds_by_itself
from pos_engine.rules.audit import DAY_FIELDS
from pos_engine.services.audit_verify import Fault, Problem
from pos_engine.store import audit

ROOT_HEX = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Published:
    """A root as somebody outside knows it; `statement` is None when only the root is known."""

    root: str
    day: date | None = None
    statement: str | None = None
    signed: bool = True  # the statement is under its signature


def read_published(text: str) -> Published | None:
    """A root in hex, or what `ewarong audit day` printed; None when it is neither."""
    plain = text.strip().lower()
    if ROOT_HEX.match(plain):
        return Published(plain)
    try:
        said = json.loads(text)
        statement, signature, key = (said[name] for name in ("statement", "signature", "key"))
        fields = statement.split("*")
        if (fields[0], len(fields)) != ("EWD1", DAY_FIELDS):
            return None
        signed = holds_by_itself(key, statement.encode(), signature)
        return Published(fields[3], date.fromisoformat(fields[1]), statement, signed)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def hold_against(engine: Engine, published: Published) -> list[Problem]:
    """What differs between the published root and the chain as it stands; nothing when it holds."""
    name = str(published.day or published.root)
    if not published.signed:
        return [Problem(Fault.ROOT_SIGNATURE, "audit_day", name)]
    with engine.database.read() as tx:
        if published.day is None:
            same = audit.has_root(tx, bytes.fromhex(published.root))
        else:
            closed = audit.closed_on(tx, published.day)
            same = closed is not None and closed.day.text == published.statement
    return [] if same else [Problem(Fault.ROOT_DIFFERS, "audit_day", name)]
