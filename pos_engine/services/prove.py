"""Prove that the books add up."""

from dataclasses import fields, replace
from functools import reduce

from pos_engine.engine import Engine
from pos_engine.store import allowances
from pos_engine.store.ledger import LedgerCheck, check
from pos_engine.store.settlement_check import settlement_problems


def check_ledger(engine: Engine) -> LedgerCheck:
    """Check postings, tranches, holds, settlements and payouts, one transaction a database."""
    return reduce(_together, (_check(each) for each in engine.each_database()))


def _check(engine: Engine) -> LedgerCheck:
    with engine.database.read() as tx:
        found = check(tx)
        aside = [*found.held_differing, *allowances.differing(tx)]
        return replace(found, held_differing=aside, unsettled=settlement_problems(tx))


def _together(one: LedgerCheck, other: LedgerCheck) -> LedgerCheck:
    """Figures are added up, faults are listed one after the other."""
    sums = {each.name: getattr(one, each.name) + getattr(other, each.name) for each in fields(one)}
    return LedgerCheck(**sums)
