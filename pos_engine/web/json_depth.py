"""How deep a body may be nested: a short text of brackets must not cost what a long one does."""

import re
from http import HTTPStatus
from itertools import accumulate

from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_engine.web.problem import problem

JSON_DEPTH_MAX = 16
AT_ONCE_BYTES = 64 * 1024  # looked at on the spot; more in a thread
FORMS = (b"application/x-www-form-urlencoded", b"multipart/form-data")
# A string to its end, or to the end of the body: always one pass, whatever was sent.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_OTHERS = bytes(each for each in range(256) if each not in _STEP)


def too_deep(content: bytes) -> bool:
    """Is JSON text nested deeper than JSON_DEPTH_MAX; brackets inside of strings do not count."""
    if content.count(b"[") + content.count(b"{") <= JSON_DEPTH_MAX:
        return False
    bare = _STRING.sub(b"", content).translate(None, _OTHERS)
    return max(accumulate(_STEP[each] for each in bare), default=0) > JSON_DEPTH_MAX


class JsonDepth:
    """ASGI middleware: 422 for a body, of any type but a form's, that is nested too deep."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body (its length is limited outside of us), look, pass it on whole."""
        if scope["type"] != "http" or _no_json(scope):
            await self._app(scope, receive, send)
            return
        read: list[Message] = []
        while True:
            read.append(await receive())
            if read[-1]["type"] != "http.request" or not read[-1].get("more_body", False):
                break
        content = b"".join(each.get("body", b"") for each in read)
        looked = (
            too_deep(content)
            if len(content) <= AT_ONCE_BYTES
            else await run_in_threadpool(too_deep, content)
        )
        if looked:
            await _REFUSED(scope, receive, send)
            return
        whole: Message = {"type": "http.request", "body": content, "more_body": False}
        left = [whole] if read[-1]["type"] == "http.request" else read

        async def once_more() -> Message:
            return left.pop(0) if left else await receive()

        await self._app(scope, once_more, send)


def _no_json(scope: Scope) -> bool:
    """A form, a packed body (its route unpacks it and looks at its depth), or nothing at all."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return True
    said: dict[bytes, bytes] = dict(scope["headers"])
    kind = said.get(b"content-type", b"").strip().lower()
    return kind.startswith(FORMS) or said.get(b"content-encoding", b"identity") != b"identity"


_REFUSED = problem(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "MALFORMED",
    f"Isi permintaan bersusun lebih dari {JSON_DEPTH_MAX} tingkat.",
    [{"field": "body", "message": "nested too deep"}],
)
