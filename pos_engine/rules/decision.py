"""The decision on a purchase: facts in, `Approved` or `Declined` out."""

from dataclasses import dataclass

from pos_engine.rules.basket import LINES_MAX, JudgedLine, Line, Market, judge_basket
from pos_engine.rules.entitlement import Draw, Tranche, draw, shortage_reason, spendable
from pos_engine.rules.limits import (
    NOTHING_USED,
    AmountLimit,
    Used,
    amount_flags,
    amount_limit,
    within_limits,
)
from pos_engine.rules.money import Rupiah
from pos_engine.rules.purse import (
    BoundMoney,
    Payment,
    ProgrammeBalance,
    allowances,
    judge_by_programme,
    pay,
    purse_of,
)
from pos_engine.rules.reasons import Reason, first


@dataclass(frozen=True, slots=True)
class Facts:
    """What the engine knows when it decides. `standing` lists what stands in the way so far.

    `proven` says whether the payer's identity is proven: without it no balance is looked at and
    none can be told from the answer.
    """

    market: Market
    standing: tuple[Reason, ...]
    proven: bool
    tranches: tuple[Tranche, ...]
    used: Used = NOTHING_USED  # of this day's limits; looked at only of a proven payer
    reserved: int = 0  # rupiah that lie aside for buying without signal on another device


@dataclass(frozen=True, slots=True)
class Approved:
    """The purchase may be written: `draws` sum to `amount`. `flags` are of the whole purchase.

    `balances` tell what is left by programme, when not all of it may buy everything.
    """

    lines: tuple[JudgedLine, ...]
    amount: Rupiah
    draws: tuple[Draw, ...]
    balance_before: Rupiah
    balance_after: Rupiah
    flags: tuple[str, ...] = ()
    balances: tuple[ProgrammeBalance, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """The purchase is refused for `reason`; `approvable_amount` is what would be lawful.

    `payable` is what her money can pay of it; `bound` and `limit` tell more of a refusal for money
    and for a day's limit.
    """

    lines: tuple[JudgedLine, ...]
    amount: Rupiah
    reason: Reason
    approvable_amount: Rupiah
    payable: Rupiah
    bound: BoundMoney | None = None
    limit: AmountLimit | None = None
    next_step: str = ""  # said instead of the reason's own, when there is more to say
    message: str = ""  # the same for its sentence


def decide(lines: tuple[Line, ...], facts: Facts) -> Approved | Declined:
    """Decide a purchase. Pure: the same lines and facts give the same answer, in any line order."""
    return decide_judged(lines, judge_basket(lines, facts.market), facts)


def decide_judged(
    lines: tuple[Line, ...], judged: tuple[JudgedLine, ...], facts: Facts
) -> Approved | Declined:
    """The same for lines that were judged already: the proof of a payer may depend on the sum.

    Money of programmes with a policy of their own judges the lines again.
    """
    seen = _look(lines, judged, facts)
    reasons = [*facts.standing, *_basket_reasons(lines, seen.judged), *_money_reasons(seen, facts)]
    reason = first(reasons)
    if reason is not None:
        return _declined(reason, seen, facts)
    payment, market = seen.payment, facts.market
    return Approved(
        lines=seen.judged,
        amount=seen.amount,
        draws=payment.draws if payment else draw(facts.tranches, seen.amount, market.day),
        balance_before=seen.balance,
        balance_after=Rupiah(seen.balance - seen.amount),
        flags=amount_flags(seen.amount, market, facts.used),
        balances=payment.balances if payment else (),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """The basket beside the payer's money and day; no `payment` when one policy governs it all."""

    judged: tuple[JudgedLine, ...]
    amount: Rupiah
    balance: Rupiah
    payment: Payment | None
    limit: AmountLimit | None


def _look(lines: tuple[Line, ...], judged: tuple[JudgedLine, ...], facts: Facts) -> _Seen:
    market = facts.market
    amount = Rupiah(sum(line.total for line in judged))
    if not facts.proven:  # nothing of her money or her day may be told from the answer
        return _Seen(within_limits(judged, market, NOTHING_USED), amount, Rupiah(0), None, None)
    balance = spendable(facts.tranches, market.day)
    limit = amount_limit(amount, market, facts.used)
    purse = purse_of(facts.tranches, market)
    if purse is None or not judged:  # none, or too many to be judged
        return _Seen(within_limits(judged, market, facts.used), amount, balance, None, limit)
    allowed = allowances(lines, purse)
    judged = within_limits(judge_by_programme(lines, allowed, purse), market, facts.used)
    return _Seen(judged, amount, balance, pay(judged, allowed, purse), limit)


def _money_reasons(seen: _Seen, facts: Facts) -> list[Reason]:
    """Too little money, too little that may pay for these goods, or enough for today."""
    if not facts.proven:
        return [] if facts.standing else [Reason.STEP_UP_REQUIRED]
    reasons = []
    payable = seen.balance if seen.payment is None else seen.payment.paid
    asked = seen.amount if seen.payment is None else lawful_amount(seen.judged)
    if asked > payable:
        reasons.append(_shortage(asked, payable, facts))
    if seen.limit is not None:
        reasons.append(Reason.LIMIT_REACHED)
    return reasons


def _shortage(asked: int, payable: int, facts: Facts) -> Reason:
    """Too little because some of it lies aside elsewhere, or too little in any case."""
    if facts.reserved and (asked <= payable + facts.reserved or not payable):
        return Reason.RESERVED_OFFLINE
    return shortage_reason(facts.tranches, facts.market.day)


def _declined(reason: Reason, seen: _Seen, facts: Facts) -> Declined:
    payment, limit = seen.payment, seen.limit
    payable = seen.balance if payment is None else payment.paid
    approvable = min(lawful_amount(seen.judged), payable)
    if limit is not None:
        approvable = min(approvable, limit.left)
    if facts.standing or not facts.proven:  # something else than basket or money is in the way
        approvable = Rupiah(0)
    bound = None if payment is None else payment.bound
    return Declined(seen.judged, seen.amount, reason, approvable, payable, bound, limit)


def lawful_amount(judged: tuple[JudgedLine, ...]) -> Rupiah:
    """The sum of the lines that may be bought at these prices."""
    return Rupiah(sum(line.total for line in judged if line.reason is None))


def _basket_reasons(lines: tuple[Line, ...], judged: tuple[JudgedLine, ...]) -> list[Reason]:
    reasons = [line.reason for line in judged if line.reason is not None]
    if not lines:
        reasons.append(Reason.BASKET_EMPTY)
    if len(lines) > LINES_MAX:
        reasons.append(Reason.BASKET_TOO_LARGE)
    return reasons
