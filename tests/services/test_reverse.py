"""Reversals by two officers: on any day, never above what was paid, never to a closed tranche."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from pos_engine.rules.ids import new_uuid7
from pos_engine.services import disburse, notify
from pos_engine.services.authorize import authorize
from pos_engine.services.day import stored_answer
from pos_engine.services.install import Refused, mark_demo
from pos_engine.services.prove import check_ledger
from pos_engine.services.reverse import ReverseOrder, reverse_purchase
from pos_engine.services.void import void
from pos_engine.store import ledger
from pos_engine.store.schema import disbursement_run, staff
from tests.returning import PAID, a_void, buy, left, lines, outcome, owed, texts
from tests.world import BALANCE, NOW, a_purchase, credit, rice


@pytest.fixture(autouse=True)
def books_add_up(engine):
    """After every test of this file the books add up."""
    yield
    assert check_ledger(engine).good


class TestReversal:
    @pytest.fixture
    def officers(self, world):
        return world.staff["DINSOS"]["staff_id"], world.staff["KEMENSOS"]["staff_id"]

    def order(self, purchase_id, officers, **changes):
        by, second = officers
        asked = ReverseOrder(purchase_id, "harga di atas struk", by, second)
        return replace(asked, **changes)

    def test_on_any_day_by_two_officers(self, engine, world, officers, clock):
        purchase_id = buy(engine, world)
        clock.advance(days=5)
        done = reverse_purchase(engine, self.order(purchase_id, officers))
        assert (done.amount, done.unusable, done.kind) == (PAID, 0, "REVERSAL")
        assert (left(engine, world), owed(engine, world)) == (BALANCE, 0)
        answer = json.loads(stored_answer(engine, world.shop_id, purchase_id))
        assert answer["status"] == "REVERSED"
        notify.drain(engine)
        assert "dikoreksi petugas" in texts(engine)

    def test_the_same_order_is_the_same_reversal(self, engine, world, officers):
        order = self.order(buy(engine, world), officers, amount=10_000)
        assert reverse_purchase(engine, order) == reverse_purchase(engine, order)
        assert left(engine, world) == BALANCE - PAID + 10_000
        named = replace(order, reversal_id=new_uuid7(NOW))
        reverse_purchase(engine, named)
        assert left(engine, world) == BALANCE - PAID + 20_000
        other = reverse_purchase(engine, replace(named, amount=5))
        assert other.field == "id"

    def test_voids_and_reversals_never_sum_above_the_purchase(self, engine, world, officers):
        purchase_id = buy(engine, world)
        void(engine, a_void(world, purchase_id, lines=lines(1000)))
        above = reverse_purchase(engine, self.order(purchase_id, officers, amount=53_601))
        assert above == Refused("amount", "53600 of 67000 rupiah is left to reverse")
        reverse_purchase(engine, self.order(purchase_id, officers, amount=50_000))
        rest = a_void(world, purchase_id, lines=lines(1000))
        assert outcome(engine, rest) == "VOID_ABOVE_PURCHASE"
        assert reverse_purchase(engine, self.order(purchase_id, officers)).amount == 3_600
        again = self.order(purchase_id, officers, reason="lagi")
        assert reverse_purchase(engine, again).field == "amount"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"approved_by": None}, "approve"),
            ({"approved_by": "same"}, "approve"),
            ({"approved_by": "nobody"}, "approve"),
            ({"made_by": "cashier"}, "by"),
            ({"reason": " "}, "reason"),
            ({"purchase_id": "nothing"}, "purchase"),
        ],
        ids=["alone", "twice-the-same", "unknown", "cashier", "no-reason", "no-purchase"],
    )
    def test_who_may_not(self, engine, world, officers, changes, field):
        people = {"same": officers[0], "cashier": world.staff["KASIR"]["staff_id"]}
        named = {name: people.get(value, value) for name, value in changes.items()}
        order = replace(self.order(buy(engine, world), officers), **named)
        assert reverse_purchase(engine, order).field == field
        assert left(engine, world) == BALANCE - PAID

    def test_one_officer_is_enough_on_a_demo(self, engine, world, officers):
        mark_demo(engine)
        order = self.order(buy(engine, world), officers, approved_by=None)
        assert reverse_purchase(engine, order).amount == PAID

    def test_a_refused_purchase_is_not_reversed(self, engine, world, officers):
        request = a_purchase(world, rice(5000, 20_000))
        authorize(engine, request)
        assert reverse_purchase(engine, self.order(request.purchase_id, officers)).field == (
            "purchase"
        )

    def test_an_officer_of_another_region_may_not(self, engine, world, officers):
        with engine.database.begin() as tx:
            mine = staff.c.staff_id == officers[0]
            tx.execute(update(staff).where(mine).values(region="94.01"))
        done = reverse_purchase(engine, self.order(buy(engine, world), officers))
        assert done.field == "by"

    def test_from_an_expired_tranche_it_is_carried_to_the_newest(
        self, engine, world, officers, clock
    ):
        purchase_id = buy(engine, world)
        credit(engine, {"KPM-1": 100_000}, period="2027-01", days=200)
        clock.advance(days=61)
        done = reverse_purchase(engine, self.order(purchase_id, officers))
        assert done.unusable == 0
        assert done.balance_after == 100_000 + PAID
        with engine.database.read() as tx:
            tranches = {each.period: each for each in ledger.tranches_of(tx, "KPM-1", lock=False)}
        assert tranches["2026-11"].spent == PAID
        assert tranches["2027-01"].credited == 100_000 + PAID
        again = self.order(purchase_id, officers, reason="lagi")
        assert reverse_purchase(engine, again).field == "amount"

    def test_where_no_tranche_is_usable_it_stays_and_is_reported(
        self, engine, world, officers, clock
    ):
        purchase_id = buy(engine, world)
        clock.advance(days=61)
        done = reverse_purchase(engine, self.order(purchase_id, officers))
        assert (done.amount, done.unusable, done.balance_after) == (PAID, PAID, 0)

    def test_after_the_run_was_taken_back_it_is_hers_again(self, engine, world, officers):
        purchase_id = buy(engine, world)
        with engine.database.read() as tx:
            run_id = tx.execute(select(disbursement_run.c.run_id)).scalar_one()
        disburse.reverse(engine, run_id, "officer-1")
        disburse.reverse(engine, run_id, "officer-2")
        assert left(engine, world) == 0
        reverse_purchase(engine, self.order(purchase_id, officers))
        assert left(engine, world) == PAID
