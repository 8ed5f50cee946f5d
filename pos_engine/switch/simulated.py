"""Banks as a rehearsal plays them: they answer, wait, fall silent, say things twice, take back.

Each speaks its own dialect over TCP and keeps a book: who was debited, what was reversed.
"""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pos_engine.switch.dialects import shipped_dialect
from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_dialect import Dialect
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.iso_frame import Unframer, framed
from pos_engine.wire.iso_messages import (
    AVAILABLE,
    Key,
    answer,
    balance_part,
    original_elements,
    original_key,
)

HEARD_MAX = 10_000  # messages that a simulated bank remembers having heard
FIVE = {"BRI": "bri", "BNI": "bni", "MANDIRI": "mandiri", "BTN": "btn", "BSI": "bsi"}
OK, SHORT, UNKNOWN, NOT_POSSIBLE = "00", "51", "25", "12"
READ_BYTES = 65_536


class Mode(StrEnum):
    """How it treats purchases."""

    ANSWER = "answer"
    DELAY = "delay"  # debits at once, answers after `delay_s`
    DROP = "drop"  # debits, and never answers a purchase
    DEAF = "deaf"  # hears nothing at all: no purchase, no reversal
    DUPLICATE = "duplicate"  # answers twice
    REVERSE = "reverse"  # answers, then takes it back itself
    REFUSE = "refuse"  # answers with `code`


@dataclass(slots=True)
class SimulatedBank:
    """One bank. `accounts` are balances in rupiah by account token; strangers have `balance`."""

    dialect: Dialect
    mode: Mode = Mode.ANSWER
    delay_s: float = 1.0
    code: str = "05"
    fee: int = 0
    balance: int = 1_000_000
    accounts: dict[str, int] = field(default_factory=dict)
    debits: dict[Key, tuple[str, int]] = field(default_factory=dict)
    reversed: set[Key] = field(default_factory=set)
    heard: deque[Message] = field(default_factory=lambda: deque(maxlen=HEARD_MAX))
    counts: Counter[str] = field(default_factory=Counter)
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._line, host, port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def close(self) -> None:
        """Hang up."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        for writer in self._writers:
            writer.close()

    def debited(self) -> int:
        """Rupiah taken and not given back."""
        return sum(amount for key, (_, amount) in self.debits.items() if key not in self.reversed)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        unframer = Unframer(self.dialect.frame)
        try:
            while data := await reader.read(READ_BYTES):
                for body in unframer.feed(data):
                    self._one(writer, body)
        except (OSError, IsoError):
            self.counts["broken"] += 1
        finally:
            self._writers.discard(writer)
            with contextlib.suppress(OSError):
                writer.close()

    def _one(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        try:
            message = self.dialect.codec.unpack(body)
        except IsoError as error:
            self.counts[f"unreadable DE{error.field}"] += 1
            return
        self.heard.append(message)
        self.counts[message.mti] += 1
        if message.mti == "0800":
            self._send(writer, answer(message, OK))
        elif self.mode is Mode.DEAF or message.mti.endswith("10"):
            return
        elif message.mti == "0200":
            self._financial(writer, message)
        elif message.mti[:2] == "04" and message.mti[2] in "02":
            self._send(writer, answer(message, self._reverse(message)))

    def _financial(self, writer: asyncio.StreamWriter, message: Message) -> None:
        values = self.dialect.values
        if message.get(3) == values.balance:
            left = self._left(message.get(values.account_field))
            told = balance_part(self.dialect, AVAILABLE, left)
            self._send(writer, answer(message, OK, de54=told))
            return
        if message.get(3) != values.purchase:
            self._send(writer, answer(message, NOT_POSSIBLE))
            return
        code = self._debit(message)
        approval = "SIM001" if code == OK else ""
        fee = f"D{self.fee * 10**values.amount_decimals:08d}" if self.fee else ""
        self._by_mode(writer, message, answer(message, code, de38=approval, de28=fee))

    def _by_mode(self, writer: asyncio.StreamWriter, asked: Message, reply: Message) -> None:
        match self.mode:
            case Mode.DROP:
                return
            case Mode.DELAY:
                self._later(self._delayed(writer, reply))
            case Mode.DUPLICATE:
                self._send(writer, reply)
                self._send(writer, reply)
            case Mode.REVERSE:
                self._send(writer, reply)
                self._send(writer, self._taken_back(asked))
            case _:
                self._send(writer, reply)

    def _left(self, account: str) -> int:
        return self.accounts.setdefault(account, self.balance)

    def _debit(self, message: Message) -> str:
        """Once for each key, however often it is asked."""
        key, account = Key.of(message), message.get(self.dialect.values.account_field)
        amount = self.dialect.rupiah(message.get(4)) or 0
        if self.mode is Mode.REFUSE:
            return self.code
        if key in self.debits:
            return OK
        if self._left(account) < amount:
            return SHORT
        self.accounts[account] -= amount
        self.debits[key] = (account, amount)
        return OK

    def _reverse(self, message: Message) -> str:
        """Give back what DE90 names, once."""
        key = original_key(message)
        if key not in self.debits:
            return UNKNOWN
        if key not in self.reversed:
            account, amount = self.debits[key]
            self.accounts[account] += amount
            self.reversed.add(key)
        return OK

    def _taken_back(self, asked: Message) -> Message:
        """An advice of this bank that it took a purchase back."""
        key = Key.of(asked)
        self.reversed.add(key)
        kept = {n: asked.fields[n] for n in (3, 4, 7, 11, 12, 13, 32, 41, 42, 49)}
        return Message("0420", kept | {90: original_elements("0200", key)})

    async def _delayed(self, writer: asyncio.StreamWriter, reply: Message) -> None:
        await asyncio.sleep(self.delay_s)
        self._send(writer, reply)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _send(self, writer: asyncio.StreamWriter, message: Message) -> None:
        if not writer.is_closing():
            writer.write(framed(self.dialect.frame, self.dialect.codec.pack(message)))


def five_banks() -> dict[str, SimulatedBank]:
    """Five banks with five dialects."""
    return {bank: SimulatedBank(shipped_dialect(name)) for bank, name in FIVE.items()}
