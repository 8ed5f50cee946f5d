"""Whole rupiah: line totals, the only rounding, and how money is written."""

from functools import lru_cache
from typing import NewType

from lokal import terbilang

Rupiah = NewType("Rupiah", int)

QUANTITY_MILLI_ONE = 1_000  # a quantity is an integer of thousandths of its unit
WORDS_REMEMBERED = 16_384  # sums are small and round: most of a payday's are the same few thousand
LINE_TOTAL_RUPIAH_MAX = Rupiah(100_000_000)  # far above any family's tranche, far below 2**63


def line_total(unit_price: Rupiah, quantity_milli: int) -> Rupiah:
    """Price of a line in whole rupiah, rounded down: the fraction is the family's.

    The only place in the engine where money is rounded (contract v1, "Lines").
    """
    return Rupiah(unit_price * quantity_milli // QUANTITY_MILLI_ONE)


@lru_cache(WORDS_REMEMBERED)
def written(amount: int) -> str:
    """`Rp12.500`: no space, no decimals, as prices are written in a shop."""
    return f"Rp{amount:,}".replace(",", ".")


@lru_cache(WORDS_REMEMBERED)
def in_words(amount: int) -> str:
    """`seratus ribu rupiah`: so that a pen cannot change a figure on paper."""
    return f"{terbilang(amount)} rupiah"
