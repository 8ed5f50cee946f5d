"""Facts of the engine as columns of the lake: lines exploded, families under keyed pseudonyms."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec
import pyarrow as pa

from catalog.zones import Zones
from pos_engine.keys import Pseudonyms
from pos_engine.lake.datasets import (
    ATTEMPTS,
    MOVEMENTS,
    NO_LINE,
    OFFLINE_OUTCOMES,
    PURCHASES,
    RETURNS,
    Dataset,
)
from pos_engine.lake.tables import exploded, table_of
from pos_engine.lake.writer import Part, of_table
from pos_engine.store.attempts import Happened

PURPOSE = "lake"
UNREADABLE = "LINES_UNREADABLE"
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_BANDS = ((30, "0-29"), (45, "30-44"), (60, "45-59"), (75, "60-74"))
Place = tuple[str, str]  # day and province
Values = dict[str, list[Any]]  # by column


class _Line(msgspec.Struct, gc=False):
    """A line of a purchase as its answer holds it."""

    sku: str | None = None
    name: str | None = None
    gtin: str | None = None
    quantity_milli: int | None = None
    unit: str | None = None
    unit_price: int | None = None
    line_total: int | None = None
    verdict: str | None = None
    flags: list[str] | None = []
    ceiling: int | None = None
    ceiling_kind: str | None = None
    regulation: str | None = None


class _Returned(msgspec.Struct):
    place: int
    quantity_milli: int
    amount: int


class _Answer(msgspec.Struct):
    balance_before: int | None = None


_LINES, _FLAGS = msgspec.json.Decoder(list[_Line]), msgspec.json.Decoder(list[str])
_BACK, _ANSWER = msgspec.json.Decoder(list[_Returned]), msgspec.json.Decoder(_Answer)
_NOTHING = _Line(flags=None)  # of a purchase that names no line
_OF_LINE = ("sku", "name", "gtin", "quantity_milli", "unit", "unit_price", "line_total", "verdict",
            "ceiling", "ceiling_kind", "regulation")  # fmt: skip


class Maker:
    """Makes rows of one installation: its zones and pseudonyms."""

    def __init__(self, zones: Zones, names: Pseudonyms) -> None:
        self._zones, self._names = zones, names
        self._offsets: dict[str, int] = {}  # microseconds east of UTC, by province

    def _family(self, name: str | None) -> str | None:
        return self._names.of(name) if name else None

    def _local(self, region: str, at_us: int) -> int:
        """A moment by the clock of a place; Indonesia never moves its clocks."""
        province = region[:2]
        if province not in self._offsets:
            zone = self._zones.time_zone_of(region)
            offset = datetime(2026, 1, 1, tzinfo=zone).utcoffset() or timedelta()
            self._offsets[province] = offset // _MICROSECOND
        return at_us + self._offsets[province]

    def _locals(self, regions: Sequence[str], moments: Sequence[int]) -> list[int]:
        return [self._local(*each) for each in zip(regions, moments, strict=True)]

    def purchases(self, rows: Iterable[Any], answers: Mapping[str, str]) -> Iterator[Part]:
        """One row a line; a purchase without lines has one all the same."""
        bought = sorted(rows, key=lambda row: (row.day, row.region[:2]))
        baskets = [_read_lines(row.lines) for row in bought]
        decided = [micros(row.decided_at) for row in bought]
        regions = [row.region for row in bought]
        heads: Values = {
            **_same(bought, "purchase_id", "shop_id", "till_id", "staff_id", "status", "reason",
                    "method", "amount", "policy", "price_book", "number"),
            "lines": [len(lines or ()) for lines in baskets],
            "region": regions,
            "regency": [region[:5] for region in regions],
            "family": [self._family(row.kpm_id) for row in bought],
            "person": [self._family(row.person_id) for row in bought],
            "family_district": [row.family_region and row.family_region[:8] for row in bought],
            "balance_before": [_balance_before(answers.get(row.purchase_id)) for row in bought],
            "flags": [_flags(*each) for each in zip(bought, baskets, strict=True)],
            "occurred_at": [micros(row.occurred_at) for row in bought],
            "decided_at": decided,
            "local_time": self._locals(regions, decided),
        }  # fmt: skip
        lines, at = _exploded(baskets)
        table = exploded(PURCHASES, heads, lines, at)
        keys = [(row.day.isoformat(), row.region[:2]) for row in bought]
        return _parts(PURCHASES, table, [keys[n] for n in at], [decided[n] for n in at])

    def returns(self, rows: Iterable[Any]) -> Iterator[Part]:
        """One row a returned line, beside the purchase's day."""
        back = sorted(rows, key=lambda row: (row.purchase_day, row.region[:2]))
        made = [micros(row.made_at) for row in back]
        regions = [row.region for row in back]
        heads: Values = {
            **_same(back, "kind", "shop_id", "unusable", "made_by", "approved_by"),
            "return_id": [row.reversal_id for row in back],
            "purchase_id": [row.reverses_id for row in back],
            "region": regions,
            "regency": [region[:5] for region in regions],
            "family": [self._family(row.kpm_id) for row in back],
            "total": [row.amount for row in back],
            "made_at": made,
            "local_time": self._locals(regions, made),
        }
        parts = [_BACK.decode(row.lines) or [_Returned(NO_LINE, 0, row.amount)] for row in back]
        each_line = [line for lines in parts for line in lines]
        at = [n for n, lines in enumerate(parts) for _ in lines]
        lines = _same(each_line, "quantity_milli", "amount")
        lines["line"] = [line.place for line in each_line]
        keys = [(row.purchase_day.isoformat(), row.region[:2]) for row in back]
        table = exploded(RETURNS, heads, lines, at)
        return _parts(RETURNS, table, [keys[n] for n in at], [made[n] for n in at])

    def movements(self, rows: Iterable[Any]) -> Iterator[Part]:
        """One row a leg on a family's tranche."""
        legs, keys, posted, _ = self._placed(
            rows, lambda row: row.region, lambda row: row.posted_at
        )
        values: Values = {
            **_same(legs, "txn_id", "leg", "shard", "region", "kind", "amount", "programme",
                    "period", "run_id", "custodian", "expires_on"),
            "regency": [row.region[:5] for row in legs],
            "family": [self._family(row.kpm_id) for row in legs],
            "posted_at": posted,
        }  # fmt: skip
        return _parts(MOVEMENTS, table_of(MOVEMENTS, values), keys, posted)

    def attempts(
        self, rows: Iterable[Any], regions: Mapping[str, str], born: Mapping[str, date]
    ) -> Iterator[Part]:
        """One row an attempt, where its shop lies."""
        tried, keys, moments, local = self._placed(
            rows, lambda row: regions[row.shop_id], lambda row: row.at
        )
        values: Values = {
            **_same(tried, "attempt_id", "shop_id", "till_id", "staff_id", "method", "outcome",
                    "reason", "scope", "gallery_size", "score", "margin", "fpir_estimate",
                    "model_id", "quote_id"),
            "region": [regions[row.shop_id] for row in tried],
            "regency": [regions[row.shop_id][:5] for row in tried],
            "family": [self._family(row.kpm_id) for row in tried],
            "age_band": [
                age_band(born.get(row.kpm_id), date.fromisoformat(day))
                for row, (day, _) in zip(tried, keys, strict=True)
            ],
            "failed": [
                Happened(row.method, row.outcome, row.reason, None, None).failed for row in tried
            ],
            "tried_at": moments,
            "local_time": local,
        }  # fmt: skip
        return _parts(ATTEMPTS, table_of(ATTEMPTS, values), keys, moments)

    def offline_outcomes(self, rows: Iterable[Any], regions: Mapping[str, str]) -> Iterator[Part]:
        """One row a sale without signal, where its tablet's shop lies."""
        sold, keys, _, local = self._placed(
            rows, lambda row: regions[row.shop_id], lambda row: row.sold_at or row.received_at
        )
        settled = [micros(row.settled_at) for row in sold]
        values: Values = {
            **_same(sold, "envelope_id", "shop_id", "till_id", "device_id", "seq", "purchase_id",
                    "outcome", "reason", "amount", "taken", "source", "number"),
            "region": [regions[row.shop_id] for row in sold],
            "regency": [regions[row.shop_id][:5] for row in sold],
            "family": [self._family(row.kpm_id) for row in sold],
            "flags": [" ".join(_FLAGS.decode(row.flags)) for row in sold],
            "sold_at": [micros(row.sold_at) if row.sold_at else None for row in sold],
            "received_at": [micros(row.received_at) for row in sold],
            "settled_at": settled,
            "local_time": local,
        }  # fmt: skip
        table = table_of(OFFLINE_OUTCOMES, values)
        return _parts(OFFLINE_OUTCOMES, table, keys, settled)

    def _placed(
        self, rows: Iterable[Any], region: Callable[[Any], str], moment: Callable[[Any], datetime]
    ) -> tuple[list[Any], list[Place], list[int], list[int]]:
        """Rows by day and province, with those, their moments and their local times."""
        found = []
        for row in rows:
            where, at_us = region(row), micros(moment(row))
            local = self._local(where, at_us)
            found.append(((_day(local).isoformat(), where[:2]), at_us, local, row))
        found.sort(key=lambda each: each[0])
        return (
            [each[3] for each in found],
            [each[0] for each in found],
            [each[1] for each in found],
            [each[2] for each in found],
        )


def _same(rows: Sequence[Any], *names: str) -> Values:
    """Columns that are called alike there."""
    return {name: list(map(attrgetter(name), rows)) for name in names}


def _exploded(baskets: Sequence[Sequence[_Line] | None]) -> tuple[Values, list[int]]:
    """The columns of all lines, and of which purchase each is."""
    each_line: list[_Line] = []
    places: list[int] = []
    at: list[int] = []
    for number, lines in enumerate(baskets):
        each_line += lines or (_NOTHING,)
        places += range(len(lines)) if lines else (NO_LINE,)
        at += [number] * (len(lines) if lines else 1)
    columns = _same(each_line, *_OF_LINE)
    columns["line"] = places
    flags = map(attrgetter("flags"), each_line)
    columns["line_flags"] = [each if each is None else " ".join(each) for each in flags]
    return columns, at


def _parts(
    dataset: Dataset, table: pa.Table, keys: Sequence[Place], moments: Sequence[int]
) -> Iterator[Part]:
    """A file for each day and province of rows that are sorted by them."""
    begins = 0
    for (day, province), rows in groupby(keys):
        count = sum(1 for _ in rows)
        newest = max(moments[begins : begins + count])
        fill = of_table(table.slice(begins, count))
        begins += count
        yield Part(dataset, day, province, newest, fill)


def _read_lines(text: str) -> list[_Line] | None:
    """The lines; None when somebody spoilt them: the audit chain names the row."""
    try:
        return _LINES.decode(text)
    except msgspec.DecodeError:
        return None


def _flags(row: Any, lines: list[_Line] | None) -> str:
    found = _FLAGS.decode(row.flags)
    return " ".join(found if lines is not None else [*found, UNREADABLE])


def _balance_before(answer: str | None) -> int | None:
    try:
        return _ANSWER.decode(answer).balance_before if answer else None
    except msgspec.DecodeError:
        return None


def micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def _day(local_us: int) -> date:
    return (_EPOCH + local_us * _MICROSECOND).date()


def age_band(born: date | None, day: date) -> str | None:
    """The band of an age in full years; None when the birth date is not known."""
    if born is None:
        return None
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return next((band for limit, band in _BANDS if age < limit), "75+")
