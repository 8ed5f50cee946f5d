"""A percentile is never named shorter than it was, and parts add up."""

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.latency import EDGES_MS, STEPS, Spread, spread_of

times = st.lists(st.floats(0.01, 10_000), min_size=1, max_size=200)


def spread(times_ms):
    counts = [0] * STEPS
    for each in times_ms:
        counts[bisect_left(EDGES_MS, each)] += 1
    return Spread(tuple(counts))


@given(times, st.sampled_from([0.5, 0.99, 1.0]))
def test_a_percentile_is_at_most_a_fifth_too_long(times_ms, share):
    rank = max(1, -(-len(times_ms) * round(share * 100) // 100))
    true = sorted(times_ms)[rank - 1]
    named = spread(times_ms).percentile_ms(share)
    assert true <= named <= max(true * 1.2, EDGES_MS[0])


@given(times, times)
def test_parts_of_many_processes_add_up(one, other):
    assert spread_of([spread(one), spread(other)]) == spread(one + other)


def test_nothing_and_too_long_are_said_so():
    assert spread_of([]).percentile_ms(0.99) == 0
    assert spread([60_000]).percentile_ms(0.5) == float("inf")
    assert spread_of([Spread((), 2), Spread((), 3)]).turned_away == 5


@pytest.mark.parametrize("step", range(STEPS - 2))
def test_steps_are_a_fourth_root_of_two(step):
    assert EDGES_MS[step + 1] / EDGES_MS[step] == pytest.approx(2**0.25)
