"""Families refused for price that bought nothing within two days: counts by place, and whom."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from pos_engine.engine import Engine
from pos_engine.lake.ceiling_questions import unfed_counts
from pos_engine.rules.reasons import Reason
from pos_engine.services.ceiling_look import look
from pos_engine.services.lake_reports import Question
from pos_engine.store.database import Tx
from pos_engine.store.unfed import PriceRefusal, bought_at, price_refusals

UNFED_WITHIN = timedelta(hours=48)
UNFED_LISTED_MAX = 500
FAMILIES_AT_ONCE = 500
DAYS_AFTER = timedelta(days=3)  # what was bought then still counts
UNFED, WAITING = "UNFED", "WAITING"
_ALL_IS_OVER = datetime(9999, 1, 1, tzinfo=UTC)
UNFED_COLUMNS = (
    "regency", "kpm_id", "state", "refused_at", "hours", "shop", "name", "asked_price", "ceiling",
    "next_step",
)  # fmt: skip
STEP = "Hubungi keluarga; tunjukkan warung dekat yang menjual dengan harga sah."


class Seen(Protocol):
    """The rows that may be seen, as reports have it: a region as a prefix, or one shop."""

    @property
    def region(self) -> str | None:
        """A region as a prefix; None is the nation."""

    @property
    def shop_id(self) -> str | None:
        """One shop."""


@dataclass(frozen=True, slots=True)
class UnfedPlace:
    """A regency: families refused for price, of them unfed, and those whose two days still run."""

    regency: str
    refused: int
    unfed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Unfed:
    """The counts by place, and the families themselves for officers (the newest first)."""

    places: tuple[UnfedPlace, ...]
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """Families refused for price."""
        return sum(each.refused for each in self.places)

    @property
    def families(self) -> int:
        """Of them: two days went by without any purchase."""
        return sum(each.unfed for each in self.places)

    @property
    def waiting(self) -> int:
        """Of them: nothing bought yet, and the two days are not over."""
        return sum(each.waiting for each in self.places)


def unfed(engine: Engine, first: date, last: date, scope: Seen) -> Unfed:
    """Counts from the lake (from the database without one), and the list from the database.

    A shop's scope sees neither: these are families, not sales.
    """
    if scope.shop_id:
        return Unfed(())
    with engine.database.read() as tx:
        rows = list(unfed_rows(tx, first, last, scope.region, engine.now()))
    return Unfed(count_unfed(engine, first, last, scope.region), rows[:UNFED_LISTED_MAX])


def count_unfed(
    engine: Engine, first: date, last: date, region: str | None
) -> tuple[UnfedPlace, ...]:
    """The counts alone: what a front page shows."""
    now = engine.now()
    where = Question("prices", first, last, region).where
    hours = UNFED_WITHIN // timedelta(hours=1)
    # the days after are read whole: she may have bought in another province
    with look(engine, first, last + DAYS_AFTER, None) as snapshot:
        if snapshot is not None:
            rows = unfed_counts(snapshot, where, last, now, hours)
            return tuple(UnfedPlace(**row) for row in rows)
    with engine.database.read() as tx:
        return _counted(tx, first, last, region, now)


def unfed_rows(
    tx: Tx, first: date, last: date, region: str | None, now: datetime | None = None
) -> Iterator[dict[str, Any]]:
    """Each family once, by her newest refusal without a purchase after it; the newest first.

    Without `now` the two days of every refusal count as over.
    """
    at = now or _ALL_IS_OVER
    found = [each for each in _judged(tx, first, last, region, at) if each.state]
    for each in sorted(found, key=lambda one: one.refusal.decided_at, reverse=True):
        refusal = each.refusal
        line = next((x for x in refusal.lines if x["verdict"] == _TOO_DEAR), {})
        yield {
            "regency": refusal.region[:5],
            "kpm_id": refusal.kpm_id,
            "state": each.state,
            "refused_at": refusal.decided_at.isoformat(timespec="minutes"),
            "hours": (now - refusal.decided_at) // timedelta(hours=1) if now else None,
            "shop": refusal.shop_name,
            "name": line.get("name", ""),
            "asked_price": line.get("unit_price"),
            "ceiling": line.get("ceiling"),
            "next_step": STEP,
        }


_TOO_DEAR = Reason.PRICE_ABOVE_CEILING.value


@dataclass(frozen=True, slots=True)
class _Judged:
    """A family's newest refusal that says most of her; `state` empty: she bought in time."""

    refusal: PriceRefusal
    state: str


def _judged(
    tx: Tx, first: date, last: date, region: str | None, now: datetime
) -> Iterator[_Judged]:
    page: dict[str, list[PriceRefusal]] = {}
    for refusal in reversed(list(price_refusals(tx, first, last, region))):
        page.setdefault(refusal.kpm_id, []).append(refusal)
    names = sorted(page)
    for start in range(0, len(names), FAMILIES_AT_ONCE):
        some = names[start : start + FAMILIES_AT_ONCE]
        bought = bought_at(tx, some)
        for kpm_id in some:
            yield _of_family(page[kpm_id], bought.get(kpm_id, []), now)


def _of_family(refusals: list[PriceRefusal], bought: list[datetime], now: datetime) -> _Judged:
    states = [(_state(each.decided_at, bought, now), each) for each in refusals]
    for wanted in (UNFED, WAITING):
        named = [each for state, each in states if state == wanted]
        if named:
            return _Judged(named[-1], wanted)
    return _Judged(refusals[-1], "")


def _state(refused_at: datetime, bought: list[datetime], now: datetime) -> str:
    """UNFED, WAITING, or empty: she bought something after it in time."""
    place = bisect_right(bought, refused_at)
    after = bought[place] if place < len(bought) else None
    until = refused_at + UNFED_WITHIN
    if after is not None and after <= until:
        return ""
    if until <= now:
        return UNFED
    return WAITING


def _counted(
    tx: Tx, first: date, last: date, region: str | None, now: datetime
) -> tuple[UnfedPlace, ...]:
    refused, states = Counter[str](), Counter[tuple[str, str]]()
    for each in _judged(tx, first, last, region, now):
        regency = each.refusal.region[:5]
        refused[regency] += 1
        states[regency, each.state] += 1
    return tuple(
        UnfedPlace(regency, count, states[regency, UNFED], states[regency, WAITING])
        for regency, count in sorted(refused.items())
    )
