"""The route by which a till tells how many ordinary sales it made: counts, nothing else."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, StrictInt, StrictStr

from pos_engine.rules.cash_count import CASH_LINES_MAX, CASH_SALES_MAX, COUNT_DAYS_BACK_MAX
from pos_engine.services.cash_counts import tell_cash_count
from pos_engine.web.auth import EngineHere, TillSession
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import DAY_PATTERN
from pos_engine.web.strict import Strict

router = APIRouter(prefix="/v1/shops", tags=["shops"])


class CashCountIn(Strict):
    """Ordinary sales of this device on a local day so far; told again, the larger count stands.

    `sales` and `goods_lines` without those that were taken back; `cancelled` is their number.
    """

    day: Annotated[StrictStr, Field(pattern=f"^{DAY_PATTERN}$")]
    sales: Annotated[StrictInt, Field(ge=0, le=CASH_SALES_MAX)]
    goods_lines: Annotated[StrictInt, Field(ge=0, le=CASH_LINES_MAX)]
    cancelled: Annotated[StrictInt, Field(ge=0, le=CASH_SALES_MAX)] = 0


@router.post("/cash-counts")
def post_cash_count(engine: EngineHere, session: TillSession, body: CashCountIn) -> dict[str, Any]:
    """Keep the count of the caller's own shop and device."""
    day = _day(body.day)
    kept = None
    if day is not None:
        kept = tell_cash_count(engine, session, day, body.sales, body.goods_lines, body.cancelled)
    if kept is None:
        raise ProblemError(
            422, "MALFORMED", f"Hari ini atau paling lama {COUNT_DAYS_BACK_MAX} hari lalu.", "day"
        )
    return {"day": kept.day.isoformat(), "sales": kept.sales, "goods_lines": kept.goods_lines}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
