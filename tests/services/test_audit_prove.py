"""What a receipt can prove, and what it cannot."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from pos_engine.rules.audit import proof_holds
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.audit_prove import Found, State, found_json, prove_purchase, prove_receipt
from pos_engine.services.day import stored_answer
from pos_engine.store.schema import purchase, purchase_claim
from pos_engine.store.schema_audit import audit_leaf, audit_seal
from tests.sealing import TODAY, close, seal_all, sell
from tests.world import CardProof


def receipt_of(engine, world, purchase_id):
    return json.loads(stored_answer(engine, world.shop_id, purchase_id))["receipt"]


def test_a_receipt_prints_its_leaf(engine, world):
    receipt = receipt_of(engine, world, sell(engine, world))
    assert len(receipt["leaf"]) == 64
    assert f"Segel catatan\n{receipt['leaf'][:32]}\n{receipt['leaf'][32:]}\n" in receipt["text"]


def test_a_receipt_proves_itself_once_its_day_is_closed(engine, world, clock):
    ids = [sell(engine, world) for _ in range(4)]
    receipts = [receipt_of(engine, world, each) for each in ids]
    number = receipts[0]["number"]
    assert prove_receipt(engine, number) == Found(State.OPEN, TODAY)
    seal_all(engine)
    assert prove_receipt(engine, number) == Found(State.OPEN, TODAY)
    closed = close(engine, clock)
    for purchase_id, receipt in zip(ids, receipts, strict=True):
        found = prove_receipt(engine, receipt["number"])
        assert (found.state, found.day) == (State.RECORDED, TODAY)
        assert (
            found == prove_receipt(engine, receipt["leaf"]) == prove_purchase(engine, purchase_id)
        )
        [proof] = found.proofs
        assert proof_holds(proof)
        assert proof.leaf.hex() == receipt["leaf"]
        assert proof.receipt.split("*")[1:3] == [receipt["number"], "13400"]
        assert (proof.day, found.signed) == (closed.day.text, closed)


def test_a_proof_names_nobody(engine, world, clock):
    number = receipt_of(engine, world, sell(engine, world))["number"]
    close(engine, clock)
    said = json.dumps(found_json(prove_receipt(engine, number)))
    for secret in (world.kpm_id, world.card, world.shop_id, "Siti"):
        assert secret not in said


def test_a_refusal_is_proven_by_its_row(engine, world, clock):
    refused = sell(engine, world, proof=CardProof(world.card, "000001"))
    assert prove_purchase(engine, refused).state is State.OPEN
    close(engine, clock)
    found = prove_purchase(engine, refused)
    assert found.state is State.RECORDED
    assert found.proofs[0].receipt is None


def test_what_was_never_there_is_missing_when_its_day_is_closed(engine, world, clock):
    sell(engine, world)
    assert prove_receipt(engine, "3507-261121-00000000") == Found(State.OPEN, TODAY)
    close(engine, clock)
    assert prove_receipt(engine, "3507-261121-00000000") == Found(State.MISSING, TODAY)
    tomorrow = TODAY + timedelta(days=1)
    assert prove_receipt(engine, "3507-261122-00000000") == Found(State.OPEN, tomorrow)
    assert prove_receipt(engine, "ab" * 32) is None
    assert prove_purchase(engine, new_uuid7(clock())) is None


@pytest.mark.parametrize("fault", ["leaf", "seal", "answer", "claim"])
def test_what_was_altered_proves_nothing(engine, world, clock, fault):
    purchase_id = sell(engine, world)
    number = receipt_of(engine, world, purchase_id)["number"]
    close(engine, clock)
    claim = purchase_claim.c.purchase_id == purchase_id
    changes = {
        "leaf": update(audit_leaf).values(row_hash=b"\x01" * 32),
        "seal": delete(audit_seal),
        "answer": update(purchase_claim).where(claim).values(answer='{"receipt":{"verify":"x"}}'),
        "claim": delete(purchase_claim).where(claim),
    }
    with engine.database.begin() as tx:
        tx.execute(changes[fault])
    assert prove_receipt(engine, number).state is State.MISSING


def test_two_receipts_of_one_number_are_both_proven(engine, world, clock):
    first, second = sell(engine, world), sell(engine, world)
    with engine.database.begin() as tx:
        number = tx.execute(
            select(purchase.c.number).where(purchase.c.purchase_id == first)
        ).scalar_one()
        tx.execute(update(purchase).where(purchase.c.purchase_id == second).values(number=number))
    close(engine, clock)
    assert len(prove_receipt(engine, number).proofs) == 2


def test_a_night_receipt_of_the_east_belongs_to_the_day_before_or_its_own(engine, world, clock):
    """00.30 WIT is 22.30 WIB: its number names the later day, its proof is under either root."""
    clock.advance(hours=12, minutes=30)
    number = receipt_of(engine, world, sell(engine, world))["number"]
    close(engine, clock)
    assert prove_receipt(engine, number.replace("261121", "261122")).state is State.OPEN
    assert prove_receipt(engine, number).state is State.RECORDED
