"""The reports that one question to the database answers, row by row: for officers, never shops."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pos_engine.services import report_audit, work_lists
from pos_engine.services.anomaly_report import COLUMNS as ANOMALY_COLUMNS
from pos_engine.services.anomaly_report import anomaly_rows
from pos_engine.services.left_out import COLUMNS as LEFT_OUT_COLUMNS
from pos_engine.services.left_out import left_out_families
from pos_engine.services.offline_unserved import COLUMNS as UNSERVED_COLUMNS
from pos_engine.services.offline_unserved import offline_unserved
from pos_engine.services.report_access import COLUMNS as ACCESS_COLUMNS
from pos_engine.services.report_access import access
from pos_engine.services.report_acts import COLUMNS as ACTS_COLUMNS
from pos_engine.services.report_acts import officer_acts
from pos_engine.services.report_funnel import COLUMNS as FUNNEL_COLUMNS
from pos_engine.services.report_funnel import disbursement
from pos_engine.services.report_shops import COLUMNS as SHOPS_COLUMNS
from pos_engine.services.report_shops import shop_health
from pos_engine.services.sessions import Role
from pos_engine.services.unfed import UNFED_COLUMNS, unfed_rows
from pos_engine.store.database import Tx
from pos_engine.store.work_lists import Look

Row = dict[str, Any]
Make = Callable[[Tx, Look], Iterator[Row]]
OFFICES = (Role.DINSOS, Role.KEMENSOS, Role.AUDITOR)
VISITORS = (Role.PENDAMPING, *OFFICES)  # of what tells whom to visit
WORKERS = (Role.PENDAMPING, Role.DINSOS)  # who may work on a family: of her region


@dataclass(frozen=True, slots=True)
class OfficeReport:
    """Its columns, what makes its rows, who may read it, and whether a past moment is known."""

    columns: tuple[str, ...]
    make: Make
    roles: tuple[Role, ...] = OFFICES
    as_of: bool = False


OFFICE_REPORTS: dict[str, OfficeReport] = {
    "cards-undistributed": OfficeReport(
        work_lists.CARDS_COLUMNS, work_lists.cards_undistributed, VISITORS, as_of=True
    ),
    "not-redeemed": OfficeReport(
        work_lists.REDEEMED_COLUMNS, work_lists.not_redeemed, VISITORS, as_of=True
    ),
    "offline-unserved": OfficeReport(
        UNSERVED_COLUMNS,
        lambda tx, look: offline_unserved(tx, look.first, look.last, look.region),
        VISITORS,
    ),
    "unfed": OfficeReport(
        UNFED_COLUMNS,
        lambda tx, look: unfed_rows(tx, look.first, look.last, look.region, look.now),
        VISITORS,
    ),
    "left-out-families": OfficeReport(LEFT_OUT_COLUMNS, left_out_families, WORKERS),
    "disbursement": OfficeReport(FUNNEL_COLUMNS, disbursement, VISITORS),
    "access": OfficeReport(ACCESS_COLUMNS, access, VISITORS),
    "shop-health": OfficeReport(SHOPS_COLUMNS, shop_health),
    "credits": OfficeReport(report_audit.CREDITS_COLUMNS, report_audit.credits_traced, as_of=True),
    "frozen": OfficeReport(report_audit.FROZEN_COLUMNS, report_audit.frozen, as_of=True),
    "returned": OfficeReport(report_audit.RETURNED_COLUMNS, report_audit.returned, as_of=True),
    "officer-acts": OfficeReport(ACTS_COLUMNS, officer_acts),
    "anomalies": OfficeReport(ANOMALY_COLUMNS, anomaly_rows),
}
# What came after a moment is named of these.
CHANGES: dict[str, Callable[[Tx, Look], list[Row]]] = {
    "credits": report_audit.changes_since,
    "returned": report_audit.changes_since,
    "frozen": report_audit.freezes_changed,
    "not-redeemed": report_audit.redeemed_since,
}
