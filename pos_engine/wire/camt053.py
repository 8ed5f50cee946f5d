"""A bank's statement as ISO 20022 camt.053.001.08: the same lines as the CSV form."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from pyiso20022.camt.camt_053_001_08 import camt_053_001_08 as camt
from xsdata.exceptions import ParserError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from pos_engine.wire.bank_statement import (
    CURRENCY,
    ENTRY_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
    STATEMENT_BYTES_MAX,
    STATEMENT_LINES_MAX,
    Statement,
    StatementLine,
)

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
BOOKED, CLOSING = "BOOK", "CLBD"
CONFIG = ParserConfig(fail_on_unknown_properties=False)


def looks_like_xml(content: bytes) -> bool:
    """Does the file begin as XML does."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read_camt(content: bytes, today: date) -> Statement:
    """Read a camt.053; rows are numbered by entry, from 1."""
    found = Statement("CAMT.053")
    text = _safe(content, found)
    if text is None:
        return found
    try:
        document = XmlParser(config=CONFIG).from_string(text, camt.Document)
        _read(document, found, today)
    except (ParserError, SyntaxError, ValueError, TypeError, ArithmeticError):
        # a stranger's file: whatever the reader stumbled over, the bank must send it again
        found.wrong(0, "", f"is no readable {NAMESPACE}")
    return found


def _safe(content: bytes, found: Statement) -> str | None:
    """A DOCTYPE can blow a small file up (entities) or read ours; a statement needs none."""
    if len(content) > STATEMENT_BYTES_MAX:
        found.wrong(0, "", f"larger than {STATEMENT_BYTES_MAX} bytes")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        found.wrong(0, "", "is not UTF-8 text")
        return None
    if "<!DOCTYPE" in text or "<!ENTITY" in text or "\x00" in text:
        found.wrong(0, "", "holds a DOCTYPE: a bank's statement has none")
        return None
    if NAMESPACE not in text:
        found.wrong(0, "", f"is no {NAMESPACE}")
        return None
    return text


def _read(document: Any, found: Statement, today: date) -> None:
    seen: set[tuple[str, str]] = set()
    number = 0
    for statement in document.bk_to_cstmr_stmt.stmt:
        account = _account(statement.acct)
        for balance in statement.bal:
            _balance(balance, account, found)
        for entry in statement.ntry:
            number += 1
            if entry.sts.cd == BOOKED:
                for line in _lines(entry, number, account, found, today):
                    _add(line, found, seen)
    if not found.lines and not found.balances and not found.problems:
        found.wrong(0, "", "has no lines")


def _add(line: StatementLine, found: Statement, seen: set[tuple[str, str]]) -> None:
    key = (line.account, line.entry)
    if key in seen:
        found.wrong(line.number, "entry", f"{line.entry!r} stands in the file already")
    if len(found.lines) >= STATEMENT_LINES_MAX:
        found.wrong(line.number, "", f"more than {STATEMENT_LINES_MAX} lines")
        return
    seen.add(key)
    found.lines.append(line)


def _account(account: Any) -> str:
    return str(account.id.iban or account.id.othr.id)


def _balance(balance: Any, account: str, found: Statement) -> None:
    if balance.tp.cd_or_prtry.cd == CLOSING:
        found.balances[account, _day(balance.dt)] = _signed(balance, 0, found)


def _lines(
    entry: Any, number: int, account: str, found: Statement, today: date
) -> Iterator[StatementLine]:
    """One line, or one for each transfer of a batch when each tells its own amount."""
    day = _day(entry.val_dt or entry.bookg_dt)
    if day > today:
        found.wrong(number, "value_date", f"{day} lies in the future")
    name = entry.acct_svcr_ref or entry.ntry_ref or ""
    if not name or len(name) > ENTRY_LENGTH_MAX:
        found.wrong(number, "entry", "AcctSvcrRef or NtryRef must name the entry")
    total = _signed(entry, number, found)
    parts = [part for details in entry.ntry_dtls for part in details.tx_dtls]
    amounts = [_part(part, total) for part in parts]
    if len(parts) > 1 and sum(amounts) == total:
        for index, (part, amount) in enumerate(zip(parts, amounts, strict=True), start=1):
            reference = _reference(part, entry)
            yield StatementLine(number, account, f"{name}/{index}", day, reference, amount)
    else:
        reference = _reference(parts[0], entry) if len(parts) == 1 else _batch(entry)
        yield StatementLine(number, account, name, day, reference, total)


def _day(when: Any) -> date:
    day: date = (when.dt or when.dt_tm).to_datetime().date()
    return day


def _part(part: Any, total: int) -> int:
    amount = int(part.amt.value) if part.amt else 0
    return amount if total > 0 else -amount


def _reference(part: Any, entry: Any) -> str:
    texts = [part.refs.end_to_end_id or ""] if part.refs else []
    texts += part.rmt_inf.ustrd if part.rmt_inf else []
    return (" ".join(filter(None, texts)) or _batch(entry))[:REFERENCE_LENGTH_MAX]


def _batch(entry: Any) -> str:
    """The message that a sum pays, or what the bank wrote beside it."""
    batches = [details.btch for details in entry.ntry_dtls if details.btch]
    names = [batch.msg_id or batch.pmt_inf_id or "" for batch in batches]
    return (" ".join(filter(None, names)) or entry.addtl_ntry_inf or "")[:REFERENCE_LENGTH_MAX]


def _signed(item: Any, number: int, found: Statement) -> int:
    if item.amt.ccy != CURRENCY:
        found.wrong(number, "currency", f"{item.amt.ccy!r}: only {CURRENCY} is kept here")
    value: Decimal = item.amt.value
    if value != int(value):
        found.wrong(number, "amount", f"{value} is no sum in whole rupiah")
    return int(value) if item.cdt_dbt_ind.value == "CRDT" else -int(value)
