"""Write down which shop sold which good lawfully lately: refusals for price point to them."""

from collections.abc import Iterator
from datetime import date, timedelta

from pos_engine.engine import Engine
from pos_engine.lake.ceiling_questions import sold_lately
from pos_engine.services.answers import APPROVED
from pos_engine.services.ceiling_look import OK, look
from pos_engine.services.lake_reports import Question
from pos_engine.services.near_sellers import SOLD_WITHIN
from pos_engine.store import shop_goods
from pos_engine.store.reports import lines_between
from pos_engine.store.shop_goods import SoldLately

KEPT_FOR = timedelta(days=14)
ROWS_AT_ONCE = 2_000


def refresh_sellers(engine: Engine) -> int:
    """Write down who sold what lately, from the lake; how many rows were looked at.

    The first time a week is read, later yesterday and today.
    """
    last = engine.now().date() + timedelta(days=1)  # in the east it is tomorrow already
    with engine.database.read() as tx:
        known = shop_goods.any_seller(tx)
    first = last - (timedelta(days=2) if known else SOLD_WITHIN)
    count = 0
    page: list[SoldLately] = []
    for each in _sold(engine, first, last):
        page.append(each)
        count += 1
        if len(page) == ROWS_AT_ONCE:
            _keep(engine, page)
            page = []
    _keep(engine, page)
    with engine.database.begin() as tx:
        shop_goods.forget_sellers(tx, last - KEPT_FOR)
    return count


def _keep(engine: Engine, page: list[SoldLately]) -> None:
    """A page at a time: purchases wait for no more than one."""
    with engine.database.begin() as tx:
        shop_goods.keep_sellers(tx, page)


def _sold(engine: Engine, first: date, last: date) -> Iterator[SoldLately]:
    names = SoldLately.__slots__
    with look(engine, first, last, None) as snapshot:
        if snapshot is not None:
            where = Question("prices", first, last).where
            rows = list(sold_lately(snapshot, where))
            yield from (SoldLately(*(row[name] for name in names)) for row in rows)
            return
    found: dict[tuple[str, str], SoldLately] = {}
    with engine.database.read() as tx:
        for sold in lines_between(tx, first, last, region=None, shop_id=None):
            line = sold.line
            dear = line["ceiling"] is not None and line["unit_price"] > line["ceiling"]
            if sold.status == APPROVED and line["verdict"] == OK and not dear:
                seller = SoldLately(sold.shop_id, line["sku"], sold.region, sold.day)
                found[sold.shop_id, line["sku"]] = seller  # days come in their order
    yield from found.values()
