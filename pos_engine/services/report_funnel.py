"""The report `disbursement`: from the list to the empty tranche, by programme, period, place."""

from collections.abc import Iterator
from typing import Any

from pos_engine.rules.region_level import length_below
from pos_engine.store.database import Tx
from pos_engine.store.report_funnel import Credited, Days, credited, listed
from pos_engine.store.work_lists import Look

Row = dict[str, Any]
COLUMNS = (
    "programme", "period", "region", "listed", "listed_rupiah", "families", "credited",
    "card_received", "first_purchase", "used_up", "spent", "returned", "left",
)  # fmt: skip
STEPS = ("listed", "families", "card_received", "first_purchase", "used_up")
NOTHING = Credited(0, 0, 0, 0, 0, 0, 0, 0)


def disbursement(tx: Tx, look: Look) -> Iterator[Row]:
    """Each place just inside the one asked for; credits whose money may be used on these days."""
    length = length_below(look.region)
    days = Days(look.first, look.until)
    on_lists = listed(tx, days, look.region, length)
    on_tranches = credited(tx, days, look.region, length)
    for group in sorted(on_lists.keys() | on_tranches.keys()):
        families, rupiah = on_lists.get(group, (0, 0))
        found = on_tranches.get(group, NOTHING)
        yield {
            "programme": group[0],
            "period": group[1],
            "region": group[2],
            # the rows of a list from before lists were kept are gone: what was credited stands
            "listed": max(families, found.families),
            "listed_rupiah": max(rupiah, found.credited),
            "families": found.families,
            "credited": found.credited,
            "card_received": found.card_received,
            "first_purchase": found.first_purchase,
            "used_up": found.used_up,
            "spent": found.spent,
            "returned": found.returned,
            "left": found.left,
        }
