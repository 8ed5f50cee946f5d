"""The dialects that are shipped, and those that an installation brings."""

from functools import cache
from pathlib import Path

from pos_engine.wire.iso_dialect import Dialect, read_dialect
from pos_engine.wire.iso_fields import Field, IsoError, read_fields

FOLDER = Path(__file__).parent.parent / "bank_data"
DIALECT_BYTES_MAX = 64 * 1024


@cache
def field_table() -> dict[int, Field]:
    """The fields of ISO 8583:1987; a dialect changes single rows."""
    return read_fields((FOLDER / "fields.csv").read_text(encoding="utf-8"))


def shipped_dialects() -> list[str]:
    """The names of the dialects that come with the program."""
    return sorted(each.stem for each in (FOLDER / "dialects").glob("*.toml"))


@cache
def shipped_dialect(name: str) -> Dialect:
    """A dialect by its name."""
    if name not in shipped_dialects():
        raise IsoError(name, f"is no dialect; shipped are {', '.join(shipped_dialects())}")
    return dialect_in(FOLDER / "dialects" / f"{name}.toml")


def dialect_in(path: Path) -> Dialect:
    """A dialect from a file; `IsoError` says what is wrong with it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IsoError(path.name, f"cannot be read ({error.strerror})") from None
    if len(content) > DIALECT_BYTES_MAX:
        raise IsoError(path.name, f"is larger than {DIALECT_BYTES_MAX} bytes")
    return read_dialect(path.stem, content.decode("utf-8", "replace"), field_table())


def dialect_named(name: str, folder: Path) -> Dialect:
    """A shipped dialect, or a file beside the one that names it."""
    if name.endswith(".toml"):
        return dialect_in(folder / name)
    return shipped_dialect(name)
