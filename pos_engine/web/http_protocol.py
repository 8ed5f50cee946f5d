"""The HTTP parser of our server with limits of its own: heads, their number and their time.

The framework sees a request when its head is complete; what grows before, or never ends, is only
seen here.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_BYTES_MAX = 16 * 1024  # address and headers together
TARGET_BYTES_MAX = 4 * 1024  # the address with its query
HEADERS_MAX = 64
HEAD_S_MAX = 10.0  # from the first byte, or from the connection, to a whole head
BODY_PAUSE_S_MAX = 30.0  # without a byte of a body that is not complete
LOOK_S = 2.0  # between two looks at a connection's times
SAFE = (
    b"x-content-type-options: nosniff\r\ncache-control: no-store\r\n"
    b"referrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'\r\n"
)
WHY = {
    HTTPStatus.BAD_REQUEST: ("MALFORMED", "Permintaan tidak terbaca."),
    HTTPStatus.REQUEST_TIMEOUT: ("TOO_SLOW", "Permintaan terlalu lama tidak lengkap."),
    HTTPStatus.REQUEST_URI_TOO_LONG: ("TARGET_TOO_LONG", "Alamat permintaan terlalu panjang."),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: ("HEAD_TOO_LARGE", "Kepala permintaan besar."),
}


class HeadTooLargeError(Exception):
    """Raised inside the parser, which ends the connection with what `_refusal` says."""


class LimitedHttp(HttpToolsProtocol):
    """uvicorn's protocol; a connection that goes over a limit is answered and closed."""

    _refusal = HTTPStatus.BAD_REQUEST
    _fed = 0  # bytes since this head began
    _in_head = True
    _head_since: float | None = None
    _body_open = False
    _heard = 0.0
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The time of the first head begins."""
        super().connection_made(transport)
        self._head_since = self._heard = self.loop.time()
        self._look = self.loop.call_later(LOOK_S, self._look_at_times)

    def connection_lost(self, exc: Exception | None) -> None:
        """No more looks."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what came of a head that is not whole yet."""
        self._heard = self.loop.time()
        if self._in_head:
            self._fed += len(data)
        super().data_received(data)
        if self._in_head and self._fed > HEAD_BYTES_MAX and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._head_since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        super().on_url(url)
        if len(self.url) > TARGET_BYTES_MAX:
            self._refusal = HTTPStatus.REQUEST_URI_TOO_LONG
            raise HeadTooLargeError

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header."""
        super().on_header(name, value)
        if len(self.headers) > HEADERS_MAX:
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise HeadTooLargeError

    def on_headers_complete(self) -> None:
        """The head is whole: it may have come in one piece."""
        if len(self.url) + sum(len(n) + len(v) for n, v in self.headers) > HEAD_BYTES_MAX:
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise HeadTooLargeError
        self._in_head, self._head_since, self._fed = False, None, 0
        self._body_open = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole; what comes next is a head."""
        super().on_message_complete()
        self._in_head, self._body_open = True, False

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - what the parser says of it
        """What the parser refused, in our words."""
        self._refuse(self._refusal)

    def _refuse(self, status: HTTPStatus) -> None:
        code, detail = WHY[status]
        said: dict[str, Any] = {
            "type": "about:blank",
            "title": status.phrase,
            "status": int(status),
            "code": code,
            "detail": detail,
        }
        body = json.dumps(said).encode()
        self.transport.write(
            STATUS_LINE[status]
            + b"content-type: application/problem+json\r\n"
            + b"content-length: %d\r\nconnection: close\r\n" % len(body)
            + SAFE
            + b"\r\n"
            + body
        )
        self.transport.close()

    def _look_at_times(self) -> None:
        """Close who lets us wait for the rest of a head or body."""
        if self.transport.is_closing():
            return
        now = self.loop.time()
        if self._head_since is not None and now - self._head_since > HEAD_S_MAX:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif self._body_open and now - self._heard > BODY_PAUSE_S_MAX and not self._read_paused():
            self.transport.close()
        else:
            self._look = self.loop.call_later(LOOK_S, self._look_at_times)

    def _read_paused(self) -> bool:
        """Is it we who do not read: a body waits in memory until the app takes it."""
        return self.flow.read_paused
