"""Words for tests of the audit chain: sell, seal, close, and what a check says."""

from datetime import date
from typing import Any

from pos_engine.engine import Engine
from pos_engine.services.audit import close_day, seal_pending
from pos_engine.services.audit_verify import verify
from pos_engine.services.authorize import Answer, authorize
from pos_engine.store.announce import Kind
from pos_engine.store.audit import Closed
from pos_engine.store.audit_rows import orphans
from tests.world import Clock, World, a_purchase, rice

TODAY = date(2026, 11, 21)  # of tests.world.NOW, in WIB


def sell(engine: Engine, world: World, **changes: Any) -> str:
    """A purchase of a kilogram of rice; its id."""
    request = a_purchase(world, rice(1000), at=engine.now(), **changes)
    assert isinstance(authorize(engine, request), Answer)
    return request.purchase_id


def seal_all(engine: Engine) -> int:
    """Everything that waits; how many leaves."""
    leaves = 0
    while (done := seal_pending(engine)).leaves:
        leaves += done.leaves
    return leaves


def close(engine: Engine, clock: Clock, day: date = TODAY) -> Closed:
    """Let the day end and close it."""
    clock.advance(days=1)
    closed = close_day(engine, day)
    assert isinstance(closed, Closed), closed
    clock.advance(minutes=1)
    return closed


def unsealed(engine: Engine) -> list[tuple[str, str]]:
    """Facts that have neither a leaf nor wait for one: kind and name."""
    with engine.database.read() as tx:
        return [(kind.value, name) for kind in Kind for _, name in orphans(tx, kind)]


def faults(engine: Engine) -> list[tuple[str, str, str]]:
    """What a check finds: fault, table and id."""
    found = verify(engine)
    return [(each.fault.value, each.table, each.subject_id) for each in found.problems]
