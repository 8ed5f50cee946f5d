"""Prove that the books add up."""

from dataclasses import replace

from pos_engine.engine import Engine
from pos_engine.store.ledger import LedgerCheck, check
from pos_engine.store.settlement_check import settlement_problems


def check_ledger(engine: Engine) -> LedgerCheck:
    """Check every posting, tranche, settlement and payout in one read transaction."""
    with engine.database.read() as tx:
        return replace(check(tx), unsettled=settlement_problems(tx))
