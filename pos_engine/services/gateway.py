"""Calls of an aggregator: signed, fresh, and each at most once."""

from dataclasses import dataclass
from enum import Enum

import structlog

from pos_engine.engine import Engine
from pos_engine.wire import gateway

log = structlog.get_logger()


class Call(Enum):
    """Is a call an aggregator's own."""

    OURS = "OURS"
    CLOSED = "CLOSED"  # no secret is set: there are no hooks
    FORGED = "FORGED"
    OUTSIDE_WINDOW = "OUTSIDE_WINDOW"


@dataclass(frozen=True, slots=True)
class Headers:
    """What a call carries besides its body."""

    timestamp: str
    signature: str


def check_call(engine: Engine, headers: Headers, method: str, path: str, body: bytes) -> Call:
    """Whose call this is. Nothing is read or written before its signature held."""
    call = _call(engine, headers, method, path, body)
    if call is not Call.OURS:
        log.warning("gateway.refused", reason=call.value, path=path)
    return call


def _call(engine: Engine, headers: Headers, method: str, path: str, body: bytes) -> Call:
    secret = engine.gateway_secret
    if len(secret) < gateway.SECRET_LENGTH_MIN:
        return Call.CLOSED
    if not gateway.holds(secret, headers.signature, headers.timestamp, method, path, body):
        return Call.FORGED
    if not gateway.in_window(headers.timestamp, engine.now()):
        return Call.OUTSIDE_WINDOW
    return Call.OURS
