"""Which region is paid on which day, and how long the queue of each shop gets, hour by hour.

A deterministic flow: so many of a region come on the first day, the second and so on, most of them
in the second open hour; a shop serves one family after the other; who waits at closing time comes
back the next morning. Regions are put, in the order of their codes, on the first day on which
neither the engine nor one of their shops has too much.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

HOURS = 24
HOUR_S = 3600
# How many of a released region come on its first day, the second, ...
DAY_SHARES = (0.45, 0.25, 0.15, 0.10, 0.05)
# And when on a day, over eight open hours: the peak hour is three times the mean.
HOUR_SHARES = (0.10, 0.375, 0.20, 0.10, 0.075, 0.05, 0.05, 0.05)
USABLE_SHARE = 0.7  # of the measured capacity: the rest is for bursts within an hour
SECONDS_PER_FAMILY = 64  # greeting to goods
QUEUE_MAX = 30  # families that wait before a shop
DAYS_MAX = 62
TILLS = 1
EARLIEST, LATEST = 5, 22  # local hours that a shop may open and close at


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan reckons with. `capacity` is purchases a second of the engine, as measured."""

    capacity: float
    opens: int = 8
    closes: int = 16
    seconds: int = SECONDS_PER_FAMILY
    tills: int = TILLS
    queue_max: int = QUEUE_MAX
    days_max: int = 31
    usable: float = USABLE_SHARE

    def faults(self) -> list[str]:
        """The fields that make no sense."""
        return [
            name
            for name, good in (
                ("capacity", self.capacity > 0),
                ("opens", EARLIEST <= self.opens < self.closes <= LATEST),
                ("seconds", 1 <= self.seconds <= HOUR_S),
                ("tills", self.tills >= 1),
                ("queue_max", self.queue_max >= 1),
                ("days_max", 1 <= self.days_max <= DAYS_MAX),
                ("usable", 0 < self.usable <= 1),
            )
            if not good
        ]

    @property
    def per_hour(self) -> float:
        """Families that a shop serves in an hour."""
        return self.tills * HOUR_S / self.seconds

    @property
    def hour_shares(self) -> tuple[float, ...]:
        """The share of a day's families in each open hour, the same shape for other hours."""
        return stretched(HOUR_SHARES, self.closes - self.opens)


@dataclass(frozen=True, slots=True)
class Group:
    """A region that is released as one: how many of its families buy at which shop.

    `ahead` is how many hours its clock is ahead of Jakarta's.
    """

    code: str
    families: Mapping[str, int]
    ahead: int = 0

    @property
    def total(self) -> int:
        """All its families."""
        return sum(self.families.values())


@dataclass(frozen=True, slots=True)
class Placed:
    """A region on its day (0 is the first). `tight`: no day had room for all that it asks."""

    code: str
    day: int
    families: int
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a calendar. Loads are purchases a second; `queues` are families that wait.

    `engine[day][hour]` is by the clock of Jakarta, `queues[shop][day][i]` after the i-th open hour.
    """

    engine: tuple[tuple[float, ...], ...]
    queues: Mapping[str, tuple[tuple[float, ...], ...]]

    @property
    def peak(self) -> float:
        """The busiest hour of the engine, purchases a second."""
        return max((load for day in self.engine for load in day), default=0.0)

    @property
    def worst_shop(self) -> str:
        """The shop with the longest queue; empty when there is no shop."""
        return min(self.queues, key=lambda shop: (-self.longest(shop), shop), default="")

    def longest(self, shop: str) -> float:
        """How many families wait before a shop at its worst."""
        return max((each for day in self.queues.get(shop, ()) for each in day), default=0.0)


@dataclass(slots=True)
class _Load:
    """What is placed so far: purchases of the engine, arrivals of each shop, by day and hour."""

    terms: Terms
    engine: defaultdict[tuple[int, int], float] = field(default_factory=lambda: defaultdict(float))
    shops: defaultdict[str, defaultdict[int, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )

    def add(self, group: Group, day: int) -> None:
        for at, families in _engine_load(group, day, self.terms).items():
            self.engine[at] += families
        for shop, families in group.families.items():
            for later, share in enumerate(DAY_SHARES):
                self.shops[shop][day + later] += families * share

    def engine_fits(self, group: Group, day: int) -> bool:
        limit = self.terms.capacity * self.terms.usable * HOUR_S
        wanted = _engine_load(group, day, self.terms)
        return all(self.engine[at] + families <= limit for at, families in wanted.items())

    def shops_fit(self, group: Group, day: int) -> bool:
        for shop, families in group.families.items():
            arrivals = dict(self.shops[shop])
            for later, share in enumerate(DAY_SHARES):
                arrivals[day + later] = arrivals.get(day + later, 0.0) + families * share
            queue = queue_of(arrivals, max(arrivals) + 1, self.terms)
            if max(max(hours) for hours in queue) > self.terms.queue_max:
                return False
        return True

    def peak_with(self, group: Group, day: int) -> float:
        wanted = _engine_load(group, day, self.terms)
        return max((self.engine[at] + families for at, families in wanted.items()), default=0.0)


def _engine_load(group: Group, day: int, terms: Terms) -> dict[tuple[int, int], float]:
    """Purchases of a group by day and hour of Jakarta, when nobody has to wait."""
    return {
        (day + later, terms.opens + hour - group.ahead): group.total * share * of_hour
        for later, share in enumerate(DAY_SHARES)
        for hour, of_hour in enumerate(terms.hour_shares)
    }


@lru_cache(HOURS)
def stretched(shares: tuple[float, ...], hours: int) -> tuple[float, ...]:
    """The same shape over another number of hours; the sum stays the same."""
    per_hour = len(shares) / hours
    return tuple(_between(shares, at * per_hour, (at + 1) * per_hour) for at in range(hours))


def _between(shares: Sequence[float], start: float, end: float) -> float:
    return sum(
        share * max(0.0, min(end, place + 1) - max(start, place))
        for place, share in enumerate(shares)
    )


def queue_of(
    arrivals: Mapping[int, float], days: int, terms: Terms
) -> tuple[tuple[float, ...], ...]:
    """How many families wait after each open hour of each day, from arrivals a day."""
    waiting, shares, found = 0.0, terms.hour_shares, []
    for day in range(days):
        hours = []
        for share in shares:
            waiting = max(0.0, waiting + arrivals.get(day, 0.0) * share - terms.per_hour)
            hours.append(waiting)
        found.append(tuple(hours))
    return tuple(found)


def plan(groups: Sequence[Group], terms: Terms) -> tuple[Placed, ...]:
    """The calendar: regions in the order of their codes, each on the first day with room for it.

    Without room within `days_max` days the engine comes first, then the least busy day.
    """
    load, placed = _Load(terms), []
    for group in sorted(groups, key=lambda each: each.code):
        day, tight = _day_for(group, load)
        load.add(group, day)
        placed.append(Placed(group.code, day, group.total, tight))
    return tuple(placed)


def _day_for(group: Group, load: _Load) -> tuple[int, bool]:
    days = range(load.terms.days_max)
    for_engine = [day for day in days if load.engine_fits(group, day)]
    for day in for_engine:
        if load.shops_fit(group, day):
            return day, False
    # a shop has too many families for any day: as soon as the engine can, on its emptiest day
    among = for_engine or list(days)
    return min(among, key=lambda day: (load.peak_with(group, day), day)), True


def on_one_day(groups: Sequence[Group]) -> tuple[Placed, ...]:
    """What is compared with: everybody on the first day."""
    ordered = sorted(groups, key=lambda each: each.code)
    return tuple(Placed(each.code, 0, each.total) for each in ordered)


def outcome(groups: Sequence[Group], placed: Sequence[Placed], terms: Terms) -> Outcome:
    """The queues that a calendar makes, and what the shops' sales ask of the engine."""
    day_of = {each.code: each.day for each in placed}
    load = _Load(terms)
    ahead: dict[str, int] = {}
    for group in groups:
        load.add(group, day_of[group.code])
        ahead |= dict.fromkeys(group.families, group.ahead)
    last = max((max(days) for days in load.shops.values() if days), default=0)
    days = last + 1
    queues = {}
    engine = [[0.0] * HOURS for _ in range(days)]
    for shop, arrivals in sorted(load.shops.items()):
        queues[shop] = queue_of(arrivals, days, terms)
        _add_served(engine, queues[shop], arrivals, ahead[shop], terms)
    return Outcome(tuple(tuple(each) for each in engine), queues)


def _add_served(
    engine: list[list[float]],
    queue: Sequence[Sequence[float]],
    arrivals: Mapping[int, float],
    ahead: int,
    terms: Terms,
) -> None:
    """What a shop sells in each hour: who came and waited, less who waits still."""
    waiting = 0.0
    for day, hours in enumerate(queue):
        for hour, (share, after) in enumerate(zip(terms.hour_shares, hours, strict=True)):
            sold = waiting + arrivals.get(day, 0.0) * share - after
            engine[day][terms.opens + hour - ahead] += sold / HOUR_S
            waiting = after


def wait_minutes(waiting: float, terms: Terms) -> int:
    """How long the last of a queue waits, in whole minutes."""
    return round(waiting * terms.seconds / terms.tills / 60)
