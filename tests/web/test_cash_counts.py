"""Counts of ordinary sales: one a device and day, nothing but counts, and shown per shop."""

import pytest
from sqlalchemy import select

from pos_engine.store.schema_till import cash_count
from tests.web.conftest import a_body, a_path, log_in

TODAY, YESTERDAY = "2026-11-21", "2026-11-20"
PATH = "/v1/shops/cash-counts"


def told(client, **changes):
    return client.post(PATH, json={"day": TODAY, "sales": 7, "goods_lines": 19} | changes)


def as_role(client, world, name):
    token = log_in(client, world.staff[name])["access_token"]
    return {"Authorization": f"Bearer {token}"}


def shops(client, headers, **query):
    asked = {"from": YESTERDAY, "to": TODAY} | query
    answer = client.get("/v1/reports/shops", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return {row["shop"]: row for row in answer.json()["rows"]}


@pytest.fixture
def rows(engine):
    def read():
        with engine.database.read() as tx:
            return tx.execute(select(cash_count.c.day, cash_count.c.sales)).all()

    return read


def test_told_twice_is_once_and_a_day_never_falls(cashier, rows):
    assert told(cashier).json() == {"day": TODAY, "sales": 7, "goods_lines": 19}
    assert told(cashier).json()["sales"] == 7
    assert told(cashier, sales=9, goods_lines=25).json()["sales"] == 9
    assert told(cashier, sales=2, goods_lines=2).json() == {
        "day": TODAY,
        "sales": 9,
        "goods_lines": 25,
    }
    assert [sales for _day, sales in rows()] == [9]


def test_a_day_falls_by_sales_that_were_taken_back_alone(cashier, rows):
    told(cashier, sales=9, goods_lines=25)
    assert told(cashier, sales=8, goods_lines=22, cancelled=1).json()["sales"] == 8
    assert told(cashier, sales=8, goods_lines=24, cancelled=2).json()["goods_lines"] == 24
    forgot = told(cashier, sales=3, goods_lines=3, cancelled=1).json()
    assert (forgot["sales"], forgot["goods_lines"]) == (8, 24)
    assert told(cashier, sales=8, cancelled=-1).status_code == 422
    assert [sales for _day, sales in rows()] == [8]


@pytest.mark.parametrize(
    "changes",
    [
        {"day": "2026-11-22"},
        {"day": "2026-10-01"},
        {"day": "2026-02-30"},
        {"day": "21-11-2026"},
        {"day": 20_261_121},
        {"sales": -1},
        {"sales": 5_001},
        {"sales": 1.5},
        {"goods_lines": 250_001},
        {"names": ["Siti"]},
    ],
)
def test_nothing_but_a_count_of_a_day_is_taken(cashier, rows, changes):
    assert told(cashier, **changes).status_code == 422
    assert rows() == []


def test_only_the_shops_own_people_tell(client, world, rows):
    for name in ("PENDAMPING", "DINSOS", "KEMENSOS"):
        headers = as_role(client, world, name)
        answer = client.post(
            PATH, json={"day": TODAY, "sales": 1, "goods_lines": 1}, headers=headers
        )
        assert answer.status_code == 403
    assert client.post(PATH, json={"day": TODAY, "sales": 1, "goods_lines": 1}).status_code == 401
    assert rows() == []


def test_the_report_tells_living_shops_from_those_that_open_for_aid_alone(cashier, world):
    assert cashier.put(a_path(), json=a_body(world)).status_code == 200
    before = shops(cashier, as_role(cashier, world, "KEMENSOS"))
    assert before["Warung Bu Sri"]["living"] == "AID_ONLY"
    assert before["Kios Mama Yosina"]["living"] == "SILENT"
    told(cashier)
    told(cashier, day=YESTERDAY, sales=4)
    told(cashier, day="2026-11-19", sales=0)
    row = shops(cashier, as_role(cashier, world, "KEMENSOS"))["Warung Bu Sri"]
    assert (row["living"], row["cash_sales"], row["cash_days"]) == ("YES", 11, 2)
    assert (row["aid_purchases"], row["aid_days"], row["last_cash_day"]) == (1, 1, TODAY)
    assert set(shops(cashier, as_role(cashier, world, "PEMILIK"))) == {"Warung Bu Sri"}
    assert set(shops(cashier, as_role(cashier, world, "DINSOS"))) == {"Warung Bu Sri"}
