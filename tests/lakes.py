"""Words for tests of the event lake: a day of everything, and what the lake says of it."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pos_engine.engine import Engine
from pos_engine.lake.views import Span, opened
from pos_engine.services.authorize import authorize
from pos_engine.services.lake_check import check_lake
from pos_engine.services.lake_write import Consumer, catch_up
from pos_engine.services.payer import CardProof
from pos_engine.services.void import void
from tests.returning import a_void, buy, lines
from tests.selling_offline import SignedSale, a_tablet, put_aside, take_back
from tests.world import PIN, World, a_purchase, rice

LIFE = Span(date(2020, 1, 1), date(2030, 12, 31))


def with_lake(engine: Engine, folder: Path) -> Engine:
    return replace(engine, lake=folder / "lake")


def a_day_of_everything(engine: Engine, world: World) -> None:
    """Bought, too dear, banned, wrong PIN, nobody found, a part and a whole returned."""
    buy(engine, world, rice(1000), rice(500, 13_000))
    for each in (rice(1000, 14_000), rice(1000, 25_000, "ROKOK-KRETEK")):
        authorize(engine, a_purchase(world, rice(1000), each, at=engine.now()))
    wrong = CardProof(world.card, "111111" if PIN != "111111" else "222222")
    authorize(engine, a_purchase(world, proof=wrong, at=engine.now()))
    authorize(engine, a_purchase(world, proof=CardProof("0000000000000000", PIN), at=engine.now()))
    void(engine, a_void(world, buy(engine, world), lines=lines(1000)))
    void(engine, a_void(world, buy(engine, world, rice(2000))))


def sold_offline(engine: Engine, world: World) -> list[SignedSale]:
    """Four sales without signal: paid, too dear, recalled meanwhile, and one with a false hand."""
    tablet = a_tablet(engine, world.shop_id, world.till_id)
    aside = put_aside(engine, tablet, world.kpm_id)
    assert aside is not None
    name = aside.allowance_id
    sales = [tablet.sell(name), tablet.sell(name, ("BERAS-MEDIUM", 1000, "kg", 20_000))]
    tablet.sync(*sales)
    sales.append(tablet.sell(name))
    sales.append(replace(tablet.sell(name), sig=sales[0].sig))
    take_back(engine, world.kpm_id)
    tablet.sync(*sales[2:])
    return sales


def write(engine: Engine) -> int:
    """Everything that waits; how many rows."""
    return sum(each.rows for each in catch_up(engine))


def rows(lake: Path, query: str) -> list[tuple[Any, ...]]:
    with opened(lake, LIFE) as snapshot:
        return snapshot.sql.execute(query).fetchall()


def agrees(engine: Engine) -> bool:
    """The lake says what the ledger says, and nothing is left to write."""
    assert engine.lake is not None
    found = check_lake(engine, engine.lake, every_byte=True)
    assert found.good, found
    return found.behind == 0


@contextmanager
def a_consumer(engine: Engine):
    """A consumer whose lease ends with the block, as the kernel ends that of a killed process."""
    consumer = Consumer(engine)
    try:
        yield consumer
    finally:
        consumer.writer.let_go()


def everything(lake: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows by their ids: what must be equal however they came."""
    return {
        "purchases": rows(lake, "SELECT purchase_id, line, status, amount, line_total, verdict,"
                          " family, CAST(day AS VARCHAR), province FROM purchases ORDER BY ALL"),
        "returns": rows(lake, "SELECT return_id, line, amount, total FROM returns ORDER BY ALL"),
        "attempts": rows(lake, "SELECT attempt_id, outcome, failed, age_band FROM attempts"
                         " ORDER BY ALL"),
        "movements": rows(lake, "SELECT txn_id, shard, leg, kind, amount FROM movements"
                          " ORDER BY ALL"),
        "offline_outcomes": rows(lake, "SELECT envelope_id, outcome, taken FROM offline_outcomes"
                                 " ORDER BY ALL"),
    }  # fmt: skip
