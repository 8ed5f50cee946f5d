"""The officers' page of families left out: by way, age and place, beside what others publish."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.lake.left_out import NAMES
from pos_engine.rules.exclusion import (
    DAYS_TO_SUCCEED,
    INDIA,
    INDIA_CODE,
    LEAST_FAMILIES,
    PAKISTAN,
    Reference,
    share,
)
from pos_engine.services.exclusion_meter import AGE, CREDITED, METHOD, REGION, total
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import log_in_first, reader, show, span_of
from pos_engine.web.office_cells import number, percent
from pos_engine.web.office_places import place_name
from pos_engine.web.office_rows import NO_LAKE, RAW_LINES_MAX, raw_lines, report_of
from pos_engine.web.office_words import word
from pos_engine.web.pictures_bars import Bar, bars
from pos_engine.web.pictures_shares import Share, shares

Row = dict[str, Any]
router = APIRouter(prefix="/kemensos/tersisih", include_in_schema=False)
RULE = (
    f"Tanda: paling sedikit {LEAST_FAMILIES} keluarga, bagiannya paling sedikit satu setengah kali "
    "bagian nasional, dan batas bawahnya (Wilson, 99%) masih di atas bagian nasional."
)
GROUP_COLUMNS = {
    "name": "Kelompok", "families": "Keluarga", "failed": "Pernah gagal",
    "never": "Tidak terlayani", "pending": "Masih berjalan", "share": "Bagian",
    "nation_share": "Nasional", "alarm": "Tanda",
}  # fmt: skip
PLACE_COLUMNS = {"region": "Tempat"} | {
    name: heading for name, heading in GROUP_COLUMNS.items() if name != "name"
}
CREDIT_COLUMNS = {
    name: heading for name, heading in PLACE_COLUMNS.items() if name != "failed"
} | {"families": "Menerima saldo", "never": "Belum pernah datang"}  # fmt: skip
TRY_COLUMNS = {"method": "Cara", "attempts": "Percobaan", "failed": "Gagal", "share": "Bagian"}
AWAY_COLUMNS = {"reason": "Sebab", "count": "Kali"}


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """The exclusion meter: who could not buy within N days, and who never came."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    span = span_of(request, engine, session)
    offered = {str(days): name for name, days in NAMES.items()}
    days = request.query_params.get("hari", "")
    days = days if days in offered else str(DAYS_TO_SUCCEED)
    name = offered[days]
    wait = request.query_params.get("hitung") == "1"
    meter = report_of(engine, name, span, wait=wait)
    heavy = 0 if meter or wait else raw_lines(engine, span)
    rows = meter.rows if meter else []
    tried = report_of(engine, "exclusion", span, wait=wait)
    away = report_of(engine, "not-served", span)
    return show(
        request,
        session,
        "office_excluded.html",
        span=span,
        days=days,
        offered=sorted(offered, key=int),
        report=name,
        lacking=NO_LAKE if meter is None else "",
        heavy=number(heavy) if heavy > RAW_LINES_MAX else "",
        rule=RULE,
        everyone=_everyone(rows, days),
        methods=_group(rows, METHOD, "cara", "Menurut cara"),
        ages=_group(rows, AGE, "umur", "Menurut umur kepala keluarga"),
        places=_group(rows, REGION, "tempat", "Menurut tempat"),
        credits=_group(rows, CREDITED, "saldo", "Menerima saldo, belum pernah datang"),
        tries=_tries(tried.rows if tried else []),
        away=_away(away.rows if away else []),
        group_columns=GROUP_COLUMNS,
        place_columns=PLACE_COLUMNS,
        credit_columns=CREDIT_COLUMNS,
        try_columns=TRY_COLUMNS,
        away_columns=AWAY_COLUMNS,
    )


def _everyone(rows: Sequence[Row], days: str) -> dict[str, Any]:
    """The whole place beside the figures that other programmes publish."""
    never, judged = total(list(rows), REGION)
    own = share(never, judged)
    if own is None:
        return {"reading": "Belum ada keluarga yang datang dan sudah bisa dinilai.", "number": ""}
    reading = (
        f"{number(never)} dari {number(judged)} keluarga yang datang ({percent(own)}) gagal "
        f"dikenali dan tidak belanja dalam {days} hari sesudahnya."
    )
    bar = Share("Keluarga tidak terlayani", own, percent(own), own > INDIA.high)
    picture = shares("semua", "Dibanding program lain", reading, [bar], (INDIA, PAKISTAN))
    return {"reading": reading, "number": percent(own), "picture": picture}


def _group(rows: Sequence[Row], section: str, key: str, title: str) -> dict[str, Any]:
    """One section: its alarm in a sentence, its bars, its rows."""
    own = [_named(row) for row in rows if row["section"] == section]
    own.sort(key=lambda row: (-(row["share"] or 0), str(row["name"])))
    marked = [row["name"] for row in own if row["alarm"]]
    drawn = [
        Share(row["name"], row["share"], _figure(row), bool(row["alarm"]))
        for row in own
        if row["share"] is not None
    ]
    reading = _reading(own, marked)
    return {
        "title": title,
        "reading": reading,
        "rows": own,
        "picture": shares(key, title, reading, drawn, _nation(own)),
    }


def _named(row: Row) -> Row:
    """With the words of its group; a place keeps its code as `region` for links."""
    if row["section"] in (REGION, CREDITED):
        return row | {"region": row["name"], "name": place_name(row["name"])}
    return row | {"name": word(row["name"] or "unknown")}


def _figure(row: Row) -> str:
    judged = row["families"] - row["pending"]
    return f"{percent(row['share'])} ({number(row['never'])} dari {number(judged)})"


def _nation(rows: Sequence[Row]) -> list[Reference]:
    """The nation's share as a line across the bars."""
    found = next((row["nation_share"] for row in rows if row["nation_share"] is not None), None)
    return [] if found is None else [Reference("bagian nasional", found, found)]


def _reading(rows: Sequence[Row], marked: Sequence[str]) -> str:
    if not rows:
        return "Belum ada."
    if marked:
        return f"Menonjol di atas nasional: {', '.join(marked[:3])}."
    return "Tidak ada kelompok yang menonjol di atas nasional."


def _tries(rows: Sequence[Row]) -> dict[str, Any]:
    """Attempts by way, every one counted, beside the one-time codes of another programme."""
    attempts, failed = Counter[str](), Counter[str]()
    for row in rows:
        if row["section"] == "attempts" and row["method"]:
            attempts[row["method"]] += row["attempts"]
            failed[row["method"]] += row["failed"]
    own: list[Row] = [
        {
            "method": word(method),
            "attempts": count,
            "failed": failed[method],
            "share": failed[method] / count,
        }
        for method, count in attempts.items()
        if method != "KKS"  # of the card only failures are kept: its share would be all of them
    ]
    own.sort(key=lambda row: -row["share"])
    cards = f" Kartu: {number(failed['KKS'])} percobaan gagal." if failed["KKS"] else ""
    reading = f"Percobaan yang gagal menurut cara.{cards}" if own or cards else "Belum ada."
    drawn = [
        Share(row["method"], row["share"], percent(row["share"]), row["share"] > INDIA_CODE.high)
        for row in own
    ]
    picture = shares("coba", "Percobaan yang gagal", reading, drawn, (INDIA_CODE,))
    return {"reading": reading, "picture": picture, "rows": own}


def _away(rows: Sequence[Row]) -> dict[str, Any]:
    """Families that cashiers could not serve, as they told with one tap."""
    counts = Counter[str]()
    for row in rows:
        if row["kind"] == "TURNED_AWAY":
            counts[row["reason"]] += row["count"]
    own: list[Row] = [
        {"reason": word(reason), "count": count} for reason, count in counts.most_common()
    ]
    every = sum(counts.values())
    reading = (
        f"Kasir mencatat {number(every)} keluarga pulang tanpa belanja; paling sering karena "
        f"{own[0]['reason']}."
        if own
        else "Tidak ada keluarga yang dicatat pulang tanpa belanja."
    )
    drawn = [Bar(row["reason"], row["count"], number(row["count"])) for row in own]
    return {"reading": reading, "rows": own, "picture": bars("pulang", "Sebab", reading, drawn)}
