"""Thousands of schedules against the rules: nothing is overspent, each envelope has one outcome."""

from collections import Counter
from dataclasses import replace

import pytest

from pos_engine.rules import offline
from pos_engine.rules.allowances import AllowanceState
from pos_engine.rules.offline import Outcome, Place
from tests.offline_schedules import PureServer, Schedule

FAMILIES = {"KPM-1": 200_000, "KPM-2": 150_000, "KPM-3": 60_000, "KPM-4": 400_000}
DEVICES = ["tablet-1", "tablet-2", "tablet-3"]
EACH_TIME, PROOF = 2_000, 100_000


def run(seed: int) -> PureServer:
    server = PureServer(FAMILIES)
    Schedule(server, seed, list(FAMILIES), DEVICES).run()
    return server


def test_two_thousand_schedules():
    met: Counter[Outcome] = Counter()
    for seed in range(EACH_TIME):
        met.update(run(seed).outcomes.values())
    assert sum(met.values()) > 3 * EACH_TIME
    wanted = set(Outcome) - {Outcome.DISPUTED, *offline.WAITING}
    assert {each for each in wanted if met[each] > 50} == wanted


@pytest.mark.proof
def test_a_hundred_thousand_schedules():
    met: Counter[Outcome] = Counter()
    for seed in range(EACH_TIME, EACH_TIME + PROOF):
        met.update(run(seed).outcomes.values())
    assert sum(met.values()) > PROOF


def caught(schedules: int = 200) -> bool:
    """Does any of these schedules see that something is wrong."""
    for seed in range(schedules):
        try:
            run(seed)
        except AssertionError:
            return True
    return False


def test_a_forgotten_amount_is_caught(monkeypatch):
    monkeypatch.setattr(offline, "_above", lambda claim, permit: False)
    assert caught()


def test_a_fork_that_is_paid_is_caught(monkeypatch):
    real = offline.place_of

    def blind(link, chain, near):
        found = real(link, chain, near)
        return Place.NEXT if found is Place.FORK else found

    monkeypatch.setattr(offline, "place_of", blind)
    assert caught()


def test_a_recall_that_is_ignored_is_caught(monkeypatch):
    real = offline.judge

    def forgetful(claim, permit):
        if permit and permit.state is AllowanceState.RECALLED:
            permit = replace(permit, state=AllowanceState.LIVE, left=permit.amount_max)
        return real(claim, permit)

    monkeypatch.setattr(offline, "judge", forgetful)
    assert caught()


def test_an_allowance_of_another_device_that_pays_is_caught(monkeypatch):
    """What is left of an ended allowance never pays twice."""
    real = offline.judge

    def generous(claim, permit):
        if permit and permit.state is AllowanceState.ENDED:
            permit = replace(permit, state=AllowanceState.LIVE, left=permit.amount_max)
            claim = replace(claim, received_at=permit.not_after)
        return real(claim, permit)

    monkeypatch.setattr(offline, "judge", generous)
    assert caught()
