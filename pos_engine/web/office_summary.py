"""The officers' front page: who was left unfed, then the programme's own six yardsticks."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pos_engine.engine import Engine
from pos_engine.services.sessions import Role
from pos_engine.services.unfed import count_unfed
from pos_engine.web.auth import EngineHere
from pos_engine.web.ministry import login_page, renewed
from pos_engine.web.office import HOME, VISITORS, Span, pages_for, reader, show, span_of
from pos_engine.web.office_cells import number
from pos_engine.web.office_rows import NO_LAKE, RAW_LINES_MAX, looked_up, raw_lines, report_of
from pos_engine.web.office_unfed import unfed_slot
from pos_engine.web.office_yardsticks import six

COUNTED = ("places", "quality", "service")  # from counts of days, or few rows
RAW = ("reach",)  # from every purchase: of the nation only when it is asked for
router = APIRouter(prefix=HOME, include_in_schema=False)


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """Six yardsticks of the days and place asked for; the log-in for who has no session."""
    session = reader(request, engine)
    if session is None:
        visitor = reader(request, engine, (Role.ADMIN, *VISITORS))
        own = pages_for(visitor.role) if visitor else []
        if own:
            return RedirectResponse(own[0].path)
        return renewed(request, engine) or login_page(request, engine)
    span = span_of(request, engine, session)
    wait = request.query_params.get("hitung") == "1"
    return show(request, session, "office_summary.html", span=span, **_found(engine, span, wait))


def _found(engine: Engine, span: Span, wait: bool) -> dict[str, Any]:
    made = {name: report_of(engine, name, span) for name in COUNTED}
    made |= {name: report_of(engine, name, span, wait=wait) for name in RAW}
    places = looked_up(
        engine,
        "unfed",
        span,
        lambda: count_unfed(engine, span.first, span.last, span.scope.region),
        wait=wait,
    )
    missing = places is None or any(each is None for each in made.values())
    lines = raw_lines(engine, span) if missing and not wait else 0
    yardsticks = six({name: report.rows if report else None for name, report in made.items()})
    known = [report.known_until for report in made.values() if report and report.known_until]
    return {
        "yardsticks": yardsticks,
        "unfed": None if places is None else unfed_slot(places),
        "heavy": number(lines) if lines > RAW_LINES_MAX else "",
        "lacking": missing,
        "no_lake": NO_LAKE,
        "known_until": max(known, default=None),
    }
