"""Where an envelope stands, when it was sold, and its one outcome."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pos_engine.rules.allowances import AllowanceState
from pos_engine.rules.offline import (
    LOWER_AGE,
    LOWER_ENVELOPES,
    UPPER_AGE,
    UPPER_ENVELOPES,
    Chain,
    Claim,
    Judgement,
    Link,
    Neighbours,
    Outcome,
    Permit,
    Place,
    Selling,
    Till,
    gap_is_over,
    judge,
    may_be_disputed,
    one_factor,
    place_of,
    selling,
    sold_at,
)
from pos_engine.rules.reasons import Reason

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CHAIN = Chain(5, "h5")
ZERO = timedelta(0)


def link(seq=6, name="h6", prev="h5"):
    return Link(seq, name, prev)


def test_what_follows_the_chain_is_next():
    assert place_of(link(), CHAIN, Neighbours(before=link(5, "h5", "h4"))) is Place.NEXT


def test_what_is_here_already_is_known():
    assert place_of(link(), CHAIN, Neighbours(at=link())) is Place.KNOWN


@pytest.mark.parametrize(
    ("which", "near"),
    [
        (link(name="other"), Neighbours(at=link())),  # the same number, other bytes
        (link(prev="other"), Neighbours()),  # it follows something else than we have
        (link(), Neighbours(after=link(7, "h7", "other"))),  # what follows names another one
        (link(8, "h8", "h7"), Neighbours(before=link(7, "other", "h6"))),
        (link(3, "other", "h2"), Neighbours(after=link(4, "h4", "h3"))),
    ],
)
def test_two_links_that_contradict_each_other_are_a_fork(which, near):
    assert place_of(which, CHAIN, near) is Place.FORK


def test_what_comes_too_early_waits():
    assert place_of(link(8, "h8", "h7"), CHAIN, Neighbours()) is Place.GAP
    before = Neighbours(before=link(7, "h7", "h6"))
    assert place_of(link(8, "h8", "h7"), CHAIN, before) is Place.GAP


def test_what_was_lost_behind_a_gap_is_found_by_its_follower():
    found = link(3, "h3", "h2")
    assert place_of(found, CHAIN, Neighbours(after=link(4, "h4", "h3"))) is Place.NEXT
    assert place_of(found, CHAIN, Neighbours()) is Place.GAP  # nobody names it


# ---- time --------------------------------------------------------------------------------


def ms(at):
    return int(at.timestamp() * 1000)


def test_a_sale_was_made_when_the_engines_time_says():
    anchor, received = NOW, NOW + 2 * DAY
    wrong_clock = ms(NOW - 400 * DAY)
    assert sold_at(wrong_clock, 3_600_000, ms(anchor), NOW, received) == NOW + timedelta(hours=1)


def test_without_it_the_tablets_clock_counts_between_that_time_and_now():
    received = NOW + 2 * DAY
    assert sold_at(ms(NOW + DAY), None, ms(NOW), NOW, received) == NOW + DAY
    assert sold_at(ms(NOW - 9 * DAY), None, ms(NOW), NOW, received) == NOW
    assert sold_at(ms(NOW + 9 * DAY), None, ms(NOW), NOW, received) == received


def test_nothing_is_sold_before_its_allowance_nor_after_it_came_in():
    assert sold_at(0, None, 0, NOW, NOW + DAY) == NOW
    assert sold_at(0, 253_402_300_799_000, ms(NOW), NOW, NOW + DAY) == NOW + DAY
    assert sold_at(0, 0, 253_402_300_799_000, NOW, NOW + DAY) == NOW + DAY


# ---- the outcome -------------------------------------------------------------------------

PERMIT = Permit(
    device_id="tablet",
    amount_max=100_000,
    spent=0,
    left=100_000,
    sales=0,
    tx_max=100_000,
    tx_count=20,
    not_after=NOW + 7 * DAY,
    state=AllowanceState.LIVE,
)
CLAIM = Claim(
    device_id="tablet",
    amount=60_000,
    worth=60_000,
    factors=frozenset({"KKS_QR", "PIN"}),
    unlawful=None,
    payable=0,
    sold_at=NOW + DAY,
    received_at=NOW + 2 * DAY,
)
AFTER_GRACE = NOW + 14 * DAY + timedelta(seconds=1)
LIABLE = Outcome.SHOP_LIABLE


def outcome(permit=None, **claim):
    found = judge(replace(CLAIM, **claim), replace(PERMIT, **(permit or {})))
    return found.outcome, found.reason


def test_on_time():
    assert outcome() == (Outcome.ACCEPTED, None)
    assert outcome(received_at=PERMIT.not_after) == (Outcome.ACCEPTED, None)
    assert outcome(amount=100_000, worth=100_000) == (Outcome.ACCEPTED, None)


def test_late_inside_the_grace():
    late = PERMIT.not_after + timedelta(seconds=1)
    assert outcome(received_at=late) == (Outcome.ACCEPTED_LATE, None)
    assert outcome(received_at=late, sold_at=late) == (Outcome.ACCEPTED_LATE, None)
    assert outcome(received_at=PERMIT.not_after + 7 * DAY) == (Outcome.ACCEPTED_LATE, None)


def test_after_the_grace_from_the_balance_or_by_the_shop():
    ended = {"state": AllowanceState.ENDED, "left": 0}
    paid = outcome(ended, received_at=AFTER_GRACE, payable=60_000)
    assert paid == (Outcome.PAID_FROM_BALANCE, None)
    gone = outcome(ended, received_at=AFTER_GRACE, payable=0)
    assert gone == (LIABLE, Reason.OFFLINE_STALE)
    assert outcome(received_at=AFTER_GRACE) == (LIABLE, Reason.OFFLINE_STALE)


def test_what_came_in_time_and_waited_for_people_is_never_the_shops():
    ended = {"state": AllowanceState.ENDED, "left": 0}
    assert outcome(ended) == (Outcome.PROGRAMME_LOSS, None)
    cleared = outcome(ended, received_at=AFTER_GRACE, cleared=True)
    assert cleared == (Outcome.PROGRAMME_LOSS, None)
    assert outcome(ended, payable=60_000) == (Outcome.PAID_FROM_BALANCE, None)


@pytest.mark.parametrize("received_at", [NOW + DAY, AFTER_GRACE])
def test_recalled_is_a_loss_of_the_programme_however_late(received_at):
    recalled = {"state": AllowanceState.RECALLED, "left": 0}
    assert outcome(recalled, received_at=received_at) == (Outcome.PROGRAMME_LOSS, None)


@pytest.mark.parametrize(
    ("permit", "claim", "reason"),
    [
        ({"device_id": "other"}, {}, Reason.OFFLINE_LIMIT),
        ({"state": AllowanceState.CLOSED}, {}, Reason.OFFLINE_LIMIT),
        ({}, {"factors": frozenset()}, Reason.STEP_UP_REQUIRED),
        ({}, {"factors": frozenset({"SMILE"})}, Reason.STEP_UP_REQUIRED),
        ({}, {"unlawful": Reason.PRICE_ABOVE_CEILING}, Reason.PRICE_ABOVE_CEILING),
        ({}, {"unlawful": Reason.ITEM_BANNED}, Reason.ITEM_BANNED),
        ({}, {"amount": 50_000}, Reason.QUANTITY_INVALID),
        ({}, {"amount": 0, "worth": 0}, Reason.QUANTITY_INVALID),
        ({"spent": 40_001}, {}, Reason.OFFLINE_LIMIT),
        ({"left": 59_999}, {}, Reason.OFFLINE_LIMIT),
        ({"tx_max": 59_999}, {}, Reason.OFFLINE_LIMIT),
        ({"sales": 20}, {}, Reason.OFFLINE_LIMIT),
        ({"spent": 100_000, "left": 0, "state": AllowanceState.SPENT}, {}, Reason.OFFLINE_LIMIT),
        ({"spent": 50_000, "state": AllowanceState.RECALLED}, {}, Reason.OFFLINE_LIMIT),
    ],
)
def test_what_the_shop_bears(permit, claim, reason):
    assert outcome(permit, **claim) == (LIABLE, reason)


def test_no_allowance_is_the_shops():
    assert judge(CLAIM, None) == Judgement(LIABLE, Reason.OFFLINE_LIMIT)


def test_one_factor_pays_and_is_remembered():
    assert outcome(factors=frozenset({"PIN"})) == (Outcome.ACCEPTED, None)
    assert one_factor(["PIN"])
    assert not one_factor(["PIN", "KKS_QR"])
    assert not one_factor([])


def test_a_paid_sale_is_disputed_within_fourteen_days():
    assert may_be_disputed(Outcome.ACCEPTED, NOW, NOW + 14 * DAY)
    assert not may_be_disputed(Outcome.ACCEPTED, NOW, NOW + 15 * DAY)
    assert not may_be_disputed(LIABLE, NOW, NOW)


def test_a_gap_is_waited_for_three_days():
    assert not gap_is_over(NOW, NOW + 3 * DAY)
    assert gap_is_over(NOW, NOW + 3 * DAY + timedelta(seconds=1))


# ---- the limits of a till ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("unsent", "silent", "catalogue", "found"),
    [
        (0, ZERO, ZERO, Selling.FREE),
        (LOWER_ENVELOPES - 1, LOWER_AGE, 7 * DAY, Selling.FREE),
        (LOWER_ENVELOPES, ZERO, ZERO, Selling.TRY_ONLINE),
        (0, LOWER_AGE + timedelta(seconds=1), ZERO, Selling.TRY_ONLINE),
        (UPPER_ENVELOPES - 1, UPPER_AGE, ZERO, Selling.TRY_ONLINE),
        (UPPER_ENVELOPES, ZERO, ZERO, Selling.LOCKED),
        (0, UPPER_AGE + timedelta(seconds=1), ZERO, Selling.LOCKED),
        (0, ZERO, 7 * DAY + timedelta(seconds=1), Selling.LOCKED),
    ],
)
def test_a_till_is_free_then_tries_then_is_locked(unsent, silent, catalogue, found):
    assert selling(Till(unsent, silent, catalogue)) is found


def test_beyond_the_signal_nothing_locks_while_an_allowance_lives():
    far = Till(2_000, 31 * DAY, 31 * DAY, remote_allowance=True)
    assert selling(far) is Selling.TRY_ONLINE
