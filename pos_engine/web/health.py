"""Is this process alive, and is it ready to decide: two questions, for two kinds of keepers.

Alive asks nothing of anybody: a process that does not answer is started again. Ready looks at what
a purchase needs: who is not ready gets no requests for a while, and is left running.
"""

import threading
import time
from datetime import UTC, timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from pos_engine.engine import Engine
from pos_engine.store.database import ConflictError, Database, UnavailableError
from pos_engine.store.group_commit import WAITING_MAX, GroupCommit
from pos_engine.store.readiness import known_revisions, look
from pos_engine.web.auth import EngineHere
from pos_engine.web.problem import RETRY_AFTER_S

router = APIRouter(tags=["operation"])
KEPT_S = 1.0  # an answer is given again for so long: anybody may ask
QUEUE_SHARE_MAX = 0.9  # of WAITING_MAX
CLOCK_GAP_MAX = timedelta(seconds=60)  # between our clock and the database's
OK, FAILED = "ok", "failed"


class Readiness:
    """The last answer; one look at a time, however many ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._found: dict[str, str] = {}

    def of(self, engine: Engine) -> dict[str, str]:
        """Each thing that was looked at, and how it is."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = checks(engine)
                self._until = time.monotonic() + KEPT_S
            return self._found


@router.get("/health/live")
async def get_live() -> dict[str, str]:
    """This process answers."""
    return {"status": OK}


@router.get("/health/ready", responses={503: {"description": "send no requests here for now"}})
def get_ready(request: Request, engine: EngineHere) -> JSONResponse:
    """May requests be sent here: 200 or 503, with what was looked at.

    A matcher that does not answer is told and does not count: cards and phones need no index.
    """
    state = request.app.state
    if not hasattr(state, "readiness"):
        state.readiness = Readiness()
    found = state.readiness.of(engine)
    ready = all(how in (OK, "newer", "off") for what, how in found.items() if what != "matcher")
    body: dict[str, Any] = {"status": "ready" if ready else "not ready", "checks": found}
    if ready:
        return JSONResponse(body)
    return JSONResponse(body, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": RETRY_AFTER_S})


def checks(engine: Engine) -> dict[str, str]:
    """Database, schema, clock, queue, matcher, catalogue: each by one word."""
    found = {"database": OK, "schema": OK, "clock": OK, "queue": OK, "catalogue": OK}
    for database, commits in _databases(engine):
        if commits.waiting > WAITING_MAX * QUEUE_SHARE_MAX:
            found["queue"] = "full"
        found |= {what: how for what, how in _database(engine, database).items() if how != OK}
    try:
        with engine.database.read() as tx:
            engine.catalogue(tx)
    except Exception:  # noqa: BLE001 - none loaded, or no database: either way it is not there
        found["catalogue"] = FAILED
    found["matcher"] = "off" if engine.matcher is None else _yes(engine.matcher.running())
    return found


def _databases(engine: Engine) -> list[tuple[Database, GroupCommit]]:
    if engine.homes is None:
        return [(engine.database, engine.commits)]
    return [(each.database, each.commits) for each in engine.homes.all]


def _database(engine: Engine, database: Database) -> dict[str, str]:
    try:
        state = look(database)
    except (UnavailableError, ConflictError):
        return {"database": FAILED, "schema": "unknown", "clock": "unknown"}
    known, now = known_revisions(), engine.now()
    schema = OK if state.revision == known[0] else "older"
    if state.revision not in known:
        schema = "newer"  # during an upgrade old code runs on the new schema
    sane = state.at is None or abs(now - state.at) <= CLOCK_GAP_MAX
    if state.last_closed_day is not None:
        sane = sane and now >= state.last_closed_day.replace(tzinfo=UTC)
    return {"database": OK, "schema": schema, "clock": _yes(sane)}


def _yes(good: bool) -> str:
    return OK if good else FAILED
