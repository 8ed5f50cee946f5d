"""Claims whose purchase was decided but whose answer stayed at home: bring it to them.

A claim that was never decided stays as it is: the proof is kept nowhere, only the till can send it
again. Finishing one that is just under way does no harm: the answer is the same.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from pos_engine.engine import Engine
from pos_engine.store import batch_facts, claims
from pos_engine.store.database import Database, Tx
from pos_engine.store.purchases import Claim


def finish_claims(engine: Engine) -> int:
    """Look through the open claims of every database; how many were finished."""
    if engine.homes is None:
        return 0
    return sum(_sweep(engine, each.database) for each in engine.homes.all)


def _sweep(engine: Engine, database: Database) -> int:
    finished, after = 0, claims.BEFORE_ALL
    while True:
        with database.read() as tx:
            page = claims.open_claims(tx, after)
        answered = _answered(engine, database, page)
        if answered:
            finished += database.transact(partial(_finish, answered))
        if len(page) < claims.OPEN_CLAIMS_MAX:
            return finished
        after = claims.place_of(page[-1])


def _finish(answered: Sequence[Claim], tx: Tx) -> int:
    return claims.finish(tx, answered)()


def _answered(engine: Engine, claimed_in: Database, page: Sequence[Claim]) -> list[Claim]:
    """Those of a page that were decided, with the answers that stand at home."""
    by_home: defaultdict[Database, list[Claim]] = defaultdict(list)
    for each in page:
        by_home[engine.database_of(each.home_shard)].append(each)
    found: list[Claim] = []
    for home, waiting in by_home.items():
        if home is claimed_in:
            continue
        with home.read() as tx:
            told = batch_facts.claims(tx, {each.purchase_id for each in waiting})()
        found += [
            replace(each, answer=copy.answer)
            for each in waiting
            if (copy := told.get(each.purchase_id)) and copy.content == each.content
        ]
    return [each for each in found if each.answer]
