"""A short form of the kill proof: a real consumer dies twice while a shop goes on selling."""

import random
import subprocess
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from pos_engine.keys import create_key_file
from pos_engine.services.audit import seal_pending
from tests.lakes import a_day_of_everything, agrees, rows, with_lake, write
from tests.returning import buy
from tests.world import NOW, Clock, credit, make_engine, rice

ROOT = Path(__file__).parents[2]
SEED = 20261122
SOLD_MEANWHILE = 17  # by `shop_goes_on`


class Victim:
    """The consumer's process, again and again."""

    def __init__(self, url, keys, lake):
        self.command = [sys.executable, "-m", "tests.lake_victim", url, str(keys), str(lake)]

    def live(self, seconds, meanwhile):
        """Let it live so long after it is ready; kill it; was it in the middle of its work."""
        process = subprocess.Popen(
            self.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
        ends = time.monotonic() + seconds
        meanwhile()
        time.sleep(max(0.0, ends - time.monotonic()))
        assert process.poll() is None, process.communicate()[1]
        process.kill()
        return "idle" not in process.communicate()[0]


@pytest.fixture
def kind():
    return "sqlite"


def killed_so_often(kills, prepared, keys, folder):
    """Kill it, write the rest, look; how many purchases, and deaths in the middle of work."""
    url, world = prepared
    create_key_file(folder / "keys.json")  # of pseudonyms alone: no sum depends on them
    clock = Clock()
    engine = with_lake(make_engine(url, keys, clock), folder)
    chance, sold, busy = random.Random(SEED), 0, 0
    victim = Victim(url, folder / "keys.json", folder / "lake")
    for at in range(kills):
        credit(engine, {world.kpm_id: 2_000_000}, period=f"{2030 + at // 12}-{at % 12 + 1:02d}")
        clock.at = NOW + timedelta(hours=at)
        busy += victim.live(chance.uniform(0.1, 0.8), partial(shop_goes_on, engine, world, at))
        sold += SOLD_MEANWHILE
    write(engine)
    assert agrees(engine)
    counts = "SELECT COUNT(*) FILTER (line <= 0), COUNT(DISTINCT purchase_id) FROM purchases"
    assert rows(folder / "lake", counts) == [(sold, sold)]
    engine.close()
    return sold, busy


def shop_goes_on(engine, world, at):
    for _ in range(10):
        buy(engine, world, rice(100))
    a_day_of_everything(engine, world)
    if at % 2:
        seal_pending(engine)


def test_killed_at_random_moments_each_fact_is_there_once(prepared, keys, tmp_path):
    killed_so_often(2, prepared, keys, tmp_path)
