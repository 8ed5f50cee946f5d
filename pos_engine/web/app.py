"""The web application: routes, limits, headers, the till's files."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

import warung_client
from pos_engine.engine import Engine
from pos_engine.services.request_proof import ProofsSeen
from pos_engine.store.database import UnavailableError
from pos_engine.web import (
    allowances,
    anomalies,
    audit,
    baskets,
    cards,
    cash_counts,
    ceilings,
    complaints,
    delegations,
    demo,
    devices,
    enrolment_page,
    enrolments,
    face_locks,
    gateway,
    health,
    kpm_home,
    kpm_more,
    kpm_pay,
    kpm_report,
    metrics,
    ministry,
    office_access,
    office_anomalies,
    office_ceilings,
    office_complaints,
    office_disbursement,
    office_excluded,
    office_gap,
    office_lists,
    office_log_in,
    office_map,
    office_prices,
    office_schedule,
    office_service,
    office_shops,
    office_spending,
    office_staff,
    office_summary,
    office_trail,
    offline_batches,
    payers,
    pins,
    public_page,
    purchases,
    receipt_check,
    reports,
    sessions,
    shift,
    shops,
    snap,
    status_page,
    supervisions,
    till_notes,
    voids,
)
from pos_engine.web.auth import EngineHere, KnownSessions
from pos_engine.web.ending import ended_in_time
from pos_engine.web.fast_purchases import FastPurchases
from pos_engine.web.json_depth import JsonDepth
from pos_engine.web.limits import BodyLimit, SecureHeaders
from pos_engine.web.metrics import MeasurePurchases, Metrics
from pos_engine.web.problem import add_problem_handlers
from pos_engine.web.quotas import Quotas
from pos_engine.web.request_ids import RequestIds
from pos_engine.web.several_databases import SeveralDatabases
from pos_engine.web.till_files import TillFiles

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; "
        "script-src 'self' 'wasm-unsafe-eval'; "
        "connect-src 'self'; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # browsers heed it over https only
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
PARTS = (
    sessions,
    purchases,
    voids,
    offline_batches,
    baskets,
    payers,
    enrolments,
    face_locks,
    delegations,
    supervisions,
    pins,
    reports,
    ceilings,
    audit,
    receipt_check,
    cards,
    status_page,
    public_page,
    kpm_home,
    kpm_pay,
    kpm_more,
    kpm_report,
    ministry,
    office_summary,
    office_ceilings,
    office_complaints,
    office_schedule,
    office_map,
    office_prices,
    office_spending,
    office_gap,
    metrics,
    health,
    office_access,
    office_anomalies,
    anomalies,
    office_disbursement,
    office_excluded,
    office_lists,
    office_service,
    office_shops,
    office_log_in,
    office_staff,
    office_trail,
    enrolment_page,
    shops,
    devices,
    allowances,
    cash_counts,
    till_notes,
    complaints,
    shift,
    snap,
    gateway,
    demo,
)
STYLES = Path(__file__).parent / "static"


class EngineApp(FastAPI):
    """The app with a way past all of its layers for what comes a thousand times a second."""

    front: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Through the front, which passes on what is not its own."""
        await (self.front or super().__call__)(scope, receive, send)

    async def behind(self, scope: Scope, receive: Receive, send: Send) -> None:
        """All routes, in all layers."""
        await super().__call__(scope, receive, send)


def create_app(
    engine: Engine,
    *,
    demo_file: Path | None = None,
    on_start: Callable[[], Callable[[], Any]] | None = None,
    quotas: Quotas | None = None,
) -> FastAPI:
    """The app around an open engine. `on_start` runs with the server and returns its own end.

    Without `quotas` devices, shops and KPM may ask as often as they like.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if engine.faces is not None:
            await run_in_threadpool(engine.faces.warm_up)
        if engine.matcher is not None:
            with suppress(UnavailableError):  # cards and phones need no index
                await run_in_threadpool(engine.matcher.warm_up)
        stop = on_start() if on_start else None
        with ended_in_time(engine):
            yield
            if stop is not None:
                stop()
            engine.close()

    app = EngineApp(
        title="e-warong",
        version="1",
        description="Till and transaction engine for food aid. PAD not certified.",
        lifespan=lifespan,
        docs_url=None,  # its page would fetch scripts from the network
        redoc_url=None,
    )
    app.state.engine = engine
    app.state.demo_file = demo_file
    add_problem_handlers(app)
    for part in PARTS:
        app.include_router(part.router)
    _add_files(app)
    _add_layers(app, engine, quotas or Quotas())
    return app


def _add_layers(app: EngineApp, engine: Engine, quotas: Quotas) -> None:
    """What stands around the routes, the innermost first."""
    app.state.known_sessions = KnownSessions()
    app.state.quotas = quotas
    app.state.proofs_seen = ProofsSeen()
    app.state.metrics = Metrics(engine.commits)
    if engine.homes is not None:
        app.add_middleware(SeveralDatabases)
    app.add_middleware(JsonDepth)
    app.add_middleware(BodyLimit)
    app.add_middleware(MeasurePurchases, metrics=app.state.metrics)
    fast = FastPurchases(
        # around all of it: what the framework says to a fault passes no layer of `add_middleware`
        SecureHeaders(app.behind, HEADERS),
        engine,
        app.state.known_sessions,
        app.state.metrics,
        HEADERS,
        proofs_seen=app.state.proofs_seen,
        quotas=quotas,
    )
    app.front = RequestIds(fast)


def _add_files(app: FastAPI) -> None:
    @app.get("/health", tags=["operation"])
    def health(engine: EngineHere) -> dict[str, str]:
        """Is the engine able to decide: its database answers and a catalogue is loaded."""
        with engine.database.read() as tx:
            version = engine.catalogue(tx).version
        return {"status": "ok", "price_book": version}

    @app.get("/", include_in_schema=False)
    def root() -> RedirectResponse:
        return RedirectResponse("/till/")

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        """What browsers ask for beside pages that name no picture for their tab."""
        return FileResponse(STYLES / "saya.svg", media_type="image/svg+xml")

    app.mount("/till", TillFiles(warung_client.ASSETS))
    app.mount("/static", StaticFiles(directory=STYLES))
