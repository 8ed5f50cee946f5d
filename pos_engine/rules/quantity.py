"""How quantities and units are said to people."""

import re
from functools import lru_cache

from pos_engine.rules.money import QUANTITY_MILLI_ONE

QUANTITIES_REMEMBERED = 4_096  # as they are written: most sales are of a few round ones
UNITS_REMEMBERED = 1_024
# a unit's code holds its size, so that one shop's "karung" is another's
_UNIT_WORDS = (
    (re.compile(r"^karung(\d+)$"), r"karung \1 kg"),
    (re.compile(r"^botol(\d{3})$"), r"botol \1 ml"),
    (re.compile(r"^pouch(\d{3})$"), r"kantong \1 ml"),
    (re.compile(r"^pouch(\d+)$"), r"kantong \1 liter"),
    (re.compile(r"^bungkus(\d+)$"), r"bungkus \1 g"),
    (re.compile(r"^L$"), "liter"),
    (re.compile(r"^pack$"), "kemasan"),
)


@lru_cache(UNITS_REMEMBERED)
def unit_name(code: str) -> str:
    """`karung5` -> `karung 5 kg`: a unit's code as a cashier says it."""
    found = next(((shape, words) for shape, words in _UNIT_WORDS if shape.match(code)), None)
    return found[0].sub(found[1], code) if found else code


@lru_cache(QUANTITIES_REMEMBERED)
def quantity_written(quantity_milli: int, unit: str) -> str:
    """`1,5 kg`: a decimal comma and no trailing zeros."""
    whole, rest = divmod(quantity_milli, QUANTITY_MILLI_ONE)
    decimals = f",{rest:03d}".rstrip("0") if rest else ""
    return f"{whole:,}".replace(",", ".") + f"{decimals} {unit_name(unit)}"
