"""Sealing: nothing twice, nothing forgotten, a chain that goes on after anything."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, insert, select, update

from pos_engine import worker
from pos_engine.rules.audit import ROW_FORMAT
from pos_engine.rules.ids import shard_of
from pos_engine.rules.merkle import NO_HASH
from pos_engine.services import audit, disburse
from pos_engine.services.audit import NotClosed, close_day, close_finished, seal_pending
from pos_engine.services.audit_verify import verify
from pos_engine.store import audit as store
from pos_engine.store.announce import Kind, announce
from pos_engine.store.audit_sources import CLAIM, NOT_SEALED, PAYOUT_ITEM, SOURCES
from pos_engine.store.schema import disbursement_run, posting, purchase, purchase_claim
from pos_engine.store.schema_audit import audit_leaf, audit_pending, audit_seal
from pos_engine.store.schema_disbursement import disbursement_event
from pos_engine.store.schema_settlement import payout_item
from tests.sealing import TODAY, close, faults, seal_all, sell
from tests.world import PIN, CardProof, credit


def count(engine, table):
    with engine.database.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def kinds(engine):
    with engine.database.read() as tx:
        return set(tx.execute(select(audit_leaf.c.kind)).scalars())


def test_the_newest_format_names_every_column():
    """A new column needs a new format, or nobody notices when it is altered."""
    sealed = [
        (source.table, (*source.columns[ROW_FORMAT], *NOT_SEALED.get(kind, ())))
        for kind, source in SOURCES.items()
    ]
    beside = [(purchase_claim, CLAIM[ROW_FORMAT]), (payout_item, PAYOUT_ITEM[ROW_FORMAT])]
    for table, columns in [*sealed, *beside]:
        assert set(columns) == set(table.columns.keys()), table.name


def test_everything_that_happened_gets_one_leaf(engine, world):
    sell(engine, world)
    sell(engine, world, proof=CardProof(world.card, "000001"))  # a refusal counts as well
    waiting = count(engine, audit_pending)
    assert seal_all(engine) == waiting == count(engine, audit_leaf)
    assert kinds(engine) == {"PURCHASE", "MOVEMENT", "RUN", "RUN_EVENT", "CATALOGUE"}
    assert count(engine, audit_pending) == 0
    assert faults(engine) == []


def test_sealing_twice_is_once(engine, world):
    sell(engine, world)
    seal_all(engine)
    leaves, seals = count(engine, audit_leaf), count(engine, audit_seal)
    assert seal_pending(engine) == audit.Sealed(0, 0, more=False)
    seal_all(engine)
    assert (count(engine, audit_leaf), count(engine, audit_seal)) == (leaves, seals)


def test_a_staged_run_is_no_fact_yet(engine, world):
    credit(engine, {world.kpm_id: 1000}, "2026-12")
    with engine.database.begin() as tx:
        row = dict(tx.execute(select(disbursement_run)).mappings().first())
        staged = {"run_id": "r", "shard": 1, "status": "STAGED", "approved_at": None}
        tx.execute(insert(disbursement_run), row | staged)
    seal_all(engine)
    with engine.database.read() as tx:
        runs = select(audit_leaf.c.subject_id).where(audit_leaf.c.kind == "RUN")
        assert "r" not in set(tx.execute(runs).scalars())
    assert faults(engine) == []


def test_a_run_that_goes_on_is_as_it_was_approved(engine, world):
    """Its status is told by its events, each sealed; an older leaf holds the status of its time."""
    run_id = credit(engine, {world.kpm_id: 1000}, "2026-12")
    seal_all(engine)
    assert isinstance(disburse.undo(engine, run_id, "officer-1"), disburse.Asked)
    assert isinstance(disburse.undo(engine, run_id, "officer-2"), disburse.Returned)
    assert faults(engine) == []
    assert seal_all(engine) == 4  # asked, agreed, done; the money that went back
    assert faults(engine) == []
    with engine.database.begin() as tx:
        tx.execute(update(disbursement_event).values(officer="somebody"))
    assert {table for _, table, _ in faults(engine)} == {"disbursement_event"}


@pytest.mark.parametrize("approved", [True, False], ids=["approved", "before-approval"])
def test_a_run_sealed_in_the_first_format_may_have_gone_on(engine, world, monkeypatch, approved):
    run_id = credit(engine, {world.kpm_id: 1000}, "2026-12")
    this = disbursement_run.c.run_id == run_id
    papers = {} if approved else {"approved_by": None, "approved_at": None}
    with engine.database.begin() as tx:
        now = dict(tx.execute(select(disbursement_run).where(this)).mappings().one())
        tx.execute(update(disbursement_run).where(this).values(status="STAGING", **papers))
        tx.execute(delete(disbursement_event))
        tx.execute(delete(audit_pending).where(audit_pending.c.kind == "RUN_EVENT"))
    with monkeypatch.context() as patch:
        patch.setattr(audit, "ROW_FORMAT", 1)
        patch.setattr(audit.leaf_of, "__defaults__", (1,))
        seal_all(engine)
    with engine.database.begin() as tx:
        tx.execute(update(disbursement_run).where(this).values(now))
    assert faults(engine) == []
    with engine.database.begin() as tx:
        tx.execute(update(disbursement_run).where(this).values(expected_total=7))
    assert faults(engine) == [("ALTERED", "disbursement_run", run_id)]


def test_a_chain_links_batch_to_batch(engine, world):
    shard = shard_of(world.kpm_id)
    for _ in range(3):
        sell(engine, world)
        seal_all(engine)
    with engine.database.read() as tx:
        links = list(store.seals(tx, date.min, date.max, shard))
    assert [each.seal.n for each in links] == [1, 2, 3]
    assert [each.seal.prev for each in links] == [NO_HASH, links[0].hash, links[1].hash]
    assert faults(engine) == []


def test_who_commits_late_is_sealed_late_and_never_skipped(engine, world, kind):
    """A row whose id and time are older than everything sealed so far."""
    sell(engine, world)
    seal_all(engine)
    with engine.database.begin() as tx:
        row = dict(tx.execute(select(purchase)).mappings().first())
        late = row["decided_at"] - timedelta(seconds=30)
        tx.execute(insert(purchase), row | {"purchase_id": "0000", "decided_at": late})
        announce(tx, Kind.PURCHASE, [(row["shard"], "0000")])
    assert seal_all(engine) == 1
    assert faults(engine) == []


def test_a_round_is_bounded_and_says_that_there_is_more(engine, world, monkeypatch):
    monkeypatch.setattr(audit, "LEAVES_MAX", 2)
    monkeypatch.setattr(audit, "BATCHES_MAX", 2)
    rounds = [seal_pending(engine)]
    while rounds[-1].more:
        rounds.append(seal_pending(engine))
        assert rounds[-1].leaves <= 4
    assert len(rounds) > 1
    assert count(engine, audit_pending) == 0
    assert faults(engine) == []


def test_several_sealers_are_harmless(engine, world):
    for _ in range(6):
        sell(engine, world)
    waiting = count(engine, audit_pending)
    start, failed = threading.Barrier(4), []

    def one():
        start.wait()
        try:
            seal_all(engine)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert count(engine, audit_leaf) == waiting
    assert faults(engine) == []


class KilledError(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("name", ["add_seal", "stop_waiting", "last_seal"])
def test_a_kill_in_the_middle_leaves_a_chain_that_goes_on(engine, world, monkeypatch, name):
    sell(engine, world)
    waiting, real = count(engine, audit_pending), getattr(store, name)

    def killed(*arguments):
        real(*arguments)
        raise KilledError

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(store, name, killed)
        seal_pending(engine)
    assert (count(engine, audit_pending), count(engine, audit_leaf)) == (waiting, 0)
    assert seal_all(engine) == waiting
    assert faults(engine) == []


def test_a_kill_between_leaves_and_link_leaves_neither(engine, world, monkeypatch):
    real = store.insert

    def killing(table):
        if table is audit_leaf:
            raise KilledError
        return real(table)

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(store, "insert", killing)
        seal_pending(engine)
    assert count(engine, audit_seal) == 0
    seal_all(engine)
    assert faults(engine) == []


def test_a_fact_that_vanished_before_its_seal_is_named(engine, world):
    gone = sell(engine, world)
    with engine.database.begin() as tx:
        tx.execute(delete(purchase).where(purchase.c.purchase_id == gone))
    seal_all(engine)
    assert faults(engine) == [("MISSING", "purchase", gone)]


def test_a_day_is_closed_once_and_the_days_are_a_chain(engine, world, clock):
    sell(engine, world)
    assert close_day(engine, TODAY) is NotClosed.TOO_EARLY
    first = close(engine, clock)
    assert close_day(engine, TODAY) == first
    assert first.day.prev == NO_HASH
    assert first.day.seals == count(engine, audit_seal)
    sell(engine, world)
    clock.advance(days=3)
    later = TODAY + timedelta(days=3)
    second = close_day(engine, later)
    assert second.day.prev == first.day.hash
    assert second.day.seals == count(engine, audit_seal) - first.day.seals
    assert close_day(engine, TODAY + timedelta(days=1)) is NotClosed.LATER_CLOSED
    assert close_day(engine, TODAY - timedelta(days=1)) is NotClosed.LATER_CLOSED
    assert engine.keys.signature_ok(second.day.text.encode(), second.signature)
    assert faults(engine) == []


def test_yesterday_is_closed_by_itself(engine, world, clock):
    sell(engine, world)
    assert close_finished(engine).day.day == TODAY - timedelta(days=1)
    assert close_finished(engine) is None
    clock.advance(days=1)
    assert close_finished(engine).day.day == TODAY
    assert faults(engine) == []


def test_a_clock_that_goes_back_never_seals_into_a_closed_day(engine, world, clock):
    sell(engine, world)
    close(engine, clock)
    clock.advance(days=-1)
    sell(engine, world)
    seal_all(engine)
    with engine.database.read() as tx:
        newest = store.last_seal(tx, shard_of(world.kpm_id))
    assert newest.seal.day == TODAY + timedelta(days=1)
    clock.advance(days=2)
    assert close_day(engine, TODAY + timedelta(days=1)).day.seals == 1


def test_the_worker_seals_and_closes(engine, world, monkeypatch):
    sell(engine, world)
    assert worker._seal(engine) is False
    assert count(engine, audit_pending) == 0
    assert close_finished(engine) is None


def test_older_rows_wait_for_their_seal_when_the_chain_comes(engine, world):
    """The world was made before any sealer ran: its catalogue, run and credits are there."""
    with engine.database.read() as tx:
        rows = tx.execute(select(audit_pending.c.kind, audit_pending.c.subject_id)).all()
        txns = set(tx.execute(select(posting.c.txn_id)).scalars())
    assert {subject for kind, subject in rows if kind == "MOVEMENT"} == txns
    assert {kind for kind, _ in rows} == {"CATALOGUE", "RUN", "RUN_EVENT", "MOVEMENT"}


def test_a_range_of_days_is_checked_alone(engine, world, clock):
    sell(engine, world)
    close(engine, clock)
    sell(engine, world)
    close(engine, clock, TODAY + timedelta(days=1))
    whole, second = verify(engine), verify(engine, TODAY + timedelta(days=1))
    assert whole.good
    assert second.good
    assert (whole.days, second.days, second.leaves) == (2, 1, 2)
    first = verify(engine, TODAY, TODAY)
    assert first.leaves + second.leaves == whole.leaves
    assert replace(first, problems=[]).good


def test_every_kind_has_a_source():
    assert set(SOURCES) == set(Kind)
    assert PIN
