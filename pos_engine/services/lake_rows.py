"""Facts of the engine as rows of the lake: lines exploded, families under keyed pseudonyms."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from catalog.zones import Zones
from pos_engine.keys import Pseudonyms
from pos_engine.lake.datasets import (
    ATTEMPTS,
    MOVEMENTS,
    NO_LINE,
    PURCHASES,
    RETURNS,
    Dataset,
)
from pos_engine.lake.tables import table_of
from pos_engine.lake.writer import Part, of_table
from pos_engine.store.attempts import Happened

PURPOSE = "lake"
UNREADABLE = "LINES_UNREADABLE"
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_BANDS = ((30, "0-29"), (45, "30-44"), (60, "45-59"), (75, "60-74"))
Place = tuple[str, str]  # day and province
Rows = dict[Place, list[tuple[Any, ...]]]


class _Line(msgspec.Struct):
    """A line of a purchase as its answer holds it."""

    sku: str | None = None
    name: str | None = None
    gtin: str | None = None
    quantity_milli: int | None = None
    unit: str | None = None
    unit_price: int | None = None
    line_total: int | None = None
    verdict: str | None = None
    flags: list[str] = []
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
_NOTHING = (None,) * 12


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

    def purchases(self, rows: Iterable[Any], answers: Mapping[str, str]) -> Iterator[Part]:
        """One row a line; a purchase without lines has one all the same."""
        made: Rows = defaultdict(list)
        for row in rows:
            made[row.day.isoformat(), row.region[:2]] += self._purchase(row, answers)
        return _parts(PURCHASES, made, -2)

    def _purchase(self, row: Any, answers: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
        lines, flags = _read_lines(row.lines), _FLAGS.decode(row.flags)
        if lines is None:
            lines, flags = [], [*flags, UNREADABLE]
        decided = micros(row.decided_at)
        head = (
            row.region,
            row.region[:5],
            row.shop_id,
            row.till_id,
            row.staff_id,
            self._family(row.kpm_id),
            self._family(row.person_id),
            row.family_region[:8] if row.family_region else None,
            row.status,
            row.reason,
            row.method,
            row.amount,
            _balance_before(answers.get(row.purchase_id)),
        )
        tail = (
            " ".join(flags),
            row.policy,
            row.price_book,
            row.number,
            micros(row.occurred_at),
            decided,
            self._local(row.region, decided),
        )
        name, count = row.purchase_id, len(lines)
        if not lines:
            yield (name, NO_LINE, 0, *head, *_NOTHING, *tail)
        for place, line in enumerate(lines):
            yield (name, place, count, *head, *_columns(line), *tail)

    def returns(self, rows: Iterable[Any]) -> Iterator[Part]:
        """One row a returned line, beside the purchase's day."""
        made: Rows = defaultdict(list)
        for row in rows:
            at = micros(row.made_at)
            head = (row.kind, row.region, row.region[:5], row.shop_id, self._family(row.kpm_id))
            tail = (row.amount, row.unusable, row.made_by, row.approved_by)
            times = (at, self._local(row.region, at))
            back = _BACK.decode(row.lines) or [_Returned(NO_LINE, 0, row.amount)]
            made[row.purchase_day.isoformat(), row.region[:2]] += [
                (row.reversal_id, row.reverses_id, each.place, *head, each.quantity_milli,
                 each.amount, *tail, *times)
                for each in back
            ]  # fmt: skip
        return _parts(RETURNS, made, -2)

    def movements(self, rows: Iterable[Any]) -> Iterator[Part]:
        """One row a leg on a family's tranche."""
        made: Rows = defaultdict(list)
        for row in rows:
            at = micros(row.posted_at)
            day = _day(self._local(row.region, at))
            made[day.isoformat(), row.region[:2]].append(
                (row.txn_id, row.leg, row.shard, row.region, row.region[:5],
                 self._family(row.kpm_id), row.kind, row.amount, row.programme, row.period,
                 row.run_id, row.custodian, row.expires_on, at)
            )  # fmt: skip
        return _parts(MOVEMENTS, made, -1)

    def attempts(
        self, rows: Iterable[Any], regions: Mapping[str, str], born: Mapping[str, date]
    ) -> Iterator[Part]:
        """One row an attempt, where its shop lies."""
        made: Rows = defaultdict(list)
        for row in rows:
            region, at = regions[row.shop_id], micros(row.at)
            local = self._local(region, at)
            day = _day(local)
            happened = Happened(row.method, row.outcome, row.reason, None, None)
            made[day.isoformat(), region[:2]].append(
                (row.attempt_id, region, region[:5], row.shop_id, row.till_id, row.staff_id,
                 self._family(row.kpm_id), age_band(born.get(row.kpm_id), day), row.method,
                 row.outcome, row.reason, happened.failed, row.scope, row.gallery_size, row.score,
                 row.margin, row.fpir_estimate, row.model_id, row.quote_id, at, local)
            )  # fmt: skip
        return _parts(ATTEMPTS, made, -2)


def _parts(dataset: Dataset, made: Rows, moment: int) -> Iterator[Part]:
    """A file for each day and province; `moment` is the column that says when."""
    for (day, province), rows in sorted(made.items()):
        newest = max(row[moment] for row in rows)
        yield Part(dataset, day, province, newest, of_table(table_of(dataset, rows)))


def _read_lines(text: str) -> list[_Line] | None:
    """The lines; None when somebody spoilt them: the audit chain names the row."""
    try:
        return _LINES.decode(text)
    except msgspec.DecodeError:
        return None


def _columns(line: _Line) -> tuple[Any, ...]:
    return (
        line.sku,
        line.name,
        line.gtin,
        line.quantity_milli,
        line.unit,
        line.unit_price,
        line.line_total,
        line.verdict,
        " ".join(line.flags),
        line.ceiling,
        line.ceiling_kind,
        line.regulation,
    )


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
