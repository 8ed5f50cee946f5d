"""A receipt as text for 58 mm paper (32 columns), in Indonesian."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from textwrap import wrap

from pos_engine.rules.basket import JudgedLine
from pos_engine.rules.money import Rupiah, in_words, written
from pos_engine.rules.purse import ProgrammeBalance
from pos_engine.rules.quantity import quantity_written

TEXTS_REMEMBERED = 4_096  # names of goods, shops and places: the same ones on every receipt
COLUMNS = 32  # 58 mm paper at the usual 12 x 24 font
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything that is printed. `at` is the shop's local time, `zone` its name (WIB...)."""

    shop_name: str
    place: str
    number: str
    at: datetime
    zone: str
    method: str
    lines: tuple[JudgedLine, ...]
    amount: Rupiah
    balance_before: Rupiah
    balance_after: Rupiah
    balances: tuple[ProgrammeBalance, ...] = ()  # of several programmes: what is left of each


def receipt_number(region: str, at: datetime, purchase_id: str) -> str:
    """A number a person can read aloud; unique because it ends in the purchase's own randomness."""
    day = f"{at.year % 100:02d}{at.month:02d}{at.day:02d}"
    return f"{region[:5].replace('.', '')}-{day}-{purchase_id.replace('-', '')[-8:].upper()}"


def receipt_text(receipt: Receipt, leaf: str = "") -> str:
    """The receipt, each row at most 32 columns wide.

    `leaf` stands for it in the audit chain: 64 hexadecimal digits, two rows.
    """
    at = receipt.at
    rows = [
        *centred(receipt.shop_name.upper()),
        *centred(receipt.place),
        "-" * COLUMNS,
        f"No {receipt.number}",
        written_at(at, receipt.zone),
        f"Bukti: {receipt.method}",
        "-" * COLUMNS,
    ]
    for line in receipt.lines:
        rows += _of_line(line.name, line.quantity_milli, line.unit, line.unit_price, line.total)
    rows.append("-" * COLUMNS)
    rows += pair("JUMLAH", written(receipt.amount))
    rows += filled(f"({in_words(receipt.amount)})")
    rows += pair("Saldo sebelum", written(receipt.balance_before))
    rows += pair("Sisa saldo", written(receipt.balance_after))
    for each in receipt.balances:
        rows += pair(f" untuk {each.programme}", written(each.left))
    rows.append("-" * COLUMNS)
    if leaf:
        rows += ["Segel catatan", *_cut(leaf), "-" * COLUMNS]
    rows += centred("Ibu/Bapak bebas memilih barang.")
    rows += centred("Simpan struk ini.")
    return "\n".join(rows) + "\n"


def written_at(at: datetime, zone: str) -> str:
    """A shop's local moment: 21 Nov 2026 09.14 WIB."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year} {at.hour:02d}.{at.minute:02d} {zone}"


@lru_cache(TEXTS_REMEMBERED)
def _of_line(name: str, milli: int, unit: str, price: Rupiah, total: Rupiah) -> tuple[str, ...]:
    how_much = f" {quantity_written(milli, unit)} x {written(price)}"
    return (*wrapped(name), *pair(how_much, written(total)))


def _cut(digits: str) -> list[str]:
    return [digits[start : start + COLUMNS] for start in range(0, len(digits), COLUMNS)]


def filled(text: str) -> list[str]:
    """Short words in as few rows as possible."""
    rows = [""]
    for word in text.split():
        if len(rows[-1]) + len(word) >= COLUMNS:
            rows.append(word)
        else:
            rows[-1] = f"{rows[-1]} {word}" if rows[-1] else word
    return rows


@lru_cache(TEXTS_REMEMBERED)
def wrapped(text: str) -> tuple[str, ...]:
    """The text in rows of at most 32 columns."""
    return tuple(wrap(text, COLUMNS))


@lru_cache(TEXTS_REMEMBERED)
def centred(text: str) -> tuple[str, ...]:
    """The same in the middle of the paper."""
    return tuple(row.center(COLUMNS).rstrip() for row in wrapped(text))


def pair(left: str, right: str) -> list[str]:
    """Left and right on one row when they fit, else on two."""
    if len(left) + len(right) + 1 <= COLUMNS:
        return [left + right.rjust(COLUMNS - len(left))]
    return [*wrapped(left), right.rjust(COLUMNS)]
