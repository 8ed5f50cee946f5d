"""Detection error trade-off as SVG: what a threshold costs honest people, at one look."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10
from typing import Final

from biometrics.pairs import Scores

Point = tuple[float, float]

WIDTH: Final = 800
HEIGHT: Final = 460
LEFT: Final = 80
RIGHT: Final = 230
TOP: Final = 40
BOTTOM: Final = 60
FMR_RANGE: Final = (-7.0, 0.0)  # powers of ten
FNMR_RANGE: Final = (-4.0, 0.0)
INK: Final = ("#00429d", "#b3331d", "#2e7d32", "#6a3d9a")  # told apart also by their labels
STEPS_PER_DECADE: Final = 4


def det_points(scores: Scores) -> list[Point]:
    """(FMR, FNMR) as far as both were counted: no point rests on less than one error."""
    points = []
    for step in range(int(-FMR_RANGE[0]) * STEPS_PER_DECADE + 1):
        fmr = 10 ** (-step / STEPS_PER_DECADE)
        if fmr * scores.impostors < 1:
            break
        missed = int((scores.genuine < scores.score_at(fmr)).sum())
        if missed:
            points.append((fmr, missed / scores.genuine.size))
    return points


def det_svg(curves: Mapping[str, Scores]) -> str:
    """One curve per name, both axes logarithmic, each curve labelled at its end."""
    drawn = {name: det_points(scores) for name, scores in curves.items()}
    reading = _reading(curves)
    body = [*_grid(), *_labelled(drawn)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
            'font-family="sans-serif" font-size="13" role="img">',
            "<title>False non-matches against false matches</title>",
            f"<desc>{escape(reading)}</desc>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            f'<text x="{LEFT}" y="24" font-weight="bold">{escape(reading)}</text>',
            *body,
            "</svg>\n",
        ]
    )


def _reading(curves: Mapping[str, Scores]) -> str:
    """The one sentence that the picture says, about its last curve."""
    for name, scores in reversed(list(curves.items())):
        if scores.genuine.size and scores.impostors:
            fmr = max(1e-4, 1 / scores.impostors)
            missed = int((scores.genuine < scores.score_at(fmr)).sum())
            return (
                f"{name}: where 1 stranger in {1 / fmr:,.0f} matches, "
                f"{missed} of {scores.genuine.size:,} right comparisons are missed."
            )
    return "There was nothing to compare."


def _grid() -> list[str]:
    lines = []
    for power in range(int(FMR_RANGE[0]), 1):
        x, _ = _place((10.0**power, 1.0))
        lines.append(_line(x, TOP, x, HEIGHT - BOTTOM))
        lines.append(_text(x, HEIGHT - BOTTOM + 18, _power(power), "middle"))
    for power in range(int(FNMR_RANGE[0]), 1):
        _, y = _place((1.0, 10.0**power))
        lines.append(_line(LEFT, y, WIDTH - RIGHT, y))
        lines.append(_text(LEFT - 8, y + 4, _power(power), "end"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    lines.append(_text(middle, HEIGHT - 14, "FMR: strangers who match", "middle"))
    lines.append(
        f'<text transform="translate(18 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">'
        "FNMR: right persons missed</text>"
    )
    return lines


def _labelled(drawn: Mapping[str, Sequence[Point]]) -> list[str]:
    lines: list[str] = []
    taken: list[float] = []
    for index, (name, points) in enumerate(drawn.items()):
        ink = INK[index % len(INK)]
        dots = " ".join("{:.1f},{:.1f}".format(*_place(point)) for point in points)
        lines.append(f'<polyline points="{dots}" fill="none" stroke="{ink}" stroke-width="2"/>')
        label = name if points else f"{name}: none missed"
        y = _place(points[0])[1] if points else HEIGHT - BOTTOM - 6.0
        while any(abs(y - other) < 16 for other in taken):  # noqa: PLR2004 - a line of text
            y -= 16
        taken.append(y)
        lines.append(_text(WIDTH - RIGHT + 6, y + 4, label, "start", ink))
    return lines


def _place(point: Point) -> Point:
    fmr, fnmr = (log10(value) for value in point)
    x = (fmr - FMR_RANGE[0]) / (FMR_RANGE[1] - FMR_RANGE[0])
    y = (fnmr - FNMR_RANGE[0]) / (FNMR_RANGE[1] - FNMR_RANGE[0])
    return LEFT + x * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y * (HEIGHT - TOP - BOTTOM)


def _line(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, words: str, anchor: str, ink: str = "#222") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}">{escape(words)}</text>'
    )


def _power(power: int) -> str:
    return f"{10.0 ** (power + 2):g} %"
