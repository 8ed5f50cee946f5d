"""Two people vouch: each with session and PIN, once, up to the sum; above a quota a case."""

import json

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.supervision import FAMILY_QUOTA, NoOtherWay, SupervisionState
from pos_engine.services.authorize import authorize
from pos_engine.services.cases import close_case, list_cases
from pos_engine.services.kin import set_staff_nik
from pos_engine.services.notify import drain
from pos_engine.services.payer import Place, TokenProof
from pos_engine.services.pin_witnessed import first_witness, second_witness, witnessed_pin
from pos_engine.services.supervise import Claim
from pos_engine.services.supervise_confirm import refuse_supervision
from pos_engine.services.supervise_look import list_waiting, look
from pos_engine.services.tokens import sign_payer_token
from pos_engine.store import proofs
from pos_engine.store.schema import identity_attempt, wallet
from tests.standing import Village
from tests.world import MSISDN, NIK, a_purchase, rice


@pytest.fixture(params=["sqlite"])
def kind(request):
    return request.param


@pytest.fixture
def village(engine, world):
    return Village(engine, world)


def token_of(village, row):
    seen = look(village.engine, village.place, row.supervision_id)
    return sign_payer_token(village.engine.keys, seen.token) if seen.token else None


def buy(village, token, *lines):
    lines = lines or (rice(),)
    request = a_purchase(village.world, *lines, proof=TokenProof(token), at=village.engine.now())
    return json.loads(authorize(village.engine, request).body)


def vouched(village, **changes):
    row = village.ask(**changes)
    done = village.confirm(row.supervision_id)
    assert done.status is SupervisionState.CONFIRMED, done
    return row


def spent(village):
    with village.engine.database.read() as tx:
        return sum(row.spent for row in tx.execute(wallet.select()))


def cases(village, status="OPEN"):
    return [each.reasons for each in list_cases(village.engine, "35.07", status, "")]


class TestOnBothDatabases:
    @pytest.fixture(params=["sqlite", "postgres"])
    def kind(self, request):
        return request.param

    def test_shop_and_officer_vouch_and_she_buys_once(self, village):
        row = village.ask()
        assert token_of(village, row) is None
        assert [each.kpm_id for each in list_waiting(village.engine, "35.07")] == ["KPM-1"]
        assert list_waiting(village.engine, "94") == []
        village.confirm(row.supervision_id)
        token = token_of(village, row)
        answer = buy(village, token)
        assert answer["status"] == "APPROVED"
        assert "Didampingi dua petugas" in answer["receipt"]["text"]
        assert buy(village, token_of(village, row))["reason"] == "PAYER_TOKEN_USED"
        assert spent(village) == 67_000
        drain(village.engine)
        told = [message.text for message in village.engine.sms.messages()]
        assert any("dua petugas menyetujui" in text for text in told)
        assert cases(village) == []


class TestTwoPeople:
    @pytest.mark.parametrize(
        "claim",
        [Claim("NIK", NIK), Claim("PHONE", MSISDN), Claim("KPM", "KPM-1")],
        ids=lambda claim: claim.kind,
    )
    def test_she_is_named_by_any_number(self, village, claim):
        assert village.ask(claim=claim).kpm_id == "KPM-1"

    def test_a_lower_basket_only(self, village):
        token = token_of(village, vouched(village, amount=67_000))
        more = buy(village, token, rice(6000))
        assert (more["reason"], spent(village)) == ("STEP_UP_REQUIRED", 0)
        assert "Rp67.000" in more["next_step"]
        assert buy(village, token)["status"] == "APPROVED"

    def test_twice_is_once(self, village):
        name = new_uuid7(village.engine.now())
        row = village.ask(supervision_id=name)
        assert village.ask(supervision_id=name) == row
        assert village.ask(supervision_id=name, amount=1).reason == "DUPLICATE_DIFFERENT"
        done = village.confirm(name)
        assert village.confirm(name) == done
        assert village.confirm(name, by="DINSOS").reason == "WRONG_STATUS"


class TestRefused:
    def refused(self, village, row, **how):
        answer = village.confirm(row.supervision_id, **how)
        assert token_of(village, row) is None
        assert spent(village) == 0
        return answer.reason

    def test_one_person_with_two_log_ins(self, village):
        for role in ("KASIR", "PENDAMPING"):
            set_staff_nik(village.engine, village.world.staff[role]["staff_id"], "3507131203850007")
        assert self.refused(village, village.ask()) == "SECOND_PERSON_NEEDED"

    @pytest.mark.parametrize("role", ["KASIR", "PENDAMPING"])
    def test_somebody_of_her_own_family(self, village, role):
        row = village.ask()
        set_staff_nik(village.engine, village.world.staff[role]["staff_id"], NIK)
        assert self.refused(village, row) == "OWN_FAMILY"

    def test_the_shop_does_not_even_ask_for_its_own(self, village):
        set_staff_nik(village.engine, village.world.staff["KASIR"]["staff_id"], NIK)
        assert village.ask().reason == "OWN_FAMILY"

    def test_a_wrong_pin_of_either(self, village):
        assert village.ask(pin="000000").reason == "STAFF_PIN_WRONG"
        assert self.refused(village, village.ask(), pin="000000") == "STAFF_PIN_WRONG"

    def test_too_late(self, village, clock):
        row = village.ask()
        clock.advance(minutes=31)
        assert self.refused(village, row) == "EXPIRED"

    def test_the_officer_does_not_know_her(self, village):
        row = village.ask()
        session = village.session("PENDAMPING")
        done = refuse_supervision(village.engine, session, row.supervision_id)
        assert done.status is SupervisionState.REFUSED
        assert self.refused(village, row) == "WRONG_STATUS"

    def test_a_token_ends_after_ten_minutes_and_at_another_till(self, village, clock, world):
        row = vouched(village)
        other = Place(world.other_shop_id, world.other_till_id)
        assert look(village.engine, other, row.supervision_id).reason == "NOT_FOUND"
        token = token_of(village, row)
        clock.advance(minutes=11)
        assert buy(village, token)["reason"] == "PAYER_TOKEN_EXPIRED"

    def test_each_attempt_is_kept_without_the_number(self, village):
        village.ask(claim=Claim("NIK", "3507135508800009"))
        village.ask(pin="000000")
        with village.engine.database.read() as tx:
            rows = [row._mapping for row in tx.execute(identity_attempt.select())]
        assert sorted(row["reason"] for row in rows) == ["NOT_FOUND", "STAFF_PIN_WRONG"]
        assert {row["method"] for row in rows} == {"SUPERVISED"}
        assert "3507135508800009" not in str(rows)


class TestCases:
    def test_above_the_quota_she_buys_and_dinsos_has_a_case(self, village):
        for _ in range(FAMILY_QUOTA):
            vouched(village)
        token = token_of(village, vouched(village))
        assert buy(village, token)["status"] == "APPROVED"
        assert cases(village) == ["FAMILY_QUOTA"]

    def test_a_large_one_in_a_cool_down_is_a_case_too(self, village):
        vouched(village, no_other_way=NoOtherWay.COOL_DOWN, amount=100_000)
        assert cases(village) == []
        vouched(village, no_other_way=NoOtherWay.COOL_DOWN, amount=100_001)
        assert cases(village) == ["ABOVE_COOL_DOWN_SUM"]

    def test_who_vouched_does_not_close_it(self, village):
        vouched(village, no_other_way=NoOtherWay.COOL_DOWN, amount=100_001)
        [case] = list_cases(village.engine, None, "OPEN", "")
        mine = close_case(village.engine, village.session("PENDAMPING"), case.case_id, "x")
        assert mine is None
        done = close_case(village.engine, village.session("DINSOS"), case.case_id, "dikunjungi")
        assert (done.status, done.note) == ("CLOSED", "dikunjungi")
        assert close_case(village.engine, village.session("DINSOS"), case.case_id, "y") == done
        assert cases(village) == []


class TestPinBeforeTwo:
    def witnessed(self, village, second="DINSOS"):
        name = new_uuid7(village.engine.now())
        first = village.session("PENDAMPING")
        first_witness(village.engine, first, name, "KPM-1", village.pin("PENDAMPING"))
        session = village.session(second)
        return name, second_witness(village.engine, session, name, village.pin(second))

    def test_two_officers_and_her_own_typing(self, village):
        name, row = self.witnessed(village)
        assert row.second_by is not None
        assert witnessed_pin(village.engine, name, "123456").field == "pin"
        assert witnessed_pin(village.engine, name, "730284") is None
        with village.engine.database.begin() as tx:
            stored = proofs.lock_pin(tx, "KPM-1")
        assert stored.verifier == village.engine.keys.pin_verifier("KPM-1", "730284")
        assert witnessed_pin(village.engine, name, "730285").reason == "WRONG_STATUS"
        drain(village.engine)
        assert "PIN belanja" in village.engine.sms.messages()[0].text

    def test_one_officer_is_not_enough(self, village):
        name, refused = self.witnessed(village, second="PENDAMPING")
        assert refused.reason == "SECOND_PERSON_NEEDED"
        assert witnessed_pin(village.engine, name, "730284").reason == "SECOND_PERSON_NEEDED"

    def test_it_ends_with_the_half_hour(self, village, clock):
        name, _ = self.witnessed(village)
        clock.advance(minutes=31)
        assert witnessed_pin(village.engine, name, "730284").reason == "EXPIRED"
