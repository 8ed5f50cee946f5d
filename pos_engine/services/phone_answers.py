"""What a family may ask on any phone: what is left, and the highest prices at her place."""

from collections.abc import Sequence
from datetime import date

from catalog.policy import Verdict
from pos_engine.engine import Engine
from pos_engine.rules.basket import Market
from pos_engine.rules.entitlement import spendable, thawed
from pos_engine.rules.ids import KpmId
from pos_engine.services.purchase import market_at
from pos_engine.store import families, ledger
from pos_engine.store.database import Tx
from pos_engine.wire.sms_answers import Price, balance_text

_SHORTEST_WORD = 3  # letters of a good's name that may be looked for


def balance_of(tx: Tx, engine: Engine, kpm_id: KpmId) -> str:
    """The sentence about her balance, by her village's clock."""
    market = market_of(tx, engine, kpm_id)
    tranches = thawed(ledger.tranches_of(tx, kpm_id, lock=False))
    usable = [each for each in tranches if each.usable(market.day) and each.left > 0]
    last: date | None = min((each.expires_on for each in usable), default=None)
    at = engine.now().astimezone(market.catalogue.zones.time_zone_of(market.region))
    return balance_text(spendable(tranches, market.day), last, at)


def market_of(tx: Tx, engine: Engine, kpm_id: KpmId) -> Market:
    """The rules at her village today."""
    family = families.find_family(tx, kpm_id)
    if family is None:
        raise LookupError(kpm_id)
    return market_at(engine, engine.catalogue(tx), family.region, engine.now())


def prices_at(market: Market, asked: str = "") -> Sequence[Price]:
    """Ceilings of goods that may be bought, in the till's order; those whose name is asked for."""
    words = [each for each in asked.lower().split() if len(each) >= _SHORTEST_WORD]
    found = []
    for good in sorted(market.catalogue.goods.values(), key=lambda each: each.position):
        ceiling = market.catalogue.price_book.ceiling(good.sku, market.region, market.day)
        wanted = all(any(n.startswith(w) for n in good.name.lower().split()) for w in words)
        if ceiling is None or not wanted:
            continue
        if market.policy.judge(good, None, market.day).verdict is Verdict.OK:
            found.append(Price(good.name, ceiling.rupiah, good.base_unit))
    return found
