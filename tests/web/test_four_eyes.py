"""What needs two people is not done by one: not twice, not in two sessions, not by two accounts."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from pos_engine.keys import create_key_file
from pos_engine.services import disburse, install
from pos_engine.services.enrolment_review import approve as approve_face
from pos_engine.services.kin import set_staff_nik
from pos_engine.services.sessions import Role, open_session
from tests.enrolling import Office
from tests.web.conftest import log_in
from tests.web.test_ceilings import act, body_of
from tests.world import NIK

TWO = ("KEMENSOS", "KEMENSOS-2")
DAY = re.compile(r"\d{4}-\d\d-\d\dT")  # when a key was made


@pytest.fixture
def one_person(engine, world):
    """Two accounts with two roles or two log-ins, and one human being behind them."""

    def named(*who):
        for each in who:
            assert set_staff_nik(engine, world.staff[each]["staff_id"], NIK) is None

    return named


class TestDisbursement:
    @pytest.fixture
    def run(self, engine, world):
        order = disburse.Order(
            programme="BPNT",
            period="2026-12",
            expires_on=engine.now().date() + timedelta(days=60),
            expect_count=1,
            expect_total=1000,
            papers={"escrow": "test"},
        )
        by = world.staff["KEMENSOS"]["staff_id"]
        return disburse.stage(engine, b"family_id,amount\nKPM-1,1000\n", order, by)

    def approved(self, engine, world, run, who):
        return disburse.approve(engine, run, world.staff[who]["staff_id"])

    def test_one_cannot_and_two_can(self, engine, world, run, one_person):
        assert self.approved(engine, world, run, "KEMENSOS").field == "officer"
        one_person(*TWO)
        assert self.approved(engine, world, run, "KEMENSOS-2").field == "officer"
        assert isinstance(self.approved(engine, world, run, "DINSOS"), disburse.Credited)


class TestCeilings:
    def test_one_cannot_and_two_can(self, client, engine, world, one_person):
        def sign(who):
            token = log_in(client, world.staff[who])["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            return client.post(f"{path}/signatures", json=act(engine), headers=headers)

        token = log_in(client, world.staff["KEMENSOS"])["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        made = client.post("/v1/ceilings", json=body_of(engine), headers=headers).json()
        path = f"/v1/ceilings/{made['draft_id']}"
        assert sign("KEMENSOS").json()["state"] == "SIGNED"
        assert sign("KEMENSOS").json()["code"] == "SAME_PERSON"  # a session of its own
        one_person(*TWO)
        assert sign("KEMENSOS-2").json()["code"] == "SAME_PERSON"
        assert sign("DINSOS").json()["state"] == "PUBLISHED"


def test_a_face_is_not_proposed_and_approved_by_one(engine, world, one_person):
    office = Office(engine, world)
    first = open_session(engine, **world.staff["PENDAMPING"]).session
    proposal = office.propose("siti", by=first).enrolment.enrolment_id
    again = open_session(engine, **world.staff["PENDAMPING"]).session
    assert approve_face(office.engine, again, proposal, {}).reason == "SECOND_PERSON_NEEDED"
    one_person("PENDAMPING", "DINSOS")
    hers = open_session(engine, **world.staff["DINSOS"]).session
    assert approve_face(office.engine, hers, proposal, {}).reason == "SECOND_PERSON_NEEDED"


def test_two_fresh_installations_share_no_secret(engine, tmp_path):
    """Keys, PINs, device secrets, set-up codes: drawn each time, none shipped."""
    strict = replace(engine, staff_factor="required")
    installations = []
    for name in ("one", "two"):
        path = tmp_path / name / "keys.json"
        create_key_file(path)
        keys = json.loads(path.read_text())
        device = install.add_device(strict, None)
        officer = install.add_staff(strict, "Petugas", Role.KEMENSOS)
        own = [device.device_secret, officer.setup_code]
        installations.append({*_texts(keys), *own})
    first, second = installations
    shared = {text for text in first & second if len(text) > 8 and not DAY.match(text)}
    assert shared <= {"Ed25519"}
    assert all(len(text) > 8 for text in (first ^ second))


def _texts(value):
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []
