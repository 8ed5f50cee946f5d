"""Officers prove more than a PIN: made by them alone, used once, locked by person."""

import re
from dataclasses import replace
from http import HTTPStatus

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.lockout import LOCK_FIRST, STAFF_TRIES_MAX
from pos_engine.services import install
from pos_engine.services.kin import set_staff_nik
from pos_engine.services.second_factor import SETUP_LIFE
from pos_engine.services.sessions import Role
from pos_engine.store.schema_staff_factors import staff_event, staff_factor, staff_recovery
from pos_engine.web.app import create_app
from tests.world import NIK

LOG_IN, FACTOR = "/kemensos/masuk", "/kemensos/masuk/faktor"
BEGIN, FINISH = "/kemensos/masuk/siapkan", "/kemensos/masuk/pasang"
STAFF = "/kemensos/petugas"


class Officer:
    """An officer with a browser of her own."""

    def __init__(self, engine, role, region=None, name="Petugas"):
        device = install.add_device(engine, None)
        new = install.add_staff(engine, name, role, region=region)
        self.engine, self.staff_id, self.setup_code = engine, new.staff_id, new.setup_code
        self.login = {
            "device_id": device.device_id,
            "device_secret": device.device_secret,
            "staff_id": new.staff_id,
            "pin": new.pin,
        }
        self.secret, self.recovery = None, []
        self.browser = browser(engine)

    def first(self):
        return self.browser.post(LOG_IN, data=self.login)

    def ticket(self):
        return ticket_in(self.first().text)

    def make(self, code=None):
        """Her first log-in: set-up code, app, first code of it."""
        begun = self.browser.post(BEGIN, data={"tiket": self.ticket(), "kode": self.setup_code})
        assert begun.status_code == HTTPStatus.OK, begun.text
        self.secret = re.search(r'id="rahasia">(\w+)<', begun.text)[1]
        data = {"tiket": ticket_in(begun.text), "kode": code or self.code()}
        made = self.browser.post(FINISH, data=data)
        self.recovery = re.findall(r"<li><code>([\w-]+)</code>", made.text)
        return made

    def code(self):
        return pyotp.TOTP(self.secret).at(self.engine.now())

    def prove(self, code=None):
        return self.browser.post(FACTOR, data={"tiket": self.ticket(), "kode": code or self.code()})

    def api(self, **more):
        return self.browser.post("/v1/sessions", json=self.login | more)


def browser(engine):
    return TestClient(
        create_app(engine),
        base_url="http://127.0.0.1",
        follow_redirects=False,
        raise_server_exceptions=False,
    )


def ticket_in(page):
    return re.search(r'name="tiket" value="([^"]+)"', page)[1]


def next_code(clock):
    clock.advance(seconds=30)


@pytest.fixture
def strict(engine):
    """The same installation as everybody but a demo has it."""
    return replace(engine, staff_factor="required")


@pytest.fixture
def officer(strict):
    return Officer(strict, Role.KEMENSOS)


@pytest.fixture
def ready(officer, clock):
    assert officer.make().status_code == HTTPStatus.OK
    officer.browser.cookies.clear()
    next_code(clock)
    return officer


def events(engine, officer):
    with engine.database.read() as tx:
        query = select(staff_event.c.kind).where(staff_event.c.staff_id == officer.staff_id)
        return list(tx.execute(query.order_by(staff_event.c.at, staff_event.c.event_id)).scalars())


class TestTheFirstTime:
    def test_pin_alone_opens_nothing_and_the_set_up_code_makes_the_factor(self, officer, strict):
        page = officer.first()
        assert "kode pemasangan" in page.text.lower()
        assert "ewarong_ministry" not in officer.browser.cookies
        made = officer.make()
        assert len(officer.recovery) == 10
        assert made.headers["Cache-Control"] == "no-store"
        assert officer.browser.get("/kemensos").status_code == HTTPStatus.OK
        assert sorted(events(strict, officer)) == ["ACTIVE", "SETUP_CODE"]

    @pytest.mark.parametrize("role", [Role.DINSOS, Role.AUDITOR, Role.ADMIN])
    def test_every_office_that_decides_has_one(self, strict, role):
        officer = Officer(strict, role)
        assert officer.api().json()["code"] == "FACTOR_SETUP_NEEDED"
        assert officer.make().status_code == HTTPStatus.OK
        home = officer.browser.get("/kemensos", follow_redirects=True)
        assert home.status_code == HTTPStatus.OK
        assert "Keluar" in home.text

    def test_shops_and_companions_have_none(self, strict, world):
        assert install.add_staff(strict, "Ani", Role.PENDAMPING, region="35.07").setup_code is None
        assert browser(strict).post("/v1/sessions", json=world.staff["KASIR"]).status_code == 200

    def test_nobody_else_makes_it(self, officer, strict, clock):
        """Somebody who has PIN and computer, but not what was handed over with them."""
        ticket = officer.ticket()
        refused = officer.browser.post(BEGIN, data={"tiket": ticket, "kode": "AAAA-BBBB-CCCC"})
        assert refused.status_code == HTTPStatus.UNAUTHORIZED
        assert (
            officer.browser.post(FINISH, data={"tiket": ticket, "kode": "000000"}).status_code
            == 401
        )
        clock.advance(seconds=SETUP_LIFE.total_seconds() + 1)
        late = {"tiket": officer.ticket(), "kode": officer.setup_code}
        assert officer.browser.post(BEGIN, data=late).status_code == HTTPStatus.UNAUTHORIZED

    def test_the_set_up_code_is_used_up(self, ready, strict):
        with strict.database.begin() as tx:
            tx.execute(staff_factor.update().values(state="REMOVED"))
        again = {"tiket": ready.ticket(), "kode": ready.setup_code}
        assert ready.browser.post(BEGIN, data=again).status_code == HTTPStatus.UNAUTHORIZED
        refused = install.new_setup_code(strict, "nobody")
        assert isinstance(refused, install.Refused)
        ready.setup_code = install.new_setup_code(strict, ready.staff_id)
        assert ready.make().status_code == HTTPStatus.OK

    def test_who_has_a_factor_gets_no_new_code_from_one_person(self, ready, strict):
        assert isinstance(install.new_setup_code(strict, ready.staff_id), install.Refused)

    def test_the_secret_is_nowhere_in_clear(self, ready, strict):
        with strict.database.read() as tx:
            sealed = tx.execute(select(staff_factor.c.sealed)).scalars().all()
            codes = tx.execute(select(staff_recovery.c.code_hmac)).scalars().all()
        assert all(ready.secret.encode() not in each for each in sealed)
        assert not {each.replace("-", "") for each in ready.recovery} & set(codes)


class TestLogIn:
    def test_code_of_now_once(self, ready, clock):
        code = ready.code()
        assert ready.prove(code).status_code == HTTPStatus.SEE_OTHER
        assert ready.prove(code).status_code == HTTPStatus.UNAUTHORIZED
        next_code(clock)
        assert ready.prove().status_code == HTTPStatus.SEE_OTHER

    def test_one_ticket_opens_one_session(self, ready, clock):
        ticket = ready.ticket()
        data = {"tiket": ticket, "kode": ready.code()}
        assert ready.browser.post(FACTOR, data=data).status_code == HTTPStatus.SEE_OTHER
        next_code(clock)
        again = {"tiket": ticket, "kode": ready.code()}
        assert ready.browser.post(FACTOR, data=again).status_code == HTTPStatus.UNAUTHORIZED

    def test_a_ticket_is_no_session_and_ends(self, ready, clock):
        ticket = ready.ticket()
        ready.browser.cookies.set("ewarong_ministry", ticket)
        assert ready.browser.get("/kemensos/harga").status_code == HTTPStatus.SEE_OTHER
        bearer = {"Authorization": f"Bearer {ticket}"}
        assert ready.browser.get("/v1/ceilings", headers=bearer).status_code == 401
        clock.advance(minutes=11)
        data = {"tiket": ticket, "kode": ready.code()}
        assert "dari awal" in ready.browser.post(FACTOR, data=data).text

    def test_a_recovery_code_works_once(self, ready, strict, clock):
        code = ready.recovery[0].lower().replace("-", " ")
        assert ready.prove(code).status_code == HTTPStatus.SEE_OTHER
        assert ready.prove(code).status_code == HTTPStatus.UNAUTHORIZED
        assert "RECOVERY_USED" in events(strict, ready)

    def test_the_program_interface_takes_the_code_in_one_call(self, ready, clock):
        assert ready.api().json()["code"] == "FACTOR_NEEDED"
        assert ready.api(code="000000").json()["code"] == "FACTOR_WRONG"
        opened = ready.api(code=ready.code())
        assert opened.status_code == HTTPStatus.OK, opened.text
        assert opened.json()["staff"]["role"] == "KEMENSOS"
        bearer = {"Authorization": f"Bearer {opened.json()['access_token']}"}
        assert ready.browser.get("/v1/ceilings", headers=bearer).status_code == HTTPStatus.OK

    def test_too_many_wrong_codes_lock_for_a_while_by_person(self, ready, strict, clock):
        for _ in range(STAFF_TRIES_MAX):
            assert ready.prove("000000").status_code == HTTPStatus.UNAUTHORIZED
        assert "Tunggu" in ready.prove().text
        assert ready.api(code=ready.code()).json()["code"] == "FACTOR_LOCKED"
        other = Officer(strict, Role.KEMENSOS)  # the same address
        assert other.make().status_code == HTTPStatus.OK
        clock.advance(seconds=LOCK_FIRST.total_seconds() + 1)
        assert ready.prove().status_code == HTTPStatus.SEE_OTHER
        assert events(strict, ready).count("LOCKED") == 1


class TestANewBeginning:
    """The telephone is gone: an ADMIN asks, a second person does it."""

    @pytest.fixture
    def admin(self, strict):
        made = Officer(strict, Role.ADMIN, name="Admin satu")
        assert made.make().status_code == HTTPStatus.OK
        return made

    @pytest.fixture
    def second(self, strict):
        made = Officer(strict, Role.ADMIN, name="Admin dua")
        assert made.make().status_code == HTTPStatus.OK
        return made

    def ask(self, admin, officer, act=None):
        data = {
            "act": act or new_uuid7(admin.engine.now()),
            "petugas": officer.staff_id,
            "alasan": "HP hilang",
        }
        return admin.browser.post(f"{STAFF}/ulang", data=data), data["act"]

    def test_two_people_take_the_factors_away(self, admin, second, ready, strict, clock):
        assert ready.prove().status_code == HTTPStatus.SEE_OTHER
        asked, act = self.ask(admin, ready)
        assert asked.status_code == HTTPStatus.SEE_OTHER
        assert self.ask(admin, ready, act)[0].status_code == HTTPStatus.SEE_OTHER  # twice is once
        own = admin.browser.post(f"{STAFF}/ulang/{act}")
        assert own.status_code == HTTPStatus.FORBIDDEN
        assert ready.browser.get("/kemensos/harga").status_code == HTTPStatus.OK
        assert "HP hilang" in second.browser.get(STAFF).text
        done = second.browser.post(f"{STAFF}/ulang/{act}")
        assert done.status_code == HTTPStatus.OK, done.text
        assert ready.browser.get("/kemensos/harga").status_code == HTTPStatus.SEE_OTHER
        assert ready.api(code=ready.recovery[0]).json()["code"] == "FACTOR_SETUP_NEEDED"
        ready.setup_code = re.search(r"([2-9A-Z]{4}(-[2-9A-Z]{4}){2})</code>", done.text)[1]
        clock.advance(seconds=30)
        assert ready.make().status_code == HTTPStatus.OK
        assert second.browser.post(f"{STAFF}/ulang/{act}").status_code == HTTPStatus.CONFLICT
        assert set(events(strict, ready)) >= {"RESET_ASKED", "RESET_DONE"}

    def test_one_person_with_two_accounts_cannot(self, admin, second, ready, strict):
        for each in (admin, second):
            assert set_staff_nik(strict, each.staff_id, NIK) is None
        _, act = self.ask(admin, ready)
        assert second.browser.post(f"{STAFF}/ulang/{act}").status_code == HTTPStatus.FORBIDDEN

    def test_nor_the_officer_herself(self, admin, ready):
        _, act = self.ask(admin, ready)
        assert ready.prove().status_code == HTTPStatus.SEE_OTHER  # she has it after all
        assert ready.browser.post(f"{STAFF}/ulang/{act}").status_code == HTTPStatus.FORBIDDEN

    def test_only_an_admin_asks(self, ready, second):
        assert ready.prove().status_code == HTTPStatus.SEE_OTHER
        assert self.ask(ready, second)[0].status_code == HTTPStatus.FORBIDDEN
        unknown = {"act": new_uuid7(ready.engine.now()), "petugas": "x", "alasan": "y"}
        assert second.browser.post(f"{STAFF}/ulang", data=unknown).status_code == 404


def test_a_new_pin_and_log_out_everywhere_end_her_sessions(ready, strict):
    assert ready.prove().status_code == HTTPStatus.SEE_OTHER
    assert install.log_out_everywhere(strict, ready.staff_id) >= 1
    assert ready.browser.get("/kemensos/harga").status_code == HTTPStatus.SEE_OTHER
    assert isinstance(install.log_out_everywhere(strict, "nobody"), install.Refused)
    new = install.reset_staff_pin(strict, ready.staff_id)
    ready.login["pin"] = new.pin
    assert ready.first().status_code == HTTPStatus.OK  # the factor is the same
