"""Small counts of public tables: hidden, also from whoever can subtract."""

from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.suppression import SMALL, Hidden, hidden_rows, rounded


def test_a_small_row_takes_the_next_one_with_it():
    rows = [[3, 9], [100, 200], [50, 60], [0, 0]]
    assert hidden_rows(rows) == Hidden(frozenset({0, 2}))


def test_nothing_small_hides_nothing_and_nobody_is_not_small():
    assert hidden_rows([[5, 8], [0, 0], [70, 90]]) == Hidden(frozenset())
    assert hidden_rows([]) == Hidden(frozenset())


def test_without_another_row_to_hide_the_totals_go():
    assert hidden_rows([[3, 3]]) == Hidden(frozenset({0}), totals=True)
    assert hidden_rows([[1, 1], [2, 2], [0, 0]]) == Hidden(frozenset({0, 1}), totals=True)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12))
def test_totals_less_the_shown_rows_never_give_a_small_count_or_one_row(rows):
    found = hidden_rows(rows)
    shown = [row for place, row in enumerate(rows) if place not in found.rows]
    assert not any(0 < count < SMALL for row in shown for count in row)
    if found.rows and not found.totals:
        assert len(found.rows) >= 2
        for column in range(2):
            secret = sum(row[column] for row in rows) - sum(row[column] for row in shown)
            assert secret == 0 or secret >= SMALL


def test_running_months_are_rounded_to_fives():
    assert [rounded(count) for count in (0, 2, 3, 7, 8, 12)] == [0, 0, 5, 5, 10, 10]
