"""A short form of the kill proof: a disbursement dies at each commit; its disk has no room left."""

from dataclasses import replace

import pytest
from sqlalchemy import event, insert

from pos_engine.rules.ids import shard_of
from pos_engine.services import disburse, disburse_chunks
from pos_engine.services.prove import check_ledger
from pos_engine.store.database import UnavailableError
from pos_engine.store.schema import family
from tests.services.test_disburse import (
    FAMILIES,
    a_file,
    an_order,
    equal,
    families,  # noqa: F401 - a fixture
    left,
    small_chunks,  # noqa: F401 - a fixture
)


class KilledError(BaseException):
    """Stands for kill -9: nothing may catch it."""


class DyingDatabase:
    """The database, which dies at the n-th write: inside the transaction, or right after it."""

    def __init__(self, real, at, *, inside):
        self.real, self.left, self.inside = real, at, inside

    def __getattr__(self, name):
        return getattr(self.real, name)

    def transact(self, work):
        self.left -= 1
        if self.left or not self.inside:
            result = self.real.transact(work)
            if not self.left:
                raise KilledError
            return result

        def dies(tx):
            work(tx)
            raise KilledError

        return self.real.transact(dies)


def whole(engine):
    """Everything from the file to the money, as an operator would say it again after a crash."""
    run_id = disburse.stage(engine, a_file(equal(FAMILIES)), an_order(), "maker")
    assert isinstance(run_id, str), run_id
    done = disburse.approve(engine, run_id, "checker")
    assert done.left == 0
    return run_id


@pytest.mark.parametrize("inside", [True, False])
def test_killed_at_each_write_nothing_is_lost_or_doubled(engine, families, inside):  # noqa: F811

    deaths = 0
    for at in range(1, 20):
        try:
            whole(replace(engine, database=DyingDatabase(engine.database, at, inside=inside)))
        except KilledError:
            deaths += 1
            continue
        break
    assert deaths >= 2
    whole(engine)
    assert left(engine, FAMILIES) == [100_000] * 5
    assert check_ledger(engine).good


class TestFullDisk:
    MANY = tuple(f"FULL-{number:05d}" for number in range(3_000))

    @pytest.fixture
    def kind(self):
        """SQLite may be told not to grow: what is true of a disk without a byte left."""
        return "sqlite"

    def test_what_was_credited_stays_and_the_rest_follows_when_there_is_room(
        self, engine, world, monkeypatch
    ):
        monkeypatch.setattr(disburse, "CHUNK_ROWS", {"sqlite": 500})
        monkeypatch.setattr(disburse_chunks, "PAUSE_S_MAX", 0.0)
        row = {"region": "35.07.13.2001", "home_shop_id": world.shop_id, "status": "ACTIVE"}
        rows = [
            row | {"shard": shard_of(each), "kpm_id": each, "created_at": engine.now()}
            for each in self.MANY
        ]
        with engine.database.begin() as tx:
            tx.execute(insert(family), rows)
        count, total = len(self.MANY), len(self.MANY) * 100_000
        order = an_order(count, total)
        run_id = disburse.stage(engine, a_file(equal(self.MANY)), order, "maker")
        assert isinstance(run_id, str), run_id
        pool = engine.database._engine

        with pool.connect() as connection:
            room = [connection.exec_driver_sql("PRAGMA page_count").scalar_one() + 60]

        def so_much_room(connection, _record, _proxy):
            connection.execute(f"PRAGMA max_page_count = {room[0]}")

        event.listen(pool, "checkout", so_much_room)
        with pytest.raises(UnavailableError):
            disburse.approve(engine, run_id, "checker")
        room[0] = 1_073_741_823
        assert disburse.overview(engine, run_id).tally.chunks_left > 0
        assert check_ledger(engine).good
        done = disburse.approve(engine, run_id, "checker")
        assert (done.total, done.left) == (total, 0)
        assert check_ledger(engine).good
