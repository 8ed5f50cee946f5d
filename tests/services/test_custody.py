"""Money that lies with a bank: credited with its custodian, never in the escrow's equation."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

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
from pos_engine.switch.banks import Banks
from pos_engine.switch.config import LinkConfig
from pos_engine.switch.dialects import shipped_dialect
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
    link = LinkConfig("BNI", "127.0.0.1", 1, "00000000001", shipped_dialect("bni"))
    with closing(Banks([link], engine.now)) as banks:  # a credit asks no bank anything
        yield replace(engine, banks=banks)


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
    assert "custody:BNI" in accounts
    assert check_ledger(engine).good


def test_the_equation_counts_only_what_the_engine_holds(engine, world, clock, bank):
    before = day_status(engine, DAY).escrow
    run_id = credited(bank)
    seen = day_status(engine, DAY).escrow
    assert (seen.wallets, seen.unfunded) == (2 * BALANCE, before.unfunded)
    assert said(authorize(engine, a_purchase(world, rice(), at=clock.at))) == "APPROVED"
    clock.at = AFTER
    seen = day_status(engine, DAY).escrow
    assert seen.wallets + seen.payable == seen.owed == 2 * BALANCE
    assert isinstance(disburse.reverse(engine, run_id, "maker"), disburse.Asked)
    disburse.reverse(engine, run_id, "checker")
    assert day_status(engine, DAY).escrow.owed == 2 * BALANCE
    assert check_ledger(engine).good
