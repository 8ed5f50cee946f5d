"""Quote a basket: the verdict of each line before anybody is asked who they are."""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.basket import LINES_MAX, JudgedLine, Line, judge_basket
from pos_engine.rules.decision import lawful_amount
from pos_engine.rules.entitlement import spendable, thawed
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason
from pos_engine.services.authorize import market_at
from pos_engine.services.tokens import PayerToken, sign_quote
from pos_engine.store import ledger, shops


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
        judged = judge_basket(lines, market)
        amount = Rupiah(sum(line.total for line in judged))
        approvable, balance = lawful_amount(judged), None
        if payer is not None and payer.proven and payer.expires_at >= now:
            tranches = thawed(ledger.tranches_of(tx, payer.kpm_id, lock=False))
            balance = spendable(tranches, market.day)
            approvable = Rupiah(min(approvable, balance))
    return Quote(
        quote_id=sign_quote(engine.keys, shop.shop_id, till_id, lawful_amount(judged), now),
        lines=judged,
        reason=_basket_reason(lines),
        amount=amount,
        approvable_amount=approvable,
        balance_before=balance,
        balance_after=None if balance is None else Rupiah(max(balance - amount, 0)),
    )


def _basket_reason(lines: tuple[Line, ...]) -> Reason | None:
    if not lines:
        return Reason.BASKET_EMPTY
    return Reason.BASKET_TOO_LARGE if len(lines) > LINES_MAX else None
