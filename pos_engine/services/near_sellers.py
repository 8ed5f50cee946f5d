"""After a refusal for price: up to three shops near that sold the good lawfully within a week."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

from catalog.zones import region_exists, region_name
from pos_engine.engine import Engine
from pos_engine.rules.basket import Market
from pos_engine.rules.decision import Declined
from pos_engine.rules.reasons import Reason
from pos_engine.store import shop_goods
from pos_engine.store.database import Tx
from pos_engine.store.shop_goods import Seller
from pos_engine.wire.near_words import near_told
from pos_engine.wire.response import explain

SELLERS_NAMED_MAX = 3
SOLD_WITHIN = timedelta(days=7)
Opener = Callable[[], AbstractContextManager[Tx]]


def with_sellers(
    engine: Engine, open_tx: Opener, decision: Declined, market: Market, shop_id: str
) -> Declined:
    """The refusal with where to go next; untouched when nobody near sold the good lately.

    `open_tx` reads where the shops stand; it is asked once in ten minutes a place and good.
    """
    line = next((x for x in decision.lines if x.reason is Reason.PRICE_ABOVE_CEILING), None)
    if line is None:
        return decision
    near = [each for each in _near(engine, open_tx, line.sku, market) if each.shop_id != shop_id]
    if not near:
        return decision
    _, step = explain(
        decision.reason, decision.lines, amount=decision.amount, balance=decision.payable
    )
    shops = [(each.name, _place(each.region)) for each in near[:SELLERS_NAMED_MAX]]
    return replace(decision, next_step=near_told(step, line.name, shops))


def _near(engine: Engine, open_tx: Opener, sku: str, market: Market) -> tuple[Seller, ...]:
    key, now = (sku, market.region, market.day), engine.now()
    known = engine.sellers.find(key, now)
    if known is not None:
        return known
    with open_tx() as tx:  # one more: the shop itself may be among them
        found = shop_goods.nearest_sellers(
            tx, sku, market.region, market.day - SOLD_WITHIN, SELLERS_NAMED_MAX + 1
        )
    return engine.sellers.keep(key, now, found)


def _place(region: str) -> str:
    return region_name(region) if region_exists(region) else region
