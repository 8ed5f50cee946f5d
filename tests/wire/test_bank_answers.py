"""DE39 of a bank: what it means for the purchase, and that each is told in her language."""

import pytest

from pos_engine.rules.bank import Said, Verdict
from pos_engine.rules.reasons import Reason
from pos_engine.wire.bank_answers import (
    CODES,
    NOT_ASKED,
    OTHERWISE,
    UNSURE,
    UNSURE_CODES,
    method_not_taken,
    told,
    verdict_of,
)


@pytest.mark.parametrize(
    ("code", "said", "reason"),
    [
        ("00", Said.YES, None),
        ("51", Said.NO, Reason.BANK_DECLINED),
        ("55", Said.NO, Reason.PIN_WRONG),
        ("75", Said.NO, Reason.PIN_BLOCKED),
        ("14", Said.NO, Reason.CARD_UNKNOWN),
        ("54", Said.NO, Reason.CARD_EXPIRED),
        ("41", Said.NO, Reason.CARD_LOST),
        ("43", Said.NO, Reason.CARD_LOST),
        ("61", Said.NO, Reason.LIMIT_REACHED),
        ("62", Said.NO, Reason.CARD_BLOCKED),
        ("91", Said.NO, Reason.BANK_UNREACHABLE),
        ("92", Said.NO, Reason.BANK_UNREACHABLE),
        ("77", Said.NO, Reason.BANK_DECLINED),
        ("68", Said.UNSURE, Reason.BANK_UNREACHABLE),
        ("94", Said.UNSURE, Reason.BANK_UNREACHABLE),
        ("96", Said.UNSURE, Reason.BANK_UNREACHABLE),
        ("", Said.UNSURE, Reason.BANK_UNREACHABLE),
    ],
)
def test_a_code_is_a_yes_a_no_or_a_reversal(code, said, reason):
    found = verdict_of(code, "A1")
    assert (found.said, found.reason) == (said, reason)
    assert found.approval == ("A1" if said is Said.YES else "")


def test_what_is_not_paid_is_told_by_what_is_known_of_it():
    assert told(Verdict(Said.NOT_ASKED)) is NOT_ASKED
    assert told(Verdict(Said.UNSURE, "96")) is UNSURE
    assert told(Verdict(Said.NO, "55")) is CODES["55"]
    assert told(Verdict(Said.NO, "77")) is OTHERWISE
    assert not UNSURE_CODES & set(CODES)


def test_a_bank_that_takes_no_other_way_says_which_it_takes():
    sentence, next_step = method_not_taken("BRI", ("kartu KKS dengan PIN", "HP"))
    assert "BRI" in sentence
    assert next_step.endswith("kartu KKS dengan PIN, HP.")
    assert "belum ada" in method_not_taken("BRI", ())[1]
