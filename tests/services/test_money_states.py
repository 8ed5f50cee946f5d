"""Any order of purchase, hold, capture, release, timeout and void: money is conserved."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from pos_engine.rules.holds import Hold, HoldRefusal, HoldState
from pos_engine.rules.ids import PurchaseId, new_uuid7
from pos_engine.rules.voids import AskedLine
from pos_engine.services.authorize import authorize
from pos_engine.services.hold import HoldRequest, capture, hold, release, time_out_due
from pos_engine.services.payer import Place
from pos_engine.services.prove import check_ledger
from pos_engine.services.void import VoidRequest, void
from pos_engine.store import ledger
from tests.services.test_batches import said
from tests.world import BALANCE, Clock, a_purchase, credit, make_engine, rice


class Wallets(RuleBasedStateMachine):
    """What the engine does is followed by a model of two numbers: spent and held."""

    bought = Bundle("bought")
    held = Bundle("held")
    resolved = Bundle("resolved")

    def __init__(self, databases, keys):
        super().__init__()
        self.databases, self.keys = databases, keys

    @initialize()
    def begin(self):
        self.clock = Clock()
        self.url, self.world = self.databases.copy("sqlite")
        self.engine = make_engine(self.url, self.keys, self.clock)
        credit(self.engine, {"KPM-1": 100_000}, period="2026-12", days=90)
        self.credited, self.spent, self.held_sum = BALANCE + 100_000, 0, 0
        self.left_of = {}

    def teardown(self):
        if hasattr(self, "engine"):
            self.engine.close()
            self.databases.drop(self.url)

    @rule(target=bought, quantity=st.integers(1, 9000))
    def buy(self, quantity):
        request = a_purchase(self.world, rice(quantity), at=self.clock.at)
        amount = quantity * 13_400 // 1000
        fits = amount <= self.credited - self.spent - self.held_sum
        assert said(authorize(self.engine, request)) == (
            "APPROVED" if fits else "INSUFFICIENT_BALANCE"
        )
        if fits:
            self.spent += amount
            self.left_of[request.purchase_id] = (quantity, amount)
        return request.purchase_id

    @rule(purchase_id=bought, quantity=st.none() | st.integers(1, 9000))
    def undo(self, purchase_id, quantity):
        lines = None if quantity is None else (AskedLine("BERAS-MEDIUM", None, quantity),)
        request = VoidRequest(
            PurchaseId(new_uuid7(self.clock.at)),
            purchase_id,
            Place(self.world.shop_id, self.world.till_id),
            "owner",
            "salah",
            lines,
        )
        answer = void(self.engine, request)
        assert void(self.engine, request) == answer
        left, amount = self.left_of.get(purchase_id, (0, 0))
        if said(answer) != "VOIDED":
            assert quantity is None or quantity > left
            return
        kept = 0 if quantity is None else left - quantity
        self.left_of[purchase_id] = (kept, kept * 13_400 // 1000)
        self.spent -= amount - self.left_of[purchase_id][1]

    @rule(target=held, amount=st.integers(1, 200_000), minutes=st.integers(1, 120))
    def put_aside(self, amount, minutes):
        end = self.clock.at + timedelta(minutes=minutes)
        request = HoldRequest(
            new_uuid7(self.clock.at), self.world.kpm_id, self.world.shop_id, amount, "BANK", end
        )
        found = hold(self.engine, request)
        assert hold(self.engine, request) == found
        fits = amount <= self.credited - self.spent - self.held_sum
        assert isinstance(found, Hold) is fits
        if fits:
            self.held_sum += amount
        return request.hold_id, amount, end, fits

    @rule(target=resolved, some=consumes(held), share=st.integers(1, 110))
    def take(self, some, share):
        hold_id, amount, end, made = some
        asked = max(amount * share // 100, 1)
        done = capture(self.engine, hold_id, new_uuid7(self.clock.at), asked)
        if not made:
            assert done is HoldRefusal.HOLD_UNKNOWN
        elif self.clock.at >= end:
            assert done is HoldRefusal.HOLD_TIMED_OUT
            self.held_sum -= amount if self.ended(hold_id, amount) else 0
        elif asked > amount:
            assert done is HoldRefusal.HOLD_ABOVE
            assert release(self.engine, hold_id).state is HoldState.RELEASED
            self.held_sum -= amount
        else:
            assert done.captured == asked
            self.held_sum -= amount
            self.spent += asked
        return hold_id

    def ended(self, hold_id, amount):
        """Did the capture itself end it: the worker had not come by."""
        return self.held_now() == self.held_sum - amount

    def held_now(self):
        with self.engine.database.read() as tx:
            tranches = ledger.tranches_of(tx, self.world.kpm_id, lock=False)
        return sum(each.held for each in tranches)

    @rule(target=resolved, some=consumes(held))
    def let_go(self, some):
        hold_id, amount, _, made = some
        done = release(self.engine, hold_id)
        if isinstance(done, Hold):
            self.held_sum -= amount
        else:
            assert done in (HoldRefusal.HOLD_TIMED_OUT, HoldRefusal.HOLD_UNKNOWN)
            assert made is (done is HoldRefusal.HOLD_TIMED_OUT)
        return hold_id

    @rule(hold_id=resolved, amount=st.integers(1, 100))
    def nothing_happens_twice(self, hold_id, amount):
        assert isinstance(
            capture(self.engine, hold_id, new_uuid7(self.clock.at), amount), HoldRefusal
        )

    @rule(minutes=st.integers(1, 30))
    def time_passes(self, minutes):
        self.clock.advance(minutes=minutes)

    @rule()
    def the_worker_comes_by(self):
        before = self.held_now()
        time_out_due(self.engine)
        self.held_sum -= before - self.held_now()

    @invariant()
    def money_is_conserved(self):
        if not hasattr(self, "left_of"):
            return  # nothing has begun
        with self.engine.database.read() as tx:
            tranches = ledger.tranches_of(tx, self.world.kpm_id, lock=False)
        sums = [sum(getattr(each, name) for each in tranches) for name in ("spent", "held")]
        assert sums == [self.spent, self.held_sum]
        assert check_ledger(self.engine).good


def test_any_order_of_acts_conserves_the_money(databases, keys):
    run_state_machine_as_test(
        lambda: Wallets(databases, keys),
        settings=settings(
            max_examples=6,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
