"""A purchase on its way through a bank: batch, question, batch. No thread waits for the bank.

The money is put aside and committed before the 0200 leaves; a second commit posts it, gives it
back, or queues the reversal. Whoever asked may be gone by then: the way is walked to its end.
"""

from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

import structlog

from pos_engine.engine import Engine
from pos_engine.rules.bank import Said, Verdict
from pos_engine.rules.reasons import Reason
from pos_engine.services.bank_finish import Spoken, finish_together
from pos_engine.services.bank_incoming import Listener
from pos_engine.services.bank_question import BankQuestion
from pos_engine.services.purchase import Outcome, PurchaseRequest
from pos_engine.store.database import UnavailableError
from pos_engine.store.group_commit import ANSWER_WAIT_S_MAX, Work
from pos_engine.switch.banks import Banks
from pos_engine.switch.link import Heard, Reply
from pos_engine.wire.bank_answers import verdict_of
from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_dialect import Dialect
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.iso_messages import answer_type, debit_fee

PURCHASE_ANSWER = answer_type("0200")
NOT_ASKED = Verdict(Said.NOT_ASKED, reason=Reason.BANK_UNREACHABLE)
UNSURE = Verdict(Said.UNSURE, reason=Reason.BANK_UNREACHABLE)

log = structlog.get_logger()


def submit(engine: Engine, request: PurchaseRequest, decide: Work) -> "Future[Outcome]":
    """Decide a purchase, and ask a bank when its money lies there; cancelling stops the waiting."""
    way = _Way(engine)
    asked = engine.commits.put(decide, engine, request)
    asked.add_done_callback(way.decided)
    way.told.add_done_callback(lambda told: asked.cancel() if told.cancelled() else None)
    return way.told


def wait(told: "Future[Outcome]") -> Outcome:
    """Wait for the outcome as long as a till does."""
    try:
        return told.result(ANSWER_WAIT_S_MAX)
    except TimeoutError:
        told.cancel()
        raise UnavailableError from None


def listening(engine: Engine) -> Banks:
    """The banks of this engine, which tells its books what they say unasked."""
    if engine.banks is None:
        raise LookupError("banks")  # nobody asks without links
    if not engine.banks.listening:
        engine.banks.listen(Listener(engine))
    return engine.banks


@dataclass(slots=True)
class _Way:
    """One purchase; each step begins when the one before has ended, in that one's thread."""

    engine: Engine
    told: "Future[Outcome]" = field(default_factory=Future)

    def decided(self, asked: "Future[Outcome | BankQuestion]") -> None:
        """The first commit: answered for good, or the bank's word is needed."""
        if asked.cancelled():
            return
        error = asked.exception()
        if error is not None:
            self._failed(error)
            return
        outcome = asked.result()
        if not isinstance(outcome, BankQuestion):
            self._tell(outcome)
            return
        banks = listening(self.engine)
        try:
            message = outcome.message(banks.dialect(outcome.call.bank), self.engine.keys)
        except Exception as fault:  # noqa: BLE001 - the money lies apart: it must come back
            log.warning("bank.question_failed", bank=outcome.call.bank, kind=type(fault).__name__)
            self._finish(outcome, NOT_ASKED)
            return
        reply = banks.ask(outcome.call.bank, message)
        reply.add_done_callback(partial(self._replied, outcome))

    def _replied(self, question: BankQuestion, reply: "Future[Reply]") -> None:
        dialect = listening(self.engine).dialect(question.call.bank)
        self._finish(question, heard_as(dialect, question.call.amount, reply.result()))

    def _finish(self, question: BankQuestion, verdict: Verdict) -> None:
        spoken = Spoken(question.call.kpm_id, question.call.purchase_id, verdict)
        try:
            written = self.engine.commits.put(finish_together, self.engine, spoken)
        except UnavailableError as error:  # the worker finishes it
            self._failed(error)
            return
        written.add_done_callback(self._finished)

    def _finished(self, written: "Future[Outcome]") -> None:
        error = written.exception()
        if error is None:
            self._tell(written.result())
        else:
            self._failed(error)

    def _tell(self, outcome: Outcome) -> None:
        if self.told.set_running_or_notify_cancel():
            self.told.set_result(outcome)

    def _failed(self, error: BaseException) -> None:
        if self.told.set_running_or_notify_cancel():
            self.told.set_exception(error)


def heard_as(dialect: Dialect, amount: int, reply: Reply) -> Verdict:
    """The bank's word. An approval of another sum, or with a fee for the KPM, is taken back."""
    if reply.message is None:
        return NOT_ASKED if reply.heard is Heard.NOT_SENT else UNSURE
    message = reply.message
    verdict = verdict_of(dialect.code(message.get(39)), message.get(38).strip())
    if message.mti != PURCHASE_ANSWER:
        return UNSURE
    if verdict.said is Said.YES and not _as_asked(dialect, amount, message):
        log.warning("bank.approval_not_as_asked", dialect=dialect.name, trace=message.get(11))
        return Verdict(Said.UNSURE, verdict.code, reason=Reason.BANK_UNREACHABLE)
    return verdict


def _as_asked(dialect: Dialect, amount: int, message: Message) -> bool:
    """The very sum, and nothing besides: no fee reaches the KPM."""
    try:
        same = not message.get(4) or dialect.rupiah(message.get(4)) == amount
        return same and debit_fee(dialect, message) == 0
    except IsoError:
        return False
