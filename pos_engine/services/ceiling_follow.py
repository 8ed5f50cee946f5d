"""Look at yesterday's refusals for price and at who sells what, every hour, beside the worker."""

import threading
from collections.abc import Callable

import duckdb
import structlog

from pos_engine.engine import Engine, NotReadyError
from pos_engine.lake.folder import LakeError
from pos_engine.services.ceiling_proposals import make_proposals
from pos_engine.services.sellers_refresh import refresh_sellers
from pos_engine.store.database import ConflictError, UnavailableError

CEILINGS_EVERY_S = 3600.0
CEILINGS_FIRST_S = 120.0  # after the start: the lake is opened first
END_S_MAX = 10.0

log = structlog.get_logger()


def start(engine: Engine) -> Callable[[], None]:
    """Follow in a thread of its own; call what is returned to stop it and wait."""
    stop = threading.Event()
    thread = threading.Thread(target=_follow, args=(engine, stop), name="ceilings", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(END_S_MAX)

    return end


def _follow(engine: Engine, stop: threading.Event) -> None:
    wait_s = CEILINGS_FIRST_S
    while not stop.wait(wait_s):
        one_round(engine)
        wait_s = CEILINGS_EVERY_S


def one_round(engine: Engine) -> None:
    """Write proposals and sellers; trouble is told and tried again an hour later."""
    try:
        made, sellers = make_proposals(engine), refresh_sellers(engine)
    except (UnavailableError, ConflictError, NotReadyError):
        log.warning("ceilings.database_unavailable")
    except (LakeError, OSError, duckdb.Error) as error:
        log.warning("ceilings.lake_not_read", why=str(error))
    else:
        log.info("ceilings.looked", proposals=made, sellers=sellers)
