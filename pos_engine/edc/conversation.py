"""What one terminal says and hears: signs on as a till, sells, asks a balance, takes back."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypeVar

import structlog

from pos_engine.engine import Engine, NotReadyError
from pos_engine.rules.identity import (
    CARD_DIGITS,
    HEX,
    PIN_DIGITS,
    bank_card_ok,
    is_digits,
    is_own_card,
    luhn_ok,
)
from pos_engine.rules.money import line_total
from pos_engine.rules.reasons import Reason
from pos_engine.services.answers import APPROVED
from pos_engine.services.authorize import submit
from pos_engine.services.bank_question import terminal_of
from pos_engine.services.payer import BankCardProof, CardProof, Place
from pos_engine.services.purchase import NotDecided, Outcome, PurchaseRequest
from pos_engine.services.sessions import (
    SHOP_ROLES,
    LoginRefusal,
    Session,
    end_session,
    open_session,
    shop_scope,
)
from pos_engine.services.terminals import (
    IN_PROGRESS,
    approval_of,
    balance_at_terminal,
    purchase_id_of,
    reverse_at_terminal,
)
from pos_engine.store.database import ConflictError, UnavailableError
from pos_engine.store.group_commit import ANSWER_WAIT_S_MAX
from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_dialect import Dialect
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.iso_messages import (
    AVAILABLE,
    Key,
    answer,
    balance_part,
    moment_of,
    original_key,
)
from pos_engine.wire.response import WORDINGS
from pos_engine.wire.terminal_notes import TerminalNotes, read_notes

ACCEPTED, REFUSED, LOCKED, NOT_PERMITTED = "00", "05", "75", "58"
INVALID, WRONG_AMOUNT, FORMAT, DUPLICATE, FAULT = "12", "13", "30", "94", "96"
NOTE_SIGNS_MAX = 400
PURCHASE, BALANCES = "00", ("30", "31")
PURCHASES, REVERSALS = ("0200", "0201"), ("0400", "0401", "0420", "0421")
UNDECIDED = {
    NotDecided.DUPLICATE_DIFFERENT: DUPLICATE,
    NotDecided.CLOCK_SKEW: INVALID,
    NotDecided.PENDING: IN_PROGRESS,
    NotDecided.NO_SESSION: NOT_PERMITTED,
}
Result = TypeVar("Result")

log = structlog.get_logger()


class Conversation:
    """One terminal's connection. Who it is follows from its sign-on alone."""

    def __init__(self, engine: Engine, dialect: Dialect) -> None:
        self._engine, self._dialect = engine, dialect
        self._session: Session | None = None

    @property
    def signed_on(self) -> bool:
        """Is it known who this is."""
        return self._session is not None

    async def answer(self, message: Message) -> Message:
        """The answer to a question: always one, whatever happened."""
        try:
            return await self._answered(message)
        except IsoError as error:
            log.warning("edc.refused", mti=message.mti, field=error.field, why=error.why)
            return answer(message, FORMAT, de63=f"M=DE{error.field}: {error.why}"[:NOTE_SIGNS_MAX])
        except (UnavailableError, ConflictError, NotReadyError, TimeoutError):
            return answer(message, FAULT)  # the outcome is unknown: the terminal reverses it
        except Exception as fault:  # noqa: BLE001 - a terminal is never left without an answer
            log.warning("edc.fault", mti=message.mti, kind=type(fault).__name__)
            return answer(message, FAULT)

    async def _answered(self, message: Message) -> Message:
        if message.mti == "0800":
            return answer(message, await self._network(message))
        session, place = self._session, self._place(message)
        if session is None or place is None:
            return answer(message, NOT_PERMITTED)
        if message.mti in REVERSALS:
            return answer(message, await self._reversal(session, place, message))
        return await self._financial(session, place, message)

    async def _financial(self, session: Session, place: Place, message: Message) -> Message:
        kind = message.get(3)[:2] if message.mti in PURCHASES else ""
        if kind in BALANCES:
            return await self._balance(session, place, message)
        if kind != PURCHASE:
            return answer(message, INVALID)
        return await self._purchase(session, place, message)

    def _place(self, message: Message) -> Place | None:
        """The till of the session, when the message names its terminal."""
        scope = shop_scope(self._session) if self._session is not None else None
        if scope is None or message.get(41) != terminal_of(scope[1]):
            return None
        return Place(*scope)

    async def _network(self, message: Message) -> str:
        values, code = self._dialect.values, message.get(70)
        if code == values.sign_on:
            return await self._sign_on(read_notes(message.get(63)))
        if code == values.sign_off and self._session is not None:
            await _in_thread(end_session, self._engine, self._session)
            self._session = None
        return ACCEPTED if code in (values.echo, values.sign_off) else INVALID

    async def _sign_on(self, notes: TerminalNotes) -> str:
        told = (notes.get("DEV"), notes.get("KEY"), notes.get("STAFF"), notes.get("SPIN"))
        opened = await _in_thread(open_session, self._engine, *told)
        if isinstance(opened, LoginRefusal):
            log.warning("edc.sign_on_refused", why=opened.value)
            return LOCKED if opened is LoginRefusal.LOCKED else REFUSED
        if opened.session.role not in SHOP_ROLES or shop_scope(opened.session) is None:
            return NOT_PERMITTED
        self._session = opened.session
        log.info("edc.signed_on", till=opened.session.till_id)
        return ACCEPTED

    async def _reversal(self, session: Session, place: Place, message: Message) -> str:
        purchase_id = purchase_id_of(original_key(message), place, self._engine.now())
        return await _in_thread(reverse_at_terminal, self._engine, session, place, purchase_id)

    async def _balance(self, session: Session, place: Place, message: Message) -> Message:
        proof = _proof(message, read_notes(message.get(63)))
        if not isinstance(proof, CardProof):
            return answer(message, INVALID)  # a bank tells its balance at its own terminals
        found = await _in_thread(balance_at_terminal, self._engine, session, place, proof)
        if isinstance(found, Reason):
            return answer(message, WORDINGS[found].iso8583)
        return answer(message, ACCEPTED, de54=balance_part(self._dialect, AVAILABLE, found))

    async def _purchase(self, session: Session, place: Place, message: Message) -> Message:
        notes, now = read_notes(message.get(63)), self._engine.now()
        key = Key.of(message)
        total = sum(line_total(each.unit_price, each.quantity_milli) for each in notes.lines)
        if notes.lines and self._dialect.rupiah(message.get(4)) != total:
            return answer(message, WRONG_AMOUNT)
        purchase_id = purchase_id_of(key, place, now)
        request = PurchaseRequest(
            purchase_id=purchase_id,
            shop_id=place.shop_id,
            till_id=place.till_id,
            staff_id=session.staff_id,
            occurred_at=moment_of(key.transmitted, now),
            proof=_proof(message, notes),
            lines=notes.lines,
            session=session,
        )
        waiting = asyncio.wrap_future(submit(self._engine, request))
        outcome = await asyncio.wait_for(waiting, ANSWER_WAIT_S_MAX)
        return self._outcome(message, purchase_id, outcome)

    def _outcome(self, message: Message, purchase_id: str, outcome: Outcome) -> Message:
        if isinstance(outcome, NotDecided):
            if outcome is NotDecided.NO_SESSION:
                self._session = None
            return answer(message, UNDECIDED[outcome])
        told: dict[str, Any] = json.loads(outcome.body)
        if told["status"] == APPROVED:
            balance = balance_part(self._dialect, AVAILABLE, told["balance_after"])
            note = f"R={told['receipt']['number']}"
            return answer(message, ACCEPTED, de38=approval_of(purchase_id), de54=balance, de63=note)
        note = _printable(f"M={told['message']} {told['next_step']}")
        return answer(message, WORDINGS[Reason(told["reason"])].iso8583, de63=note)


def _proof(message: Message, notes: TerminalNotes) -> CardProof | BankCardProof:
    """Our own card with its PIN belanja, or a bank's card with what only the bank can read."""
    card, pin = message.get(2), notes.get("PIN")
    if is_digits(card, CARD_DIGITS) and luhn_ok(card) and is_own_card(card):
        if not is_digits(pin, PIN_DIGITS):
            raise IsoError(63, f"PIN is {PIN_DIGITS} digits")
        return CardProof(card, pin)
    if not bank_card_ok(card):
        raise IsoError(2, "is no card that buys here")
    if not message.get(52) or HEX.fullmatch(notes.get("KSN")) is None:
        raise IsoError(52, "and KSN are needed with a bank's card")
    return BankCardProof(card, message.get(52), notes.get("KSN"))


def _printable(text: str) -> str:
    kept = (each if each.isascii() and each.isprintable() else "?" for each in text)
    return "".join(kept)[:NOTE_SIGNS_MAX]


async def _in_thread(act: Callable[..., Result], *arguments: Any) -> Result:
    """A service that waits for the database, beside the loop."""
    return await asyncio.get_running_loop().run_in_executor(None, act, *arguments)
