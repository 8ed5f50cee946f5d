"""SMS and USSD of families: what is answered, to whom, and what moves no money."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.qris import QrisRefusal
from pos_engine.services import complaints, ussd
from pos_engine.services.authorize import authorize
from pos_engine.services.baskets import look
from pos_engine.services.identification import Status
from pos_engine.services.identify import Factor, continue_with, identify_phone
from pos_engine.services.idle import idle_tranches
from pos_engine.services.notify import drain
from pos_engine.services.payer import PhoneProof
from pos_engine.services.phone_request import Waiting, ask_phone
from pos_engine.services.prove import check_ledger
from pos_engine.services.sms_figures import figures
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.store import ledger
from pos_engine.store.schema import metadata, one_time_code
from pos_engine.wire import sms_answers
from pos_engine.wire import ussd as menus
from pos_engine.wire.gsm7 import SEPTETS_MAX, septets
from tests.phones import (
    STRANGER,
    a_basket,
    asked_of,
    code_in,
    hand_over,
    press,
    taken,
    text_from,
    with_queue,
)
from tests.world import BALANCE, MSISDN, PIN, a_purchase, rice

COST = 67_000


@pytest.fixture
def kind():
    """The statements of these services run on both databases in test_outgoing and the e2e line."""
    return "sqlite"


@pytest.fixture
def phones(engine):
    return with_queue(engine)


@pytest.fixture
def waiting(phones, world):
    """A basket that waits for her yes."""
    purchase_id = a_basket(phones, world)
    assert isinstance(ask_phone(phones, asked_of(phones, world), purchase_id, MSISDN), Waiting)
    return purchase_id


def answer_to(phones, text, **more) -> str:
    text_from(phones, text, **more)
    [(number, words)] = taken(phones)
    assert number == more.get("sender", MSISDN)
    return words


def left(phones, kpm_id) -> int:
    with phones.database.read() as tx:
        return sum(e.credited - e.spent for e in ledger.tranches_of(tx, kpm_id, lock=False))


def make_silent(clock):
    clock.advance(days=91)


class TestWords:
    def test_the_balance_comes_to_the_registered_number(self, phones):
        assert "saldo bantuan Rp200.000" in answer_to(phones, "slado")

    def test_prices_of_her_village(self, phones):
        assert "Beras medium Rp13.500/kg" in answer_to(phones, "harga beras")
        assert answer_to(phones, "HARGA helikopter") == sms_answers.GOOD_UNKNOWN

    def test_what_nobody_understands_gets_the_help(self, phones):
        assert answer_to(phones, "halo") == sms_answers.HELP

    def test_a_demo_gateway_answers_at_once(self, engine):
        text_from(engine, "SALDO")
        assert "saldo bantuan" in engine.sms.messages()[0].text

    def test_the_same_text_again_is_answered_once(self, phones):
        assert text_from(phones, "SALDO", message_id="m-1") == "SALDO"
        assert text_from(phones, "SALDO", message_id="m-1") == "SEEN_BEFORE"
        assert len(taken(phones)) == 1

    def test_a_stranger_learns_nothing_and_is_answered_once_a_day(self, phones, clock):
        assert text_from(phones, "SALDO", sender=STRANGER) == "UNREGISTERED"
        assert text_from(phones, "LAPOR", sender=STRANGER) == "UNREGISTERED"
        assert [words for _, words in taken(phones)] == [sms_answers.UNREGISTERED]
        assert complaints.list_complaints(phones, "OPEN") == []
        clock.advance(days=1, seconds=1)
        text_from(phones, "SALDO", sender=STRANGER)
        assert len(taken(phones)) == 1

    @pytest.mark.parametrize("sender", ["BANK-X", "3355", "", "+1 555 0100", "\ud800"])
    def test_what_is_no_telephone_is_not_answered(self, phones, sender):
        assert text_from(phones, "SALDO", sender=sender) == "NO_PHONE"
        assert taken(phones) == []

    def test_a_number_that_asks_too_often_is_not_answered(self, phones):
        for _ in range(10):
            text_from(phones, "SALDO")
        assert text_from(phones, "SALDO") == "TOO_MANY"
        assert len(taken(phones)) == 10

    def test_stop_ends_news_but_no_codes_until_mulai(self, phones, world):
        assert "Balas MULAI" in answer_to(phones, "STOP")
        authorize(phones, a_purchase(world))
        assert drain(phones).done == 1
        assert taken(phones) == []
        identify_phone(phones, asked_of(phones, world), MSISDN, new_uuid7(phones.now()), COST)
        assert "kode belanja" in taken(phones)[0][1]
        answer_to(phones, "MULAI")
        authorize(phones, a_purchase(world, rice(1000)))
        drain(phones)
        assert "BPNT: belanja" in taken(phones)[0][1]

    def test_no_number_and_no_word_of_hers_lies_in_clear(self, phones, world):
        text_from(phones, "LAPOR ada pemotongan lima ribu")
        with phones.database.read() as tx:
            rows = "\n".join(
                str(row) for table in metadata.sorted_tables for row in tx.execute(table.select())
            )
        assert MSISDN.lstrip("+") not in rows
        assert "pemotongan" not in rows
        assert figures(phones, timedelta(days=1)).came == [
            {"word": "LAPOR", "outcome": "LAPOR", "texts": 1}
        ]


class TestCodeAgain:
    def test_kode_sends_the_code_of_what_waits_and_both_count(self, phones, world, clock):
        purchase_id = new_uuid7(phones.now())
        identify_phone(phones, asked_of(phones, world), MSISDN, purchase_id, COST)
        first = code_in(hand_over(phones))
        clock.advance(seconds=30)
        text_from(phones, "kode")
        second = code_in(hand_over(phones))
        assert len({first, second}) == 2 or first == second
        request = a_purchase(world, proof=PhoneProof(MSISDN, first), purchase_id=purchase_id)
        assert json.loads(authorize(phones, request).body)["status"] == "APPROVED"

    def test_without_a_waiting_purchase_there_is_no_code(self, phones, world):
        assert answer_to(phones, "KODE") == sms_answers.NO_PURCHASE_WAITS
        with phones.database.read() as tx:
            assert tx.execute(one_time_code.select()).all() == []

    def test_too_many_codes_are_said_so(self, phones, world):
        identify_phone(phones, asked_of(phones, world), MSISDN, new_uuid7(phones.now()), COST)
        for _ in range(4):
            text_from(phones, "KODE")
        hand_over(phones)
        assert answer_to(phones, "KODE") == sms_answers.TOO_MANY_CODES


class TestSilentNumber:
    def test_it_shows_no_balance_by_sms_nor_by_ussd(self, phones, clock):
        make_silent(clock)
        assert answer_to(phones, "SALDO") == sms_answers.SILENT
        assert answer_to(phones, "SALDO") == sms_answers.SILENT  # its own texts revive nothing
        shown = press(phones, "*123#")
        assert (shown.text, shown.end) == (sms_answers.SILENT, True)

    def test_it_gets_no_code_and_pays_with_the_pin_beside_it(self, phones, world, clock):
        make_silent(clock)
        asked, purchase_id = asked_of(phones, world), new_uuid7(phones.now())
        answer = identify_phone(phones, asked, MSISDN, purchase_id, COST)
        assert answer.token.step_up == ("PIN",)
        assert taken(phones) == []
        token = sign_payer_token(phones.keys, answer.token)
        proven = continue_with(phones, asked, token, Factor("PIN", PIN, purchase_id, COST))
        assert proven.status is Status.IDENTIFIED

    def test_a_second_factor_is_no_sole_one_and_makes_the_number_hers_again(
        self, phones, world, clock
    ):
        make_silent(clock)
        asked, purchase_id = asked_of(phones, world), new_uuid7(phones.now())
        where = (world.shop_id, world.till_id)
        claim = new_payer_token(
            world.kpm_id, "person", where, "FACE", phones.now(), proven=False, step_up=("CODE",)
        )
        token = sign_payer_token(phones.keys, claim)
        continue_with(phones, asked, token, Factor("CODE", None, purchase_id, COST))
        code = code_in(hand_over(phones))
        request = a_purchase(
            world, proof=PhoneProof(MSISDN, code), purchase_id=purchase_id, at=phones.now()
        )
        assert json.loads(authorize(phones, request).body)["reason"] == "CODE_WRONG"
        other = new_uuid7(phones.now())
        continue_with(phones, asked, token, Factor("CODE", None, other, COST))
        code = code_in(hand_over(phones))
        proven = continue_with(phones, asked, token, Factor("CODE", code, other, COST))
        assert proven.status is Status.IDENTIFIED
        assert "saldo bantuan" in answer_to(phones, "SALDO")

    def test_a_number_that_is_used_stays_hers(self, phones, clock):
        for _ in range(4):
            clock.advance(days=60)
            assert "saldo bantuan" in answer_to(phones, "SALDO")


class TestComplaints:
    def test_lapor_opens_one_about_the_purchase_that_she_was_told_of(self, phones, world):
        request = a_purchase(world)
        authorize(phones, request)
        drain(phones)
        hand_over(phones)
        said = answer_to(phones, "LAPOR bukan saya")
        assert answer_to(phones, "lapor").split()[2] == said.split()[2]  # the same one
        [shown] = complaints.list_complaints(phones, "OPEN")
        assert shown.complaint.reference == said.split()[2]
        assert shown.complaint.purchase_id == request.purchase_id
        assert shown.note == "bukan saya"
        assert left(phones, world.kpm_id) == BALANCE - COST

    def test_while_it_is_open_her_money_does_not_age(self, phones, world, clock):
        said = answer_to(phones, "LAPOR")
        clock.advance(days=30)
        days = {each.tranche.kpm_id: each.tranche.days for each in idle_tranches(phones, 0)}
        assert (days["KPM-1"], days["KPM-2"]) == (0, 30)
        [shown] = complaints.list_complaints(phones, "OPEN")
        assert shown.late
        reference = said.split()[2].lower()
        assert complaints.close_complaint(phones, reference, "staff-9", "dijelaskan") is None
        assert complaints.close_complaint(phones, reference, "staff-9", "lagi") is not None
        clock.advance(days=10)
        days = {each.tranche.kpm_id: each.tranche.days for each in idle_tranches(phones, 0)}
        assert days["KPM-1"] in (9, 10)

    def test_an_answer_needs_words(self, phones):
        assert complaints.close_complaint(phones, "L2222222", "staff-9", " ") is not None


class TestYesOnHerPhone:
    def test_she_sees_the_basket_and_pays_it_without_a_code(self, phones, world, waiting):
        assert "*123#, pilih 2" in taken(phones)[0][1]
        press(phones, "*123#")
        seen = press(phones, "2").text
        assert seen.startswith("Rp67.000 di Warung Bu Sri: Beras medium 5 kg")
        paid = press(phones, "1")
        assert paid.end
        assert paid.text == "LUNAS Rp67.000 di Warung Bu Sri. Sisa bantuan Rp133.000."
        assert look(phones, waiting).state.value == "PAID_AID"
        assert check_ledger(phones).good

    def test_a_second_yes_pays_nothing_more(self, phones, world, waiting):
        for session in ("s-1", "s-2"):
            press(phones, "*123#", session=session)
            press(phones, "2", session=session)
        press(phones, "1", session="s-1")
        again = press(phones, "1", session="s-2")
        assert again.text.startswith("LUNAS")
        assert left(phones, world.kpm_id) == BALANCE - COST

    def test_a_no_ends_the_request_and_opens_a_complaint(self, phones, world, waiting):
        press(phones, "*123#")
        press(phones, "2")
        assert "laporan L" in press(phones, "2").text
        [shown] = complaints.list_complaints(phones, "OPEN")
        assert shown.complaint.purchase_id == waiting
        press(phones, "*123#")
        assert "Tidak ada belanja" in press(phones, "2").text
        assert left(phones, world.kpm_id) == BALANCE

    def test_too_late_is_said_and_pays_nothing(self, phones, world, waiting, clock):
        press(phones, "*123#")
        press(phones, "2")
        clock.advance(minutes=4)
        press(phones, "x")
        clock.advance(minutes=4)
        press(phones, "2")
        clock.advance(minutes=3)
        assert press(phones, "1").text == menus.NOT_PAID[QrisRefusal.BASKET_EXPIRED]
        assert left(phones, world.kpm_id) == BALANCE

    def test_what_the_money_does_not_reach_is_said(self, phones, world, waiting):
        authorize(phones, a_purchase(world, rice(12_000)))
        press(phones, "*123#")
        press(phones, "2")
        shown = press(phones, "1")
        assert (shown.refused, shown.end) == ("INSUFFICIENT_BALANCE", True)

    def test_only_a_held_basket_of_this_shop_and_a_living_number_is_asked(
        self, phones, world, waiting, clock
    ):
        asked = asked_of(phones, world)
        assert ask_phone(phones, asked, new_uuid7(phones.now()), MSISDN) is (
            QrisRefusal.BASKET_UNKNOWN
        )
        other = replace(asked, place=replace(asked.place, shop_id=world.other_shop_id))
        assert ask_phone(phones, other, waiting, MSISDN) is QrisRefusal.BASKET_UNKNOWN
        unknown = ask_phone(phones, asked, waiting, STRANGER)
        assert unknown.reason == "PAYER_UNKNOWN"
        dear = a_basket(phones, world, rice(unit_price=20_000))
        assert ask_phone(phones, asked, dear, MSISDN) is QrisRefusal.BASKET_NOT_LAWFUL
        for _ in range(4):
            assert isinstance(ask_phone(phones, asked, a_basket(phones, world), MSISDN), Waiting)
        many = ask_phone(phones, asked, a_basket(phones, world), MSISDN)
        assert many.reason == "LIMIT_REACHED"
        make_silent(clock)
        later = asked_of(phones, world)
        silent = ask_phone(phones, later, a_basket(phones, world), MSISDN)
        assert silent.reason == "STEP_UP_REQUIRED"

    def test_asking_twice_is_asking_once(self, phones, world, waiting):
        asked = asked_of(phones, world)
        assert isinstance(ask_phone(phones, asked, waiting, MSISDN), Waiting)
        assert len(taken(phones)) == 1


class TestDialogues:
    def test_a_stolen_session_shows_nothing_and_pays_nothing(self, phones, world, waiting):
        press(phones, "*123#")
        press(phones, "2")
        for sender in (STRANGER, "BANK-X"):
            stolen = press(phones, "1", sender=sender)
            assert stolen.end
            assert stolen.refused in ("OTHER_NUMBER", "NO_PHONE")
        assert left(phones, world.kpm_id) == BALANCE
        assert press(phones, "1").text.startswith("LUNAS")  # hers goes on

    def test_a_replayed_call_is_refused(self, phones, world, waiting):
        press(phones, "*123#", once="a" * 64)
        assert press(phones, "*123#", once="a" * 64).refused == "REPLAYED"

    def test_a_stranger_is_told_where_to_register(self, phones):
        shown = press(phones, "*123#", sender=STRANGER)
        assert (shown.text, shown.refused) == (sms_answers.UNREGISTERED, "UNREGISTERED")

    def test_a_dialogue_that_was_left_begins_again(self, phones, clock):
        press(phones, "*123#")
        press(phones, "1")
        clock.advance(minutes=6)
        assert press(phones, "9").text.startswith("BPNT\n1 Saldo")
        press(phones, "1")
        assert press(phones, "*123#", begins=True).text.startswith("BPNT\n1 Saldo")

    def test_a_wrong_key_shows_the_menu_again(self, phones):
        press(phones, "*123#")
        assert press(phones, "7").text.startswith(menus.WRONG_KEY)
        assert press(phones, "0").end

    def test_a_dialogue_without_end_is_ended(self, phones):
        press(phones, "*123#")
        for _ in range(ussd.STEPS_MAX):
            last = press(phones, "9")
        assert (last.text, last.end) == (menus.TOO_LONG, True)

    def test_old_dialogues_are_forgotten(self, phones, clock):
        press(phones, "*123#", once="b" * 64)
        clock.advance(hours=2)
        assert ussd.forget_old(phones) == 2

    def test_the_report_of_the_menu_opens_a_complaint(self, phones):
        press(phones, "*123#")
        press(phones, "4")
        assert "laporan L" in press(phones, "1").text

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(typed=st.lists(st.one_of(st.sampled_from("0123456789*#"), st.text(max_size=200))))
    def test_whatever_is_pressed_fits_a_phone_and_moves_no_money(self, phones, world, typed):
        session = new_uuid7(phones.now())
        for each in typed:
            shown = press(phones, each, session=session)
            size = septets(shown.text)
            assert size is not None
            assert size <= SEPTETS_MAX
        assert left(phones, world.kpm_id) == BALANCE

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(text=st.text(max_size=600), sender=st.one_of(st.just(MSISDN), st.text(max_size=40)))
    def test_whatever_is_texted_is_answered_or_refused(self, phones, world, text, sender):
        phones.now.advance(minutes=11)
        assert text_from(phones, text, sender=sender)
        for _, words in taken(phones):
            assert septets(words) <= SEPTETS_MAX
        assert left(phones, world.kpm_id) == BALANCE
