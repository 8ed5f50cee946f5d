"""A strip of dots: each case by how far it stands from its neighbours, rule by rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from pos_engine.web.pictures_bars import GREY, ORANGE, head

WIDTH, ROW_HEIGHT, LABEL_DROP, STRIP_DROP = 480, 50, 17, 34
ROWS_MAX, DOTS_MAX = 20, 400  # of a picture
SMALL, LARGE, LIFT = 6, 7, 4
LEFT, RIGHT = 10, 470


@dataclass(frozen=True, slots=True)
class Dot:
    """One case: whose it is, how strange, and does it still wait."""

    name: str
    score: float
    waits: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """The cases of one rule."""

    label: str
    dots: Sequence[Dot]


def strips(key: str, title: str, reading: str, rows: Sequence[Strip]) -> str:
    """One line a rule, the strangest to the right; filled dots wait, empty ones are closed."""
    shown = [each for each in rows if each.dots][:ROWS_MAX]
    if not shown:
        return ""
    most = max(dot.score for row in shown for dot in row.dots) or 1.0
    room = DOTS_MAX // len(shown)
    drawn = "".join(_strip(row, at, most, room) for at, row in enumerate(shown))
    size = (WIDTH, ROW_HEIGHT * len(shown) + 4)
    return f"{head(key, title, reading, 'narrow', size)}{drawn}</svg>"


def _strip(row: Strip, at: int, most: float, room: int) -> str:
    top = at * ROW_HEIGHT
    line = top + STRIP_DROP
    dots = "".join(
        _dot(dot, LEFT + (RIGHT - LEFT) * dot.score / most, line + (LIFT if place % 2 else -LIFT))
        for place, dot in enumerate(row.dots[:room])
    )
    return (
        f'<text x="0" y="{top + LABEL_DROP}" font-size="18">{escape(row.label)}</text>'
        f'<text x="{WIDTH}" y="{top + LABEL_DROP}" font-size="18" font-weight="600" '
        f'text-anchor="end">{len(row.dots)}</text>'
        f'<path d="M0 {line}H{WIDTH}" stroke="#c8ccd2"/>{dots}'
    )


def _dot(dot: Dot, x: float, y: float) -> str:
    look = (
        f'r="{LARGE}" fill="{ORANGE}"'
        if dot.waits
        else f'r="{SMALL}" fill="#fff" stroke="{GREY}" stroke-width="2"'
    )
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" {look}><title>{escape(dot.name)}</title></circle>'
