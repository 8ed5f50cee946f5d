"""Rows behind the officers' pictures: from the lake when it is there, else from the database."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pos_engine.engine import Engine
from pos_engine.lake.folder import LakeError
from pos_engine.services.lake_reports import Question, lines_to_read, tried_again
from pos_engine.services.report import Report, make_report
from pos_engine.web.office import Span

SLOW_S = 1.0  # an answer that took longer is kept
KEPT_S = 300.0  # so long: whoever looks meanwhile sees figures of that age
RAW_LINES_MAX = 3_000_000  # read without being asked: about a second
KEPT_MAX = 64
NO_LAKE = (
    "Angka ini dihitung dari danau kejadian (event lake), yang belum ada atau sedang tidak terbaca."
    " Pekerja latar menulisnya sendiri; halaman lain tetap dari basis data."
)


Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Answer]):
    answer: Answer
    until: float


class _Slow:
    """Answers that took long, the oldest out first: at most KEPT_MAX, at most KEPT_S old."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], _Kept[object]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: tuple[object, ...]) -> _Kept[object] | None:
        with self._lock:
            kept = self._kept.get(key)
        return kept if kept and kept.until > time.monotonic() else None

    def keep(self, key: tuple[object, ...], answer: object) -> None:
        with self._lock:
            self._kept[key] = _Kept(answer, time.monotonic() + KEPT_S)
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)


_SLOW = _Slow()


def report_of(engine: Engine, name: str, span: Span, *, wait: bool = True) -> Report | None:
    """A report of the page's days and place.

    None: only the lake answers it and there is none; or it would take long and `wait` is not said.
    """
    return looked_up(engine, name, span, lambda: _made(engine, name, span), wait=wait)


def _made(engine: Engine, name: str, span: Span) -> Report:
    return make_report(engine, name, span.first, span.last, span.scope)


def looked_up(
    engine: Engine, name: str, span: Span, make: Callable[[], Answer], *, wait: bool = True
) -> Answer | None:
    """What `make` finds, or found lately when it took long; None as in `report_of`."""
    key = (str(engine.lake), id(engine), name, span.first, span.last, span.scope)
    kept = _SLOW.find(key)
    if kept is not None:
        return kept.answer  # type: ignore[return-value]  # its name stands in the key
    if not wait and raw_lines(engine, span) > RAW_LINES_MAX:
        return None
    began = time.monotonic()
    try:
        made = tried_again(make)
    except LakeError:
        return None
    if time.monotonic() - began > SLOW_S:
        _SLOW.keep(key, made)
    return made


def raw_lines(engine: Engine, span: Span) -> int:
    """How many rows a question about families has to read; 0 without a lake that answers."""
    question = Question("purchases", span.first, span.last, span.scope.region, span.scope.shop_id)
    try:
        return lines_to_read(engine, question)
    except LakeError:
        return 0
