"""The ladder, KTP, delegates and two who vouch over HTTP: refused by name, and never shown."""

import base64
import json

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.ladder import DEVICE_FAILURES_MAX, PERSON_FAILURES_MAX
from pos_engine.store.attempts import Attempt, add_attempts
from pos_engine.store.schema import identity_attempt
from tests.standing import NEIGHBOUR
from tests.web.conftest import a_body, a_line, a_path, log_in
from tests.world import NIK, NOW, PIN

PICTURE = base64.b64encode(b"x").decode()


@pytest.fixture
def as_role(client, world):
    """Make calls as somebody: `as_role("DINSOS")("POST", path, body)`."""

    def role(name):
        token = log_in(client, world.staff[name])["access_token"]
        headers = {"Authorization": f"Bearer {token}"}

        def call(method, path, body=None):
            return client.request(method, path, json=body, headers=headers)

        return call

    return role


@pytest.fixture
def ladder(cashier, world, clock):
    def ask(**said):
        clock.advance(seconds=1)
        answer = cashier.post("/v1/payers/ladder", json={"till_id": world.till_id} | said)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


@pytest.fixture
def identify(cashier, world, clock):
    def ask(**body):
        clock.advance(seconds=1)
        return cashier.post("/v1/payers/identify", json={"till_id": world.till_id} | body)

    return ask


def by_card(world, pin):
    return {"method": "KKS", "card": world.card, "pin": pin}


class TestLadder:
    def test_a_visit_climbs_from_card_to_people_and_dinsos(self, ladder, identify, world, as_role):
        first = ladder()
        assert first["next_method"] == "KKS"
        assert "FACE" not in first["ladder"]["choices"]  # faces are off here
        missed = identify(**by_card(world, "000001")).json()
        assert (missed["reason"], missed["next_method"]) == ("PIN_WRONG", "KKS")
        assert missed["ladder"]["tries_left"] == 2
        for _ in range(2):
            missed = identify(**by_card(world, "000001")).json()
        assert (missed["next_method"], missed["ladder"]["why"]) == ("PHONE", "TRIES_SPENT")
        assert ladder(skip="PHONE")["next_method"] == "DELEGATE"
        assert ladder(choose="PHONE")["next_method"] == "PHONE"
        assert ladder(skip="DELEGATE")["next_method"] == "SUPERVISED"
        for way in ("SUPERVISED", "SUPERVISED", "PHONE", "DELEGATE"):
            last = ladder(skip=way)
        assert (last["next_method"], last["ladder"]["choices"]) == ("VISIT", [])
        again = ladder()
        assert again["case_id"] == last["case_id"]
        cases = as_role("DINSOS")("GET", "/v1/cases").json()["cases"]
        assert [case["reasons"] for case in cases] == [["NOBODY_COULD_PROVE"]]

    def test_a_success_ends_the_visit(self, ladder, identify, world):
        identify(**by_card(world, "000001"))
        known = identify(**by_card(world, PIN)).json()
        assert (known["status"], known["next_method"]) == ("IDENTIFIED", None)
        assert ladder()["ladder"]["tries_left"] == 3

    def test_after_a_refused_purchase_the_next_way_is_told(self, cashier, world):
        payer = {"method": "KKS", "card": world.card, "pin": "000001"}
        refused = cashier.put(a_path(), json=a_body(world, payer=payer)).json()
        assert (refused["reason"], refused["next_method"]) == ("PIN_WRONG", "KKS")
        dear = cashier.put(a_path(), json=a_body(world, a_line(unit_price=99_000))).json()
        assert "next_method" not in dear

    def test_a_till_that_guesses_is_left_with_people(self, engine, identify, ladder, world):
        failed(engine, world, DEVICE_FAILURES_MAX, kpm_id=None, method="KTP")
        stopped = identify(**by_card(world, PIN)).json()
        assert (stopped["status"], stopped["reason"]) == ("NOT_IDENTIFIED", "LIMIT_REACHED")
        assert (stopped["payer_token"], stopped["next_method"]) == (None, "SUPERVISED")
        assert ladder()["next_method"] == "SUPERVISED"

    def test_a_nik_that_strangers_try_closes_the_ktp_alone(self, engine, identify, world):
        failed(engine, world, PERSON_FAILURES_MAX, kpm_id=world.kpm_id, method="KTP")
        with engine.database.begin() as tx:  # at another till
            tx.execute(identity_attempt.update().values(till_id=world.other_till_id))
        stopped = identify(method="KTP", nik=NIK, images=[PICTURE]).json()
        assert stopped["reason"] == "LIMIT_REACHED"
        assert stopped["next_method"] == "KKS"
        assert identify(**by_card(world, PIN)).json()["status"] == "IDENTIFIED"

    def test_what_she_told_opens_her_way_first(self, identify, ladder, world, as_role, engine):
        with engine.database.read() as tx:
            person = tx.exec_driver_sql(
                "SELECT person_id FROM person WHERE kpm_id='KPM-1'"
            ).scalar()
        body = {"kpm_id": "KPM-1", "person_id": person, "classes": ["BEDRIDDEN", "NO_PHONE"]}
        kept = as_role("PENDAMPING")("PUT", "/v1/access", body)
        assert kept.json()["classes"] == ["NO_PHONE", "BEDRIDDEN"]
        token = identify(**by_card(world, PIN)).json()["payer_token"]
        told = ladder(payer_token=token)["ladder"]["choices"]
        assert "PHONE" not in told
        assert ladder(access=["BLIND"], choose="SUPERVISED")["next_method"] == "SUPERVISED"
        nobody = as_role("PENDAMPING")("PUT", "/v1/access", body | {"person_id": "x"})
        assert nobody.status_code == 404


def failed(engine, world, times, *, kpm_id, method):
    rows = [
        Attempt(
            attempt_id=new_uuid7(NOW), shop_id=world.shop_id, till_id=world.till_id,
            staff_id="s", kpm_id=kpm_id, method=method, outcome="NOT_IDENTIFIED",
            reason="FACE_NO_MATCH", at=NOW,
        )
        for _ in range(times)
    ]  # fmt: skip
    with engine.database.begin() as tx:
        add_attempts(tx, rows)


class TestNik:
    @pytest.mark.parametrize(
        ("nik", "part"),
        [
            ("350713550880000", "LENGTH"),
            ("350713550880000x", "LETTERS"),
            ("3507138108800001", "BIRTH_DATE"),
            ("3507135513800001", "BIRTH_DATE"),
            ("3507135508800000", "SERIAL"),
            ("9907135508800001", "PROVINCE"),
            ("", "LENGTH"),
        ],
    )
    def test_a_bad_one_names_the_field_and_shows_no_digit(self, identify, nik, part):
        answer = identify(method="KTP", nik=nik, images=[PICTURE])
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["field"] == "nik"
        assert part in error["message"]
        assert not nik or nik not in answer.text

    def test_an_unknown_district_is_a_warning(self, identify):
        answer = identify(method="KTP", nik="3507995508800001", images=[PICTURE]).json()
        assert answer["warnings"] == ["NIK_PLACE_UNKNOWN"]
        assert "warnings" not in identify(method="KTP", nik=NIK, images=[PICTURE]).json()


def a_delegation(**changes):
    body = {
        "delegation_id": new_uuid7(NOW),
        "kpm_id": "KPM-1",
        "nik": NEIGHBOUR,
        "name": "Budi Santoso",
        "birth_date": "1985-03-12",
        "expires_on": "2027-02-19",
    }
    return body | changes


class TestDelegations:
    def test_two_officers_put_it_in_force_and_one_ends_it(self, as_role):
        made = as_role("PENDAMPING")("POST", "/v1/delegations", a_delegation()).json()
        assert (made["status"], made["name"]) == ("PROPOSED", "B*** S******")
        path = f"/v1/delegations/{made['delegation_id']}"
        alone = as_role("PENDAMPING")("POST", f"{path}/approve")
        assert (alone.status_code, alone.json()["code"]) == (403, "SECOND_PERSON_NEEDED")
        assert as_role("DINSOS")("POST", f"{path}/approve").json()["status"] == "APPROVED"
        [row] = as_role("DINSOS")("GET", "/v1/delegations?kpm_id=KPM-1").json()["delegations"]
        assert NEIGHBOUR not in json.dumps(row)
        assert as_role("PENDAMPING")("POST", f"{path}/end").json()["status"] == "ENDED"
        assert as_role("KASIR")("POST", f"{path}/end").status_code == 403

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"nik": "3507138108800001"}, "nik"),
            ({"birth_date": "12-03-1985"}, "birth_date"),
            ({"expires_on": "2027-02-30"}, "expires_on"),
            ({"name": "a\nb"}, "name"),
            ({"delegation_id": "x"}, "delegation_id"),
        ],
        ids=str,
    )
    def test_bad_input_is_named(self, as_role, change, field):
        answer = as_role("PENDAMPING")("POST", "/v1/delegations", a_delegation(**change))
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field]

    def test_a_day_that_has_passed_is_told_and_nothing_is_written(self, as_role):
        body = a_delegation(expires_on="2026-11-20")
        told = as_role("PENDAMPING")("POST", "/v1/delegations", body).json()
        assert (told["status"], told["reason"], told["field"]) == (
            "REFUSED_NOW", "EXPIRY_WRONG", "expires_on",
        )  # fmt: skip
        assert as_role("PENDAMPING")("GET", "/v1/delegations").json() == {"delegations": []}


class TestSupervisions:
    def asked(self, world, **changes):
        body = {
            "till_id": world.till_id,
            "supervision_id": new_uuid7(NOW),
            "kpm_id": "KPM-1",
            "amount": 80_000,
            "no_other_way": "CARD_LOST",
            "pin": world.staff["KASIR"]["pin"],
        } | changes
        return {name: value for name, value in body.items() if value is not None}

    def test_two_sessions_two_pins_one_purchase(self, as_role, world):
        shop, officer = as_role("KASIR"), as_role("PENDAMPING")
        body = self.asked(world)
        assert shop("POST", "/v1/supervisions", body).json()["status"] == "ASKED"
        path = f"/v1/supervisions/{body['supervision_id']}"
        assert shop("GET", path).json()["payer_token"] is None
        assert shop("POST", f"{path}/confirm", {"pin": "111111"}).status_code == 403
        [waiting] = officer("GET", "/v1/supervisions").json()["supervisions"]
        assert waiting["kpm_id"] == "KPM-1"
        wrong = officer("POST", f"{path}/confirm", {"pin": "000000"})
        assert (wrong.status_code, wrong.json()["code"]) == (403, "STAFF_PIN_WRONG")
        pin = {"pin": world.staff["PENDAMPING"]["pin"]}
        done = officer("POST", f"{path}/confirm", pin)
        assert (done.json()["status"], "payer_token" in done.json()) == ("CONFIRMED", False)
        token = shop("GET", path).json()["payer_token"]
        bought = shop("PUT", a_path(), a_body(world, payer={"token": token}))
        assert bought.json()["status"] == "APPROVED"
        again = shop("PUT", a_path(), a_body(world, payer={"token": token})).json()
        assert (again["reason"], again["next_method"]) == ("PAYER_TOKEN_USED", "SUPERVISED")

    @pytest.mark.parametrize(
        "changes",
        [{"kpm_id": None}, {"nik": NIK}, {"kpm_id": None, "msisdn": "12"}, {"card": "1"}],
        ids=str,
    )
    def test_one_number_names_her(self, as_role, world, changes):
        answer = as_role("KASIR")("POST", "/v1/supervisions", self.asked(world, **changes))
        assert answer.status_code == 422
        assert NIK not in answer.text

    def test_a_foreign_family_is_not_known(self, as_role, world):
        body = self.asked(world, kpm_id="KPM-9")
        assert as_role("KASIR")("POST", "/v1/supervisions", body).status_code == 404

    def test_cases_are_read_by_offices_and_closed_by_dinsos(self, as_role, world):
        body = self.asked(world, no_other_way="COOL_DOWN", amount=150_000)
        as_role("KASIR")("POST", "/v1/supervisions", body)
        pin = {"pin": world.staff["PENDAMPING"]["pin"]}
        path = f"/v1/supervisions/{body['supervision_id']}/confirm"
        as_role("PENDAMPING")("POST", path, pin)
        [case] = as_role("KEMENSOS")("GET", "/v1/cases").json()["cases"]
        assert case["reasons"] == ["ABOVE_COOL_DOWN_SUM"]
        close = f"/v1/cases/{case['case_id']}/close"
        assert as_role("KEMENSOS")("POST", close, {"note": "x"}).status_code == 403
        closed = as_role("DINSOS")("POST", close, {"note": "sudah dikunjungi"})
        assert closed.json()["status"] == "CLOSED"


class TestPins:
    def test_card_and_code_make_a_pin_at_the_till(self, cashier, world, engine):
        name = {"till_id": world.till_id, "reset_id": new_uuid7(NOW), "card": world.card}
        assert cashier.post("/v1/pins/codes", json=name).json()["sent"]
        code = next(w for w in engine.sms.messages()[0].text.split() if w.isdigit())
        easy = cashier.post("/v1/pins", json=name | {"code": code, "pin": "123456"})
        assert (easy.status_code, easy.json()["code"]) == (422, "PIN_NOT_TAKEN")
        made = cashier.post("/v1/pins", json=name | {"code": code, "pin": "730284"})
        assert made.json()["status"] == "SET"
        replay = cashier.post("/v1/pins", json=name | {"code": code, "pin": "730285"})
        assert replay.json()["code"] == "NOT_PROVEN"
        payer = {"method": "KKS", "card": world.card, "pin": "730284"}
        bought = cashier.put(a_path(), json=a_body(world, payer=payer))
        assert bought.json()["status"] == "APPROVED"

    def test_two_officers_and_she_types_it(self, as_role, world):
        name = new_uuid7(NOW)
        first = {"witness_id": name, "kpm_id": "KPM-1", "pin": world.staff["PENDAMPING"]["pin"]}
        assert not as_role("PENDAMPING")("POST", "/v1/pins/witnesses", first).json()["complete"]
        body = {"till_id": world.till_id, "witness_id": name, "pin": "730284"}
        early = as_role("KASIR")("POST", "/v1/pins", body)
        assert (early.status_code, early.json()["code"]) == (403, "SECOND_PERSON_NEEDED")
        second = {"pin": world.staff["DINSOS"]["pin"]}
        assert as_role("DINSOS")("POST", f"/v1/pins/witnesses/{name}", second).json()["complete"]
        assert as_role("KASIR")("POST", "/v1/pins", body).json()["status"] == "SET"

    def test_half_of_two_ways_is_no_way(self, cashier, world):
        body = {"till_id": world.till_id, "pin": "730284", "reset_id": new_uuid7(NOW)}
        assert cashier.post("/v1/pins", json=body).status_code == 422
