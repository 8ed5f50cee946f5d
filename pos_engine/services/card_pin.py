"""A PIN belanja makes the cards work that were handed over before it."""

from datetime import datetime

from pos_engine.rules.card import CardState
from pos_engine.store import cards
from pos_engine.store.database import Tx

BY_KPM = "KPM"
WAITING_FOR_A_PIN = frozenset({CardState.DISTRIBUTED, CardState.BLOCKED_PIN})


def activate_handed_over(tx: Tx, now: datetime, kpm_id: str) -> None:
    """The family has set a PIN: cards that were handed over work from now on."""
    for each in cards.cards_of(tx, kpm_id):
        if CardState(each.status) in WAITING_FOR_A_PIN:
            cards.set_state(tx, each, CardState.ACTIVE, None, BY_KPM, now)
