"""100 000 ids, each asked by two families of different databases at once: one debit, one 409."""

import time

import pytest
from sqlalchemy import func, select

from pos_engine.rules.ids import new_uuid7
from pos_engine.services.claim_sweep import finish_claims
from pos_engine.store.schema import purchase, purchase_claim
from tests.splitting import fight, settle_in, split_engine
from tests.world import NOW, Clock

pytestmark = pytest.mark.proof

PAIRS = 100_000
FAMILIES = 50  # on each side


def test_one_debit_and_one_conflict_for_each_of_them(databases, keys):
    url, world = databases.copy("postgres")
    other = databases.empty("postgres")
    two = settle_in((url, other), world, keys, FAMILIES)
    engine = split_engine(two.urls, keys, Clock())
    began = time.monotonic()
    told = fight(engine, two, (new_uuid7(NOW) for _ in range(PAIRS)), NOW)
    took_s = time.monotonic() - began
    finish_claims(engine)
    purchases, unanswered = [], 0
    for view in engine.each_database():
        with view.database.read() as tx:
            purchases.append(tx.scalar(select(func.count()).select_from(purchase)))
            waiting = purchase_claim.c.answer.is_(None)
            query = select(func.count()).select_from(purchase_claim).where(waiting)
            unanswered += tx.scalar(query)
    engine.close()
    databases.drop(url)
    databases.drop(other)
    print(f"{PAIRS} pairs in {took_s:.0f} s; purchases in each database: {purchases}")
    assert told == {("APPROVED", "DUPLICATE_DIFFERENT"): PAIRS}
    assert sum(purchases) == PAIRS
    assert unanswered == 0
