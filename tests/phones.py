"""Phones of the small world, for tests: texts that wait, what they say, who takes them."""

import re
from dataclasses import replace

from pos_engine.engine import Engine
from pos_engine.rules.ids import PurchaseId, new_uuid7
from pos_engine.services import outgoing
from pos_engine.services.baskets import Held, hold
from pos_engine.services.identification import asked_at
from pos_engine.services.outgoing import Handed, Taken
from pos_engine.services.payer import Place
from pos_engine.services.sessions import open_session
from pos_engine.services.sms_in import Incoming, receive_text
from pos_engine.services.ussd import Dialled, Shown, dial
from pos_engine.sms import QueuedGateway
from pos_engine.store import shops
from pos_engine.wire.delivery import Delivery, Report
from tests.world import MSISDN, rice

STRANGER = "+6281299999999"
SECRET = "a-secret-of-thirty-two-characters"


def with_queue(engine: Engine) -> Engine:
    """The same engine with texts that wait for a line."""
    return replace(engine, sms=QueuedGateway(), gateway_secret=SECRET, ussd_number="*123#")


def asked_of(engine, world):
    session = open_session(engine, **world.staff["KASIR"]).session
    return asked_at(engine, session, Place(world.shop_id, world.till_id), None)


def text_from(engine, text, sender=MSISDN, message_id=None) -> str:
    message_id = message_id or new_uuid7(engine.now())
    return receive_text(engine, Incoming("test", message_id, sender, text)).outcome


def taken(engine, limit=100):
    """What a line takes now, as (number, words), in its order."""
    return [(each.to, each.words) for each in outgoing.take(engine, limit)]


def hand_over(engine, *, report=Delivery.DELIVERED, limit=100):
    """A line takes what waits, the operator accepts it and reports it; the texts."""
    found = outgoing.take(engine, limit)
    outgoing.settle(
        engine, [Handed(each, Taken.ACCEPTED, each.text.message_id[:36]) for each in found]
    )
    if report is not None:
        told = [Report(each.text.message_id[:36], report, report.value) for each in found]
        assert outgoing.note_reports(engine, told) == []
    return [each.words for each in found]


def code_in(texts) -> str:
    return re.search(r"\b(\d{6})\b", " ".join(texts))[1]


def a_basket(engine, world, *lines) -> str:
    with engine.database.read() as tx:
        shop = shops.find_shop(tx, world.shop_id)
    new = PurchaseId(new_uuid7(engine.now()))
    place = Place(world.shop_id, world.till_id)
    held = hold(engine, shop, place, "staff-1", new, lines or (rice(),))
    assert isinstance(held, Held)
    return new


def press(engine, typed, *, sender=MSISDN, session="s-1", begins=False, once=None) -> Shown:
    return dial(engine, Dialled("test", session, sender, typed, begins=begins, once=once))
