"""Routes of a shop that becomes an e-warong: apply, decide, NMID, its codes."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.rules.identity import masked_name
from pos_engine.rules.qris import QrisRefusal, ShopState
from pos_engine.services import shop_onboarding as onboarding
from pos_engine.services import shop_papers
from pos_engine.services.qr_picture import png_of, svg_of
from pos_engine.services.sessions import Role, Session
from pos_engine.services.shop_code import ShopCode, code_of
from pos_engine.services.shop_nmid import give_nmid
from pos_engine.services.shop_onboarding import Actor, ShopProblem, Standing
from pos_engine.web.auth import EngineHere, SessionHere, only
from pos_engine.web.office import pages
from pos_engine.web.problem import ProblemError
from pos_engine.web.shop_bodies import NmidIn, RejectIn, ShopIn, application_json, standing_json
from pos_engine.wire.qris_words import REFUSAL_WORDS

router = APIRouter(prefix="/v1/shops", tags=["shops"])
Officer = Annotated[Session, Depends(only(Role.PENDAMPING, Role.DINSOS))]
Decider = Annotated[Session, Depends(only(Role.DINSOS))]
Keeper = Annotated[Session, Depends(only(Role.DINSOS, Role.ADMIN))]
SHOP_ROLES = (Role.KASIR, Role.PEMILIK)
CURSOR = r"^[0-9a-f-]{0,64}$"
ShopId = Annotated[str, Path(pattern=r"^[\x20-\x7e]{1,64}$")]
Amount = Annotated[int | None, Query(ge=1, le=10_000_000)]
Reference = Annotated[str | None, Query(pattern=r"^[0-9A-Z]{25}$")]
PROBLEMS = {
    ShopProblem.NOT_FOUND: (404, "Warung ini tidak ada di wilayah Anda."),
    ShopProblem.DUPLICATE_DIFFERENT: (409, "Nomor ini sudah dipakai untuk isi yang lain."),
    ShopProblem.PLACE_OUTSIDE: (403, "Tempat ini di luar wilayah Anda."),
    ShopProblem.PLACE_UNKNOWN: (422, "Kode tempat harus sampai desa, contoh 35.07.13.2001."),
    ShopProblem.PHOTO_UNREADABLE: (422, "Foto harus JPEG atau PNG."),
    ShopProblem.SECOND_PERSON_NEEDED: (403, "Harus diputuskan petugas lain."),
    ShopProblem.WRONG_STATUS: (409, "Permohonan ini sudah diputuskan."),
    ShopProblem.NMID_WRONG: (422, "NMID: ID dan 13 angka; kriteria seperti UMI."),
    ShopProblem.NMID_TAKEN: (409, "NMID ini milik warung lain, atau warung ini sudah punya."),
    ShopProblem.PARTNER_UNKNOWN: (422, "Penyelenggara QRIS ini belum terdaftar."),
}


@router.post("")
def post_shop(
    engine: EngineHere, session: Officer, body: ShopIn, response: Response
) -> dict[str, Any]:
    """Take down an application: owner, place, account, photo. Another officer decides."""
    found = _must(onboarding.apply(engine, _actor(session), body.to_shop(engine.now())))
    response.status_code = HTTPStatus.CREATED
    return standing_json(found)


@router.get("")
def get_shops(
    engine: EngineHere,
    session: Officer,
    status: ShopState = ShopState.APPLIED,
    cursor: Annotated[str, Query(pattern=CURSOR)] = "",
) -> dict[str, Any]:
    """Applications of the caller's region in one state, at most 100; `cursor` is the last id."""
    rows = onboarding.listed(engine, session.region, status, cursor)
    return {"shops": [application_json(row) for row in rows]}


@router.get("/{shop_id}")
def get_shop(engine: EngineHere, session: Officer, shop_id: ShopId) -> dict[str, Any]:
    """How far a shop is; owner and account, masked, for DINSOS only."""
    found = _standing(engine, session, shop_id)
    body = standing_json(found)
    if session.role is Role.DINSOS:
        name, nik = shop_papers.owner_of(engine, found.application)
        account = shop_papers.account_of(engine, found.application)
        body["owner"] = {"name": masked_name(name), "nik": f"************{nik[-4:]}"}
        body["account"] = {"bank": account.bank, "number": f"****{account.number[-4:]}"}
    return body


@router.get("/{shop_id}/photo")
def get_photo(engine: EngineHere, session: Decider, shop_id: ShopId) -> Response:
    """The shop's photo, for the officer who decides."""
    photo = shop_papers.photo_of(engine, _standing(engine, session, shop_id).application)
    if photo is None:
        raise _problem(ShopProblem.NOT_FOUND)
    return Response(photo[0], media_type=photo[1])


@router.post("/{shop_id}/approve")
def post_approval(engine: EngineHere, session: Decider, shop_id: ShopId) -> dict[str, Any]:
    """Approve as a second person: the shop sells on our till at once."""
    return standing_json(_must(onboarding.approve(engine, _actor(session), shop_id)))


@router.post("/{shop_id}/reject")
def post_rejection(
    engine: EngineHere, session: Decider, shop_id: ShopId, body: RejectIn
) -> dict[str, Any]:
    """Refuse as a second person, with a reason."""
    return standing_json(_must(onboarding.reject(engine, _actor(session), shop_id, body.reason)))


@router.post("/{shop_id}/nmid")
def post_nmid(engine: EngineHere, session: Keeper, shop_id: ShopId, body: NmidIn) -> dict[str, Any]:
    """Write down the provider's answer: from now on the shop sells by QRIS."""
    given = give_nmid(engine, _actor(session), shop_id, body.to_merchant())
    if isinstance(given, ShopProblem):
        raise _problem(given)
    return {"shop_id": shop_id, "nmid": given.nmid, "nmid_status": "NMID_GIVEN"}


@router.get("/{shop_id}/qris.png")
def get_png(
    engine: EngineHere,
    session: SessionHere,
    shop_id: ShopId,
    amount: Amount = None,
    reference: Reference = None,
) -> Response:
    """The shop's code: static, or dynamic with an amount (and the reference of a held basket)."""
    code = _code(engine, session, shop_id, amount, reference)
    return Response(png_of(code.payload), media_type="image/png")


@router.get("/{shop_id}/qris.svg")
def get_svg(
    engine: EngineHere,
    session: SessionHere,
    shop_id: ShopId,
    amount: Amount = None,
    reference: Reference = None,
) -> Response:
    """The same as a drawing."""
    code = _code(engine, session, shop_id, amount, reference)
    return Response(svg_of(code.payload), media_type="image/svg+xml")


@router.get("/{shop_id}/qris.html", response_class=HTMLResponse)
def get_sheet(
    request: Request, engine: EngineHere, session: SessionHere, shop_id: ShopId
) -> Response:
    """A sheet to print: the shop's name, its static code, its NMID."""
    code = _code(engine, session, shop_id, None, None)
    context = {"code": code, "picture": svg_of(code.payload).decode(), "style": None}
    return pages.TemplateResponse(request, "qris_sheet.html", context)


def _code(
    engine: EngineHere, session: Session, shop_id: str, amount: int | None, reference: str | None
) -> ShopCode:
    """Own shop for its people, own region for officers; 404 tells strangers nothing."""
    own = session.shop.shop_id if session.shop else None
    if session.role in SHOP_ROLES and own != shop_id:
        raise _problem(ShopProblem.NOT_FOUND)
    found = code_of(engine, shop_id, session.region, amount, reference)
    if found is None:
        raise _problem(ShopProblem.NOT_FOUND)
    if isinstance(found, QrisRefusal):
        status = 404 if found is QrisRefusal.BASKET_UNKNOWN else 409
        raise ProblemError(status, found.value, REFUSAL_WORDS[found])
    return found


def _actor(session: Session) -> Actor:
    return Actor(session.staff_id, session.region)


def _standing(engine: EngineHere, session: Session, shop_id: str) -> Standing:
    found = onboarding.standing(engine, session.region, shop_id)
    if found is None:
        raise _problem(ShopProblem.NOT_FOUND)
    return found


def _must(found: Standing | ShopProblem) -> Standing:
    if isinstance(found, ShopProblem):
        raise _problem(found)
    return found


def _problem(problem: ShopProblem) -> ProblemError:
    status, detail = PROBLEMS[problem]
    return ProblemError(status, problem.value, detail)
