"""What was bought at what price, and what was refused: the ministry's rows."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from pos_engine.engine import Engine
from pos_engine.lake import left_out
from pos_engine.rules.reasons import Reason
from pos_engine.rules.settlement import BASIS_POINTS, MDR_BASIS_POINTS
from pos_engine.services import exclusion_meter, figures_of_lines, lake_reports
from pos_engine.services.answers import APPROVED
from pos_engine.services.cash_counts import SHOPS_COLUMNS, trade_rows
from pos_engine.services.figures_of_lines import percentile, with_groups
from pos_engine.services.lake_reports import NeedsLakeError, Question
from pos_engine.services.office_reports import CHANGES, OFFICE_REPORTS, OFFICES
from pos_engine.services.quality_report import QUALITY_COLUMNS, quality
from pos_engine.services.report_words import harmless
from pos_engine.services.service_times import with_times
from pos_engine.services.sessions import Role
from pos_engine.services.till_notes import NOT_SERVED_COLUMNS, not_served_rows
from pos_engine.store.database import Tx
from pos_engine.store.reports import SoldLine, lines_between, purchases_between
from pos_engine.store.settlement_report import settled_days
from pos_engine.store.settlements import any_run
from pos_engine.store.work_lists import Look

Row = dict[str, Any]
SETTLEMENT = "settlement"
NOT_KEPT = "{name} is not kept as it was known: leave --as-of out."
EXCLUSION, SERVICE, SPENDING = "exclusion", "service", "spending"
LEFT_OUT = tuple(left_out.NAMES)


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that may be seen: a region as a prefix, or one shop; both None is the nation."""

    region: str | None = None
    shop_id: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report: its columns in order and its rows."""

    name: str
    first: date
    last: date
    columns: tuple[str, ...]
    rows: list[Row]
    never_settled: bool = False  # why there are no rows of a settlement
    as_of: datetime | None = None
    known_until: datetime | None = None  # of an answer of the event lake
    changes: list[Row] = field(default_factory=list)  # what became known after `as_of`


@dataclass(frozen=True, slots=True)
class _Definition:
    columns: tuple[str, ...]
    make: Callable[[Iterable[SoldLine]], Iterator[Row]]
    own: Callable[[Tx, date, date, Scope], Iterator[Row]] | None = None  # not from sold lines


def make_report(
    engine: Engine,
    name: str,
    first: date,
    last: date,
    scope: Scope,
    as_of: datetime | None = None,
) -> Report:
    """A report over the local days first..last, as of now or as it was known at a moment.

    `KeyError` for a name that is not in NAMES, `NeedsLakeError` for what only the lake answers.
    """
    if name in WORK_LISTS:
        return _work_list(engine, name, Look(first, last, scope.region, engine.now(), as_of), scope)
    definition = REPORTS[name]
    if name in LAKE_REPORTS:
        question = Question(name, first, last, scope.region, scope.shop_id, as_of)
        listed = lake_reports.listed(engine, question)
        if listed is not None:
            rows = _completed(engine, question, listed.rows)
            return Report(
                name, first, last, definition.columns, rows, as_of=as_of,
                known_until=listed.known_until, changes=listed.changes,
            )  # fmt: skip
    if as_of is not None:
        raise NeedsLakeError(NOT_KEPT.format(name=name))
    with engine.database.read() as tx:
        if definition.own is not None:
            rows = list(definition.own(tx, first, last, scope))
        else:
            rows = list(definition.make(_lines(tx, first, last, scope)))
        never = name == SETTLEMENT and not rows and not any_run(tx)
    if name == SPENDING:
        rows = with_groups(engine, rows)
    return Report(name, first, last, definition.columns, rows, never_settled=never)


def _completed(engine: Engine, question: Question, rows: list[Row]) -> list[Row]:
    """With what does not stand in the lake: answer times, the catalogue's food groups."""
    if question.name == SERVICE:
        return with_times(engine, question, rows)
    if question.name in LEFT_OUT:
        return exclusion_meter.with_shares(engine, question, rows)
    return with_groups(engine, rows) if question.name == SPENDING else rows


def _work_list(engine: Engine, name: str, look: Look, scope: Scope) -> Report:
    """Of families and officers of a region, never of a shop."""
    listed = WORK_LISTS[name]
    if look.as_of is not None and not listed.as_of:
        raise NeedsLakeError(NOT_KEPT.format(name=name))
    with engine.database.read() as tx:
        rows = [] if scope.shop_id else list(listed.make(tx, look))
        told = CHANGES.get(name) if look.as_of is not None else None
        changes = told(tx, look) if told else []
    return Report(
        name, look.first, look.last, listed.columns, rows, as_of=look.as_of, changes=changes
    )


def _lines(tx: Tx, first: date, last: date, scope: Scope) -> Iterator[SoldLine]:
    return lines_between(tx, first, last, region=scope.region, shop_id=scope.shop_id)


def _purchases(sold: Iterable[SoldLine]) -> Iterator[Row]:
    for each in sold:
        if each.status == APPROVED:
            yield {
                "day": each.day.isoformat(),
                "region": each.region,
                "shop_id": each.shop_id,
                "shop": each.shop_name,
                "commodity": each.line["sku"],
                "name": each.line["name"],
                "quantity_milli": each.line["quantity_milli"],
                "unit": each.line["unit"],
                "unit_price": each.line["unit_price"],
                "line_total": each.line["line_total"],
                "ceiling": each.line["ceiling"],
                "ceiling_kind": each.line["ceiling_kind"],
                "flags": " ".join(each.line["flags"]),
                "policy": each.policy,
                "price_book": each.price_book,
                "offline": each.offline,
            }


def _prices(sold: Iterable[SoldLine]) -> Iterator[Row]:
    """Paid prices per commodity, unit and regency against the ceiling."""
    groups: dict[tuple[str, str, str], list[SoldLine]] = defaultdict(list)
    for each in sold:
        if each.status == APPROVED:
            groups[(each.line["sku"], each.line["unit"], each.region[:5])].append(each)
    for (sku, unit, regency), members in sorted(groups.items()):
        paid = sorted(each.line["unit_price"] for each in members)
        newest = members[-1].line
        yield {
            "commodity": sku,
            "name": newest["name"],
            "unit": unit,
            "regency": regency,
            "purchases": len(paid),
            "p10": percentile(paid, 10),
            "p50": percentile(paid, 50),
            "p90": percentile(paid, 90),
            "ceiling": newest["ceiling"],
            "ceiling_kind": newest["ceiling_kind"],
            "above_ceiling": sum(
                1
                for each in members
                if each.line["ceiling"] and each.line["unit_price"] > each.line["ceiling"]
            ),
        }


def _refused(sold: Iterable[SoldLine], reasons: set[str]) -> Iterator[SoldLine]:
    return (each for each in sold if each.line["verdict"] in reasons)


def _banned_attempts(sold: Iterable[SoldLine]) -> Iterator[Row]:
    """By shop and good, never by family."""
    wanted = {Reason.ITEM_BANNED.value, Reason.ITEM_NOT_IN_PROGRAMME.value}
    groups: dict[tuple[str, str, str, str], list[SoldLine]] = defaultdict(list)
    for each in _refused(sold, wanted):
        key = (each.shop_id, each.line["sku"], each.line["verdict"], each.region[:5])
        groups[key].append(each)
    for (shop_id, sku, verdict, regency), members in sorted(groups.items()):
        yield {
            "regency": regency,
            "shop_id": shop_id,
            "shop": members[0].shop_name,
            "commodity": sku,
            "name": members[0].line["name"],
            "reason": verdict,
            "attempts": len(members),
            "first_day": min(each.day for each in members).isoformat(),
            "last_day": max(each.day for each in members).isoformat(),
        }


def _ceiling_gap(sold: Iterable[SoldLine]) -> Iterator[Row]:
    """Where honest prices may have outrun the ceiling: what was asked and refused."""
    for each in _refused(sold, {Reason.PRICE_ABOVE_CEILING.value}):
        asked, ceiling = each.line["unit_price"], each.line["ceiling"]
        yield {
            "day": each.day.isoformat(),
            "regency": each.region[:5],
            "shop_id": each.shop_id,
            "shop": each.shop_name,
            "commodity": each.line["sku"],
            "name": each.line["name"],
            "unit": each.line["unit"],
            "asked_price": asked,
            "ceiling": ceiling,
            "gap": asked - ceiling,
            "regulation": each.line["regulation"],
        }


def _settlement(tx: Tx, first: date, last: date, scope: Scope) -> Iterator[Row]:
    """Days are the bank's (WIB). A shop's owner sees her own: what waits, is sent, has arrived."""
    for each in settled_days(tx, first, last, region=scope.region, shop_id=scope.shop_id):
        sent = "SENT" if each.on_its_way else "RECEIVED"
        yield {
            "day": each.day.isoformat(),
            "region": each.region,
            "shop_id": each.shop_id,
            "shop": each.shop_name,
            "entries": each.entries,
            "payable": each.payable,
            "mdr": each.payable * MDR_BASIS_POINTS // BASIS_POINTS,
            "on_its_way": int(each.on_its_way),
            "paid": int(each.paid),
            "open": each.left_open,
            "transfers": each.transfers,
            "reference": each.reference or "",
            "status": "PENDING" if each.left_open else sent,
            "waits_for": each.waits_for or "",
        }


def _shops(tx: Tx, first: date, last: date, scope: Scope) -> Iterator[Row]:
    """Which shops sell every day, and which with aid alone."""
    return trade_rows(tx, first, last, scope.region, scope.shop_id)


def _not_served(tx: Tx, first: date, last: date, scope: Scope) -> Iterator[Row]:
    """What kept families from buying: proofs that failed, families that could not be served."""
    return not_served_rows(tx, first, last, scope.region, scope.shop_id)


def _quality(tx: Tx, first: date, last: date, scope: Scope) -> Iterator[Row]:
    return quality(tx, first, last, region=scope.region, shop_id=scope.shop_id)


def _figures(name: str, tx: Tx, first: date, last: date, scope: Scope) -> Iterator[Row]:
    """The officers' figures while no lake answers."""
    sold = _lines(tx, first, last, scope)
    if name in figures_of_lines.MADE:
        return figures_of_lines.MADE[name](sold, scope.region)
    approved = purchases_between(tx, first, last, region=scope.region, shop_id=scope.shop_id)
    return figures_of_lines.places(sold, scope.region, approved)


def _no_rows(_sold: Iterable[SoldLine]) -> Iterator[Row]:
    """Of a report that is not made of sold lines."""
    return iter(())


REPORTS: dict[str, _Definition] = {
    "purchases": _Definition(
        (
            "day", "region", "shop_id", "shop", "commodity", "name", "quantity_milli", "unit",
            "unit_price", "line_total", "ceiling", "ceiling_kind", "flags", "policy", "price_book",
            "offline",
        ),
        _purchases,
    ),
    "prices": _Definition(
        (
            "commodity", "name", "unit", "regency", "purchases", "p10", "p50", "p90", "ceiling",
            "ceiling_kind", "above_ceiling",
        ),
        _prices,
    ),
    "banned-attempts": _Definition(
        (
            "regency", "shop_id", "shop", "commodity", "name", "reason", "attempts", "first_day",
            "last_day",
        ),
        _banned_attempts,
    ),
    "ceiling-gap": _Definition(
        (
            "day", "regency", "shop_id", "shop", "commodity", "name", "unit", "asked_price",
            "ceiling", "gap", "regulation",
        ),
        _ceiling_gap,
    ),
    SETTLEMENT: _Definition(
        (
            "day", "region", "shop_id", "shop", "entries", "payable", "mdr", "on_its_way", "paid",
            "open", "transfers", "reference", "status", "waits_for",
        ),
        _no_rows,
        _settlement,
    ),
    "shops": _Definition(SHOPS_COLUMNS, _no_rows, _shops),
    "not-served": _Definition(NOT_SERVED_COLUMNS, _no_rows, _not_served),
    EXCLUSION: _Definition(lake_reports.COLUMNS[EXCLUSION], _no_rows),
    SERVICE: _Definition(lake_reports.COLUMNS[SERVICE], _no_rows),
    "quality": _Definition(QUALITY_COLUMNS, _no_rows, _quality),
    **{
        name: _Definition(columns, _no_rows, partial(_figures, name))
        for name, columns in figures_of_lines.COLUMNS.items()
    },
    "prices-provinces": _Definition(lake_reports.COLUMNS["prices-provinces"], _no_rows),
    "baskets": _Definition(lake_reports.COLUMNS["baskets"], _no_rows),
    "reach": _Definition(lake_reports.COLUMNS["reach"], _no_rows),
    **dict.fromkeys(LEFT_OUT, _Definition(exclusion_meter.COLUMNS, _no_rows)),
    "outages": _Definition(lake_reports.COLUMNS["outages"], _no_rows),
}  # fmt: skip
LAKE_REPORTS = (
    "purchases", "prices", "ceiling-gap", "banned-attempts", EXCLUSION, SERVICE,
    "prices-provinces", *figures_of_lines.COLUMNS, "baskets", "reach",
    *LEFT_OUT, "outages",
)  # fmt: skip
COMPLETED = (SERVICE, SPENDING, *LEFT_OUT)  # rows of the lake to which something is added

# Of families and officers, not of purchases: for officers of a region.
WORK_LISTS = OFFICE_REPORTS
NAMES = (*REPORTS, *WORK_LISTS)
NO_SHOPS = ("reach", "outages", *LEFT_OUT)  # of families and regencies: an owner has no part in it


def officers_of(name: str) -> tuple[Role, ...] | None:
    """The roles that may read a report; None: owners of shops as well, of their own shop."""
    if name in WORK_LISTS:
        return WORK_LISTS[name].roles
    return OFFICES if name in NO_SHOPS else None


__all__ = [
    "LAKE_REPORTS",
    "NAMES",
    "REPORTS",
    "WORK_LISTS",
    "NeedsLakeError",
    "Report",
    "Scope",
    "harmless",
    "make_report",
    "officers_of",
    "percentile",
]
