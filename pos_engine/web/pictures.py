"""Pictures for people who would rather look than read: inline SVG, made on the server."""

from html import escape
from typing import Any

from catalog.zones import region_name
from pos_engine.rules.money import written
from pos_engine.rules.quantity import unit_name
from pos_engine.web.pictures_bars import short

WIDTH = 480
ROW_HEIGHT = 84
FIRST_LINE, SECOND_LINE, BAR_DROP = 20, 42, 54
BAR_HEIGHT = 16
HEADROOM = 1.15  # the longest bar leaves room for its figure
ROWS_MAX = 20


def prices_against_ceiling(rows: list[dict[str, Any]]) -> str:
    """One bar a commodity: paid p10 to p90 with the median, against the ceiling's line.

    `rows` are rows of the report `prices`. Colour-blind safe: within is blue, above is orange
    and hatched, and the figure is written beside the bar.
    """
    shown = [row for row in rows if row["ceiling"]][:ROWS_MAX]
    if not shown:
        return ""
    height = ROW_HEIGHT * len(shown) + 20
    bars = "".join(_bar(row, place) for place, row in enumerate(shown))
    return (
        f'<svg class="narrow" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="pt pd">'
        '<title id="pt">Harga dibayar dibanding harga tertinggi</title>'
        f'<desc id="pd">{escape(reading(rows))}</desc>'
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#d9730d"/>'
        '<path d="M0 0V6" stroke="#fff" stroke-width="2"/></pattern></defs>'
        f"{bars}</svg>"
    )


def reading(rows: list[dict[str, Any]]) -> str:
    """The picture in one sentence."""
    priced = [row for row in rows if row["ceiling"]]
    above = sum(1 for row in priced if row["p50"] > row["ceiling"])
    if not priced:
        return "Belum ada belanja barang yang punya harga tertinggi."
    if above == 0:
        return f"Harga tengah {len(priced)} barang semuanya di bawah atau sama dengan batas."
    return f"Harga tengah {above} dari {len(priced)} barang di atas batas."


def _bar(row: dict[str, Any], place: int) -> str:
    top = 10 + place * ROW_HEIGHT
    bar = top + BAR_DROP
    scale = WIDTH / (max(row["p90"], row["ceiling"]) * HEADROOM)
    low, middle, high = (row[name] * scale for name in ("p10", "p50", "p90"))
    limit = row["ceiling"] * scale
    fill = "url(#hatch)" if row["p50"] > row["ceiling"] else "#1f6feb"
    label = f"{row['name']} per {unit_name(row['unit'])}"
    place_name = region_name(row["regency"])
    figures = f"{written(row['p50'])} / {row['ceiling_kind']} {written(row['ceiling'])}"
    return (
        f'<text x="0" y="{top + FIRST_LINE}" font-size="20" font-weight="600">'
        f"{escape(short(label))}</text>"
        f'<text x="0" y="{top + SECOND_LINE}" font-size="17">{escape(figures)}</text>'
        f'<text x="{WIDTH}" y="{top + SECOND_LINE}" font-size="16" text-anchor="end">'
        f"{escape(short(place_name))}</text>"
        f'<rect x="0" y="{bar}" width="{middle:.1f}" height="{BAR_HEIGHT}" fill="{fill}"/>'
        f'<path d="M{low:.1f} {bar + 8}H{high:.1f}" stroke="#111" stroke-width="3"/>'
        f'<path d="M{limit:.1f} {bar - 6}V{bar + BAR_HEIGHT + 6}" stroke="#b3261e" '
        'stroke-width="3"/>'
    )
