"""KTP: the NIK claims, the face decides; any enrolled adult of the family; no dead end."""

import json
from dataclasses import replace
from datetime import date

import pytest

from pos_engine.rules.ids import PersonId, new_uuid7
from pos_engine.rules.ladder import Way
from pos_engine.services import identify_ktp
from pos_engine.services.authorize import authorize
from pos_engine.services.identification import Status
from pos_engine.services.identify import identify_phone
from pos_engine.services.identify_face import FaceAsk, identify_face
from pos_engine.services.ladder import LadderAsk, ladder_at, next_after
from pos_engine.services.payer import NIK as NIK_KIND
from pos_engine.services.payer import TokenProof
from pos_engine.services.probe import Probe
from pos_engine.services.tokens import sign_payer_token
from pos_engine.sms import NoGateway
from pos_engine.store import families, look_alikes
from pos_engine.store.schema import phone, pin
from tests.named_faces import shots
from tests.standing import Village
from tests.world import MSISDN, NIK, a_purchase

SON = "3507131203000004"


@pytest.fixture(params=["sqlite"])
def kind(request):
    return request.param


@pytest.fixture
def village(engine, world):
    made = Village(engine, world)
    made.enrol(world.kpm_id, made.head().person_id, "siti")
    return made


@pytest.fixture
def son(village):
    """A grown-up of the family with a NIK and a face of his own."""
    with village.engine.database.begin() as tx:
        now, kpm_id = village.engine.now(), village.world.kpm_id
        person_id = PersonId(new_uuid7(now))
        born = date(2000, 3, 12)
        grown = families.Person(person_id, kpm_id, "Joko Susilo", born, "L", "ANGGOTA")
        families.add_person(tx, grown, now)
        known = families.Known(kpm_id, person_id, person_id)
        families.add_credential(tx, NIK_KIND, village.engine.keys.lookup(NIK_KIND, SON), known, now)
    village.enrol(village.world.kpm_id, person_id, "joko")
    return person_id


@pytest.fixture
def moving(monkeypatch):
    """Whoever is before the camera turned the head as asked."""

    def take(engine, _place, images, _challenge_id):
        return Probe(engine.faces.embed_many(images, None)[0].template, live=True)

    monkeypatch.setattr(identify_ktp, "take_probe", take)


def ktp(village, nik=NIK, name="siti", engine=None):
    return identify_ktp.identify_ktp(engine or village.engine, village.asked, nik, shots(name, 1))


class TestOneToOne:
    def test_a_turn_and_a_sure_likeness_identify_her(self, village, moving):
        found = ktp(village)
        assert (found.status, found.method, found.name) == ("IDENTIFIED", "KTP", "S*** W******")
        proof = TokenProof(sign_payer_token(village.engine.keys, found.token))
        answer = json.loads(authorize(village.engine, a_purchase(village.world, proof=proof)).body)
        assert answer["status"] == "APPROVED"

    def test_without_a_turn_a_factor_follows(self, village):
        found = ktp(village)
        assert (found.status, found.token.step_up, found.name) == (
            Status.STEP_UP, ("PIN", "CODE"), None,
        )  # fmt: skip

    def test_a_stranger_with_her_ktp_is_told_another_way(self, village, moving):
        found = ktp(village, name="ani")
        assert (found.reason, found.token) == ("FACE_NO_MATCH", None)
        step = next_after(village.engine, village.asked, found, NIK)
        assert (step.way, step.tries_left) == ("KTP", 2)

    def test_a_budget_of_nothing_and_a_twin_always_step_up(self, village, moving):
        careful = replace(village.engine, face_risk_budget=0.0)
        assert ktp(village, engine=careful).status is Status.STEP_UP
        with village.engine.database.begin() as tx:
            now = village.engine.now()
            look_alikes.flag(tx, village.head().person_id, "other", "e", "s", now)
        assert ktp(village).status is Status.STEP_UP

    def test_a_relative_who_looks_like_her_makes_it_a_step_up(self, village, son, moving):
        village.enrol(village.world.kpm_id, son, "budi~siti")
        assert ktp(village).status is Status.STEP_UP
        assert ktp(village, name="budi~siti").status is Status.STEP_UP


class TestAnyAdult:
    def test_of_the_family_buys_with_his_own_ktp(self, village, son, moving):
        found = ktp(village, SON, "joko")
        assert (found.status, found.name) == (Status.IDENTIFIED, "J*** S*****")
        assert (found.token.kpm_id, found.token.person_id) == ("KPM-1", son)

    def test_and_by_face_alone(self, village, son):
        found = identify_face(village.engine, village.asked, FaceAsk(shots("joko", 1)))
        assert (found.status, found.token.person_id, found.method) == (Status.STEP_UP, son, "FACE")


class TestNoDeadEnd:
    def test_a_claim_without_any_factor_goes_on(self, village):
        with village.engine.database.begin() as tx:
            tx.execute(pin.delete())
            tx.execute(phone.delete())
        found = ktp(village)
        assert (found.status, found.token.step_up) == (Status.STEP_UP, ())
        step = next_after(village.engine, village.asked, found, NIK)
        assert step.way == "FACE"

    def test_a_code_that_cannot_be_sent_goes_on(self, village):
        silent = replace(village.engine, sms=NoGateway())
        purchase_id = new_uuid7(village.engine.now())
        found = identify_phone(silent, village.asked, MSISDN, purchase_id, 67_000)
        step = next_after(silent, village.asked, found, MSISDN)
        assert found.token.step_up == ()
        assert step.way == "KKS"

    def test_a_skip_of_what_is_closed_leaves_no_row(self, village):
        asked = village.asked
        for _ in range(10):
            rung = ladder_at(village.engine, asked, LadderAsk(skip=Way.KKS))
        assert "KKS" not in rung.step.choices
        assert rung.step.way == "PHONE"
