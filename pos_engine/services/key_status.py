"""Which keys there are, how old, how much lies under each, and what is overdue."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pos_engine.engine import Engine
from pos_engine.keyring.kek import made_at_of
from pos_engine.store import family_keys
from pos_engine.store.family_keys import PLACES

KEK_AGE_MAX = timedelta(days=365)
SIGNING_AGE_MAX = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class KeyShown:
    """One key. `since` as the key file or the oldest row says; empty when nobody knows."""

    what: str
    key: str
    state: str  # IN USE, OLD
    since: str
    rows: int
    note: str = ""


def status(engine: Engine) -> list[KeyShown]:
    """All keys, the newest of each kind first."""
    return [*_keks(engine), *_signers(engine), *_of_before(engine), *_fixed()]


def _keks(engine: Engine) -> list[KeyShown]:
    rows: dict[str, int] = {}
    oldest: dict[str, str] = {}
    for each in engine.each_database():
        with each.database.read() as tx:
            for one in family_keys.under(tx):
                rows[one.kek_id] = rows.get(one.kek_id, 0) + one.families
                oldest[one.kek_id] = one.oldest.isoformat(timespec="seconds")
    ring = engine.keys.families.ring
    newest, content = ring.current.kek_id, engine.keys.file.read()
    shown = []
    for name in [*ring.names, *(sorted(set(rows) - set(ring.names)))]:
        if name not in rows and name != newest:
            continue
        since = made_at_of(content, name) or oldest.get(name, "")
        note = _overdue(engine, since, KEK_AGE_MAX) if name == newest else ""
        if name != newest and rows[name]:
            note = "OVERDUE: `ewarong keys rotate --what kek` goes on"
        if name not in ring.names:
            note = "MISSING: put this key back"
        state = "IN USE" if name == newest else "OLD"
        shown.append(KeyShown("kek", name, state, since, rows.get(name, 0), note))
    return shown


def _signers(engine: Engine) -> list[KeyShown]:
    content, keys = engine.keys.file.read(), engine.keys
    made, retired = content.get("made_at", {}), content.get("retired", {})
    named = (
        ("signing", keys.key_id, keys.verifiers()[1:]),
        ("allowances", keys.offline.kid, keys.offline.retired),
    )
    shown = []
    for what, kid, old in named:
        since = made.get(what, "")
        note = _overdue(engine, since, SIGNING_AGE_MAX)
        shown.append(KeyShown(what, kid, "IN USE", since, 0, note))
        until = {each["public_key"]: each["until"] for each in retired.get(what, [])}
        shown += [
            KeyShown(
                what,
                each.kid,
                "OLD",
                "",
                0,
                f"checks what it signed until {until.get(each.public_key, '')}",
            )
            for each in old
        ]
    return shown


def _of_before(engine: Engine) -> list[KeyShown]:
    left = 0
    for each in engine.each_database():
        with each.database.read() as tx:
            left += sum(sum(family_keys.count_of_before(tx, each).values()) for each in PLACES)
    note = "OVERDUE: `ewarong keys rotate --what personal` moves them" if left else ""
    return [KeyShown("personal", "installation", "IN USE", "", left, note)]


def _fixed() -> list[KeyShown]:
    lookups = "card, phone and NIK look-ups, PINs: changes with new cards and numbers only"
    faces = "face templates: held by the match process alone"
    return [
        KeyShown("pepper", "installation", "IN USE", "", 0, lookups),
        KeyShown("templates", "installation", "IN USE", "", 0, faces),
    ]


def _overdue(engine: Engine, since: str, age_max: timedelta) -> str:
    if not since:
        return ""
    age = engine.now() - datetime.fromisoformat(since)
    return f"OVERDUE: older than {age_max.days} days" if age > age_max else ""
