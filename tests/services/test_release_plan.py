"""The planner over a real registry: counts in, calendar and CSV out, nothing stored."""

from datetime import date

import pytest

from pos_engine.rules.release_plan import Terms
from pos_engine.services.install import Refused
from pos_engine.services.release_plan import (
    CALENDAR_COLUMNS,
    Asked,
    as_csv,
    calendar_rows,
    capacity_seen,
    make_release,
    queue_rows,
)


@pytest.fixture
def kind():
    """The statements run on PostgreSQL in test_complaint_store."""
    return "sqlite"


def test_a_small_world_is_released_on_its_first_day(engine, world):
    made = make_release(engine, Asked(date(2026, 12, 1), Terms(300.0), "35.07"))
    assert made.families == 2
    text = "".join(as_csv(CALENDAR_COLUMNS, calendar_rows(made))).splitlines()
    assert text[0] == "day,region,name,families,tight"
    assert text[1].startswith("2026-12-01,35.07.13,")
    assert text[1].endswith(",2,False")
    assert made.shops == {world.shop_id: "Warung Bu Sri"}
    # a shop that is open one hour and takes an hour for a family lets the other one wait
    slow = make_release(engine, Asked(date(2026, 12, 1), Terms(300.0, 8, 9, 3600, queue_max=1)))
    assert all(row["shop"] == "Warung Bu Sri" for row in queue_rows(slow))
    assert capacity_seen(engine) == 0


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Asked(date(2026, 12, 1), Terms(0.0)), "capacity"),
        (Asked(date(2026, 12, 1), Terms(1.0), None, "rt"), "level"),
        (Asked(date(2026, 12, 1), Terms(1.0), "99"), "region"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(engine, asked, field):
    made = make_release(engine, asked)
    assert isinstance(made, Refused)
    assert made.field == field


def test_a_page_does_not_plan_a_nation(engine):
    made = make_release(engine, Asked(date(2026, 12, 1), Terms(1.0)), shops_max=0)
    assert made.field == "shops"
