"""Which bank is reached where: the links file (TOML), one table a bank."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pos_engine.switch.dialects import dialect_named
from pos_engine.wire.iso_dialect import Dialect
from pos_engine.wire.iso_fields import IsoError

BANKS_MAX = 32
BANK = re.compile(r"[A-Z][A-Z0-9_-]{0,15}", re.ASCII)
ACQUIRER = re.compile(r"[1-9][0-9]{0,10}", re.ASCII)
PORT_MAX = 65_535
ANSWER_S_MAX = 8.0  # below what a till waits for: it hears of a silent bank, not of a dead engine


class LinksError(Exception):
    """The links file cannot be used. The message says what is wrong in it."""


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """One bank. Times in seconds. `in_flight` questions at most wait for it, on `connections`.

    After `failures` in a row that nobody answered, nothing is asked for `pause_s`.
    """

    bank: str
    host: str
    port: int
    acquirer: str
    dialect: Dialect
    connections: int = 2
    in_flight: int = 64
    connect_s: float = 2.0
    answer_s: float = 5.0
    echo_s: float = 60.0
    failures: int = 5
    pause_s: float = 5.0


_LEAST: Mapping[str, tuple[float, float]] = {
    "port": (1, PORT_MAX),
    "connections": (1, 16),
    "in_flight": (1, 1_024),
    "connect_s": (0.05, ANSWER_S_MAX),
    "answer_s": (0.05, ANSWER_S_MAX),
    "echo_s": (0.05, 3_600),
    "failures": (1, 1_000),
    "pause_s": (0.05, 3_600),
}
_KNOWN = {each.name: each for each in fields(LinkConfig) if each.name not in ("bank", "dialect")}


def read_links(path: Path) -> list[LinkConfig]:
    """The banks of a links file; `LinksError` names bank and value."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LinksError(f"{path} cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LinksError(f"{path} is no TOML: {error}") from None
    if not 0 < len(told) <= BANKS_MAX:
        raise LinksError(f"{path} names 1 to {BANKS_MAX} banks, each a table")
    return [_link(bank, values, path.parent) for bank, values in told.items()]


def _link(bank: str, told: Any, folder: Path) -> LinkConfig:
    if BANK.fullmatch(bank) is None or not isinstance(told, Mapping):
        raise LinksError(f"[{bank}]: a table with a bank's code as its name, such as [BRI]")
    unknown = set(told) - set(_KNOWN) - {"dialect"}
    if unknown:
        raise LinksError(f"[{bank}] {min(unknown)}: is no value of a link")
    if not isinstance(told.get("host"), str) or "port" not in told:
        raise LinksError(f"[{bank}]: host and port are needed")
    if ACQUIRER.fullmatch(str(told.get("acquirer", ""))) is None:
        raise LinksError(f"[{bank}] acquirer: our number at the bank, up to 11 digits, in quotes")
    for name, (least, most) in _LEAST.items():
        value = told.get(name, _KNOWN[name].default)
        whole = isinstance(value, int) and not isinstance(value, bool)
        fits = whole or (isinstance(value, float) and isinstance(_KNOWN[name].default, float))
        if not fits or not least <= value <= most:
            raise LinksError(f"[{bank}] {name}: {least:g} to {most:g}")
    waits = [told.get(name, _KNOWN[name].default) for name in ("connect_s", "answer_s")]
    if sum(waits) > ANSWER_S_MAX:
        raise LinksError(f"[{bank}]: connect_s and answer_s together at most {ANSWER_S_MAX:g}")
    try:
        dialect = dialect_named(str(told.get("dialect", bank.lower())), folder)
    except IsoError as error:
        raise LinksError(f"[{bank}] dialect: {error}") from None
    values = {name: value for name, value in told.items() if name != "dialect"}
    return LinkConfig(bank=bank, dialect=dialect, **values)
