"""Where logs are configured: one JSON line for each event, on standard error, in UTC.

What may stand in a line is the business of `PROCESSORS`; where a fault happened is told by file and
line, never by its message, which may carry what a person sent.
"""

import io
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO, cast

import structlog
from structlog.types import Processor

FRAMES_MAX = 12  # of a fault, the innermost last
Event = MutableMapping[str, Any]


def place_of_fault(_logger: Any, _name: str, event: Event) -> Event:
    """The kind of an exception and where it came from, in place of its message and its values."""
    error = _exception(event.pop("exc_info", None))
    event.pop("stack_info", None)
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
        event["fault"] = type(error).__name__
        event["at"] = [f"{Path(each.filename).name}:{each.lineno}" for each in frames]
    return event


def _exception(said: Any) -> BaseException | None:
    if isinstance(said, BaseException):
        return said
    if isinstance(said, tuple):
        said = said[1]
        return said if isinstance(said, BaseException) else None
    return sys.exc_info()[1] if said else None


# What a line may say; anything else is left out by its name. No word here is of a person: ids are
# ours, `why` and `reason` are our own words or the name of a fault.
_WORDS = (
    "event level timestamp request_id fault at method route status ms host port url workers "
    "version revision name bank purchase state code trace mti field terminal till dialect "
    "after_s reason why line partner http case attempt service kind path model_id whose index "
    "database newest templates day root month shops found sellers proposals dataset count rows "
    "wait heard enrolment_id proposed_by staff_id limit of_what seconds "
)
ALLOWED = frozenset(_WORDS.split())
VALUE_LENGTH_MAX = 300
_NUMBER = re.compile(r"(?<![0-9A-Za-z-])\+?\d{10,}(?![0-9A-Za-z-])")  # NIK, card, phone


def only_allowed(_logger: Any, _name: str, event: Event) -> Event:
    """Keep what may be said; long numbers are taken out of what is."""
    strange = sorted(key for key in event if key not in ALLOWED and not key.startswith("_"))
    for key in strange:
        del event[key]
    if strange:
        event["left_out"] = strange
    for key, value in event.items():
        if isinstance(value, str) and not key.startswith("_"):
            event[key] = _NUMBER.sub("#", value)[:VALUE_LENGTH_MAX]
    return event


def words_of_libraries(_logger: Any, _name: str, event: Event) -> Event:
    """What a library tells, without the values that it put into its sentence."""
    record = event.get("_record")
    if record is not None:
        event["event"] = f"{record.name}: {record.msg}"
    return event


# Each line passes these in order, ours and those of the libraries alike.
PROCESSORS: list[Processor] = [
    structlog.contextvars.merge_contextvars,  # the request's id
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    place_of_fault,
    words_of_libraries,
    only_allowed,
]


class _StandardError(io.TextIOBase):
    """Standard error as it is at each line: whoever has put another in its place gets it."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


_NOW = cast(TextIO, _StandardError())


def configure(level: str, stream: TextIO = _NOW) -> None:
    """Log from `level` on: debug, info, warning or error. Safe to call again."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*PROCESSORS, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,  # who imported us earlier follows too
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=PROCESSORS,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # what libraries tell below a warning is about themselves
    root.setLevel(max(number, logging.WARNING))
