"""The order of reason codes is a promise to other programs."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.reasons import PRECEDENCE, Reason, first
from tests.make import a_line, decided

# A literal copy of contract v1, "Reason codes, in order of precedence".
CONTRACT = """
SHOP_SUSPENDED, PAYER_UNKNOWN, PAYER_TOKEN_EXPIRED, PAYER_TOKEN_USED, FACE_NOT_DETECTED, FACE_QUALITY,
FACE_NOT_LIVE, FACE_NO_MATCH, FACE_AMBIGUOUS, STEP_UP_REQUIRED, PIN_WRONG, PIN_BLOCKED, CODE_WRONG,
CODE_EXPIRED, BIRTH_DATE_WRONG, CARD_UNKNOWN, CARD_BLOCKED, CARD_LOST, CARD_EXPIRED,
KPM_SUSPENDED, DELEGATE_NOT_ALLOWED, BASKET_EMPTY, BASKET_TOO_LARGE, ITEM_UNKNOWN, QUANTITY_INVALID,
ITEM_BANNED, ITEM_NOT_IN_PROGRAMME, UNIT_MISMATCH, CEILING_MISSING, PRICE_ABOVE_CEILING, QUANTITY_LIMIT,
NOT_DISBURSED, TRANCHE_EXPIRED, TRANCHE_RETURNED, RESERVED_OFFLINE, INSUFFICIENT_BALANCE, LIMIT_REACHED,
BANK_DECLINED,
BANK_UNREACHABLE, OFFLINE_LIMIT, OFFLINE_STALE, ALREADY_VOIDED
"""  # noqa: E501 - as the contract is written
CODES = [code.strip() for code in CONTRACT.replace("\n", " ").split(",")]


def test_the_codes_and_their_order_are_those_of_the_contract():
    assert [reason.value for reason in Reason] == CODES
    assert [reason.name for reason in Reason] == CODES
    assert [reason for reason, _ in sorted(PRECEDENCE.items(), key=lambda item: item[1])] == list(
        Reason
    )


def test_of_any_two_reasons_the_earlier_one_is_told():
    for earlier, later in combinations([Reason(code) for code in CODES], 2):
        assert first([later, earlier]) is earlier
        assert first([earlier, later]) is earlier


def test_nothing_in_the_way_is_no_reason():
    assert first([]) is None


@given(st.lists(st.sampled_from(Reason), min_size=1))
def test_first_is_one_of_the_reasons_and_none_precedes_it(reasons):
    told = first(reasons)
    assert told in reasons
    assert CODES.index(told) == min(CODES.index(each) for each in reasons)


@pytest.mark.parametrize("reason", Reason)
def test_whatever_stands_in_the_way_refuses_a_lawful_basket(reason):
    decision = decided(a_line(), standing=(reason,))
    assert decision.reason is reason
