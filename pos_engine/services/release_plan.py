"""From the engine's capacity and the shops' families to a calendar of release, beside one day."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from catalog.zones import region_exists, region_name
from pos_engine.engine import Engine
from pos_engine.rules.release_plan import (
    Group,
    Outcome,
    Placed,
    Terms,
    on_one_day,
    outcome,
    plan,
    wait_minutes,
)
from pos_engine.services.install import Refused
from pos_engine.services.report_words import harmless
from pos_engine.store import release_loads

LEVELS = {"regency": 5, "district": 8, "village": 13}
CAPACITY_DEFAULT = 300.0  # purchases a second, where nothing was measured yet
ZONES_AHEAD = {"WIB": 0, "WITA": 1, "WIT": 2}
CALENDAR_COLUMNS = ("day", "region", "name", "families", "tight")
QUEUE_COLUMNS = ("shop_id", "shop", "day", "hour", "waiting", "wait_minutes")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be planned: of which region, by which level of codes, from which day."""

    first: date
    terms: Terms
    region: str | None = None
    level: str = "district"


@dataclass(frozen=True, slots=True)
class Release:
    """A calendar with its outcome, and the same families all on the first day."""

    asked: Asked
    groups: tuple[Group, ...]
    placed: tuple[Placed, ...]
    planned: Outcome
    one_day: Outcome
    shops: dict[str, str]

    @property
    def families(self) -> int:
        """All families of the plan."""
        return sum(each.families for each in self.placed)

    def day(self, number: int) -> date:
        """The date of a day of the plan; 0 is the first."""
        return self.asked.first + timedelta(days=number)


def capacity_seen(engine: Engine) -> float:
    """Purchases a second in the busiest minute of the last 30 days; 0 when nothing was measured."""
    return sum(_seen(each) for each in engine.each_database())


def _seen(engine: Engine) -> float:
    with engine.database.read() as tx:
        return release_loads.busiest_minute(tx, engine.now())


def make_release(engine: Engine, asked: Asked, shops_max: int | None = None) -> Release | Refused:
    """The calendar of a region. Reads counts alone; nothing is stored and nobody is paid by it.

    With more than `shops_max` shops it is refused (`shops`): a page cannot wait for it.
    """
    faults = asked.terms.faults()
    if faults:
        return Refused(faults[0], "out of its range")
    if asked.level not in LEVELS:
        return Refused("level", f"one of {', '.join(LEVELS)}")
    if asked.region is not None and not region_exists(asked.region):
        return Refused("region", f"{asked.region} is no region")
    groups, shops = _groups(engine, asked)
    if shops_max is not None and len(shops) > shops_max:
        return Refused("shops", f"{len(shops)} shops, at most {shops_max}")
    placed = plan(groups, asked.terms)
    return Release(
        asked=asked,
        groups=groups,
        placed=placed,
        planned=outcome(groups, placed, asked.terms),
        one_day=outcome(groups, on_one_day(groups), asked.terms),
        shops=shops,
    )


def _groups(engine: Engine, asked: Asked) -> tuple[tuple[Group, ...], dict[str, str]]:
    families: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for view in engine.each_database():
        with view.database.read() as tx:
            for each in release_loads.region_loads(tx, asked.region, LEVELS[asked.level]):
                families[each.code][each.shop_id] += each.families
    with engine.database.read() as tx:
        zones = engine.catalogue(tx).zones
        names = release_loads.names_of_shops(tx, None)
    groups = tuple(
        Group(code, dict(by_shop), ZONES_AHEAD.get(zones.time_zone_name(code), 0))
        for code, by_shop in sorted(families.items())
    )
    return groups, {shop: names.get(shop, "") for group in groups for shop in group.families}


def calendar_rows(release: Release) -> Iterator[dict[str, object]]:
    """The calendar as rows: day, region, name, families; `tight` says that no day had room."""
    for each in sorted(release.placed, key=lambda placed: (placed.day, placed.code)):
        yield {
            "day": release.day(each.day).isoformat(),
            "region": each.code,
            "name": region_name(each.code) if region_exists(each.code) else "",
            "families": each.families,
            "tight": each.tight,
        }


def queue_rows(release: Release) -> Iterator[dict[str, object]]:
    """The queue of each shop after each open hour in which somebody waits."""
    terms = release.asked.terms
    for shop, days in release.planned.queues.items():
        for number, hours in enumerate(days):
            for hour, waiting in enumerate(hours):
                if round(waiting):
                    yield {
                        "shop_id": shop,
                        "shop": release.shops.get(shop, ""),
                        "day": release.day(number).isoformat(),
                        "hour": terms.opens + hour + 1,
                        "waiting": round(waiting),
                        "wait_minutes": wait_minutes(waiting, terms),
                    }


def as_csv(columns: tuple[str, ...], rows: Iterator[dict[str, object]]) -> Iterator[str]:
    """Rows as CSV, one at a time; cells that a spreadsheet would run are quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(row[column]) for column in columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()
