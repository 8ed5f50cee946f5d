"""Both ways of a line at work: take, hand over, settle; read, answer; bind again when it ends."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from pos_engine.engine import Engine
from pos_engine.services import outgoing, ussd
from pos_engine.services.outgoing import Handed, Taken
from pos_engine.services.sms_in import Incoming, receive_text
from pos_engine.store.database import ConflictError, UnavailableError
from pos_engine.telco.line import Bound, Ended, Line, LineDownError, StepCame, TextCame
from pos_engine.wire.delivery import Report
from pos_engine.wire.ussd import BUSY, Screen, shown

BIND_PAUSE_S = 1.0  # before binding again: doubled, then jittered
BIND_PAUSE_S_MAX = 60.0
IDLE_PAUSE_S = 0.1  # between two looks at an empty queue
AT_HAND = 2  # windows of texts that are taken: a look at the queue is shared by many
FLUSH_S = 0.05  # between two writes of what became of texts
FLUSHED_AT_ONCE_MAX = 1_000
THROTTLE_PAUSE_S = 1.0  # nothing is taken for so long after the operator said: too much
REPORTS_HELD_MAX = 20_000  # read ahead of the database
REPORT_ROUNDS_MAX = 100  # flushes that a report waits for its text; then it is nobody's
DIALOGUES_MAX = 2_000  # steps under way at once
TEXTS_MAX = 200  # texts of phones under way at once
THREADS = 8
STOP_S_MAX = 5.0
log = structlog.get_logger()
Answer = TypeVar("Answer")


@dataclass(slots=True)
class Figures:
    """What the link did, for the operator and the benchmark."""

    handed: int = 0
    accepted: int = 0
    reports: int = 0
    texts: int = 0
    steps: int = 0
    binds: int = 0


@dataclass(slots=True)
class _Held:
    """A report that waits for its text to be written."""

    report: Report
    rounds: int = 0


@dataclass(slots=True)
class _Work:
    """What one bound session has under way."""

    bound: Bound
    flying: set[asyncio.Task[None]] = field(default_factory=set)
    answering: set[asyncio.Task[None]] = field(default_factory=set)
    handed: list[Handed] = field(default_factory=list)
    reports: list[_Held] = field(default_factory=list)
    room: asyncio.Event = field(default_factory=asyncio.Event)  # set when reports were written
    dialogues: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DIALOGUES_MAX))
    texts: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(TEXTS_MAX))
    taking: bool = True
    throttled_until: float = 0.0


class Link:
    """A line of an engine. `run` until `stop` is set."""

    def __init__(self, engine: Engine, line: Line) -> None:
        self.figures = Figures()
        self._engine, self._line = engine, line
        self._threads = ThreadPoolExecutor(THREADS, "line")

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the line open; each failure waits longer than the one before."""
        pause_s = BIND_PAUSE_S
        while not stop.is_set():
            try:
                bound = await self._line.open()
            except LineDownError as error:
                log.warning("line.down", line=self._line.name, reason=str(error))
                await _wait(stop, pause_s * random.uniform(0.5, 1))  # noqa: S311 - jitter
                pause_s = min(pause_s * 2, BIND_PAUSE_S_MAX)
                continue
            self.figures.binds += 1
            pause_s = BIND_PAUSE_S
            log.info("line.bound", line=self._line.name)
            await self._serve(bound, stop)
            log.info("line.ended", line=self._line.name)
            await _wait(stop, 0 if stop.is_set() else BIND_PAUSE_S)
        self._threads.shutdown(wait=False)

    async def _serve(self, bound: Bound, stop: asyncio.Event) -> None:
        """One bound session, from its first text to the last answer that is written."""
        work = _Work(bound)
        reader = asyncio.create_task(self._read(work))
        sender = asyncio.create_task(self._send(work))
        writer = asyncio.create_task(self._write(work))
        stopper = asyncio.create_task(stop.wait())
        all_of_it = {reader, sender, writer, stopper}
        await asyncio.wait(all_of_it, return_when=asyncio.FIRST_COMPLETED)
        for each in (sender, reader, stopper):
            each.cancel()
        ends = await asyncio.gather(sender, reader, stopper, return_exceptions=True)
        if work.flying:
            await asyncio.wait(work.flying, timeout=STOP_S_MAX)
        for each in (*work.flying, *work.answering):
            each.cancel()
        work.taking = False
        last = await asyncio.gather(writer, return_exceptions=True)
        for fault in (*ends, *last):
            if isinstance(fault, Exception):
                log.error("line.fault", line=self._line.name, exc_info=fault)
        await bound.close()

    async def _send(self, work: _Work) -> None:
        """Take as many texts as the window has room for, codes first."""
        clock = asyncio.get_running_loop().time
        room_max = self._line.window * AT_HAND
        while True:
            room = room_max - len(work.flying)
            if clock() < work.throttled_until or room < room_max // 2:
                await asyncio.sleep(FLUSH_S / 10)
                continue
            try:
                found = await self._thread(outgoing.take, self._engine, room)
            except (UnavailableError, ConflictError):
                log.warning("line.database_unavailable")
                await asyncio.sleep(IDLE_PAUSE_S * 10)
                continue
            for each in found:
                _keep(work.flying, self._hand_over(work, each))
            if not found:
                await asyncio.sleep(IDLE_PAUSE_S)

    async def _hand_over(self, work: _Work, text: outgoing.Outgoing) -> None:
        handed = await work.bound.hand_over(text)
        self.figures.handed += 1
        self.figures.accepted += handed.taken is Taken.ACCEPTED
        if handed.taken is Taken.BUSY:
            loop = asyncio.get_running_loop()
            work.throttled_until = loop.time() + THROTTLE_PAUSE_S
        work.handed.append(handed)

    async def _read(self, work: _Work) -> None:
        """Sort what comes; more than is written in time waits at the operator's."""
        while True:
            event = await work.bound.next()
            if isinstance(event, Ended):
                return
            if isinstance(event, Report):
                self.figures.reports += 1
                work.reports.append(_Held(event))
                if len(work.reports) >= REPORTS_HELD_MAX:
                    work.room.clear()
                    await work.room.wait()
            elif isinstance(event, TextCame):
                self.figures.texts += 1
                await work.texts.acquire()
                _keep(work.answering, self._answer(work, event))
            elif isinstance(event, StepCame):
                self.figures.steps += 1
                await work.dialogues.acquire()
                _keep(work.answering, self._show(work, event))

    async def _answer(self, work: _Work, came: TextCame) -> None:
        incoming = Incoming(self._line.name, came.message_id, came.sender, came.text)
        try:
            await self._thread(receive_text, self._engine, incoming)
        except (UnavailableError, ConflictError):
            log.warning("sms.lost", line=self._line.name)
        except Exception:
            log.exception("sms.fault", line=self._line.name)
        finally:
            work.texts.release()

    async def _show(self, work: _Work, came: StepCame) -> None:
        step = ussd.Dialled(
            self._line.name, came.session_id, came.sender, came.typed, begins=came.begins
        )
        try:
            text, end = await self._said(step)
            if not await work.bound.show(came, text, end=end):
                log.warning("ussd.not_shown", line=self._line.name)
        finally:
            work.dialogues.release()

    async def _said(self, step: ussd.Dialled) -> tuple[str, bool]:
        """The next screen; a fault ends the dialogue and never the line."""
        try:
            found = await asyncio.wrap_future(ussd.submit(self._engine, step))
            done = (
                await self._thread(ussd.finish, self._engine, step, found)
                if isinstance(found, ussd.ToPay)
                else ussd.finish(self._engine, step, found)
            )
        except (UnavailableError, ConflictError):
            log.warning("ussd.busy", line=self._line.name)
        except Exception:
            log.exception("ussd.fault", line=self._line.name)
        else:
            return done.text, done.end
        return shown(Screen.PAY, BUSY), True

    async def _write(self, work: _Work) -> None:
        """Write what became of texts, then what was reported: a report never comes first."""
        most, ending = FLUSHED_AT_ONCE_MAX, False
        while not ending or work.handed:
            ending = not work.taking
            handed, work.handed = work.handed[:most], work.handed[most:]
            held, work.reports = work.reports[:most], work.reports[most:]
            try:
                again = await self._thread(self._flush, handed, held)
                work.reports.extend(again)
                work.room.set()
            except (UnavailableError, ConflictError):
                log.warning("line.database_unavailable")
                work.handed, work.reports = handed + work.handed, held + work.reports
                if ending:
                    return  # the lease gives the texts back
            await asyncio.sleep(FLUSH_S)

    def _flush(self, handed: list[Handed], held: list[_Held]) -> list[_Held]:
        """In a thread: the reports whose texts are not written yet come back."""
        if handed:
            outgoing.settle(self._engine, handed)
        told = [each.report for each in held]
        unknown = {each.gateway_id for each in outgoing.note_reports(self._engine, told)}
        again = [
            _Held(each.report, each.rounds + 1)
            for each in held
            if each.report.gateway_id in unknown
        ]
        gone = [each for each in again if each.rounds >= REPORT_ROUNDS_MAX]
        if gone:
            log.warning("line.reports_of_nobody", count=len(gone))
        return [each for each in again if each.rounds < REPORT_ROUNDS_MAX]

    async def _thread(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, work, *arguments)


def _keep(tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    """Run it, and hold it until it is done."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    """So long, or until the end."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
