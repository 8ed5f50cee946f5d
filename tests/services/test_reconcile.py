"""The bank's word against ours: matched, open on one side, and a day closed to the rupiah."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pos_engine.services import reconcile, reconcile_day
from pos_engine.services.install import Refused
from pos_engine.services.prove import check_ledger
from pos_engine.services.reconcile import Imported, StatementRefused, import_statement
from pos_engine.store import payouts
from tests.services.test_disburse_killed import DyingDatabase, KilledError
from tests.settling import (
    DAY,
    ESCROW,
    MONDAY,
    buy,
    checker,
    give_account,
    maker,
    officers,
    settled,
    statement,
)
from tests.world import BALANCE

FUNDED = 2 * BALANCE  # what the two families of the world were credited
LINES = [(DAY, "F1", "SP2D 9001/2026", FUNDED)]


def refs(engine, day=DAY):
    with engine.database.read() as tx:
        found = [
            each
            for message in payouts.messages_of(tx, day)
            for each, *_rest in payouts.payouts_of(tx, day, message)
        ]
    return [(each.payout_id, each.amount) for each in found], payouts_message(engine, day)


def payouts_message(engine, day):
    with engine.database.read() as tx:
        return (payouts.messages_of(tx, day) or [""])[0]


@pytest.fixture
def paid(engine, world, clock):
    """Two shops with a payout each, on a Monday after payment; the run is named by its paper."""
    with engine.database.begin() as tx:
        tx.exec_driver_sql(
            """UPDATE disbursement_run SET papers = '{"escrow": "test", "sp2d": "9001/2026"}'"""
        )
    for shop_id in (world.shop_id, world.other_shop_id):
        give_account(engine, shop_id)
    buy(engine, world, clock)
    buy(engine, world, clock, shop="other", card=world.other_card, kilos=2)
    settled(engine, clock)
    clock.at = datetime(2026, 11, 23, 5, tzinfo=UTC)  # Monday noon
    return refs(engine)


def take(engine, *rows):
    done = import_statement(engine, statement(*rows), maker(engine))
    assert isinstance(done, Imported), done
    return done


def refused(engine, *rows):
    done = import_statement(engine, statement(*rows), maker(engine))
    assert isinstance(done, StatementRefused), done
    return [str(each) for each in done.problems]


def status(engine, day=MONDAY):
    return reconcile_day.day_status(engine, day)


def balance(engine, day, amount):
    assert reconcile_day.put_escrow_balance(engine, ESCROW, day, amount, maker(engine)) is None


def as_lines(items, **changes):
    return [
        (MONDAY, f"P{number}", name, -amount)
        for number, (name, amount) in enumerate(items)
    ]  # fmt: skip


def test_a_paid_day_closes_to_the_rupiah(engine, paid):
    items, _message = paid
    done = take(engine, *LINES, *as_lines(items))
    assert done.matched == {"PAYOUT": 2, "FUNDING": 1}
    left = FUNDED - sum(amount for _name, amount in items)
    balance(engine, MONDAY, left)
    seen = status(engine)
    assert (seen.ours_only, seen.bank_only, seen.escrow.difference) == ([], [], 0)
    assert (seen.escrow.wallets, seen.escrow.in_flight) == (left, 0)
    closed = reconcile_day.close_day(engine, MONDAY, maker(engine))
    assert isinstance(closed, Refused)  # Monday is not over
    engine.now.advance(days=1)
    closed = reconcile_day.close_day(engine, MONDAY, maker(engine))
    assert closed.closed_by == maker(engine)
    assert status(engine).escrow == seen.escrow
    assert check_ledger(engine).good


def test_the_same_statement_twice_is_once_and_a_longer_one_adds_only_what_is_new(engine, paid):
    items, _message = paid
    first = take(engine, *as_lines(items[:1]))
    assert (first.lines, first.fresh, first.matched) == (1, 1, {"PAYOUT": 1})
    again = take(engine, *as_lines(items[:1]))
    assert (again.fresh, again.matched) == (0, {})
    more = take(engine, *as_lines(items))
    assert (more.lines, more.fresh, more.matched) == (2, 1, {"PAYOUT": 1})
    assert check_ledger(engine).good


def test_a_statement_sent_again_with_one_changed_row_is_refused_with_its_row(engine, paid):
    items, _message = paid
    rows = as_lines(items)
    take(engine, *rows)
    changed = [rows[0], (*rows[1][:3], rows[1][3] + 1)]
    [problem] = refused(engine, *changed)
    assert problem.startswith("row 3, entry: P1 was")


def test_one_line_may_pay_a_whole_file_and_one_payout_may_come_in_parts(engine, paid):
    items, message = paid
    total = sum(amount for _name, amount in items)
    assert take(engine, (MONDAY, "B1", f"BULK {message}", -total)).matched == {"PAYOUT": 1}
    assert status(engine).ours_only == []


def test_a_payout_paid_in_two_lines_is_matched_when_both_are_there(engine, paid):
    [(name, amount), _other], _message = paid
    assert take(engine, (MONDAY, "A", name, -amount + 400)).matched == {}
    assert len(status(engine).bank_only) == 1
    assert take(engine, (MONDAY, "B", name, -400)).matched == {"PAYOUT": 1}
    assert status(engine).bank_only == []


def test_one_line_that_names_two_payouts(engine, paid):
    items, _message = paid
    total = sum(amount for _name, amount in items)
    text = " ".join(name for name, _amount in items)
    assert take(engine, (MONDAY, "A", text, -total)).matched == {"PAYOUT": 1}
    assert status(engine).ours_only == []


def test_off_by_one_is_open_on_both_sides(engine, paid):
    items, _message = paid
    rows = as_lines(items)
    take(engine, rows[0], (*rows[1][:3], rows[1][3] - 1))
    seen = status(engine)
    assert [each.payout_id for each in seen.ours_only] == [items[1][0]]
    assert [each.amount for each in seen.bank_only] == [rows[1][3] - 1]


def test_a_payout_that_the_bank_paid_twice_leaves_the_second_line_open(engine, paid):
    [(name, amount), _other], _message = paid
    done = take(engine, (MONDAY, "A", name, -amount), (MONDAY, "B", name, -amount))
    assert done.matched == {"PAYOUT": 1}
    [line] = status(engine).bank_only
    assert line.amount == -amount


def test_a_payout_that_came_back_is_owed_again_and_paid_by_the_next_settlement(
    engine, world, clock, paid
):
    [(name, amount), _other], _message = paid
    done = take(engine, (MONDAY, "A", name, -amount), (MONDAY, "R", f"RETUR {name}", amount))
    assert done.matched == {"PAYOUT": 1, "RETURN": 1}
    assert check_ledger(engine).good
    clock.advance(days=1)
    again = settled(engine, clock, MONDAY)
    assert (again.payouts, again.total) == (1, amount)
    assert check_ledger(engine).good


def test_an_open_item_needs_two_people_and_does_not_feed_the_equation(engine, world, clock, paid):
    items, _message = paid
    take(engine, *LINES, *as_lines(items), (MONDAY, "X", "BUNGA", 1_234))
    clock.advance(days=1)
    balance(engine, MONDAY, FUNDED - sum(amount for _n, amount in items) + 1_234)
    assert isinstance(reconcile_day.close_day(engine, MONDAY, maker(engine)), Refused)
    [line] = status(engine).bank_only
    sign_off, (first, second) = reconcile_day.sign_off, officers(engine)
    assert isinstance(sign_off(engine, line.line_id, first, approve=True), Refused)
    assert sign_off(engine, line.line_id, "ana", reason="interest of November").field == "by"
    asked = sign_off(engine, line.line_id, first, reason="interest of November")
    assert asked.approved_by is None
    assert isinstance(sign_off(engine, line.line_id, first, approve=True), Refused)
    assert len(status(engine).bank_only) == 1
    agreed = sign_off(engine, line.line_id, second, approve=True)
    assert (agreed.asked_by, agreed.approved_by) == (first, second)
    assert sign_off(engine, line.line_id, second, approve=True) == agreed
    seen = reconcile_day.close_day(engine, MONDAY, maker(engine))
    assert (seen.escrow.due_to_treasury, seen.escrow.difference) == (1_234, 0)
    assert check_ledger(engine).good


def test_a_payout_the_bank_has_not_confirmed_may_be_answered_for(engine, paid):
    items, _message = paid
    take(engine, *as_lines(items[:1]))
    [item] = status(engine).ours_only
    reconcile_day.sign_off(engine, item.payout_id, maker(engine), reason="the bank pays on Tuesday")
    reconcile_day.sign_off(engine, item.payout_id, checker(engine), approve=True)
    seen = status(engine)
    assert (seen.ours_only, seen.escrow.in_flight) == ([], items[1][1])
    engine.now.advance(days=1)
    take(engine, (MONDAY + timedelta(1), "P9", items[1][0], -items[1][1]))
    assert status(engine, MONDAY + timedelta(1)).escrow.in_flight == 0


def test_money_that_was_credited_before_it_came_in_keeps_the_day_open(engine, paid):
    items, _message = paid
    take(engine, *as_lines(items))
    balance(engine, MONDAY, 0)
    seen = status(engine)
    assert seen.escrow.unfunded == -FUNDED
    assert seen.escrow.difference == -(FUNDED - sum(amount for _name, amount in items))
    engine.now.advance(days=1)
    why = reconcile_day.close_day(engine, MONDAY, maker(engine))
    assert "are owed" in why.message


def test_a_bank_day_without_a_known_balance_stays_open(engine, paid):
    items, _message = paid
    take(engine, *LINES, *as_lines(items))
    engine.now.advance(days=1)
    why = reconcile_day.close_day(engine, MONDAY, maker(engine))
    assert "not known" in why.message


def test_the_books_of_the_bank_are_for_officers_of_the_ministry(engine, world, paid):
    for nobody in ("ana", world.staff["DINSOS"]["staff_id"]):
        assert import_statement(engine, statement((MONDAY, "A", "x", 5)), nobody).field == "by"
        assert reconcile_day.put_escrow_balance(engine, ESCROW, DAY, 5, nobody).field == "by"
        assert reconcile_day.close_day(engine, DAY, nobody).field == "by"


def test_a_closed_day_takes_no_more_lines_and_days_close_in_order(engine, paid):
    items, _message = paid
    take(engine, *LINES, *as_lines(items))
    balance(engine, MONDAY, FUNDED - sum(amount for _name, amount in items))
    engine.now.advance(days=1)
    assert not isinstance(reconcile_day.close_day(engine, MONDAY, maker(engine)), Refused)
    [problem] = refused(engine, (MONDAY, "late", "x", -5))
    assert "is closed" in problem
    earlier = reconcile_day.close_day(engine, DAY, maker(engine))
    assert "in order" in earlier.message
    no = reconcile_day.put_escrow_balance(engine, ESCROW, MONDAY, 7, maker(engine))
    assert "closed" in no.message


def test_the_next_day_starts_from_the_closed_one(engine, world, clock, paid):
    items, _message = paid
    left = FUNDED - sum(amount for _name, amount in items)
    take(engine, *LINES, *as_lines(items))
    balance(engine, MONDAY, left)
    clock.advance(days=1)
    reconcile_day.close_day(engine, MONDAY, maker(engine))
    sold = buy(engine, world, clock)
    tuesday = MONDAY + timedelta(1)
    balance(engine, tuesday, left)
    seen = status(engine, tuesday)
    assert (seen.escrow.wallets, seen.escrow.payable) == (left - sold, sold)
    assert seen.escrow.holds


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((MONDAY, "A", "x", "67.000"), "row 2, amount: '67.000' is no sum"),
        ((MONDAY, "A", "x", 0), "row 2, amount: must not be 0"),
        (("23/11/2026", "A", "x", 5), "row 2, value_date: '23/11/2026' is no date"),
        (("2026-11-24", "A", "x", 5), "row 2, value_date: 2026-11-24 lies in the future"),
        ((MONDAY, "", "x", 5), "row 2, entry: must have 1 to 64"),
    ],
    ids=["dots", "zero", "date", "future", "no entry"],
)
def test_a_broken_row_is_named_and_nothing_is_taken(engine, paid, row, message):
    problems = refused(engine, row, (MONDAY, "B", "y", 1))
    assert problems[0].startswith(message)
    assert status(engine).bank_only == []


def test_foreign_money_a_foreign_account_and_a_double_entry_are_named(engine, paid):
    content = statement((MONDAY, "A", "x", 5), (MONDAY, "A", "x", 5))
    content = content.replace(b"IDR", b"USD", 1).replace(b"test,A,x,5,IDR", b"other,A,x,5,IDR")
    found = import_statement(engine, content, maker(engine))
    texts = " ".join(str(each) for each in found.problems)
    assert "'USD': only IDR" in texts
    twice = import_statement(
        engine, statement((MONDAY, "A", "x", 5), (MONDAY, "A", "x", 5)), maker(engine)
    )
    assert "row 3, entry: 'A' stands in row 2 already" in str(twice.problems[0])
    strange = statement((MONDAY, "A", "x", 5)).replace(b"test,", b"other,")
    found = import_statement(engine, strange, maker(engine))
    assert "no escrow account of ours" in str(found.problems[0])


@pytest.mark.parametrize("inside", [True, False])
def test_killed_at_each_write_an_import_goes_on(engine, paid, inside, monkeypatch):
    for name in ("LINES_AT_ONCE", "MATCHES_AT_ONCE"):
        monkeypatch.setattr(reconcile, name, {"sqlite": 1, "postgresql": 1})
    items, _message = paid
    content, officer = statement(*LINES, *as_lines(items)), maker(engine)
    deaths = 0
    for at in range(1, 12):
        try:
            dying = DyingDatabase(engine.database, at, inside=inside)
            import_statement(replace(engine, database=dying), content, officer)
        except KilledError:
            deaths += 1
            continue
        break
    assert deaths >= 3
    take(engine, *LINES, *as_lines(items))
    seen = status(engine)
    assert (seen.ours_only, seen.bank_only) == ([], [])
    assert check_ledger(engine).good
