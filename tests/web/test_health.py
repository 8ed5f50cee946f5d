"""Alive and ready are two questions: each fault makes an engine not ready, and alive it stays."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from pos_engine.services.audit import close_finished, seal_pending
from pos_engine.store.database import Database, UnavailableError
from pos_engine.store.group_commit import WAITING_MAX, GroupCommit
from pos_engine.store.readiness import known_revisions, look
from tests.web.conftest import a_body, a_path

CHECKS = {"database", "schema", "clock", "queue", "catalogue", "matcher"}


def ready(client):
    """What is said now; the answer of before is forgotten."""
    if hasattr(client.app.state, "readiness"):
        del client.app.state.readiness
    answer = client.get("/health/ready")
    return answer.status_code, answer.json()["checks"]


def test_a_good_engine_is_alive_and_ready(client):
    assert client.get("/health/live").json() == {"status": "ok"}
    status, checks = ready(client)
    assert (status, checks) == (200, dict.fromkeys(CHECKS, "ok"))
    assert client.get("/health").json()["status"] == "ok"


def test_a_database_that_takes_no_writes_is_not_ready_and_the_process_is_alive(client, monkeypatch):
    @contextmanager
    def gone(_database):
        raise UnavailableError
        yield

    monkeypatch.setattr(Database, "begin", gone)
    status, checks = ready(client)
    assert (status, checks["database"]) == (503, "failed")
    assert client.get("/health/ready").headers["retry-after"]
    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    ("revision", "said", "status"), [("0001", "older", 503), ("9999", "newer", 200)]
)
def test_an_older_schema_is_not_ready_and_a_newer_one_is(client, engine, revision, said, status):
    with engine.database.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    found, checks = ready(client)
    assert (found, checks["schema"]) == (status, said)


def test_a_full_queue_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(GroupCommit, "waiting", property(lambda _: WAITING_MAX))
    status, checks = ready(client)
    assert (status, checks["queue"]) == (503, "full")


def test_a_clock_before_the_record_is_not_ready(client, clock, engine, cashier, world):
    cashier.put(a_path(), json=a_body(world))
    clock.advance(days=2)
    while seal_pending(engine).more:
        pass
    close_finished(engine)
    assert ready(client)[0] == 200
    clock.at -= timedelta(days=400)
    status, checks = ready(client)
    assert (status, checks["clock"]) == (503, "failed")


def test_a_matcher_that_is_away_is_told_and_cards_go_on(client, engine, monkeypatch):
    monkeypatch.setattr(type(engine.matcher), "running", lambda _: False)
    status, checks = ready(client)
    assert (status, checks["matcher"]) == (200, "failed")


def test_probes_do_not_ask_the_database_each_time(client, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "pos_engine.web.health.look", lambda database: asked.append(1) or look(database)
    )
    for _ in range(20):
        client.get("/health/ready")
    assert len(asked) < 20


def test_the_migrations_are_known_newest_first():
    assert list(known_revisions()) == sorted(known_revisions(), reverse=True)
