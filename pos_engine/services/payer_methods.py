"""Which ways of proving who pays work for a programme's money, before anybody is photographed."""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.bank import ENGINE
from pos_engine.services.custody import methods_at
from pos_engine.services.purchase import market_at
from pos_engine.store.shops import Shop


@dataclass(frozen=True, slots=True)
class Ways:
    """A programme, who keeps its money, and the ways that work today."""

    programme: str
    title: str
    custodian: str
    methods: tuple[str, ...]

    @property
    def at_bank(self) -> bool:
        """Must a bank be asked."""
        return self.custodian != ENGINE


def ways_of(engine: Engine, shop: Shop, programme: str | None) -> list[Ways]:
    """The ways of one programme, or of all of them; none when there is no such programme."""
    with engine.database.read() as tx:
        market = market_at(engine, engine.catalogue(tx), shop.region, engine.now())
    return [
        Ways(each.code, each.title, each.custodian, methods_at(engine, market, each.custodian))
        for each in market.catalogue.programmes.values()
        if programme in (None, each.code)
    ]
