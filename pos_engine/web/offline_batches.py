"""Routes of sales without signal: a tablet's queue, and receipts of a tablet that was lost."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import Field, StrictInt, StrictStr

from pos_engine.services.device_requests import device_of_request
from pos_engine.services.sessions import Role, Session
from pos_engine.services.sync import NoSync, Synced, outcomes_json, receive_batch
from pos_engine.services.sync_outcomes import OUTCOMES_ASKED_MAX, Outcomes, outcomes_since
from pos_engine.services.sync_paper import NoRescan, rescan
from pos_engine.web.auth import EngineHere, only
from pos_engine.web.limits import OFFLINE_BATCH_BYTES_MAX
from pos_engine.web.packed import body_of, pack
from pos_engine.web.problem import MEDIA_TYPE, ProblemError
from pos_engine.web.strict import Strict
from pos_engine.wire.envelope import QR_LETTERS_MAX

router = APIRouter(prefix="/v1/offline", tags=["offline"])
PaperSession = Annotated[Session, Depends(only(Role.PEMILIK, Role.DINSOS))]
OUTCOMES = "/v1/offline/outcomes"
MS_MAX = 253_402_300_799_999  # the last moment of the year 9999
BEHIND, REVOKED = "CHECKPOINT_BEHIND", "DEVICE_REVOKED"
REFUSED = {
    NoSync.NOT_SIGNED: (
        HTTPStatus.UNAUTHORIZED,
        "NO_DEVICE",
        "Tanda tangan perangkat belum cocok.",
    ),
    NoSync.MALFORMED: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "MALFORMED",
        "Isi kiriman belum benar.",
    ),
}
NOT_TAKEN = {
    NoRescan.NOT_A_RECEIPT: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "NOT_A_RECEIPT",
        "Kode ini bukan dari struk belanja tanpa sinyal, atau rusak. Coba pindai sekali lagi.",
    ),
    NoRescan.DEVICE_UNKNOWN: (
        HTTPStatus.NOT_FOUND,
        "DEVICE_UNKNOWN",
        "Struk ini bukan dari tablet warung ini.",
    ),
}


class RescanIn(Strict):
    """What the code on a receipt says."""

    text: Annotated[StrictStr, Field(min_length=1, max_length=QR_LETTERS_MAX)]


class OutcomesIn(Strict):
    """What a tablet still waits to hear of, by name, and when it was answered last."""

    since_ms: Annotated[StrictInt, Field(ge=0, le=MS_MAX)] | None = None
    envelopes: Annotated[
        list[Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]],
        Field(max_length=OUTCOMES_ASKED_MAX, default_factory=list),
    ]


@router.post(
    "/batches",
    responses={
        200: {"description": "a signed checkpoint and what became of each envelope"},
        401: {"description": "no such device, or not its signature"},
        403: {"description": "DEVICE_REVOKED: all is kept for review; with a checkpoint"},
        413: {"description": "too large, packed or after it was opened"},
        415: {"description": "ENCODING_UNKNOWN: only gzip, or not packed at all"},
        503: {"description": "outcome unknown: send the same batch again"},
    },
)
async def post_batch(request: Request, engine: EngineHere) -> Response:
    """Take in a tablet's queue; it is signed as a whole, and replays do no harm.

    The body may come as gzip; the signature is of what was packed.
    """
    raw = await body_of(request, OFFLINE_BATCH_BYTES_MAX)
    header = request.headers.get("authorization", "")

    def work() -> Response:
        found = receive_batch(engine, header, raw)
        if isinstance(found, NoSync):
            raise ProblemError(*REFUSED[found])
        return pack(request, answer(found))

    return await run_in_threadpool(work)


@router.post("/outcomes", responses={401: {"description": "NO_DEVICE"}})
async def post_outcomes(
    request: Request,
    engine: EngineHere,
    body: OutcomesIn,
    authorization: Annotated[str, Header()] = "",
) -> dict[str, Any]:
    """What became of envelopes later: those named, and what officers decided since. Signed."""
    raw = await request.body()

    def work() -> dict[str, Any]:
        device = device_of_request(engine, authorization, "POST", OUTCOMES, raw)
        if device is None:
            raise ProblemError(*REFUSED[NoSync.NOT_SIGNED])
        since = body.since_ms
        moment = None if since is None else datetime.fromtimestamp(since / 1000, UTC)
        found = later_json(outcomes_since(engine, device, moment, body.envelopes))
        return {"device_state": device.state} | found

    return await run_in_threadpool(work)


def later_json(found: Outcomes) -> dict[str, Any]:
    """As it is answered; moments in milliseconds."""
    told = outcomes_json(each.told for each in found.later)
    return {
        "at_ms": _ms(found.at),
        "outcomes": [
            {"envelope": each.envelope}
            | row
            | {
                "decision": each.decision,
                "decided_at_ms": _ms(each.decided_at) if each.decided_at else None,
            }
            for each, row in zip(found.later, told, strict=True)
        ],
    }


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@router.post(
    "/rescans",
    responses={
        404: {"description": "not of a device of this shop or region"},
        422: {"description": "NOT_A_RECEIPT"},
    },
)
def post_rescan(engine: EngineHere, session: PaperSession, body: RescanIn) -> Response:
    """Take in the sale that a receipt of a lost tablet holds; judged as if the tablet sent it."""
    found = rescan(engine, session, body.text)
    if isinstance(found, NoRescan):
        raise ProblemError(*NOT_TAKEN[found])
    return answer(replace_revoked(found))


def replace_revoked(found: Synced) -> Synced:
    """Whoever brings paper is no revoked device: what waits for review says so itself."""
    return Synced(found.checkpoint, found.signature, found.outcomes)


def answer(found: Synced) -> Response:
    """The checkpoint with outcomes, and a code where the tablet has something else to do."""
    body: dict[str, object] = {
        "checkpoint": found.checkpoint,
        "sig": found.signature,
        "outcomes": list(outcomes_json(found.outcomes)),
    }
    if found.revoked:
        detail = "Perangkat ini sudah dihentikan. Catatannya disimpan dan diperiksa petugas."
        status = HTTPStatus.FORBIDDEN
        head = {"type": "about:blank", "title": status.phrase, "status": int(status)}
        return JSONResponse(
            head | {"code": REVOKED, "detail": detail} | body, status, media_type=MEDIA_TYPE
        )
    return JSONResponse({"code": BEHIND} | body if found.behind else body)
