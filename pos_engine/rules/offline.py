"""Sales without signal: where an envelope stands in its chain, and its one outcome."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pos_engine.rules.allowances import ALLOWANCE_GRACE, AllowanceState
from pos_engine.rules.reasons import Reason

GAP_WAIT = timedelta(hours=72)  # successors of a gap wait so long for what is missing
DISPUTE_SPAN = timedelta(days=14)  # so long a family may say that a sale was not hers
# What a till asks itself before it sells without signal.
LOWER_ENVELOPES = 50  # from here it tries the engine first
LOWER_AGE = timedelta(hours=48)
UPPER_ENVELOPES = 200  # from here it sells no more
UPPER_AGE = timedelta(days=7)
CATALOGUE_AGE_MAX = timedelta(days=7)
ONLINE_ONE_IN = 20  # so often it asks the engine although it need not, when there is a network
FACTORS = frozenset({"KKS_QR", "PIN"})


class Outcome(StrEnum):
    """What became of an envelope. The first six are final; the next three wait."""

    ACCEPTED = "ACCEPTED"
    ACCEPTED_LATE = "ACCEPTED_LATE"
    PAID_FROM_BALANCE = "PAID_FROM_BALANCE"
    PROGRAMME_LOSS = "PROGRAMME_LOSS"
    SHOP_LIABLE = "SHOP_LIABLE"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    HELD_FORK = "HELD_FORK"
    HELD_REVIEW = "HELD_REVIEW"
    PENDING_GAP = "PENDING_GAP"
    DISPUTED = "DISPUTED"  # told instead of the outcome while a family's complaint is open


WAITING = frozenset({Outcome.HELD_FORK, Outcome.HELD_REVIEW, Outcome.PENDING_GAP})
PAID = frozenset(
    {Outcome.ACCEPTED, Outcome.ACCEPTED_LATE, Outcome.PAID_FROM_BALANCE, Outcome.PROGRAMME_LOSS}
)
FROM_ALLOWANCE = frozenset({Outcome.ACCEPTED, Outcome.ACCEPTED_LATE})


# ---- the chain ---------------------------------------------------------------------------


class Place(StrEnum):
    """Where an envelope stands in what its device signed."""

    KNOWN = "KNOWN"  # this very envelope is here already
    NEXT = "NEXT"  # it follows, or is the missing one that its follower names
    GAP = "GAP"  # something before it is missing
    FORK = "FORK"  # the device signed two different things at one place


@dataclass(frozen=True, slots=True)
class Chain:
    """What follows without a gap: the number and the name of its last envelope."""

    seq: int
    head: str


@dataclass(frozen=True, slots=True)
class Link:
    """An envelope as a link: its number, its name, the name of the one before."""

    seq: int
    envelope_id: str
    prev: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The links that are kept at its own number, before it and after it; None where none is."""

    at: Link | None = None
    before: Link | None = None
    after: Link | None = None


def place_of(link: Link, chain: Chain, near: Neighbours) -> Place:
    """Where it stands. Two links that contradict each other are a fork; the first to come stays."""
    if near.at is not None:
        return Place.KNOWN if near.at.envelope_id == link.envelope_id else Place.FORK
    if near.after is not None and near.after.prev != link.envelope_id:
        return Place.FORK
    if link.seq == chain.seq + 1:
        return Place.NEXT if link.prev == chain.head else Place.FORK
    if near.before is not None and near.before.envelope_id != link.prev:
        return Place.FORK
    if link.seq <= chain.seq and near.after is not None:
        return Place.NEXT  # lost behind a gap that officers passed over, and found
    return Place.GAP


# ---- time --------------------------------------------------------------------------------


def sold_at(
    wall_ms: int, mono_ms: int | None, anchor_ms: int, issued_at: datetime, received_at: datetime
) -> datetime:
    """When a sale was made: by the engine's own time that the tablet held, never by its clock.

    `anchor_ms` is the newest signed time that it knew, `mono_ms` what passed since. Without the
    latter its clock counts, but only between that time and now. An allowance in the hand proves
    that the time of its issue was known.
    """
    told = _moment(anchor_ms) if mono_ms is None else _moment(anchor_ms + mono_ms)
    if mono_ms is None:
        told = max(told, _moment(wall_ms))
    return min(max(told, issued_at), received_at)


def _moment(milliseconds: int) -> datetime:
    latest = int(datetime.max.replace(tzinfo=UTC).timestamp() * 1000) - 1000
    return datetime.fromtimestamp(min(milliseconds, latest) / 1000, UTC)


# ---- the judgement -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Permit:
    """An allowance as a judge sees it: `spent` and `sales` of it so far, in rupiah and in number.

    `left` is what lies in its hold.
    """

    device_id: str
    amount_max: int
    spent: int
    left: int
    sales: int
    tx_max: int
    tx_count: int
    not_after: datetime
    state: AllowanceState


@dataclass(frozen=True, slots=True)
class Claim:
    """What an envelope claims: `amount` is its own sum, `worth` that of its lines.

    `unlawful` is what rules and prices of its catalogue say against the goods; `payable` is what
    the family's free money could pay on the day of the sale. `cleared`: two officers let it pass.
    """

    device_id: str
    amount: int
    worth: int
    factors: frozenset[str]
    unlawful: Reason | None
    payable: int
    sold_at: datetime
    received_at: datetime
    cleared: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """The one outcome, with its reason when the shop bears it."""

    outcome: Outcome
    reason: Reason | None = None


def judge(claim: Claim, permit: Permit | None) -> Judgement:
    """The outcome of an envelope that stands in its chain: the first of these that holds.

    The shop's fault, then the recall, then time. Who is suspended meanwhile is not asked: an
    allowance that was issued is honoured.
    """
    fault = shops_fault(claim, permit)
    if fault is not None or permit is None:
        return Judgement(Outcome.SHOP_LIABLE, fault)
    if permit.state is AllowanceState.RECALLED:
        return Judgement(Outcome.PROGRAMME_LOSS)
    in_time = claim.received_at <= permit.not_after + ALLOWANCE_GRACE
    if in_time and permit.state is AllowanceState.LIVE:
        late = max(claim.received_at, claim.sold_at) > permit.not_after
        return Judgement(Outcome.ACCEPTED_LATE if late else Outcome.ACCEPTED)
    if claim.amount <= claim.payable:
        return Judgement(Outcome.PAID_FROM_BALANCE)
    if in_time or claim.cleared:
        return Judgement(Outcome.PROGRAMME_LOSS)  # it came in time and waited for us
    return Judgement(Outcome.SHOP_LIABLE, Reason.OFFLINE_STALE)


def shops_fault(claim: Claim, permit: Permit | None) -> Reason | None:
    """Why the shop bears a sale, whoever has the money; the first of these that holds."""
    if permit is None or permit.device_id != claim.device_id:
        return Reason.OFFLINE_LIMIT
    if permit.state is AllowanceState.CLOSED:
        return Reason.OFFLINE_LIMIT
    if not claim.factors & FACTORS:
        return Reason.STEP_UP_REQUIRED
    if claim.unlawful is not None:
        return claim.unlawful
    if claim.amount != claim.worth or claim.amount <= 0:
        return Reason.QUANTITY_INVALID
    return Reason.OFFLINE_LIMIT if _above(claim, permit) else None


def _above(claim: Claim, permit: Permit) -> bool:
    """More than was signed: in all, in one sale, in number."""
    live = permit.state is AllowanceState.LIVE
    return (
        permit.spent + claim.amount > permit.amount_max
        or (live and claim.amount > permit.left)
        or claim.amount > permit.tx_max
        or permit.sales >= permit.tx_count
    )


# ---- the limits of a till ----------------------------------------------------------------


class Selling(StrEnum):
    """What a till may do without signal."""

    FREE = "FREE"
    TRY_ONLINE = "TRY_ONLINE"  # first; when nobody answers it goes on
    LOCKED = "LOCKED"


@dataclass(frozen=True, slots=True)
class Till:
    """What it sold since it was last heard, how long ago that was, how old its catalogue is."""

    unsent: int
    silent: timedelta
    catalogue_age: timedelta
    remote_allowance: bool = False  # a live allowance of a shop beyond the signal


def selling(till: Till) -> Selling:
    """May it sell. Beyond the signal neither age nor number locks before the last allowance ends.

    Among the tills that are FREE one sale in ONLINE_ONE_IN is tried online all the same.
    """
    beyond = (
        till.unsent >= UPPER_ENVELOPES
        or till.silent > UPPER_AGE
        or till.catalogue_age > CATALOGUE_AGE_MAX
    )
    if beyond and not till.remote_allowance:
        return Selling.LOCKED
    tried = beyond or till.unsent >= LOWER_ENVELOPES or till.silent > LOWER_AGE
    return Selling.TRY_ONLINE if tried else Selling.FREE


def one_factor(factors: Collection[str]) -> bool:
    """Was only one of the two shown: such a sale is credited first when it is disputed."""
    return len(FACTORS.intersection(factors)) == 1


def may_be_disputed(outcome: Outcome, sold: datetime, now: datetime) -> bool:
    """A sale that was paid, within DISPUTE_SPAN."""
    return outcome in PAID and now - sold <= DISPUTE_SPAN


def gap_is_over(since: datetime, now: datetime) -> bool:
    """Has what is missing been waited for long enough."""
    return now - since > GAP_WAIT
