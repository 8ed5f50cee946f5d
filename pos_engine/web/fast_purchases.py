"""The short way of `PUT /v1/purchases/{id}`: plain ASGI, no thread held while it waits.

It takes what is as it should be: a body that msgspec reads, from a till that was let in lately.
Everything else goes on to the ordinary route with its body, which answers as it always did. Both
ways end in the same queue.
"""

import time
from http import HTTPStatus

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_engine.engine import Engine, NotReadyError
from pos_engine.rules.ids import PurchaseId, parse_uuid7
from pos_engine.services.authorize import Answer, NotDecided, Outcome, PurchaseRequest, submit
from pos_engine.services.payer import SealedProof
from pos_engine.services.pin_sealing import unsealed
from pos_engine.services.request_proof import ProofsSeen
from pos_engine.services.sessions import Access, Session, shop_scope
from pos_engine.store.database import ConflictError, UnavailableError
from pos_engine.store.group_commit import ANSWER_WAIT_S_MAX
from pos_engine.web.auth import KnownSessions
from pos_engine.web.limits import BODY_BYTES_MAX, SecureHeaders
from pos_engine.web.mailbox import Mailbox
from pos_engine.web.metrics import Metrics
from pos_engine.web.problem import ProblemError, fault, not_ready, problem_of, unavailable
from pos_engine.web.purchase_bodies import read_purchase
from pos_engine.web.purchases import not_decided, pending
from pos_engine.web.quotas import Quotas, number_of
from pos_engine.web.request_ids import ROUTE
from pos_engine.web.request_proof import PROOF_HEADER, proven, signed_request_of

PATH = "/v1/purchases/"
JSON = b"application/json"
BEARER = b"bearer "
SAID = "ewarong.said"  # in the scope: what `_say` answers


class FastPurchases:
    """ASGI, around the whole app: answers well-formed purchases of known tills itself.

    The layers of the app cost as much as a decision: what is answered here passes none of them,
    and has its limit of the body, its headers and its figures from here.
    """

    def __init__(
        self,
        app: ASGIApp,
        engine: Engine,
        known: KnownSessions,
        metrics: Metrics,
        headers: dict[str, str],
        *,
        proofs_seen: ProofsSeen,
        quotas: Quotas,
    ) -> None:
        self._app, self._engine, self._known, self._quotas = app, engine, known, quotas
        self._metrics, self._mailbox, self._seen = metrics, Mailbox(), proofs_seen
        self._safe = SecureHeaders(_say, headers)
        self._headers = [(b"content-type", JSON), *self._safe.of_answers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a purchase, or pass the request on."""
        if scope["type"] != "http" or scope["method"] != "PUT":
            await self._app(scope, receive, send)
            return
        since = time.perf_counter()
        purchase_id = _purchase_id(scope["path"])
        token = _token(scope) if purchase_id else None
        access = self._known.find(token, self._engine.now()) if token else None
        if purchase_id is None or token is None or access is None:
            await self._app(scope, receive, send)
            return
        if self._engine.commits.overloaded:  # before any work is spent on it
            self._metrics.purchase(HTTPStatus.SERVICE_UNAVAILABLE, 0.0)
            await self._safe({**scope, SAID: unavailable()}, receive, send)
            return
        content = await _body(receive)
        if content is None:
            return  # the till hung up before it had sent everything
        request = _request(self._engine, purchase_id, access.session, content)
        # last: a signature counts once, and what goes on to the ordinary route is judged there
        if request is None or not self._proven(scope, access, token, content):
            await self._app(scope, _again(content, receive), send)
            return
        scope[ROUTE], status = f"{PATH}{{purchase_id}}", int(HTTPStatus.INTERNAL_SERVER_ERROR)
        try:
            status = await self._answer(request, token, scope, receive, send)
        finally:
            self._metrics.purchase(status, time.perf_counter() - since)

    def _proven(self, scope: Scope, access: Access, token: str, content: bytes) -> bool:
        if access.key is None:
            return True
        text = dict(scope["headers"]).get(PROOF_HEADER.encode(), b"").decode("latin-1")
        signed = signed_request_of(scope, text, content)
        return proven(self._engine, self._seen, access, token, signed)

    async def _answer(
        self, request: PurchaseRequest, token: str, scope: Scope, receive: Receive, send: Send
    ) -> int:
        """Answer it; the status that was sent."""
        outcome = await self._outcome(request)
        if isinstance(outcome, Answer):
            await self._send_json(send, outcome.body.encode())
            return HTTPStatus.OK
        if outcome is NotDecided.NO_SESSION:
            self._known.forget(token)
        if outcome is NotDecided.PENDING:
            said = pending(request.purchase_id)
        elif isinstance(outcome, NotDecided):
            said = problem_of(not_decided(outcome))
        else:
            said = fault() if isinstance(outcome, Exception) else outcome
        await self._safe({**scope, SAID: said}, receive, send)
        if isinstance(outcome, Exception):
            raise outcome  # the server's log tells of it
        return said.status_code

    async def _outcome(self, request: PurchaseRequest) -> Outcome | JSONResponse | Exception:
        try:
            if request.session is not None:
                self._quotas.of_session(request.session)
            self._quotas.of_payer(number_of(request.proof))
            answer = submit(self._engine, request)
            outcome: Outcome = await self._mailbox.answer_of(answer, ANSWER_WAIT_S_MAX)
        except ProblemError as error:
            return problem_of(error)
        except (UnavailableError, ConflictError, TimeoutError):
            return unavailable()
        except NotReadyError:
            return not_ready()
        except Exception as error:  # noqa: BLE001 - told as a fault, then raised
            return error
        return outcome

    async def _send_json(self, send: Send, body: bytes) -> None:
        headers = [(b"content-length", b"%d" % len(body)), *self._headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _say(scope: Scope, receive: Receive, send: Send) -> None:
    await scope[SAID](scope, receive, send)


def _purchase_id(path: str) -> PurchaseId | None:
    if not path.startswith(PATH):
        return None
    parsed = parse_uuid7(path[len(PATH) :])
    return PurchaseId(parsed) if parsed else None


def _token(scope: Scope) -> str | None:
    """The bearer token of a request whose body says that it is JSON and not too long."""
    found: dict[bytes, bytes] = dict(
        reversed(scope["headers"])
    )  # of a header that came twice the first
    token, length = found.get(b"authorization", b""), found.get(b"content-length", b"")
    if found.get(b"content-type") != JSON or token[: len(BEARER)].lower() != BEARER:
        return None
    if not length.isdigit() or int(length) > BODY_BYTES_MAX:
        return None  # the server lets no body outgrow what it declared
    return token[len(BEARER) :].decode("latin-1")


async def _body(receive: Receive) -> bytes | None:
    """All of the body."""
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


def _request(
    engine: Engine, purchase_id: PurchaseId, session: Session, content: bytes
) -> PurchaseRequest | None:
    scope, asked = shop_scope(session), read_purchase(content)
    if scope is None or asked is None or scope[1] != asked.till_id:
        return None
    proof = asked.proof
    if isinstance(proof, SealedProof):
        opened = unsealed(engine, proof, scope[1], purchase_id)
        if opened is None:
            return None
        proof = opened
    return PurchaseRequest(
        purchase_id=purchase_id,
        shop_id=scope[0],
        till_id=scope[1],
        staff_id=session.staff_id,
        occurred_at=asked.occurred_at,
        proof=proof,
        lines=asked.lines,
        session=session,
    )
