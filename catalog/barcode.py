"""GTIN check digits (GS1 General Specifications 7.9): a misread barcode must not sell a good."""

GTIN_LENGTHS = frozenset({8, 12, 13, 14})
GTIN_LENGTH_MAX = 14


def gtin_check_digit_ok(gtin: str) -> bool:
    """Whether `gtin` is a GTIN-8, -12, -13 or -14 whose last digit is its check digit."""
    if len(gtin) not in GTIN_LENGTHS or not (gtin.isascii() and gtin.isdigit()):
        return False
    weighted = (int(digit) * (3, 1)[at % 2] for at, digit in enumerate(reversed(gtin[:-1])))
    return (sum(weighted) + int(gtin[-1])) % 10 == 0


def gtin_14(gtin: str) -> str:
    """Pad to 14 digits: scanners report one pack as 12, 13 or 14 digits, the number is the same."""
    return gtin.zfill(GTIN_LENGTH_MAX)
