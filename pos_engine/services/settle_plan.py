"""What a settlement would pay now: the same transfers that are written once it is approved."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from pos_engine.engine import Engine
from pos_engine.rules.settlement import Held, ShopDue, Transfer, plan
from pos_engine.store import payouts
from pos_engine.store import settlements as runs
from pos_engine.store.settlements import Plan, Run

SHOPS_AT_ONCE = {"sqlite": 500, "postgresql": 2_000}


@dataclass(frozen=True, slots=True)
class Preview:
    """The plan in figures, and shop, reason and rupiah of what would wait."""

    plan: Plan
    held: list[tuple[str, str, int]]


def preview(engine: Engine, run: Run) -> Preview:
    """Plan without writing. The figures are those of the transfers in the order of their keys."""
    count, total, names = 0, 0, sha256()
    held: list[tuple[str, str, int]] = []
    for due, decided in _decided(engine, run):
        if isinstance(decided, Held):
            held.append((due.shop_id, decided.reason.value, decided.amount))
            continue
        for each in decided:
            count, total = count + 1, total + each.amount
            names.update(f"{each.payout_id} {due.account_version} {each.amount}\n".encode())
    return Preview(Plan(count, total, names.hexdigest()), held)


def transfers(engine: Engine, run: Run) -> Iterator[tuple[ShopDue, Transfer]]:
    """The transfers that would be written now."""
    for due, decided in _decided(engine, run):
        if not isinstance(decided, Held):
            for each in decided:
                yield due, each


def _decided(engine: Engine, run: Run) -> Iterator[tuple[ShopDue, tuple[Transfer, ...] | Held]]:
    """Each shop with something open, some shards at a time; nothing is locked."""
    with engine.database.read() as tx:
        steps = runs.shard_steps(runs.count_open(tx), SHOPS_AT_ONCE[engine.database.dialect])
    for shards in steps:
        with engine.database.read() as tx:
            found = payouts.open_shops(tx, run.day, shards)
        for due in found:
            decided = plan(due, run.day, run.minimum)
            if decided is not None:
                yield due, decided
