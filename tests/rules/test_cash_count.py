"""Which days a till may tell of, and what the counts say about a shop."""

from datetime import date, timedelta

import pytest

from pos_engine.rules.cash_count import COUNT_DAYS_BACK_MAX, Living, day_may_be_told, living

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("days", "may"),
    [
        (0, True),
        (-1, True),
        (-COUNT_DAYS_BACK_MAX, True),
        (-COUNT_DAYS_BACK_MAX - 1, False),
        (1, False),
    ],
)
def test_today_and_days_without_signal_may_be_told(days, may):
    assert day_may_be_told(TODAY + timedelta(days=days), TODAY) is may


@pytest.mark.parametrize(
    ("aid", "cash", "said"),
    [(3, 1, Living.YES), (0, 1, Living.YES), (3, 0, Living.AID_ONLY), (0, 0, Living.SILENT)],
)
def test_a_shop_that_sells_for_money_too_is_a_living_one(aid, cash, said):
    assert living(aid, cash) is said
