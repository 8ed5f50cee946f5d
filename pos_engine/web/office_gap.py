"""The officers' page of asked prices that were refused, and of goods that may not be bought."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.rules.money import written
from pos_engine.rules.quantity import unit_name
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import log_in_first, reader, show, span_of
from pos_engine.web.office_cells import number, percent
from pos_engine.web.office_places import level_inside, place_name
from pos_engine.web.office_rows import report_of
from pos_engine.web.pictures_bars import Bar, bars

Row = Mapping[str, Any]
router = APIRouter(prefix="/kemensos/selisih", include_in_schema=False)
ALARM = 0.2  # of the attempts at a good: from here on the ceiling itself is in question
ASKED_COLUMNS = {
    "place": "Tempat", "name": "Barang", "unit": "Satuan", "attempts": "Ditolak",
    "tried": "Diminta", "share": "Bagian", "asked_p50": "Harga diminta (tengah)",
    "asked_most": "Tertinggi", "ceiling": "Batas",
}  # fmt: skip
PLACE_COLUMNS = ("place", "attempts", "tried", "share")
BANNED_COLUMNS = {
    "regency": "Kabupaten/kota", "shop": "Warung", "name": "Barang", "reason": "Sebab",
    "attempts": "Kali", "first_day": "Pertama", "last_day": "Terakhir",
}  # fmt: skip


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """Where honest prices may have outrun the ceiling: by good, by place, and what was asked."""
    session = reader(request, engine)
    if session is None:
        return log_in_first(request)
    span = span_of(request, engine, session)
    asked = report_of(engine, "asked-prices", span)
    banned = report_of(engine, "banned-attempts", span)
    rows = [{**row, "share": row["attempts"] / row["tried"]} for row in asked.rows] if asked else []
    banned_rows = banned.rows if banned else []
    return show(
        request,
        session,
        "office_gap.html",
        span=span,
        goods=_goods(rows),
        places=_places(rows),
        attempts=number(sum(row["attempts"] for row in rows)),
        level=(level_inside(span.region) or "Tempat"),
        asked_columns=ASKED_COLUMNS,
        rows=rows,
        banned=_banned(banned_rows),
        place_columns={name: ASKED_COLUMNS[name] for name in PLACE_COLUMNS},
        banned_columns=BANNED_COLUMNS,
        banned_rows=banned_rows,
    )


def _goods(rows: Sequence[Row]) -> dict[str, str]:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["name"], row["unit"]), []).append(row)
    if not groups:
        return {"reading": "Tidak ada permintaan yang ditolak karena harga.", "picture": ""}
    shown = sorted(
        (_good_bar(name, unit, own) for (name, unit), own in groups.items()),
        key=lambda bar: -bar.value,
    )
    worst = max(rows, key=lambda row: row["attempts"])
    reading = (
        f"{worst['name']} di {place_name(worst['place'])} paling sering: separuh yang ditolak "
        f"meminta paling banyak {written(worst['asked_p50'])} per {unit_name(worst['unit'])}, "
        f"batasnya {written(worst['ceiling'])}."
    )
    return {"reading": reading, "picture": bars("barang", "Ditolak per barang", reading, shown)}


def _good_bar(name: str, unit: str, rows: Sequence[Row]) -> Bar:
    attempts = sum(row["attempts"] for row in rows)
    share = attempts / sum(row["tried"] for row in rows)
    label = f"{name} per {unit_name(unit)}"
    return Bar(label, attempts, f"{number(attempts)} ({percent(share)})", share > ALARM)


def _places(rows: Sequence[Row]) -> dict[str, Any]:
    """Places by share: where more than one attempt in five is refused, the ceiling may be wrong."""
    refused: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for row in rows:
        refused[row["place"]] += row["attempts"]
        tried[row["place"]] += row["tried"]
    if not refused:
        nothing = "Tidak ada tempat dengan permintaan di atas batas."
        return {"reading": nothing, "picture": "", "rows": []}
    shares = {place: refused[place] / tried[place] for place in refused}
    shown = [
        Bar(
            place_name(place), share, f"{percent(share)} dari {number(tried[place])}", share > ALARM
        )
        for place, share in sorted(shares.items(), key=lambda pair: -pair[1])
    ]
    high = sum(share > ALARM for share in shares.values())
    reading = "Belum ada tempat yang lebih dari 20% permintaan barang itu ditolak karena harga."
    if high:
        reading = (
            f"Di {number(high)} dari {number(len(shares))} tempat lebih dari 20% permintaan barang "
            "itu ditolak karena harga: batasnya mungkin tertinggal dari harga pasar."
        )
    return {
        "reading": reading,
        "picture": bars("tempat", "Bagian yang ditolak per tempat", reading, shown),
        "number": f"{high} dari {len(shares)}",
        "rows": [
            {"place": place, "attempts": refused[place], "tried": tried[place], "share": share}
            for place, share in sorted(shares.items(), key=lambda pair: -pair[1])
        ],
    }


def _banned(rows: Sequence[Row]) -> dict[str, str]:
    attempts = sum(row["attempts"] for row in rows)
    if not attempts:
        return {"reading": "Tidak ada yang meminta barang terlarang atau di luar program."}
    names: Counter[str] = Counter()
    for row in rows:
        names[row["name"]] += row["attempts"]
    most, times = names.most_common(1)[0]
    reading = f"{number(attempts)} permintaan ditolak, paling sering {most} ({number(times)} kali)."
    shown = [Bar(name, count, number(count), bad=True) for name, count in names.most_common()]
    picture = bars("larangan", "Barang yang ditolak", reading, shown)
    return {"reading": reading, "picture": picture, "number": number(attempts)}
