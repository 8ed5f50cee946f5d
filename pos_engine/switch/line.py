"""One connection to a bank: signs on, reads what comes, echoes when nothing else is said."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_dialect import Dialect
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.iso_frame import Unframer, framed

READ_BYTES = 65_536
WRITE_BUFFER_BYTES_MAX = 262_144  # a bank that does not read is hung up on

log = structlog.get_logger()
Heard = Callable[["Line", Message], Awaitable[None]]


class Line:
    """An open connection. `heard` gets every message that comes; `closed` is set at its end."""

    def __init__(
        self,
        dialect: Dialect,
        bank: str,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        heard: Heard,
    ) -> None:
        self.closed = asyncio.Event()
        self.last_heard = asyncio.get_running_loop().time()
        self._dialect, self._bank, self._heard = dialect, bank, heard
        self._reader, self._writer = streams
        self._task = asyncio.create_task(self._read())

    def send(self, message: Message) -> bool:
        """Hand a message to the connection; False when it is closed or its far end reads nothing.

        `IsoError` when it cannot be written in this dialect.
        """
        body = self._dialect.codec.pack(message)
        if self.closed.is_set() or self._writer.is_closing():
            return False
        transport = self._writer.transport
        if transport.get_write_buffer_size() > WRITE_BUFFER_BYTES_MAX:
            self.close()
            return False
        self._writer.write(framed(self._dialect.frame, body))
        return True

    def close(self) -> None:
        """Hang up."""
        self.closed.set()
        self._writer.close()
        self._task.cancel()

    async def _read(self) -> None:
        unframer = Unframer(self._dialect.frame)
        loop = asyncio.get_running_loop()
        try:
            while data := await self._reader.read(READ_BYTES):
                for body in unframer.feed(data):
                    self.last_heard = loop.time()
                    await self._one(body)
        except IsoError as error:
            log.warning("bank.line_lost_step", bank=self._bank, field=error.field, why=error.why)
        except OSError:
            log.warning("bank.line_broke", bank=self._bank)
        finally:
            self.closed.set()
            with contextlib.suppress(OSError):
                self._writer.close()

    async def _one(self, body: bytes) -> None:
        """A message that cannot be read is skipped: the length in front still holds the step."""
        try:
            message = self._dialect.codec.unpack(body)
        except IsoError as error:
            log.warning("bank.unreadable", bank=self._bank, field=error.field, why=error.why)
            return
        await self._heard(self, message)
