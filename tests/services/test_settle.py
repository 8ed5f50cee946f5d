"""Settlement: each rupiah of a shop once, whatever is cut off, late or taken back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pos_engine.rules.ids import shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import Kind, Posting
from pos_engine.services import settle as settlement
from pos_engine.services import settle_count, shop_account
from pos_engine.services.install import Refused, mark_demo
from pos_engine.services.prove import check_ledger
from pos_engine.services.reconcile import import_statement
from pos_engine.services.report import Scope, make_report
from pos_engine.services.settle_files import Debtor, write_draft, write_files
from pos_engine.services.shop_account import BankAccount
from pos_engine.store import ledger, shops
from tests.services.test_disburse_killed import DyingDatabase, KilledError
from tests.settling import (
    AFTER,
    DAY,
    MONDAY,
    buy,
    checker,
    give_account,
    maker,
    officers,
    settled,
    statement,
)
from tests.world import credit

DEBTOR = Debtor("Kementerian Sosial", "0001234567", "BNINIDJA")


@pytest.fixture
def small_steps(monkeypatch):
    one = {"sqlite": 1, "postgresql": 1}
    monkeypatch.setattr(settle_count, "WINDOWS_AT_ONCE", one)
    monkeypatch.setattr(settlement, "SHOPS_AT_ONCE", one)


def move(engine, shop_id, amount, at, txn_id):
    """Another way money reaches a shop's account: what the settlement has never heard of."""
    legs = (
        Posting(f"shop:{shop_id}", Rupiah(amount), Kind.PURCHASE),
        Posting("treasury:test", Rupiah(-amount), Kind.PURCHASE),
    )
    with engine.database.begin() as tx:
        ledger.post(tx, [ledger.Movement(shard_of(shop_id), txn_id, legs, at)])


def good(engine):
    found = check_ledger(engine)
    assert found.good, found
    return True


def test_a_day_is_paid_on_the_next_bank_day_and_again_is_the_same(engine, world, clock, tmp_path):
    give_account(engine, world.shop_id)
    total = buy(engine, world, clock) + buy(engine, world, clock, card=world.other_card, kilos=3)
    done = settled(engine, clock)
    assert (done.payouts, done.total, done.held, done.fresh) == (1, total, [], True)
    assert done.run.pays_on == MONDAY
    files = write_files(engine, done, DEBTOR, tmp_path)
    before = [(each.path.read_bytes(), each.sha256) for each in files]
    clock.advance(hours=5)
    again = settled(engine, clock)
    assert not again.fresh
    assert [
        (each.path.read_bytes(), each.sha256)
        for each in write_files(engine, again, DEBTOR, tmp_path)
    ] == before
    assert all(each.path.stat().st_mode & 0o077 == 0 for each in files)
    assert b"<CtrlSum>53600</CtrlSum>" in before[1][0]
    assert b",53600,IDR,0,2026-11-21" in before[0][0]
    assert good(engine)


class TestTwoOfficers:
    @pytest.fixture
    def sold(self, engine, world, clock):
        """A shop that sold for this much, on a day that is over."""
        give_account(engine, world.shop_id)
        total = buy(engine, world, clock)
        clock.at = AFTER
        return total

    def test_nothing_is_paid_and_no_file_is_final_before_the_second_one(
        self, engine, sold, tmp_path
    ):
        planned = settlement.settle(engine, DAY, maker(engine))
        assert (planned.final, planned.payouts, planned.total) == (False, 1, sold)
        with pytest.raises(ValueError, match="2026-11-21"):
            write_files(engine, planned, DEBTOR, tmp_path)
        draft = write_draft(engine, planned, tmp_path).path.read_text()
        assert draft.count("\n") == 2
        assert f",1,{sold},2026-11-21" in draft
        assert "1234567890" not in draft
        assert "Sri" not in draft
        assert report(engine)[0]["on_its_way"] == 0
        done = settlement.approve_settlement(engine, DAY, checker(engine))
        assert (done.final, done.payouts, done.total) == (True, 1, sold)
        assert (done.run.made_by, done.run.approved_by) == officers(engine)
        assert len(write_files(engine, done, DEBTOR, tmp_path)) == 2
        assert settlement.approve_settlement(engine, DAY, checker(engine)).fresh is False
        assert settlement.settle(engine, DAY, maker(engine)).final
        assert good(engine)

    def test_one_officer_is_not_two(self, engine, world, sold):
        assert "not planned" in settlement.approve_settlement(engine, DAY, checker(engine)).message
        settlement.settle(engine, DAY, maker(engine))
        same = settlement.approve_settlement(engine, DAY, maker(engine))
        assert "second person" in same.message
        for nobody in ("ani", world.staff["DINSOS"]["staff_id"], world.staff["KASIR"]["staff_id"]):
            assert settlement.approve_settlement(engine, DAY, nobody).field == "officer"
            assert settlement.settle(engine, DAY, nobody).field == "officer"

    def test_what_is_approved_is_what_was_planned(self, engine, world, sold):
        settlement.settle(engine, DAY, maker(engine))
        with engine.database.begin() as tx:
            shops.set_shop_status(tx, world.shop_id, "SUSPENDED")
        changed = settlement.approve_settlement(engine, DAY, checker(engine))
        assert "plans it anew" in changed.message
        anew = settlement.settle(engine, DAY, maker(engine))
        assert anew.held == [(world.shop_id, "SHOP_SUSPENDED", sold)]
        assert settlement.approve_settlement(engine, DAY, checker(engine)).held == anew.held

    def test_a_demo_has_one_officer(self, engine, sold):
        mark_demo(engine)
        done = settlement.settle(engine, DAY, "ani")
        assert (done.final, done.total, done.run.approved_by) == (True, sold, "ani")


def test_the_report_says_that_nothing_was_settled_yet(engine, world, clock):
    assert make_report(engine, "settlement", DAY, DAY, Scope()).never_settled
    settled(engine, clock)
    assert not make_report(engine, "settlement", DAY, DAY, Scope()).never_settled


def test_an_account_is_named_by_an_officer_of_the_region(engine, world):
    account, dinsos = BankAccount("1234567890", "Sri"), world.staff["DINSOS"]["staff_id"]
    named = shop_account.name_account(engine, world.shop_id, "009", account, dinsos)
    assert named.status == "PROPOSED"
    far = shop_account.name_account(engine, world.other_shop_id, "009", account, dinsos)
    assert far.field == "officer"
    assert shop_account.name_account(engine, "none", "009", account, dinsos).field == "shop"


def test_a_day_that_is_not_over_is_refused(engine, world, clock):
    clock.at = datetime(2026, 11, 21, 17, 9, tzinfo=UTC)
    refused = settlement.settle(engine, DAY, maker(engine))
    assert isinstance(refused, Refused)
    assert "is not over" in refused.message


def test_what_is_sold_after_midnight_wib_waits_for_its_own_day(engine, world, clock):
    give_account(engine, world.shop_id)
    first = buy(engine, world, clock)
    clock.at = AFTER
    second = buy(engine, world, clock, kilos=2)
    assert settled(engine, clock).total == first
    clock.advance(days=1)
    assert settled(engine, clock, DAY + timedelta(1)).total == second
    assert good(engine)


def test_days_are_settled_in_order_and_a_left_out_day_is_part_of_the_next(engine, world, clock):
    give_account(engine, world.shop_id)
    total = buy(engine, world, clock)
    clock.at = AFTER + timedelta(days=2)
    assert settled(engine, clock, DAY + timedelta(1)).total == total
    refused = settlement.settle(engine, DAY, maker(engine))
    assert isinstance(refused, Refused)
    assert "inside the settlement" in refused.message


def test_a_posting_that_came_late_is_paid_with_the_next_window(engine, world, clock):
    give_account(engine, world.shop_id)
    first = buy(engine, world, clock)
    assert settled(engine, clock).total == first
    move(engine, world.shop_id, 700, AFTER - timedelta(hours=1), "late")
    assert "windows" in check_ledger(engine).unsettled[0]
    clock.advance(days=1)
    done = settled(engine, clock, DAY + timedelta(1))
    assert done.total == 700
    assert good(engine)


def test_what_came_later_than_a_day_is_found_by_a_recount(engine, world, clock):
    give_account(engine, world.shop_id)
    buy(engine, world, clock)
    settled(engine, clock)
    clock.advance(days=1)
    settled(engine, clock, DAY + timedelta(1))
    move(engine, world.shop_id, 900, AFTER - timedelta(hours=1), "very late")
    clock.advance(days=1)
    assert settled(engine, clock, DAY + timedelta(2)).total == 0
    clock.advance(days=1)
    assert settled(engine, clock, DAY + timedelta(3), recount=True).total == 900
    assert good(engine)


def test_a_negative_day_is_carried_into_the_next(engine, world, clock):
    give_account(engine, world.shop_id)
    move(engine, world.shop_id, -5_000, clock(), "reversal")
    done = settled(engine, clock)
    assert [(each[1], each[2]) for each in done.held] == [("NEGATIVE_CARRIED", -5_000)]
    clock.at = AFTER
    sold = buy(engine, world, clock, kilos=2)
    clock.advance(days=1)
    assert settled(engine, clock, DAY + timedelta(1)).total == sold - 5_000
    assert good(engine)


def test_a_shop_without_account_waits_and_is_paid_for_all_its_days(engine, world, clock):
    first = buy(engine, world, clock)
    done = settled(engine, clock)
    assert (done.payouts, done.messages) == (0, [])
    assert done.held == [(world.shop_id, "NO_ACCOUNT", first)]
    give_account(engine, world.shop_id)
    clock.at = AFTER
    second = buy(engine, world, clock, kilos=2)
    clock.advance(days=1)
    done = settled(engine, clock, DAY + timedelta(1))
    assert (done.payouts, done.total) == (1, first + second)
    assert good(engine)


def test_a_suspended_shop_and_a_small_sum_wait(engine, world, clock):
    for shop_id in (world.shop_id, world.other_shop_id):
        give_account(engine, shop_id)
    first = buy(engine, world, clock)
    second = buy(engine, world, clock, shop="other", card=world.other_card)
    with engine.database.begin() as tx:
        shops.set_shop_status(tx, world.shop_id, "SUSPENDED")
    done = settled(engine, clock, minimum=20_000)
    assert {each[0]: each[1:] for each in done.held} == {
        world.shop_id: ("SHOP_SUSPENDED", first),
        world.other_shop_id: ("BELOW_MINIMUM", second),
    }


def test_more_than_one_transfer_allows_is_split(engine, world, clock, monkeypatch):
    monkeypatch.setattr("pos_engine.rules.settlement.TRANSFER_RUPIAH_MAX", 10_000)
    give_account(engine, world.shop_id)
    total = buy(engine, world, clock, kilos=2)
    done = settled(engine, clock)
    assert (done.payouts, done.total) == (3, total)
    assert good(engine)


def test_an_account_needs_a_second_person_and_is_stored_sealed(engine, world, clock):
    account = BankAccount("1234567890", "Sri Wahyuni")
    named = shop_account.name_account(engine, world.shop_id, "009", account, maker(engine))
    assert (named.status, named.masked) == ("PROPOSED", "******7890")
    same = shop_account.approve_account(engine, world.shop_id, maker(engine))
    assert isinstance(same, Refused)
    nobody = shop_account.approve_account(engine, world.shop_id, "ani")
    assert nobody.field == "officer"
    buy(engine, world, clock)
    assert settled(engine, clock).held[0][1] == "NO_ACCOUNT"
    assert "1234567890" not in repr(account)


@pytest.mark.parametrize(
    ("bank", "number", "name", "field"),
    [
        ("BNI", "1234567890", "Sri", "bank"),
        ("BNINIDJA", "12-34", "Sri", "account"),
        ("BNINIDJA", "1234", "Sri", "account"),
        ("BNINIDJA", "1234567890", " ", "name"),
        ("BNINIDJA", "1234567890", "Sri\x07", "name"),
        ("BNINIDJA", "1234567890", "=1+1", "name"),
    ],
    ids=["bank", "letters", "short", "no name", "bell", "formula"],
)
def test_a_bad_account_is_refused(engine, world, bank, number, name, field):
    account = BankAccount(number, name)
    refused = shop_account.name_account(engine, world.shop_id, bank, account, maker(engine))
    assert isinstance(refused, Refused)
    assert refused.field == field


@pytest.mark.parametrize("inside", [True, False])
def test_killed_at_each_write_nothing_is_lost_or_doubled(
    engine, world, clock, small_steps, tmp_path, inside
):
    for shop_id in (world.shop_id, world.other_shop_id):
        give_account(engine, shop_id)
    total = buy(engine, world, clock)
    total += buy(engine, world, clock, shop="other", card=world.other_card, kilos=2)
    clock.at = AFTER
    deaths, people = 0, officers(engine)
    for at in (1, 2, 3, 4, 5, 7, 40, 400, 700, 1_000, 1_020, 1_028, 1_029, 1_030, 2_000):
        try:
            dying = DyingDatabase(engine.database, at, inside=inside)
            whole(replace(engine, database=dying), DAY, *people)
        except KilledError:
            deaths += 1
            clock.advance(minutes=1)
            continue
        break
    assert deaths >= 2
    done = settled(engine, clock)
    assert (done.payouts, done.total) == (2, total)
    assert good(engine)


def whole(engine, day, by, approved_by):
    """Both officers, as they would say it again after a crash."""
    if not isinstance(done := settlement.settle(engine, day, by), Refused):
        done = settlement.approve_settlement(engine, day, approved_by)
    return done


def test_a_settlement_goes_on_while_families_buy(engine, world, clock):
    give_account(engine, world.shop_id)
    credit(engine, {world.kpm_id: 200_000}, period="2026-12")
    first = buy(engine, world, clock)
    clock.at = AFTER
    later = []

    def meanwhile(_progress):
        later.append(buy(engine, world, clock))

    by = maker(engine)
    settlement.settle(engine, DAY, by, on_progress=lambda p: later or meanwhile(p))
    assert later
    assert settled(engine, clock).total == first
    clock.advance(days=1)
    assert settled(engine, clock, DAY + timedelta(1)).total == sum(later)
    assert good(engine)


def test_a_settlement_that_is_not_finished_comes_first(engine, world, clock):
    clock.at = AFTER + timedelta(days=1)
    dying = DyingDatabase(engine.database, 2, inside=True)
    with pytest.raises(KilledError):
        settlement.settle(replace(engine, database=dying), DAY, maker(engine))
    refused = settlement.settle(engine, DAY + timedelta(1), maker(engine))
    assert isinstance(refused, Refused)
    assert "2026-11-21 is not paid yet" in refused.message
    settlement.settle(engine, DAY, maker(engine))
    refused = settlement.settle(engine, DAY + timedelta(1), maker(engine))
    assert refused.message.endswith("--day 2026-11-21 --approve")


def test_the_day_of_payment_says_what_is_uncertain(engine, world, clock):
    clock.at = datetime(2027, 3, 5, 18, tzinfo=UTC)
    done = settled(engine, clock, date(2027, 3, 5))
    assert done.run.pays_on == date(2027, 3, 15)
    assert "Nyepi, Tahun Baru Saka 1949" in done.unverified
    clock.at = datetime(2029, 3, 5, 18, tzinfo=UTC)
    assert not settled(engine, clock, date(2029, 3, 5)).covered


PLANTED = {
    "a window too high": "UPDATE settlement_window SET amount = amount + 1",
    "a window paid twice": "UPDATE settlement_window SET left_open = left_open + 13400",
    "a payout too high": "UPDATE payout SET amount = amount + 1",
    "an item that is gone": "DELETE FROM payout_item",
    "a posting that is gone": "DELETE FROM posting WHERE kind = 'SETTLEMENT'",
    "a payout that never was sent": "UPDATE payout SET status = 'PAID'",
    "a sale taken out": "DELETE FROM posting WHERE kind = 'PURCHASE'",
}


@pytest.mark.parametrize("fault", PLANTED)
def test_the_ledger_check_finds_planted_faults(engine, world, clock, fault):
    give_account(engine, world.shop_id)
    buy(engine, world, clock)
    settled(engine, clock)
    assert good(engine)
    with engine.database.begin() as tx:
        tx.exec_driver_sql(PLANTED[fault])
    assert check_ledger(engine).unsettled


def test_the_report_tells_each_shop_what_waits_is_sent_and_has_arrived(engine, world, clock):
    give_account(engine, world.shop_id)
    sold = buy(engine, world, clock)
    other = buy(engine, world, clock, shop="other", card=world.other_card, kilos=2)
    settled(engine, clock)
    rows = {each["shop_id"]: each for each in report(engine)}
    mine, theirs = rows[world.shop_id], rows[world.other_shop_id]
    assert (mine["payable"], mine["on_its_way"], mine["open"], mine["mdr"]) == (sold, sold, 0, 0)
    assert (mine["status"], mine["transfers"], mine["waits_for"]) == ("SENT", 1, "")
    assert (theirs["open"], theirs["status"], theirs["waits_for"]) == (
        other, "PENDING", "NO_ACCOUNT",
    )  # fmt: skip
    assert [each["shop_id"] for each in report(engine, shop_id=world.shop_id)] == [world.shop_id]
    assert [each["shop_id"] for each in report(engine, region="94")] == [world.other_shop_id]
    clock.at = datetime(2026, 11, 23, 5, tzinfo=UTC)
    line = statement((MONDAY, "A", mine["reference"], -sold))
    assert import_statement(engine, line, maker(engine)).matched == {"PAYOUT": 1}
    [row] = report(engine, shop_id=world.shop_id)
    assert (row["status"], row["paid"], row["on_its_way"]) == ("RECEIVED", sold, 0)


def report(engine, **scope):
    return make_report(engine, "settlement", DAY, DAY, Scope(**scope)).rows


def test_two_days_that_begin_together_settle_each_rupiah_once(engine, world, clock):
    give_account(engine, world.shop_id)
    total = buy(engine, world, clock)
    clock.at = AFTER + timedelta(days=1)
    days, people = [DAY, DAY + timedelta(1)] * 2, officers(engine)
    with ThreadPoolExecutor(len(days)) as pool:
        done = list(pool.map(lambda day: whole(engine, day, *people), days))
    assert any(not isinstance(each, Refused) for each in done)
    for day in sorted(set(days)):
        whole(engine, day, *people)
    [row] = make_report(engine, "settlement", DAY, DAY + timedelta(1), Scope()).rows
    assert (row["payable"], row["on_its_way"]) == (total, total)
    assert good(engine)
