"""Families refused for price: who found something within two days, and who went without."""

import json

import pytest

from pos_engine.services.authorize import authorize
from pos_engine.services.ceiling_look import attempts_of
from pos_engine.services.near_sellers import SELLERS_NAMED_MAX
from pos_engine.services.payer import CardProof
from pos_engine.services.report import Scope, make_report
from pos_engine.services.sellers_refresh import refresh_sellers
from pos_engine.services.unfed import UNFED, WAITING, UnfedPlace, unfed
from pos_engine.store import shops
from tests.lakes import with_lake, write
from tests.services.test_batches import said
from tests.world import PIN, a_purchase, rice

HERE = "35.07"
NATION = Scope()


def buy(engine, world, price=13_400, card=None):
    proof = CardProof(card or world.card, PIN)
    asked = a_purchase(world, rice(1000, price), proof=proof, at=engine.now())
    return json.loads(authorize(engine, asked).body)


def of(engine, scope=NATION):
    today = engine.now().date()
    return unfed(engine, today.replace(day=1), today, scope)


@pytest.mark.parametrize("lake", [True, False])
def test_two_days_without_food(engine, world, clock, tmp_path, lake):
    engine = with_lake(engine, tmp_path) if lake else engine

    def seen():
        if lake:
            write(engine)
        return of(engine)

    assert seen().places == ()
    buy(engine, world, 14_000)
    buy(engine, world, 14_000, world.other_card)
    clock.advance(hours=1)
    found = seen()
    assert found.places == (UnfedPlace(HERE, 2, 0, 2),)
    assert {each["state"] for each in found.rows} == {WAITING}
    buy(engine, world)
    clock.advance(hours=50)
    found = seen()
    assert (found.refused, found.families, found.waiting) == (2, 1, 0)
    [row] = found.rows
    assert (row["kpm_id"], row["state"], row["hours"]) == (world.other_kpm_id, UNFED, 51)
    assert (row["asked_price"], row["ceiling"]) == (14_000, 13_500)
    buy(engine, world, 13_400, world.other_card)  # too late: she was without food for two days
    assert seen().families == 1


def test_a_shop_reads_no_families_and_a_region_its_own(engine, world, clock):
    buy(engine, world, 14_000)
    assert of(engine, Scope(shop_id=world.shop_id)).rows == []
    assert of(engine, Scope(region="94")).refused == 0
    today = engine.now().date()
    report = make_report(engine, "unfed", today, today, Scope(region=HERE))
    assert [row["state"] for row in report.rows] == [WAITING]


@pytest.mark.parametrize("lake", [True, False])
def test_a_refusal_names_shops_near_and_says_so_again(engine, world, clock, tmp_path, lake):
    engine = with_lake(engine, tmp_path) if lake else engine
    near = shops.Shop("near", "Kios Bu Ani", "35.07.13.2002", shops.ACTIVE)
    gone = shops.Shop("gone", "Kios Tutup", "35.07.13.2001", "SUSPENDED")
    with engine.database.begin() as tx:
        for each in (near, gone):
            shops.add_shop(tx, each, engine.now())
    plain = buy(engine, world, 14_000)["next_step"]
    assert "Warung dekat" not in plain
    for each in ("near", "gone", world.shop_id):
        asked = a_purchase(world, rice(1000), at=engine.now())
        at = type(asked)(
            **{name: getattr(asked, name) for name in asked.__slots__} | {"shop_id": each}
        )
        said(authorize(engine, at))
    if lake:
        write(engine)
    assert refresh_sellers(engine) > 0
    clock.advance(minutes=11)  # what a process remembers is over
    asked = a_purchase(world, rice(1000, 14_000), at=engine.now())
    first = authorize(engine, asked).body
    step = json.loads(first)["next_step"]
    assert step.startswith(plain)
    assert "Kios Bu Ani" in step
    assert "Kios Tutup" not in step
    assert "Warung Bu Sri" not in step  # the shop that refused
    clock.advance(minutes=11)
    with engine.database.begin() as tx:
        shops.set_shop_status(tx, "near", "SUSPENDED")
    assert authorize(engine, asked).body == first
    assert SELLERS_NAMED_MAX == 3


@pytest.mark.parametrize("lake", [True, False])
def test_attempts_are_counted_by_day_and_good(engine, world, clock, tmp_path, lake):
    engine = with_lake(engine, tmp_path) if lake else engine
    for price in (13_400, 14_000, 14_400, 14_200):
        buy(engine, world, price)
    if lake:
        write(engine)
    today = engine.now().date()
    [day] = attempts_of(engine, today, today, HERE)
    assert (day.day, day.regency, day.sku) == (today, HERE, "BERAS-MEDIUM")
    assert (day.attempts, day.refused, day.asked, day.ceiling) == (4, 3, 14_200, 13_500)
