"""Routes of complaints: typed at a till or in an office, and the shop's word about bad goods."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field, StrictInt, StrictStr, model_validator
from pydantic.functional_validators import AfterValidator

from pos_engine.engine import Engine
from pos_engine.rules.complaints import Kind, Swap, due_at
from pos_engine.rules.reasons import Reason
from pos_engine.services.complaint_intake import TakenDown, take_down
from pos_engine.services.complaint_swap import Owed, ShopWord, shop_swapped, swaps_of
from pos_engine.services.complaint_words import within_words
from pos_engine.services.complaints import NOTE_LENGTH_MAX
from pos_engine.services.install import Refused
from pos_engine.services.sessions import Session
from pos_engine.web.auth import EngineHere, SessionHere, TillSession
from pos_engine.web.card_body import Digits6
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import Code, Uuid7, decoded_picture
from pos_engine.web.sealed_pin import Sealed, pin_of
from pos_engine.web.strict import Strict
from pos_engine.wire.response import WORDINGS

router = APIRouter(prefix="/v1/complaints", tags=["complaints"])
REFERENCE = r"^[A-Za-z0-9]{8,12}$"
LINES_MAX = 50
NO_SWAP = "Tidak ada penukaran barang dengan nomor ini di warung ini."
NOT_FOUND = "Nomor struk atau keluarga itu tidak ada di warung atau wilayah Anda."
WORDS = {
    "photo": "Foto harus JPEG, PNG, atau WebP, paling besar 2 MiB.",
    "number": NOT_FOUND,
    "kpm_id": "Sudah terlalu banyak laporan keluarga ini yang masih diperiksa.",
}
TOLD = {
    Swap.BY_SHOP: "Tercatat. Minta Ibu/Bapak KPM mengetik PIN, atau menjawab di halamannya.",
    Swap.DONE: "Penukaran selesai. Terima kasih.",
}


class ComplaintIn(Strict):
    """What is typed for a family: by the number of her receipt, or in an office by `kpm_id`.

    `line` is a line of the receipt, from 0; `photo` a JPEG, PNG or WebP as base64.
    """

    complaint_id: Uuid7
    kind: Kind
    words: Annotated[StrictStr, Field(max_length=NOTE_LENGTH_MAX)] = ""
    number: Code | None = None
    kpm_id: Code | None = None
    line: Annotated[StrictInt, Field(ge=0, lt=LINES_MAX)] | None = None
    photo: Annotated[StrictStr, AfterValidator(decoded_picture)] | None = None

    @model_validator(mode="after")
    def _one_name(self) -> "ComplaintIn":
        if (self.number is None) == (self.kpm_id is None):
            message = "exactly one of number and kpm_id"
            raise ValueError(message)
        return self

    def to_taken(self) -> TakenDown:
        """The value for the services."""
        photo: Any = self.photo  # bytes after its validator
        return TakenDown(
            self.complaint_id, self.kind, self.words, self.number, self.kpm_id, self.line, photo
        )


class SwapIn(Strict):
    """The shop gave a good one. With her PIN belanja (sealed or plain) it is settled at once."""

    act_id: Uuid7
    pin: Digits6 | None = None
    pin_sealed: Sealed | None = None

    @model_validator(mode="after")
    def _one_pin(self) -> "SwapIn":
        if self.pin is not None and self.pin_sealed is not None:
            message = "a sealed PIN stands alone"
            raise ValueError(message)
        return self


@router.post("", responses={422: {"description": "no such receipt or family; a bad photo"}})
def post_complaint(engine: EngineHere, session: SessionHere, body: ComplaintIn) -> dict[str, Any]:
    """Take down a complaint for a family, at a till or from paper. Sent twice it is one."""
    done = take_down(engine, session, body.to_taken())
    if isinstance(done, Refused):
        detail = WORDS.get(done.field, NOT_FOUND)
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "COMPLAINT_NOT_TAKEN", detail, done.field
        )
    within = within_words(done.kind)
    return {
        "reference": done.reference,
        "kind": done.kind.value,
        "due_at": due_at(done.kind, engine.now()).isoformat(timespec="seconds"),
        "message": f"Laporan {done.reference} diterima, dijawab paling lama {within}.",
        "next_step": "Catat nomor ini untuk Ibu/Bapak KPM.",
    }


@router.get("/swaps")
def get_swaps(engine: EngineHere, session: TillSession) -> dict[str, Any]:
    """Bad goods that this shop is to swap, the first due first. It names no family, no words."""
    found = swaps_of(engine, _shop(session))
    return {"swaps": [_swap_json(engine, each) for each in found]}


@router.post("/{reference}/swap", responses={404: {"description": "no such swap of this shop"}})
def post_swap(
    engine: EngineHere,
    session: TillSession,
    reference: Annotated[str, Path(pattern=REFERENCE)],
    body: SwapIn,
) -> dict[str, Any]:
    """The shop gave a good one in its place, without money. Sent twice it is one."""
    pin = body.pin.get_secret_value() if body.pin else None
    if body.pin_sealed is not None:
        pin = pin_of(engine, body.pin_sealed, session.till_id or "")
    said = ShopWord(body.act_id, reference, _shop(session), session.staff_id, pin)
    done = shop_swapped(engine, said)
    if done is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", NO_SWAP)
    if isinstance(done, Reason):
        wording = WORDINGS[done]
        return {
            "swap": None,
            "reason": done.value,
            "message": wording.sentence,
            "next_step": wording.next_step,
        }
    return {"swap": done.value, "reason": None, "message": TOLD[done], "next_step": ""}


def _shop(session: Session) -> str:
    return session.shop.shop_id if session.shop else ""


def _swap_json(engine: Engine, each: Owed) -> dict[str, Any]:
    return {
        "reference": each.entry.reference,
        "number": each.number,
        "goods": list(each.goods),
        "due_at": each.due_at.isoformat(timespec="seconds"),
        "late": engine.now() > each.due_at,
    }
