"""Three days of refused prices become one page for the officer; she says yes or why not."""

from dataclasses import replace
from datetime import date

import pytest

from catalog.price_book import Action
from pos_engine.rules.ids import new_uuid7
from pos_engine.services import ceiling_proposals, ceilings
from pos_engine.services.ceiling_look import DayOfGood
from pos_engine.services.install import Refused
from pos_engine.store.announce import Kind
from pos_engine.store.audit_rows import orphans
from tests.services.test_ceilings import people

HERE, RICE = "35.07", "BERAS-MEDIUM"
DAYS = (18, 19, 20)  # the clock stands on the 21st


@pytest.fixture
def kind():
    return "sqlite"


def day(number, attempts=100, refused=30, regency=HERE):
    return DayOfGood(
        date(2026, 11, number), regency, RICE, "Beras medium", attempts, refused, 14_000, 13_500
    )


@pytest.fixture
def seen(monkeypatch):
    days = [day(number) for number in DAYS]
    monkeypatch.setattr(ceiling_proposals, "attempts_of", lambda *_: days)
    return days


def one(engine):
    [found] = ceiling_proposals.list_proposals(engine, HERE)
    return found


def test_three_days_make_one_proposal_and_no_second_one(engine, world, seen, clock):
    assert ceiling_proposals.make_proposals(engine) == 1
    assert ceiling_proposals.make_proposals(engine) == 0
    found = one(engine)
    assert (found.proposal.first_day, found.proposal.last_day) == (seen[0].day, seen[-1].day)
    assert found.days[-1] == {
        "day": "2026-11-20", "attempts": 100, "refused": 30, "share": 0.3, "asked": 14_000,
        "ceiling": 13_500,
    }  # fmt: skip
    assert ceiling_proposals.list_proposals(engine, "94") == []


@pytest.mark.parametrize(
    "changed", [{"refused": 20}, {"attempts": 10, "refused": 9}, {"number": 10}]
)
def test_a_calm_or_small_day_makes_none(engine, world, seen, changed):
    number = changed.pop("number", 19)
    seen[1] = day(number, **changed)
    assert ceiling_proposals.make_proposals(engine) == 0


def test_yes_makes_a_draft_that_two_people_sign_and_that_ends_by_itself(engine, world, seen):
    ceiling_proposals.make_proposals(engine)
    name, act, who = one(engine).proposal.proposal_id, new_uuid7(engine.now()), people(world)[0]
    made = ceiling_proposals.accept(engine, act, name, who, Action.CAP, 30, "pasar naik")
    draft = made.draft
    assert (draft.rupiah, draft.action, draft.scope_code) == (13_500, "CAP", HERE)
    assert (draft.valid_to - draft.valid_from).days == 29
    assert ceiling_proposals.accept(engine, act, name, who, Action.CAP, 30, "pasar naik") == made
    assert one(engine).answer.draft_id == act
    assert ceiling_proposals.decline(engine, name, who, "tidak").field == "answered"
    assert not isinstance(ceilings.sign(engine, new_uuid7(engine.now()), act, who), Refused)
    with engine.database.read() as tx:
        assert list(orphans(tx, Kind.CEILING_ANSWER)) == []


def test_no_needs_a_reason_and_stands(engine, world, seen):
    ceiling_proposals.make_proposals(engine)
    name, who = one(engine).proposal.proposal_id, people(world)
    assert ceiling_proposals.decline(engine, name, who[0], " ").field == "reason"
    done = ceiling_proposals.decline(engine, name, who[0], "operasi pasar besok")
    assert done.answer.reason == "operasi pasar besok"
    assert ceiling_proposals.decline(engine, name, who[0], "operasi pasar besok") == done
    assert ceiling_proposals.decline(engine, name, who[1], "lain").field == "answered"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mode": Action.DECLINE}, "mode"),
        ({"days": 31}, "days"),
        ({"name": "?"}, "proposal"),
        ({"who": "nobody"}, "officer"),
    ],
)
def test_what_does_not_fit(engine, world, seen, changes, field):
    ceiling_proposals.make_proposals(engine)
    asked = {
        "act": new_uuid7(engine.now()),
        "name": one(engine).proposal.proposal_id,
        "who": people(world)[0],
        "mode": Action.FLAG,
        "days": 30,
    } | changes
    done = ceiling_proposals.accept(engine, *asked.values(), "pasar naik")
    assert done.field == field


def test_an_officer_of_elsewhere_answers_nothing(engine, world, seen):
    seen[:] = [replace(each, regency="94.01") for each in seen]
    ceiling_proposals.make_proposals(engine)
    [found] = ceiling_proposals.list_proposals(engine, None)
    name = found.proposal.proposal_id
    assert ceiling_proposals.decline(engine, name, people(world)[0], "x").field == "officer"
