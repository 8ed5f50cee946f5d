"""How values stand in the officers' tables: money, places, days, words instead of codes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from pos_engine.rules.money import written
from pos_engine.rules.quantity import quantity_written, unit_name
from pos_engine.web.office_places import place_name
from pos_engine.web.office_words import MORE_MONEY, MORE_SHARES, MORE_WORDS

Row = Mapping[str, Any]
YEARS = (2017, 2100)  # of a day that may be asked for: the programme began in 2017
MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des",
)  # fmt: skip
WIB = timezone(timedelta(hours=7), "WIB")
MONEY = frozenset({
    "unit_price", "line_total", "ceiling", "ceiling_low", "ceiling_high", "p10", "p50", "p90",
    "asked_price", "asked_p50", "asked_most", "gap", "amount", "credited", "spent", "left",
    "rupiah", "payable", "mdr", *MORE_MONEY,
})  # fmt: skip
PLACES = frozenset({"region", "regency", "place"})
SHARES = frozenset({"share", "share_rupiah", *MORE_SHARES})
WORDS = {
    "ITEM_BANNED": "terlarang",
    "ITEM_NOT_IN_PROGRAMME": "di luar program",
    "HET": "HET",
    "HAP": "HAP (acuan)",
    "LOCAL": "harga daerah",
    **MORE_WORDS,
}
NOTHING = "-"


def cell(row: Row, column: str) -> str:
    """The text of one cell."""
    value = row.get(column)
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "Ya" if value else "Tidak"
    if isinstance(value, int | float):
        return _figure(row, column, value)
    return _word(column, value)


def _figure(row: Row, column: str, value: float) -> str:
    if column in MONEY and isinstance(value, int):
        return written(value)
    if column == "quantity_milli" and isinstance(value, int):
        return quantity_written(value, str(row["unit"]))
    return percent(value) if column in SHARES else number(value)


def _word(column: str, value: Any) -> str:
    if column in PLACES:
        return place_name(str(value))
    if column == "unit":
        return unit_name(str(value))
    if isinstance(value, datetime):
        return moment_written(value)
    if isinstance(value, date):
        return day_written(value)
    return WORDS.get(str(value), str(value))


def numeric(rows: Sequence[Row], column: str) -> bool:
    """Does a column hold numbers: they stand on the right."""
    found = next((row[column] for row in rows if row.get(column) is not None), None)
    return isinstance(found, int | float) and not isinstance(found, bool)


def number(value: float) -> str:
    """`1.234` and `12,5`: a point for thousands, a comma for one decimal."""
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}".replace(",", ".")
    return f"{value:,.1f}".translate(str.maketrans(",.", ".,"))


def percent(share: float) -> str:
    """`12,5%` of a share between 0 and 1; never 100% of what is not all."""
    shown = round(share * 100, 1)
    if share < 1 and shown >= 100:  # noqa: PLR2004 - percent
        shown = 99.9
    if share > 0 and shown == 0:
        shown = 0.1
    return f"{number(shown)}%"


def short_money(amount: int) -> str:
    """`Rp1,2 miliar`: for a picture's labels; small sums are written in full."""
    for size, word in ((10**12, "triliun"), (10**9, "miliar"), (10**6, "juta")):
        if abs(amount) >= size:
            return f"Rp{number(round(amount / size, 1))} {word}"
    return written(amount)


def day_written(day: date | str) -> str:
    """`21 Nov 2026`."""
    own = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{own.day} {MONTHS[own.month - 1]} {own.year}"


def moment_written(at: datetime) -> str:
    """`21 Nov 2026 09.14 WIB`, wherever it happened; without a zone it is UTC."""
    wib = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(WIB)
    return f"{day_written(wib.date())} {wib:%H.%M} WIB"
