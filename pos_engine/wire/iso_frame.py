"""Messages on a line: each with its length in front. Bytes in, whole messages out; no sockets."""

from collections.abc import Iterator

from pos_engine.wire.iso8583 import MESSAGE_BYTES_MAX
from pos_engine.wire.iso_dialect import LENGTHS, Frame
from pos_engine.wire.iso_fields import IsoError


def framed(how: Frame, body: bytes) -> bytes:
    """A message as it goes onto the line."""
    width = LENGTHS[how.length]
    content = how.header + body
    count = len(content) + (width if how.inclusive else 0)
    head = count.to_bytes(width) if how.length == "binary2" else f"{count:04d}".encode()
    return head + content


class Unframer:
    """Collects what comes from a line and gives the messages that are complete.

    `IsoError`: the line has lost its step. Nothing after that can be read: close it.
    """

    def __init__(self, how: Frame) -> None:
        self._how = how
        self._width = LENGTHS[how.length]
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take bytes; the messages that they complete, without length and header."""
        self._held += data
        while (body := self._next()) is not None:
            yield body

    def _next(self) -> bytes | None:
        if len(self._held) < self._width:
            return None
        begin, long = self._width, self._length()
        if len(self._held) < begin + long:
            return None
        content = bytes(self._held[begin : begin + long])
        del self._held[: begin + long]
        header = self._how.header
        if not content.startswith(header):
            raise IsoError("header", "is not the agreed one")
        return content[len(header) :]

    def _length(self) -> int:
        head = bytes(self._held[: self._width])
        if self._how.length == "binary2":
            told = int.from_bytes(head)
        elif head.isdigit():
            told = int(head)
        else:
            raise IsoError("length", "is not four digits")
        long = told - (self._width if self._how.inclusive else 0)
        if not 0 < long <= MESSAGE_BYTES_MAX:
            raise IsoError("length", f"is none of 1 to {MESSAGE_BYTES_MAX}")
        return long
