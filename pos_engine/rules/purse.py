"""A family's money of several programmes: each line is paid by what may pay for it."""

from collections import defaultdict
from dataclasses import dataclass, replace

from catalog.policy import Effect, Policy, Verdict
from pos_engine.rules.basket import JudgedLine, Line, Market, find_good, judge_line
from pos_engine.rules.drawing import Need, allocate
from pos_engine.rules.entitlement import Draw, Tranche
from pos_engine.rules.money import Rupiah

GOODS_NAMED_MAX = 3


@dataclass(frozen=True, slots=True)
class Purse:
    """The usable tranches in drawing order, and the policies that judge a line, by programme."""

    tranches: tuple[Tranche, ...]
    policies: dict[str, Policy]
    market: Market


@dataclass(frozen=True, slots=True)
class BoundMoney:
    """Why money that is there does not pay: it is of programmes that do not allow these goods."""

    goods: tuple[str, ...]
    missing: Rupiah
    left: Rupiah
    programmes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeBalance:
    """What is left of one programme's money after a purchase: not all of it buys everything."""

    programme: str
    title: str
    left: Rupiah


@dataclass(frozen=True, slots=True)
class Payment:
    """What the purse pays of the lawful lines, and what money stays that may not pay the rest."""

    draws: tuple[Draw, ...]
    paid: Rupiah
    balances: tuple[ProgrammeBalance, ...]
    bound: BoundMoney | None


def purse_of(tranches: tuple[Tranche, ...], market: Market) -> Purse | None:
    """The purse of a family; None when the policy in force governs all of her money.

    Lines are judged by the money that is left. Where none is, by the programmes that she is in:
    then it is the money that is missing, not the permission.
    """
    own = market.catalogue.own_policies
    if not any(tranche.programme in own for tranche in tranches):
        return None
    usable = [each for each in tranches if each.usable(market.day) and each.left > 0]
    programmes = dict.fromkeys(each.programme for each in usable or tranches)
    policies = {code: market.policy_of(code) for code in programmes}
    narrow_first = sorted(policies.items(), key=lambda item: (_freedom(item[1]), item[0]))
    ordered = sorted(
        usable,
        key=lambda t: (t.expires_on, _freedom(policies[t.programme]), t.period, t.wallet_id),
    )
    return Purse(tuple(ordered), dict(narrow_first), market)


def allowances(lines: tuple[Line, ...], purse: Purse) -> list[tuple[str, ...]]:
    """The programmes that allow each line, the narrowest first."""
    return [_allowing(line, purse) for line in lines]


def judge_by_programme(
    lines: tuple[Line, ...], allowed: list[tuple[str, ...]], purse: Purse
) -> tuple[JudgedLine, ...]:
    """The verdict of each line by the narrowest programme that allows it, else by the narrowest."""
    narrowest = next(iter(purse.policies))
    markets = {code: replace(purse.market, policy=found) for code, found in purse.policies.items()}
    return tuple(
        judge_line(line, markets[programmes[0] if programmes else narrowest])
        for line, programmes in zip(lines, allowed, strict=True)
    )


def pay(judged: tuple[JudgedLine, ...], allowed: list[tuple[str, ...]], purse: Purse) -> Payment:
    """Pay the lawful lines as far as the money goes, oldest and narrowest money first."""
    names: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    amounts: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for line, programmes in zip(judged, allowed, strict=True):
        if line.reason is None:
            amounts[programmes] += line.total
            names[programmes].append(line.name)
    places = {
        allowing: [at for at, each in enumerate(purse.tranches) if each.programme in allowing]
        for allowing in amounts
    }
    needs = [Need(amount, places[allowing]) for allowing, amount in amounts.items()]
    found = allocate([each.left for each in purse.tranches], needs)
    drawn = zip(purse.tranches, found.taken, strict=True)
    short = zip(names.values(), found.unmet, strict=True)
    return Payment(
        draws=tuple(Draw(each.wallet_id, Rupiah(taken)) for each, taken in drawn if taken),
        paid=Rupiah(sum(found.taken)),
        balances=_balances(purse, found.taken),
        bound=_bound(purse, found.taken, [(goods, unmet) for goods, unmet in short if unmet]),
    )


def _balances(purse: Purse, taken: tuple[int, ...]) -> tuple[ProgrammeBalance, ...]:
    left = dict.fromkeys(purse.policies, 0)
    for each, used in zip(purse.tranches, taken, strict=True):
        left[each.programme] += each.left - used
    return tuple(
        ProgrammeBalance(code, _title(code, purse), Rupiah(rest)) for code, rest in left.items()
    )


def _title(code: str, purse: Purse) -> str:
    known = purse.market.catalogue.programmes.get(code)
    return code if known is None else known.title


def _bound(
    purse: Purse, taken: tuple[int, ...], short: list[tuple[list[str], int]]
) -> BoundMoney | None:
    """Money that is left beside an unpaid need may not pay it: else it would have."""
    left = {
        each: each.left - used
        for each, used in zip(purse.tranches, taken, strict=True)
        if each.left > used
    }
    if not (left and short):
        return None
    codes = dict.fromkeys(each.programme for each in left)
    goods = dict.fromkeys(name for names, _ in short for name in names)
    return BoundMoney(
        goods=tuple(goods)[:GOODS_NAMED_MAX],
        missing=Rupiah(sum(unmet for _, unmet in short)),
        left=Rupiah(sum(left.values())),
        programmes=tuple(_title(code, purse) for code in codes),
    )


def _allowing(line: Line, purse: Purse) -> tuple[str, ...]:
    good = find_good(line.sku, line.gtin, purse.market.catalogue)
    if good is None:
        return ()
    day = purse.market.day
    return tuple(
        code
        for code, policy in purse.policies.items()
        if policy.judge(good, line.gtin, day).verdict is Verdict.OK
    )


def _freedom(policy: Policy) -> tuple[bool, int]:
    """What lets the family buy less comes first; no item control comes last."""
    return policy.unlisted is Effect.ALLOW, policy.breadth
