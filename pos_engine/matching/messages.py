"""What goes over the local socket between whoever serves strangers and the match process."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
import numpy as np

from biometrics.gallery import Candidate, Scope
from biometrics.template import Template
from pos_engine.matching.matcher import Found, Sealed

MESSAGE_BYTES_MAX: Final = 4 << 20
STORED_MAX: Final = 2_000  # templates of one `Scores`
STALL_TIMEOUT_S: Final = 5  # without progress within a message
_PATH_BYTES_MAX: Final = 100  # of the 108 that the system allows

Socket: TypeAlias = Connection


class Config(msgspec.Struct, frozen=True):
    """What the match process is started with; over a pipe, for an address may hold a password."""

    database_url: str
    key_file: str
    folder: str
    model_id: str


class Probe(msgspec.Struct, frozen=True):
    """A face that was just seen: little-endian float32."""

    model_id: str
    quality: int
    vector: bytes

    @classmethod
    def of(cls, template: Template) -> "Probe":
        """For the way."""
        return cls(template.model_id, template.quality, template.vector.astype("<f4").tobytes())

    def template(self) -> Template:
        """Inverse of `of`. Raises ValueError when it is no template."""
        vector = np.frombuffer(self.vector, "<f4").astype(np.float32)
        return Template.of(vector, self.model_id, self.quality)


class Search(msgspec.Struct, frozen=True, tag=True):
    """`Matcher.search`."""

    probe: Probe
    kind: str
    key: str
    k: int

    def scope(self) -> Scope:
        """Where."""
        return Scope(self.kind, self.key)


class Scores(msgspec.Struct, frozen=True, tag=True):
    """`Matcher.scores`."""

    probe: Probe
    stored: list[tuple[bytes, str]]

    def sealed(self) -> list[Sealed]:
        """The templates to compare with."""
        return [Sealed(*one) for one in self.stored]


class Seal(msgspec.Struct, frozen=True, tag=True):
    """`Matcher.seal`."""

    probe: Probe
    bound_to: str


class FoundAnswer(msgspec.Struct, frozen=True, tag=True):
    """Of `Search`."""

    candidates: list[tuple[str, str, str, float]]
    families: int
    templates: int

    @classmethod
    def of(cls, found: Found) -> "FoundAnswer":
        """For the way."""
        rows = [(c.template_id, c.person_id, c.family_id, c.score) for c in found.candidates]
        return cls(rows, found.families, found.templates)

    def found(self, model_id: str) -> Found:
        """Inverse of `of`."""
        candidates = tuple(Candidate(*row, model_id) for row in self.candidates)
        return Found(candidates, self.families, self.templates)


class ScoresAnswer(msgspec.Struct, frozen=True, tag=True):
    """Of `Scores`."""

    scores: list[float]


class SealAnswer(msgspec.Struct, frozen=True, tag=True):
    """Of `Seal`."""

    sealed: bytes


class Failed(msgspec.Struct, frozen=True, tag=True):
    """No answer: UNAVAILABLE (ask again later), KEY (the wrong key file) or FAULT."""

    code: str
    message: str = ""


UNAVAILABLE: Final = "UNAVAILABLE"
KEY: Final = "KEY"
FAULT: Final = "FAULT"

Request: TypeAlias = Search | Scores | Seal
Answer: TypeAlias = FoundAnswer | ScoresAnswer | SealAnswer | Failed

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def send(connection: Socket, message: Request | Answer) -> None:
    """Raises OSError when the other side is gone."""
    connection.send_bytes(_encoder.encode(message))


def receive_request(connection: Socket) -> Request:
    """Raises EOFError, OSError, `msgspec.DecodeError`."""
    return _requests.decode(connection.recv_bytes(MESSAGE_BYTES_MAX))


def receive_answer(connection: Socket) -> Answer:
    """Raises EOFError, OSError, `msgspec.DecodeError`."""
    return _answers.decode(connection.recv_bytes(MESSAGE_BYTES_MAX))


def wrapped(plain: socket.socket) -> Socket:
    """Messages over a socket that gives up on a peer that stops in the middle of one."""
    plain.settimeout(None)
    timeval = struct.pack("ll", STALL_TIMEOUT_S, 0)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeval)
    return Connection(plain.detach())


@contextmanager
def address(folder: Path) -> Iterator[str]:
    """The path of the socket, also where the folder's own path is too long for one."""
    path = str(folder.resolve() / "match.sock")
    if len(path.encode()) <= _PATH_BYTES_MAX:
        yield path
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/match.sock"
    finally:
        os.close(handle)
