"""What is known of shops besides their sales: refusals, tablets by state, cases that are open."""

from collections import defaultdict
from datetime import date

from sqlalchemy import func, select

from pos_engine.rules.anomaly_case import CaseStatus
from pos_engine.rules.reasons import Reason
from pos_engine.store.database import Tx
from pos_engine.store.report_region import inside
from pos_engine.store.schema import purchase
from pos_engine.store.schema_allowances import device_key
from pos_engine.store.schema_anomalies import anomaly_case

DECLINED = "DECLINED"


def refusals(tx: Tx, first: date, last: date, region: str | None) -> dict[str, tuple[int, int]]:
    """Refused purchases of each shop, and how many of them for their price."""
    c = purchase.c
    too_dear = c.reason == Reason.PRICE_ABOVE_CEILING.value
    rows = tx.execute(
        select(c.shop_id, func.count(), func.count().filter(too_dear))
        .where(c.status == DECLINED, c.day >= first, c.day <= last, inside(c.region, region))
        .group_by(c.shop_id)
    )
    return {shop_id: (int(every), int(dear)) for shop_id, every, dear in rows}


def device_states(tx: Tx) -> dict[str, dict[str, int]]:
    """How many tablets of each shop are in which state."""
    c, found = device_key.c, defaultdict[str, dict[str, int]](dict)
    for shop_id, state, count in tx.execute(
        select(c.shop_id, c.state, func.count()).group_by(c.shop_id, c.state)
    ):
        found[shop_id][state] = int(count)
    return found


def open_cases(tx: Tx, region: str | None) -> dict[str, int]:
    """Cases of a shop that are not closed yet."""
    c = anomaly_case.c
    rows = tx.execute(
        select(c.subject_id, func.count())
        .where(c.status != CaseStatus.CLOSED.value, inside(c.region, region))
        .group_by(c.subject_id)
    )
    return {subject: int(count) for subject, count in rows}
