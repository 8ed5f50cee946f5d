"""Answer times: written every few seconds, forgotten after a month, never in the way of a sale."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pos_engine.store.database import UnavailableError
from pos_engine.store.latencies import KEPT, WRITE_EVERY, Latencies, between
from pos_engine.store.schema_latency import answer_latency


@pytest.fixture
def latencies(engine, clock):
    return Latencies(engine.database, clock)


def rows(engine):
    with engine.database.read() as tx:
        return tx.execute(select(func.count()).select_from(answer_latency)).scalar_one()


def test_written_when_it_is_time(engine, clock, latencies):
    began = clock()
    latencies.answered([0.004, 0.004, 0.3])
    latencies.write()
    assert rows(engine) == 0
    clock.advance(seconds=WRITE_EVERY.seconds)
    latencies.turned_away()
    latencies.write()
    latencies.write()
    assert rows(engine) == 1
    with engine.database.read() as tx:
        spread = between(tx, began, clock())
        assert between(tx, clock() + timedelta(seconds=1), clock() + KEPT).answers == 0
    assert (spread.answers, spread.turned_away) == (3, 1)
    assert 4 <= spread.percentile_ms(0.5) < 5
    assert 300 <= spread.percentile_ms(0.99) < 360


def test_nothing_measured_writes_nothing(engine, clock, latencies):
    clock.advance(hours=1)
    latencies.write()
    latencies.write(due_only=False)
    assert rows(engine) == 0


def test_older_than_a_month_is_forgotten(engine, clock, latencies):
    for _ in range(2):
        latencies.answered([0.1])
        clock.advance(days=KEPT.days, seconds=1)
        latencies.write()
    assert rows(engine) == 1


def test_a_database_that_is_gone_costs_counts_and_nothing_else(clock):
    class Gone:
        def transact(self, _work):
            raise UnavailableError

    latencies = Latencies(Gone(), clock)
    latencies.answered([0.1])
    clock.advance(minutes=1)
    latencies.write()
