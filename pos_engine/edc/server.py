"""EDC terminals over TCP: framed ISO 8583 in, services asked, framed ISO 8583 out."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable

import structlog

from pos_engine.edc.conversation import Conversation
from pos_engine.engine import Engine
from pos_engine.switch.dialects import shipped_dialect
from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_dialect import Dialect
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.iso_frame import Unframer, framed
from pos_engine.wire.iso_messages import is_question

TERMINALS_MAX = 2_000  # connections at once
IN_FLIGHT_MAX = 8  # questions of one terminal
SIGN_ON_S_MAX = 30.0
IDLE_S_MAX = 600.0
BAD_MESSAGES_MAX = 10  # then the connection is ended
READ_BYTES = 65_536

log = structlog.get_logger()


class TerminalServer:
    """Listens for terminals. `start` returns the port; `close` ends every conversation."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._dialect = shipped_dialect("terminal")
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; port 0 takes any that is free."""
        self._server = await asyncio.start_server(self._terminal, host, port, ssl=tls)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def close(self) -> None:
        """Stop listening and hang up."""
        if self._server is not None:
            self._server.close()
        for each in list(self._open):
            each.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _terminal(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._open) >= TERMINALS_MAX:
            log.warning("edc.too_many_terminals")
            writer.close()
            return
        self._open.add(task)
        try:
            await _Terminal(self._engine, self._dialect, writer).listen(reader)
        except IsoError as error:
            log.warning("edc.line_lost_step", field=error.field, why=error.why)
        except (OSError, TimeoutError):
            log.info("edc.line_ended")
        finally:
            self._open.discard(task)
            with contextlib.suppress(OSError):
                writer.close()


class _Terminal:
    """One connection."""

    def __init__(self, engine: Engine, dialect: Dialect, writer: asyncio.StreamWriter) -> None:
        self._dialect, self._writer = dialect, writer
        self._talk = Conversation(engine, dialect)
        self._bad = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Read until the terminal hangs up, falls silent, or talks nonsense for too long."""
        unframer = Unframer(self._dialect.frame)
        try:
            while data := await asyncio.wait_for(reader.read(READ_BYTES), self._patience):
                for body in unframer.feed(data):
                    self._one(body)
                if self._bad >= BAD_MESSAGES_MAX:
                    log.warning("edc.too_many_bad_messages")
                    return
        finally:
            for task in self._tasks:
                task.cancel()

    @property
    def _patience(self) -> float:
        return IDLE_S_MAX if self._talk.signed_on else SIGN_ON_S_MAX

    def _one(self, body: bytes) -> None:
        try:
            message = self._dialect.codec.unpack(body)
        except IsoError as error:
            self._bad += 1
            log.warning("edc.unreadable", field=error.field, why=error.why)
            return
        if not is_question(message.mti) or len(self._tasks) >= IN_FLIGHT_MAX:
            self._bad += 1
            log.warning("edc.not_taken", mti=message.mti)
            return
        self._keep(self._answer(message))

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, message: Message) -> None:
        reply = await self._talk.answer(message)
        if not self._writer.is_closing():
            self._writer.write(framed(self._dialect.frame, self._dialect.codec.pack(reply)))
