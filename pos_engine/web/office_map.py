"""The officers' map: one measure in 38 tiles, and bars of the places inside the chosen one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.web.auth import EngineHere
from pos_engine.web.office import Span, log_in_first, reader, show, span_of
from pos_engine.web.office_cells import number, percent, short_money
from pos_engine.web.office_places import level_inside, place_name
from pos_engine.web.office_rows import NO_LAKE, report_of
from pos_engine.web.pictures_bars import BARS_MAX, Bar, bars
from pos_engine.web.pictures_map import Tile, tile_list, tile_map

Row = Mapping[str, Any]
PATH = "/kemensos/peta"
router = APIRouter(prefix=PATH, include_in_schema=False)
REFUSED_ALARM = 0.05  # one asked price in twenty
ABOVE_ALARM = 0.2
SILENT_ALARM = 0.5


@dataclass(frozen=True, slots=True)
class Measure:
    """What the map can show: from which report, of a row its value, and from where it alarms."""

    title: str
    definition: str
    value: Callable[[Row], float | None]
    written: Callable[[Any], str]
    report: str = "places"
    alarm: float | None = None


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _tile_money(amount: float) -> str:
    """`1,2 jt`: a sum that fits on a tile."""
    for size, word in ((10**12, "T"), (10**9, "M"), (10**6, "jt"), (10**3, "rb")):
        if amount >= size:
            return f"{number(round(amount / size, 1 if amount < 100 * size else 0))} {word}"
    return number(amount)


MEASURES = {
    "rupiah": Measure(
        "Nilai belanja", "rupiah belanja, sesudah pengembalian", lambda row: row["rupiah"],
        short_money,
    ),
    "belanja": Measure(
        "Jumlah belanja", "belanja yang disetujui", lambda row: row["purchases"], number
    ),
    "tolak": Measure(
        "Ditolak karena harga",
        "bagian barang yang diminta dan ditolak karena di atas HET; bergaris: lebih dari 5%",
        lambda row: _share(row["refused_price"], row["refused_price"] + row["bought_lines"]),
        percent,
        alarm=REFUSED_ALARM,
    ),
    "acuan": Measure(
        "Di atas harga acuan",
        "bagian barang berbatas harga yang dibeli di atas acuan; bergaris: lebih dari 20%",
        lambda row: _share(row["above_ceiling"], row["priced_lines"]),
        percent,
        alarm=ABOVE_ALARM,
    ),
    "belum": Measure(
        "Belum belanja",
        "bagian keluarga yang disalurkan dan belum belanja; bergaris: lebih dari 50%",
        lambda row: _share(row["families"] - row["bought"], row["families"]),
        percent,
        report="reach",
        alarm=SILENT_ALARM,
    ),
}  # fmt: skip
COLUMNS = {
    "places": {
        "place": "Tempat", "purchases": "Belanja", "rupiah": "Nilai", "bought_lines": "Barang",
        "refused_price": "Ditolak karena harga", "above_ceiling": "Di atas acuan",
        "refused_goods": "Barang terlarang/di luar program",
    },
    "reach": {
        "place": "Tempat", "families": "Disalurkan", "bought": "Sudah belanja",
        "turned_away": "Belum berhasil", "silent": "Belum datang",
    },
}  # fmt: skip


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """One measure by place: the nation as tiles, everything deeper as bars and a table."""
    session = reader(request, engine)
    if session is None:
        return log_in_first(request)
    span = span_of(request, engine, session)
    chosen = request.query_params.get("ukuran", "")
    name = chosen if chosen in MEASURES else "rupiah"
    measure = MEASURES[name]
    report = report_of(engine, measure.report, span)
    rows = _ranked(measure, report.rows) if report else []
    text = _reading(measure, rows, span)
    return show(
        request,
        session,
        "office_map.html",
        span=span,
        measures=MEASURES,
        chosen=name,
        measure=measure,
        lacking=NO_LAKE if report is None else "",
        reading=text,
        figure_number=_number(measure, rows),
        map_picture=_map(measure, rows, span, name, text),
        bar_picture=_bars(measure, rows, text),
        level=level_inside(span.region).lower() or "tempat",
        columns=COLUMNS[measure.report],
        rows=rows,
        bars_max=BARS_MAX,
    )


def _ranked(measure: Measure, rows: Sequence[Row]) -> list[Row]:
    """Places with the highest value first; those without one last."""
    return sorted(rows, key=lambda row: (-(measure.value(row) or 0), row["place"]))


def _bad(measure: Measure, value: float) -> bool:
    return measure.alarm is not None and value > measure.alarm


def _known(measure: Measure, rows: Sequence[Row]) -> list[tuple[str, float]]:
    values = [(row["place"], measure.value(row)) for row in rows]
    return [(place, value) for place, value in values if value is not None]


def _reading(measure: Measure, rows: Sequence[Row], span: Span) -> str:
    known = [pair for pair in _known(measure, rows) if pair[1]]
    level = level_inside(span.region).lower() or "tempat"
    if not known:
        return f"{measure.title}: belum ada pada hari-hari ini di {span.place}."
    place, value = known[0]
    text = f"{measure.title} tertinggi di {place_name(place)}: {measure.written(value)}."
    bad = sum(_bad(measure, each) for _, each in known)
    if bad:
        return f"{text} {number(bad)} {level} di atas batas perhatian."
    return f"{text} Ada angka dari {number(len(known))} {level}."


def _number(measure: Measure, rows: Sequence[Row]) -> str:
    """The whole place: a sum of what adds up, else how many places alarm."""
    known = _known(measure, rows)
    if not known:
        return ""
    if measure.alarm is None:
        return measure.written(sum(value for _, value in known))
    return f"{sum(_bad(measure, value) for _, value in known)} dari {len(known)}"


def _map(measure: Measure, rows: Sequence[Row], span: Span, name: str, text: str) -> str:
    if span.region:
        return ""
    shorter = _tile_money if measure.written is short_money else measure.written
    known = dict(_known(measure, rows))
    tiles = {
        code: Tile(value, shorter(value), _bad(measure, value)) for code, value in known.items()
    }
    queries = {code: f"{span.query_of(code)}&ukuran={name}" for code in known}
    asked = (measure.title, text, tiles, PATH, queries)
    return tile_map("peta", *asked) + tile_list("peta-hp", *asked)


def _bars(measure: Measure, rows: Sequence[Row], text: str) -> str:
    shown = [
        Bar(place_name(place), value, measure.written(value), _bad(measure, value))
        for place, value in _known(measure, rows)
    ]
    return bars("batang", measure.title, text, shown)
