"""A till's day is closed once, whoever asks at the same moment and however often."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.shift import Cash, NotClosed, Unsent
from pos_engine.services.shift import CloseRequest, close_day, day_so_far, slip_of
from pos_engine.store import shops
from pos_engine.store.shifts import ClosedDay
from tests.sealing import TODAY, sell, unsealed
from tests.world import NOW

RIVALS = 6
CASH = Cash(opening=100_000, sales=0, taken_in=0, taken_out=0, counted=100_000)


@pytest.fixture
def shop(engine, world):
    with engine.database.read() as tx:
        return shops.find_shop(tx, world.shop_id)


def asked(world, **changes):
    fields = {
        "close_id": new_uuid7(NOW),
        "day": TODAY,
        "till_id": world.till_id,
        "device_id": "D",
        "staff_id": "S",
        "cash": CASH,
        "unsent": Unsent(0, 0, handed_over=False),
    }
    return CloseRequest(**(fields | changes))


def test_of_rivals_one_closes(engine, world, shop):
    sell(engine, world)
    with ThreadPoolExecutor(RIVALS) as pool:
        done = list(pool.map(lambda _: close_day(engine, shop, asked(world)), range(RIVALS)))
    closed = [each for each in done if isinstance(each, ClosedDay)]
    assert len(closed) == 1
    assert [each for each in done if each is not closed[0]] == [NotClosed.DAY_CLOSED] * (RIVALS - 1)
    assert unsealed(engine) == []


def test_the_same_act_many_times_is_one(engine, world, shop):
    sell(engine, world)
    request = asked(world)
    with ThreadPoolExecutor(RIVALS) as pool:
        done = list(pool.map(lambda _: close_day(engine, shop, request), range(RIVALS)))
    assert all(each == done[0] for each in done)
    assert done[0].sums["approved"] == 1
    assert slip_of(engine, shop, done[0]) == slip_of(engine, shop, done[-1])


def test_the_same_act_stays_the_same_after_sales_and_midnight(engine, world, shop, clock):
    request = asked(world)
    first = close_day(engine, shop, request)
    sell(engine, world)
    clock.advance(days=9)
    assert close_day(engine, shop, request) == first
    other = replace(request, cash=replace(CASH, counted=1))
    assert close_day(engine, shop, other) is NotClosed.DUPLICATE_DIFFERENT


def test_a_forgotten_day_is_closed_later_with_its_own_sums(engine, world, shop, clock):
    sell(engine, world)
    clock.advance(days=1)
    closed = close_day(engine, shop, asked(world))
    assert closed.sums["approved"] == 1
    assert day_so_far(engine, shop).tills == ()
    [till] = day_so_far(engine, shop, TODAY).tills
    assert till.closed == closed


def test_another_tills_day_stays_open(engine, world, shop):
    close_day(engine, shop, asked(world))
    second = close_day(engine, shop, asked(world, till_id="T-2"))
    assert isinstance(second, ClosedDay)
    assert [each.till_id for each in day_so_far(engine, shop).tills] == sorted(
        [world.till_id, "T-2"]
    )
