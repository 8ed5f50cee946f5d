"""The frame of the officers' pages: who reads, of which days and places, among which pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.money import written
from pos_engine.rules.quantity import quantity_written, unit_name
from pos_engine.services.report import Scope
from pos_engine.services.sessions import Role, Session, authenticate
from pos_engine.web import office_cells, office_places
from pos_engine.web.reports import DAYS_MAX, scope_of

HOME = "/kemensos"
COOKIE = "ewarong_ministry"
BACK = "kembali"
READERS = (Role.DINSOS, Role.KEMENSOS, Role.AUDITOR)
VISITORS = (Role.PENDAMPING, *READERS)  # of the work lists: whom to visit
DAYS_SHOWN = 30
EAST_AHEAD = timedelta(days=1)  # in WIT the next day has begun before it has in UTC
TEXT_LENGTH_MAX = 160  # of one part of the filter

pages = Jinja2Templates(Path(__file__).parent / "templates")
pages.env.filters["rupiah"] = lambda amount: written(amount) if amount is not None else "-"
pages.env.filters["quantity"] = quantity_written
pages.env.filters["unit"] = unit_name
pages.env.filters["place"] = office_places.place_name
pages.env.filters["cell"] = office_cells.cell
pages.env.filters["numeric"] = office_cells.numeric
pages.env.filters["number"] = office_cells.number
pages.env.filters["day"] = office_cells.day_written
pages.env.filters["moment"] = office_cells.moment_written


GROUPS = ("Uang", "Keluarga", "Warung", "Harga", "Pengawasan")  # what an officer asks about
MONEY, FAMILIES, SHOPS, PRICES, WATCH = GROUPS


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the navigation, who may open it, and the question it belongs to."""

    path: str
    title: str
    roles: tuple[Role, ...] = READERS
    group: str = WATCH


NAVIGATION: tuple[Page, ...] = (
    Page(HOME, "Ringkasan", group=""),
    Page("/kemensos/peta", "Peta", group=MONEY),
    Page("/kemensos/harga", "Harga dan HET", group=PRICES),
    Page("/kemensos/belanja", "Belanja", group=MONEY),
    Page("/kemensos/selisih", "Selisih HET", group=PRICES),
    Page("/kemensos/batas-harga", "Batas harga", group=PRICES),
    Page("/kemensos/pengaduan", "Pengaduan", group=FAMILIES),
    Page("/kemensos/jadwal", "Jadwal salur", group=MONEY),
    Page("/kemensos/penyaluran", "Penyaluran", VISITORS, MONEY),
    Page("/kemensos/belum-belanja", "Belum belanja", VISITORS, FAMILIES),
    Page("/kemensos/kartu", "Kartu belum tersalur", VISITORS, FAMILIES),
    Page("/kemensos/tersisih", "Tersisih", group=FAMILIES),
    Page(
        "/kemensos/tersisih/keluarga", "Keluarga tersisih", (Role.PENDAMPING, Role.DINSOS), FAMILIES
    ),
    Page("/kemensos/jarak", "Jarak ke warung", VISITORS, SHOPS),
    Page("/kemensos/kejanggalan", "Kejanggalan"),
    Page("/kemensos/warung", "Warung", group=SHOPS),
    Page("/kemensos/layanan", "Layanan", group=SHOPS),
    Page("/kemensos/jejak", "Jejak audit"),
    Page("/kemensos/wajah", "Usulan wajah", group=FAMILIES),
    Page("/kemensos/petugas", "Petugas", (Role.ADMIN, Role.KEMENSOS)),
)


@dataclass(frozen=True, slots=True)
class Span:
    """What a page shows: local days first..last of a place; `note` says what was not granted."""

    first: date
    last: date
    scope: Scope
    note: str = ""

    @property
    def region(self) -> str:
        """The place's code; empty for the nation."""
        return self.scope.region or ""

    @property
    def query(self) -> str:
        """The same span as a query of a link."""
        return self.query_of(self.region)

    def query_of(self, region: str) -> str:
        """The same days of another place, as a query of a link."""
        asked = {"dari": self.first.isoformat(), "sampai": self.last.isoformat()}
        return urlencode(asked | ({"wilayah": region} if region else {}))

    @property
    def place(self) -> str:
        """The place as people say it."""
        return office_places.place_path(self.region)

    @property
    def days(self) -> str:
        """The days as people say them."""
        first, last = office_cells.day_written(self.first), office_cells.day_written(self.last)
        return first if self.first == self.last else f"{first} sampai {last}"


def reader(request: Request, engine: Engine, roles: Collection[Role] = READERS) -> Session | None:
    """Who reads, by the cookie; None: nobody, or nobody who may."""
    session = authenticate(engine, request.cookies.get(COOKIE, ""))
    return session if session is not None and session.role in roles else None


def log_in_first(request: Request | None = None) -> Response:
    """Where a page sends who may not read it; with its request it is opened again afterwards."""
    asked = request.url if request is not None and request.method == "GET" else None
    back = urlencode({BACK: f"{asked.path}?{asked.query}"}) if asked else ""
    return RedirectResponse(f"{HOME}?{back}" if back else HOME, HTTPStatus.SEE_OTHER)


def way_back(request: Request) -> str:
    """The page that was asked for before the session was renewed; only one of ours."""
    back = request.query_params.get(BACK, "")
    return back if any(back.startswith(f"{page.path}?") for page in NAVIGATION) else HOME


def pages_for(role: Role) -> list[Page]:
    """The pages that a role may open; none: it has no business here."""
    return [page for page in NAVIGATION if role in page.roles]


def _menu(open_pages: list[Page]) -> list[tuple[str, list[Page]]]:
    """The pages by the question they answer; Ringkasan stands alone under no question."""
    found = [(group, [page for page in open_pages if page.group == group]) for group in GROUPS]
    return [(group, own) for group, own in found if own]


def new_act(engine: Engine) -> str:
    """The id of what a form will do: a form that is sent twice acts once."""
    return new_uuid7(engine.now())


def span_of(request: Request, engine: Engine, session: Session) -> Span:
    """Days and place that the query asks for (dari, sampai, wilayah), within the session's scope.

    What cannot be read or may not be seen is not an error: the page says so and shows what it may.
    """
    asked = {name: value[:TEXT_LENGTH_MAX].strip() for name, value in request.query_params.items()}
    first, last, notes = _days(engine, asked.get("dari", ""), asked.get("sampai", ""))
    text = asked.get("wilayah", "")
    found = office_places.place_asked(text)
    if text and found is None:
        notes.append(f"Wilayah “{text}” tidak dikenal atau ada lebih dari satu. Pilih dari daftar.")
    scope = scope_of(session, found)
    if found is not None and scope.region != found:
        notes.append("Wilayah itu di luar wewenang Anda.")
    return Span(first, last, scope, " ".join(notes))


def _days(engine: Engine, first_asked: str, last_asked: str) -> tuple[date, date, list[str]]:
    last = _day(last_asked) or engine.now().date() + EAST_AHEAD
    first = _day(first_asked) or last - timedelta(days=DAYS_SHOWN)
    if first > last:
        first, last = last, first
    if (last - first).days < DAYS_MAX:
        return first, last, []
    note = f"Paling banyak {DAYS_MAX} hari sekali lihat: ditampilkan {DAYS_MAX} hari terakhir."
    return last - timedelta(days=DAYS_MAX - 1), last, [note]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if office_cells.YEARS[0] <= found.year <= office_cells.YEARS[1] else None


def show(
    request: Request,
    session: Session,
    template: str,
    status: HTTPStatus = HTTPStatus.OK,
    /,
    **context: Any,
) -> Response:
    """A page in the frame. With `span` among the context it has the filter."""
    path = request.url.path
    open_pages = pages_for(session.role)
    inside = [page for page in open_pages if path == page.path or path.startswith(f"{page.path}/")]
    here = max((page.path for page in inside), key=len, default="")
    span: Span | None = context.get("span")
    frame: dict[str, Any] = {
        "session": session,
        "alone": [page for page in open_pages if not page.group],
        "menu": _menu(open_pages),
        "here": here,
        "printed_at": request.app.state.engine.now(),
    }
    if span is not None:
        frame["choices"] = office_places.choices(session.region or "")
        frame["trail"] = office_places.trail(session.region or "", span.region)
    return pages.TemplateResponse(request, template, frame | context, status_code=status)
