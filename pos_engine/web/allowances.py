"""Routes of money put aside for selling without signal: keys, allowances, recalls, closings."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from pos_engine.keyring.signers import Verifier
from pos_engine.services import allowance_end
from pos_engine.services.allowance_end import Closing, EndProblem, Recall
from pos_engine.services.allowance_paper import paper_of
from pos_engine.services.allowances import (
    AllowanceAsk,
    AllowanceProblem,
    NotIssued,
    issue,
    living_on_device,
)
from pos_engine.services.device_requests import device_of_request
from pos_engine.services.identification import Asked, asked_at
from pos_engine.services.payer import CardProof, Place, TokenProof
from pos_engine.services.remote_shops import mark_remote
from pos_engine.services.sessions import Role, Session, shop_scope
from pos_engine.web.allowance_bodies import AllowanceIn, ClosingIn, RecallIn, RemoteIn
from pos_engine.web.auth import EngineHere, TillSession, only
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import TokenIn
from pos_engine.web.sealed_pin import opened
from pos_engine.wire.card_qr import read_card_qr

router = APIRouter(prefix="/v1", tags=["offline"])
Office = Annotated[Session, Depends(only(Role.DINSOS))]
ShopId = Annotated[str, Path(pattern=r"^[\x20-\x7e]{1,64}$")]
CLOSINGS = "/v1/offline/closings"
JSON = "application/json"
PROBLEMS = {
    AllowanceProblem.DEVICE_NOT_APPROVED: (403, "Tablet ini belum disetujui Dinsos."),
    AllowanceProblem.DUPLICATE_DIFFERENT: (409, "Nomor ini sudah dipakai untuk isi yang lain."),
    EndProblem.DUPLICATE_DIFFERENT: (409, "Nomor ini sudah dipakai untuk isi yang lain."),
    EndProblem.ALLOWANCE_UNKNOWN: (404, "Jatah ini tidak ada di tablet ini."),
    EndProblem.SYNC_FIRST: (409, "Kirim belanja tertunda dahulu, lalu tutup jatah ini."),
}


@router.get("/offline/keys")
def get_keys(engine: EngineHere) -> dict[str, Any]:
    """The public keys that a tablet checks us with: of allowances and checkpoints, of receipts."""
    offline, own = engine.keys.offline, engine.keys
    return {
        "keys": [
            {"kid": offline.kid, "public_key": offline.public_key, "use": "OFFLINE"},
            {"kid": own.key_id, "public_key": own.public_key, "use": "RECEIPT"},
            *_retired(offline.retired, "OFFLINE"),  # papers and receipts of before a rotation
            *_retired(own.verifiers()[1:], "RECEIPT"),
        ]
    }


def _retired(verifiers: tuple[Verifier, ...], use: str) -> list[dict[str, Any]]:
    return [{"kid": each.kid, "public_key": each.public_key, "use": use} for each in verifiers]


@router.post("/offline/allowances")
def post_allowance(engine: EngineHere, session: TillSession, body: AllowanceIn) -> dict[str, Any]:
    """Put a family's money aside for this device, by her sticker and PIN; or why not."""
    asked = _asked(engine, session)
    proof = opened(engine, body.payer.to_proof(), asked.place.till_id, body.allowance_id)
    card = read_card_qr(proof.card)
    if card is None:
        raise LookupError(body.allowance_id)  # the body's shape was checked: a fault
    ask = AllowanceAsk(body.allowance_id, card, proof.pin, body.amount)
    made = issue(engine, asked, ask)
    if isinstance(made, NotIssued):
        return _not_issued(made)
    if isinstance(made, AllowanceProblem):
        raise _problem(made)
    return paper_of(made) | {"state": made.state, "remaining": made.remaining}


@router.get("/offline/allowances")
def get_allowances(engine: EngineHere, session: TillSession) -> dict[str, Any]:
    """The living allowances of this device, for a tablet that was installed anew."""
    rows = living_on_device(engine, session.device_id)
    return {"allowances": [paper_of(each) | {"remaining": each.remaining} for each in rows]}


@router.post("/offline/recalls")
def post_recall(engine: EngineHere, session: TillSession, body: RecallIn) -> Response:
    """End a family's allowance at once, wherever it lies: her money is free again."""
    asked = _asked(engine, session)
    proof: CardProof | TokenProof
    if isinstance(body.payer, TokenIn):
        proof = TokenProof(body.payer.token)
    else:
        proof = opened(engine, body.payer.to_proof(), asked.place.till_id, body.recall_id)
    done = allowance_end.recall(engine, asked, Recall(body.recall_id, proof))
    if isinstance(done, EndProblem):
        raise _problem(done)
    if isinstance(done, NotIssued):
        return JSONResponse(_not_issued(done))
    return Response(done.body, media_type=JSON)


@router.post("/offline/closings", responses={401: {"description": "NO_DEVICE"}})
async def post_closing(
    request: Request,
    engine: EngineHere,
    body: ClosingIn,
    authorization: Annotated[str, Header()] = "",
) -> dict[str, Any]:
    """A device gives an allowance back once its sales have come in. It signs the request itself."""
    raw = await request.body()
    return await run_in_threadpool(_close, engine, authorization, raw, body)


def _close(engine: EngineHere, authorization: str, raw: bytes, body: ClosingIn) -> dict[str, Any]:
    device = device_of_request(engine, authorization, "POST", CLOSINGS, raw)
    if device is None:
        detail = "Tanda tangan perangkat belum cocok."
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "NO_DEVICE", detail)
    closing = Closing(body.allowance_id, body.spent, body.seq)
    done = allowance_end.close(engine, device, closing)
    if isinstance(done, EndProblem):
        raise _problem(done)
    return {"allowance_id": done.allowance_id, "state": done.state}


@router.post("/shops/{shop_id}/remote")
def post_remote(
    engine: EngineHere, session: Office, shop_id: ShopId, body: RemoteIn
) -> dict[str, Any]:
    """Say that a shop of the region lies beyond the signal, or no more."""
    if not mark_remote(engine, shop_id, session.staff_id, session.region, remote=body.remote):
        raise ProblemError(
            HTTPStatus.NOT_FOUND, "NOT_FOUND", "Warung ini tidak ada di wilayah Anda."
        )
    return {"shop_id": shop_id, "remote": body.remote}


def _asked(engine: EngineHere, session: Session) -> Asked:
    scope = shop_scope(session)
    if scope is None:
        raise ProblemError(HTTPStatus.FORBIDDEN, "OTHER_TILL", "Sesi ini tidak punya kasir.")
    return asked_at(engine, session, Place(*scope), None)


def _not_issued(why: NotIssued) -> dict[str, Any]:
    return {
        "status": "DECLINED",
        "reason": why.reason.value,
        "message": why.message,
        "next_step": why.next_step,
    }


def _problem(problem: AllowanceProblem | EndProblem) -> ProblemError:
    status, detail = PROBLEMS[problem]
    return ProblemError(status, problem.value, detail)
