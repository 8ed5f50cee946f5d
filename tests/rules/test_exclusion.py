"""The alarm of the exclusion meter, by figures that can be checked by hand."""

import pytest

from pos_engine.rules.exclusion import (
    LEAST_FAMILIES,
    at_least,
    share,
    stands_out,
)
from pos_engine.rules.region_level import length_below, parent


def test_a_share_has_four_decimals():
    assert share(1, 8) == 0.125
    assert share(1, 3) == 0.3333
    assert share(0, 0) is None


def test_the_lower_end_by_the_book():
    """Wilson's interval of 8 of 100 at one-sided 99 %: 3.64 % (computed by hand)."""
    assert at_least(8, 100) == pytest.approx(0.0364, abs=0.0002)
    assert at_least(0, 50) == 0.0
    assert at_least(0, 0) == 0.0
    assert at_least(50, 50) > 0.9


@pytest.mark.parametrize(
    ("part", "whole", "alarm"),
    [
        (8, 100, True),  # 8 % against 2 %, surely above
        (2, 100, False),  # as the nation
        (2, LEAST_FAMILIES, False),  # three times the nation, but two families prove nothing
        (LEAST_FAMILIES - 1, LEAST_FAMILIES - 1, False),  # too few to say anything
        (2_500, 100_000, False),  # surely above, but not by half as much again
    ],
)
def test_a_group_stands_out_when_it_is_worse_and_surely_so(part, whole, alarm):
    assert stands_out(part, whole, 2_000, 100_000) is alarm


def test_without_a_nation_nothing_stands_out():
    assert stands_out(40, 50, 0, 0) is False


def test_levels_of_a_code():
    codes = ("", "35", "35.07", "35.07.13", "35.07.13.2001")
    assert [length_below(each) for each in codes] == [2, 5, 8, 13, 13]
    assert length_below(None) == 2
    assert [parent(each) for each in codes] == ["", "", "35", "35.07", "35.07.13"]
