"""The report `anomalies`: cases as rows for officers; a shop sees none of it."""

from collections.abc import Iterator
from typing import Any

from pos_engine.lake.anomalies import load_rules
from pos_engine.store import anomalies, shops
from pos_engine.store.anomalies import Wanted
from pos_engine.store.database import Tx
from pos_engine.store.work_lists import Look

COLUMNS = (
    "period", "rule", "title", "subject_kind", "subject_id", "subject", "region", "status",
    "score", "counted", "looked_at", "value", "bound", "peers_middle", "peers", "peers_of",
    "sentence", "opened_at", "case_id",
)  # fmt: skip
ROWS_MAX = 20_000


def anomaly_rows(tx: Tx, look: Look) -> Iterator[dict[str, Any]]:
    """Cases of the months that these days touch, the strangest first."""
    _, rules = load_rules()
    wanted = Wanted(look.region, f"{look.first:%Y-%m}", f"{look.last:%Y-%m}")
    for case in anomalies.listed(tx, wanted, ROWS_MAX):
        shop = shops.find_shop(tx, case.subject_id)
        rule = rules.get(case.rule)
        yield {
            "period": case.period,
            "rule": case.rule,
            "title": rule.title if rule else "",
            "subject_kind": case.subject_kind,
            "subject_id": case.subject_id,
            "subject": shop.name if shop else "",
            "region": case.region,
            "status": case.status.value,
            "score": case.score,
            "counted": case.counted,
            "looked_at": case.looked_at,
            "value": case.value,
            "bound": case.bound,
            "peers_middle": case.peers_middle,
            "peers": case.peers,
            "peers_of": case.peers_of,
            "sentence": case.sentence,
            "opened_at": case.opened_at.isoformat(),
            "case_id": case.case_id,
        }
