"""Texts on their way out: codes overtake receipts, nothing is sent twice, nothing lies in clear."""

import json
from dataclasses import replace

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.outgoing_text import SUBMIT_TRIES_MAX
from pos_engine.services import outgoing
from pos_engine.services.authorize import authorize
from pos_engine.services.identify import identify_phone
from pos_engine.services.notify import drain
from pos_engine.services.outgoing import Handed, Taken
from pos_engine.services.payer import CardProof, PhoneProof
from pos_engine.sms import Message
from pos_engine.store import sms_out
from pos_engine.store.database import ConflictError
from pos_engine.store.schema import one_time_code
from pos_engine.store.schema_sms import sms_out as texts
from pos_engine.wire.delivery import Delivery, Report
from tests.phones import asked_of, code_in, hand_over, taken, with_queue
from tests.world import BALANCE, MSISDN, PIN, a_purchase, rice


@pytest.fixture
def phones(engine):
    return with_queue(engine)


def ask_code(phones, world, purchase_id):
    return identify_phone(phones, asked_of(phones, world), MSISDN, purchase_id, 67_000)


def buy(phones, world, purchase_id, code):
    request = a_purchase(world, proof=PhoneProof(MSISDN, code), purchase_id=purchase_id)
    return json.loads(authorize(phones, request).body)


def notice(phones, number, **more):
    return Message(f"+62811000{number:04d}", f"kabar {number}", phones.now(), **more)


def states(phones):
    with phones.database.read() as tx:
        return {(state, count) for _, state, count in sms_out.counts(tx)}


class TestCodes:
    def test_a_code_lives_from_its_delivery_report(self, phones, world, clock):
        purchase_id = new_uuid7(phones.now())
        assert ask_code(phones, world, purchase_id).message == "Kode sudah dikirim ke HP Ibu/Bapak."
        clock.advance(seconds=200)  # the operator is slow
        code = code_in(hand_over(phones))
        clock.advance(seconds=179)
        assert buy(phones, world, purchase_id, code)["status"] == "APPROVED"

    def test_three_minutes_after_the_report_it_is_too_late(self, phones, world, clock):
        purchase_id = new_uuid7(phones.now())
        ask_code(phones, world, purchase_id)
        code = code_in(hand_over(phones))
        clock.advance(seconds=181)
        assert buy(phones, world, purchase_id, code)["reason"] == "CODE_EXPIRED"

    def test_without_a_report_it_lives_ten_minutes_from_sending(self, phones, world, clock):
        purchase_id = new_uuid7(phones.now())
        ask_code(phones, world, purchase_id)
        code = code_in(hand_over(phones, report=None))
        clock.advance(minutes=10, seconds=1)
        assert buy(phones, world, purchase_id, code)["reason"] == "CODE_EXPIRED"

    def test_a_report_that_it_failed_changes_nothing(self, phones, world):
        purchase_id = new_uuid7(phones.now())
        ask_code(phones, world, purchase_id)
        with phones.database.read() as tx:
            before = tx.execute(one_time_code.select()).all()
        hand_over(phones, report=Delivery.FAILED)
        with phones.database.read() as tx:
            assert tx.execute(one_time_code.select()).all() == before
        assert states(phones) == {("FAILED", 1)}

    def test_a_code_that_came_too_late_to_the_line_is_not_sent(self, phones, world, clock):
        ask_code(phones, world, new_uuid7(phones.now()))
        clock.advance(minutes=11)
        assert taken(phones) == []
        assert states(phones) == {("FAILED", 1)}


class TestQueue:
    def test_codes_overtake_receipts(self, phones, world):
        with phones.database.begin() as tx:
            outgoing.put(tx, phones, [notice(phones, n) for n in range(20)])
        ask_code(phones, world, new_uuid7(phones.now()))
        first, *rest = taken(phones, 5)
        assert "kode belanja" in first[1]
        assert len(rest) == 4

    def test_what_a_line_has_nobody_else_gets_until_its_lease_ends(self, phones, clock):
        with phones.database.begin() as tx:
            outgoing.put(tx, phones, [notice(phones, 1)])
        assert len(taken(phones)) == 1
        assert taken(phones) == []
        clock.advance(seconds=61)  # the line died
        assert len(taken(phones)) == 1

    def test_a_busy_operator_costs_no_try_and_a_fault_a_few(self, phones, clock):
        with phones.database.begin() as tx:
            outgoing.put(tx, phones, [notice(phones, 1)])
        for answer in (Taken.BUSY, *[Taken.UNCLEAR] * SUBMIT_TRIES_MAX):
            [each] = outgoing.take(phones, 10)
            outgoing.settle(phones, [Handed(each, answer, reason="0x58")])
            assert taken(phones) == []
            clock.advance(minutes=6)
        assert states(phones) == {("FAILED", 1)}

    def test_a_number_that_is_refused_is_given_up_at_once(self, phones):
        with phones.database.begin() as tx:
            outgoing.put(tx, phones, [notice(phones, 1)])
        [each] = outgoing.take(phones, 10)
        outgoing.settle(phones, [Handed(each, Taken.REFUSED, reason="0xb")])
        assert states(phones) == {("FAILED", 1)}

    def test_neither_number_nor_code_lies_in_clear_and_both_go_when_it_left(self, phones, world):
        ask_code(phones, world, new_uuid7(phones.now()))
        with phones.database.read() as tx:
            [row] = tx.execute(texts.select()).all()
        [(number, words)] = [(each.to, each.words) for each in outgoing.take(phones, 1)]
        assert number.encode() not in row.sealed
        assert code_in([words]).encode() not in row.sealed
        assert number not in repr(outgoing.take(phones, 1))
        phones.now.advance(seconds=61)
        hand_over(phones)
        with phones.database.read() as tx:
            [row] = tx.execute(texts.select()).all()
        assert row.sealed is None

    def test_a_report_that_overtakes_its_text_comes_back(self, phones):
        early = Report("not-yet", Delivery.DELIVERED, "DELIVRD")
        assert outgoing.note_reports(phones, [early]) == [early]
        on_its_way = Report("x", Delivery.ON_ITS_WAY, "ENROUTE")
        assert outgoing.note_reports(phones, [on_its_way]) == []

    def test_old_texts_are_forgotten(self, phones, clock):
        with phones.database.begin() as tx:
            outgoing.put(tx, phones, [notice(phones, 1), notice(phones, 2)])
        hand_over(phones)
        assert outgoing.forget_old(phones) == 0
        clock.advance(days=31)
        assert outgoing.forget_old(phones) == 2


class TestReceipts:
    def test_a_purchase_is_told_once_even_if_two_workers_look(self, phones, world, monkeypatch):
        authorize(phones, a_purchase(world))
        rival = replace(phones)
        real = outgoing.put

        def late(tx, engine, messages):
            monkeypatch.setattr("pos_engine.services.notify.put", real)
            if phones.database.dialect == "postgresql":
                assert drain(rival).done == 1
            real(tx, engine, messages)

        monkeypatch.setattr("pos_engine.services.notify.put", late)
        if phones.database.dialect == "postgresql":
            with pytest.raises(ConflictError):
                drain(phones)
        else:
            assert drain(phones).done == 1
        assert drain(phones).done == 0
        [(number, words)] = taken(phones)
        assert (number, f"Sisa Rp{BALANCE - 67_000:,}".replace(",", ".") in words) == (MSISDN, True)

    def test_the_queue_of_receipts_is_bounded(self, phones, world, monkeypatch):
        monkeypatch.setattr("pos_engine.services.notify.NOTICES_QUEUED_MAX", 1)
        for _ in range(2):
            authorize(phones, a_purchase(world))
        assert drain(phones).done == 1
        assert drain(phones).done == 0
        hand_over(phones)
        assert drain(phones).done == 1

    def test_a_refusal_and_a_family_without_phone_are_told_nothing(self, phones, world):
        authorize(phones, a_purchase(world, rice(unit_price=20_000)))
        authorize(phones, a_purchase(world, proof=CardProof(world.other_card, PIN)))
        assert drain(phones).done == 1
        assert taken(phones) == []
