"""Columns day by day: one figure a day, bad days hatched, the first and last day named."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from pos_engine.web.pictures_bars import BLUE, head

WIDTH, HEIGHT = 720, 240
TOP, BOTTOM = 34, 200
COLUMNS_MAX = 366
GAP_SHARE = 0.25  # of a column's place stays free


@dataclass(frozen=True, slots=True)
class Column:
    """One day: its name, its figure, and is it a bad sign."""

    label: str
    value: float
    bad: bool = False


def columns(key: str, title: str, reading: str, rows: Sequence[Column], most: str) -> str:
    """The days in order; `most` is the highest figure as people write it."""
    drawn = rows[-COLUMNS_MAX:]
    if not drawn:
        return ""
    top_value = max((each.value for each in drawn), default=0) or 1
    step = WIDTH / len(drawn)
    bars = "".join(_column(key, each, place, step, top_value) for place, each in enumerate(drawn))
    last = (
        f'<text x="{WIDTH}" y="{BOTTOM + 28}" font-size="20" text-anchor="end">'
        f"{escape(drawn[-1].label)}</text>"
        if len(drawn) > 1
        else ""
    )
    return (
        f"{head(key, title, reading, 'broad', (WIDTH, HEIGHT))}"
        f'<text x="0" y="22" font-size="20">paling tinggi {escape(most)}</text>{bars}'
        f'<path d="M0 {BOTTOM}H{WIDTH}" stroke="#111"/>'
        f'<text x="0" y="{BOTTOM + 28}" font-size="20">{escape(drawn[0].label)}</text>{last}</svg>'
    )


def _column(key: str, row: Column, place: int, step: float, most: float) -> str:
    height = (BOTTOM - TOP) * row.value / most
    if not height:
        return ""
    fill = f"url(#{key}-h)" if row.bad else BLUE
    left, width = place * step, step * (1 - GAP_SHARE)
    return (
        f'<rect x="{left:.1f}" y="{BOTTOM - height:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" fill="{fill}"/>'
    )
