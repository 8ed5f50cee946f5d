"""The officers' page of distance: the nearest open shop, how many share it, still tills."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.services.report_access import FAR, NEAR, SILENT_AFTER
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import VISITORS, log_in_first, reader, show, span_of
from pos_engine.web.office_cells import number, percent
from pos_engine.web.office_places import inner_depth, place_name
from pos_engine.web.office_rows import report_of
from pos_engine.web.office_words import shown, word
from pos_engine.web.pictures_bars import Bar, bars

Row = dict[str, Any]
router = APIRouter(prefix="/kemensos/jarak", include_in_schema=False)
NORM = 250  # families of one shop, by the guideline
COLUMNS = {
    "region": "Desa", "families": "Keluarga", "open_shops": "Warung di desa",
    "nearest": "Warung terdekat", "shops_within": "Warung di sana",
    "families_per_shop": "Keluarga per warung", "tills": "Kasir", "silent_tills": "Kasir diam",
    "last_seen": "Terakhir terdengar",
}  # fmt: skip
PLACE_COLUMNS = {
    "region": "Tempat", "families": "Keluarga", "far": "Tanpa warung di kabupaten/kota",
    "no_village_shop": "Tanpa warung di desa", "tills": "Kasir", "silent_tills": "Kasir diam",
}  # fmt: skip


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """Distance by region code, load, and tills of which nothing was heard."""
    session = reader(request, engine, VISITORS)
    if session is None:
        return log_in_first()
    span = span_of(request, engine, session)
    report = report_of(engine, "access", span)
    rows = report.rows if report else []
    near, load, still = _near(rows), _load(rows), _still(rows)
    return show(
        request,
        session,
        "office_access.html",
        span=span,
        near=near,
        load=load,
        still=still,
        places=_places(rows, inner_depth(span.region)),
        place_columns=PLACE_COLUMNS,
        columns=COLUMNS,
        rows=shown(sorted(rows, key=_worst_first)[:200]),
        norm=NORM,
        silent_days=SILENT_AFTER.days,
    )


def _worst_first(row: Row) -> tuple[bool, int, str]:
    return row["nearest"] != FAR, -(row["families_per_shop"] or 0), row["region"]


def _near(rows: Sequence[Row]) -> dict[str, str]:
    families = Counter[str]()
    for row in rows:
        families[row["nearest"]] += row["families"]
    every = sum(families.values())
    if not every:
        return {"reading": "Belum ada keluarga terdaftar di tempat ini.", "picture": "", "far": ""}
    own = families[NEAR[0][1]]
    reading = (
        f"{percent(own / every)} keluarga punya warung di desanya sendiri; "
        f"{number(families[FAR])} keluarga tidak punya warung di kabupaten/kotanya."
    )
    drawn = [
        Bar(word(code), families[code], f"{number(families[code])} keluarga", code == FAR)
        for code in (*(each for _, each in NEAR), FAR)
    ]
    picture = bars("jarak", "Warung terdekat", reading, drawn)
    villages = number(sum(1 for row in rows if not row["open_shops"]))
    return {"reading": reading, "picture": picture, "far": villages}


def _load(rows: Sequence[Row]) -> dict[str, str]:
    """Villages by how many families share the nearest shops."""
    steps = ((NORM // 2, False), (NORM, False), (2 * NORM, True), (10**9, True))
    counts, under = [], 0
    loads = [row["families_per_shop"] for row in rows if row["families_per_shop"] is not None]
    for most, bad in steps:
        found = sum(1 for each in loads if under < each <= most)
        name = f"sampai {number(most)}" if most < 10**9 else f"di atas {number(under)}"
        counts.append(Bar(f"{name} keluarga per warung", found, f"{number(found)} desa", bad))
        under = most
    over = sum(1 for each in loads if each > NORM)
    reading = (
        f"Di {number(over)} dari {number(len(loads))} desa lebih dari {NORM} keluarga berbagi satu "
        "warung terdekat."
        if loads
        else "Belum ada warung yang buka."
    )
    picture = bars("beban", "Beban warung", reading, counts)
    return {"reading": reading, "number": number(over) if loads else "", "picture": picture}


def _still(rows: Sequence[Row]) -> dict[str, str]:
    tills = sum(row["tills"] for row in rows)
    silent = sum(row["silent_tills"] for row in rows)
    reading = (
        f"{number(silent)} dari {number(tills)} kasir tidak terdengar {SILENT_AFTER.days} hari "
        "terakhir."
        if tills
        else "Belum ada kasir di tempat ini."
    )
    drawn = [
        Bar("terdengar", tills - silent, number(tills - silent)),
        Bar("diam", silent, number(silent), bad=True),
    ]
    return {
        "reading": reading,
        "number": number(silent),
        "picture": bars("diam", "Kasir diam", reading, drawn) if tills else "",
    }


def _places(rows: Sequence[Row], depth: int) -> list[Row]:
    """Sums of the places just inside, those with the most families without a shop first."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        own = found.setdefault(row["region"][:depth], Counter())
        own["families"] += row["families"]
        own["far"] += row["families"] * (row["nearest"] == FAR)
        own["no_village_shop"] += row["families"] * (not row["open_shops"])
        own["tills"] += row["tills"]
        own["silent_tills"] += row["silent_tills"]
    names = [name for name in PLACE_COLUMNS if name != "region"]
    made = [{"region": code, **{name: own[name] for name in names}} for code, own in found.items()]
    return sorted(made, key=lambda row: (-row["no_village_shop"], place_name(row["region"])))
