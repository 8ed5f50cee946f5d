"""How an allowance ends: the family takes it back, its device closes it, or its time is over."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.allowances import AllowanceState
from pos_engine.rules.entitlement import spendable
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, shard_of
from pos_engine.rules.reasons import Reason
from pos_engine.services.allowances import NotIssued
from pos_engine.services.identification import Asked, Status
from pos_engine.services.identify import identify_card
from pos_engine.services.ladder import stopped
from pos_engine.services.payer import CardProof, TokenProof, check_proof, find_payer
from pos_engine.services.purchase import market_at
from pos_engine.store import allowances, ledger, purchases
from pos_engine.store.allowances import Allowance, Change, Living
from pos_engine.store.database import Tx
from pos_engine.store.devices import DeviceKey
from pos_engine.wire.offline_words import NOTHING_ASIDE, taken_back
from pos_engine.wire.response import WORDINGS

SWEEPER = "worker"


class EndProblem(StrEnum):
    """Why nothing was ended; programs read it."""

    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"  # the recall's id stands for something else
    ALLOWANCE_UNKNOWN = "ALLOWANCE_UNKNOWN"  # not of this device
    SYNC_FIRST = "SYNC_FIRST"  # not all that the device sold has come in


@dataclass(frozen=True, slots=True)
class Recall:
    """A family wants its money back at once. `recall_id` is a UUIDv7; any till, one proof."""

    recall_id: str
    proof: CardProof | TokenProof


@dataclass(frozen=True, slots=True)
class Answered:
    """The stored answer of a recall, as JSON text."""

    body: str


def recall(engine: Engine, asked: Asked, wanted: Recall) -> Answered | NotIssued | EndProblem:
    """End a family's living allowance at once: the money is free when this returns.

    A sale that its device made before and sends later is paid to the shop all the same; it is
    nobody's fault, and the family keeps this money. The same recall again is the same answer.
    """
    found = _proven(engine, asked, wanted.proof)
    if isinstance(found, NotIssued):
        return found
    return engine.database.transact(lambda tx: _recall(tx, engine, asked, wanted, found))


def _proven(engine: Engine, asked: Asked, proof: CardProof | TokenProof) -> KpmId | NotIssued:
    """Whose allowance: a card's PIN is counted as ever, a token is looked at and not used up."""
    if isinstance(proof, CardProof):
        answer = stopped(engine, asked, Method.KKS, proof.card) or identify_card(
            engine, asked, proof
        )
        if answer.status is Status.IDENTIFIED and answer.token is not None:
            return answer.token.kpm_id
        why = answer.reason or Reason.PAYER_UNKNOWN
        return NotIssued(why, answer.message, answer.next_step)
    with engine.database.read() as tx:
        found = find_payer(tx, engine, proof, asked.place)
        bound = found.token.purchase_id if found.token else None
        checked = check_proof(tx, engine, found, proof, asked.place, bound or "", 0, asked.now)
    if found.kpm_id is None or not checked.proven:
        wording = WORDINGS[checked.reasons[0]]
        return NotIssued(checked.reasons[0], wording.sentence, wording.next_step)
    return found.kpm_id


def _recall(
    tx: Tx, engine: Engine, asked: Asked, wanted: Recall, kpm_id: KpmId
) -> Answered | EndProblem:
    tranches = ledger.tranches_of(tx, kpm_id, lock=True)
    content = hashlib.sha256(json.dumps(["RECALL", kpm_id]).encode()).digest()
    claim = purchases.find_claim(tx, wanted.recall_id)
    if claim is not None:
        same = claim.content == content and claim.answer
        return Answered(claim.answer) if same else EndProblem.DUPLICATE_DIFFERENT
    living = allowances.living_of_families(tx, {kpm_id})().get(kpm_id)
    market = market_at(engine, engine.catalogue(tx), asked.shop.region, engine.now())
    back = living.remaining if living else 0
    if living is not None:
        end = Change(
            state=AllowanceState.RECALLED,
            at=engine.now(),
            end_id=wanted.recall_id,
            ended_by=asked.session.staff_id,
            ended_shop=asked.shop.shop_id,
        )
        allowances.change(tx, living, end)
        tranches = ledger.tranches_of(tx, kpm_id, lock=True)
    body = _recalled_json(wanted, living, back, spendable(tranches, market.day))
    made = purchases.Claim(
        purchase_id=wanted.recall_id,
        content=content,
        home_shard=shard_of(kpm_id),
        kpm_id=kpm_id,
        shop_id=asked.shop.shop_id,
        answer=json.dumps(body),
    )
    purchases.add_claims(tx, [made])
    return Answered(made.answer)


def _recalled_json(
    wanted: Recall, living: Living | None, back: int, balance: int
) -> dict[str, Any]:
    return {
        "recall_id": wanted.recall_id,
        "status": "RECALLED" if living else "NOTHING",
        "allowance_id": living.allowance_id if living else None,
        "amount": back,
        "balance": balance,
        "message": taken_back(back, living.shop_name) if living else NOTHING_ASIDE,
    }


@dataclass(frozen=True, slots=True)
class Closing:
    """A device gives an allowance back: it sold `spent` on it, in envelopes up to `seq`."""

    allowance_id: str
    spent: int
    seq: int


def close(engine: Engine, device: DeviceKey, closing: Closing) -> Allowance | EndProblem:
    """Give the unspent part back early, once all that was sold on it has come in.

    What ended otherwise stays as it is: the same again is the same answer.
    """
    return engine.database.transact(lambda tx: _close(tx, engine, device, closing))


def _close(tx: Tx, engine: Engine, device: DeviceKey, closing: Closing) -> Allowance | EndProblem:
    found = locked_allowance(tx, closing.allowance_id)
    if found is None or found.device_id != device.device_id:
        return EndProblem.ALLOWANCE_UNKNOWN
    if not found.live:
        return found
    told_less = closing.spent < found.spent_offline  # a tablet that lost what it knew
    if told_less or not allowances.sales_came_in(tx, device.device_id, closing.seq):
        return EndProblem.SYNC_FIRST
    end = Change(
        state=AllowanceState.CLOSED,
        at=engine.now(),
        end_id=str(closing.seq),
        ended_by=device.device_id,
        ended_shop=device.shop_id,
    )
    _end(tx, found, end)
    return allowances.find_allowance(tx, found.kpm_id, found.allowance_id) or found


def locked_allowance(tx: Tx, allowance_id: str) -> Allowance | None:
    """An allowance under its family's locked tranches: from here on nobody else changes it."""
    claim = purchases.find_claim(tx, allowance_id)
    if claim is None or claim.kpm_id is None:
        return None
    ledger.tranches_of(tx, claim.kpm_id, lock=True)
    return allowances.find_allowance(tx, claim.kpm_id, allowance_id)


def end_due(engine: Engine) -> int:
    """End the allowances whose grace is over, at most ALLOWANCES_DUE_MAX; how many it were."""
    with engine.database.read() as tx:
        due = allowances.due_allowances(tx, engine.now())
    return sum(
        engine.database.transact(lambda tx, k=kpm_id, a=name: _end_late(tx, engine.now(), k, a))  # type: ignore[misc]
        for kpm_id, name in due
    )


def _end_late(tx: Tx, now: datetime, kpm_id: KpmId, allowance_id: str) -> int:
    """1 when it was still living: an envelope or a recall may have come first."""
    ledger.tranches_of(tx, kpm_id, lock=True)
    found = allowances.find_allowance(tx, kpm_id, allowance_id)
    if found is None or not found.live:
        return 0
    _end(tx, found, Change(state=AllowanceState.ENDED, at=now, ended_by=SWEEPER))
    return 1


def _end(tx: Tx, found: Allowance, end: Change) -> None:
    living = allowances.living_of_families(tx, {found.kpm_id})()[found.kpm_id]
    allowances.change(tx, living, end)
