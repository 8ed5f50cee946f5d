"""Quote a basket: the verdict of each line before anybody is asked who they are."""

from dataclasses import dataclass, replace
from datetime import datetime

from catalog.price_book import Action
from pos_engine.engine import Engine
from pos_engine.rules.allowances import without_reserve
from pos_engine.rules.basket import (
    LINES_MAX,
    JudgedLine,
    Line,
    Market,
    find_good,
    judge_basket,
)
from pos_engine.rules.decision import Approved, Facts, decide, lawful_amount
from pos_engine.rules.entitlement import Tranche, spendable, thawed
from pos_engine.rules.limits import NOTHING_USED, Used, within_limits
from pos_engine.rules.money import Rupiah
from pos_engine.rules.purse import ProgrammeBalance, purse_of
from pos_engine.rules.reasons import Reason
from pos_engine.services.authorize import market_at
from pos_engine.services.limits import Basket, read_day_use
from pos_engine.services.reserved import ask_living
from pos_engine.services.tokens import PayerToken, sign_quote
from pos_engine.store import ledger, shops
from pos_engine.store.database import Tx


@dataclass(frozen=True, slots=True)
class ProgrammeShare:
    """Her money of one programme now, and after this basket when it would be approved."""

    programme: str
    title: str
    before: Rupiah
    after: Rupiah | None


@dataclass(frozen=True, slots=True)
class DayLimit:
    """A good of the basket with a limit a family and day, and what she bought of it today."""

    sku: str
    name: str
    maximum_milli: int
    used_milli: int
    unit: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What would be decided now. Balances and what is used today only with a proven payer."""

    quote_id: str
    lines: tuple[JudgedLine, ...]
    reason: Reason | None
    amount: Rupiah
    approvable_amount: Rupiah
    balance_before: Rupiah | None
    balance_after: Rupiah | None
    programmes: tuple[ProgrammeShare, ...] = ()
    day_limits: tuple[DayLimit, ...] = ()


def quote(
    engine: Engine,
    shop: shops.Shop,
    till_id: str,
    lines: tuple[Line, ...],
    payer: PayerToken | None,
    device_id: str = "",
) -> Quote:
    """Judge a basket for a shop now; nothing is stored.

    On the device that a family put money aside for, that money counts as hers.
    """
    now = engine.now()
    with engine.database.read() as tx:
        market = market_at(engine, engine.catalogue(tx), shop.region, now)
        judged = within_limits(judge_basket(lines, market), market, NOTHING_USED)
        lawful = lawful_amount(judged)
        made = _Made(judged, lawful, None)
        if payer is not None and payer.proven and payer.expires_at >= now:
            basket = Basket(payer.kpm_id, shop, till_id, lines)
            made = _for_family(tx, market, now, basket, device_id)
    amount = Rupiah(sum(line.total for line in judged))
    balance = made.balance
    searchable = max(lawful, *_lawful_elsewhere(lines, market), 0)
    return Quote(
        quote_id=sign_quote(engine.keys, shop.shop_id, till_id, searchable, now),
        lines=made.lines,
        reason=basket_reason(lines),
        amount=amount,
        approvable_amount=made.approvable,
        balance_before=balance,
        balance_after=None if balance is None else Rupiah(max(balance - amount, 0)),
        programmes=made.programmes,
        day_limits=made.day_limits,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """The verdicts, and what would be approved; the balance only of a proven payer."""

    lines: tuple[JudgedLine, ...]
    approvable: Rupiah
    balance: Rupiah | None
    programmes: tuple[ProgrammeShare, ...] = ()
    day_limits: tuple[DayLimit, ...] = ()


def _for_family(tx: Tx, market: Market, now: datetime, basket: Basket, device_id: str) -> _Made:
    """What a purchase would be answered now, by her money, her programmes and her day."""
    tranches = thawed(ledger.tranches_of(tx, basket.kpm_id, lock=False))
    aside = ask_living(tx, {basket.kpm_id: tranches})().get(basket.kpm_id)
    if aside is not None and aside.device_id == device_id:
        tranches = without_reserve(tranches, aside.draws)
    day_use = read_day_use(tx, market.catalogue, now, [basket])
    used = day_use.of(basket.kpm_id, basket.shop.shop_id, basket.till_id, market.day)
    decision = decide(basket.lines, Facts(market, (), proven=True, tranches=tranches, used=used))
    if isinstance(decision, Approved):
        approvable, left = decision.amount, decision.balances
    else:
        approvable, left = decision.approvable_amount, ()
    return _Made(
        decision.lines,
        approvable,
        spendable(tranches, market.day),
        _programmes(tranches, market, left),
        _day_limits(basket.lines, market, used),
    )


def _programmes(
    tranches: tuple[Tranche, ...], market: Market, after: tuple[ProgrammeBalance, ...]
) -> tuple[ProgrammeShare, ...]:
    """Programme by programme where not all of her money may buy everything; else nothing."""
    purse = purse_of(tranches, market)
    if purse is None:
        return ()
    usable = [each for each in tranches if each.usable(market.day)]
    left = {each.programme: each.left for each in after}
    known = market.catalogue.programmes
    return tuple(
        ProgrammeShare(
            programme=code,
            title=known[code].title if code in known else code,
            before=Rupiah(sum(each.left for each in usable if each.programme == code)),
            after=left.get(code),
        )
        for code in purse.policies  # in the order in which answers tell them
    )


def _day_limits(lines: tuple[Line, ...], market: Market, used: Used) -> tuple[DayLimit, ...]:
    """The limits that refuse, of the goods in this basket."""
    goods = (find_good(line.sku, line.gtin, market.catalogue) for line in lines)
    found = []
    for good in {each.sku: each for each in goods if each is not None}.values():
        limits = market.catalogue.limits.of_good(good.sku, market.day)
        for limit in (each for each in limits if each.action is Action.DECLINE):
            taken = used.goods.get(good.sku, 0)
            found.append(DayLimit(good.sku, good.name, limit.maximum, taken, good.base_unit))
    return tuple(found)


def _lawful_elsewhere(lines: tuple[Line, ...], market: Market) -> list[int]:
    """What would be lawful with money of another programme: its families may be looked for too."""
    others = market.catalogue.own_policies.values()
    markets = [replace(market, policy=policy) for policy in others]
    return [lawful_amount(judge_basket(lines, each)) for each in markets]


def basket_reason(lines: tuple[Line, ...]) -> Reason | None:
    """Why no basket of this size is bought at all."""
    if not lines:
        return Reason.BASKET_EMPTY
    return Reason.BASKET_TOO_LARGE if len(lines) > LINES_MAX else None
