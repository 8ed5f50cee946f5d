"""Every reason of a void is told in Indonesian with a next step."""

import pytest

from pos_engine.rules.voids import VoidReason
from pos_engine.wire.sms import BY_OFFICERS, BY_SHOP, LENGTH_MAX, idle_text, returned_text
from pos_engine.wire.voids import VOID_WORDINGS, returned_message
from tests.world import NOW


@pytest.mark.parametrize("reason", VoidReason)
def test_every_reason_has_a_sentence_a_step_and_codes(reason):
    wording = VOID_WORDINGS[reason]
    assert wording.sentence.endswith(".")
    assert wording.next_step.endswith(".")
    assert len(wording.iso8583) == 2
    assert wording.snap[3] == "-"


def test_a_void_says_how_much_came_back():
    message, next_step = returned_message(26_800)
    assert message == "Rp26.800 kembali ke bantuan keluarga ini."
    assert next_step


@pytest.mark.parametrize("by", [BY_SHOP, BY_OFFICERS])
def test_the_notice_fits_one_message(by):
    text = returned_text(10**12, "W" * 200, NOW, 10**12, by)
    assert len(text) <= LENGTH_MAX
    assert returned_text(67_000, "Warung Bu Sri", NOW, 200_000, by) == (
        f"BPNT: belanja di Warung Bu Sri {by} 21/11 03.00: Rp67.000 kembali. "
        "Sisa Rp200.000. Bukan Anda? Balas LAPOR"
    )


def test_the_announcement_says_that_it_stays_hers():
    text = idle_text(10**12, 90)
    assert len(text) <= LENGTH_MAX
    assert "belanja lagi membukanya" in text
