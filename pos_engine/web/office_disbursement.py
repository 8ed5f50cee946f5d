"""The officers' page of a credit: listed, credited, card received, first purchase, used up."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.rules.exclusion import Reference
from pos_engine.rules.money import written
from pos_engine.services.office_reports import OFFICES
from pos_engine.services.report_funnel import STEPS
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import VISITORS, log_in_first, reader, show, span_of
from pos_engine.web.office_cells import number, percent
from pos_engine.web.office_places import level_inside, place_name
from pos_engine.web.office_rows import report_of
from pos_engine.web.pictures_bars import Bar, bars
from pos_engine.web.pictures_shares import Share, shares

Row = dict[str, Any]
router = APIRouter(prefix="/kemensos/penyaluran", include_in_schema=False)
STEP_WORDS = dict(
    zip(
        STEPS,
        ("Ditetapkan", "Disalurkan", "KKS diterima", "Belanja pertama", "Habis"),
        strict=True,
    )
)
COLUMNS = {
    "region": "Tempat", "programme": "Program", "period": "Periode", **STEP_WORDS,
    "credited": "Rupiah disalurkan", "spent": "Dibelanjakan", "returned": "Kembali",
    "left": "Sisa",
}  # fmt: skip
LATE = 0.5  # of a place's families have not bought yet: it is marked
HALF = (Reference("separuh keluarga", LATE, LATE),)
EXPORTS = {
    "credits": "Setiap penyaluran dengan SK dan SP2D",
    "not-redeemed": "Saldo yang tidak dibelanjakan",
    "frozen": "Saldo yang disisihkan",
    "returned": "Pengembalian ke kas negara",
    "cards-undistributed": "Kartu belum tersalur",
}


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """The way of one programme and period; places with the fewest first purchases below it."""
    session = reader(request, engine, VISITORS)
    if session is None:
        return log_in_first()
    span = span_of(request, engine, session)
    report = report_of(engine, "disbursement", span)
    rows = report.rows if report else []
    choices = sorted({f"{row['programme']} {row['period']}" for row in rows}, reverse=True)
    asked = request.query_params.get("periode", "")
    chosen = asked if asked in choices else next(iter(choices), "")
    own = [row for row in rows if f"{row['programme']} {row['period']}" == chosen]
    sums = {step: sum(row[step] for row in own) for step in STEPS}
    text = _reading(sums)
    slow = _slow(own)
    return show(
        request,
        session,
        "office_disbursement.html",
        span=span,
        choices=choices,
        chosen=chosen,
        reading=text,
        picture=_picture(sums, text) if own else "",
        share=percent(sums["first_purchase"] / sums["listed"]) if sums["listed"] else "",
        money=_money(own),
        slow_reading=_slow_reading(slow, span.region),
        slow_picture=shares(
            "lambat", "Belum belanja", _slow_reading(slow, span.region), slow, HALF
        ),
        columns=COLUMNS,
        rows=own,
        exports=EXPORTS if session.role in OFFICES else {},
    )


def _reading(sums: dict[str, int]) -> str:
    if not sums["listed"]:
        return "Tidak ada penyaluran yang berlaku pada hari-hari ini di tempat ini."
    return (
        f"Dari {number(sums['listed'])} keluarga yang ditetapkan, {number(sums['families'])} sudah "
        f"menerima saldo, {number(sums['first_purchase'])} sudah belanja, dan "
        f"{number(sums['used_up'])} saldonya habis."
    )


def _picture(sums: dict[str, int], text: str) -> str:
    whole = sums["listed"] or 1
    rows = [
        Bar(word, sums[step], f"{number(sums[step])} ({percent(sums[step] / whole)})")
        for step, word in STEP_WORDS.items()
    ]
    return bars("corong", "Dari ditetapkan sampai habis", text, rows)


def _money(rows: Sequence[Row]) -> str:
    total = {name: sum(row[name] for row in rows) for name in ("credited", "spent", "left")}
    return (
        f"Disalurkan {written(total['credited'])}, dibelanjakan {written(total['spent'])}, "
        f"sisa {written(total['left'])}."
    )


def _slow(rows: Sequence[Row]) -> list[Share]:
    """Places by the share of credited families who have not bought yet, the worst first."""
    found = []
    for row in rows:
        if row["families"]:
            waiting = 1 - row["first_purchase"] / row["families"]
            figure = f"{percent(waiting)} dari {number(row['families'])}"
            found.append(Share(place_name(row["region"]), waiting, figure, waiting > LATE))
    return sorted(found, key=lambda bar: -bar.share)


def _slow_reading(slow: Sequence[Share], region: str) -> str:
    level = (level_inside(region) or "tempat").lower()
    if not slow:
        return "Belum ada saldo yang disalurkan."
    marked = sum(bar.stands_out for bar in slow)
    return (
        f"{number(marked)} dari {number(len(slow))} {level}: lebih dari separuh keluarga belum "
        f"belanja. Paling banyak di {slow[0].label} ({slow[0].figure})."
    )
