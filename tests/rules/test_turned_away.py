"""When a note of a till happened, as far as its clock can be believed."""

from datetime import UTC, datetime, timedelta

import pytest

from pos_engine.rules.turned_away import NOTE_AGE_MAX, NOTE_AHEAD_MAX, counted_at

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("off", [timedelta(0), -NOTE_AGE_MAX, NOTE_AHEAD_MAX])
def test_a_clock_that_may_be_right_is_believed(off):
    assert counted_at(NOW + off, NOW) == NOW + off


@pytest.mark.parametrize("off", [-NOTE_AGE_MAX - timedelta(1), NOTE_AHEAD_MAX + timedelta(1)])
def test_another_is_counted_when_it_was_told(off):
    assert counted_at(NOW + off, NOW) == NOW
