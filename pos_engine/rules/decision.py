"""The decision on a purchase: facts in, `Approved` or `Declined` out."""

from dataclasses import dataclass

from pos_engine.rules.basket import LINES_MAX, JudgedLine, Line, Market, judge_basket
from pos_engine.rules.entitlement import Draw, Tranche, draw, shortage_reason, spendable
from pos_engine.rules.money import Rupiah
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


@dataclass(frozen=True, slots=True)
class Approved:
    """The purchase may be written: `draws` sum to `amount`."""

    lines: tuple[JudgedLine, ...]
    amount: Rupiah
    draws: tuple[Draw, ...]
    balance_before: Rupiah
    balance_after: Rupiah


@dataclass(frozen=True, slots=True)
class Declined:
    """The purchase is refused for `reason`; `approvable_amount` is what would be lawful."""

    lines: tuple[JudgedLine, ...]
    amount: Rupiah
    reason: Reason
    approvable_amount: Rupiah


def decide(lines: tuple[Line, ...], facts: Facts) -> Approved | Declined:
    """Decide a purchase. Pure: the same lines and facts give the same answer, in any line order."""
    return decide_judged(lines, judge_basket(lines, facts.market), facts)


def decide_judged(
    lines: tuple[Line, ...], judged: tuple[JudgedLine, ...], facts: Facts
) -> Approved | Declined:
    """The same for lines that were judged already: the proof of a payer may depend on the sum."""
    amount = Rupiah(sum(line.total for line in judged))
    reasons = [*facts.standing, *_basket_reasons(lines, judged)]
    balance = spendable(facts.tranches, facts.market.day) if facts.proven else Rupiah(0)
    if facts.proven and amount > balance:
        reasons.append(shortage_reason(facts.tranches, facts.market.day))
    if not facts.proven and not facts.standing:
        reasons.append(Reason.STEP_UP_REQUIRED)
    reason = first(reasons)
    if reason is not None:
        return Declined(judged, amount, reason, _approvable(judged, facts, balance))
    return Approved(
        lines=judged,
        amount=amount,
        draws=draw(facts.tranches, amount, facts.market.day),
        balance_before=balance,
        balance_after=Rupiah(balance - amount),
    )


def lawful_amount(judged: tuple[JudgedLine, ...]) -> Rupiah:
    """The sum of the lines that may be bought at these prices."""
    return Rupiah(sum(line.total for line in judged if line.reason is None))


def _approvable(judged: tuple[JudgedLine, ...], facts: Facts, balance: Rupiah) -> Rupiah:
    """Nothing while something else than the basket or the money stands in the way."""
    if facts.standing or not facts.proven:
        return Rupiah(0)
    return Rupiah(min(lawful_amount(judged), balance))


def _basket_reasons(lines: tuple[Line, ...], judged: tuple[JudgedLine, ...]) -> list[Reason]:
    reasons = [line.reason for line in judged if line.reason is not None]
    if not lines:
        reasons.append(Reason.BASKET_EMPTY)
    if len(lines) > LINES_MAX:
        reasons.append(Reason.BASKET_TOO_LARGE)
    return reasons
