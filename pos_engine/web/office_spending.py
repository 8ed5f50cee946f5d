"""The officers' page of what was bought: food groups, goods, baskets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.web.auth import EngineHere
from pos_engine.web.office import log_in_first, reader, show, span_of
from pos_engine.web.office_cells import number, percent, short_money
from pos_engine.web.office_rows import NO_LAKE, report_of
from pos_engine.web.pictures_bars import Bar, bars

Row = Mapping[str, Any]
router = APIRouter(prefix="/kemensos/belanja", include_in_schema=False)
GOODS_SHOWN = 12
GOODS_MOST = 6
GROUPS = {
    "KARBO": "Sumber karbohidrat", "HEWANI": "Protein hewani", "NABATI": "Protein nabati",
    "VITMIN": "Sayur dan buah", "LAIN": "Pangan lain", "NON_PANGAN": "Bukan pangan",
}  # fmt: skip
FOUR = ("KARBO", "HEWANI", "NABATI", "VITMIN")
GOOD_COLUMNS = {
    "name": "Barang", "group_name": "Kelompok", "unit": "Satuan", "purchases": "Baris belanja",
    "quantity_milli": "Banyaknya", "rupiah": "Nilai", "share_rupiah": "Bagian",
}  # fmt: skip
GROUP_COLUMNS = ("group_name", "rupiah", "share_rupiah")
BASKET_COLUMNS = {
    "goods": "Macam barang", "purchases": "Belanja", "amount": "Nilai",
    "whole_balance": "Tepat sebesar saldo",
}  # fmt: skip
NOTHING = "Belum ada belanja pada hari-hari ini di wilayah ini."


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """Where the money went: by food group, by good, by size of the basket."""
    session = reader(request, engine)
    if session is None:
        return log_in_first(request)
    span = span_of(request, engine, session)
    spent = report_of(engine, "spending", span)
    baskets = report_of(engine, "baskets", span)
    rows = _with_shares(spent.rows if spent else [])
    total = sum(row["rupiah"] for row in rows)
    basket_rows = baskets.rows if baskets else []
    return show(
        request,
        session,
        "office_spending.html",
        span=span,
        total=short_money(total),
        groups=_groups(rows, total),
        goods=_goods(rows),
        good_columns=GOOD_COLUMNS,
        group_columns={name: GOOD_COLUMNS[name] for name in GROUP_COLUMNS},
        rows=rows,
        baskets=_baskets(basket_rows) if baskets else None,
        no_lake=NO_LAKE,
        basket_columns=BASKET_COLUMNS,
        basket_rows=basket_rows,
    )


def _with_shares(rows: Sequence[Row]) -> list[dict[str, Any]]:
    total = sum(row["rupiah"] for row in rows) or 1
    return [
        {
            **row,
            "group_name": GROUPS.get(row["group"] or "", ""),
            "share_rupiah": row["rupiah"] / total,
        }
        for row in rows
    ]


def _groups(rows: Sequence[Row], total: int) -> dict[str, Any]:
    spent: Counter[str] = Counter()
    for row in rows:
        spent[row["group"] or ""] += row["rupiah"]
    if not total:
        return {"reading": NOTHING, "picture": "", "number": "", "rows": []}
    most, amount = spent.most_common(1)[0]
    four = sum(spent[group] for group in FOUR)
    reading = (
        f"Dari {short_money(total)}, {percent(amount / total)} untuk "
        f"{GROUPS.get(most, 'barang tanpa kelompok').lower()}; "
        f"{sum(1 for group in FOUR if spent[group])} dari 4 kelompok pangan terisi."
    )
    shown = [
        Bar(GROUPS.get(group, "Tanpa kelompok"), value, percent(value / total), group not in FOUR)
        for group, value in spent.most_common()
    ]
    picture = bars("kelompok", "Belanja menurut kelompok pangan", reading, shown)
    table = [
        {"group_name": bar.label, "rupiah": bar.value, "share_rupiah": bar.value / total}
        for bar in shown
    ]
    return {
        "reading": reading,
        "picture": picture,
        "number": percent(four / total),
        "rows": table,
    }


def _goods(rows: Sequence[Row]) -> dict[str, str]:
    spent: Counter[str] = Counter()
    for row in rows:
        spent[row["name"]] += row["rupiah"]
    total = sum(spent.values())
    if not total:
        return {"reading": NOTHING, "picture": "", "number": ""}
    top = spent.most_common(GOODS_SHOWN)
    first = ", ".join(f"{name} ({percent(value / total)})" for name, value in top[:3])
    reading = f"Paling banyak dibelanjakan untuk {first}."
    shown = [Bar(name, value, short_money(value)) for name, value in top]
    picture = bars("barang", "Belanja menurut barang", reading, shown)
    return {"reading": reading, "picture": picture, "number": number(len(spent))}


def _baskets(rows: Sequence[Row]) -> dict[str, str]:
    purchases = sum(row["purchases"] for row in rows)
    if not purchases:
        return {"reading": NOTHING, "picture": "", "number": ""}
    one = sum(row["purchases"] for row in rows if row["goods"] == 1)
    whole = sum(row["whole_balance"] for row in rows)
    average = sum(row["amount"] for row in rows) // purchases
    reading = (
        f"{percent(one / purchases)} belanja berisi satu macam barang; "
        f"{percent(whole / purchases)} tepat sebesar seluruh saldo."
    )
    shown = [
        Bar(
            f"{row['goods']} macam" + (" atau lebih" if row["goods"] == GOODS_MOST else ""),
            row["purchases"],
            number(row["purchases"]),
        )
        for row in rows
    ]
    picture = bars("keranjang", "Isi keranjang", reading, shown)
    return {"reading": reading, "picture": picture, "number": short_money(average)}
