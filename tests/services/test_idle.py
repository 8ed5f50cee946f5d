"""Idle money: announced twice, put aside only when that is on, hers again by a purchase."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.rules.idle import Pause
from pos_engine.services import notify
from pos_engine.services.authorize import authorize
from pos_engine.services.idle import (
    announce_shard,
    end_pause,
    freeze_idle,
    idle_tranches,
    pause,
    shards_to_announce,
)
from pos_engine.services.idle_return import approve_list, list_csv, make_list
from pos_engine.services.install import Refused, mark_demo
from pos_engine.services.payer import CardProof
from pos_engine.services.prove import check_ledger
from pos_engine.services.quote import quote
from pos_engine.services.tokens import new_payer_token
from pos_engine.store import idle_lists, ledger, shops
from pos_engine.store.schema import card, posting, wallet
from pos_engine.store.schema_idle import idle_item
from tests.services.test_batches import said, together
from tests.services.test_void import a_void, buy, outcome
from tests.settling import checker, maker
from tests.world import BALANCE, NOW, PIN, a_purchase, rice

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def books_add_up(engine):
    """After every test of this file the books add up."""
    yield
    assert check_ledger(engine).good


@pytest.fixture
def long_lived(engine):
    """Tranches that do not end while these tests wait."""
    with engine.database.begin() as tx:
        tx.execute(update(wallet).values(expires_on=date(2029, 1, 1)))


def on(engine, days=105):
    return replace(engine, idle_freeze_days=days)


def days_of(engine, kpm_id="KPM-1"):
    [found] = [each for each in idle_tranches(engine, 0) if each.tranche.kpm_id == kpm_id]
    return found.tranche.days


def announce(engine):
    return sum(announce_shard(engine, shard) for shard in shards_to_announce(engine))


def statuses(engine, kpm_id="KPM-1"):
    with engine.database.read() as tx:
        return [each.status for each in ledger.tranches_of(tx, kpm_id, lock=False)]


def texts(engine):
    notify.drain(engine)
    return [each.text for each in engine.sms.messages()]


@pytest.fixture
def frozen(engine, clock, long_lived):
    """Both families were told twice and their money was put aside."""
    cold = on(engine)
    for days in (60, 30, 20):
        clock.advance(days=days)
        announce(cold)
    done = freeze_idle(cold, maker(engine))
    assert (done.tranches, done.total) == (2, 2 * BALANCE)
    return cold


def test_off_by_default(engine, clock):
    clock.advance(days=400)
    assert shards_to_announce(engine) == []
    assert isinstance(freeze_idle(engine, maker(engine)), Refused)
    assert statuses(engine) == [TrancheStatus.OPEN]


def test_days_count_from_the_credit_and_from_the_last_purchase(engine, world, clock):
    clock.advance(days=30)
    assert days_of(engine) == 30
    buy(engine, world, rice(100))
    assert days_of(engine) == 0
    clock.advance(days=10)
    assert days_of(engine) == 10
    assert days_of(engine, "KPM-2") == 40
    assert [each.tranche.kpm_id for each in idle_tranches(engine, 40)] == ["KPM-2"]
    assert list(idle_tranches(engine, 0, "94")) == []
    assert len(list(idle_tranches(engine, 0, "35.07"))) == 2


def test_outages_complaints_and_missing_cards_do_not_count(engine, clock):
    first = TODAY + timedelta(days=11)
    pause(engine, "OUTAGE", "35.07", Pause(first, first + timedelta(days=4)), maker(engine))
    pause(engine, "OUTAGE", "94.01", Pause(TODAY, None), maker(engine))
    pause(engine, "COMPLAINT", "KPM-2", Pause(first, None), maker(engine))
    clock.advance(days=100)
    assert (days_of(engine), days_of(engine, "KPM-2")) == (95, 10)
    assert end_pause(engine, "COMPLAINT", "KPM-2", first + timedelta(days=9)) == 1
    assert end_pause(engine, "COMPLAINT", "KPM-2", first) == 0
    assert days_of(engine, "KPM-2") == 90
    with engine.database.begin() as tx:
        tx.execute(update(card).values(status="UNDISTRIBUTED"))
    assert (days_of(engine), days_of(engine, "KPM-2")) == (0, 0)


@pytest.mark.parametrize(
    ("what", "subject", "last", "field"),
    [
        ("OUTAGE", "99.07", None, "subject"),
        ("COMPLAINT", "nobody", None, "subject"),
        ("HOLIDAY", "35.07", None, "kind"),
        ("OUTAGE", "35.07", TODAY - timedelta(days=1), "to"),
    ],
    ids=["no-region", "no-family", "no-kind", "backwards"],
)
def test_a_pause_of_nothing_is_refused(engine, what, subject, last, field):
    assert pause(engine, what, subject, Pause(TODAY, last), maker(engine)).field == field


def test_she_is_told_at_day_60_and_90_once_each(engine, clock, long_lived):
    cold = on(engine)
    clock.advance(days=59)
    assert announce(cold) == 0
    clock.advance(days=1)
    assert (announce(cold), announce(cold)) == (2, 0)
    clock.advance(days=30)
    assert (announce(cold), announce(cold)) == (2, 0)
    told = texts(cold)
    assert len(told) == 2  # one of the two families has a phone
    assert "90 hari" in told[0]
    assert "60 hari" in told[1]


@pytest.mark.plants
def test_who_bought_meanwhile_is_not_told(engine, world, clock, long_lived):
    cold = on(engine)
    clock.advance(days=60)
    announce(cold)
    buy(cold, world, rice(14_900))
    with engine.database.begin() as tx:  # nothing is left of it
        left = ledger.tranches_of(tx, world.kpm_id, lock=True)[0]
        ledger.spend(
            tx, [ledger.Spending(world.kpm_id, ledger.Draw(left.wallet_id, left.left), TODAY)]
        )
        tx.execute(
            posting.insert().values(
                shard=ledger.shard_of(world.kpm_id), txn_id="rest", leg=1, kind="PURCHASE",
                account=f"wallet:{left.wallet_id}", amount=-left.left, posted_at=NOW,
            )
        )  # fmt: skip
        tx.execute(
            posting.insert().values(
                shard=ledger.shard_of(world.kpm_id), txn_id="rest", leg=0, kind="PURCHASE",
                account="shop:x", amount=left.left, posted_at=NOW,
            )
        )  # fmt: skip
    assert not any("hari" in text for text in texts(cold))


def test_money_is_put_aside_after_both_announcements(engine, frozen):
    assert statuses(engine) == [TrancheStatus.FROZEN]
    assert freeze_idle(frozen, maker(engine)).tranches == 0


def test_without_announcements_nothing_is_put_aside(engine, clock, long_lived):
    clock.advance(days=300)
    assert freeze_idle(on(engine), maker(engine)).tranches == 0


def test_with_an_open_complaint_nothing_is_put_aside(engine, clock, long_lived):
    cold = on(engine)
    for days in (60, 30, 20):
        clock.advance(days=days)
        announce(cold)
    pause(engine, "COMPLAINT", "KPM-1", Pause(clock.at.date(), None), maker(engine))
    assert freeze_idle(cold, maker(engine)).tranches == 1
    assert statuses(engine) == [TrancheStatus.OPEN]


def test_her_next_proven_purchase_thaws_everything(engine, world, clock, frozen):
    wrong = a_purchase(world, at=clock.at, proof=CardProof(world.card, "000000"))
    assert said(authorize(engine, wrong)) == "PIN_WRONG"
    assert statuses(engine) == [TrancheStatus.FROZEN]
    dear = a_purchase(world, rice(1000, 20_000), at=clock.at)
    assert said(authorize(engine, dear)) == "PRICE_ABOVE_CEILING"
    token = new_payer_token(
        world.kpm_id, "person", (world.shop_id, world.till_id), "KKS", clock.at, proven=True
    )
    with engine.database.read() as tx:
        shop = shops.find_shop(tx, world.shop_id)
    assert quote(engine, shop, world.till_id, (rice(),), token).balance_before == BALANCE
    several = [a_purchase(world, rice(1000), at=clock.at) for _ in range(2)]
    assert [said(each) for each in together(engine, *several)] == ["APPROVED", "APPROVED"]
    assert statuses(engine) == [TrancheStatus.OPEN]
    assert statuses(engine, "KPM-2") == [TrancheStatus.FROZEN]
    assert outcome(engine, a_void(world, several[0].purchase_id)) == "VOIDED"


def test_a_list_is_made_by_one_and_approved_by_another(engine, world, clock, frozen):
    made = make_list(engine, maker(engine))
    assert (made.count, made.total) == (2, 2 * BALANCE)
    assert list_csv(engine, made.list_id).count(b"\n") == 3
    assert make_list(engine, maker(engine)).field == "list"  # both stand on a list already
    assert approve_list(engine, made.list_id, maker(engine)).field == "by"
    done = approve_list(engine, made.list_id, checker(engine))
    assert (done.returned, done.total, done.kept) == (2, 2 * BALANCE, 0)
    assert statuses(engine) == [TrancheStatus.RETURNED]
    with engine.database.read() as tx:
        treasury = select(func.sum(posting.c.amount)).where(posting.c.account == "treasury:BPNT")
        assert tx.execute(treasury).scalar() == 2 * BALANCE
    assert approve_list(engine, made.list_id, checker(engine)).field == "list"
    assert said(authorize(engine, a_purchase(world, at=clock.at))) == "TRANCHE_RETURNED"


def test_who_bought_or_complained_after_the_list_keeps_her_money(engine, world, clock, frozen):
    made = make_list(engine, maker(engine))
    assert said(authorize(engine, a_purchase(world, rice(1000), at=clock.at))) == "APPROVED"
    pause(engine, "COMPLAINT", "KPM-2", Pause(clock.at.date(), None), maker(engine))
    done = approve_list(engine, made.list_id, checker(engine))
    assert (done.returned, done.total, done.kept) == (0, 0, 2)
    assert statuses(engine) == [TrancheStatus.OPEN]
    assert statuses(engine, "KPM-2") == [TrancheStatus.FROZEN]
    assert make_list(engine, maker(engine)).field == "list"


def test_only_officers_put_aside_and_return(engine, world, frozen):
    for nobody in ("ani", world.staff["DINSOS"]["staff_id"], world.staff["KASIR"]["staff_id"]):
        assert freeze_idle(frozen, nobody).field == "by"
        assert make_list(engine, nobody).field == "by"
    made = make_list(engine, maker(engine))
    assert approve_list(engine, made.list_id, "budi").field == "by"


def test_a_pause_is_noted_by_an_officer_of_the_region(engine, world):
    dinsos, first = world.staff["DINSOS"]["staff_id"], Pause(TODAY, None)
    assert isinstance(pause(engine, "OUTAGE", "35.07", first, dinsos), str)
    assert isinstance(pause(engine, "COMPLAINT", "KPM-1", first, dinsos), str)
    assert pause(engine, "OUTAGE", "94.01", first, dinsos).field == "by"
    assert pause(engine, "COMPLAINT", "KPM-1", first, "ani").field == "by"


def test_a_list_that_was_altered_is_refused(engine, frozen):
    made = make_list(engine, maker(engine))
    with engine.database.begin() as tx:
        tx.execute(update(idle_item).values(amount=1))
    assert approve_list(engine, made.list_id, checker(engine)).field == "list"
    assert approve_list(engine, "nothing", checker(engine)).field == "list"


def test_a_list_that_was_cut_off_goes_on(engine, frozen, monkeypatch):
    made, real, calls = make_list(engine, maker(engine)), idle_lists.take_back, []

    def killed(tx, item):
        calls.append(item)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(tx, item)

    monkeypatch.setattr(idle_lists, "take_back", killed)
    with pytest.raises(KeyboardInterrupt):
        approve_list(engine, made.list_id, checker(engine))
    assert check_ledger(engine).good
    done = approve_list(engine, made.list_id, checker(engine))
    assert (done.returned, done.total) == (2, 2 * BALANCE)


def test_one_person_is_enough_on_a_demo(engine, frozen):
    mark_demo(engine)
    assert approve_list(engine, make_list(engine, "ani").list_id, "ani").returned == 2


def test_a_rival_card_pays_its_own_way(engine, world, clock, frozen):
    proof = CardProof(world.other_card, PIN)
    assert said(authorize(engine, a_purchase(world, at=clock.at, proof=proof))) == "APPROVED"
    assert statuses(engine) == [TrancheStatus.FROZEN]
