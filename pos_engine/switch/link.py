"""The link to one bank: a bounded number of questions, on a few lines, behind a breaker.

Lives in one event loop. Answers are matched by DE7, DE11, DE32 and DE41 together.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import structlog

from pos_engine.switch.breaker import Breaker
from pos_engine.switch.config import LinkConfig
from pos_engine.switch.line import Line
from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.iso_messages import Key, answer, is_question, network_message, transmission

OWN_TERMINAL = "EWSWITCH"
NOTES_MAX = 64  # late answers and questions of a bank that are worked on at once
ACCEPTED, NOT_POSSIBLE = "00", "12"
REVERSALS = ("0400", "0401", "0420", "0421")

log = structlog.get_logger()


class Heard(StrEnum):
    """What became of a question."""

    ANSWERED = "ANSWERED"
    NO_ANSWER = "NO_ANSWER"  # it went out; whether it arrived is unknown
    NOT_SENT = "NOT_SENT"  # nothing left us


@dataclass(frozen=True, slots=True)
class Reply:
    """The bank's answer, when there was one."""

    heard: Heard
    message: Message | None = None


class Incoming(Protocol):
    """Who is told what a bank says unasked. Both may take their time: they run in threads."""

    def late(self, bank: str, message: Message) -> None:
        """An answer that nobody waits for any more."""

    def reversal(self, bank: str, message: Message) -> str:
        """The bank takes something back; DE39 of our answer."""


NOT_SENT = Reply(Heard.NOT_SENT)
NO_ANSWER = Reply(Heard.NO_ANSWER)


class Link:
    """Asks one bank. `now` is the clock on the wall, for DE7 of our own network messages."""

    def __init__(
        self, config: LinkConfig, now: Callable[[], datetime], incoming: Callable[[], Incoming]
    ) -> None:
        self.config = config
        self.breaker = Breaker(config.failures, config.pause_s)
        self._now, self._incoming = now, incoming
        self._lines: list[Line | None] = [None] * config.connections
        self._opening: list[asyncio.Task[Line | None] | None] = [None] * config.connections
        self._turn = itertools.cycle(range(config.connections))
        self._waiting: dict[Key, asyncio.Future[Message]] = {}
        self._in_flight = 0
        self._traces = itertools.cycle(range(1, 1_000_000))
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, message: Message) -> Reply:
        """Send a question and wait for its answer, `answer_s` at most."""
        loop = asyncio.get_running_loop()
        if self._in_flight >= self.config.in_flight or not self.breaker.enter(loop.time()):
            return NOT_SENT
        self._in_flight += 1
        try:
            reply = await self._ask(message)
        except IsoError as error:
            self.breaker.gave_up()
            log.warning("bank.unwritable", bank=self.config.bank, field=error.field, why=error.why)
            return NOT_SENT
        except asyncio.CancelledError:
            self.breaker.gave_up()
            raise
        finally:
            self._in_flight -= 1
        if reply.heard is Heard.ANSWERED:
            self.breaker.answered()
        else:
            self.breaker.failed(loop.time())
            log.warning("bank.silent", bank=self.config.bank, heard=reply.heard.value)
        return reply

    async def _ask(self, message: Message) -> Reply:
        key = Key.of(message)
        line = await self._line()
        return NOT_SENT if line is None else await self._exchange(line, key, message)

    async def _exchange(self, line: Line, key: Key, message: Message) -> Reply:
        if key in self._waiting:
            return NOT_SENT  # one answer could not be told from the other
        waiting: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[key] = waiting
        gone = asyncio.ensure_future(line.closed.wait())
        try:
            if not line.send(message):
                return NOT_SENT
            both: set[asyncio.Future[Any]] = {waiting, gone}
            done, _ = await asyncio.wait(
                both, timeout=self.config.answer_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            gone.cancel()
            self._waiting.pop(key, None)
        return Reply(Heard.ANSWERED, waiting.result()) if waiting in done else NO_ANSWER

    async def _line(self) -> Line | None:
        """A line that is signed on, opened when there is none; the next one each time.

        Whoever comes while it is being opened waits for the same opening, `connect_s` at most.
        """
        place = next(self._turn)
        line = self._lines[place]
        if line is not None and not line.closed.is_set():
            return line
        opening = self._opening[place]
        if opening is None or opening.done():
            opening = self._opening[place] = asyncio.create_task(self._open(place))
        try:
            return await asyncio.wait_for(asyncio.shield(opening), self.config.connect_s)
        except TimeoutError:
            return None

    async def _open(self, place: int) -> Line | None:
        config = self.config
        try:
            streams = await asyncio.wait_for(
                asyncio.open_connection(config.host, config.port), config.connect_s
            )
        except (OSError, TimeoutError):
            return None
        line = Line(config.dialect, config.bank, streams, self._heard)
        if not await self._network(line, config.dialect.values.sign_on):
            line.close()
            return None
        log.info("bank.signed_on", bank=config.bank)
        self._lines[place] = line
        self._keep(self._echo(line))
        return line

    async def _network(self, line: Line, code: str) -> bool:
        """Say an 0800 and hear whether it was accepted."""
        now = self._now()
        key = Key(
            transmission(now),
            f"{next(self._traces):06d}",
            self.config.acquirer.zfill(11),
            OWN_TERMINAL,
        )
        reply = await self._exchange(line, key, network_message(code, key, now))
        return reply.message is not None and reply.message.get(39) == ACCEPTED

    async def _echo(self, line: Line) -> None:
        """A line that is quiet for too long is asked whether it still lives."""
        loop = asyncio.get_running_loop()
        while not line.closed.is_set():
            quiet_s = loop.time() - line.last_heard
            if quiet_s < self.config.echo_s:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(line.closed.wait(), self.config.echo_s - quiet_s)
            elif not await self._network(line, self.config.dialect.values.echo):
                line.close()

    async def _heard(self, line: Line, message: Message) -> None:
        if is_question(message.mti):
            self._keep(self._answer(line, message))
            return
        try:
            waiting = self._waiting.get(Key.of(message))
        except IsoError as error:
            log.warning("bank.unmatched", bank=self.config.bank, field=error.field, why=error.why)
            return
        if waiting is None or waiting.done():
            self._keep(self._late(message))
        else:
            waiting.set_result(message)

    def _keep(self, work: Awaitable[None]) -> None:
        """Do it beside the reading; beyond NOTES_MAX a bank's unasked words are dropped."""
        if len(self._tasks) >= NOTES_MAX + len(self._lines):
            log.warning("bank.too_many_words", bank=self.config.bank)
            work.close()  # type: ignore[attr-defined]
            return
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _late(self, message: Message) -> None:
        log.warning(
            "bank.late_answer",
            bank=self.config.bank,
            mti=message.mti,
            trace=message.get(11),
            code=message.get(39),
        )
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._incoming().late, self.config.bank, message)

    async def _answer(self, line: Line, question: Message) -> None:
        """What a bank asks of us: echo, new keys, and that it takes something back."""
        code = NOT_POSSIBLE
        if question.mti == "0800":
            code = ACCEPTED  # PIN keys are the terminals' and the bank's: nothing of them is ours
        elif question.mti in REVERSALS:
            loop = asyncio.get_running_loop()
            told = self._incoming().reversal
            code = await loop.run_in_executor(None, told, self.config.bank, question)
        log.info("bank.asks", bank=self.config.bank, mti=question.mti, code=code)
        with contextlib.suppress(IsoError):
            line.send(answer(question, code))

    def close(self) -> None:
        """Hang up; who waits hears that nobody answered."""
        for line in self._lines:
            if line is not None:
                line.close()
        for task in list(self._tasks):
            task.cancel()
