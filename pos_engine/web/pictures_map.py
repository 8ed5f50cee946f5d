"""The nation as 38 tiles, one a province: darker is more, hatched orange is a bad sign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from pos_engine.web.office_places import place_name
from pos_engine.web.pictures_bars import hatch

# Column and row of each province: where it lies, as near as a grid allows.
TILES: dict[str, tuple[int, int]] = {
    "11": (0, 0), "12": (0, 1), "13": (0, 2), "14": (1, 1), "15": (1, 2), "16": (1, 3),
    "17": (0, 3), "18": (1, 4), "19": (2, 3), "21": (2, 1), "31": (2, 4), "32": (2, 5),
    "33": (3, 5), "34": (3, 6), "35": (4, 5), "36": (1, 5), "51": (5, 5), "52": (6, 5),
    "53": (7, 5), "61": (4, 1), "62": (5, 1), "63": (5, 2), "64": (6, 1), "65": (6, 0),
    "71": (9, 1), "72": (8, 2), "73": (7, 3), "74": (8, 3), "75": (8, 1), "76": (7, 2),
    "81": (10, 3), "82": (10, 1), "91": (13, 2), "92": (12, 2), "93": (13, 4), "94": (12, 3),
    "95": (13, 3), "96": (11, 2),
}  # fmt: skip
NAMES = {
    "11": "Aceh", "12": "Sumut", "13": "Sumbar", "14": "Riau", "15": "Jambi", "16": "Sumsel",
    "17": "Bengk", "18": "Lamp", "19": "Babel", "21": "Kepri", "31": "DKI", "32": "Jabar",
    "33": "Jateng", "34": "DIY", "35": "Jatim", "36": "Banten", "51": "Bali", "52": "NTB",
    "53": "NTT", "61": "Kalbar", "62": "Kalteng", "63": "Kalsel", "64": "Kaltim", "65": "Kaltara",
    "71": "Sulut", "72": "Sulteng", "73": "Sulsel", "74": "Sultra", "75": "Goron", "76": "Sulbar",
    "81": "Maluku", "82": "Malut", "91": "Papua", "92": "PapBar", "93": "PapSel", "94": "PapTeng",
    "95": "PapPeg", "96": "PapBD",
}  # fmt: skip
TILE, GAP, ON_PHONE = 62, 4, 4
SHADES = ("#dbe7fd", "#a9c7fa", "#5c97f2", "#174ea6")  # a quarter of the provinces each
DARK_FROM = 3  # shades that need white letters
EMPTY = "#f2f4f7"
SIZES, SMALLEST = ((15, 5), (13, 6), (12, 7), (11, 8), (10, 9)), 9  # of so many letters


@dataclass(frozen=True, slots=True)
class Tile:
    """What a province shows: a value that shades it, the figure on it, is it a bad sign."""

    value: float
    figure: str
    bad: bool = False


def tile_map(
    key: str,
    title: str,
    reading: str,
    tiles: Mapping[str, Tile],
    link: str,
    queries: Mapping[str, str],
) -> str:
    """The grid; each tile leads to its province: `link?queries[code]`. No query: no link."""
    return _grid(key, "broad tiles-wide", title, reading, tiles, link, queries, TILES)


def tile_list(
    key: str,
    title: str,
    reading: str,
    tiles: Mapping[str, Tile],
    link: str,
    queries: Mapping[str, str],
) -> str:
    """The same tiles from west to east, four in a row: what a phone shows instead of the grid."""
    places = {code: (at % ON_PHONE, at // ON_PHONE) for at, code in enumerate(TILES)}
    return _grid(key, "narrow tiles-narrow", title, reading, tiles, link, queries, places)


def _grid(
    key: str,
    kind: str,
    title: str,
    reading: str,
    tiles: Mapping[str, Tile],
    link: str,
    queries: Mapping[str, str],
    places: Mapping[str, tuple[int, int]],
) -> str:
    columns, rows = (max(each[side] for each in places.values()) + 1 for side in (0, 1))
    limits = _quarters([each.value for each in tiles.values() if not each.bad])
    drawn = "".join(
        _linked(code, _tile(key, code, tiles.get(code), limits, at), tiles.get(code), link, queries)
        for code, at in places.items()
    )
    return (
        f'<svg class="{kind}" viewBox="0 0 {columns * TILE} {rows * TILE}" role="group" '
        f'aria-labelledby="{key}-t {key}-d">'
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(reading)}</desc>'
        f"{hatch(key)}{drawn}</svg>"
    )


def _quarters(values: Sequence[float]) -> list[float]:
    """The values above which a quarter, a half, three quarters of the provinces lie."""
    ordered = sorted(values)
    return [ordered[len(ordered) * part // 4] for part in (1, 2, 3)] if ordered else []


def _linked(code: str, drawn: str, tile: Tile | None, link: str, queries: Mapping[str, str]) -> str:
    said = f"{place_name(code)}: {tile.figure if tile else 'belum ada data'}"
    if code not in queries:
        return f'<g role="img" aria-label="{escape(said)}">{drawn}</g>'
    target = escape(f"{link}?{queries[code]}")
    return f'<a href="{target}" aria-label="{escape(said)}">{drawn}</a>'


def _tile(
    key: str, code: str, tile: Tile | None, limits: Sequence[float], at: tuple[int, int]
) -> str:
    column, row = at
    left, top, side = column * TILE, row * TILE, TILE - GAP
    fill, light = EMPTY, False
    if tile is not None:
        shade = sum(tile.value >= limit for limit in limits) if tile.value else 0
        fill, light = SHADES[shade], shade >= DARK_FROM
        if tile.bad:
            fill, light = f"url(#{key}-h)", False
    box = (
        f'<rect x="{left}" y="{top}" width="{side}" height="{side}" rx="6" fill="{fill}" '
        'stroke="#555"/>'
    )
    if tile is not None and tile.bad:  # letters on stripes need a quiet ground
        box += (
            f'<rect x="{left + 3}" y="{top + 10}" width="{side - 6}" height="{side - 20}" rx="4" '
            'fill="#fff"/>'
        )
    middle, kind = left + side / 2, ' class="light"' if light else ""
    figure = tile.figure if tile else "-"
    return (
        f'{box}<text x="{middle}" y="{top + 27}" font-size="{_size(NAMES[code])}" '
        f'font-weight="600" text-anchor="middle"{kind}>{escape(NAMES[code])}</text>'
        f'<text x="{middle}" y="{top + 44}" font-size="{_size(figure)}" text-anchor="middle"'
        f"{kind}>{escape(figure)}</text>"
    )


def _size(figure: str) -> int:
    """Long words are written smaller, so that they stay within their tile."""
    return next((size for size, length in SIZES if len(figure) <= length), SMALLEST)
