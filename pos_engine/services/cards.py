"""The life of a card: issue, hand over, block at once, replace. The money stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.card import REPORTED, WORKING, CardState, UndistributedReason, may_become
from pos_engine.rules.ids import KpmId, PersonId, new_uuid7
from pos_engine.services.install import Refused
from pos_engine.services.payer import CARD
from pos_engine.services.register import card_number
from pos_engine.store import cards, families, proofs
from pos_engine.store.cards import CARDS_LISTED_MAX, CardRow
from pos_engine.store.database import Tx


@dataclass(frozen=True, slots=True, repr=False)
class Issued:
    """A new card; its number is shown now, to be written on the card."""

    card_id: str
    card: str


def issue(engine: Engine, kpm_id: str, officer: str, person_id: str = "") -> Issued | Refused:
    """Issue a card to a person of the family, her PENGURUS unless another is named."""
    with engine.database.begin() as tx:
        owner = _owner(tx, kpm_id, person_id)
        if isinstance(owner, Refused):
            return owner
        working = [c for c in cards.cards_of(tx, kpm_id) if CardState(c.status) in WORKING]
        if any(each.person_id == owner.person_id for each in working):
            return Refused("family_id", "has a card: replace it, or block it first")
        return _issue(tx, engine, owner, officer)


def _owner(tx: Tx, kpm_id: str, person_id: str) -> families.Person | Refused:
    people = families.persons_of(tx, kpm_id)
    wanted = [
        each
        for each in people
        if each.person_id == person_id or (not person_id and each.role == "PENGURUS")
    ]
    if not wanted:
        what = f"no person {person_id}" if person_id else "no PENGURUS"
        return Refused("family_id", f"{kpm_id} is not registered or has {what}")
    return wanted[0]


def _issue(tx: Tx, engine: Engine, owner: families.Person, officer: str) -> Issued:
    now = engine.now()
    card_id, number = new_uuid7(now), card_number()
    state = CardState.ISSUED
    card = families.Card(card_id, owner.kpm_id, owner.person_id, number[-4:], state.value)
    families.add_card(tx, card, now)
    cards.add_event(tx, owner.kpm_id, card_id, state, None, officer, now)
    known = families.Known(owner.kpm_id, owner.person_id, card_id)
    families.add_credential(tx, CARD, engine.keys.lookup(CARD, number), known, now)
    return Issued(card_id, number)


def distribute(engine: Engine, card_id: str, officer: str) -> CardState | Refused:
    """Handed over. It works as soon as the family has a PIN belanja."""
    with engine.database.begin() as tx:
        done = _step(tx, engine, card_id, CardState.DISTRIBUTED, officer)
        if isinstance(done, Refused):
            return done
        if not proofs.has_pin(tx, done.kpm_id):
            return CardState.DISTRIBUTED
        cards.set_state(tx, done, CardState.ACTIVE, None, officer, engine.now())
        return CardState.ACTIVE


def undistributed(
    engine: Engine, card_id: str, reason: UndistributedReason, officer: str
) -> CardState | Refused:
    """It could not be handed over, and why: it comes on the pendamping's work list."""
    with engine.database.begin() as tx:
        done = _step(tx, engine, card_id, CardState.UNDISTRIBUTED, officer, reason.value)
    return done if isinstance(done, Refused) else CardState.UNDISTRIBUTED


def block(
    engine: Engine, card_id: str, state: CardState, officer: str, region: str | None = None
) -> CardState | Refused:
    """Stop a card at once: lost, swallowed or blocked. Twice is once; the money stays.

    `region` is the scope of the officer who asks: a card outside it is not known to them.
    """
    if state not in REPORTED:
        return Refused("kind", f"one of {', '.join(sorted(REPORTED))}")
    with engine.database.begin() as tx:
        found = cards.find_card(tx, card_id, lock=True)
        if found is None or not inside(found.region, region):
            return Refused("card_id", f"no card {card_id}")
        if found.status == state or not may_become(CardState(found.status), state):
            return CardState(found.status)  # it is stopped already
        cards.set_state(tx, found, state, None, officer, engine.now())
    return state


def replace(engine: Engine, card_id: str, officer: str) -> Issued | Refused:
    """A new card for the same person; the old one never works again."""
    with engine.database.begin() as tx:
        done = _step(tx, engine, card_id, CardState.REPLACED, officer)
        if isinstance(done, Refused):
            return done
        owner = _owner(tx, KpmId(done.kpm_id), PersonId(done.person_id))
        return owner if isinstance(owner, Refused) else _issue(tx, engine, owner, officer)


def list_cards(engine: Engine, *, kpm_id: str = "", region: str | None = None) -> Sequence[CardRow]:
    """A family's cards within a region, or those of a region that were not handed over."""
    with engine.database.read() as tx:
        if not kpm_id:
            waiting = (CardState.ISSUED, CardState.UNDISTRIBUTED)
            return cards.cards_in(tx, region, waiting, CARDS_LISTED_MAX)
        found = cards.cards_of(tx, kpm_id)
    return [each for each in found if inside(each.region, region)]


def inside(village: str, region: str | None) -> bool:
    """Does a village lie in an officer's region."""
    return not region or village == region or village.startswith(f"{region}.")


def _step(
    tx: Tx,
    engine: Engine,
    card_id: str,
    state: CardState,
    officer: str,
    reason: str | None = None,
) -> CardRow | Refused:
    found = cards.find_card(tx, card_id, lock=True)
    if found is None:
        return Refused("card_id", f"no card {card_id}")
    if not may_become(CardState(found.status), state):
        return Refused("card_id", f"is {found.status} and cannot become {state.value}")
    cards.set_state(tx, found, state, reason, officer, engine.now())
    return found
