"""Complaints: when each is due, what may follow what, what words mean, who is credited first."""

from datetime import UTC, datetime, timedelta

import pytest

from pos_engine.rules.complaints import (
    DUE,
    Act,
    Kind,
    State,
    Swap,
    after,
    due_at,
    kind_of_words,
    may_dispute,
    one_factor,
    overdue,
    swap_after,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def test_bad_goods_are_due_in_a_day_and_every_kind_has_a_date_with_its_source():
    assert due_at(Kind.QUALITY, NOW) == NOW + timedelta(hours=24)
    assert due_at(Kind.NOT_ME, NOW) == NOW + timedelta(days=3)
    assert all(DUE[kind].source and DUE[kind].within <= timedelta(days=3) for kind in Kind)


@pytest.mark.parametrize(
    ("state", "act", "then"),
    [
        (State.OPEN, Act.TAKE, State.IN_WORK),
        (State.IN_WORK, Act.ANSWER, State.ANSWERED),
        (State.ANSWERED, Act.REOPEN, State.IN_WORK),
        (State.ANSWERED, Act.CLOSE, State.CLOSED),
        (State.CLOSED, Act.TAKE, None),
        (State.CLOSED, Act.REOPEN, None),
        (State.OPEN, Act.REOPEN, None),
    ],
)
def test_what_may_follow(state, act, then):
    assert after(state, act) is then


def test_only_who_waits_can_wait_too_long():
    late = NOW + timedelta(seconds=1)
    assert overdue(State.OPEN, NOW, late)
    assert overdue(State.IN_WORK, NOW, late)
    assert not overdue(State.IN_WORK, NOW, NOW)
    assert not overdue(State.ANSWERED, NOW, late)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("berasnya bau dan berkutu, ada KUTU", Kind.QUALITY),
        ("itu bukan saya", Kind.NOT_ME),
        ("saya dipaksa beli paket", Kind.FORCED),
        ("kartu hilang", Kind.CARD),
        ("telur mahal sekali", Kind.PRICE),
        ("saldo kosong", Kind.BALANCE),
        ("tolong", Kind.OTHER),
        ("", Kind.OTHER),
    ],
)
def test_words_say_the_kind(words, kind):
    assert kind_of_words(words) is kind


def test_one_factor_is_credited_first_within_fourteen_days():
    assert not one_factor("KKS")
    assert one_factor("FACE")
    assert may_dispute("PHONE", NOW - timedelta(days=14), NOW)
    assert not may_dispute("PHONE", NOW - timedelta(days=14, seconds=1), NOW)
    assert not may_dispute("KKS", NOW, NOW)


def test_a_swap_is_done_by_the_familys_word_not_by_the_shops():
    assert swap_after(Swap.WAITING, by_shop=True) is Swap.BY_SHOP
    assert swap_after(Swap.BY_SHOP, by_shop=False) is Swap.DONE
    assert swap_after(Swap.WAITING, by_shop=False) is Swap.DONE
    assert swap_after(Swap.DONE, by_shop=False) is None
    assert swap_after(None, by_shop=True) is None
