"""Bars with their figures written beside them: readable on a phone, in print, without colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 480
ROW_HEIGHT = 58
LABEL_DROP, BAR_DROP, BAR_HEIGHT = 20, 29, 18
BARS_MAX = 20
LABEL_LENGTH_MAX = 28
BLUE, ORANGE, GREY = "#1f6feb", "#d9730d", "#767676"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is, how long, the figure as people write it, and is it a bad sign."""

    label: str
    value: float
    figure: str
    bad: bool = False


def head(key: str, title: str, reading: str, kind: str, size: tuple[int, int]) -> str:
    """The start of a picture that reads itself: title, sentence, and the hatch for bad signs."""
    return (
        f'<svg class="{kind}" viewBox="0 0 {size[0]} {size[1]}" role="img" '
        f'aria-labelledby="{key}-t {key}-d"><title id="{key}-t">{escape(title)}</title>'
        f'<desc id="{key}-d">{escape(reading)}</desc>{hatch(key)}'
    )


def hatch(key: str) -> str:
    """Orange with white stripes: a bad sign that is seen without colours too."""
    return (
        f'<defs><pattern id="{key}-h" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="7" height="7" fill="{ORANGE}"/>'
        '<path d="M0 0V7" stroke="#fff" stroke-width="2"/></pattern></defs>'
    )


def bars(key: str, title: str, reading: str, rows: Sequence[Bar]) -> str:
    """At most BARS_MAX bars, the longest as long as the picture; nothing for no bars."""
    shown = rows[:BARS_MAX]
    if not shown:
        return ""
    most = max((each.value for each in shown), default=0) or 1
    drawn = "".join(_bar(key, each, place, most) for place, each in enumerate(shown))
    size = (WIDTH, ROW_HEIGHT * len(shown) + 2)
    return f"{head(key, title, reading, 'narrow', size)}{drawn}</svg>"


def _bar(key: str, bar: Bar, place: int, most: float) -> str:
    top = place * ROW_HEIGHT
    length = max(bar.value / most * WIDTH, 2 if bar.value else 0)
    fill = f"url(#{key}-h)" if bar.bad else BLUE
    return (
        f'<text x="0" y="{top + LABEL_DROP}" font-size="21">{escape(short(bar.label))}</text>'
        f'<text x="{WIDTH}" y="{top + LABEL_DROP}" font-size="21" font-weight="600" '
        f'text-anchor="end">{escape(bar.figure)}</text>'
        f'<path d="M0 {top + BAR_DROP + BAR_HEIGHT}H{WIDTH}" stroke="#c8ccd2"/>'
        f'<rect x="0" y="{top + BAR_DROP}" width="{length:.1f}" height="{BAR_HEIGHT}" '
        f'fill="{fill}"/>'
    )


def short(label: str) -> str:
    """A label that leaves room for its figure."""
    if len(label) <= LABEL_LENGTH_MAX:
        return label
    return label[: LABEL_LENGTH_MAX - 1].rstrip() + "…"
