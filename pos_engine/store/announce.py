"""Tell the audit chain what happened: a row in `audit_pending`, in the fact's own transaction.

Who writes a fact announces it here. A writer that forgets is found: a check of the chain names
every fact that has neither a leaf nor waits for one, and the tests look for such facts each time.
"""

import json
from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import insert, literal, select, text

from pos_engine.store.database import Tx
from pos_engine.store.driver import Prepared
from pos_engine.store.schema import posting
from pos_engine.store.schema_audit import audit_pending


class Kind(StrEnum):
    """What a leaf stands for."""

    PURCHASE = "PURCHASE"  # the row and the answer that was given
    MOVEMENT = "MOVEMENT"  # every leg of one movement of money
    RUN = "RUN"  # an approved run; what becomes of it is told by its events
    RUN_EVENT = "RUN_EVENT"
    CATALOGUE = "CATALOGUE"
    TEMPLATE_LOG = "TEMPLATE_LOG"
    ENROLMENT_EVENT = "ENROLMENT_EVENT"
    REVERSAL = "REVERSAL"  # a void or a reversal: by whom, why, which lines, to which tranches
    HOLD = "HOLD"  # as it was made; how it ended is a fact of its own
    HOLD_DRAW = "HOLD_DRAW"  # the tranches that a hold lies in
    HOLD_END = "HOLD_END"  # captured, released or timed out
    IDLE_FREEZE = "IDLE_FREEZE"  # a tranche that was put aside
    IDLE_LIST = "IDLE_LIST"  # frozen tranches on their way to the treasury, as one officer made it
    IDLE_APPROVAL = "IDLE_APPROVAL"  # the second officer of a list
    IDLE_ITEM = "IDLE_ITEM"  # what became of the tranches of a list, shard by shard
    SHOP_ACCOUNT = "SHOP_ACCOUNT"  # where a shop is paid, in force by two officers
    SETTLEMENT = "SETTLEMENT"  # an approved settlement: two officers, and what they saw
    WINDOW = "WINDOW"  # what a shop is owed for a bank day
    PAYOUT = "PAYOUT"  # a transfer with the windows that it covers
    SIGN_OFF = "SIGN_OFF"  # why an item stands on one side only
    SIGN_OFF_OK = "SIGN_OFF_OK"  # the second officer who answers for it
    ESCROW_DAY = "ESCROW_DAY"  # a closed bank day with its sums
    DEVICE_EVENT = "DEVICE_EVENT"  # a key that was bound, approved, quarantined or revoked
    ALLOWANCE = "ALLOWANCE"  # money put aside for one device, as it was signed
    ALLOWANCE_END = "ALLOWANCE_END"  # spent, closed, recalled or over
    SHOP_REMOTE = "SHOP_REMOTE"  # a shop that lies beyond the signal, as DINSOS said
    DAY_CLOSE = "DAY_CLOSE"  # a till's day, closed by its owner, with the cash that was counted
    ENVELOPE = "ENVELOPE"  # a sale without signal as its device signed it
    ENVELOPE_END = "ENVELOPE_END"  # what became of it
    OFFLINE_REVIEW = "OFFLINE_REVIEW"  # what two officers decided about envelopes
    OFFLINE_DISPUTE = "OFFLINE_DISPUTE"  # a family says that a sale without signal was not hers
    CEILING_DRAFT = "CEILING_DRAFT"  # a ceiling or ban as an officer drafted it
    CEILING_ACT = "CEILING_ACT"  # who signed or withdrew one, and which catalogue came of it
    CEILING_ANSWER = "CEILING_ANSWER"  # what an officer answered to a proposal
    ANOMALY_STEP = "ANOMALY_STEP"  # what somebody did with a case, and the evidence that she saw
    COMPLAINT_EVENT = "COMPLAINT_EVENT"  # a step of a complaint: who did what with it
    PRIVACY_EVENT = "PRIVACY_EVENT"  # what was done with a family's data, or with keys
    STAFF_EVENT = "STAFF_EVENT"  # a second factor that was made, used up or taken away


# One value for any number of facts: an array of each column costs the client three times as much.
_INTO = "INSERT INTO audit_pending (shard, kind, subject_id) SELECT "
_ONCE = " WHERE TRUE ON CONFLICT DO NOTHING"  # what waits already waits
_ANNOUNCE = {
    "postgresql": text(
        _INTO + "CAST(new ->> 0 AS SMALLINT), :kind, new ->> 1 "
        "FROM json_array_elements(CAST(:facts AS JSON)) AS new" + _ONCE
    ),
    "sqlite": text(
        _INTO + "json_extract(value, '$[0]'), :kind, json_extract(value, '$[1]') "
        "FROM json_each(:facts)" + _ONCE
    ),
}
_PREPARED: dict[str, Prepared] = {}
_COLUMNS = ["shard", "kind", "subject_id"]


def announce(tx: Tx, kind: Kind, facts: Iterable[tuple[int, str]]) -> None:
    """These facts, each as shard and name, wait for their seal; one statement for all."""
    rows = list(facts)
    if not rows:
        return
    dialect = tx.dialect.name
    prepared = _PREPARED.get(dialect)
    if prepared is None:
        prepared = _PREPARED[dialect] = Prepared(_ANNOUNCE[dialect], tx)
    prepared.run(tx, {"kind": kind.value, "facts": json.dumps(rows)})


def announce_movement(tx: Tx, shards: range, txn_id: str) -> None:
    """A movement of tens of thousands of families, one fact in each shard that has legs of it."""
    source = select(posting.c.shard, literal(Kind.MOVEMENT.value), posting.c.txn_id).where(
        posting.c.shard.in_(shards), posting.c.txn_id == txn_id, posting.c.leg == 0
    )
    tx.execute(insert(audit_pending).from_select(_COLUMNS, source))
