"""The officers' work lists: who has not bought yet, whose card waits; marked rows for paper."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.engine import Engine
from pos_engine.rules.money import written
from pos_engine.services import work_lists
from pos_engine.services.office_reports import OFFICE_REPORTS, WORKERS
from pos_engine.services.sessions import Role
from pos_engine.store.database import Tx
from pos_engine.store.work_lists import Look
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import VISITORS, Span, log_in_first, reader, show, span_of
from pos_engine.web.office_cells import number
from pos_engine.web.office_rows import looked_up
from pos_engine.web.office_words import shown, word
from pos_engine.web.pictures_bars import Bar, bars

Row = dict[str, Any]
router = APIRouter(prefix="/kemensos", include_in_schema=False)
LINES_SHOWN = 200  # of a list on a page, and on paper at once
AHEAD = timedelta(days=62)  # money that ends within two months, unless days are chosen
_Counts = Callable[[Tx, Look], list[Row]]


@dataclass(frozen=True, slots=True)
class WorkList:
    """One list: its page, its words, its columns, what names a row, and who may read it."""

    path: str
    report: str
    title: str
    columns: dict[str, str]
    key: tuple[str, ...]
    counts: _Counts | None
    definition: str
    roles: tuple[Role, ...] = VISITORS
    ahead: bool = False  # asks for days to come

    def key_of(self, row: Row) -> str:
        """What a mark on a row says."""
        return " ".join(str(row[name]) for name in self.key)


NOT_BOUGHT = WorkList(
    "belum-belanja",
    "not-redeemed",
    "Belum belanja",
    {
        "region": "Desa", "name": "Pengurus", "kpm_id": "KPM", "period": "Periode",
        "left": "Sisa", "expires_on": "Hari terakhir", "likely_reason": "Kira-kira sebabnya",
        "next_step": "Langkah berikut",
    },
    ("kpm_id", "programme", "period"),
    work_lists.reasons_of_money,
    "saldo yang hari terakhirnya jatuh pada hari-hari ini dan belum habis",
    ahead=True,
)  # fmt: skip
CARDS = WorkList(
    "kartu",
    "cards-undistributed",
    "Kartu belum tersalur",
    {
        "region": "Desa", "name": "Nama di kartu", "kpm_id": "KPM", "last4": "Akhir nomor",
        "state": "Keadaan", "reason": "Sebab", "since": "Sejak", "next_step": "Langkah berikut",
    },
    ("card_id",),
    work_lists.reasons_of_cards,
    "kartu yang dicetak dan belum sampai ke tangan pemiliknya",
)  # fmt: skip
LEFT_OUT = WorkList(
    "tersisih/keluarga",
    "left-out-families",
    "Keluarga tersisih",
    {
        "region": "Desa", "name": "Pengurus", "kpm_id": "KPM", "kind": "Apa yang terjadi",
        "since": "Sejak", "tries": "Kali gagal", "method": "Cara", "left": "Saldo",
        "next_step": "Langkah berikut",
    },
    ("kpm_id", "kind"),
    None,
    "keluarga yang gagal dikenali, atau belum pernah datang, lalu tujuh hari tidak belanja",
    WORKERS,
)  # fmt: skip
LISTS = {each.path: each for each in (NOT_BOUGHT, CARDS, LEFT_OUT)}


@router.get("/belum-belanja", response_class=HTMLResponse)
def not_bought(request: Request, engine: EngineHere) -> Response:
    """Tranches that end soon with money in them."""
    return _page(request, engine, NOT_BOUGHT)


@router.get("/kartu", response_class=HTMLResponse)
def cards(request: Request, engine: EngineHere) -> Response:
    """Cards that wait for their owner."""
    return _page(request, engine, CARDS)


@router.get("/tersisih/keluarga", response_class=HTMLResponse)
def left_out(request: Request, engine: EngineHere) -> Response:
    """Families who could not buy, for those who work on them."""
    return _page(request, engine, LEFT_OUT)


@router.post("/belum-belanja/cetak", response_class=HTMLResponse)
@router.post("/kartu/cetak", response_class=HTMLResponse)
@router.post("/tersisih/keluarga/cetak", response_class=HTMLResponse)
def on_paper(
    request: Request,
    engine: EngineHere,
    marks: Annotated[list[str] | None, Form(alias="pilih", max_length=LINES_SHOWN)] = None,
) -> Response:
    """The marked rows with room for what the officer finds; all of the page without a mark."""
    path = request.url.path.removeprefix(f"{router.prefix}/").removesuffix("/cetak")
    wanted = LISTS[path]
    session = reader(request, engine, wanted.roles)
    if session is None:
        return log_in_first()
    span = _span(request, engine, wanted)
    found = _rows(engine, wanted, span)[:LINES_SHOWN]
    rows = [row for row in found if not marks or wanted.key_of(row) in marks]
    return show(
        request,
        session,
        "office_paper.html",
        wanted=wanted,
        place=span.place,
        at=engine.now(),
        rows=shown(rows),
    )


def _page(request: Request, engine: Engine, wanted: WorkList) -> Response:
    session = reader(request, engine, wanted.roles)
    if session is None:
        return log_in_first()
    span = _span(request, engine, wanted)
    found = _rows(engine, wanted, span)
    counts, rows = _counts(engine, wanted, span, found), found[:LINES_SHOWN]
    text = _reading(counts)
    return show(
        request,
        session,
        "office_list.html",
        span=span,
        wanted=wanted,
        reading=text,
        picture=_reasons(wanted, counts, text),
        number=number(sum(row["families"] for row in counts)),
        places=_places(counts),
        place_columns={"region": "Tempat", "families": "Banyaknya", "left": "Rupiah"},
        rows=shown(rows),
        keys=[wanted.key_of(row) for row in rows],
        lines_shown=LINES_SHOWN,
    )


def _span(request: Request, engine: Engine, wanted: WorkList) -> Span:
    """The page's days; a list of days to come begins today when none are chosen."""
    session = reader(request, engine, wanted.roles)
    if session is None:
        raise LookupError(wanted.path)  # asked for after it was found: a fault
    span = span_of(request, engine, session)
    chosen = request.query_params.get("dari") or request.query_params.get("sampai")
    if not wanted.ahead or chosen:
        return span
    today = engine.now().date()
    return replace(span, first=today, last=today + AHEAD)


def _look(engine: Engine, span: Span) -> Look:
    return Look(span.first, span.last, span.region or None, engine.now(), limit=LINES_SHOWN)


def _rows(engine: Engine, wanted: WorkList, span: Span) -> list[Row]:
    """The first rows of the list, by place; of a list that is counted by its rows all of them."""

    def made() -> list[Row]:
        with engine.database.read() as tx:
            return list(OFFICE_REPORTS[wanted.report].make(tx, _look(engine, span)))

    return looked_up(engine, f"{wanted.report} page", span, made) or []


def _counts(engine: Engine, wanted: WorkList, span: Span, rows: Sequence[Row]) -> list[Row]:
    """Of the whole list, however long; from its rows where the database does not count them."""
    counts = wanted.counts
    if counts is None:
        return _of_rows(rows)

    def made() -> list[Row]:
        with engine.database.read() as tx:
            return counts(tx, _look(engine, span))

    return looked_up(engine, f"{wanted.report} counts", span, made) or []


def _of_rows(rows: Sequence[Row]) -> list[Row]:
    found = Counter((row["region"], row["method"] or row["kind"]) for row in rows)
    return [
        {"region": region, "why": why, "families": count, "left": 0}
        for (region, why), count in sorted(found.items())
    ]


def _reading(counts: Sequence[Row]) -> str:
    every = sum(row["families"] for row in counts)
    if not every:
        return "Tidak ada yang menunggu di tempat dan pada hari-hari ini."
    why, most = _by_reason(counts)[0]
    left = sum(row["left"] for row in counts)
    money = f", masih menyimpan {written(left)}" if left else ""
    return (
        f"{number(every)} menunggu{money}. Paling sering: {word(why)} ({number(most)}). "
        f"Tandai yang akan dikunjungi, lalu cetak."
    )


def _by_reason(counts: Sequence[Row]) -> list[tuple[str, int]]:
    found = Counter[str]()
    for row in counts:
        found[row["why"]] += row["families"]
    return found.most_common()


def _reasons(wanted: WorkList, counts: Sequence[Row], text: str) -> str:
    rows = [Bar(word(why), count, number(count)) for why, count in _by_reason(counts)]
    return bars("sebab", f"{wanted.title}, menurut sebab", text, rows)


def _places(counts: Sequence[Row]) -> list[Row]:
    """Sums by place, the longest list first."""
    families, left = Counter[str](), Counter[str]()
    for row in counts:
        families[row["region"]] += row["families"]
        left[row["region"]] += row["left"]
    return [
        {"region": place, "families": count, "left": left[place]}
        for place, count in sorted(families.items(), key=lambda each: (-each[1], each[0]))
    ]
