"""Which confirmed visit may leave a template behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pos_engine.rules.face_refresh import (
    FALSE_MATCH_RATE_MAX,
    PAUSE,
    QUALITY_MIN,
    Visit,
    may_refresh,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
GOOD = Visit(True, QUALITY_MIN, FALSE_MATCH_RATE_MAX, NOW - PAUSE, NOW)


def test_a_moving_face_surely_hers_a_month_later():
    assert may_refresh(GOOD)


@pytest.mark.parametrize(
    "change",
    [
        {"live": False},
        {"quality": QUALITY_MIN - 1},
        {"false_match_rate": FALSE_MATCH_RATE_MAX * 1.01},
        {"newest_at": NOW - PAUSE + timedelta(seconds=1)},
    ],
)
def test_one_thing_missing_and_nothing_is_kept(change):
    assert not may_refresh(replace(GOOD, **change))
