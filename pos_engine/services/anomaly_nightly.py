"""The rules run by themselves each night, when tills are closed; one worker does it."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import structlog

from pos_engine.engine import Engine, NotReadyError
from pos_engine.lake.anomalies import month_before
from pos_engine.lake.folder import LakeError
from pos_engine.services.anomalies import run_month
from pos_engine.store import anomalies
from pos_engine.store.database import ConflictError, UnavailableError

WIB = ZoneInfo("Asia/Jakarta")
NIGHT_HOURS = range(1, 4)  # WIB: in the east the shops open at the end of it
LOOK_EVERY_S = 900.0
AGAIN_AFTER = timedelta(hours=20)  # a run of last night is one of this day
LATE_DAYS = 7  # of a month in which the month before is looked at too: sales without signal come
END_S_MAX = 10.0

log = structlog.get_logger()


def due(now: datetime, ran: dict[str, datetime]) -> list[str]:
    """Which months are to be looked at now; `ran` says when each was looked at last."""
    local = now.astimezone(WIB)
    if local.hour not in NIGHT_HOURS:
        return []
    month = f"{local:%Y-%m}"
    months = [month_before(month), month] if local.day <= LATE_DAYS else [month]
    return [each for each in months if each not in ran or now - ran[each] >= AGAIN_AFTER]


def step(engine: Engine) -> list[str]:
    """Run what is due; the months that were looked at."""
    with engine.database.read() as tx:
        ran = {each.period: each.ran_at for each in anomalies.runs(tx)}
    months = due(engine.now(), ran)
    for month in months:
        done = run_month(engine, month)
        log.info("anomalies.ran", month=month, shops=done.shops, found=done.found)
    return months


def start(engine: Engine) -> Callable[[], None]:
    """Look for what is due in a thread of its own; call what is returned to stop it."""
    if engine.lake is None:
        return lambda: None
    stop = threading.Event()
    thread = threading.Thread(target=_follow, args=(engine, stop), name="anomalies", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(END_S_MAX)

    return end


def _follow(engine: Engine, stop: threading.Event) -> None:
    while not stop.wait(LOOK_EVERY_S):
        try:
            step(engine)
        except (UnavailableError, ConflictError, NotReadyError):
            log.warning("anomalies.database_unavailable")
        except (LakeError, OSError, duckdb.Error) as error:
            log.warning("anomalies.not_run", why=str(error))
