"""An owner's money: what no settlement took yet, what is on its way, what has arrived."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pos_engine.engine import Engine
from pos_engine.services.install import Refused
from pos_engine.services.shop_account import show_account
from pos_engine.store.settlement_report import SettledDay, settled_days
from pos_engine.store.settlements import newest_run
from pos_engine.store.shop_money import not_settled
from pos_engine.store.shops import ACTIVE, Shop

MONEY_DAYS = 60  # windows that are shown; older ones stand in the report


@dataclass(frozen=True, slots=True)
class PaidInto:
    """The account, as it may be shown."""

    bank: str
    masked: str


@dataclass(frozen=True, slots=True)
class ShopMoney:
    """`not_settled` in rupiah since the newest settlement; `days` are the bank's, newest first."""

    at: datetime
    not_settled: int
    settled_until: datetime | None
    days: tuple[SettledDay, ...]
    account: PaidInto | None


def shop_money(engine: Engine, shop: Shop) -> ShopMoney:
    """What the shop's owner may know of her money; nobody else's is read."""
    now = engine.now()
    last = now.date() + timedelta(days=1)  # a bank's day may have begun where the shop is
    first = last - timedelta(days=MONEY_DAYS)
    days: list[SettledDay] = []
    waiting, until = 0, None
    for view in engine.each_database():
        with view.database.read() as tx:
            run = newest_run(tx)
            until = run.closes_at if run else None
            waiting += not_settled(tx, shop.shop_id, first, until)
            days += settled_days(tx, first, last, region=None, shop_id=shop.shop_id)
    days.sort(key=lambda each: each.day, reverse=True)
    with engine.database.read() as tx:
        shown = show_account(tx, engine, shop.shop_id)
    account = None
    if not isinstance(shown, Refused) and shown.status == ACTIVE:
        account = PaidInto(shown.bank, shown.masked)
    return ShopMoney(now, waiting, until, tuple(days), account)
