"""Reversals that banks have not answered yet: said again by the worker until they are.

Twice is once: the bank knows the purchase by DE90, our books by the call's state.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import partial

import structlog

from pos_engine.engine import Engine
from pos_engine.rules.bank import CallState, next_repeat
from pos_engine.services.bank_finish import Spoken, end_reversal, finish_together
from pos_engine.services.bank_question import asking_of, sealed_for
from pos_engine.services.bank_way import UNSURE, listening
from pos_engine.store import bank_accounts, bank_calls
from pos_engine.store.bank_calls import Call
from pos_engine.store.database import ConflictError, Tx, UnavailableError
from pos_engine.switch.config import ANSWER_S_MAX
from pos_engine.switch.link import Reply
from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_messages import reversal_message

LOOK_EVERY_S = 1.0  # for reversals that are due
END_S_MAX = 3.0

log = structlog.get_logger()


def settle_due(engine: Engine) -> int:
    """One round: purchases that nobody waits for any more, then reversals; how many were ended."""
    return _finish_orphans(engine) + _reverse_due(engine)


def _finish_orphans(engine: Engine) -> int:
    """We were killed between the two commits: the bank may have paid, so it is taken back."""
    with engine.database.read() as tx:
        orphans = bank_calls.due_calls(tx, CallState.ASKED, engine.now())
    for each in orphans:
        log.warning("bank.orphan", bank=each.bank, purchase=each.purchase_id)
        spoken = Spoken(each.kpm_id, each.purchase_id, UNSURE)
        engine.commits.ask(finish_together, engine, spoken)
    return len(orphans)


def _reverse_due(engine: Engine) -> int:
    with engine.database.read() as tx:
        due = bank_calls.due_calls(tx, CallState.REVERSING, engine.now())
    sent = [(call, reply) for call in due if (reply := _send(engine, call)) is not None]
    wait([reply for _, reply in sent], timeout=ANSWER_S_MAX)
    return sum(_answered(engine, call, reply) for call, reply in sent)


def _send(engine: Engine, call: Call) -> "Future[Reply] | None":
    """Say it (again), unless another worker just did or the bank is left alone for a while."""
    banks = listening(engine)
    if not banks.may_ask(call.bank):
        return None
    again = next_repeat(call.tries, engine.now())
    if not engine.database.transact(lambda tx: bank_calls.take_try(tx, call, again)):
        return None
    return banks.ask(call.bank, reversal_of(engine, call))


def reversal_of(engine: Engine, call: Call) -> Message:
    """The 0400 of a purchase, from what is stored: neither a PAN nor a PIN block is."""
    dialect = listening(engine).dialect(call.bank)
    with engine.database.read() as tx:
        account = bank_accounts.account_of(tx, call.kpm_id, call.bank)
    token = engine.keys.open_personal(account.sealed, sealed_for(account)) if account else ""
    original = asking_of(call, token)
    return reversal_message(dialect, original, engine.now(), repeated=call.tries > 0)


def _answered(engine: Engine, call: Call, reply: "Future[Reply]") -> int:
    """1 when it is settled."""
    message = reply.result().message if reply.done() else None
    dialect = listening(engine).dialect(call.bank)
    code = dialect.code(message.get(39)) if message is not None else ""
    state: CallState = engine.database.transact(partial(_end, engine, call, code))
    log.info("bank.reversal", bank=call.bank, purchase=call.purchase_id, code=code, state=state)
    return int(state is not CallState.REVERSING)


def _end(engine: Engine, call: Call, code: str, tx: Tx) -> CallState:
    return end_reversal(tx, engine, call, code)


def run(engine: Engine, stop: threading.Event) -> None:
    """Look for reversals until `stop` is set; a database that is gone is tried again."""
    while not stop.wait(LOOK_EVERY_S):
        try:
            settle_due(engine)
        except (UnavailableError, ConflictError):
            log.warning("bank.reversals_wait_for_the_database")


def start(engine: Engine) -> Callable[[], None]:
    """Run in a thread: a silent bank never keeps the worker from its other work."""
    stop = threading.Event()
    if engine.banks is None:
        return stop.set
    thread = threading.Thread(target=run, args=(engine, stop), name="reversals", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(END_S_MAX)

    return end
