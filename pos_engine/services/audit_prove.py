"""Prove that a receipt stands in the record of its day, or say that it does not."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.audit import Proof, day_of_number, proof_holds
from pos_engine.rules.merkle import Step, Tree
from pos_engine.services.audit import receipt_facts
from pos_engine.store import audit, purchases
from pos_engine.store.database import Tx


class State(StrEnum):
    """What the record says of a receipt."""

    RECORDED = "RECORDED"
    OPEN = "OPEN"  # its day is not closed yet
    MISSING = "MISSING"  # its day is closed, and it is not in it


@dataclass(frozen=True, slots=True)
class Found:
    """The answer for one receipt: proofs when it is recorded (one, but for twin numbers)."""

    state: State
    day: date | None = None
    proofs: tuple[Proof, ...] = ()
    signed: audit.Closed | None = None


def prove_purchase(engine: Engine, purchase_id: str) -> Found | None:
    """The proof of a purchase or refusal by its id; None when there is no such purchase."""
    with engine.database.read() as tx:
        claim = purchases.find_claim(tx, purchase_id)
        if claim is None:
            return None
        places = audit.places_of_purchase(tx, claim.home_shard, purchase_id)
        return _found(tx, places) or Found(State.OPEN)


def prove_receipt(engine: Engine, name: str) -> Found | None:
    """The proof of a receipt by its number or leaf; None for a leaf that no closed day knows."""
    with engine.database.read() as tx:
        found = _found(tx, audit.places_of_receipt(tx, name))
        if found is not None:
            return found
        day = day_of_number(name)
        if day is None:
            return None
        closed = audit.closed_on(tx, day)
    return Found(State.MISSING, closed.day.day) if closed else Found(State.OPEN, day)


def _found(tx: Tx, places: list[tuple[int, int, audit.Leaf]]) -> Found | None:
    """What the leaves prove. All of a number are of one day, but for those of a late one."""
    proofs, newest, day = [], None, None
    for shard, n, leaf in places:
        stored = audit.find_seal(tx, shard, n)
        closed = audit.closed_on(tx, stored.seal.day) if stored else None
        if stored is not None and closed is None:
            return Found(State.OPEN, stored.seal.day)
        day = closed.day.day if closed else day
        proof = _proof(tx, stored, closed, leaf) if stored and closed else None
        if proof is not None and proof_holds(proof):
            proofs.append(proof)
            newest = closed
    if newest is not None:
        return Found(State.RECORDED, newest.day.day, tuple(proofs), newest)
    return Found(State.MISSING, day) if places else None


def _proof(tx: Tx, stored: audit.Stored, closed: audit.Closed, leaf: audit.Leaf) -> Proof:
    """From the leaf through its batch, its shard's day and the nation's day to the root."""
    seal = stored.seal
    batch = audit.leaves_of(tx, seal.shard, seal.n)
    path = _path((each.entry, each.position == leaf.position) for each in batch)
    before = audit.last_day(tx, closed.day.day)
    links = audit.seals(
        tx, before.day.day if before else date.min, closed.day.day, seal.shard, after=True
    )
    in_shard = _path((each.seal.leaf, each.seal.n == seal.n) for each in links)
    parts = audit.parts_of_day(tx, closed.day.day).items()
    in_day = _path((root, shard == seal.shard) for shard, (root, _) in parts)
    first, receipt = _first_step(tx, leaf)
    return Proof(
        receipt=receipt,
        leaf=leaf.receipt or leaf.row_hash,
        path=(*first, *path),
        seal=seal.text,
        seal_path=(*in_shard, *in_day),
        day=closed.day.text,
    )


def _first_step(tx: Tx, leaf: audit.Leaf) -> tuple[tuple[Step, ...], str | None]:
    """From a receipt to its entry, and what the stored receipt says."""
    if leaf.receipt is None:
        return (), None
    claim = purchases.find_claim(tx, leaf.subject_id)
    said = receipt_facts(claim.answer, leaf.subject_id) if claim else None
    return (leaf.step,), said or ""


def _path(leaves: Iterable[tuple[bytes, bool]]) -> tuple[Step, ...]:
    tree = Tree()
    for leaf, wanted in leaves:
        tree.add(leaf, wanted=wanted)
    return tree.finish()[1]


def found_json(found: Found) -> dict[str, Any]:
    """The answer as programs and the page read it."""
    body: dict[str, Any] = {
        "state": found.state.value,
        "day": found.day.isoformat() if found.day else None,
        "proofs": [_proof_json(proof) for proof in found.proofs],
    }
    if found.signed is not None:
        body |= {"signature": found.signed.signature, "key_id": found.signed.key_id}
    return body


def day_json(engine: Engine, closed: audit.Closed) -> dict[str, Any]:
    """A closed day to publish: the signed statement, its parts, and the key that checks it."""
    return {
        "day": closed.day.day.isoformat(),
        "root": closed.day.root.hex(),
        "prev": closed.day.prev.hex(),
        "seals": closed.day.seals,
        "closed_at": closed.day.closed_at.isoformat(),
        "statement": closed.day.text,
        "signature": closed.signature,
        "key_id": closed.key_id,
        "key": engine.keys.verifier(closed.key_id).as_dict(),  # of before a rotation too
    }


def _proof_json(proof: Proof) -> dict[str, Any]:
    plain = asdict(proof)
    for name in ("path", "seal_path"):
        plain[name] = [[step.side.value, step.neighbour.hex()] for step in getattr(proof, name)]
    return plain | {"leaf": proof.leaf.hex()}
