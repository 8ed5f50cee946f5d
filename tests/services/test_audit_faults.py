"""A planted fault of every kind, and the name under which a check finds it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update

from pos_engine.rules.audit import Day
from pos_engine.rules.ids import shard_of
from pos_engine.services.audit_prove import day_json
from pos_engine.services.audit_published import Published, hold_against, read_published
from pos_engine.services.audit_verify import PROBLEMS_MAX, Fault, verify
from pos_engine.store import audit as store
from pos_engine.store import ledger
from pos_engine.store.announce import Kind, announce
from pos_engine.store.schema import (
    catalogue,
    disbursement_run,
    posting,
    purchase,
    purchase_claim,
)
from pos_engine.store.schema_audit import (
    audit_day,
    audit_day_shard,
    audit_leaf,
    audit_pending,
    audit_seal,
)
from pos_engine.store.schema_disbursement import disbursement_event
from tests.sealing import TODAY, close, faults, seal_all, sell

pytestmark = pytest.mark.plants


@pytest.fixture
def sold(engine, world, clock):
    """Three purchases, sealed one by one, and their day closed."""
    ids = []
    for _ in range(3):
        ids.append(sell(engine, world))
        seal_all(engine)
    close(engine, clock)
    assert faults(engine) == []
    return ids


@pytest.fixture
def shard(world):
    return shard_of(world.kpm_id)


def write(engine, statement, *rows):
    with engine.database.begin() as tx:
        tx.execute(statement, *rows)


CHANGES = {
    "amount": 1,
    "status": "DECLINED",
    "reason": "ITEM_BANNED",
    "kpm_id": "KPM-9",
    "shop_id": "other",
    "number": "3507-261121-00000000",
    "lines": [],
    "flags": ["X"],
    "policy": "PANGAN-2022",
    "day": TODAY + timedelta(days=1),
}


@pytest.mark.parametrize("column", CHANGES)
def test_one_changed_column_of_one_purchase(engine, sold, column):
    this = purchase.c.purchase_id == sold[1]
    write(engine, update(purchase).where(this).values({column: CHANGES[column]}))
    assert faults(engine) == [("ALTERED", "purchase", sold[1])]


def test_a_moment_moved_by_a_microsecond(engine, sold):
    with engine.database.begin() as tx:
        this = purchase.c.purchase_id == sold[0]
        at = tx.execute(select(purchase.c.decided_at).where(this)).scalar_one()
        moved = at + timedelta(microseconds=1)
        tx.execute(update(purchase).where(this).values(decided_at=moved))
    assert faults(engine) == [("ALTERED", "purchase", sold[0])]


@pytest.mark.parametrize("answer", ["{}", "no JSON", '{"receipt": 7}', "[]"])
def test_another_answer_than_was_given(engine, sold, answer):
    this = purchase_claim.c.purchase_id == sold[2]
    write(engine, update(purchase_claim).where(this).values(answer=answer))
    assert faults(engine) == [("ALTERED", "purchase", sold[2])]


def test_an_answer_that_is_gone(engine, sold):
    write(engine, delete(purchase_claim).where(purchase_claim.c.purchase_id == sold[2]))
    assert faults(engine) == [("ALTERED", "purchase", sold[2])]


def test_a_deleted_purchase(engine, sold):
    write(engine, delete(purchase).where(purchase.c.purchase_id == sold[1]))
    assert faults(engine) == [("MISSING", "purchase", sold[1])]


def copied(engine, table, where, **changes):
    with engine.database.read() as tx:
        return dict(tx.execute(select(table).where(where)).mappings().one()) | changes


def test_an_inserted_purchase(engine, sold):
    """Put into a closed day, before and after the sealer took it."""
    row = copied(engine, purchase, purchase.c.purchase_id == sold[0], purchase_id="planted")
    write(engine, insert(purchase), row)
    assert faults(engine) == [("UNSEALED", "purchase", "planted")]
    with engine.database.begin() as tx:
        announce(tx, Kind.PURCHASE, [(row["shard"], "planted")])
    assert faults(engine) == [("EXTRA", "purchase", "planted")]
    seal_all(engine)
    assert faults(engine) == [("EXTRA", "purchase", "planted")]


def test_an_inserted_purchase_without_a_word(engine, sold):
    row = copied(engine, purchase, purchase.c.purchase_id == sold[0], purchase_id="planted")
    row["decided_at"] = engine.now()  # of a day that is still open
    write(engine, insert(purchase), row)
    seal_all(engine)
    assert faults(engine) == [("UNSEALED", "purchase", "planted")]


KEYS = {"posting": "txn_id", "catalogue": "version", "disbursement_run": "run_id"}


@pytest.mark.parametrize("table", [posting, catalogue, disbursement_run, disbursement_event])
def test_any_fact_without_a_word(engine, sold, table):
    with engine.database.read() as tx:
        row = dict(tx.execute(select(table)).mappings().first())
    key = KEYS.get(table.name, "number")
    name = 9 if key == "number" else "planted"
    write(engine, insert(table), row | {key: name})
    said = f"{row['run_id']}:9" if key == "number" else "planted"
    assert faults(engine) == [("UNSEALED", table.name, said)]


def test_a_writer_that_forgets_to_announce_is_found(engine, world, monkeypatch):
    monkeypatch.setattr(ledger, "announce", lambda *_: None)
    sold = sell(engine, world)
    assert faults(engine) == [("UNSEALED", "posting", sold)]
    seal_all(engine)
    assert faults(engine) == [("UNSEALED", "posting", sold)]


@pytest.mark.parametrize("change", [{"amount": 7}, {"account": "shop:mine"}, {"kind": "CREDIT"}])
def test_a_changed_posting(engine, sold, change):
    this = (posting.c.txn_id == sold[0]) & (posting.c.leg == 1)
    write(engine, update(posting).where(this).values(change))
    assert faults(engine) == [("ALTERED", "posting", sold[0])]


def test_a_posting_less_or_more(engine, sold):
    this = (posting.c.txn_id == sold[0]) & (posting.c.leg == 1)
    row = copied(engine, posting, this, leg=5)
    write(engine, insert(posting), row)
    assert faults(engine) == [("ALTERED", "posting", sold[0])]
    write(engine, delete(posting).where(posting.c.txn_id == sold[0]))
    assert faults(engine) == [("MISSING", "posting", sold[0])]


def test_a_changed_run_and_a_changed_catalogue(engine, sold):
    write(engine, update(disbursement_run).values(expected_total=1))
    write(engine, update(catalogue).values(loaded_by="somebody"))
    found = sorted(table for _, table, _ in faults(engine))
    assert found == ["catalogue", "disbursement_run"]


def test_two_leaves_swapped(engine, sold, shard):
    where = (audit_leaf.c.shard == shard) & (audit_leaf.c.batch == 2)
    for old, new in ((0, 99), (1, 0), (99, 1)):
        at = where & (audit_leaf.c.position == old)
        write(engine, update(audit_leaf).where(at).values(position=new))
    assert faults(engine) == [("LEAVES_ALTERED", "audit_leaf", f"{shard}/2")]


def test_a_leaf_taken_out_with_its_purchase(engine, sold, shard):
    write(engine, delete(purchase).where(purchase.c.purchase_id == sold[1]))
    write(engine, delete(audit_leaf).where(audit_leaf.c.subject_id == sold[1]))
    assert faults(engine)[0] == ("LEAVES_ALTERED", "audit_leaf", f"{shard}/2")


def test_a_receipt_under_another_number(engine, sold):
    this = audit_leaf.c.subject_id == sold[1]
    write(engine, update(audit_leaf).where(this, audit_leaf.c.label.is_not(None)).values(label="x"))
    assert faults(engine) == [("ALTERED", "purchase", sold[1])]


@pytest.mark.parametrize(
    "change", [{"root": b"\x01" * 32}, {"prev": b"\x01" * 32}, {"hash": b"\x01" * 32},
               {"count": 9}, {"sealed_at": ...}],
)  # fmt: skip
def test_an_edited_seal(engine, sold, shard, change):
    change = {name: engine.now() if value is ... else value for name, value in change.items()}
    this = (audit_seal.c.shard == shard) & (audit_seal.c.n == 2)
    write(engine, update(audit_seal).where(this).values(change))
    found = faults(engine)
    assert ("SEAL_ALTERED", "audit_seal", f"{shard}/2") in found[:3]
    # only the seal's own hash column is not under the root of its day
    assert (("DAY_ALTERED", "audit_day", str(TODAY)) in found) == ("hash" not in change)


def test_a_chain_forged_from_the_altered_row_on_is_found_by_its_day(engine, sold, shard, clock):
    """Somebody with the whole database, but without the signing key."""
    this = purchase.c.purchase_id == sold[0]
    signed = copied(engine, audit_day, audit_day.c.day == TODAY)
    with engine.database.begin() as tx:
        tx.execute(update(purchase).where(this).values(amount=1))
        leaf = audit_leaf.c
        again = select(leaf.shard, leaf.kind, leaf.subject_id).where(leaf.shard == shard)
        tx.execute(insert(audit_pending).from_select(["shard", "kind", "subject_id"], again))
        for table in (audit_leaf, audit_seal):
            tx.execute(delete(table).where(table.c.shard == shard))
        tx.execute(delete(audit_day))
    clock.advance(days=-1, minutes=-1)
    seal_all(engine)
    clock.advance(days=1, minutes=1)
    write(engine, insert(audit_day), signed)
    found = faults(engine)
    assert {each[0] for each in found} == {"DAY_ALTERED"}
    assert found[-1] == ("DAY_ALTERED", "audit_day", str(TODAY))


def test_a_chain_rewritten_with_the_signing_key_is_found_by_a_published_root(
    engine, sold, shard, clock
):
    """Somebody with the database and the key: all is whole, but it is not what was published."""
    with engine.database.read() as tx:
        published = read_published(json.dumps(day_json(engine, store.closed_on(tx, TODAY))))
    assert published.signed
    assert hold_against(engine, published) == []
    with engine.database.begin() as tx:
        tx.execute(update(purchase).where(purchase.c.purchase_id == sold[0]).values(amount=1))
        leaf = audit_leaf.c
        again = select(leaf.shard, leaf.kind, leaf.subject_id)
        tx.execute(insert(audit_pending).from_select(["shard", "kind", "subject_id"], again))
        for table in (audit_leaf, audit_seal, audit_day, audit_day_shard):
            tx.execute(delete(table))
    clock.advance(days=-1, minutes=-1)
    seal_all(engine)
    close(engine, clock)
    assert faults(engine) == []
    [found] = hold_against(engine, published)
    assert (found.fault, found.subject_id) == (Fault.ROOT_DIFFERS, str(TODAY))
    assert hold_against(engine, Published(published.root))[0].fault == Fault.ROOT_DIFFERS


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_seal_taken_out(engine, sold, shard, n):
    this = (audit_seal.c.shard == shard) & (audit_seal.c.n == n)
    write(engine, delete(audit_seal).where(this))
    assert ("SEAL_MISSING", "audit_seal", f"{shard}/{n}") in faults(engine)


@pytest.mark.parametrize(
    "change", [{"root": b"\x01" * 32}, {"prev": b"\x01" * 32}, {"seals": 9}, {"closed_at": ...}]
)
def test_an_edited_day(engine, sold, change):
    change = {name: engine.now() if value is ... else value for name, value in change.items()}
    write(engine, update(audit_day).values(change))
    found = faults(engine)
    assert found[-1] == ("DAY_SIGNATURE", "audit_day", str(TODAY))
    assert len(found) == (1 if "closed_at" in change else 2)


def test_the_newest_link_taken_out_with_all_it_held(engine, sold, shard):
    """A chain cut short is whole as far as it goes: its head knows the number it had."""
    newest = (audit_leaf.c.shard == shard) & (audit_leaf.c.batch == 3)
    write(engine, delete(audit_leaf).where(newest))
    write(engine, delete(audit_seal).where(audit_seal.c.shard == shard, audit_seal.c.n == 3))
    assert ("SEAL_MISSING", "audit_seal", f"{shard}/3") in faults(engine)


def test_an_edited_part_of_a_day(engine, sold, shard):
    this = audit_day_shard.c.shard == shard
    write(engine, update(audit_day_shard).where(this).values(root=b"\x01" * 32))
    assert {each[0] for each in faults(engine)} == {"DAY_ALTERED"}


def test_a_day_put_between(engine, sold):
    day = Day(TODAY - timedelta(days=1), b"\0" * 32, b"\0" * 32, 0, engine.now())
    row = copied(engine, audit_day, audit_day.c.day == TODAY, day=day.day, root=day.root, seals=0)
    write(engine, insert(audit_day), row)
    assert faults(engine)[0][0] == "DAY_ALTERED"


def test_a_destroyed_table_is_not_listed_for_ever(engine, world, sold):
    for _ in range(PROBLEMS_MAX):
        sell(engine, world)
    seal_all(engine)
    write(engine, text("DELETE FROM purchase"))
    assert len(verify(engine).problems) == PROBLEMS_MAX
