"""Quote a basket: the verdict of each line before anybody is asked who they are."""

from dataclasses import dataclass, replace
from datetime import datetime

from pos_engine.engine import Engine
from pos_engine.rules.basket import LINES_MAX, JudgedLine, Line, Market, judge_basket
from pos_engine.rules.decision import Approved, Facts, decide, lawful_amount
from pos_engine.rules.entitlement import spendable, thawed
from pos_engine.rules.limits import NOTHING_USED, within_limits
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason
from pos_engine.services.authorize import market_at
from pos_engine.services.limits import Basket, read_day_use
from pos_engine.services.tokens import PayerToken, sign_quote
from pos_engine.store import ledger, shops
from pos_engine.store.database import Tx


@dataclass(frozen=True, slots=True)
class Quote:
    """What would be decided now. Balances only with a proven payer."""

    quote_id: str
    lines: tuple[JudgedLine, ...]
    reason: Reason | None
    amount: Rupiah
    approvable_amount: Rupiah
    balance_before: Rupiah | None
    balance_after: Rupiah | None


def quote(
    engine: Engine,
    shop: shops.Shop,
    till_id: str,
    lines: tuple[Line, ...],
    payer: PayerToken | None,
) -> Quote:
    """Judge a basket for a shop now; nothing is stored."""
    now = engine.now()
    with engine.database.read() as tx:
        market = market_at(engine, engine.catalogue(tx), shop.region, now)
        judged = within_limits(judge_basket(lines, market), market, NOTHING_USED)
        lawful = lawful_amount(judged)
        made = _Made(judged, lawful, None)
        if payer is not None and payer.proven and payer.expires_at >= now:
            made = _for_family(tx, market, now, Basket(payer.kpm_id, shop, till_id, lines))
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
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """The verdicts, and what would be approved; the balance only of a proven payer."""

    lines: tuple[JudgedLine, ...]
    approvable: Rupiah
    balance: Rupiah | None


def _for_family(tx: Tx, market: Market, now: datetime, basket: Basket) -> _Made:
    """What a purchase would be answered now, by her money, her programmes and her day."""
    tranches = thawed(ledger.tranches_of(tx, basket.kpm_id, lock=False))
    day_use = read_day_use(tx, market.catalogue, now, [basket])
    used = day_use.of(basket.kpm_id, basket.shop.shop_id, basket.till_id, market.day)
    decision = decide(basket.lines, Facts(market, (), proven=True, tranches=tranches, used=used))
    balance = spendable(tranches, market.day)
    if isinstance(decision, Approved):
        return _Made(decision.lines, decision.amount, balance)
    return _Made(decision.lines, decision.approvable_amount, balance)


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
