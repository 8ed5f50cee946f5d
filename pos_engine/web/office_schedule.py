"""Page Jadwal salur: a staggered calendar of release beside everybody on one day."""

import hashlib
from collections import defaultdict
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.engine import Engine
from pos_engine.rules.release_plan import (
    QUEUE_MAX,
    SECONDS_PER_FAMILY,
    Outcome,
    Terms,
    wait_minutes,
)
from pos_engine.services.install import Refused
from pos_engine.services.release_plan import (
    CALENDAR_COLUMNS,
    CAPACITY_DEFAULT,
    QUEUE_COLUMNS,
    Asked,
    Release,
    as_csv,
    calendar_rows,
    capacity_seen,
    make_release,
    queue_rows,
)
from pos_engine.services.sessions import Session
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import log_in_first, reader, show
from pos_engine.web.office_cells import day_written, number
from pos_engine.web.office_places import choices, place_asked
from pos_engine.web.office_words import shown
from pos_engine.web.pictures_release import calendar_heat, queue_curves
from pos_engine.web.reports import scope_of

PATH = "/kemensos/jadwal"
router = APIRouter(prefix=PATH, include_in_schema=False)
SHOPS_PLANNED_MAX = 5_000  # on a page; the command plans the nation
LEVELS = {"regency": "kabupaten/kota", "district": "kecamatan", "village": "desa/kelurahan"}
COLUMNS = {
    "day": "Hari", "region": "Kode", "name": "Wilayah", "families": "Keluarga", "tight": "Padat",
}  # fmt: skip
PEAK_SEEN = 0.1  # purchases a second: less is no load worth a figure
START_IN = timedelta(days=7)
TOO_LARGE = (
    f"Lebih dari {SHOPS_PLANNED_MAX} warung: pilih satu provinsi atau kabupaten, atau jalankan "
    "ewarong plan release."
)
WRONG = "Isian belum masuk akal: periksa kapasitas, jam buka, detik, antrean, dan jumlah hari."


class Form:
    """What the page's form asks for; what cannot be read is said on the page."""

    def __init__(
        self,
        *,
        first: Annotated[date | None, Query(alias="mulai")] = None,
        capacity: Annotated[float, Query(alias="kapasitas", ge=0, le=1_000_000)] = 0.0,
        level: Annotated[str, Query(alias="tingkat", max_length=8)] = "district",
        days: Annotated[int, Query(alias="hari")] = 31,
        queue: Annotated[int, Query(alias="antre")] = QUEUE_MAX,
        seconds: Annotated[int, Query(alias="detik")] = SECONDS_PER_FAMILY,
        opens: Annotated[int, Query(alias="buka")] = 8,
        closes: Annotated[int, Query(alias="tutup")] = 16,
        region: Annotated[str, Query(alias="wilayah", max_length=160)] = "",
    ) -> None:
        self.first, self.capacity, self.level = first, capacity, level
        self.days, self.queue, self.seconds = days, queue, seconds
        self.opens, self.closes, self.region = opens, closes, region

    def asked(self, engine: Engine, session: Session) -> Asked:
        """The question for the services, of the session's own scope."""
        capacity = self.capacity or round(capacity_seen(engine), 2) or CAPACITY_DEFAULT
        terms = Terms(
            capacity, self.opens, self.closes, self.seconds,
            queue_max=self.queue, days_max=self.days,
        )  # fmt: skip
        scope = scope_of(session, place_asked(self.region) if self.region else None)
        first = self.first or engine.now().date() + START_IN
        return Asked(first, terms, scope.region, self.level)


AskedHere = Annotated[Form, Depends()]


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere, form: AskedHere) -> Response:
    """The calendar of a place, its picture, and what one day would do."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    asked = form.asked(engine, session)
    made = make_release(engine, asked, SHOPS_PLANNED_MAX)
    context: dict[str, Any] = {"asked": asked, "levels": LEVELS, "form": form}
    context["choices"] = choices(session.region or "")
    if isinstance(made, Refused):
        error = TOO_LARGE if made.field == "shops" else WRONG
        return show(request, session, "office_schedule.html", error=error, **context)
    return show(request, session, "office_schedule.html", **context, **_shown(made))


def _shown(made: Release) -> dict[str, Any]:
    by_day: defaultdict[int, int] = defaultdict(int)
    for each in made.placed:
        by_day[each.day] += each.families
    days = [(f"{made.day(day):%d/%m}", by_day[day]) for day in range(max(by_day, default=-1) + 1)]
    shop = made.one_day.worst_shop
    terms = made.asked.terms
    reading = _reading(made)
    curve = [each for day in made.planned.queues.get(shop, ()) for each in day]
    beside = [each for day in made.one_day.queues.get(shop, ()) for each in day]
    return {
        "made": made,
        "reading": reading,
        "heat": calendar_heat(days, reading),
        "queue_reading": _queue_reading(made, shop),
        "queue": queue_curves(
            curve, beside, terms.closes - terms.opens, _queue_reading(made, shop)
        ),
        "columns": COLUMNS,
        "rows": shown(calendar_rows(made)),
        "figures": [
            {"plan": name} | _figures(made, found)
            for name, found in (("Bertahap", made.planned), ("Semua satu hari", made.one_day))
        ],
        "figure_columns": {
            "plan": "Cara", "peak": "Puncak mesin (belanja/detik)", "share": "Dari kapasitas",
            "queue": "Antrean terpanjang (keluarga)", "minutes": "Tunggu (menit)",
            "shop": "Warung terpadat",
        },
        "tight": sum(each.tight for each in made.placed),
    }  # fmt: skip


def _figures(made: Release, found: Outcome) -> dict[str, Any]:
    longest, terms = found.longest(found.worst_shop), made.asked.terms
    return {
        "peak": round(found.peak, 2),
        "share": found.peak / terms.capacity,
        "queue": round(longest),
        "minutes": wait_minutes(longest, terms),
        "shop": made.shops.get(found.worst_shop, ""),
    }


def _reading(made: Release) -> str:
    if not made.placed:
        return "Belum ada keluarga aktif di wilayah ini."
    last = max(each.day for each in made.placed)
    if made.one_day.peak < PEAK_SEEN:
        return (
            f"{number(made.families)} keluarga disalurkan dalam {last + 1} hari, mulai "
            f"{day_written(made.day(0))}. Mesin hampir tidak merasakannya, sekalipun semua satu "
            "hari: yang menentukan adalah antrean di warung."
        )
    return (
        f"{number(made.families)} keluarga disalurkan dalam {last + 1} hari, mulai "
        f"{day_written(made.day(0))}: puncak mesin "
        f"{number(round(made.planned.peak, 1))} belanja per detik, bukan "
        f"{number(round(made.one_day.peak, 1))} bila semua satu hari."
    )


def _queue_reading(made: Release, shop: str) -> str:
    terms = made.asked.terms
    planned, beside = made.planned.longest(shop), made.one_day.longest(shop)
    if beside < 1:
        return "Tidak ada warung yang antreannya sampai satu keluarga."
    return (
        f"Di {made.shops.get(shop) or 'warung terpadat'} paling banyak {number(round(planned))} "
        f"keluarga mengantre ({wait_minutes(planned, terms)} menit), bukan "
        f"{number(round(beside))} ({wait_minutes(beside, terms)} menit) bila semua satu hari."
    )


@router.get("/{name}.csv")
def download(
    request: Request,
    engine: EngineHere,
    form: AskedHere,
    name: Annotated[str, Path(pattern=r"^(kalender|antrean)$")],
) -> Response:
    """The calendar, or the queue of each shop hour by hour, as CSV."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    made = make_release(engine, form.asked(engine, session), SHOPS_PLANNED_MAX)
    if isinstance(made, Refused):
        return log_in_first()
    calendar = name == "kalender"
    columns = CALENDAR_COLUMNS if calendar else QUEUE_COLUMNS
    rows = calendar_rows(made) if calendar else queue_rows(made)
    text = "".join(as_csv(columns, rows))
    file = f"{name}-{made.day(0)}.csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{file}"',
        "X-Report-Rows": str(text.count("\r\n") - 1),
        "X-Report-SHA256": hashlib.sha256(text.encode()).hexdigest(),
    }
    return Response(text, media_type="text/csv", headers=headers)
