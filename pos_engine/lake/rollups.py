"""Counts of days and of longer spans, so that no figure reads every line.

A figure of a region reads counts of days. A figure of the nation reads counts without regencies;
one by regency over a month reads the month's sums. Each file names the files that it was counted
from: when these are others it does not count.
"""

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pos_engine.lake.datasets import (
    ATTEMPTS,
    COUNT,
    LOCAL,
    MOMENT,
    MONEY,
    MOVEMENTS,
    PURCHASES,
    RETURNS,
    WORD,
    YES,
    Column,
    Dataset,
)
from pos_engine.lake.family_rollups import BOUGHT, CAME, FAILED, OF_FAMILIES, REACHED, WAITED
from pos_engine.lake.state import LiveFile, State

_REGENCY = Column("regency", WORD, "PP.RR")
_PROVINCE = Column("province", WORD, "PP")
_NEWEST = Column("newest_at", MOMENT, "the newest fact that is counted here")
_PRICES = (
    Column("sku", WORD, "the good"),
    Column("name", WORD, "its name"),
    Column("unit", WORD, "the unit of price and quantity"),
    Column("unit_price", MONEY, "rupiah for one unit"),
    Column("verdict", WORD, "OK, or why such lines were refused"),
    Column("status", WORD, "of the purchases: APPROVED or DECLINED"),
    Column("ceiling", MONEY, "the ceiling that they were judged by"),
    Column("ceiling_kind", WORD, "HET, HAP or LOCAL"),
    Column("line_count", COUNT, "how many lines"),
    Column("quantity_milli", COUNT, "thousandths of the unit, all lines"),
    Column("line_total", MONEY, "rupiah, all lines"),
    _NEWEST,
)
_BY_REGENCY = ("status", "regency", "sku", "unit", "unit_price")  # a region reads its own rows
PRICES_DAILY = Dataset(
    "prices_daily",
    "Counts of lines by regency, good and unit price; returned lines are taken off. Percentiles"
    " of any region and span are made from these counts.",
    "the shop's local day",
    (_PROVINCE, _REGENCY, *_PRICES),
    _BY_REGENCY,
    by_province=False,
)
PRICES_PROVINCES = Dataset(
    "prices_provinces",
    "The same counts without regencies: for figures of provinces and of the nation.",
    "the shop's local day",
    (_PROVINCE, *_PRICES),
    ("status", "sku", "unit", "province", "unit_price"),  # a good reads its own rows
    by_province=False,
)
PRICES_TEN_DAYS = Dataset(
    "prices_ten_days",
    "Sums of `prices_daily` over ten days that are over: 1-10, 11-20, 21-end of a month.",
    "the first of these days",
    (_PROVINCE, _REGENCY, *_PRICES),
    _BY_REGENCY,
    by_province=False,
)
PRICES_MONTHLY = Dataset(
    "prices_monthly",
    "Sums of `prices_daily` over a month that is over.",
    "the first day of the month",
    (_PROVINCE, _REGENCY, *_PRICES),
    _BY_REGENCY,
    by_province=False,
)
PRICE_POINTS = Dataset(
    "price_points",
    "Paid prices of a month by good, unit and regency, as the report `prices` has them.",
    "the first day of the month",
    (
        _PROVINCE,
        _REGENCY,
        Column("sku", WORD, "the good"),
        Column("name", WORD, "its name"),
        Column("unit", WORD, "the unit of the prices"),
        Column("purchases", COUNT, "how many lines were bought"),
        Column("p10", MONEY, "rupiah: a tenth of the lines cost so much or less"),
        Column("p50", MONEY, "rupiah: half of them"),
        Column("p90", MONEY, "rupiah: nine tenths"),
        Column("ceiling", MONEY, "the newest ceiling"),
        Column("ceiling_kind", WORD, "HET, HAP or LOCAL"),
        Column("above_ceiling", COUNT, "lines that cost more than their ceiling"),
    ),
    ("sku", "unit", "regency"),
    by_province=False,
)
BASKETS_DAILY = Dataset(
    "baskets_daily",
    "Counts of approved purchases by regency and number of lines.",
    "the shop's local day",
    (
        _PROVINCE,
        _REGENCY,
        Column("lines", COUNT, "how many lines such purchases have"),
        Column("purchase_count", COUNT, "how many purchases"),
        Column("amount", MONEY, "rupiah of them"),
        Column("whole_balance", COUNT, "of them: took all that the family could spend"),
    ),
    ("regency", "lines"),
    by_province=False,
)
REFUSALS_DAILY = Dataset(
    "refusals_daily",
    "Counts of refused lines by shop, good and reason.",
    "the shop's local day",
    (
        _PROVINCE,
        _REGENCY,
        Column("region", WORD, "the shop's place: PP.RR.DD.VVVV"),
        Column("shop_id", WORD, "the shop"),
        Column("sku", WORD, "the good; null when it is unknown"),
        Column("name", WORD, "its name"),
        Column("verdict", WORD, "why such lines were refused"),
        Column("line_count", COUNT, "how many lines"),
    ),
    ("verdict", "regency", "shop_id", "sku"),
    by_province=False,
)
FAMILIES_DAILY = Dataset(
    "families_daily",
    "One row for each family and regency where it bought, was refused or failed to prove itself"
    " that day. In the files alone.",
    "the shop's local day",
    (
        _PROVINCE,
        _REGENCY,
        Column("family_key", COUNT, "the first 60 bits of the family's pseudonym"),
        Column("age_band", WORD, "age of the family's head; null when no attempt told it"),
        Column("bought", YES, "was a purchase approved"),
        Column("refused", YES, "was one refused, or did an attempt fail"),
    ),
    ("refused", "regency", "family_key"),
    by_province=False,
)
OUTCOMES_DAILY = Dataset(
    "outcomes_daily",
    "Counts of purchases by regency, method and outcome, as they were decided.",
    "the shop's local day",
    (
        _PROVINCE,
        _REGENCY,
        Column("method", WORD, "the proof of who pays"),
        Column("status", WORD, "APPROVED or DECLINED"),
        Column("reason", WORD, "why they were refused"),
        Column("purchase_count", COUNT, "how many purchases"),
        Column("amount", MONEY, "rupiah of them"),
        _NEWEST,
    ),
    ("province", "regency", "method"),
    by_province=False,
)
ATTEMPTS_DAILY = Dataset(
    "attempts_daily",
    "Counts of attempts to prove who somebody is.",
    "the shop's local day",
    (
        _PROVINCE,
        _REGENCY,
        Column("method", WORD, "the way"),
        Column("outcome", WORD, "what became of them"),
        Column("reason", WORD, "why they failed"),
        Column("failed", YES, "did they fail"),
        Column("age_band", WORD, "age of the family's head"),
        Column("attempt_count", COUNT, "how many"),
        _NEWEST,
    ),
    ("province", "regency", "method"),
    by_province=False,
)
ANSWERS_HOURLY = Dataset(
    "answers_hourly",
    "Counts of purchases, approved or refused, by regency and hour of the shop's day. In the files"
    " alone.",
    "the shop's local day",
    (
        _PROVINCE,
        _REGENCY,
        Column("hour", COUNT, "0 to 23 by the shop's clock"),
        Column("answers", COUNT, "how many purchases were decided"),
        Column("newest_local", LOCAL, "the newest of them by the shop's clock"),
    ),
    ("regency", "hour"),
    by_province=False,
)
ROLLUPS = {
    each.name: each
    for each in (
        PRICES_DAILY,
        PRICES_PROVINCES,
        PRICES_TEN_DAYS,
        PRICES_MONTHLY,
        OUTCOMES_DAILY,
        ATTEMPTS_DAILY,
        BASKETS_DAILY,
        REFUSALS_DAILY,
        FAMILIES_DAILY,
        ANSWERS_HOURLY,
        PRICE_POINTS,
        *OF_FAMILIES,
    )
}
_SOLD = (PURCHASES.name, RETURNS.name)
COUNTED_FROM = {  # which datasets a rollup is made of
    PRICES_DAILY.name: _SOLD,
    PRICES_PROVINCES.name: _SOLD,
    PRICES_TEN_DAYS.name: _SOLD,
    PRICES_MONTHLY.name: _SOLD,
    OUTCOMES_DAILY.name: (PURCHASES.name,),
    ATTEMPTS_DAILY.name: (ATTEMPTS.name,),
    BASKETS_DAILY.name: (PURCHASES.name,),
    REFUSALS_DAILY.name: (PURCHASES.name,),
    FAMILIES_DAILY.name: (PURCHASES.name, ATTEMPTS.name),
    ANSWERS_HOURLY.name: (PURCHASES.name,),
    PRICE_POINTS.name: _SOLD,
    CAME.name: (PURCHASES.name, ATTEMPTS.name),
    FAILED.name: (PURCHASES.name, ATTEMPTS.name),
    WAITED.name: (MOVEMENTS.name, PURCHASES.name, ATTEMPTS.name),
    REACHED.name: (MOVEMENTS.name, *_SOLD, ATTEMPTS.name),
    BOUGHT.name: (PURCHASES.name, ATTEMPTS.name),
}
AT_NIGHT = tuple(each.name for each in OF_FAMILIES)  # of a month that is running too
OF_A_MONTH = (PRICE_POINTS.name, *AT_NIGHT)  # they cannot be added up
PRICES_LONG = (PRICES_MONTHLY.name, PRICES_TEN_DAYS.name)  # prices of a span, the longest first
LONG = (*OF_A_MONTH, *PRICES_LONG)  # rollups of more than a day; each is made of those after it
DAILY = tuple(each for each in ROLLUPS if each not in LONG)
TEN = 10
ROWS_READ_TOGETHER = 20_480  # of a rollup: a region or a good reads little beside its own


@dataclass(frozen=True, slots=True)
class Days:
    """Local days first..last under the name of the first."""

    first: date
    last: date

    @property
    def names(self) -> list[str]:
        """Each of them, as folders name it."""
        count = (self.last - self.first).days + 1
        return [(self.first + timedelta(days=each)).isoformat() for each in range(count)]


def days_of(rollup: str, day: date) -> Days:
    """The days that are counted together with this one."""
    if rollup not in LONG:
        return Days(day, day)
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    if rollup != PRICES_TEN_DAYS.name:
        return Days(day.replace(day=1), next_month - timedelta(days=1))
    begins = 1 + min((day.day - 1) // TEN, 2) * TEN
    last = next_month - timedelta(days=1) if begins > 2 * TEN else day.replace(day=begins + TEN - 1)
    return Days(day.replace(day=begins), last)


def of_days(rollup: str, days: Sequence[str]) -> list[Days]:
    """The spans of a rollup that hold these days, in order."""
    found = {days_of(rollup, date.fromisoformat(each)) for each in days}
    return sorted(found, key=lambda each: each.first)


class Sources:
    """The files of a state by dataset and day: what a rollup has to be counted from."""

    def __init__(self, state: State) -> None:
        self._files: dict[tuple[str, str], list[LiveFile]] = defaultdict(list)
        for each in state.files.values():
            if each.dataset not in ROLLUPS:
                self._files[each.dataset, each.day].append(each)
        self.days = sorted({day for _, day in self._files})
        self._said: dict[tuple[str, Days], str] = {}

    def files(self, rollup: str, days: Days) -> list[LiveFile]:
        """The files that a rollup of these days is made of."""
        keys = [(dataset, day) for dataset in COUNTED_FROM[rollup] for day in days.names]
        return [each for key in keys for each in self._files.get(key, ())]

    def of(self, rollup: str, days: Days) -> str:
        """Their names as a short text; nothing when there is none."""
        key = (rollup, days)
        if key not in self._said:
            named = [
                path
                for dataset in COUNTED_FROM[rollup]
                for day in days.names
                for path in sorted(each.path for each in self._files.get((dataset, day), ()))
            ]
            text = "\n".join(named).encode()
            self._said[key] = hashlib.sha256(text).hexdigest()[:32] if named else ""
        return self._said[key]


_SOURCES_KEPT = 4
_sources: OrderedDict[str, Sources] = OrderedDict()


def sources_of(state: State) -> Sources:
    """The sources of a state; those of the newest manifests are kept, by their hash."""
    if not state.hash:
        return Sources(state)
    found = _sources.get(state.hash)
    if found is None:
        found = _sources[state.hash] = Sources(state)
        while len(_sources) > _SOURCES_KEPT:
            _sources.popitem(last=False)
    return found
