"""Money that lies with a bank: credited with its custodian, never in the escrow's equation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from catalog.load import shipped_files
from pos_engine.services import disburse
from pos_engine.services.authorize import authorize
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.disburse import FileRefused
from pos_engine.services.install import mark_demo
from pos_engine.services.prove import check_ledger
from pos_engine.services.reconcile_day import day_status
from pos_engine.store import ledger
from pos_engine.store.schema import disbursement_run, posting
from tests.services.test_batches import said
from tests.settling import AFTER, DAY
from tests.world import BALANCE, NOW, a_purchase, rice

CASH = 50_000
FILE = f"family_id,amount\nKPM-1,{CASH}\n".encode()


@pytest.fixture
def bank(engine, clock):
    """The cash programme's money lies with a bank from now on."""
    files = shipped_files()
    row = b"(PKH),,ENGINE,"
    assert row in files["programmes.csv"]
    clock.advance(seconds=1)
    changed = files["programmes.csv"].replace(row, b"(PKH),,BNI,")
    load_catalogue(engine, files | {"programmes.csv": changed}, "test")
    return replace(engine, linked_banks=frozenset({"BNI"}))


def order(papers=None):
    last = (NOW + timedelta(days=60)).date()
    return disburse.Order("PKH", "2026-11", last, 1, CASH, papers or {})


def credited(engine):
    run_id = disburse.stage(engine, FILE, order(), "maker")
    assert isinstance(run_id, str), run_id
    assert disburse.approve(engine, run_id, "checker").fresh == 1
    return run_id


@pytest.mark.parametrize("demo", [False, True], ids=["live", "demo"])
def test_without_a_link_to_the_bank_nothing_is_staged_and_it_says_why(engine, bank, demo):
    if demo:
        mark_demo(engine)
    refused = disburse.stage(engine, FILE, order({"escrow": "1"}), "maker")
    assert isinstance(refused, FileRefused)
    assert refused.counts == {"BANK_NOT_LINKED": 1}
    assert "BNI" in str(refused.problems)
    assert "no link to its switch" in str(refused.problems)


def test_a_credit_of_a_bank_names_its_custodian_and_needs_no_escrow(engine, world, bank):
    credited(bank)
    with engine.database.read() as tx:
        held = {t.programme: t.custodian for t in ledger.tranches_of(tx, "KPM-1", lock=False)}
        papers = select(disbursement_run.c.papers).where(disbursement_run.c.programme == "PKH")
        accounts = set(tx.execute(select(posting.c.account)).scalars())
        named = tx.execute(papers).scalar()
    assert held == {"BPNT": "ENGINE", "PKH": "BNI"}
    assert named == {"custodian": "BNI"}
    assert "custody:BNI:PKH:2026-11" in accounts
    assert check_ledger(engine).good


def test_the_equation_counts_only_what_the_engine_holds(engine, world, clock, bank):
    before = day_status(engine, DAY).escrow
    credited(bank)
    seen = day_status(engine, DAY).escrow
    assert (seen.wallets, seen.custodians, seen.unfunded) == (
        2 * BALANCE, 0, before.unfunded,
    )  # fmt: skip
    assert said(authorize(engine, a_purchase(world, rice(), at=clock.at))) == "APPROVED"
    clock.at = AFTER
    seen = day_status(engine, DAY).escrow
    assert seen.owed == 2 * BALANCE - seen.custodians
    assert seen.wallets + seen.payable + seen.custodians == 2 * BALANCE
    assert check_ledger(engine).good


def test_what_a_bank_still_owes_explains_the_difference(engine, world, clock, bank):
    """Soap is paid by the bank's money: the shop is owed it here before the bank has sent it."""
    from tests.services.test_hold_sale import soap  # noqa: PLC0415 - a line of goods

    credited(bank)
    assert said(authorize(engine, a_purchase(world, soap(2), at=clock.at))) == "APPROVED"
    clock.at = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
    seen = day_status(engine, DAY).escrow
    assert (seen.wallets, seen.payable, seen.custodians) == (2 * BALANCE, 10_000, -10_000)
    given_back = disburse.reverse(engine, _run(engine), "maker")
    assert isinstance(given_back, disburse.Asked)
    disburse.reverse(engine, _run(engine), "checker")
    seen = day_status(engine, DAY).escrow
    assert (seen.wallets, seen.payable, seen.custodians) == (2 * BALANCE, 10_000, -10_000)
    assert check_ledger(engine).good


def _run(engine):
    with engine.database.read() as tx:
        mine = disbursement_run.c.programme == "PKH"
        return tx.execute(select(disbursement_run.c.run_id).where(mine)).scalar_one()
