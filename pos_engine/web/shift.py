"""Routes of a shop's own books: its day (X), a till's day closed (Z), its owner's money."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field, StrictBool, StrictInt

from pos_engine.engine import Engine
from pos_engine.rules.money import written
from pos_engine.rules.shift import CASH_RUPIAH_MAX, UNSENT_MAX, Cash, NotClosed, Unsent
from pos_engine.services import shift
from pos_engine.services.sessions import Role, Session, shop_scope
from pos_engine.services.shop_money import ShopMoney, shop_money
from pos_engine.store.shifts import ClosedDay
from pos_engine.store.shops import Shop
from pos_engine.web.auth import EngineHere, only
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import Uuid7
from pos_engine.web.strict import Strict

router = APIRouter(prefix="/v1/shops", tags=["shops"])
Owner = Annotated[Session, Depends(only(Role.PEMILIK))]
ShopId = Annotated[str, Path(pattern=r"^[\x20-\x7e]{1,64}$")]
RupiahIn = Annotated[StrictInt, Field(ge=0, le=CASH_RUPIAH_MAX)]
NOT_CLOSED = {
    NotClosed.DAY_CLOSED: "Hari ini sudah ditutup di kasir ini. Tutup kas hanya sekali sehari.",
    NotClosed.DAY_NOT_OPEN: "Hari itu tidak bisa ditutup sekarang.",
    NotClosed.DUPLICATE_DIFFERENT: "Nomor tutup kas ini sudah dipakai untuk hitungan lain.",
}


class CashIn(Strict):
    """The drawer as the shop's people counted it, in rupiah."""

    opening: RupiahIn
    sales: RupiahIn = 0
    taken_in: RupiahIn = 0
    taken_out: RupiahIn = 0
    counted: RupiahIn


class UnsentIn(Strict):
    """What still lies on the device; `handed_over` says that the owner knows."""

    count: Annotated[StrictInt, Field(ge=0, le=UNSENT_MAX)] = 0
    amount: RupiahIn = 0
    handed_over: StrictBool = False


class CloseIn(Strict):
    """Z of the session's till."""

    close_id: Uuid7
    day: date
    cash: CashIn
    unsent: UnsentIn = UnsentIn()


@router.get("/{shop_id}/day")
def get_day(
    engine: EngineHere,
    session: Owner,
    shop_id: ShopId,
    day: Annotated[date | None, Query()] = None,
) -> dict[str, Any]:
    """X: what was sold with aid on the shop's local day until now, at any time."""
    shop = _own(session, shop_id)
    found = shift.day_so_far(engine, shop, day)
    return {
        "shop_id": shop_id,
        "day": found.day.isoformat(),
        "at": found.at.isoformat(timespec="seconds"),
        "net": sum(each.sold.net for each in found.tills),
        "tills": [_till_json(engine, shop, each) for each in found.tills],
        "methods": [
            {"method": each.method, "count": each.count, "amount": each.amount}
            for each in found.ways
        ],
    }


@router.post(
    "/{shop_id}/day/close",
    responses={409: {"description": "UNSENT_SALES, DAY_CLOSED, DAY_NOT_OPEN, DUPLICATE_DIFFERENT"}},
)
def post_close(
    engine: EngineHere, session: Owner, shop_id: ShopId, body: CloseIn
) -> dict[str, Any]:
    """Z: close the day of the session's till once, with the cash as it was counted."""
    shop = _own(session, shop_id)
    scope = shop_scope(session)
    if scope is None:
        raise ProblemError(HTTPStatus.FORBIDDEN, "OTHER_TILL", "Sesi ini tidak punya kasir.")
    unsent = Unsent(**body.unsent.model_dump())
    asked = shift.CloseRequest(
        close_id=body.close_id,
        day=body.day,
        till_id=scope[1],
        device_id=session.device_id,
        staff_id=session.staff_id,
        cash=Cash(**body.cash.model_dump()),
        unsent=unsent,
    )
    closed = shift.close_day(engine, shop, asked)
    if isinstance(closed, NotClosed):
        raise ProblemError(HTTPStatus.CONFLICT, closed.value, _why(closed, unsent))
    return _closed_json(engine, shop, closed)


@router.get("/{shop_id}/money")
def get_money(engine: EngineHere, session: Owner, shop_id: ShopId) -> dict[str, Any]:
    """The owner's money: not settled yet, on its way, arrived with the bank's reference."""
    return _money_json(shop_money(engine, _own(session, shop_id)))


def _own(session: Session, shop_id: str) -> Shop:
    """The session's own shop; 404 tells strangers nothing."""
    if session.shop is None or session.shop.shop_id != shop_id:
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Warung ini bukan warung Anda.")
    return session.shop


def _why(refused: NotClosed, unsent: Unsent) -> str:
    if refused is NotClosed.UNSENT_SALES:
        return (
            f"{unsent.count} belanja ({written(unsent.amount)}) belum terkirim. "
            "Kirim dahulu, atau serahkan ke kasir berikutnya."
        )
    return NOT_CLOSED[refused]


def _till_json(engine: Engine, shop: Shop, till: shift.TillSoFar) -> dict[str, Any]:
    sold = till.sold
    return {
        "till_id": till.till_id,
        "approved": {"count": sold.approved, "amount": sold.amount},
        "returned": {"count": sold.returned, "amount": sold.returned_amount},
        "declined": sold.declined,
        "net": sold.net,
        "closed": None if till.closed is None else _closed_json(engine, shop, till.closed),
    }


def _closed_json(engine: Engine, shop: Shop, closed: ClosedDay) -> dict[str, Any]:
    cash = shift.cash_of(closed)
    return {
        "close_id": closed.close_id,
        "status": "CLOSED",
        "day": closed.day.isoformat(),
        "till_id": closed.till_id,
        "sold": dict(closed.sums),
        "cash": {
            "opening": cash.opening,
            "sales": cash.sales,
            "taken_in": cash.taken_in,
            "taken_out": cash.taken_out,
            "expected": cash.expected,
            "counted": cash.counted,
            "difference": cash.difference,
        },
        "unsent": {"count": closed.unsent, "amount": closed.unsent_amount},
        "closed_at": closed.closed_at.isoformat(timespec="seconds"),
        "text": shift.slip_of(engine, shop, closed),
    }


def _money_json(found: ShopMoney) -> dict[str, Any]:
    account, until = found.account, found.settled_until
    return {
        "at": found.at.isoformat(timespec="seconds"),
        "not_settled": found.not_settled,
        "settled_until": until.isoformat(timespec="seconds") if until else None,
        "account": account and {"bank": account.bank, "number": account.masked},
        "days": [
            {
                "day": each.day.isoformat(),
                "amount": each.payable,
                "waiting": each.left_open,
                "sent": int(each.on_its_way),
                "received": int(each.paid),
                "reference": each.reference,
                "waits_for": each.waits_for,
            }
            for each in found.days
        ],
    }
