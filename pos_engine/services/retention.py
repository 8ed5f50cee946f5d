"""Delete what was kept long enough; money facts are never in the list."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from pos_engine.engine import Engine, NotReadyError
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.install import BY_COMMAND
from pos_engine.store import privacy_events, retention
from pos_engine.store.privacy_events import DETAIL_LENGTH_MAX, Act, PrivacyEvent
from pos_engine.store.retention import KEPT, SWEPT_AT_ONCE

DAYS_MIN = 7  # a typing error must not empty a table
DAYS_MAX = 3_650


@dataclass(frozen=True, slots=True)
class Swept:
    """One kind: for how long it is kept and why, how many rows are older."""

    kind: str
    days: int
    ground: str
    rows: int


def days_of(setting: str) -> dict[str, int]:
    """`attempts=400 codes=30`: other kinds keep their own. Raises `NotReadyError`."""
    days = {each.kind: each.days for each in KEPT}
    for word in setting.replace(",", " ").split():
        kind, _, number = word.partition("=")
        good = kind in days and number.isdigit() and DAYS_MIN <= int(number) <= DAYS_MAX
        if not good:
            raise NotReadyError(
                f"EWARONG_RETENTION: {word!r}. Kinds are {', '.join(days)}; days {DAYS_MIN} to "
                f"{DAYS_MAX}, as in attempts=400 codes=30."
            )
        days[kind] = int(number)
    return days


def sweep(engine: Engine, *, dry_run: bool, by: str = BY_COMMAND) -> list[Swept]:
    """Delete in small transactions what is older; with `dry_run` only count."""
    days, now, done = days_of(engine.retention), engine.now(), []
    for kept in KEPT:
        before, rows = now - timedelta(days=days[kept.kind]), 0
        for each in engine.each_database():
            if dry_run:
                with each.database.read() as tx:
                    rows += retention.count(tx, kept, before)
                continue
            while True:
                step = partial(retention.sweep, kept=kept, before=before)
                count = each.database.transact(step)
                rows += count
                if count < SWEPT_AT_ONCE:
                    break
        done.append(Swept(kept.kind, days[kept.kind], kept.ground, rows))
    if not dry_run and any(each.rows for each in done):
        _note(engine, " ".join(f"{each.kind}={each.rows}" for each in done if each.rows), by)
    return done


def _note(engine: Engine, detail: str, by: str) -> None:
    now = engine.now()
    text = detail[:DETAIL_LENGTH_MAX]
    event = PrivacyEvent(new_uuid7(now), None, Act.SWEPT.value, text, by, None, now)
    with engine.database.begin() as tx:
        privacy_events.add_event(tx, event)
