"""The officers' page of the service: whose fault a refusal was, answer times, still hours."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.lake.questions import REGENCY_LENGTH
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import log_in_first, reader, show, span_of
from pos_engine.web.office_cells import day_written, number, percent
from pos_engine.web.office_places import inner_depth, place_name
from pos_engine.web.office_rows import NO_LAKE, RAW_LINES_MAX, raw_lines, report_of
from pos_engine.web.office_words import shown, word
from pos_engine.web.pictures_bars import Bar, bars
from pos_engine.web.pictures_columns import Column, columns
from pos_engine.web.pictures_lines import BAD, EDGE, MIDDLE, MS, PERCENT, lines

Row = dict[str, Any]
router = APIRouter(prefix="/kemensos/layanan", include_in_schema=False)
TECHNICAL_MOST = 0.001  # of all answers: the aim
SLOW_MS = 1_000
DAY_COLUMNS = {
    "day": "Hari", "purchases": "Belanja", "approved": "Disetujui",
    "business_declines": "Ditolak aturan", "technical_declines": "Gagal teknis", "share": "Bagian",
}  # fmt: skip
TIME_COLUMNS = {
    "day": "Hari", "answers": "Jawaban", "turned_away": "Diminta mengulang",
    "p50_ms": "p50 (ms)", "p95_ms": "p95 (ms)", "p99_ms": "p99 (ms)",
}  # fmt: skip
WAY_COLUMNS = {
    "method": "Cara", "purchases": "Belanja", "approved": "Disetujui",
    "business_declines": "Ditolak aturan", "technical_declines": "Gagal teknis",
}  # fmt: skip
PLACE_COLUMNS = {"region": "Tempat"} | {
    name: heading for name, heading in WAY_COLUMNS.items() if name != "method"
}
OUTAGE_COLUMNS = {
    "day": "Hari", "regency": "Kabupaten/kota", "from_hour": "Dari jam", "to_hour": "Sampai jam",
    "usual": "Belanja biasanya",
}  # fmt: skip
DECLINE_LINES = {"share": ("gagal teknis", BAD)}
TIME_LINES = {
    "p50_ms": ("p50", EDGE), "p99_ms": ("p99", EDGE), "p95_ms": ("p95", MIDDLE),
}  # fmt: skip
SUMS = ("purchases", "approved", "business_declines", "technical_declines")


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """Declines by whose fault, how long answers took, and hours without any."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    span = span_of(request, engine, session)
    report = report_of(engine, "service", span)
    counted_by_hour = len(span.region) <= REGENCY_LENGTH  # deeper places are read line by line
    wait = counted_by_hour or request.query_params.get("hitung") == "1"
    gaps = report_of(engine, "outages", span, wait=wait)
    heavy = 0 if gaps or wait else raw_lines(engine, span)
    rows = report.rows if report else []
    counted = [row for row in rows if row["purchases"] is not None]
    days, times = _days(counted), [row for row in rows if row["answers"] is not None]
    return show(
        request,
        session,
        "office_service.html",
        span=span,
        lacking=NO_LAKE if report is None else "",
        declines=_declines(counted, days),
        day_columns=DAY_COLUMNS,
        days=shown(days),
        ways=_by(counted, "method"),
        way_columns=WAY_COLUMNS,
        places=_places(counted, min(inner_depth(span.region), len("35.07"))),
        place_columns=PLACE_COLUMNS,
        times=_times(times),
        decline_lines=lines("teknis", "Gagal teknis per hari", PERCENT, days, DECLINE_LINES),
        time_lines=lines("waktu", "Waktu jawab per hari", MS, times, TIME_LINES),
        time_columns=TIME_COLUMNS,
        time_rows=shown(times),
        outages=_outages(gaps.rows if gaps else []),
        outage_columns=OUTAGE_COLUMNS,
        outage_rows=shown(gaps.rows if gaps else []),
        whole=not span.region,
        heavy=number(heavy) if heavy > RAW_LINES_MAX else "",
    )


def _days(rows: Sequence[Row]) -> list[Row]:
    """Each day of all ways and places together, with its share of technical declines."""
    found = _sums(rows, "day")
    return [
        {"day": day, **own, "share": own["technical_declines"] / (own["purchases"] or 1)}
        for day, own in sorted(found.items())
    ]


def _sums(rows: Sequence[Row], name: str) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for row in rows:
        own = found.setdefault(row[name], Counter())
        for each in SUMS:
            own[each] += row[each]
    return found


def _by(rows: Sequence[Row], name: str) -> list[Row]:
    sums = sorted(_sums(rows, name).items(), key=lambda each: -each[1]["purchases"])
    return [{name: word(key), **{each: own[each] for each in SUMS}} for key, own in sums]


def _places(rows: Sequence[Row], depth: int) -> list[Row]:
    cut = [row | {"region": row["regency"][:depth]} for row in rows]
    sums = _sums(cut, "region")
    worst = sorted(sums.items(), key=lambda each: -each[1]["technical_declines"])
    return [{"region": key, **{each: own[each] for each in SUMS}} for key, own in worst]


def _declines(rows: Sequence[Row], days: Sequence[Row]) -> dict[str, str]:
    total = {name: sum(row[name] for row in rows) for name in SUMS}
    every = total["purchases"]
    if not every:
        return {"reading": "Belum ada belanja pada hari-hari ini.", "number": "", "picture": ""}
    technical = total["technical_declines"] / every
    reading = (
        f"Dari {number(every)} belanja, {percent(total['business_declines'] / every)} ditolak "
        f"aturan (harga, barang, saldo, bukti) dan {percent(technical)} gagal karena bank, jalur, "
        "atau data kami."
    )
    drawn = [
        Column(day_written(row["day"]), row["share"], row["share"] > TECHNICAL_MOST) for row in days
    ]
    most = max(row["share"] for row in days)
    by_day = columns("teknis", "Gagal teknis per hari", reading, drawn, percent(most))
    ends = [
        Bar(name, total[key], f"{number(total[key])} ({percent(total[key] / every)})", bad)
        for name, key, bad in (
            ("Disetujui", "approved", False),
            ("Ditolak aturan", "business_declines", False),
            ("Gagal teknis", "technical_declines", True),
        )
    ]
    picture = bars("hasil", "Hasil belanja", reading, ends) + (by_day if most else "")
    return {"reading": reading, "number": percent(technical), "picture": picture}


def _times(rows: Sequence[Row]) -> dict[str, str]:
    """Answer times of the whole installation, day by day: the 95th of a hundred."""
    known = [row for row in rows if row["p95_ms"] is not None and row["answers"]]
    if not known:
        return {"reading": "Belum ada waktu jawab yang tersimpan.", "number": "", "picture": ""}
    newest = known[-1]
    reading = (
        f"Pada {day_written(newest['day'])} separuh jawaban selesai dalam "
        f"{number(round(newest['p50_ms']))} ms, 95 dari 100 dalam "
        f"{number(round(newest['p95_ms']))} ms."
    )
    drawn = [
        Column(day_written(row["day"]), row["p95_ms"], row["p95_ms"] > SLOW_MS) for row in known
    ]
    most = f"{number(round(max(row['p95_ms'] for row in known)))} ms"
    last = newest["p99_ms"]
    return {
        "reading": reading,
        "number": f"{number(round(last))} ms" if last is not None else "di atas 11,6 detik",
        "picture": columns("waktu", "Waktu jawab p95", reading, drawn, most),
    }


def _outages(rows: Sequence[Row]) -> dict[str, str]:
    hours = Counter[str]()
    for row in rows:
        hours[row["regency"]] += row["to_hour"] - row["from_hour"]
    every = sum(hours.values())
    if not every:
        reading = "Tidak ada jam ramai yang tanpa satu pun jawaban."
        return {"reading": reading, "number": "0", "picture": ""}
    worst, most = hours.most_common(1)[0]
    reading = (
        f"{number(every)} jam ramai tanpa satu pun jawaban, terbanyak di {place_name(worst)} "
        f"({number(most)} jam). Hari raya setempat bisa menjadi sebabnya."
    )
    drawn = [
        Bar(place_name(code), count, f"{number(count)} jam", bad=True)
        for code, count in hours.most_common()
    ]
    picture = bars("putus", "Jam tanpa jawaban", reading, drawn)
    return {"reading": reading, "number": number(every), "picture": picture}
