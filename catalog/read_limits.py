"""limits.csv: how much a family, a shop or a till may buy or sell in a day."""

from collections.abc import Callable, Iterable
from datetime import date

from catalog.csv_table import Columns, Row
from catalog.goods import Good
from catalog.limits import Limit, LimitKind
from catalog.price_book import Action
from catalog.trust import CONFIDENCES, may_refuse

LIMITS_FILE = "limits.csv"
LIMIT_COLUMNS = Columns(
    ("kind", "item_code", "daily_max_milli", "daily_max_rupiah", "regulation", "valid_from",
     "valid_to", "source", "confidence"),
    ("signed_by", "comment"),
    rows_min=0,
)  # fmt: skip


def read_limits(rows: list[Row], is_sku: Callable[[str], bool]) -> list[Limit]:
    """Return the readable limits; an unverified one that nobody signed only flags."""
    limits: list[Limit] = []
    first_row: dict[tuple[object, ...], int] = {}
    for row in rows:
        limit = _limit(row, is_sku)
        key = (limit.kind, limit.sku, limit.valid_from, limit.action)
        readable = limit.valid_from > date.min
        if readable and first_row.setdefault(key, row.number) != row.number:
            row.wrong("valid_from", f"same limit and day as row {first_row[key]}")
        if row.ok:
            limits.append(limit)
    return limits


def unsourced_limits(goods: Iterable[Good], limits: Iterable[Limit]) -> list[Limit]:
    """What goods.csv alone says: no date and no source, so it flags and never refuses."""
    told = {limit.sku for limit in limits}
    return [
        Limit(LimitKind.KPM_GOOD, each.sku, each.daily_max_milli, "", date.min, None, "", "L",
              Action.FLAG)
        for each in goods
        if each.daily_max_milli is not None and each.sku not in told
    ]  # fmt: skip


def _limit(row: Row, is_sku: Callable[[str], bool]) -> Limit:
    kind = row.choice("kind", LimitKind)
    sku, maximum = _of_good(row, is_sku) if kind is LimitKind.KPM_GOOD else _of_amount(row, kind)
    valid_from, valid_to = row.period()
    confidence = row.one_of("confidence", CONFIDENCES)
    return Limit(
        kind=kind,
        sku=sku,
        maximum=maximum,
        regulation=row.text("regulation"),
        valid_from=valid_from,
        valid_to=valid_to,
        source=row.text("source"),
        confidence=confidence,
        action=Action.DECLINE if may_refuse(row, confidence) else Action.FLAG,
    )


def _of_good(row: Row, is_sku: Callable[[str], bool]) -> tuple[str, int]:
    sku = row.text("item_code")
    if sku and not is_sku(sku):
        row.wrong("item_code", f"{sku} is not in goods.csv")
    if row.optional("daily_max_rupiah"):
        row.wrong("daily_max_rupiah", f"must be empty for {LimitKind.KPM_GOOD}")
    return sku, row.whole("daily_max_milli")


def _of_amount(row: Row, kind: LimitKind) -> tuple[str, int]:
    for column in ("item_code", "daily_max_milli"):
        if row.optional(column):
            row.wrong(column, f"must be empty for {kind}")
    return "", row.whole("daily_max_rupiah")
