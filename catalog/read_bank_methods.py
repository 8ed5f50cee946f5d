"""bank_methods.csv: what was agreed with which bank about payers who bring no card of it."""

import re

from catalog.bank_methods import Agreement, BankMethod, BankMethods
from catalog.csv_table import Columns, Row
from catalog.programmes import PROGRAMME_CODE_LENGTH_MAX
from catalog.trust import CONFIDENCES, may_refuse

BANK_METHODS_FILE = "bank_methods.csv"
BANK_METHOD_COLUMNS = Columns(
    ("bank", "method", "de22", "valid_from", "valid_to", "source", "confidence"),
    ("signed_by", "comment"),
    rows_min=0,
)
ENTRY = re.compile(r"[0-9]{3}", re.ASCII)
BANK = re.compile(r"[A-Z][A-Z0-9_-]*", re.ASCII)


def read_bank_methods(rows: list[Row]) -> BankMethods:
    """Return the readable agreements."""
    found: list[Agreement] = []
    first_row: dict[tuple[object, ...], int] = {}
    for row in rows:
        agreement = _agreement(row)
        key = (agreement.bank, agreement.method, agreement.valid_from)
        if row.ok and first_row.setdefault(key, row.number) != row.number:
            row.wrong("valid_from", f"same bank, method and day as row {first_row[key]}")
        if row.ok:
            found.append(agreement)
    return BankMethods.of(found)


def _agreement(row: Row) -> Agreement:
    valid_from, valid_to = row.period()
    confidence = row.one_of("confidence", CONFIDENCES)
    entry = row.optional("de22")
    if entry and ENTRY.fullmatch(entry) is None:
        row.wrong("de22", f"{entry!r} is not three digits")
    bank = row.text("bank")
    if bank and not (BANK.fullmatch(bank) and len(bank) <= PROGRAMME_CODE_LENGTH_MAX):
        row.wrong("bank", f"{bank!r} is no code of a bank (write BRI)")
    return Agreement(
        bank=bank,
        method=row.choice("method", BankMethod),
        entry=entry,
        valid_from=valid_from,
        valid_to=valid_to,
        source=row.text("source"),
        in_trust=may_refuse(row, confidence),
    )
