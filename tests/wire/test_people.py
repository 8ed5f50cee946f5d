"""What families and officers are told of people who stand in for others: short, plain, no blame."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.delegation import DelegationReason
from pos_engine.rules.identity import masked_name
from pos_engine.rules.ladder import LadderFacts, Way, Why, next_step
from pos_engine.rules.supervision import CaseReason, SupervisionReason
from pos_engine.wire import ladder, people
from tests.wire.test_sms import GSM_ONCE

LAST = date(2027, 11, 21)
WORDS = [*people.DELEGATION_WORDS.values(), *people.SUPERVISION_WORDS.values()]


def test_every_code_has_words():
    assert list(people.DELEGATION_WORDS) == list(DelegationReason)
    assert list(people.SUPERVISION_WORDS) == list(SupervisionReason)
    assert list(people.CASE_WORDS) == list(CaseReason)
    assert list(ladder.WAY_WORDS) == list(Way)
    assert list(ladder.WHY_WORDS) == list(Why)


@pytest.mark.parametrize(("sentence", "next_step"), WORDS)
def test_a_refusal_is_whole_sentences_without_blame(sentence, next_step):
    for text in (sentence, next_step):
        assert text.endswith(".")
        assert text[0].isupper()
        assert not any(word in text.lower() for word in ("miskin", "curang", "ditolak"))


def test_a_step_says_why_and_what():
    assert ladder.told(next_step(LadderFacts())) == ladder.WAY_WORDS[Way.KKS]
    told = ladder.told(next_step(LadderFacts(accepted=())))
    assert told.endswith(ladder.WAY_WORDS[Way.SUPERVISED])


@given(st.text(max_size=120), st.integers(1, 10**9))
def test_every_notice_fits_one_sms_of_any_phone(name, amount):
    masked = masked_name(name)
    texts = [
        people.delegate_proposed_text(masked, LAST),
        people.delegate_approved_text(masked, LAST),
        people.delegate_ended_text(masked, LAST),
        people.supervised_text(amount),
        people.pin_renewed_text(),
    ]
    for text in texts:
        assert len(text) <= 160
        assert set(text) <= GSM_ONCE


def test_above_the_vouched_sum_the_sum_is_told():
    assert "Rp100.000" in people.vouched_told(100_000)
