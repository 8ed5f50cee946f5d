"""Bars of shares with the lines of others across them: are we better or worse than those."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from pos_engine.rules.exclusion import Reference
from pos_engine.web.office_cells import percent
from pos_engine.web.pictures_bars import (
    BAR_DROP,
    BAR_HEIGHT,
    BARS_MAX,
    BLUE,
    LABEL_DROP,
    ROW_HEIGHT,
    WIDTH,
    head,
    short,
)

LEGEND_HEIGHT = 26
HEADROOM = 1.1
LEAST_SCALE = 0.05  # 5 %: small shares do not look like mountains


@dataclass(frozen=True, slots=True)
class Share:
    """One bar: a share between 0 and 1, the figure beside it, and does it stand out."""

    label: str
    share: float
    figure: str
    stands_out: bool = False


def shares(
    key: str, title: str, reading: str, rows: Sequence[Share], lines: Sequence[Reference] = ()
) -> str:
    """At most BARS_MAX bars on one scale, with a line or a band for each reference."""
    drawn = rows[:BARS_MAX]
    if not drawn:
        return ""
    most = max([LEAST_SCALE, *(each.share for each in drawn), *(each.high for each in lines)])
    scale = WIDTH / (most * HEADROOM)
    bottom = ROW_HEIGHT * len(drawn)
    marks = "".join(_line(each, place, scale, bottom) for place, each in enumerate(lines))
    bars = "".join(_bar(key, each, place, scale) for place, each in enumerate(drawn))
    size = (WIDTH, bottom + LEGEND_HEIGHT * len(lines) + 8)
    return f"{head(key, title, reading, 'narrow', size)}{bars}{marks}</svg>"


def _bar(key: str, row: Share, place: int, scale: float) -> str:
    top = place * ROW_HEIGHT
    length = max(row.share * scale, 2 if row.share else 0)
    fill = f"url(#{key}-h)" if row.stands_out else BLUE
    return (
        f'<text x="0" y="{top + LABEL_DROP}" font-size="18">{escape(short(row.label))}</text>'
        f'<text x="{WIDTH}" y="{top + LABEL_DROP}" font-size="18" font-weight="600" '
        f'text-anchor="end">{escape(row.figure)}</text>'
        f'<path d="M0 {top + BAR_DROP + BAR_HEIGHT}H{WIDTH}" stroke="#c8ccd2"/>'
        f'<rect x="0" y="{top + BAR_DROP}" width="{length:.1f}" height="{BAR_HEIGHT}" '
        f'fill="{fill}"/>'
    )


def _line(line: Reference, place: int, scale: float, bottom: int) -> str:
    """A line from top to bottom (a band as two), named by its letter and told below."""
    letter = "ABCDEFGH"[place]
    ends = sorted({line.low, line.high})
    strokes = "".join(
        f'<path d="M{end * scale:.1f} {BAR_DROP - 4}V{bottom}" stroke="#111" stroke-width="2" '
        f'stroke-dasharray="{4 + 3 * place} 4"/>'
        for end in ends
    )
    told = " sampai ".join(percent(end) for end in ends)
    y = bottom + LEGEND_HEIGHT * (place + 1) - 4
    return (
        f'{strokes}<text x="{ends[-1] * scale + 4:.1f}" y="{bottom}" font-size="16">{letter}</text>'
        f'<text x="0" y="{y}" font-size="16">{letter}: {told}, {escape(line.name)}</text>'
    )
