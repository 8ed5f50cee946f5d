"""Texts about a face: short enough, no link, and the way to object."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from pos_engine.wire import sms

AT = datetime(2026, 11, 24, 10, 5, tzinfo=ZoneInfo("Asia/Jakarta"))
NOTICES = [
    sms.face_enrolled_text,
    sms.face_replacing_text,
    sms.face_locked_text,
    sms.face_unlocked_text,
    sms.face_withdrawn_text,
]


@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_says_when_and_how_to_object(notice):
    text = notice(AT)
    assert len(text) <= sms.LENGTH_MAX
    assert text.isascii()
    assert "24/11 10.05" in text
    assert "Balas LAPOR" in text


def test_a_code_says_what_it_is_for():
    text = sms.face_code_text("004711", 10)
    assert len(text) <= sms.LENGTH_MAX
    assert "004711" in text
    assert "MENDAFTARKAN WAJAH, bukan belanja" in text
    assert "10 menit" in text
