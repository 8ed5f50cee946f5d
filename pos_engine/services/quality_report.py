"""Complaints by shop: how many, how many are open, since when; never by family."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pos_engine.rules.complaints import Kind, Swap
from pos_engine.store.complaint_counts import complaints_between
from pos_engine.store.complaints import CLOSED
from pos_engine.store.database import Tx

Row = dict[str, Any]
QUALITY_COLUMNS = (
    "regency", "shop_id", "shop", "complaints", "with_purchase", "open", "closed", "oldest_open",
    "bad_goods", "swaps", "swapped", "late",
)  # fmt: skip


@dataclass(slots=True)
class _Counts:
    complaints: int = 0
    with_purchase: int = 0
    open: int = 0
    oldest: datetime | None = None
    goods: int = 0
    swaps: int = 0
    swapped: int = 0
    late: int = 0


def quality(
    tx: Tx, first: date, last: date, *, region: str | None, shop_id: str | None
) -> Iterator[Row]:
    """Complaints that were opened in these days (WIB); without a purchase they name no shop."""
    counts: defaultdict[tuple[str, str, str], _Counts] = defaultdict(_Counts)
    for each in complaints_between(tx, first, last, region=region, shop_id=shop_id):
        own = counts[each.region[:5], each.shop_id or "", each.shop or ""]
        own.complaints += 1
        own.with_purchase += each.shop_id is not None
        own.goods += each.kind == Kind.QUALITY
        own.swaps += each.swap is not None
        own.swapped += each.swap == Swap.DONE
        own.late += each.escalated_at is not None
        if each.status != CLOSED:
            own.open += 1
            own.oldest = min(own.oldest or each.opened_at, each.opened_at)
    for (regency, shop, name), own in sorted(counts.items()):
        yield {
            "regency": regency,
            "shop_id": shop,
            "shop": name,
            "complaints": own.complaints,
            "with_purchase": own.with_purchase,
            "open": own.open,
            "closed": own.complaints - own.open,
            "oldest_open": own.oldest.date().isoformat() if own.oldest else None,
            "bad_goods": own.goods,
            "swaps": own.swaps,
            "swapped": own.swapped,
            "late": own.late,
        }
