"""The short way of `PUT /v1/purchases/{id}`: plain ASGI, no thread held while it waits.

It takes what is as it should be: a body that msgspec reads, from a till that was let in lately.
Everything else goes on to the ordinary route with its body, which answers as it always did. Both
ways end in the same queue.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_engine.engine import Engine, NotReadyError
from pos_engine.rules.ids import PurchaseId, parse_uuid7
from pos_engine.services.authorize import NotDecided, Outcome, PurchaseRequest, submit
from pos_engine.services.sessions import Session, shop_scope
from pos_engine.store.database import ConflictError, UnavailableError
from pos_engine.store.group_commit import ANSWER_WAIT_S_MAX
from pos_engine.web.auth import KnownSessions
from pos_engine.web.problem import not_ready, problem_of, unavailable
from pos_engine.web.purchase_bodies import read_purchase
from pos_engine.web.purchases import not_decided

PATH = "/v1/purchases/"
JSON = b"application/json"
BEARER = b"bearer "


class FastPurchases:
    """ASGI middleware, the innermost: answers well-formed purchases of known tills itself."""

    def __init__(self, app: ASGIApp, engine: Engine, known: KnownSessions) -> None:
        self._app, self._engine, self._known = app, engine, known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a purchase, or pass the request on."""
        if scope["type"] != "http" or scope["method"] != "PUT":
            await self._app(scope, receive, send)
            return
        purchase_id = _purchase_id(scope["path"])
        token = _token(scope) if purchase_id else None
        session = self._known.find(token, self._engine.now()) if token else None
        if purchase_id is None or token is None or session is None:
            await self._app(scope, receive, send)
            return
        content = await _body(receive)
        if content is None:
            return  # the till hung up before it had sent everything
        request = _request(purchase_id, session, content)
        if request is None:
            await self._app(scope, _again(content, receive), send)
            return
        await self._answer(request, token, scope, receive, send)

    async def _answer(
        self, request: PurchaseRequest, token: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            waiting = asyncio.wrap_future(submit(self._engine, request))
            outcome: Outcome = await asyncio.wait_for(waiting, ANSWER_WAIT_S_MAX)
        except (UnavailableError, ConflictError, TimeoutError):
            await unavailable()(scope, receive, send)
            return
        except NotReadyError:
            await not_ready()(scope, receive, send)
            return
        if isinstance(outcome, NotDecided):
            if outcome is NotDecided.NO_SESSION:
                self._known.forget(token)
            await problem_of(not_decided(outcome))(scope, receive, send)
            return
        await _send_json(send, outcome.body.encode())


def _purchase_id(path: str) -> PurchaseId | None:
    if not path.startswith(PATH):
        return None
    parsed = parse_uuid7(path[len(PATH) :])
    return PurchaseId(parsed) if parsed else None


def _token(scope: Scope) -> str | None:
    """The bearer token of a request whose body says that it is JSON."""
    token, kind = b"", b""
    for name, value in scope["headers"]:
        if name == b"authorization" and not token:
            token = value
        elif name == b"content-type" and not kind:
            kind = value
    if kind != JSON or token[: len(BEARER)].lower() != BEARER:
        return None
    return token[len(BEARER) :].decode("latin-1")


async def _body(receive: Receive) -> bytes | None:
    """All of the body; its length is limited by `limits.BodyLimit` around us."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        content: bytes = message.get("body", b"")
        return content
    parts = []
    while message["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()
    return None


def _again(content: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read once more, then what comes after it."""
    left: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def once_more() -> Message:
        return left.pop() if left else await receive()

    return once_more


def _request(purchase_id: PurchaseId, session: Session, content: bytes) -> PurchaseRequest | None:
    scope, asked = shop_scope(session), read_purchase(content)
    if scope is None or asked is None or scope[1] != asked.till_id:
        return None
    return PurchaseRequest(
        purchase_id=purchase_id,
        shop_id=scope[0],
        till_id=scope[1],
        staff_id=session.staff_id,
        occurred_at=asked.occurred_at,
        proof=asked.proof,
        lines=asked.lines,
        session=session,
    )


async def _send_json(send: Send, body: bytes) -> None:
    headers = [(b"content-length", b"%d" % len(body)), (b"content-type", JSON)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
