"""Who may do what: every operation and page, every role, own and foreign rows (docs/roles.csv)."""

import csv
import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import pos_engine.services.devices
from pos_engine.rules.ids import new_uuid7
from pos_engine.services import install
from pos_engine.services.cards import list_cards
from pos_engine.services.register import NewFamily, register_family, set_pin
from pos_engine.services.sessions import Role
from pos_engine.web import office_staff
from pos_engine.web.app import PARTS, create_app
from pos_engine.web.auth import the_session
from pos_engine.web.office import COOKIE, HOME, NAVIGATION
from tests.reserving import TabletKey
from tests.web.conftest import a_body, a_line, log_in
from tests.world import BORN, MSISDN, NOW, PIN, credit

TABLE = Path(__file__).parents[2] / "docs" / "roles.csv"
ROLES = [role.value for role in Role]
NOBODY = "nobody"
OPEN = {"everyone", "log-in"}  # nobody is logged in: a secret in the request, or nothing to hide
OTHERS = {"kpm", "device", "gateway", "partner", "demo"}  # no member of staff, whoever it is
ENDS = {("DELETE", "/v1/sessions"), ("POST", "/kemensos/keluar")}  # their own tests end sessions
STRANGE = "01900000-0000-7000-8000-000000000000"
VALUES = {"output": "csv", "what": "periksa"}
PAGES_OF = {"pengaduan": "ABCDEFGH", "kejanggalan": "0" * 32}  # names as these pages write them
FORMS = {
    "/kemensos/pengaduan/baru": {"tentang": "OTHER"},
    "/kemensos/pengaduan/{reference}/uang": {"uang": "LOSS"},
    "/kemensos/kejanggalan/{case_id}": {"what": "EXPLAIN"},
}


@dataclass(frozen=True)
class Operation:
    """A row of the table."""

    method: str
    path: str
    who: frozenset
    scope: str
    object: str
    foreign: str

    @property
    def is_page(self):
        return not self.path.startswith(("/v1", "/gateway", "/health", "/metrics"))

    @property
    def named(self):
        return f"{self.method} {self.path}"

    def address(self, value=None):
        words = VALUES | ({"name": "kalender"} if "/jadwal/" in self.path else {})
        return re.sub(r"\{(\w+)\}", lambda at: words.get(at[1], value or STRANGE), self.path)


def table():
    with TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Operation(
            **(row | {"who": frozenset(ROLES if row["who"] == "staff" else row["who"].split())})
        )
        for row in rows
    ]


def routes():
    """Every route of the app, by method and path."""
    return {
        (method, route.path): route for part in PARTS for route in part.router.routes
        for method in route.methods
    }  # fmt: skip


def form_of(operation):
    """Something in every field, so that a page gets as far as to ask who it is."""
    route = routes().get((operation.method, operation.path))
    fields = route.dependant.body_params if route else []
    act = {"act": new_uuid7(NOW)}
    names = {field.alias for field in fields} - {"foto"}  # a file, which may be left out
    return dict.fromkeys(names, "1") | FORMS.get(operation.path, {}) | act


class Callers:
    """One client for each role, logged in both ways, and one for nobody."""

    def __init__(self, app, logins):
        self.clients, self.tokens = {}, {}
        for who in (NOBODY, *logins):
            client = TestClient(
                app,
                base_url="http://127.0.0.1",
                follow_redirects=False,
                raise_server_exceptions=False,
            )
            if who in logins:
                self.tokens[who] = log_in(client, logins[who])["access_token"]
                client.headers["Authorization"] = f"Bearer {self.tokens[who]}"
                client.cookies.set(COOKIE, self.tokens[who])
            self.clients[who] = client

    def ask(self, who, operation, address=None, body=None):
        page = operation.path.split("/")[2] if operation.path.startswith(HOME + "/") else ""
        client, path = self.clients[who], address or operation.address(PAGES_OF.get(page))
        if operation.method == "GET":
            return client.get(path)
        if operation.is_page:
            return client.request(operation.method, path, data=form_of(operation))
        return client.request(operation.method, path, json=body or {})


def turned_away(operation, who, answer):
    """Was it refused because of who asks."""
    if operation.is_page:
        place = answer.headers.get("location", "")
        to_the_door = answer.status_code == HTTPStatus.SEE_OTHER and place.startswith(HOME)
        return to_the_door or answer.status_code == HTTPStatus.FORBIDDEN
    wanted = HTTPStatus.UNAUTHORIZED if who == NOBODY else HTTPStatus.FORBIDDEN
    return answer.status_code == wanted


def unexpected(callers, rows):
    """Every call whose answer is another than the table says."""
    found = []
    for operation in rows:
        if (operation.method, operation.path) in ENDS or operation.who & OPEN:
            continue
        for who in (NOBODY, *ROLES):
            if who in operation.who:
                continue
            answer = callers.ask(who, operation)
            if operation.who & OTHERS:
                good = not answer.is_success
            else:
                good = turned_away(operation, who, answer)
            if not good:
                found.append(f"{who}: {operation.named} -> {answer.status_code}")
        allowed = sorted(operation.who & set(ROLES))
        for who in allowed[-1:]:
            answer = callers.ask(who, operation)
            is_json = "json" in answer.headers.get("content-type", "")
            code = answer.json().get("code") if is_json else None
            if answer.status_code == HTTPStatus.UNAUTHORIZED or code == "ROLE_NOT_ALLOWED":
                found.append(f"{who} may: {operation.named} -> {answer.status_code}")
    return found


@pytest.fixture
def logins(engine, world):
    """One of each role in 35.07, and the same shop, region and family elsewhere."""
    made = {role: world.staff[role] for role in ROLES if role in world.staff}
    made["AUDITOR"] = _staff(engine, Role.AUDITOR)
    made["ADMIN"] = _staff(engine, Role.ADMIN)
    return made


def _staff(engine, role, *, shop_id=None, till_id=None, region=None):
    device = install.add_device(engine, till_id)
    new = install.add_staff(engine, "Petugas", role, shop_id=shop_id, region=region)
    own = {"device_id": device.device_id, "device_secret": device.device_secret}
    return own | {"staff_id": new.staff_id, "pin": new.pin}


@pytest.fixture
def app(engine, tmp_path):
    return create_app(engine, demo_file=tmp_path / "demo.json")


@pytest.fixture
def callers(app, logins):
    return Callers(app, logins)


def test_every_operation_stands_in_the_table_and_nothing_else(app):
    known = {(row.method, row.path) for row in table()}
    assert len(known) == len(table())
    published = {
        (method.upper(), path)
        for path, item in app.openapi()["paths"].items()
        for method in item
        if method in ("get", "put", "post", "delete", "patch")
    }
    own = {("GET", "/"), ("GET", "/health")}  # of the app itself
    assert known == set(routes()) | own
    assert published <= known


def test_the_pages_that_a_role_finds_are_those_it_may_open():
    pages = {row.path: row.who for row in table() if row.method == "GET"}
    for page in NAVIGATION:
        if page.path != HOME:  # there everybody is asked to log in
            assert pages[page.path] == {role.value for role in page.roles}, page.path


def test_nobody_acts_beyond_a_role(callers):
    assert unexpected(callers, table()) == []


class TestPlantedFaults:
    """What the matrix is for: an operation that lost its check is named."""

    def test_a_role_check_that_was_removed(self, app, callers):
        route = routes()["POST", "/v1/devices/{device_id}/approve"]
        checks = [
            inner.call
            for each in route.dependant.dependencies
            for inner in (each, *each.dependencies)
            if getattr(inner.call, "__qualname__", "").startswith("only.")
        ]
        assert checks
        app.dependency_overrides[checks[0]] = the_session
        rows = [row for row in table() if row.path.startswith("/v1/devices")]
        named = {line.split(" -> ")[0] for line in unexpected(callers, rows)}
        assert "KASIR: POST /v1/devices/{device_id}/approve" in named

    def test_a_page_that_lets_everybody_in(self, callers, monkeypatch):
        monkeypatch.setattr(office_staff, "SECOND", tuple(Role))
        rows = [row for row in table() if row.path.startswith(office_staff.PATH)]
        named = [line.split(" -> ")[0] for line in unexpected(callers, rows)]
        assert f"KASIR: GET {office_staff.PATH}" in named

    def test_a_row_scope_that_was_removed(self, callers, foreign, world, monkeypatch):
        monkeypatch.setattr(pos_engine.services.devices, "inside", lambda *_: True)
        rows = [row for row in table() if row.object == "device"]
        named = {line.split(" -> ")[0] for line in foreign_answers(callers, rows, foreign, world)}
        assert "DINSOS: POST /v1/devices/{device_id}/approve" in named


# ---- foreign rows ---------------------------------------------------------------------------
SCOPED = ("KASIR", "PEMILIK", "PENDAMPING", "DINSOS")  # the others work for the nation
CLOSE = {"close_id": STRANGE, "day": "2026-11-21", "cash": {"opening": 0, "counted": 0}}
NMID = {
    "nmid": "ID1234567890123",
    "domain": "ID.CO.CONTOH.WWW",
    "mpan": "936000010000000001",
    "merchant_id": "M1",
    "criteria": "UMI",
    "postal_code": "65111",
    "partner_id": "P1",
}
BODIES = {
    "/v1/purchases/{purchase_id}": lambda f, world: a_body(world, a_line(quantity_milli=1000)),
    "/v1/voids/{void_id}": lambda f, _: {"purchase_id": f.ids["purchase"], "reason": "salah"},
    "/v1/baskets/{purchase_id}/phone": lambda _, world: {
        "till_id": world.till_id,
        "msisdn": MSISDN,
    },
    "/v1/cards/{card_id}/block": lambda *_: {"kind": "LOST"},
    "/v1/shops/{shop_id}/remote": lambda *_: {"remote": True},
    "/v1/shops/{shop_id}/day/close": lambda *_: CLOSE,
    "/v1/shops/{shop_id}/reject": lambda *_: {"reason": "Alamat tidak ada."},
    "/v1/shops/{shop_id}/nmid": lambda *_: NMID,
    "/v1/complaints/{reference}/swap": lambda *_: {"act_id": STRANGE, "pin": PIN},
}


@dataclass
class Foreign:
    """What others own: a shop and a region at the other end of the country."""

    ids: dict
    till_id: str
    card: str
    kpm_id: str
    logins: dict


@pytest.fixture
def foreign(engine, world, app):
    """Another shop's sale, device and day, another region's family, card, complaint and draft."""
    shop_id, till_id = world.other_shop_id, world.other_till_id
    logins = {
        "KASIR": world.staff["KASIR-2"],
        "PEMILIK": _staff(engine, Role.PEMILIK, shop_id=shop_id, till_id=till_id),
        "DINSOS": _staff(engine, Role.DINSOS, region="94.01"),
        "PENDAMPING": _staff(engine, Role.PENDAMPING, region="94.01"),
    }
    family = register_family(
        engine,
        NewFamily(
            kpm_id="KPM-9",
            region="94.01.01.1001",
            home_shop=shop_id,
            name="Yosina Tabuni",
            birth_date=BORN,
        ),
    )
    assert set_pin(engine, "KPM-9", PIN) is None
    credit(engine, {"KPM-9": 200_000}, period="2026-10")
    (card,) = list_cards(engine, kpm_id="KPM-9")
    ids = {"shop": shop_id, "card": card.card_id, "device": logins["KASIR"]["device_id"]}
    made = Foreign(ids, till_id, family.card, "KPM-9", logins)
    _live(app, world, made)
    return made


def _live(app, world, made):
    theirs = Callers(app, made.logins).clients
    sale = new_uuid7(NOW)
    payer = {"method": "KKS", "card": made.card, "pin": PIN}
    body = a_body(world, a_line(unit_price=13_400, quantity_milli=1000), payer=payer)
    sold = theirs["KASIR"].put(f"/v1/purchases/{sale}", json=body | {"till_id": made.till_id})
    assert sold.json()["status"] == "APPROVED", sold.text
    made.ids["purchase"] = sale
    code = theirs["PEMILIK"].post("/v1/devices/codes", json={"pin": made.logins["PEMILIK"]["pin"]})
    key = TabletKey.ed25519(5).body | {"code": code.json()["code"], "label": "Tablet"}
    bound = theirs["KASIR"].put("/v1/devices/key", json=key)
    assert bound.status_code == HTTPStatus.OK, bound.text
    complaint = {"complaint_id": new_uuid7(NOW), "kind": "OTHER", "words": "x", "kpm_id": "KPM-9"}
    told = theirs["DINSOS"].post("/v1/complaints", json=complaint)
    assert told.is_success, told.text
    made.ids["complaint"] = told.json()["reference"]
    voided = new_uuid7(NOW)
    void = {"purchase_id": sale, "reason": "salah barang"}
    done = theirs["PEMILIK"].put(f"/v1/voids/{voided}", json=void)
    assert done.is_success, done.text
    made.ids["void"] = voided


def foreign_answers(callers, rows, foreign, world):
    """Every call about somebody else's row that was answered in another way than the table says."""
    found = []
    for operation in rows:
        if operation.object not in foreign.ids:
            continue
        wanted = [int(each) for each in operation.foreign.split("|")]
        address = operation.address(foreign.ids[operation.object])
        body = BODIES.get(operation.path, lambda *_: None)(foreign, world)
        for who in sorted(operation.who & set(SCOPED)):
            answer = callers.ask(who, operation, address, body)
            place = answer.headers.get("location", "")  # of a page: the list, never the row
            if answer.status_code not in wanted or foreign.ids[operation.object] in place:
                found.append(f"{who}: {operation.named} -> {answer.status_code} {answer.text[:80]}")
    return found


# Lists and reports: rows of others are not in them.
LISTS = (
    ("/v1/purchases", ("KASIR", "PEMILIK")),
    ("/v1/devices", ("PEMILIK", "DINSOS")),
    ("/v1/shops", ("PENDAMPING", "DINSOS")),
    ("/v1/cards?kpm_id=KPM-9", ("PENDAMPING", "DINSOS")),
    ("/v1/enrolments", ("PENDAMPING", "DINSOS")),
    ("/v1/supervisions", ("PENDAMPING", "DINSOS")),
    ("/v1/cases", ("DINSOS",)),
    ("/v1/anomalies", ("PEMILIK",)),
    ("/v1/complaints/swaps", ("KASIR", "PEMILIK")),
    ("/v1/reports/purchases?from=2026-11-01&to=2026-11-30", ("PEMILIK", "DINSOS")),
    ("/v1/reports/purchases?from=2026-11-01&to=2026-11-30&region=94", ("PEMILIK", "DINSOS")),
    ("/v1/reports/disbursement?from=2026-10-01&to=2026-11-30&region=94.01", ("DINSOS",)),
    ("/v1/reports/not-redeemed?from=2026-10-01&to=2026-11-30&region=94.01", ("PENDAMPING",)),
    ("/kemensos/warung?wilayah=94.01", ("DINSOS",)),
    ("/kemensos/belum-belanja?wilayah=94.01", ("PENDAMPING", "DINSOS")),
    ("/kemensos/pengaduan", ("DINSOS",)),
    ("/kemensos/jejak", ("DINSOS",)),
)  # fmt: skip


def listed_of_others(callers, foreign):
    """Lists and reports that hold a row of somebody else, or refuse as they may not."""
    theirs = (*foreign.ids.values(), foreign.kpm_id, "Kios Mama Yosina", "94.01.01")
    found = []
    for path, who in LISTS:
        for each in who:
            answer = callers.clients[each].get(path)
            shown = answer.text.replace(path, "")
            leaked = [name for name in theirs if answer.is_success and name in shown]
            if leaked or not (answer.is_success or answer.status_code in (403, 404)):
                found.append(f"{each}: {path} -> {answer.status_code} {leaked}")
    return found


def test_nobody_sees_or_acts_on_the_rows_of_others(callers, app, foreign, world):
    assert foreign_answers(callers, table(), foreign, world) == []
    assert listed_of_others(callers, foreign) == []
    _they_are_there(app, foreign)


def _they_are_there(app, foreign):
    """For those they belong to; otherwise a 404 would prove nothing."""
    theirs = Callers(app, foreign.logins).clients
    sale, shop = foreign.ids["purchase"], foreign.ids["shop"]
    assert theirs["KASIR"].get(f"/v1/purchases/{sale}").status_code == HTTPStatus.OK
    assert theirs["PEMILIK"].get(f"/v1/shops/{shop}/day").status_code == HTTPStatus.OK
    assert foreign.ids["device"] in theirs["DINSOS"].get("/v1/devices").text
    assert foreign.ids["card"] in theirs["PENDAMPING"].get("/v1/cards?kpm_id=KPM-9").text
    page = theirs["DINSOS"].get(f"/kemensos/pengaduan/{foreign.ids['complaint']}")
    assert page.status_code == HTTPStatus.OK
    voided = theirs["PEMILIK"].get(f"/v1/voids/{foreign.ids['void']}")
    assert voided.status_code == HTTPStatus.OK
    block = {"kind": "LOST"}
    done = theirs["DINSOS"].post(f"/v1/cards/{foreign.ids['card']}/block", json=block)
    assert done.status_code == HTTPStatus.OK, done.text
