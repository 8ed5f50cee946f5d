"""A good's paid prices day by day: the ribbon p10 to p90, the median, the ceiling's step line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from pos_engine.rules.money import written
from pos_engine.web.office_cells import MONTHS
from pos_engine.web.pictures_bars import BLUE, head

WIDTH, HEIGHT = 640, 330
LEFT, RIGHT, TOP, BOTTOM = 92, 14, 16, 44
HEADROOM = 0.15  # of the prices' range, above and below
LINES, STEP = 4, 100  # lines of the grid stand on whole hundreds of rupiah
LABEL_ROOM = 84
LABELS_MAX = 6
CEILING = "#b3261e"


@dataclass(frozen=True, slots=True)
class PriceDay:
    """A day's paid prices of one good and unit, rupiah; ceilings differ between places."""

    day: date
    p10: int
    p50: int
    p90: int
    ceiling_low: int | None
    ceiling_high: int | None

    @property
    def numbers(self) -> list[int]:
        """Everything that must fit into the picture."""
        ceilings = [each for each in (self.ceiling_low, self.ceiling_high) if each]
        return [self.p10, self.p90, *ceilings]


class _Scale:
    """Days and rupiah into the picture's units."""

    def __init__(self, days: Sequence[PriceDay]) -> None:
        numbers = [number for each in days for number in each.numbers]
        self.low, self.high = min(numbers), max(numbers)
        room = max((self.high - self.low) * HEADROOM, self.high * 0.02, 1)
        self.low = max(int(self.low - room), 0) // STEP * STEP
        lines = -(-int(self.high + room - self.low) // (LINES * STEP))
        self.high = self.low + max(lines, 1) * LINES * STEP
        self.first, self.days = days[0].day, max((days[-1].day - days[0].day).days, 1)

    def x(self, day: date) -> float:
        return LEFT + (day - self.first).days / self.days * (WIDTH - LEFT - RIGHT)

    def y(self, price: int) -> float:
        share = (price - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def ribbon(key: str, title: str, reading: str, days: Sequence[PriceDay]) -> str:
    """The picture of days in order; nothing for no days."""
    if not days:
        return ""
    scale = _Scale(days)
    upper = [(scale.x(each.day), scale.y(each.p90)) for each in days]
    lower = [(scale.x(each.day), scale.y(each.p10)) for each in days]
    middle = [(scale.x(each.day), scale.y(each.p50)) for each in days]
    band = _path([*upper, *reversed(lower)]) + "Z"
    return (
        f"{head(key, title, reading, 'chart', (WIDTH, HEIGHT))}{_grid(scale)}"
        f'<path d="{band}" fill="#a9c7fa" stroke="#5c97f2"/>'
        f'<path d="{_path(middle)}" fill="none" stroke="{BLUE}" stroke-width="3"/>'
        f"{_dots(middle)}{_ceilings(scale, days)}{_dates(scale, days)}</svg>"
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _dots(points: Sequence[tuple[float, float]]) -> str:
    """Few days are dots: one day alone would have no line."""
    if len(points) > 2 * LABELS_MAX:
        return ""
    return "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{BLUE}"/>' for x, y in points)


def _ceilings(scale: _Scale, days: Sequence[PriceDay]) -> str:
    """A step line: a ceiling holds until the next; two where the places' ceilings differ."""
    low = _steps(scale, [(each.day, each.ceiling_low) for each in days])
    high = _steps(scale, [(each.day, each.ceiling_high) for each in days])
    drawn = {low, high} - {""}
    return "".join(
        f'<path d="{each}" fill="none" stroke="{CEILING}" stroke-width="3" '
        'stroke-dasharray="10 4"/>'
        for each in sorted(drawn)
    )


def _steps(scale: _Scale, days: Sequence[tuple[date, int | None]]) -> str:
    known = [(day, ceiling) for day, ceiling in days if ceiling]
    if not known:
        return ""
    path = f"M{scale.x(known[0][0]):.1f} {scale.y(known[0][1]):.1f}"
    for day, ceiling in known[1:]:
        path += f"H{scale.x(day):.1f}V{scale.y(ceiling):.1f}"
    return f"{path}H{WIDTH - RIGHT}"


def _grid(scale: _Scale) -> str:
    drawn = ""
    for place in range(LINES + 1):
        price = scale.low + (scale.high - scale.low) * place // LINES
        y = scale.y(price)
        drawn += (
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#dfe3e8"/>'
            f'<text x="{LEFT - 8}" y="{y + 6:.1f}" font-size="17" text-anchor="end">'
            f"{escape(written(price))}</text>"
        )
    return drawn


def _dates(scale: _Scale, days: Sequence[PriceDay]) -> str:
    step = max(-(-len(days) // LABELS_MAX), 1)
    drawn, free_from = "", 0.0
    for each in days[::step]:
        x = min(max(scale.x(each.day), LEFT + 24), WIDTH - RIGHT - 24)
        if x < free_from:
            continue
        free_from = x + LABEL_ROOM
        drawn += (
            f'<text x="{x:.1f}" y="{HEIGHT - 14}" font-size="17" text-anchor="middle">'
            f"{each.day.day} {MONTHS[each.day.month - 1]}</text>"
        )
    return drawn
