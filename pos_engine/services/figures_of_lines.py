"""The officers' figures from the database's own lines, while no lake answers."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pos_engine.engine import Engine
from pos_engine.lake.figures import inner_depth
from pos_engine.rules.reasons import Reason
from pos_engine.services.answers import APPROVED
from pos_engine.store.reports import SoldLine

Row = dict[str, Any]
Lines = Iterable[SoldLine]
REFUSED_GOODS = (Reason.ITEM_BANNED.value, Reason.ITEM_NOT_IN_PROGRAMME.value)
COLUMNS = {
    "price-days": (
        "day", "commodity", "name", "unit", "purchases", "p10", "p50", "p90", "ceiling_low",
        "ceiling_high", "ceiling_kind",
    ),
    "spending": (
        "commodity", "name", "group", "unit", "purchases", "quantity_milli", "rupiah",
    ),
    "places": (
        "place", "purchases", "bought_lines", "rupiah", "priced_lines", "above_ceiling",
        "refused_price", "refused_goods",
    ),
    "asked-prices": (
        "place", "commodity", "name", "unit", "attempts", "tried", "asked_p50", "asked_most",
        "ceiling",
    ),
}  # fmt: skip


def percentile(ordered: list[int], percent: int) -> int:
    """The nearest-rank percentile of an ordered, non-empty list: always a price really paid."""
    rank = -(-percent * len(ordered) // 100)
    return ordered[max(rank, 1) - 1]


def price_days(sold: Lines, _region: str | None) -> Iterator[Row]:
    """Paid prices of each day by good and unit, and the ceilings."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for each in sold:
        if each.status == APPROVED:
            line = each.line
            groups[line["sku"], line["unit"], each.day.isoformat()].append(line)
    for (sku, unit, day), lines in sorted(groups.items()):
        paid = sorted(line["unit_price"] for line in lines)
        ceilings = [line["ceiling"] for line in lines if line["ceiling"] is not None]
        yield {
            "day": day,
            "commodity": sku,
            "name": lines[-1]["name"],
            "unit": unit,
            "purchases": len(paid),
            "p10": percentile(paid, 10),
            "p50": percentile(paid, 50),
            "p90": percentile(paid, 90),
            "ceiling_low": min(ceilings, default=None),
            "ceiling_high": max(ceilings, default=None),
            "ceiling_kind": lines[-1]["ceiling_kind"],
        }


def spending(sold: Lines, _region: str | None) -> Iterator[Row]:
    """What was bought: lines, quantity and rupiah of each good and unit."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for each in sold:
        if each.status == APPROVED:
            groups[each.line["sku"], each.line["unit"]].append(each.line)
    rows = [
        {
            "commodity": sku,
            "name": lines[-1]["name"],
            "unit": unit,
            "purchases": len(lines),
            "quantity_milli": sum(line["quantity_milli"] for line in lines),
            "rupiah": sum(line["line_total"] for line in lines),
        }
        for (sku, unit), lines in groups.items()
    ]
    yield from sorted(rows, key=lambda row: (-row["rupiah"], row["commodity"], row["unit"]))


def with_groups(engine: Engine, rows: list[Row]) -> list[Row]:
    """The rows of `spending` with the food group that the catalogue gives each good."""
    with engine.database.read() as tx:
        goods = engine.catalogue(tx).goods
    groups = {sku: good.group.value for sku, good in goods.items()}
    return [row | {"group": groups.get(row["commodity"])} for row in rows]


def places(sold: Lines, region: str | None, purchases: Mapping[str, int]) -> Iterator[Row]:
    """Each place just inside: what was bought there, what was refused for its price or kind.

    `purchases`: how many were approved in each region.
    """
    depth = inner_depth(region)
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in sold:
        own, line = found[each.region[:depth]], each.line
        ceiling, verdict = line["ceiling"], line["verdict"]
        if each.status == APPROVED:
            own["bought_lines"] += 1
            own["rupiah"] += line["line_total"]
            own["priced_lines"] += bool(ceiling)
            own["above_ceiling"] += bool(ceiling and line["unit_price"] > ceiling)
        own["refused_price"] += verdict == Reason.PRICE_ABOVE_CEILING
        own["refused_goods"] += verdict in REFUSED_GOODS
    for code, count in purchases.items():
        if code[:depth] in found:
            found[code[:depth]]["purchases"] += count
    for place, own in sorted(found.items()):
        yield {"place": place, **{name: own[name] for name in COLUMNS["places"][1:]}}


def asked_prices(sold: Lines, region: str | None) -> Iterator[Row]:
    """Prices that were asked and refused, by place just inside and good."""
    depth = inner_depth(region)
    tried: Counter[tuple[str, str, str]] = Counter()
    refused: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for each in sold:
        line = each.line
        if line["sku"] is None:
            continue
        key = (each.region[:depth], line["sku"], line["unit"])
        tried[key] += 1
        if line["verdict"] == Reason.PRICE_ABOVE_CEILING:
            refused[key].append(line)
    for key, lines in sorted(refused.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        asked = sorted(line["unit_price"] for line in lines)
        yield {
            "place": key[0],
            "commodity": key[1],
            "name": lines[-1]["name"],
            "unit": key[2],
            "attempts": len(lines),
            "tried": tried[key],
            "asked_p50": percentile(asked, 50),
            "asked_most": asked[-1],
            "ceiling": max(line["ceiling"] for line in lines),
        }


MADE: dict[str, Callable[[Lines, str | None], Iterator[Row]]] = {
    "price-days": price_days,
    "spending": spending,
    "asked-prices": asked_prices,
}
