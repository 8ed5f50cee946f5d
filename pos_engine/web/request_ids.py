"""Each request has an id: taken from the caller or made here, answered, and in every log line.

One line tells of each answer: method, route, status, time. Never an address, a query or a body.
"""

import re
import time
import uuid

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_engine.web.limits import FILE_PATHS

HEADER = b"x-request-id"
ROUTE = "ewarong.route"  # in the scope: the route of who answers without the router
FILES, NONE = "files", "-"
# A UUID or 32 hexadecimal digits: no number of a person or card has that form.
_GOOD = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}", re.IGNORECASE
)
log = structlog.get_logger()


class RequestIds:
    """ASGI, the outermost: names the request and tells of its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on by its name."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        since, status, name = time.perf_counter(), 500, _name_of(scope)
        structlog.contextvars.bind_contextvars(request_id=name.decode())

        async def send_with_name(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER, name)]
            await send(message)

        try:
            await self._app(scope, receive, send_with_name)
        finally:
            took_ms = round((time.perf_counter() - since) * 1000, 1)
            route = route_of(scope)
            tell = log.debug if route == FILES else log.info
            tell("http", method=scope["method"], route=route, status=int(status), ms=took_ms)
            structlog.contextvars.unbind_contextvars("request_id")


def route_of(scope: Scope) -> str:
    """The template of the route that answered: never the address, which names things."""
    named = getattr(scope.get("route"), "path", None) or scope.get(ROUTE)
    if isinstance(named, str):
        return named
    return FILES if scope["path"].startswith(FILE_PATHS) else NONE


def _name_of(scope: Scope) -> bytes:
    for key, value in scope["headers"]:
        if key == HEADER and _GOOD.fullmatch(value):
            return bytes(value)
    return uuid.uuid4().hex.encode()
