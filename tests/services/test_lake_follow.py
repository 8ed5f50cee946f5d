"""The worker keeps the lake seconds behind, and goes on after trouble."""

import threading
import time
from dataclasses import replace

import pytest

from pos_engine.lake.folder import LakeFullError
from pos_engine.lake.state import load_state
from pos_engine.services import lake_follow
from pos_engine.services.lake_follow import Follower
from pos_engine.services.lake_write import Consumer
from tests.lakes import agrees, rows, with_lake
from tests.returning import buy
from tests.world import rice

LAG_S_MAX = 5.0
HOUSEKEEPING_S_MAX = 60.0


@pytest.fixture
def kind():
    return "sqlite"


@pytest.fixture
def engine(engine, tmp_path):
    return with_lake(engine, tmp_path)


def test_a_purchase_is_there_within_seconds(engine, world):
    end = lake_follow.start(engine)
    try:
        time.sleep(1.0)  # it found nothing and rests
        name = buy(engine, world, rice(100))
        began = time.monotonic()
        asked = f"SELECT COUNT(*) FROM purchases WHERE purchase_id = '{name}'"  # noqa: S608
        while rows(engine.lake, asked) != [(1,)]:
            assert time.monotonic() - began < LAG_S_MAX
            time.sleep(0.1)
    finally:
        end()
    assert "lake" not in {each.name for each in threading.enumerate()}


def test_its_housekeeping_merges_and_counts(engine, world, clock, monkeypatch):
    for each in ("COMPACT_EVERY_S", "COUNT_EVERY_S"):
        monkeypatch.setattr(lake_follow, each, 0.0)
    follower = Follower(engine)
    buy(engine, world, rice(100))
    follower.step()
    buy(engine, world, rice(100))
    clock.advance(days=3)
    until = time.monotonic() + HOUSEKEEPING_S_MAX
    while time.monotonic() < until:  # each file is made apart
        follower.step()
        state = load_state(engine.lake)
        if len(state.of("purchases")) == 1 and state.of("answers_hourly"):
            break
        time.sleep(0.01)
    follower.close()
    assert len(state.of("purchases")) == 1
    assert {each.dataset for each in state.files.values()} >= {"prices_daily", "outcomes_daily"}
    assert agrees(engine)


def test_trouble_is_told_and_tried_again(engine, world, monkeypatch):
    buy(engine, world, rice(100))
    follower = Follower(engine)
    with monkeypatch.context() as patch:

        def full(_self):
            raise LakeFullError("No room.")

        patch.setattr(Consumer, "round", full)
        assert lake_follow._one(follower) == lake_follow.TROUBLE_WAIT_S
    assert lake_follow._one(follower) in (0.0, lake_follow.LOOK_EVERY_S)
    rival = Follower(engine)
    assert lake_follow._one(rival) == lake_follow.BUSY_WAIT_S
    follower.close()
    assert lake_follow._one(rival) == lake_follow.LOOK_EVERY_S
    rival.close()
    assert agrees(engine)


def test_without_a_folder_nobody_follows(engine):
    lake_follow.start(replace(engine, lake=None))()
