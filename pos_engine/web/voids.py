"""Routes of a void: the shop's owner gives money of a purchase back."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field, StrictInt, StrictStr, model_validator

from pos_engine.rules.ids import PurchaseId, parse_uuid7
from pos_engine.rules.money import Rupiah
from pos_engine.rules.voids import AskedLine
from pos_engine.services.payer import Place
from pos_engine.services.sessions import Role, Session, shop_scope
from pos_engine.services.void import NotVoided, VoidRequest, void, void_answer
from pos_engine.web.auth import EngineHere, only
from pos_engine.web.card_body import Digits6
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import (
    LINES_READ_MAX,
    QUANTITY_MILLI_BOUND,
    UNIT_PRICE_MAX,
    Code,
    PayerIn,
    Uuid7,
)
from pos_engine.web.sealed_pin import opened
from pos_engine.web.strict import Strict

REASON_LENGTH_MAX = 200
WRITTEN = r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$"  # something to read, on one line
router = APIRouter(prefix="/v1", tags=["sale"])
OwnerSession = Annotated[Session, Depends(only(Role.PEMILIK))]
NOT_VOIDED = {
    NotVoided.NOT_FOUND: (HTTPStatus.NOT_FOUND, "Belanja ini tidak ada di warung ini."),
    NotVoided.DUPLICATE_DIFFERENT: (
        HTTPStatus.CONFLICT,
        "Nomor pembatalan ini sudah dipakai untuk hal lain. Buat nomor baru.",
    ),
}


class VoidLineIn(Strict):
    """Goods that come back; price and unit where the same goods were bought at two prices."""

    sku: Code | None = None
    gtin: Annotated[StrictStr, Field(pattern=r"^[0-9]{8,14}$")] | None = None
    quantity_milli: Annotated[StrictInt, Field(ge=-QUANTITY_MILLI_BOUND, le=QUANTITY_MILLI_BOUND)]
    unit_price: Annotated[StrictInt, Field(ge=1, le=UNIT_PRICE_MAX)] | None = None
    unit: Code | None = None

    @model_validator(mode="after")
    def _one_name(self) -> "VoidLineIn":
        if (self.sku is None) == (self.gtin is None):
            message = "exactly one of sku and gtin"
            raise ValueError(message)
        return self

    def to_line(self) -> AskedLine:
        """The value for the rules."""
        price = None if self.unit_price is None else Rupiah(self.unit_price)
        return AskedLine(self.sku, self.gtin, self.quantity_milli, price, self.unit)


class VoidIn(Strict):
    """A void: of the whole purchase, or of `lines` of it."""

    purchase_id: Uuid7
    reason: Annotated[
        StrictStr,
        Field(
            min_length=1,
            max_length=REASON_LENGTH_MAX,
            pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$",
        ),
    ]
    payer: PayerIn | None = None
    lines: Annotated[list[VoidLineIn], Field(min_length=1, max_length=LINES_READ_MAX)] | None = None
    pin: Digits6 | None = None


@router.put(
    "/voids/{void_id}",
    responses={
        200: {"description": "VOIDED or DECLINED; the same bytes for the same request"},
        404: {"description": "no such purchase in this shop"},
        409: {"description": "DUPLICATE_DIFFERENT"},
        503: {"description": "outcome unknown: send the same request again"},
    },
)
def put_void(engine: EngineHere, session: OwnerSession, void_id: str, body: VoidIn) -> Response:
    """Void a purchase of the shop's own day once; the money is the family's again at once."""
    place, parsed = _place(session), _void_id(void_id)
    payer = body.payer.to_proof() if body.payer else None
    request = VoidRequest(
        void_id=parsed,
        purchase_id=PurchaseId(body.purchase_id),
        place=place,
        staff_id=session.staff_id,
        reason=body.reason.strip(),
        lines=None if body.lines is None else tuple(each.to_line() for each in body.lines),
        pin=body.pin.get_secret_value() if body.pin else None,
        proof=opened(engine, payer, place.till_id, parsed) if payer else None,
    )
    outcome = void(engine, request)
    if isinstance(outcome, NotVoided):
        status, detail = NOT_VOIDED[outcome]
        raise ProblemError(status, outcome.value, detail)
    return Response(outcome.body, media_type="application/json")


@router.get("/voids/{void_id}")
def get_void(engine: EngineHere, session: OwnerSession, void_id: str) -> Response:
    """The stored answer of a void of this shop."""
    answer = void_answer(engine, _place(session).shop_id, _void_id(void_id))
    if answer is None:
        raise ProblemError(
            HTTPStatus.NOT_FOUND, "NOT_FOUND", "Pembatalan ini tidak ada di warung ini."
        )
    return Response(answer, media_type="application/json")


def _place(session: Session) -> Place:
    scope = shop_scope(session)
    if scope is None:
        raise ProblemError(HTTPStatus.FORBIDDEN, "OTHER_TILL", "Sesi ini tidak punya kasir.")
    return Place(*scope)


def _void_id(text: str) -> PurchaseId:
    parsed = parse_uuid7(text)
    if parsed is None:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "MALFORMED",
            "Nomor pembatalan harus UUIDv7.",
            "void_id",
        )
    return PurchaseId(parsed)
