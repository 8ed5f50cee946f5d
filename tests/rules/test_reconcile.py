"""Matching: reference, amount and date decide, and nothing is matched twice."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.reconcile import (
    MATCH_DAYS_MAX,
    BankLine,
    Flow,
    MatchKind,
    Sent,
    match_flows,
    match_payouts,
    match_returns,
)
from pos_engine.rules.settlement import message_reference, payout_reference

DAY = date(2026, 11, 21)
MESSAGE = message_reference(DAY, 1)


def sent(number, amount):
    return Sent(payout_reference("s", DAY, number), f"s{number}", MESSAGE, DAY, amount)


def line(number, reference, amount, days=2):
    return BankLine(f"l{number}", "1", DAY + timedelta(days), reference, amount)


def test_a_line_long_after_the_day_is_looked_at_by_a_person():
    item = sent(1, 5)
    late = line(1, item.payout_id, -5, days=MATCH_DAYS_MAX + 1)
    early = line(2, item.payout_id, -5, days=-1)
    assert match_payouts([late, early], [item]) == []


def test_a_file_is_matched_by_what_is_left_of_it():
    one, two = sent(1, 5), sent(2, 7)
    found = match_payouts(
        [line(1, one.payout_id, -5), line(2, f"x {MESSAGE}", -7), line(3, "nothing", -9)],
        [one, two],
    )
    assert [(each.reference, each.payouts) for each in found] == [
        (one.payout_id, (one,)),
        (MESSAGE, (two,)),
    ]
    assert found[1].moves == (("clearing:s2", -7),)


def test_an_unknown_reference_and_money_that_came_in_match_no_payout():
    assert match_payouts([line(1, sent(9, 5).payout_id, -5)], [sent(1, 5)]) == []
    assert match_payouts([line(1, sent(1, 5).payout_id, 5)], [sent(1, 5)]) == []


def test_a_return_is_taken_once_and_to_the_rupiah():
    item = sent(1, 5)
    back = [line(1, item.payout_id, 4), line(2, item.payout_id, 5), line(3, item.payout_id, 5)]
    [found] = match_returns([*back, line(4, "x", 5)], {item.payout_id: item})
    assert (found.kind, found.lines) == (MatchKind.RETURN, (back[1],))


def test_flows_match_by_a_paper_that_is_long_enough():
    flow = Flow("run-000001", "programme:A:1", ("run-000001", "7/27"), 90)
    short = line(1, "pay 7/27", 90)
    assert match_flows([short], [flow]) == []
    parts = [line(2, "run-000001 a", 60), line(3, "run-000001 b", 30)]
    [found] = match_flows([*parts, short], [flow])
    assert (found.kind, len(found.lines), found.moves) == (
        MatchKind.FUNDING, 2, (("programme:A:1", 90),)
    )  # fmt: skip
    back = Flow("run-000001", "programme:A:1", ("run-000001",), -40)
    [found] = match_flows([line(4, "run-000001", -40)], [back])
    assert found.kind is MatchKind.TREASURY
    assert match_flows([line(4, "run-000001", -41)], [back]) == []


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), max_size=12),
    st.lists(st.integers(1, 3), max_size=4),
)
def test_no_line_and_no_payout_is_matched_twice_and_sums_agree(lines, amounts):
    items = [sent(number, amount) for number, amount in enumerate(amounts, start=1)]
    bank = [
        line(at, payout_reference("s", DAY, number), -amount)
        for at, (number, amount) in enumerate(lines)
    ]
    found = match_payouts(bank, items)
    used = [each.line_id for match in found for each in match.lines]
    paid = [each.payout_id for match in found for each in match.payouts]
    assert len(set(used)) == len(used)
    assert len(set(paid)) == len(paid)
    for match in found:
        assert -sum(each.amount for each in match.lines) == sum(a for _n, a in match.moves) * -1
