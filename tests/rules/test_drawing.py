"""Money is shared out so that whatever can be paid is paid, from the first sources first."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_engine.rules.drawing import Allocation, Need, allocate

AMOUNTS = st.integers(0, 30)


@st.composite
def problems(draw):
    """A few sources and needs, each need payable by some of them; scarce money on purpose."""
    capacities = draw(st.lists(AMOUNTS, max_size=4))
    places = st.integers(0, max(len(capacities) - 1, 0))
    sets = st.frozensets(places) if capacities else st.just(frozenset())
    needs = draw(st.lists(st.builds(Need, AMOUNTS, sets), max_size=5))
    return capacities, needs


def most_payable(capacities, needs):
    """By min cut: of each set of needs no more than the money that may pay any of them."""
    everything = sum(need.amount for need in needs)
    return min(
        everything
        - sum(need.amount for need in some)
        + sum(capacities[at] for at in set().union(*(need.sources for need in some)))
        for size in range(len(needs) + 1)
        for some in combinations(needs, size)
    )


@settings(max_examples=300)
@given(problems())
def test_whatever_can_be_paid_is_paid(problem):
    capacities, needs = problem
    found = allocate(capacities, needs)
    assert sum(found.taken) == most_payable(capacities, needs)
    assert sum(found.taken) + sum(found.unmet) == sum(need.amount for need in needs)
    assert all(0 <= taken <= there for taken, there in zip(found.taken, capacities, strict=True))
    assert all(0 <= left <= need.amount for left, need in zip(found.unmet, needs, strict=True))


@settings(max_examples=300)
@given(problems())
def test_earlier_sources_pay_as_much_as_they_can(problem):
    """The first n sources together pay what they could pay if they were alone."""
    capacities, needs = problem
    taken = allocate(capacities, needs).taken
    for first in range(len(capacities) + 1):
        alone = [*capacities[:first], *[0] * (len(capacities) - first)]
        assert sum(taken[:first]) == most_payable(alone, needs)


@pytest.mark.parametrize(
    ("capacities", "needs", "taken", "unmet"),
    [
        ((), (), (), ()),
        ((), (Need(5, ()),), (), (5,)),
        ((10,), (), (0,), ()),
        ((10, 10), (Need(4, (0, 1)),), (4, 0), (0,)),
        ((10, 10), (Need(4, (1,)),), (0, 4), (0,)),
        # the first source is needed elsewhere: what it paid moves over to the second
        ((10, 10), (Need(10, (0, 1)), Need(10, (0,))), (10, 10), (0, 0)),
        (
            (10, 10, 10),
            (Need(10, (0, 1)), Need(10, (1, 2)), Need(10, (0,))),
            (10, 10, 10),
            (0,) * 3,
        ),
        ((5, 5), (Need(10, (0,)),), (5, 0), (5,)),
    ],
)
def test_a_few_by_hand(capacities, needs, taken, unmet):
    assert allocate(capacities, needs) == Allocation(taken, unmet)
