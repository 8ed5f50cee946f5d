"""Prove that the books add up."""

from pos_engine.engine import Engine
from pos_engine.store.ledger import LedgerCheck, check


def check_ledger(engine: Engine) -> LedgerCheck:
    """Check every posting and every tranche in one read transaction."""
    with engine.database.read() as tx:
        return check(tx)
