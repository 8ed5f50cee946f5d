"""The officers' page of the trail: who did what, when, why, under which seal; days and roots."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.engine import Engine
from pos_engine.services.report_acts import CheckedDay, checked_days, officer_acts
from pos_engine.store.work_lists import Look
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import Span, log_in_first, reader, show, span_of
from pos_engine.web.office_cells import number
from pos_engine.web.office_words import shown, word
from pos_engine.web.pictures_bars import Bar, bars

Row = dict[str, Any]
router = APIRouter(prefix="/kemensos/jejak", include_in_schema=False)
LINES_SHOWN = 200
NAME = r"^[\x20-\x7e]{0,64}$"
ACT = r"^[A-Z_]{0,40}$"
KINDS = {
    "": "Semua perbuatan", "CREDIT": "Penyaluran", "CARD": "Kartu", "FACE": "Wajah",
    "DEVICE": "Tablet", "DELEGATE": "Wakil", "SUPERVISED": "Pendampingan", "PIN": "PIN belanja",
    "SUSPENSION": "Penangguhan", "REGISTRY": "Data keluarga", "IDLE": "Saldo diam",
    "TREASURY": "Kas negara", "PURCHASE": "Pembatalan belanja", "OFFLINE": "Tanpa sinyal",
    "CATALOGUE": "Katalog", "CEILING": "Batas harga", "COMPLAINT": "Pengaduan",
    "ANOMALY": "Kejanggalan", "CASE": "Kasus bantuan", "SHOP": "Warung",
    "SETTLEMENT": "Pembayaran warung", "BANK": "Rekening dan bank",
}  # fmt: skip
COLUMNS = {
    "at": "Waktu", "name": "Petugas", "role": "Peran", "act": "Perbuatan", "subject": "Terhadap",
    "why": "Alasan", "seal": "Segel", "seal_day": "Hari segel",
}  # fmt: skip
DAY_COLUMNS = {
    "day": "Hari", "seals": "Mata rantai", "root": "Akar (SHA-256)", "signed": "Tanda tangan cocok",
    "follows": "Menyambung hari sebelumnya",
}  # fmt: skip


@router.get("", response_class=HTMLResponse)
def page(
    request: Request,
    engine: EngineHere,
    officer: Annotated[str, Query(alias="petugas", pattern=NAME)] = "",
    act: Annotated[str, Query(alias="perbuatan", pattern=ACT)] = "",
) -> Response:
    """Acts of officers, the newest first, and the closed days of the audit chain."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    span = span_of(request, engine, session)
    kind = act if act in KINDS else ""
    rows = _rows(engine, span, officer.strip(), kind)
    days = checked_days(engine, span.first, span.last)
    acts, chain = _acts(rows), _chain(days)
    return show(
        request,
        session,
        "office_trail.html",
        span=span,
        officer=officer,
        act=kind,
        kinds=KINDS,
        acts=acts,
        columns=COLUMNS,
        rows=shown(_said(row) for row in rows),
        most=LINES_SHOWN,
        chain=chain,
        day_columns=DAY_COLUMNS,
        days=[_day(each) for each in days],
    )


def _rows(engine: Engine, span: Span, officer: str, kind: str) -> list[Row]:
    look = Look(span.first, span.last, span.region or None, engine.now(), limit=LINES_SHOWN)
    with engine.database.read() as tx:
        return list(officer_acts(tx, look, officer, kind))


def _said(row: Row) -> Row:
    """In words: `Kartu: hilang`; the file has the codes."""
    first, _, rest = row["act"].partition("_")
    what = f"{KINDS.get(first, first)}: {word(rest).replace('_', ' ').lower()}"
    return row | {"name": row["name"] or row["officer"], "act": what}


def _acts(rows: Sequence[Row]) -> dict[str, str]:
    if not rows:
        return {"reading": "Tidak ada perbuatan petugas pada hari-hari ini.", "picture": ""}
    counts = Counter(_kind(row["act"]) for row in rows)
    people = len({row["officer"] for row in rows})
    sealed = sum(1 for row in rows if row["seal_day"])
    reading = (
        f"{number(len(rows))} perbuatan terbaru oleh {number(people)} orang; {number(sealed)} "
        "sudah di bawah segel."
    )
    drawn = [Bar(name, count, number(count)) for name, count in counts.most_common()]
    picture = bars("perbuatan", "Perbuatan menurut jenis", reading, drawn)
    return {"reading": reading, "picture": picture, "number": number(len(rows))}


def _kind(act: str) -> str:
    return KINDS.get(act.partition("_")[0], act)


def _chain(days: Sequence[CheckedDay]) -> dict[str, str]:
    if not days:
        return {"reading": "Belum ada hari yang ditutup di antara hari-hari ini.", "number": ""}
    wrong = [each for each in days if not (each.signed and each.follows)]
    reading = (
        f"{number(len(wrong))} dari {number(len(days))} hari tidak cocok: lapor segera."
        if wrong
        else f"{number(len(days))} hari ditutup; semua tanda tangan cocok dan menyambung."
    )
    return {"reading": reading, "number": number(len(days))}


def _day(each: CheckedDay) -> Row:
    return {
        "day": each.day,
        "seals": each.seals,
        "root": each.root,
        "signed": each.signed,
        "follows": each.follows,
    }
