"""Holds, returns, idle money and settlements: each has its own seal, and a changed row is named."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from pos_engine.rules.ids import new_uuid7, shard_of
from pos_engine.rules.shift import Cash, NotClosed, Unsent
from pos_engine.services.allowance_end import Answered, Recall, recall
from pos_engine.services.hold import HoldRequest, capture, hold, release
from pos_engine.services.idle import announce_shard, freeze_idle, shards_to_announce
from pos_engine.services.idle_return import approve_list, make_list
from pos_engine.services.payer import CardProof
from pos_engine.services.reconcile_day import sign_off
from pos_engine.services.remote_shops import mark_remote
from pos_engine.services.shift import CloseRequest, close_day
from pos_engine.services.sync_dispute import dispute
from pos_engine.services.sync_review import Decision, ReviewOrder
from pos_engine.store import escrow, installation, shops
from pos_engine.store.announce import Kind, announce
from pos_engine.store.audit_sources import SEALED_LATER, SEALED_SINCE
from pos_engine.store.schema import wallet
from pos_engine.store.schema_allowances import allowance, device_event, shop_remote
from pos_engine.store.schema_audit import audit_leaf
from pos_engine.store.schema_envelopes import envelope, offline_dispute, offline_review
from pos_engine.store.schema_holds import hold as hold_table
from pos_engine.store.schema_holds import hold_draw
from pos_engine.store.schema_idle import idle_freeze, idle_item, idle_list
from pos_engine.store.schema_reversals import reversal
from pos_engine.store.schema_settlement import (
    escrow_day,
    payout,
    payout_item,
    recon_sign_off,
    settlement_run,
    settlement_window,
    shop_account,
)
from pos_engine.store.schema_shift import till_day
from tests.reserving import asked, issued, sticker, with_key
from tests.returning import a_void, outcome
from tests.returning import buy as buy_rice
from tests.sealing import close, faults, seal_all
from tests.selling_offline import a_tablet, put_aside, take_back
from tests.settling import DAY, buy, give_account, maker, officers, settled
from tests.world import PIN

pytestmark = pytest.mark.plants


def held(engine, world, clock, amount):
    end = clock.at + timedelta(hours=1)
    request = HoldRequest(
        new_uuid7(clock.at), world.kpm_id, world.shop_id, amount, "BANK", end
    )  # fmt: skip
    made = hold(engine, request)
    assert made.amount == amount
    return made.hold_id


def close_a_till(engine, world):
    with engine.database.read() as tx:
        shop = shops.find_shop(tx, world.shop_id)
    asked = CloseRequest(
        new_uuid7(engine.now()),
        DAY,
        world.till_id,
        "D",
        "S",
        Cash(100_000, 0, 0, 0, 99_000),
        Unsent(0, 0, handed_over=False),
    )
    assert not isinstance(close_day(engine, shop, asked), NotClosed)


def put_aside_and_take_back(engine, world):
    """A device, a sticker, an allowance and its recall, a remote shop."""
    session, card = with_key(engine, world), sticker(engine, world.other_kpm_id)
    assert issued(engine, session, card).remaining
    proof = Recall(new_uuid7(engine.now()), CardProof(card.text, PIN))
    assert isinstance(recall(engine, asked(engine, session), proof), Answered)
    assert mark_remote(engine, world.shop_id, "officer", None, remote=True)


def sell_without_signal(engine, world):
    tablet = a_tablet(engine, world.shop_id, world.till_id)
    aside = put_aside(engine, tablet, world.kpm_id, 20_000)
    sale = tablet.sell(aside.allowance_id)
    assert tablet.told() == ["ACCEPTED"]
    order = ReviewOrder(sale.body["purchase_id"], Decision.DISPUTE, "bukan saya", *officers(engine))
    assert dispute(engine, order).amount == sale.body["total"]
    take_back(engine, world.kpm_id)


@pytest.fixture
def lived(engine, world, clock):
    """Every kind of act with money that there is, sealed."""
    with engine.database.begin() as tx:
        tx.execute(update(wallet).values(expires_on=date(2029, 1, 1)))
    assert outcome(engine, a_void(world, buy_rice(engine, world))) == "VOIDED"
    capture(engine, held(engine, world, clock, 50_000), new_uuid7(clock.at), 10_000)
    release(engine, held(engine, world, clock, 20_000))
    held(engine, world, clock, 30_000)
    give_account(engine, world.shop_id)
    buy(engine, world, clock)
    settled(engine, clock)
    by, second = officers(engine)
    with engine.database.read() as tx:
        [name] = tx.execute(select(payout.c.payout_id)).scalars()
    assert sign_off(engine, name, by, reason="the bank pays on Tuesday").approved_by is None
    assert sign_off(engine, name, second, approve=True).approved_by == second
    with engine.database.begin() as tx:
        escrow.close_day(tx, escrow.ClosedDay(DAY, {"sums": {"wallet": 5}}, by, engine.now()))
    close_a_till(engine, world)
    put_aside_and_take_back(engine, world)
    sell_without_signal(engine, world)
    cold = replace(engine, idle_freeze_days=105)
    for days in (60, 30, 20):
        clock.advance(days=days)
        for shard in shards_to_announce(cold):
            announce_shard(cold, shard)
    assert freeze_idle(cold, by).tranches == 1
    assert approve_list(engine, make_list(engine, by).list_id, second).returned == 1
    seal_all(engine)
    assert faults(engine) == []


# What officers decide about shops, ceilings and complaints is sealed in the tests of their desks.
DECIDED = {
    Kind.ANOMALY_STEP,
    Kind.CEILING_ACT,
    Kind.CEILING_ANSWER,
    Kind.CEILING_DRAFT,
    Kind.COMPLAINT_EVENT,
    Kind.PRIVACY_EVENT,
    Kind.STAFF_EVENT,
}


def test_each_kind_has_a_leaf_of_its_own(engine, lived):
    with engine.database.read() as tx:
        kinds = set(tx.execute(select(audit_leaf.c.kind)).scalars())
    assert kinds >= SEALED_LATER - DECIDED


# A column of each kind of row, another value, and where its fact stands when that is elsewhere.
PLANTS = [
    (reversal, "reason", "lain"),
    (reversal, "returns", []),
    (hold_table, "kpm_id", "KPM-9"),
    (hold_table, "state", "TIMED_OUT"),
    (hold_table, "captured", 1),
    (hold_draw, "amount", 1),
    (idle_freeze, "frozen_by", "nobody"),
    (idle_list, "total", 1),
    (idle_list, "approved_by", "nobody"),
    (idle_item, "state", "KEPT"),
    (shop_account, "bank", "009"),
    (shop_account, "sealed", b"another account"),
    (settlement_run, "approved_by", "nobody"),
    (settlement_run, "planned_total", 1),
    (settlement_window, "gross", 1),
    (payout, "amount", 1),
    (payout, "account_version", 7),
    (payout_item, "amount", 1),
    (recon_sign_off, "reason", "because"),
    (recon_sign_off, "approved_by", "nobody"),
    (escrow_day, "parts", {"sums": {"wallet": 6}}),
    (escrow_day, "closed_by", "nobody"),
    (device_event, "kind", "APPROVED "),
    (allowance, "amount", 1),
    (allowance, "ended_by", "nobody"),
    (shop_remote, "remote", False),
    (envelope, "amount", 1),
    (envelope, "outcome", "ACCEPTED_LATE"),
    (offline_review, "note", "lain"),
    (offline_dispute, "amount", 1),
    (till_day, "counted_cash", 100_000),
    (till_day, "sums", {"approved": 0}),
]


class TestPlanted:
    @pytest.fixture
    def kind(self):
        """One database: what is sealed on the other is the test above."""
        return "sqlite"

    def test_a_changed_row_of_each_kind_is_named(self, engine, lived):
        for table, column, value in PLANTS:
            with engine.database.begin() as tx:
                query = select(table)
                if table is hold_table:
                    query = query.where(hold_table.c.state == "CAPTURED")
                row = dict(tx.execute(query.limit(1)).mappings().one())
                key = [each == row[each.name] for each in table.primary_key.columns]
                tx.execute(update(table).where(*key).values({column: value}))
            named = payout if table is payout_item else table
            found = faults(engine)
            assert {(fault, name) for fault, name, _ in found} == {("ALTERED", named.name)}, (
                table.name,
                column,
                found,
            )
            assert {name.partition(":")[0] for _, _, name in found} <= {
                str(each) for each in row.values()
            }
            with engine.database.begin() as tx:
                tx.execute(update(table).where(*key).values({column: row[column]}))
            assert faults(engine) == []

    def test_what_moves_on_after_its_seal_is_no_fault(self, engine, lived):
        with engine.database.begin() as tx:
            tx.execute(update(payout).values(status="PAID"))
            tx.execute(update(settlement_window).values(left_open=5))
            tx.execute(update(idle_list).values(state="APPROVED"))
        assert faults(engine) == []

    def test_a_row_that_is_gone_or_put_in_is_named(self, engine, lived):
        with engine.database.begin() as tx:
            row = dict(tx.execute(select(payout)).mappings().one())
            window = dict(tx.execute(select(settlement_window)).mappings().one())
            tx.execute(insert(payout), row | {"payout_id": "planted"})
            tx.execute(delete(settlement_window))
        assert faults(engine) == [
            ("MISSING", "settlement_window", f"{window['shop_id']}:{DAY}"),
            ("UNSEALED", "payout", "planted"),
        ]

    def test_rows_of_before_their_seals_are_dated_by_the_upgrade(self, engine, world, clock):
        """A day was closed when this version came: what it finds is late, what comes later is not.

        Nobody else may date a row back.
        """
        outcome(engine, a_void(world, buy_rice(engine, world)))
        with engine.database.read() as tx:
            row = dict(tx.execute(select(reversal)).mappings().one())
        close(engine, clock)
        clock.advance(days=2)

        def plant(name):
            with engine.database.begin() as tx:
                tx.execute(insert(reversal), row | {"reversal_id": name})
                announce(tx, Kind.REVERSAL, [(shard_of(world.kpm_id), name)])
            seal_all(engine)

        plant("older")
        assert faults(engine) == [("EXTRA", "reversal", "older")]
        with engine.database.begin() as tx:
            installation.mark(tx, SEALED_SINCE, clock.at.isoformat())
        assert faults(engine) == []
        close(engine, clock, DAY + timedelta(days=3))
        plant("later")
        assert faults(engine) == [("EXTRA", "reversal", "later")]


def test_a_planted_name_that_no_row_can_have_stops_nobody(engine, world):
    with engine.database.begin() as tx:
        announce(tx, Kind.WINDOW, [(1, "no day")])
        announce(tx, Kind.RUN_EVENT, [(1, "no number:x")])
    seal_all(engine)
    assert {(fault, name) for fault, name, _ in faults(engine)} == {
        ("MISSING", "settlement_window"),
        ("MISSING", "disbursement_event"),
    }
    assert maker(engine)
