"""A hold that is captured for goods is a purchase as any other: items, receipt, notice, limits."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from pos_engine.rules.basket import Line
from pos_engine.rules.holds import Hold, HoldRefusal
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import PurchaseId, new_uuid7
from pos_engine.rules.money import Rupiah
from pos_engine.services import notify
from pos_engine.services.audit import receipt_facts
from pos_engine.services.authorize import authorize
from pos_engine.services.day import stored_answer
from pos_engine.services.hold import hold, release, time_out_due
from pos_engine.services.hold_sale import Sale, capture_sale
from pos_engine.services.prove import check_ledger
from pos_engine.services.report import Scope, make_report
from pos_engine.store import holds, ledger, limit_use, outbox, purchases
from pos_engine.store.schema import purchase, wallet
from tests.returning import a_void, left, outcome, owed, texts
from tests.services.test_batches import said
from tests.services.test_disburse_killed import KilledError
from tests.services.test_hold import a_request, made, money
from tests.world import BALANCE, NOW, a_purchase, credit, rice

PAID = 67_000


@pytest.fixture(autouse=True)
def books_add_up(engine):
    """After every test of this file the books add up."""
    yield
    assert check_ledger(engine).good


def a_sale(world, held, *lines, **changes):
    sale = Sale(
        hold_id=held.hold_id,
        purchase_id=PurchaseId(new_uuid7(NOW)),
        till_id=world.till_id,
        staff_id="staff-1",
        occurred_at=NOW,
        method=Method.KKS,
        lines=lines or (rice(),),
    )
    return replace(sale, **changes)


def soap(pieces=1):
    return Line("SABUN", None, pieces * 1000, Rupiah(5_000), None)


def test_goods_are_paid_from_a_hold_and_the_rest_is_free_again(engine, world):
    held = made(engine, world, amount=100_000)
    sale = a_sale(world, held)
    body = json.loads(capture_sale(engine, sale).body)
    assert (body["status"], body["amount"]) == ("APPROVED", PAID)
    assert (body["balance_before"], body["balance_after"]) == (BALANCE, BALANCE - PAID)
    assert "Beras medium" in body["receipt"]["text"]
    assert receipt_facts(json.dumps(body), sale.purchase_id)
    assert money(engine, world) == (BALANCE - PAID, 0, PAID)
    assert owed(engine, world) == PAID
    assert stored_answer(engine, world.shop_id, sale.purchase_id) == json.dumps(
        body, ensure_ascii=False, separators=(",", ":")
    )
    [row] = make_report(engine, "purchases", NOW.date(), NOW.date(), Scope()).rows
    assert (row["commodity"], row["quantity_milli"]) == ("BERAS-MEDIUM", 5000)
    notify.drain(engine)
    assert "belanja Rp67.000" in texts(engine)
    assert outcome(engine, a_void(world, sale.purchase_id)) == "VOIDED"
    assert left(engine, world) == BALANCE


def test_the_same_again_is_the_same_answer_and_other_content_is_refused(engine, world):
    held = made(engine, world, amount=100_000)
    sale = a_sale(world, held)
    assert capture_sale(engine, sale) == capture_sale(engine, sale)
    assert money(engine, world) == (BALANCE - PAID, 0, PAID)
    other = replace(sale, lines=(rice(1000),))
    assert capture_sale(engine, other) is HoldRefusal.DUPLICATE_DIFFERENT
    again = replace(sale, purchase_id=PurchaseId(new_uuid7(NOW)))
    assert capture_sale(engine, again) is HoldRefusal.HOLD_CAPTURED
    bought = a_purchase(world, rice(100))
    authorize(engine, bought)
    taken = a_sale(world, made(engine, world), purchase_id=bought.purchase_id)
    assert capture_sale(engine, taken) is HoldRefusal.DUPLICATE_DIFFERENT


def test_goods_above_the_hold_or_none_are_refused_and_the_hold_stands(engine, world):
    held = made(engine, world, amount=66_999)
    assert capture_sale(engine, a_sale(world, held)) is HoldRefusal.HOLD_ABOVE
    nothing = replace(a_sale(world, held), lines=())
    assert capture_sale(engine, nothing) is HoldRefusal.AMOUNT_INVALID
    unknown = replace(a_sale(world, held), hold_id=new_uuid7(NOW))
    assert capture_sale(engine, unknown) is HoldRefusal.HOLD_UNKNOWN
    assert money(engine, world)[1] == 66_999


def test_unlawful_goods_are_refused_as_at_a_till_and_the_hold_stands(engine, world):
    held = made(engine, world, amount=100_000)
    dear = a_sale(world, held, rice(1000, 20_000))
    assert said(capture_sale(engine, dear)) == "PRICE_ABOVE_CEILING"
    assert said(capture_sale(engine, dear)) == "PRICE_ABOVE_CEILING"
    [row] = make_report(engine, "ceiling-gap", NOW.date(), NOW.date(), Scope()).rows
    assert row["asked_price"] == 20_000
    assert money(engine, world)[1] == 100_000
    assert said(capture_sale(engine, a_sale(world, held))) == "APPROVED"


def test_money_of_a_programme_pays_only_what_it_may(engine, world):
    """Half of the hold lies in cash aid, which alone may pay soap."""
    credit(engine, {world.kpm_id: 50_000}, programme="PKH")
    held = made(engine, world, amount=BALANCE + 50_000)
    assert said(capture_sale(engine, a_sale(world, held, soap(11)))) == "INSUFFICIENT_BALANCE"
    assert said(capture_sale(engine, a_sale(world, held, soap(10), rice()))) == "APPROVED"
    with engine.database.read() as tx:
        spent = select(wallet.c.programme, wallet.c.spent).where(wallet.c.kpm_id == world.kpm_id)
        assert dict(tx.execute(spent).all()) == {"BPNT": PAID, "PKH": 50_000}


def test_a_days_limit_counts_what_a_hold_paid(engine, world):
    credit(engine, {world.kpm_id: 200_000}, programme="PKH")
    oil = Line("MINYAKITA", None, 2000, Rupiah(15_000), None)
    first, second = made(engine, world, amount=50_000), made(engine, world, amount=50_000)
    assert said(capture_sale(engine, a_sale(world, first, oil))) == "APPROVED"
    assert said(capture_sale(engine, a_sale(world, second, oil))) == "QUANTITY_LIMIT"
    assert said(authorize(engine, a_purchase(world, oil))) == "QUANTITY_LIMIT"


def test_what_was_promised_is_kept_although_the_tranche_ended(engine, world, clock):
    held = made(engine, world, hours=24 * 40, amount=PAID)
    with engine.database.begin() as tx:
        tx.execute(update(wallet).values(expires_on=NOW.date()))
    clock.advance(days=30)
    sale = a_sale(world, held, occurred_at=clock.at)
    body = json.loads(capture_sale(engine, sale).body)
    assert (body["status"], body["balance_after"]) == ("APPROVED", 0)


def test_a_late_capture_is_refused_and_frees_the_money(engine, world, clock):
    held = made(engine, world, amount=100_000)
    clock.advance(hours=1)
    assert capture_sale(engine, a_sale(world, held)) is HoldRefusal.HOLD_TIMED_OUT
    assert money(engine, world) == (BALANCE, 0, 0)
    assert time_out_due(engine) == 0
    gone = hold(engine, a_request(world, hours=5))
    assert isinstance(gone, Hold)
    release(engine, gone.hold_id)
    assert capture_sale(engine, a_sale(world, gone)) is HoldRefusal.HOLD_RELEASED


STEPS = {
    "claim and purchase": (purchases, "record"),
    "out of the hold": (holds, "resolve"),
    "postings": (ledger, "post"),
    "limits": (limit_use, "add_uses"),
    "notice": (outbox, "add_events"),
}


@pytest.mark.parametrize("step", STEPS)
def test_killed_after_any_step_it_leaves_nothing_and_works_again(engine, world, monkeypatch, step):
    held = made(engine, world, amount=100_000)
    sale, (module, name) = a_sale(world, held), STEPS[step]
    real = getattr(module, name)

    def killed(*arguments):
        real(*arguments)
        raise KilledError

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(module, name, killed)
        capture_sale(engine, sale)
    assert money(engine, world) == (BALANCE - 100_000, 100_000, 0)
    assert stored_answer(engine, world.shop_id, sale.purchase_id) is None
    assert said(capture_sale(engine, sale)) == "APPROVED"
    assert money(engine, world) == (BALANCE - PAID, 0, PAID)


def test_the_row_says_who_and_when(engine, world, clock):
    held = made(engine, world, amount=100_000)
    sale = a_sale(world, held, occurred_at=NOW - timedelta(minutes=30), person_id="person-1")
    capture_sale(engine, sale)
    with engine.database.read() as tx:
        row = tx.execute(select(purchase)).one()
    assert (row.method, row.person_id, row.staff_id) == ("KKS", "person-1", "staff-1")
    assert row.flags == ["CLOCK_DRIFT"]
