"""Decide a shard's month again: purchases a second of one core, and what a nation's month takes.

    PYTHONPATH=. python benchmarks/bench_replay.py [--families 1000] [--each 10] [--kind sqlite]

All families live in one shard, as full as the nation's (18.8 million purchases in 1,024 shards are
18,359 each). Seconds are the process's own, so that what else runs on the machine does not count;
the wall's stand beside them. The baseline of the same sitting is the rules alone: the same baskets
judged and decided without reading, writing out or comparing a byte.
"""

import argparse
import itertools
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks import payday
from benchmarks.bench_core import opened
from catalog.price_book import Action
from pos_engine.engine import Engine
from pos_engine.rules.decision import Facts, decide
from pos_engine.rules.ids import SHARDS, shard_of
from pos_engine.services.authorize import decide_together
from pos_engine.services.replay import Found, Period, Replayer
from pos_engine.services.replay_rule import Rule
from pos_engine.store import ledger
from tests.world import NOW, World, rice

SHARD, NATION = 7, 18_800_000
AT_ONCE = 64
DEAR = 8  # one basket of so many asks too much for rice
PERIOD = Period(date(2026, 11, 1), date(2026, 11, 30))


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it came to, seconds of this process, seconds of the wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = work()
    return found, time.process_time() - cpu, time.perf_counter() - wall


def sell(engine: Engine, world: World, families: int, each: int) -> int:
    """A month of one shard: everybody buys, some at a price that is refused."""
    others = range(payday.FAMILIES, families * SHARDS * 2)  # those before live everywhere
    numbers = [n for n in others if shard_of(f"B-{n}") == SHARD][:families]
    chance = random.Random(20261122)  # noqa: S311 - a mix of payers, no secret
    with engine.database.begin() as tx:
        for number in numbers:
            payday._settle(tx, engine, world, number)  # noqa: SLF001 - of the same suite
    place, sold = (world.shop_id, world.till_id), 0
    for turn in range(each):
        at = NOW + timedelta(minutes=10 * turn)
        moving = replace(engine, now=lambda at=at: at)
        with engine.database.begin() as tx:
            requests = [
                payday._purchase(tx, moving, world, "card", n, at, place)  # noqa: SLF001
                for n in chance.sample(numbers, len(numbers))
            ]
        requests[::DEAR] = [
            replace(asked, lines=(rice(5000, 14_000), *asked.lines[1:]))
            for asked in requests[::DEAR]
        ]
        for start in range(0, len(requests), AT_ONCE):
            some = requests[start : start + AT_ONCE]
            engine.database.transact(
                lambda tx, moving=moving, some=some: decide_together(tx, moving, some)
            )
        sold += len(requests)
    return sold


def rules_alone(engine: Engine, count: int) -> None:
    """The baseline: the same baskets through the pure rules."""
    with engine.database.read() as tx:
        catalogue = engine.catalogue(tx)
        row = tx.exec_driver_sql("SELECT kpm_id FROM wallet WHERE kpm_id LIKE 'B-%' LIMIT 1").one()
        tranches = ledger.tranches_of(tx, row[0], lock=False)
    market = engine.market(catalogue, "35.07", NOW.date())
    for _ in itertools.repeat(None, count):
        decide(payday.LINES, Facts(market, (), proven=True, tranches=tranches))


def tell(name: str, count: int, cpu_s: float, wall_s: float) -> None:
    rate = count / cpu_s
    month = NATION / rate / 60
    print(
        f"   {name:24} {rate:8.0f}/s of one core ({wall_s:.1f} s wall, {cpu_s:.1f} s cpu); "
        f"{NATION / 1e6:.1f} M: {month:.1f} core minutes, {month / 2:.1f} min on two cores"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--families", type=int, default=1_000)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--kind", default="sqlite", choices=["sqlite", "postgres"])
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="ew"))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {len(payday.LINES)} lines")
    with opened(chosen.kind, folder) as (engine, world, _url):
        count = sell(engine, world, chosen.families, chosen.each)
        print(f"{count} purchases of {chosen.families} families in one shard of {chosen.kind}")
        _, cpu_s, wall_s = timed(lambda: rules_alone(engine, count))
        tell("rules alone (baseline)", count, cpu_s, wall_s)
        for name, rule in (("byte for byte", Rule()), ("CAP for DECLINE", Rule(mode=Action.CAP))):
            replayer = Replayer(engine, PERIOD, rule)
            found: Found
            found, cpu_s, wall_s = timed(lambda of=replayer: of.shard(SHARD))
            assert found.purchases == count, found.purchases
            assert not found.differences, found.differences[:3]
            tell(name, count, cpu_s, wall_s)
        print(f"   under CAP: {found.total}")
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
