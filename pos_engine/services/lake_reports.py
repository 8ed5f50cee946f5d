"""Reports that answer from the event lake, as of now or as they were known at a moment."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from pos_engine.engine import Engine
from pos_engine.lake import left_out
from pos_engine.lake.datasets import PURCHASES
from pos_engine.lake.figures import FIGURES
from pos_engine.lake.folder import LOOKED, LakeError
from pos_engine.lake.questions import QUESTIONS, Row, Where, changes
from pos_engine.lake.state import State, folded
from pos_engine.lake.views import READ_AGAIN_MAX, Snapshot, Span, months_tell, opened
from pos_engine.services.lake_write import unread
from pos_engine.store import lake_facts

FRESH_S = 60.0  # since the consumer's last look: the lake is seconds behind
UNREADABLE = (duckdb.IOException, duckdb.InvalidInputException)  # merged meanwhile, or half a file
PAGE_ROWS = 2_000
LOOKS_MAX = 6  # at files that are merged meanwhile
CHANGES_MAX = 1_000  # named after a report as of a moment
ANSWERS_KEPT = 64
KEPT_S = 60.0  # so old an answer over very many lines may be
ROWS_KEPT_MAX = 250_000  # of all kept answers together
PROVINCE_LENGTH = 2
Found = TypeVar("Found")
ASKED = QUESTIONS | FIGURES | left_out.LEFT_OUT
COLUMNS = {
    "exclusion": (
        "section", "regency", "method", "reason", "age_band", "attempts", "failed", "families",
        "never_bought",
    ),
    "service": (
        "day", "regency", "method", "purchases", "approved", "business_declines",
        "technical_declines", "answers", "turned_away", "p50_ms", "p95_ms", "p99_ms",
    ),
    "prices-provinces": (
        "commodity", "name", "unit", "province", "purchases", "p10", "p50", "p90", "ceiling",
        "ceiling_kind", "above_ceiling",
    ),
    "baskets": ("goods", "purchases", "amount", "whole_balance"),
    "reach": (
        "place", "families", "bought", "turned_away", "silent", "credited", "spent", "days_0_1",
        "days_2_3", "days_4_7", "days_8_14", "days_15_30", "days_later",
    ),
    **dict.fromkeys(left_out.NAMES, left_out.LEFT_OUT_COLUMNS),
    "outages": left_out.OUTAGE_COLUMNS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A whole answer, how far the lake knew, and what changed after its moment."""

    rows: list[Row]
    known_until: datetime | None
    changes: list[Row]


class NeedsLakeError(LakeError):
    """This question is answered by the lake alone, and there is none. The message says the cure."""


@dataclass(frozen=True, slots=True)
class Question:
    """A report to be: which, of which local days, of which rows, known when (None: now)."""

    name: str
    first: date
    last: date
    region: str | None = None
    shop_id: str | None = None
    as_of: datetime | None = None

    @property
    def span(self) -> Span:
        """The files that it reads."""
        province = (self.region or "")[:PROVINCE_LENGTH]
        whole = len(province) == PROVINCE_LENGTH and province.isdigit()
        return Span(self.first, self.last, province if whole else "", self.as_of)

    @property
    def where(self) -> Where:
        """The rows that it sees."""
        return Where(self.region, self.shop_id)


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as they come, and how far the lake knew."""

    rows: Iterator[Row]
    known_until: datetime | None
    state: State


def usable(engine: Engine, question: Question) -> State | None:
    """The lake's state when it may answer: it is up to now, or nobody else knows the answer."""
    if engine.lake is None or not engine.lake.is_dir():
        return None
    alone = question.as_of is not None or question.name in COLUMNS
    try:
        state = folded(engine.lake)
    except LakeError:
        if alone:
            raise
        return None  # the database knows it as well
    if not state.number:
        return None
    good = alone or _looked_lately(engine.lake) or not _behind(engine, state)
    return state if good else None


def tried_again(make: Callable[[], Found]) -> Found:
    """What `make` finds in the lake; looked for again when files were merged meanwhile.

    `LakeError` when LOOKS_MAX looks met that.
    """
    for _look in range(LOOKS_MAX - 1):
        with suppress(duckdb.IOException):
            return make()
    try:
        return make()
    except duckdb.IOException as error:
        raise LakeError(f"The lake cannot be read: {error}") from None


def lines_to_read(engine: Engine, question: Question) -> int:
    """How many raw rows of purchases a question over families would read.

    0 without a lake, and when counts of a month's families tell of these days.
    """
    state = usable(engine, question)
    span = question.span
    if state and question.where.of_places and months_tell(state, span):
        return 0
    first, last = span.first.isoformat(), span.last.isoformat()
    files = state.of("purchases", province=span.province) if state else []
    return sum(each.rows for each in files if first <= each.day <= last)


def _looked_lately(lake: Path) -> bool:
    try:
        age_s = time.time() - (lake / LOOKED).stat().st_mtime
    except OSError:
        return False
    return 0 <= age_s <= FRESH_S


def _behind(engine: Engine, state: State) -> bool:
    for number, view in enumerate(engine.each_database()):
        with view.database.read() as tx:
            if unread(tx, number, state):
                return True
    return False


@contextmanager
def answer(engine: Engine, question: Question) -> Iterator[Answer | None]:
    """What the lake says; None when it is not there or behind. `NeedsLakeError` when it must be."""
    state = usable(engine, question)
    if state is None or engine.lake is None:
        if question.as_of is not None or question.name in COLUMNS:
            raise NeedsLakeError(
                "This report needs the event lake: the worker writes it, or `ewarong lake write`."
            )
        yield None
        return
    with opened(engine.lake, question.span, state) as snapshot:
        rows = ASKED[question.name](snapshot, question.where)
        yield Answer(_with_shops(engine, rows), _known_until(snapshot, state), state)


def _known_until(snapshot: Snapshot, state: State) -> datetime | None:
    """How far an answer knows: to the newest manifest, or to a count that was taken for it."""
    if snapshot.counted_us is None:
        return state.written_at
    return datetime.fromtimestamp(snapshot.counted_us / 1_000_000, UTC)


def _changes(engine: Engine, question: Question, state: State) -> list[Row]:
    """What of these days became known after the moment of the report."""
    if question.as_of is None or engine.lake is None:
        return []
    span = question.span
    now = Span(span.first, span.last, span.province)
    with opened(engine.lake, now, state) as snapshot:
        since = span.as_of_us or 0
        return list(changes(snapshot, question.where, since, CHANGES_MAX))


def _with_shops(engine: Engine, rows: Iterator[Row]) -> Iterator[Row]:
    """Names of shops stand in the database, not in the lake."""
    names: dict[str, str] = {}
    for page in _pages(rows):
        unknown = {row["shop_id"] for row in page if "shop_id" in row} - names.keys()
        if unknown:
            with (engine.reference or engine.database).read() as tx:
                names |= {key: name for key, (name, _) in lake_facts.places(tx, unknown).items()}
        for row in page:
            yield row | {"shop": names.get(row["shop_id"], "")} if "shop_id" in row else row


def _pages(rows: Iterator[Row]) -> Iterator[list[Row]]:
    page: list[Row] = []
    for row in rows:
        page.append(row)
        if len(page) == PAGE_ROWS:
            yield page
            page = []
    if page:
        yield page


@dataclass(frozen=True, slots=True)
class _Reads:
    """Which files a question reads, as a hash, and whether they are very many lines."""

    files: str
    many: bool


class _Kept:
    """Answers of this process with what they were made from, the oldest out first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[Any, ...], tuple[str, float, Listed]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: tuple[Any, ...], reads: _Reads) -> Listed | None:
        """The answer of these files; of very many lines one that is less than a minute old."""
        with self._lock:
            files, at, made = self._answers.get(key, ("", 0.0, None))
        lately = reads.many and time.monotonic() - at < KEPT_S
        return made if files == reads.files or lately else None

    def keep(self, key: tuple[Any, ...], reads: _Reads, made: Listed) -> None:
        with self._lock:
            self._answers[key] = (reads.files, time.monotonic(), made)
            self._answers.move_to_end(key)
            while len(self._answers) > ANSWERS_KEPT or self._rows() > ROWS_KEPT_MAX:
                self._answers.popitem(last=False)

    def _rows(self) -> int:
        return sum(len(made.rows) for _, _, made in self._answers.values())


def _reads(question: Question, state: State) -> _Reads:
    first, last = question.first.isoformat(), question.last.isoformat()
    files = [each for each in state.files.values() if first <= each.day <= last]
    names = "\n".join(sorted(each.path for each in files))
    lines = sum(each.rows for each in files if each.dataset == PURCHASES.name)
    return _Reads(hashlib.sha256(names.encode()).hexdigest(), lines > READ_AGAIN_MAX)


_KEPT = _Kept()


def listed(engine: Engine, question: Question) -> Listed | None:
    """The whole answer as a list; a kept one when the lake is as it was then."""
    state = usable(engine, question)
    key = (str(engine.lake), question)
    reads = _reads(question, state) if state else None
    kept = _KEPT.find(key, reads) if reads else None
    if kept is not None:
        return kept
    for look in range(LOOKS_MAX):
        try:
            with answer(engine, question) as found:
                if found is None:
                    return None
                rows = list(found.rows)
            changed = _changes(engine, question, found.state)
            made = Listed(rows, found.known_until, changed)
        except UNREADABLE as error:
            if look == LOOKS_MAX - 1:
                raise LakeError(f"The lake cannot be read: {error}") from None
            continue  # files were merged meanwhile: the newest manifest names others
        _KEPT.keep(key, _reads(question, found.state), made)
        return made
    raise AssertionError  # pragma: no cover - the loop returns or raises
