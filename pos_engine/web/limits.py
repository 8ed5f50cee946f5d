"""Around every request: bodies that are too large are refused, answers get safe headers."""

import contextlib
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_engine.web.problem import problem

BODY_BYTES_MAX = 256 * 1024
IMAGE_BODY_BYTES_MAX = 3 * 1024 * 1024  # 2 MiB of pictures as base64, and the rest of the JSON
# 10 pictures of 2 MiB as base64, and the rest of the JSON: an officer's, never a till's
ENROLMENT_BODY_BYTES_MAX = 10 * 2 * 1024 * 1024 * 4 // 3 + BODY_BYTES_MAX
SHOP_BODY_BYTES_MAX = 1024 * 1024 * 4 // 3 + BODY_BYTES_MAX  # a photo of 1 MiB as base64
OFFLINE_BATCH_BYTES_MAX = 2 * 1024 * 1024  # 500 envelopes of 4 KiB
LARGER_PATHS = {
    "/v1/offline/batches": OFFLINE_BATCH_BYTES_MAX,
    "/v1/payers/identify": IMAGE_BODY_BYTES_MAX,
    "/v1/enrolments": ENROLMENT_BODY_BYTES_MAX,
    "/v1/shops": SHOP_BODY_BYTES_MAX,
    "/v1/complaints": IMAGE_BODY_BYTES_MAX,
    "/saya/lapor": IMAGE_BODY_BYTES_MAX,
    "/kemensos/pengaduan/baru": IMAGE_BODY_BYTES_MAX,
}
FILE_PATHS = ("/till", "/static")
TOO_OFTEN = 429
RETRY_TOO_OFTEN_S = b"60"  # of pages and routes that do not say it better themselves


class _TooLargeError(Exception):
    """The body outgrew its limit while it was read."""


class BodyLimit:
    """ASGI middleware: 413 by the declared length, or as soon as the body outgrows its limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with a counting `receive`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = LARGER_PATHS.get(scope["path"], BODY_BYTES_MAX)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > limit:
            await _refuse(limit)(scope, receive, send)
            return
        body = _CountedBody(receive, limit)
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            if not body.outgrown:  # else the app's own answer to the broken body is dropped
                started = True
                await send(message)

        with contextlib.suppress(_TooLargeError):
            await self._app(scope, body.receive, watched_send)
        if body.outgrown and not started:
            await _refuse(limit)(scope, receive, send)


class _CountedBody:
    """A body that stops the reader when it outgrows its limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._left = receive, limit
        self.outgrown = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.outgrown = True
            raise _TooLargeError
        return message


class SecureHeaders:
    """ASGI middleware: the same protective headers on every answer."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._answers = _encoded(headers | {"Cache-Control": "no-store"})
        self._files = _encoded(headers | {"Cache-Control": "no-cache"})
        self.of_answers = tuple(self._answers)  # for who answers without this layer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what the answer does not set itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ours = self._files if scope["path"].startswith(FILE_PATHS) else self._answers

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                added = [each for each in ours if each[0] not in own]
                if message["status"] == TOO_OFTEN and b"retry-after" not in own:
                    added.append((b"retry-after", RETRY_TOO_OFTEN_S))
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _refuse(limit: int) -> ASGIApp:
    return problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "BODY_TOO_LARGE",
        f"Permintaan terlalu besar, paling banyak {limit} byte.",
    )
