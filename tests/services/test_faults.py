"""Faults in each step of a purchase, and the database gone again and again under load.

The long forms, with processes that are killed and disks that are full, are in tests/proof.
"""

import json
import threading
import time

import psycopg
import pytest
from sqlalchemy import event, text

from pos_engine.services import record
from pos_engine.services.authorize import Answer, authorize, decide_together
from pos_engine.services.prove import check_ledger
from pos_engine.store import attempts, ledger, outbox, proofs, purchases
from pos_engine.store import database as store
from pos_engine.store.database import ConflictError, UnavailableError
from tests.sealing import faults, seal_all
from tests.world import BALANCE, a_purchase, make_engine, rice

STEPS = {
    "claims and purchases": (purchases, "record"),
    "debit": (ledger, "spend"),
    "postings": (ledger, "post"),
    "tokens": (proofs, "use_tokens"),
    "codes": (proofs, "use_codes"),
    "notices": (outbox, "add_events"),
    "failed proofs": (attempts, "add_attempts"),
    "tries": (proofs, "set_pin_tries"),
    "all written": (record, "write_cases"),
}
TILLS = 16
TROUBLE_S = 1.5


class KilledError(BaseException):
    """Stands for kill -9 of the engine: nothing may catch it."""


def left(engine, kpm_id):
    with engine.database.read() as tx:
        return sum(each.left for each in ledger.tranches_of(tx, kpm_id, lock=False))


def once(engine, world, request):
    """Sent again it is answered, debited once, and the books and the chain are whole."""
    body = json.loads(authorize(engine, request).body)
    assert body["status"] == "APPROVED"
    assert authorize(engine, request) == Answer(authorize(engine, request).body)
    assert left(engine, world.kpm_id) == BALANCE - body["amount"]
    assert check_ledger(engine).good
    seal_all(engine)
    assert faults(engine) == []


def kill_connections(url):
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def fault_after(patch, step, act):
    module, name = STEPS[step]
    real = getattr(module, name)

    def faulty(*arguments):
        real(*arguments)
        act()

    for place in (module, record):  # wherever it is called by
        if hasattr(place, name):
            patch.setattr(place, name, faulty)
    if name == "write_cases":
        patch.setattr("pos_engine.services.authorize.write_cases", faulty)


@pytest.mark.parametrize("step", STEPS)
def test_an_engine_killed_after_a_step_leaves_nothing(engine, world, prepared, monkeypatch, step):
    def dies():
        raise KilledError

    request = a_purchase(world)
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        fault_after(patch, step, dies)
        engine.database.transact(lambda tx: decide_together(tx, engine, [request]))
    assert left(engine, world.kpm_id) == BALANCE
    later = make_engine(prepared[0], engine.keys, engine.now)
    once(later, world, request)
    later.close()


def test_an_engine_killed_between_commit_and_answer_has_sold_once(engine, world):
    request = a_purchase(world)
    engine.database.transact(lambda tx: decide_together(tx, engine, [request]))
    once(engine, world, request)


class TestPostgres:
    @pytest.fixture(params=["postgres"])
    def kind(self, request):
        return request.param

    @pytest.mark.parametrize("step", STEPS)
    def test_a_connection_killed_after_a_step_is_503_and_sold_once(
        self, engine, world, prepared, monkeypatch, step
    ):
        request = a_purchase(world)
        with monkeypatch.context() as patch, pytest.raises(UnavailableError):
            fault_after(patch, step, lambda: kill_connections(prepared[0]))
            authorize(engine, request)
        once(engine, world, request)

    def test_a_connection_killed_after_the_commit_leaves_one_sale(
        self, engine, world, prepared, monkeypatch
    ):
        """The commit was done and nobody heard of it: the same request finds its answer."""
        request, real = a_purchase(world), engine.database.begin

        def unheard():
            raise UnavailableError

        with monkeypatch.context() as patch, pytest.raises(UnavailableError):
            patch.setattr(
                engine.database,
                "transact",
                lambda work: (_in(real, work), kill_connections(prepared[0]), unheard()),
            )
            authorize(engine, request)
        assert _until_told(engine, request, [])  # a connection that was cut says so once
        once(engine, world, request)

    def test_connections_cut_under_load_lose_and_double_nothing(self, engine, world, prepared):
        told, stop, wrong = {}, threading.Event(), []

        def till():
            while not stop.is_set():
                request = a_purchase(world, rice(100))
                told[request.purchase_id] = (request, _until_told(engine, request, wrong))

        tills = [threading.Thread(target=till) for _ in range(TILLS)]
        for each in tills:
            each.start()
        until = time.monotonic() + TROUBLE_S
        while time.monotonic() < until:
            time.sleep(0.15)
            kill_connections(prepared[0])
        stop.set()
        for each in tills:
            each.join()
        assert wrong == []
        bought = 0
        for request, body in told.values():
            assert authorize(engine, request).body == body
            bought += json.loads(body)["amount"] * ("APPROVED" in body)
        assert left(engine, world.kpm_id) == BALANCE - bought
        assert check_ledger(engine).good

    @pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
    def test_what_asks_for_a_retry_is_retried(self, engine, world, monkeypatch, sqlstate):
        real, calls = ledger.spend, []

        def fails(tx, spendings):
            calls.append(1)
            if len(calls) <= 3:
                raises(tx, sqlstate)
            real(tx, spendings)

        request = a_purchase(world)
        with monkeypatch.context() as patch:
            patch.setattr(ledger, "spend", fails)
            authorize(engine, request)
        assert len(calls) == 4
        once(engine, world, request)

    @pytest.mark.parametrize("sqlstate", ["25006", "53100", "53300", "57P01", "57P03"])
    def test_a_server_that_cannot_write_now_is_503(self, engine, sqlstate):
        with pytest.raises(UnavailableError):
            engine.database.transact(lambda tx: raises(tx, sqlstate))

    def test_a_fault_of_ours_is_no_503(self, engine):
        with pytest.raises(Exception, match="42501") as caught:
            engine.database.transact(lambda tx: raises(tx, "42501"))
        assert not isinstance(caught.value, UnavailableError)


def _in(begin, work):
    with begin() as tx:
        return work(tx)


def raises(tx, sqlstate):
    tx.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{sqlstate}'; END $$"))


def _until_told(engine, request, wrong):
    while True:
        try:
            return authorize(engine, request).body
        except UnavailableError:
            time.sleep(0.01)
        except Exception as error:  # noqa: BLE001 - whatever it is, no till should see it
            wrong.append(repr(error))
            return ""


def test_retries_wait_longer_each_time_and_never_the_same(engine, monkeypatch):
    """Full jitter: anything below a bound that doubles, or rivals meet again and again."""
    asked, slept = [], []
    monkeypatch.setattr(store.random, "uniform", lambda low, high: asked.append((low, high)) or 0.0)
    monkeypatch.setattr(store.time, "sleep", slept.append)

    def conflict(_tx):
        raise ConflictError

    with pytest.raises(ConflictError):
        engine.database.transact(conflict)
    assert [low for low, _ in asked] == [0, 0, 0, 0]
    highs = [high for _, high in asked]
    assert highs == sorted(set(highs))
    assert highs[-1] <= store.RETRY_PAUSE_S_MAX
    assert len(slept) == store.RETRIES_MAX - 1


class TestFullDisk:
    @pytest.fixture(params=["sqlite"])
    def kind(self, request):
        return request.param

    def test_a_full_disk_is_503_and_the_same_request_works_when_there_is_room(self, engine, world):
        """SQLite may not grow: what is true of a disk without a byte left."""
        request, pool = a_purchase(world), engine.database._engine

        def no_room(connection, _record, _proxy):
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

        event.listen(pool, "checkout", no_room)
        sold = 0
        with pytest.raises(UnavailableError):
            for _ in range(200):
                authorize(engine, a_purchase(world, rice(100)))
                sold += 1
        with pytest.raises(UnavailableError):
            for _ in range(20):
                authorize(engine, a_purchase(world, rice(100)))
                sold += 1
        event.remove(pool, "checkout", no_room)
        with pool.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
        assert json.loads(authorize(engine, request).body)["status"] in {"APPROVED", "DECLINED"}
        assert check_ledger(engine).good
        seal_all(engine)
        assert faults(engine) == []
