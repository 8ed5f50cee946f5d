"""What banks say unasked: answers that come late, and purchases that they take back.

Neither moves money. Both are logged and kept beside the call, where officers find them.
"""

from dataclasses import dataclass

import structlog

from pos_engine.engine import Engine
from pos_engine.rules.bank import CallState
from pos_engine.store import bank_calls
from pos_engine.store.bank_calls import Call
from pos_engine.store.database import ConflictError, Tx, UnavailableError
from pos_engine.wire.bank_answers import APPROVED
from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.iso_messages import Key, original_key

UNKNOWN, ACCEPTED, LATER, UNREADABLE = "25", "00", "96", "30"
PURCHASE = "0210"
# An answer that comes twice overtakes our own commit; so may a bank that takes it back.
NOT_GIVEN_UP = (CallState.ASKED.value, CallState.POSTED.value)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Listener:
    """Writes down what this engine's banks say."""

    engine: Engine

    def late(self, bank: str, message: Message) -> None:
        """An approval after we gave up: its reversal goes out all the same."""
        if message.mti != PURCHASE:
            return
        try:
            key = Key.of(message)
            self.engine.database.transact(lambda tx: _late(tx, bank, key, message.get(39)))
        except (IsoError, ConflictError, UnavailableError):
            log.warning("bank.late_answer_not_kept", bank=bank, trace=message.get(11))

    def reversal(self, bank: str, message: Message) -> str:
        """A bank takes back what it paid: officers decide, for the goods may be gone."""
        try:
            key = original_key(message)
            return self.engine.database.transact(lambda tx: _taken_back(tx, bank, key))
        except IsoError as error:
            log.warning("bank.reversal_unreadable", bank=bank, field=error.field)
            return UNREADABLE
        except (ConflictError, UnavailableError):
            return LATER


def _find(tx: Tx, bank: str, key: Key) -> Call | None:
    found = bank_calls.find_by_key(tx, key.trace, key.transmitted, key.terminal, key.acquirer)
    return found if found is not None and found.bank == bank else None


def _late(tx: Tx, bank: str, key: Key, code: str) -> None:
    call = _find(tx, bank, key)
    if call is None:
        log.warning("bank.late_answer_unknown", bank=bank, trace=key.trace)
        return
    log.warning(
        "bank.late_answer_kept", bank=bank, purchase=call.purchase_id, state=call.state, code=code
    )
    if code == APPROVED and call.state not in NOT_GIVEN_UP:
        bank_calls.note(tx, call, f"late approval, when it was {call.state}")


def _taken_back(tx: Tx, bank: str, key: Key) -> str:
    call = _find(tx, bank, key)
    if call is None:
        log.warning("bank.reversal_unknown", bank=bank, trace=key.trace)
        return UNKNOWN
    log.warning("bank.reversal_by_bank", bank=bank, purchase=call.purchase_id, state=call.state)
    if call.state in NOT_GIVEN_UP:
        bank_calls.note(tx, call, "the bank took it back: decide with `ewarong reverse`")
    return ACCEPTED
