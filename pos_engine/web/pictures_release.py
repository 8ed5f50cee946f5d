"""Pictures of a release calendar: days as a heat row, the queue of one shop as two curves."""

from collections.abc import Sequence
from html import escape

from pos_engine.web.office_cells import number

WIDTH = 760
CELL, GAP, ROW = 66, 6, 84
PER_ROW = 10
DAYS_SHOWN_MAX = 40
BLUES = ("#eef4ff", "#cfe0fd", "#9dc0fa", "#5b93f0", "#1f6feb", "#0b3d91")
DARK_FROM = 4  # white letters from this shade on
CURVE_HEIGHT, LEFT, TOP, BOTTOM = 260, 60, 20, 40


def calendar_heat(days: Sequence[tuple[str, int]], reading: str) -> str:
    """One square a day (label, families), darker with more families; the figure stands in it."""
    shown = days[:DAYS_SHOWN_MAX]
    most = max((families for _, families in shown), default=0)
    if not most:
        return ""
    height = -(-len(shown) // PER_ROW) * ROW
    cells = "".join(_cell(place, label, families, most) for place, (label, families) in
                    enumerate(shown))  # fmt: skip
    return (
        f'<svg class="broad" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="rt rd">'
        '<title id="rt">Kalender salur</title>'
        f'<desc id="rd">{escape(reading)}</desc>{cells}</svg>'
    )


def _cell(place: int, label: str, families: int, most: int) -> str:
    left, top = place % PER_ROW * (CELL + GAP), place // PER_ROW * ROW
    shade = 0 if not families else max(1, round(families / most * (len(BLUES) - 1)))
    ink = "#fff" if shade >= DARK_FROM else "#111"
    return (
        f'<rect x="{left}" y="{top}" width="{CELL}" height="{CELL}" rx="6" fill="{BLUES[shade]}" '
        'stroke="#767676"/>'
        f'<text x="{left + CELL / 2:.0f}" y="{top + 26}" text-anchor="middle" font-size="15" '
        f'class="{"on-dark" if ink == "#fff" else "on-light"}">{escape(label)}</text>'
        f'<text x="{left + CELL / 2:.0f}" y="{top + 50}" text-anchor="middle" font-size="15" '
        f'font-weight="700" class="{"on-dark" if ink == "#fff" else "on-light"}">'
        f"{number(families)}</text>"
    )


def queue_curves(
    planned: Sequence[float], one_day: Sequence[float], hours: int, reading: str
) -> str:
    """Families that wait before a shop after each open hour: by the plan, and all on one day."""
    count = max(len(planned), len(one_day))
    most = max([*planned, *one_day], default=0.0)
    if count == 0 or most < 1:
        return ""
    curves = [(one_day, "#d9730d", "6 4"), (planned, "#1f6feb", "")]
    paths = "".join(_path(values, count, most, colour, dash) for values, colour, dash in curves)
    days = "".join(_day_mark(day, hours, count) for day in range(count // hours))
    return (
        f'<svg class="broad" viewBox="0 0 {WIDTH} {CURVE_HEIGHT}" role="img" '
        'aria-labelledby="qt qd"><title id="qt">Antrean satu warung</title>'
        f'<desc id="qd">{escape(reading)}</desc>'
        f'<path d="M{LEFT} {TOP}V{CURVE_HEIGHT - BOTTOM}H{WIDTH}" stroke="#111" fill="none"/>'
        f'<text x="{LEFT - 8}" y="{TOP + 6}" text-anchor="end" font-size="15">{number(round(most))}'
        f'</text><text x="{LEFT - 8}" y="{CURVE_HEIGHT - BOTTOM}" text-anchor="end" '
        f'font-size="15">0</text>{days}{paths}'
        f'<text x="{WIDTH}" y="{TOP + 4}" text-anchor="end" font-size="15">garis penuh: bertahap; '
        "putus-putus: satu hari</text></svg>"
    )


def _path(values: Sequence[float], count: int, most: float, colour: str, dash: str) -> str:
    points = " ".join(
        f"{_x(place + 1, count):.0f},{_y(value, most):.0f}" for place, value in enumerate(values)
    )
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    start = f"{_x(0, count):.0f},{_y(0, most):.0f}"
    return (
        f'<polyline points="{start} {points}" fill="none" stroke="{colour}" stroke-width="3"'
        f"{dashed}/>"
    )


def _day_mark(day: int, hours: int, count: int) -> str:
    middle, edge = _x(day * hours + hours / 2, count), _x(day * hours, count)
    return (
        f'<path d="M{edge:.0f} {TOP}V{CURVE_HEIGHT - BOTTOM}" stroke="#c8ccd2"/>'
        f'<text x="{middle:.0f}" y="{CURVE_HEIGHT - 14}" text-anchor="middle" font-size="15">'
        f"{day + 1}</text>"
    )


def _x(place: float, count: int) -> float:
    return LEFT + (WIDTH - LEFT) * place / count


def _y(value: float, most: float) -> float:
    return CURVE_HEIGHT - BOTTOM - (CURVE_HEIGHT - BOTTOM - TOP) * value / most
