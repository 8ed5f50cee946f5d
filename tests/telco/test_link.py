"""A line by SMPP 3.4 against a real SMSC: texts and answers, codes and reports, dialogues."""

import asyncio
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import pytest
import smpp34

from pos_engine.rules.ids import new_uuid7
from pos_engine.services.authorize import authorize
from pos_engine.services.identify import identify_phone
from pos_engine.services.notify import drain
from pos_engine.services.payer import PhoneProof
from pos_engine.services.phone_request import ask_phone
from pos_engine.store import sms_out
from pos_engine.telco.line import Ended, StepCame, TextCame
from pos_engine.telco.run import start
from pos_engine.telco.simulator import Simulator
from pos_engine.telco.smpp import SmppLine, SmppSettings, came
from pos_engine.wire import smpp
from pos_engine.wire.delivery import Report
from tests.phones import STRANGER, a_basket, asked_of, code_in, with_queue
from tests.world import MSISDN, a_purchase

WAIT_S = 10.0


@pytest.fixture
def kind():
    return "sqlite"


@pytest.fixture
def phones(engine):
    return with_queue(engine)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition, wait_s=WAIT_S):
    end = time.monotonic() + wait_s
    while not (found := condition()):
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)
    return found


class Operator:
    """A simulator in a thread of its own, spoken to from the test."""

    def __init__(self, port: int, **options) -> None:
        self.smsc = Simulator(port, **options)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.run(self.smsc.start())
        return self

    def __exit__(self, *_error) -> None:
        self.run(self.smsc.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.close()

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    def answer(self, act):
        """Do something on a phone and wait for what it shows."""
        before = len(self.smsc.texts)
        assert self.run(act)
        until(lambda: len(self.smsc.texts) > before)
        return self.smsc.texts[-1]

    def texted(self, text, sender=MSISDN):
        return self.answer(self.smsc.text(sender, text))

    def pressed(self, typed, *, begin=False):
        return self.answer(self.smsc.dial(MSISDN, typed, begin=begin))


@contextmanager
def bound(engine, port) -> Iterator[None]:
    end = start(engine, SmppLine(SmppSettings("127.0.0.1", port, "esme", "pw", "BPNT", window=10)))
    try:
        yield
    finally:
        end()


@pytest.fixture
def operator(phones):
    port = free_port()
    with Operator(port) as found, bound(phones, port):
        until(lambda: found.smsc.bound)
        yield found


def states(phones):
    with phones.database.read() as tx:
        return {state for _, state, _ in sms_out.counts(tx)}


def test_she_texts_saldo_and_gets_her_balance(operator):
    shown = operator.texted("Saldoo")
    assert (shown.to, "saldo bantuan Rp200.000" in shown.text) == (MSISDN, True)


def test_a_code_lives_from_the_operators_report(operator, phones, world, clock):
    purchase_id = new_uuid7(phones.now())
    identify_phone(phones, asked_of(phones, world), MSISDN, purchase_id, 67_000)
    [shown] = until(lambda: list(operator.smsc.texts))
    until(lambda: states(phones) == {"DELIVERED"})
    clock.advance(seconds=170)
    proof = PhoneProof(MSISDN, code_in([shown.text]))
    request = a_purchase(world, proof=proof, purchase_id=purchase_id, at=phones.now())
    assert json.loads(authorize(phones, request).body)["status"] == "APPROVED"


def test_she_agrees_to_a_basket_on_her_own_phone(operator, phones, world):
    ask_phone(phones, asked_of(phones, world), a_basket(phones, world), MSISDN)
    until(lambda: operator.smsc.texts)
    assert operator.pressed("*123#", begin=True).text.startswith("BPNT\n1 Saldo")
    assert operator.pressed("2").text.startswith("Rp67.000 di Warung Bu Sri")
    paid = operator.pressed("1")
    assert (paid.ussd, paid.end) == (True, True)
    assert paid.text.startswith("LUNAS Rp67.000")


def test_a_stranger_is_answered_once_and_learns_nothing(operator, phones):
    assert "belum terdaftar" in operator.texted("SALDO", STRANGER).text
    operator.run(operator.smsc.text(STRANGER, "SALDO"))
    operator.texted("SALDO")
    assert [each.to for each in operator.smsc.texts].count(STRANGER) == 1


def test_an_operator_that_throttles_gets_the_text_later(phones, world, clock):
    port, refusals = free_port(), [smpp34.ESME_RTHROTTLED, smpp34.ESME_RMSGQFUL]
    throttling = Operator(port, status_of=lambda _: refusals.pop() if refusals else 0)
    with throttling as operator, bound(phones, port):
        until(lambda: operator.smsc.bound)
        authorize(phones, a_purchase(world))
        drain(phones)
        until(lambda: operator.smsc.texts or clock.advance(seconds=1))
        assert "belanja Rp67.000" in operator.smsc.texts[0].text
        assert refusals == []


@pytest.mark.proof
def test_an_operator_that_dies_is_bound_again_and_nothing_is_lost(phones, world):
    port = free_port()
    command = [sys.executable, "-m", "pos_engine.cli", "simulate", "smsc", "--port", str(port)]

    def operator():
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, bufsize=1,
        )  # fmt: skip

    def read_until(process, pattern):
        for line in process.stdout:
            if found := re.search(pattern, line):
                return found
        raise AssertionError(pattern)

    first = operator()
    with bound(phones, port):
        read_until(first, "SMPP 3.4")
        authorize(phones, a_purchase(world))
        drain(phones)
        read_until(first, r"SMS \+62812\d+: BPNT: belanja")
        first.kill()
        first.communicate()
        authorize(phones, a_purchase(world))
        drain(phones)
        second = operator()
        read_until(second, r"SMS \+62812\d+: BPNT: belanja")
        second.kill()
        second.communicate()


class Event:
    """A deliver_sm."""

    def __init__(self, body=b"", **fields):
        self.short_message, self.tlvs = body, fields.pop("tlvs", [])
        self.esm_class, self.data_coding = 0, 0
        self.source_addr = "6281234567890"
        self.__dict__.update(fields)


@pytest.mark.parametrize("name", [n for n in vars(smpp) if n.startswith(("ESME_", "TLV_"))])
def test_our_numbers_are_those_of_the_protocol(name):
    assert getattr(smpp, name) == getattr(smpp34, name)


def test_what_comes_is_sorted():
    assert isinstance(came(Event(b"SALDO")), TextCame)
    assert isinstance(came(Event(b"id:1 stat:DELIVRD", esm_class=4)), Report)
    assert came(Event(b"", esm_class=4)) is None
    payload = smpp34.Tlv(smpp34.TLV_MESSAGE_PAYLOAD, b"SALDO")
    assert came(Event(tlvs=[payload])).text == "SALDO"
    step = came(Event(b"1", tlvs=[smpp34.Tlv(smpp34.TLV_USSD_SERVICE_OP, b"\x12")]))
    assert (step.typed, step.begins, step.reply_with) == ("1", False, None)
    assert isinstance(step, StepCame)
    assert came(Event(b"x", tlvs=[smpp34.Tlv(smpp34.TLV_USSD_SERVICE_OP, b"\x13")])) is None
    assert came(Event(b"\x05\x00\x03\x07\x02\x02x", esm_class=0x40)) is None
    assert Ended() == Ended()
