"""The report `shop-health`: does a shop live, whom does it refuse, is its till awake."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pos_engine.rules.cash_count import living
from pos_engine.rules.exclusion import share
from pos_engine.services.report_access import is_silent, last_sign
from pos_engine.store.cash_counts import Trade, trade_between
from pos_engine.store.database import Tx
from pos_engine.store.report_access import TillSeen, tills_seen
from pos_engine.store.report_shops import device_states, open_cases, refusals
from pos_engine.store.work_lists import Look

Row = dict[str, Any]
COLUMNS = (
    "region", "shop_id", "shop", "living", "aid_purchases", "aid_days", "cash_sales", "cash_days",
    "aid_share", "refused", "refused_price", "tills", "silent_tills", "last_seen", "devices",
    "open_cases",
)  # fmt: skip


@dataclass(slots=True)
class _Tills:
    """The tills of one shop."""

    signs: list[datetime | None] = field(default_factory=list)

    def silent(self, now: datetime) -> int:
        return sum(is_silent(each, now) for each in self.signs)

    @property
    def newest(self) -> datetime | None:
        return max((each for each in self.signs if each is not None), default=None)


def shop_health(tx: Tx, look: Look) -> Iterator[Row]:
    """Each open shop of a region: its sales of these days, its tills as they are now."""
    no = refusals(tx, look.first, look.last, look.region)
    devices, cases = device_states(tx), open_cases(tx, look.region)
    tills = _by_shop(tills_seen(tx, look.region))
    for each in trade_between(tx, look.first, look.last, region=look.region, shop_id=None):
        own = tills.get(each.shop_id, _Tills())
        refused, dear = no.get(each.shop_id, (0, 0))
        yield _sales(each) | {
            "refused": refused,
            "refused_price": dear,
            "tills": len(own.signs),
            "silent_tills": own.silent(look.now),
            "last_seen": own.newest.isoformat() if own.newest else "",
            "devices": _written(devices.get(each.shop_id, {})),
            "open_cases": cases.get(each.shop_id, 0),
        }


def _sales(each: Trade) -> Row:
    return {
        "region": each.region,
        "shop_id": each.shop_id,
        "shop": each.shop_name,
        "living": living(each.aid_purchases, each.cash_sales).value,
        "aid_purchases": each.aid_purchases,
        "aid_days": each.aid_days,
        "cash_sales": each.cash_sales,
        "cash_days": each.cash_days,
        "aid_share": share(each.aid_purchases, each.aid_purchases + each.cash_sales),
    }


def _by_shop(seen: list[TillSeen]) -> dict[str, _Tills]:
    found: dict[str, _Tills] = {}
    for each in seen:
        found.setdefault(each.shop_id, _Tills()).signs.append(last_sign(each))
    return found


def _written(states: dict[str, int]) -> str:
    """`ONLINE 1, QUARANTINED 1`; empty without a tablet that has a key."""
    return ", ".join(f"{state} {count}" for state, count in sorted(states.items()))
