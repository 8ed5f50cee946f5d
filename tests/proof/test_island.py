"""An island without signal for three weeks: three hundred families spend all they have."""

import random
from collections import Counter

import pytest
from sqlalchemy import func, select

from pos_engine.rules.ids import KpmId
from pos_engine.services.install import NewShop, Refused, add_shop
from pos_engine.services.prove import check_ledger
from pos_engine.services.register import NewFamily, register_family
from pos_engine.services.remote_shops import mark_remote
from pos_engine.store import remote_shops
from pos_engine.store.schema import posting, wallet
from pos_engine.store.schema_envelopes import envelope
from tests.sealing import faults, seal_all
from tests.selling_offline import a_tablet, put_aside
from tests.world import BORN, Clock, credit, make_engine

pytestmark = pytest.mark.proof

FAMILIES, EACH, DAYS = 300, 600_000, 21
ISLAND = "94.01.01.1001"
PRICE = 12_000  # a kilogram of rice: fifty are all she has


def settle(engine):
    """The island's shop and its families, each with three months' aid."""
    shop = add_shop(engine, "Kios Pulau", ISLAND)
    assert isinstance(shop, NewShop)
    assert mark_remote(engine, shop.shop_id, "officer-1", None, remote=True)
    names = [KpmId(f"PULAU-{n:03d}") for n in range(FAMILIES)]
    for name in names:
        new = NewFamily(
            kpm_id=name,
            region=ISLAND,
            home_shop=shop.shop_id,
            name="Yosina Wanma",
            birth_date=BORN,
            msisdn=None,
            nik=None,
        )
        made = register_family(engine, new)
        assert not isinstance(made, Refused), made
    credit(engine, dict.fromkeys(names, EACH), period="2026-10..2026-12")
    return shop, names


def test_three_hundred_families_are_served_for_three_weeks(databases, keys):
    chance, clock = random.Random(21), Clock()
    url, _world = databases.copy("sqlite")
    engine = make_engine(url, keys, clock)
    shop, names = settle(engine)
    tablet = a_tablet(engine, shop.shop_id, shop.till_id)
    with engine.database.read() as tx:
        assert remote_shops.is_remote(tx, shop.shop_id)
    aside = {name: put_aside(engine, tablet, name, EACH, remote=True) for name in names}
    assert {each.amount for each in aside.values()} == {EACH}
    left = dict.fromkeys(names, EACH // PRICE)  # kilograms
    for day in range(DAYS):
        clock.advance(days=1)
        for name in names:
            last = day == DAYS - 1
            if left[name] and (last or chance.random() < 0.35):
                kilos = left[name] if last else min(left[name], chance.randint(2, 12))
                left[name] -= kilos
                tablet.sell(aside[name].allowance_id, ("BERAS-MEDIUM", kilos * 1000, "kg", PRICE))
    outcomes = bring(tablet)
    assert set(outcomes) == {"ACCEPTED"}, outcomes
    with engine.database.read() as tx:
        mine = wallet.c.kpm_id.in_(names)
        spent = tx.scalar(select(func.sum(wallet.c.spent)).where(mine))
        held = tx.scalar(select(func.sum(wallet.c.held)).where(mine))
        paid = tx.scalar(
            select(func.sum(posting.c.amount)).where(posting.c.account == f"shop:{shop.shop_id}")
        )
        flags = Counter(
            flag for row in tx.execute(select(envelope.c.flags)).scalars() for flag in row
        )
    assert (spent, held, paid) == (FAMILIES * EACH, 0, FAMILIES * EACH)
    assert set(flags) == {"OFFLINE"}  # no limit of a till was passed, no time is unsure
    print(f"{len(tablet.queue)} sales of {FAMILIES} families in {DAYS} days: {dict(outcomes)}")
    assert check_ledger(engine).good
    seal_all(engine)
    assert faults(engine) == []
    engine.close()
    databases.drop(url)


def bring(tablet):
    """The whole queue in batches, each answer lost once: everything is sent twice."""
    outcomes = Counter()
    for at in range(0, len(tablet.queue), 500):
        some = tablet.queue[at : at + 500]
        first = tablet.told(*some)
        assert tablet.told(*some) == first
        outcomes.update(first)
    return outcomes
