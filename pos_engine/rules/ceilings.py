"""A new ceiling or ban on its way into force: who may sign, when it is too late, what is next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

AHEAD_DAYS_MAX = 366  # between the day of a draft and its first day in force
PROPOSAL_DAYS_MAX = 30  # a ceiling that pays or flags more than the law says ends by itself
PROPOSAL_RUN_DAYS = 3  # running, each with too many refusals
PROPOSAL_PERCENT = 20  # more than this share of a day's attempts is too many
PROPOSAL_ATTEMPTS_MIN = 20  # of a day: below, a share says nothing


class DraftKind(StrEnum):
    """A price bound of one good at a place, or a ban in every programme of the nation."""

    CEILING = "CEILING"
    BAN = "BAN"


class ActKind(StrEnum):
    """A signature under a draft, or the wish to take it back before its day."""

    SIGNED = "SIGNED"
    WITHDRAWAL = "WITHDRAWAL"


class DraftState(StrEnum):
    """What the acts of a draft make of it."""

    DRAFT = "DRAFT"
    SIGNED = "SIGNED"  # by one of two people
    PUBLISHED = "PUBLISHED"  # by both: tills have it, in force from its day
    WITHDRAWING = "WITHDRAWING"  # published, and one of two people wants it back
    WITHDRAWN = "WITHDRAWN"


class ActRefusal(StrEnum):
    """Why an act changes nothing."""

    SAME_PERSON = "SAME_PERSON"
    DAY_HAS_COME = "DAY_HAS_COME"
    DONE_ALREADY = "DONE_ALREADY"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Act:
    """One step of a draft; steps are only ever added."""

    kind: ActKind
    officer: str


def state_of(acts: Sequence[Act]) -> DraftState:
    """Where a draft stands after its acts, the oldest first."""
    state = DraftState.DRAFT
    for act in acts:
        state = _AFTER[state, act.kind]
    return state


_AFTER = {
    (DraftState.DRAFT, ActKind.SIGNED): DraftState.SIGNED,
    (DraftState.SIGNED, ActKind.SIGNED): DraftState.PUBLISHED,
    # nobody ever had it: one person is enough
    (DraftState.DRAFT, ActKind.WITHDRAWAL): DraftState.WITHDRAWN,
    (DraftState.SIGNED, ActKind.WITHDRAWAL): DraftState.WITHDRAWN,
    (DraftState.PUBLISHED, ActKind.WITHDRAWAL): DraftState.WITHDRAWING,
    (DraftState.WITHDRAWING, ActKind.WITHDRAWAL): DraftState.WITHDRAWN,
}


def next_state(
    acts: Sequence[Act], new: Act, *, begun: bool, one_is_enough: bool = False
) -> DraftState | ActRefusal:
    """What one act more makes of a draft; `begun`: its first day has come where it comes first.

    Two acts of the same kind need two people, unless `one_is_enough` (a demo has one person).
    """
    state = state_of(acts)
    if state is DraftState.WITHDRAWN:
        return ActRefusal.WITHDRAWN
    after = _AFTER.get((state, new.kind))
    if after is None:
        return ActRefusal.DONE_ALREADY
    waits = state in {DraftState.SIGNED, DraftState.WITHDRAWING} and acts[-1].kind is new.kind
    if waits and acts[-1].officer == new.officer and not one_is_enough:
        return ActRefusal.SAME_PERSON
    harmless = after is DraftState.WITHDRAWN and state is not DraftState.WITHDRAWING
    if begun and not harmless:  # what no till ever had may go at any time
        return ActRefusal.DAY_HAS_COME
    return after


def days_fit(first: date, last: date | None, today: date) -> bool:
    """May a draft made today be in force from `first` to `last`: tills need the night before."""
    soon_enough = timedelta(0) < first - today <= timedelta(days=AHEAD_DAYS_MAX)
    return soon_enough and (last is None or last >= first)


def too_many(attempts: int, refused: int) -> bool:
    """Were so many of a day's attempts at a good refused for price that the ceiling is in doubt."""
    return attempts >= PROPOSAL_ATTEMPTS_MIN and refused * 100 > attempts * PROPOSAL_PERCENT


def run_of(days: dict[date, tuple[int, int]], last: date) -> tuple[date, ...]:
    """The days up to `last`, running, with too many refusals; empty when there are too few.

    `days` holds attempts and refusals of one good in one place.
    """
    found: list[date] = []
    day = last
    while day in days and too_many(*days[day]):
        found.append(day)
        day -= timedelta(days=1)
    return tuple(reversed(found)) if len(found) >= PROPOSAL_RUN_DAYS else ()
