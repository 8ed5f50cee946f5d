"""What everybody may see of a month: no person, no shop, no small count, not by subtraction either.

Figures of an ended month are exact; those of a running one are rounded, so that the page of two
days does not tell what one family did between them.
"""

import threading
import time
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from pos_engine.engine import Engine
from pos_engine.lake import public
from pos_engine.lake.folder import LakeError
from pos_engine.lake.questions import Row
from pos_engine.lake.state import State, folded
from pos_engine.lake.views import Span, opened
from pos_engine.rules.suppression import Hidden, hidden_rows, is_small, rounded

FIGURES_LIFE_S = 900.0  # of a page's figures in this process
MONTHS_SHOWN_MAX = 24
MONTHS_KEPT = 4
RUPIAH_ROUNDED_TO = 100_000
COUNTED = ("families", "purchases")
EAST_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """A month as everybody may see it; a hidden figure is None. `running`: counts are rounded."""

    month: str
    running: bool
    provinces: tuple[Row, ...]
    total: Row
    prices: tuple[Row, ...]
    proofs: tuple[Row, ...]
    unfed: Row
    months: tuple[str, ...]


class _Kept:
    """Figures of this process, each a quarter of an hour: a crowd asks the lake once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], tuple[float, Figures]] = {}

    def find(self, key: tuple[str, str]) -> Figures | None:
        made_at, found = self._found.get(key, (0.0, None))
        return found if found and time.monotonic() - made_at < FIGURES_LIFE_S else None

    def keep(self, key: tuple[str, str], made: Figures) -> None:
        with self._lock:
            self._found[key] = (time.monotonic(), made)
            while len(self._found) > MONTHS_KEPT:
                del self._found[next(iter(self._found))]


_KEPT = _Kept()


def public_figures(engine: Engine, month: str | None = None) -> Figures | None:
    """A month's figures (`2026-11`; the newest unless one is named); None without a lake or month.

    They are at most FIGURES_LIFE_S old.
    """
    if engine.lake is None or not engine.lake.is_dir():
        return None
    key = (str(engine.lake), month or "")
    kept = _KEPT.find(key)
    if kept is not None:
        return kept
    try:
        state = folded(engine.lake)
        made = _made(engine, state, month)
    except (LakeError, duckdb.IOException):
        return None  # written or merged just now: the next look finds it
    if made is not None:
        _KEPT.keep(key, made)
    return made


def _made(engine: Engine, state: State, month: str | None) -> Figures | None:
    months = sorted({each.day[:7] for each in state.of("purchases")}, reverse=True)
    chosen = month or (months[0] if months else "")
    if chosen not in months or engine.lake is None:
        return None
    first = date.fromisoformat(f"{chosen}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    running = last >= (engine.now() - EAST_AHEAD).date()
    with opened(engine.lake, Span(first, last), state) as snapshot:
        provinces, total = _provinces(list(public.by_province(snapshot)), running=running)
        return Figures(
            month=chosen,
            running=running,
            provinces=provinces,
            total=total,
            prices=tuple(_price(row, running=running) for row in public.by_good(snapshot)),
            proofs=tuple(_proof(row, running=running) for row in public.by_proof(snapshot)),
            unfed=_unfed(public.unfed(snapshot), running=running),
            months=tuple(months[:MONTHS_SHOWN_MAX]),
        )


def _provinces(rows: list[Row], *, running: bool) -> tuple[tuple[Row, ...], Row]:
    hidden = hidden_rows([[row[name] for name in COUNTED] for row in rows])
    shown = tuple(
        _blank(row, ("province",)) if place in hidden.rows else _told(row, running=running)
        for place, row in enumerate(rows)
    )
    return shown, _total(rows, hidden, running=running)


def _total(rows: list[Row], hidden: Hidden, *, running: bool) -> Row:
    sums = {name: sum(row[name] for row in rows) for name in (*COUNTED, "rupiah")}
    if hidden.totals or any(is_small(sums[name]) for name in COUNTED):
        return _blank(sums, ())
    return _told(sums, running=running)


def _blank(row: Row, kept: tuple[str, ...]) -> Row:
    return {name: value if name in kept else None for name, value in row.items()}


def _told(row: Row, *, running: bool) -> Row:
    if not running:
        return row
    money = {"rupiah": row["rupiah"] // RUPIAH_ROUNDED_TO * RUPIAH_ROUNDED_TO}
    return row | {name: rounded(row[name]) for name in COUNTED} | money


def _price(row: Row, *, running: bool) -> Row:
    """A good that was hardly bought names no price: it might be one family's."""
    if is_small(row["lines"]):
        return _blank(row, ("commodity", "name", "unit", "ceiling_low", "ceiling_high",
                            "ceiling_kind"))  # fmt: skip
    return row | ({"lines": rounded(row["lines"])} if running else {})


def _proof(row: Row, *, running: bool) -> Row:
    """Attempts by way have no total, so that nothing can be taken off it."""
    counts = (row["attempts"], row["failed"], row["attempts"] - row["failed"])
    if any(map(is_small, counts)):
        return _blank(row, ("method",))
    return row | ({name: rounded(row[name]) for name in ("attempts", "failed")} if running else {})


def _unfed(row: Row, *, running: bool) -> Row:
    counts = (row["families"], row["never_bought"], row["families"] - row["never_bought"])
    if any(map(is_small, counts)):
        return _blank(row, ())
    return {name: rounded(value) for name, value in row.items()} if running else row
