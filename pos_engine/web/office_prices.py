"""The officers' page of prices: one good day by day against its ceiling, then all goods."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.rules.money import written
from pos_engine.rules.quantity import unit_name
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import log_in_first, reader, show, span_of
from pos_engine.web.office_cells import day_written
from pos_engine.web.office_rows import report_of
from pos_engine.web.office_words import shown
from pos_engine.web.pictures import prices_against_ceiling, reading
from pos_engine.web.pictures_lines import CEILING, EDGE, MIDDLE, RUPIAH, lines
from pos_engine.web.pictures_ribbon import PriceDay, ribbon

Row = Mapping[str, Any]
router = APIRouter(prefix="/kemensos/harga", include_in_schema=False)
DAY_COLUMNS = {
    "day": "Hari", "purchases": "Baris belanja", "p10": "p10", "p50": "Tengah", "p90": "p90",
    "ceiling_low": "Batas terendah", "ceiling_high": "Batas tertinggi", "ceiling_kind": "Aturan",
}  # fmt: skip
DAY_LINES = {
    "p10": ("p10", EDGE), "p90": ("p90", EDGE), "p50": ("tengah", MIDDLE),
    "ceiling_low": ("batas terendah", CEILING), "ceiling_high": ("batas tertinggi", CEILING),
}  # fmt: skip
PRICE_COLUMNS = {
    "name": "Barang", "unit": "Satuan", "regency": "Kabupaten/kota", "purchases": "Baris belanja",
    "p10": "p10", "p50": "Tengah", "p90": "p90", "ceiling": "Batas", "ceiling_kind": "Aturan",
    "above_ceiling": "Di atas batas",
}  # fmt: skip


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """The ribbon of one good and unit, then the paid prices of every good and regency."""
    session = reader(request, engine)
    if session is None:
        return log_in_first(request)
    span = span_of(request, engine, session)
    days = report_of(engine, "price-days", span)
    prices = report_of(engine, "prices", span)
    rows = days.rows if days else []
    goods = _goods(rows)
    asked = request.query_params.get("barang", "")
    chosen = asked if asked in goods else next(iter(goods), "")
    own = [row for row in rows if _key(row) == chosen]
    text = _reading(goods.get(chosen, ""), own)
    price_rows = prices.rows if prices else []
    return show(
        request,
        session,
        "office_prices.html",
        span=span,
        goods=goods,
        chosen=chosen,
        reading=text,
        picture=ribbon("pita", f"Harga {goods.get(chosen, '')}", text, [_day(row) for row in own]),
        newest=own[-1] if own else None,
        lines=lines("pita", f"Harga {goods.get(chosen, '')}", RUPIAH, own, DAY_LINES),
        day_columns=DAY_COLUMNS,
        day_rows=shown(own),
        all_picture=prices_against_ceiling(_dearest(price_rows)),
        all_reading=reading(price_rows),
        price_columns=PRICE_COLUMNS,
        price_rows=price_rows,
    )


def _key(row: Row) -> str:
    return f"{row['commodity']}|{row['unit']}"


def _goods(rows: Sequence[Row]) -> dict[str, str]:
    """Goods and units that were sold, those with a ceiling and many lines first."""
    sold: Counter[str] = Counter()
    names: dict[str, str] = {}
    bounded: set[str] = set()
    for row in rows:
        key = _key(row)
        sold[key] += row["purchases"]
        names[key] = f"{row['name']} per {unit_name(row['unit'])}"
        if row["ceiling_high"]:
            bounded.add(key)
    ordered = sorted(sold, key=lambda key: (key not in bounded, -sold[key], key))
    return {key: names[key] for key in ordered}


def _day(row: Row) -> PriceDay:
    numbers = (row[name] for name in ("p10", "p50", "p90", "ceiling_low", "ceiling_high"))
    return PriceDay(date.fromisoformat(row["day"]), *numbers)


def _reading(name: str, rows: Sequence[Row]) -> str:
    if not rows:
        return "Belum ada belanja pada hari-hari ini di wilayah ini."
    newest = rows[-1]
    text = (
        f"{name}: pada {day_written(newest['day'])} separuh dibayar paling banyak "
        f"{written(newest['p50'])}"
    )
    if not newest["ceiling_high"]:
        return f"{text}; barang ini tidak punya harga tertinggi."
    over = sum(1 for row in rows if row["ceiling_high"] and row["p90"] > row["ceiling_high"])
    text += f", batasnya {_ceilings(newest)} ({newest['ceiling_kind']})"
    if over:
        return f"{text}; pada {over} dari {len(rows)} hari p90 di atas batas."
    return f"{text}; pada semua hari p90 tidak di atas batas."


def _ceilings(row: Row) -> str:
    low, high = row["ceiling_low"], row["ceiling_high"]
    return written(high) if low == high else f"{written(low)} sampai {written(high)} menurut tempat"


def _dearest(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Goods nearest to their ceiling or above it first: what an officer has to see."""
    bounded = [dict(row) for row in rows if row["ceiling"]]
    return sorted(bounded, key=lambda row: (-row["p50"] / row["ceiling"], -row["purchases"]))
