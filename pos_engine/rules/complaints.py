"""Complaints: kinds, when each is due and why, what may follow what, and the swap of bad goods."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DISPUTED_WITHIN = timedelta(days=14)  # as of sales without signal (rules/offline.py)
# Proven by two things at once; whatever else paid, one stolen thing was enough.
TWO_FACTORS = frozenset({"KKS", "SUPERVISED"})
_WORD = re.compile(r"[a-z]+")


class Kind(StrEnum):
    """What is wrong, as the family chooses it or her words say it."""

    BALANCE = "BALANCE"
    PRICE = "PRICE"
    FORCED = "FORCED"
    NOT_ME = "NOT_ME"
    CARD = "CARD"
    QUALITY = "QUALITY"
    OTHER = "OTHER"


class State(StrEnum):
    """How far it is."""

    OPEN = "OPEN"
    IN_WORK = "IN_WORK"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"


class Act(StrEnum):
    """What is done with it."""

    TAKE = "TAKE"
    ANSWER = "ANSWER"
    REOPEN = "REOPEN"  # she says that it is not settled
    CLOSE = "CLOSE"


class Swap(StrEnum):
    """Like for like, without money: how far it is."""

    WAITING = "WAITING"  # for the shop
    BY_SHOP = "BY_SHOP"  # the shop says it is done; she has not said so yet
    DONE = "DONE"


class MoneyStep(StrEnum):
    """What two officers may decide about the money of a disputed purchase."""

    DISPUTE = "DISPUTE"  # credit her first when one factor paid
    SHOP_PAYS = "SHOP_PAYS"
    LOSS = "LOSS"  # the programme bears it
    HERS = "HERS"  # it was hers


@dataclass(frozen=True, slots=True)
class Due:
    """Within which time a person answers, and whose word that is."""

    within: timedelta
    source: str


_THREE_DAYS = Due(timedelta(days=3), "our own rule: a person decides within 3 days")
DUE: Mapping[Kind, Due] = {
    Kind.QUALITY: Due(timedelta(hours=24), "the programme's rule: bad goods are swapped in 24 h"),
    Kind.CARD: Due(timedelta(days=1), "our own rule: without card and PIN she may not eat"),
    Kind.NOT_ME: _THREE_DAYS,
    Kind.FORCED: _THREE_DAYS,
    Kind.BALANCE: _THREE_DAYS,
    Kind.PRICE: _THREE_DAYS,
    Kind.OTHER: _THREE_DAYS,
}

# Words of a text, the first kind that has one of them; what nobody understands is OTHER.
WORDS: Mapping[Kind, frozenset[str]] = {
    Kind.QUALITY: frozenset({"busuk", "bau", "basi", "kutu", "jelek", "rusak", "apek", "pecah"}),
    Kind.FORCED: frozenset({"paksa", "dipaksa", "paket", "potong", "pemotongan", "biaya"}),
    Kind.CARD: frozenset({"kartu", "pin", "kks", "hilang", "tertelan"}),
    Kind.PRICE: frozenset({"mahal", "harga"}),
    Kind.BALANCE: frozenset({"saldo", "kosong", "kurang"}),
}
_NEXT = {
    (State.OPEN, Act.TAKE): State.IN_WORK,
    (State.IN_WORK, Act.TAKE): State.IN_WORK,  # another officer goes on with it
    (State.OPEN, Act.ANSWER): State.ANSWERED,
    (State.IN_WORK, Act.ANSWER): State.ANSWERED,
    (State.ANSWERED, Act.REOPEN): State.IN_WORK,
    (State.OPEN, Act.CLOSE): State.CLOSED,
    (State.IN_WORK, Act.CLOSE): State.CLOSED,
    (State.ANSWERED, Act.CLOSE): State.CLOSED,
}


def due_at(kind: Kind, opened_at: datetime) -> datetime:
    """When it must be answered."""
    return opened_at + DUE[kind].within


def after(state: State, act: Act) -> State | None:
    """The state after an act; None when it cannot be done now."""
    return _NEXT.get((state, act))


def overdue(state: State, due: datetime, now: datetime) -> bool:
    """Does somebody wait longer than was promised."""
    return state in (State.OPEN, State.IN_WORK) and now > due


def kind_of_words(words: str) -> Kind:
    """What a text is about; nobody is asked to know a list of words."""
    said = _WORD.findall(words.lower())
    if "bukan" in said and "saya" in said:
        return Kind.NOT_ME
    found = (kind for kind, known in WORDS.items() if known.intersection(said))
    return next(found, Kind.OTHER)


def one_factor(method: str) -> bool:
    """Was one thing enough to pay: a telephone, a face or a paper, without a secret beside it.

    A face or telephone whose step-up is not on record counts as one: in doubt she is credited.
    """
    return method not in TWO_FACTORS


def may_dispute(method: str, bought_at: datetime, now: datetime) -> bool:
    """May the money of this purchase be given back before anybody knows who bears it."""
    return one_factor(method) and now - bought_at <= DISPUTED_WITHIN


def swap_after(swap: Swap | None, *, by_shop: bool) -> Swap | None:
    """The swap after a word of the shop or of the family; None when there is nothing to say."""
    if swap is None or swap is Swap.DONE:
        return None
    return Swap.BY_SHOP if by_shop else Swap.DONE
