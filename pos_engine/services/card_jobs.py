"""What the worker does with cards: they run out, and they stop while their PIN has no tries left.

Only the card stops. Phone, face and KTP work the same minute, and the money stays.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from pos_engine.engine import Engine
from pos_engine.rules.card import CardState, expired_if_issued_before
from pos_engine.store import cards
from pos_engine.store.database import Tx

CARDS_AT_ONCE = 500
BY_WORKER = "worker"


def expire_cards(engine: Engine) -> int:
    """Cards whose years are over; how many. In short transactions: the tills go on."""
    done = 0
    while fresh := engine.database.transact(lambda tx: _expire(tx, engine)):
        done += fresh
        if fresh < CARDS_AT_ONCE:
            break
    return done


def _expire(tx: Tx, engine: Engine) -> int:
    now = engine.now()
    before = datetime.combine(expired_if_issued_before(now.date()), time(), UTC)
    return _step(tx, cards.cards_to_expire(tx, before, CARDS_AT_ONCE), CardState.EXPIRED, now)


def stop_cards_without_tries(engine: Engine) -> int:
    """Cards of families whose PIN has no tries left say so; a new PIN makes them work again."""

    def work(tx: Tx) -> int:
        found = cards.cards_without_tries(tx, CARDS_AT_ONCE)
        return _step(tx, found, CardState.BLOCKED_PIN, engine.now())

    return engine.database.transact(work)


def _step(tx: Tx, found: Sequence[cards.CardRow], state: CardState, now: datetime) -> int:
    for each in found:
        cards.set_state(tx, each, state, None, BY_WORKER, now)
    return len(found)
