"""Who is it: card, phone and code, KTP, face; and what a step-up is worth."""

import json
import re
from dataclasses import replace

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.services import identify
from pos_engine.services.authorize import authorize
from pos_engine.services.identification import Status, asked_at
from pos_engine.services.identify import Factor, continue_with
from pos_engine.services.payer import CardProof, PhoneProof, Place, TokenProof
from pos_engine.services.quote import quote
from pos_engine.services.sessions import open_session
from pos_engine.services.tokens import new_payer_token, read_payer_token, sign_payer_token
from pos_engine.sms import NoGateway
from pos_engine.store import proofs
from pos_engine.store.schema import identity_attempt, metadata
from pos_engine.store.shops import Shop
from tests.world import BALANCE, MSISDN, NIK, PIN, a_purchase, rice


@pytest.fixture
def asked(engine, world):
    login = world.staff["KASIR"]
    session = open_session(engine, **login).session
    return asked_at(engine, session, Place(world.shop_id, world.till_id), None)


def decide(engine, request):
    return json.loads(authorize(engine, request).body)


def last_code(engine):
    return re.search(r"\b(\d{6})\b", engine.sms.messages()[0].text)[1]


def now(asked, engine):
    return replace(asked, now=engine.now())


class TestCard:
    def test_card_and_pin_identify_with_a_masked_name(self, engine, asked, world):
        found = identify.identify_card(engine, asked, CardProof(world.card, PIN))
        assert (found.status, found.name) == (Status.IDENTIFIED, "S*** W******")
        assert found.token.proven

    def test_the_token_buys_once(self, engine, asked, world):
        found = identify.identify_card(engine, asked, CardProof(world.card, PIN))
        proof = TokenProof(sign_payer_token(engine.keys, found.token))
        assert decide(engine, a_purchase(world, proof=proof))["status"] == "APPROVED"
        assert decide(engine, a_purchase(world, proof=proof))["reason"] == "PAYER_TOKEN_USED"

    def test_a_refused_purchase_does_not_use_the_token_up(self, engine, asked, world):
        found = identify.identify_card(engine, asked, CardProof(world.card, PIN))
        proof = TokenProof(sign_payer_token(engine.keys, found.token))
        dear = a_purchase(world, rice(unit_price=14_000), proof=proof)
        assert decide(engine, dear)["reason"] == "PRICE_ABOVE_CEILING"
        assert decide(engine, a_purchase(world, proof=proof))["status"] == "APPROVED"

    def test_an_expired_token_refuses_but_answers_a_repeat(self, engine, asked, world, clock):
        found = identify.identify_card(engine, asked, CardProof(world.card, PIN))
        proof = TokenProof(sign_payer_token(engine.keys, found.token))
        request = a_purchase(world, proof=proof)
        first = authorize(engine, request)
        clock.advance(minutes=11)
        assert authorize(engine, request) == first
        late = a_purchase(world, proof=proof, at=clock())
        assert decide(engine, late)["reason"] == "PAYER_TOKEN_EXPIRED"

    def test_a_repeat_with_a_fresh_token_is_the_same_purchase(self, engine, asked, world, clock):
        found = identify.identify_card(engine, asked, CardProof(world.card, PIN))
        request = a_purchase(world, proof=TokenProof(sign_payer_token(engine.keys, found.token)))
        first = authorize(engine, request)
        again = identify.identify_card(engine, now(asked, engine), CardProof(world.card, PIN))
        fresh = TokenProof(sign_payer_token(engine.keys, again.token))
        assert authorize(engine, replace(request, proof=fresh)) == first

    def test_a_wrong_pin_shows_no_name(self, engine, asked, world):
        found = identify.identify_card(engine, asked, CardProof(world.card, "000001"))
        assert (found.status, found.reason, found.name, found.token) == (
            Status.NOT_IDENTIFIED, "PIN_WRONG", None, None,
        )  # fmt: skip

    def test_a_token_of_another_till_is_nobody(self, engine, world):
        where = (world.other_shop_id, world.other_till_id)
        token = new_payer_token(world.kpm_id, "p", where, "KKS", engine.now(), proven=True)
        proof = TokenProof(sign_payer_token(engine.keys, token))
        assert decide(engine, a_purchase(world, proof=proof))["reason"] == "PAYER_UNKNOWN"


class TestPhone:
    @pytest.fixture
    def purchase_id(self, engine):
        return new_uuid7(engine.now())

    def ask(self, engine, asked, purchase_id, amount=67_000):
        return identify.identify_phone(engine, asked, MSISDN, purchase_id, amount)

    def buy(self, engine, world, purchase_id, code, *lines):
        proof = PhoneProof(MSISDN, code)
        return decide(engine, a_purchase(world, *lines, proof=proof, purchase_id=purchase_id))

    def test_a_code_buys(self, engine, asked, world, purchase_id):
        assert self.ask(engine, asked, purchase_id).status is Status.STEP_UP
        answer = self.buy(engine, world, purchase_id, last_code(engine))
        assert answer["status"] == "APPROVED"

    def test_the_text_names_shop_and_amount_and_fits_one_sms(self, engine, asked, purchase_id):
        self.ask(engine, asked, purchase_id)
        [message] = engine.sms.messages()
        assert message.to == MSISDN
        assert "Warung Bu Sri" in message.text
        assert "Rp67.000" in message.text
        assert len(message.text) <= 160

    def test_a_code_is_good_for_its_purchase_only(self, engine, asked, world, purchase_id):
        self.ask(engine, asked, purchase_id)
        other = new_uuid7(engine.now())
        assert self.buy(engine, world, other, last_code(engine))["reason"] == "CODE_WRONG"

    def test_a_code_is_good_for_its_amount_at_most(self, engine, asked, world, purchase_id):
        self.ask(engine, asked, purchase_id, amount=66_999)
        assert self.buy(engine, world, purchase_id, last_code(engine))["reason"] == "CODE_WRONG"

    def test_a_late_code_is_said_so(self, engine, asked, world, purchase_id, clock):
        self.ask(engine, asked, purchase_id)
        clock.advance(seconds=181)
        assert self.buy(engine, world, purchase_id, last_code(engine))["reason"] == "CODE_EXPIRED"

    def test_after_a_resend_the_last_two_count(self, engine, asked, world, purchase_id, clock):
        codes = []
        for _ in range(3):
            self.ask(engine, now(asked, engine), purchase_id)
            codes.append(last_code(engine))
            clock.advance(seconds=1)
        with engine.database.begin() as tx:
            counting = proofs.lock_codes(tx, world.kpm_id, world.shop_id, purchase_id)
        assert len(counting) == 2
        assert self.buy(engine, world, purchase_id, codes[1])["status"] == "APPROVED"

    def test_three_wrong_codes_end_it(self, engine, asked, world, purchase_id):
        answer = self.ask(engine, asked, purchase_id)
        token = sign_payer_token(engine.keys, answer.token)
        right = last_code(engine)
        wrong = "000000" if right != "000000" else "111111"
        for _ in range(3):
            missed = continue_with(engine, asked, token, Factor("CODE", wrong, purchase_id, 67_000))
            assert missed.reason == "CODE_WRONG"
        ended = continue_with(engine, asked, token, Factor("CODE", right, purchase_id, 67_000))
        assert ended.reason == "CODE_WRONG"

    def test_a_code_from_identify_keeps_its_bounds(self, engine, asked, world, purchase_id):
        answer = self.ask(engine, asked, purchase_id)
        token = sign_payer_token(engine.keys, answer.token)
        factor = Factor("CODE", last_code(engine), purchase_id, 67_000)
        proven = continue_with(engine, asked, token, factor)
        assert proven.status is Status.IDENTIFIED
        proof = TokenProof(sign_payer_token(engine.keys, proven.token))
        dear = a_purchase(world, rice(6000), proof=proof, purchase_id=purchase_id)
        assert decide(engine, dear)["reason"] == "CODE_WRONG"
        elsewhere = a_purchase(world, proof=proof)
        assert decide(engine, elsewhere)["reason"] == "CODE_WRONG"

    def test_a_code_works_once(self, engine, asked, world, purchase_id):
        answer = self.ask(engine, asked, purchase_id)
        token = sign_payer_token(engine.keys, answer.token)
        factor = Factor("CODE", last_code(engine), purchase_id, 67_000)
        assert continue_with(engine, asked, token, factor).status is Status.IDENTIFIED
        assert continue_with(engine, asked, token, factor).reason == "CODE_WRONG"

    def test_codes_are_limited_in_time(self, engine, asked, purchase_id):
        for _ in range(5):
            self.ask(engine, asked, purchase_id)
        assert "Terlalu banyak" in self.ask(engine, asked, purchase_id).message
        assert len(engine.sms.messages()) == 5

    def test_an_unknown_number_is_nobody(self, engine, asked, purchase_id):
        found = identify.identify_phone(engine, asked, "+6281299999999", purchase_id, 67_000)
        assert (found.status, found.reason) == (Status.NOT_IDENTIFIED, "PAYER_UNKNOWN")
        assert engine.sms.messages() == []

    def test_a_gateway_that_is_down_offers_another_way(self, engine, asked, purchase_id):

        silent = replace(engine, sms=NoGateway())
        found = identify.identify_phone(silent, asked, MSISDN, purchase_id, 67_000)
        assert "cara lain" in found.next_step

    def test_no_code_and_no_number_lies_in_the_database_in_clear(
        self, engine, asked, purchase_id, prepared
    ):
        self.ask(engine, asked, purchase_id)
        code = last_code(engine)

        with engine.database.read() as tx:
            stored = "\n".join(
                str(row) for table in metadata.sorted_tables for row in tx.execute(table.select())
            )
        for secret in (MSISDN, MSISDN[3:], NIK, PIN, f"'{code}'"):
            assert secret not in stored


class TestStepUp:
    def claim(self, engine, world, **changes):
        where = (world.shop_id, world.till_id)
        token = new_payer_token(
            world.kpm_id, "person", where, "FACE", engine.now(), proven=False,
            step_up=("PIN", "CODE"),
        )  # fmt: skip
        return sign_payer_token(engine.keys, replace(token, **changes))

    def test_a_claim_buys_nothing(self, engine, world):
        request = a_purchase(world, proof=TokenProof(self.claim(engine, world)))
        assert decide(engine, request)["reason"] == "STEP_UP_REQUIRED"

    def test_a_claim_sees_no_balance(self, engine, world):

        token = read_payer_token(engine.keys, self.claim(engine, world))
        shop = Shop(world.shop_id, "x", "35.07.13.2001", "ACTIVE")
        made = quote(engine, shop, world.till_id, (rice(),), token)
        assert made.balance_before is None
        proven = quote(engine, shop, world.till_id, (rice(),), replace(token, proven=True))
        assert (proven.balance_before, proven.balance_after) == (BALANCE, BALANCE - 67_000)

    def test_a_wrong_pin_keeps_the_claim_and_three_leave_the_other_factor(
        self, engine, asked, world
    ):
        token = self.claim(engine, world)
        for _ in range(3):
            missed = continue_with(engine, asked, token, Factor("PIN", "000001", "", 0))
            assert (missed.status, missed.name) == (Status.STEP_UP, None)
        assert missed.token.step_up == ("CODE",)
        blocked = continue_with(engine, asked, token, Factor("PIN", PIN, "", 0))
        assert blocked.reason == "PIN_BLOCKED"

    def test_an_old_or_foreign_claim_is_refused(self, engine, asked, world, clock):
        foreign = self.claim(engine, world, till_id=world.other_till_id)
        assert continue_with(engine, asked, foreign, Factor("PIN", PIN, "", 0)).reason == (
            "PAYER_UNKNOWN"
        )
        token = self.claim(engine, world)
        clock.advance(minutes=11)
        late = continue_with(engine, now(asked, engine), token, Factor("PIN", PIN, "", 0))
        assert late.reason == "PAYER_TOKEN_EXPIRED"

    def test_every_attempt_is_kept_without_secrets(self, engine, asked, world):
        continue_with(engine, asked, self.claim(engine, world), Factor("PIN", "000001", "", 0))
        with engine.database.read() as tx:
            row = tx.execute(identity_attempt.select()).mappings().one()
        assert (row["method"], row["outcome"], row["reason"], row["kpm_id"]) == (
            "FACE", "STEP_UP", "PIN_WRONG", world.kpm_id,
        )  # fmt: skip
