"""`GET /metrics`: how purchases are answered and how the queue in front of the database does.

Nobody's name and no shop in it. With several processes each writes its figures into a shared
folder, and whichever is asked adds them up.
"""

import time

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_engine.store.group_commit import GroupCommit

SHARED = values.ValueClass is not values.MutexValue  # set up by `ewarong serve --workers N`
PURCHASE = "/v1/purchases/"
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)

router = APIRouter(tags=["operation"])


class Metrics:
    """The figures of one process; what watches the queue."""

    def __init__(self, commits: GroupCommit) -> None:
        self._registry = registry = CollectorRegistry()
        self._commits = commits
        self.answered = Counter(
            "ewarong_purchase_requests", "Purchases answered.", ["status"], registry=registry
        )
        self.took = Histogram(
            "ewarong_purchase_seconds", "To the answer.", buckets=SECONDS, registry=registry
        )
        self._sizes = Histogram(
            "ewarong_batch_size", "Purchases in a transaction.", buckets=SIZES, registry=registry
        )
        self._ages = Histogram(
            "ewarong_queue_age_seconds",
            "How long the first of a batch waited.",
            buckets=SECONDS,
            registry=registry,
        )
        self._refused = Counter(
            "ewarong_queue_refused", "Turned away: queue full or closed.", registry=registry
        )
        self._failed = Counter(
            "ewarong_batches_failed", "Transactions that failed.", registry=registry
        )
        self._waiting = Gauge(
            "ewarong_queue_waiting",
            "Purchases that wait now.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        commits.watcher = self

    def batch(self, size: int, age_s: float) -> None:
        """A writer took so many; the first had waited so long."""
        self._sizes.observe(size)
        self._ages.observe(age_s)
        self._waiting.set(self._commits.waiting)

    def refused(self) -> None:
        """One was turned away."""
        self._refused.inc()

    def failed(self) -> None:
        """A transaction failed."""
        self._failed.inc()

    def purchase(self, status: int, took_s: float) -> None:
        """A purchase was answered."""
        self.answered.labels(str(int(status))).inc()
        self.took.observe(took_s)

    def text(self) -> bytes:
        """Everything, of all processes."""
        self._waiting.set(self._commits.waiting)
        if not SHARED:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)


class MeasurePurchases:
    """ASGI middleware: counts the answers to `PUT /v1/purchases/{id}` and their time."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and watch its answer."""
        if (
            scope["type"] != "http"
            or scope["method"] != "PUT"
            or not scope["path"].startswith(PURCHASE)
        ):
            await self._app(scope, receive, send)
            return
        since, status = time.perf_counter(), 500  # what an exception becomes above us

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._metrics.purchase(status, time.perf_counter() - since)


@router.get("/metrics")
def get_metrics(request: Request) -> Response:
    """Figures for Prometheus: batches, queue, purchases by status and time."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)
