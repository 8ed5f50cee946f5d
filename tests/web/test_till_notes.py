"""What a till tells of families it could not serve: once each, for its own shop, no names."""

from datetime import timedelta

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.services.report import Scope, make_report
from tests.world import NOW

DAY = NOW.date()


def note(**changes):
    body = {"note_id": new_uuid7(NOW), "reason": "STOCK", "occurred_at": NOW.isoformat()} | changes
    return {name: value for name, value in body.items() if value is not ...}


def counted(engine, **scope):
    rows = make_report(engine, "not-served", DAY, DAY, Scope(**scope)).rows
    return {(row["kind"], row["method"], row["reason"]): row["count"] for row in rows}


def test_each_note_counts_once(cashier, engine, world):
    twice = note()
    for body in (twice, twice, note(reason="QUEUE")):
        assert cashier.post("/v1/turned-away", json=body).status_code == 204
    assert counted(engine) == {("TURNED_AWAY", "", "STOCK"): 1, ("TURNED_AWAY", "", "QUEUE"): 1}
    assert counted(engine, shop_id=world.other_shop_id) == {}
    assert counted(engine, region="35.07") == counted(engine)
    assert counted(engine, region="94") == {}


def test_a_card_that_was_typed_or_held_by_another_is_told(cashier, engine):
    for kind in ("TYPED", "HELD_BY_OTHER", "TYPED"):
        body = note(kind=kind, reason=..., purchase_id=new_uuid7(NOW))
        assert cashier.post("/v1/card-notes", json=body).status_code == 204
    assert counted(engine) == {("CARD", "", "TYPED"): 2, ("CARD", "", "HELD_BY_OTHER"): 1}


def test_a_proof_that_failed_stands_beside_it(cashier, engine, world):
    ask = {"till_id": world.till_id, "method": "KKS", "card": world.card, "pin": "000001"}
    assert cashier.post("/v1/payers/identify", json=ask).json()["reason"] == "PIN_WRONG"
    assert counted(engine) == {("ATTEMPT", "KKS", "PIN_WRONG"): 1}


def test_a_tablet_whose_clock_is_off_is_counted_when_it_tells(cashier, engine):
    for wrong in (timedelta(days=400), -timedelta(days=400)):
        body = note(occurred_at=(NOW + wrong).isoformat())
        assert cashier.post("/v1/turned-away", json=body).status_code == 204
    earlier = note(occurred_at=(NOW - timedelta(days=3)).isoformat())
    assert cashier.post("/v1/turned-away", json=earlier).status_code == 204
    assert counted(engine) == {("TURNED_AWAY", "", "STOCK"): 2}


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "WEATHER"},
        {"reason": ...},
        {"note_id": "1"},
        {"note_id": ...},
        {"occurred_at": "today"},
        {"occurred_at": ...},
        {"kpm_id": "KPM-1"},
        {"shop_id": "another"},
    ],
)
def test_bad_bodies_are_refused(cashier, engine, changes):
    assert cashier.post("/v1/turned-away", json=note(**changes)).status_code == 422
    assert counted(engine) == {}


@pytest.mark.parametrize("changes", [{"kind": "STOLEN"}, {"purchase_id": "1"}, {"card": "9991"}])
def test_bad_card_notes_are_refused(cashier, engine, changes):
    body = note(reason=..., kind="TYPED") | changes
    assert cashier.post("/v1/card-notes", json=body).status_code == 422
    assert counted(engine) == {}


def test_only_a_shop_tells(client, engine, world):
    assert client.post("/v1/turned-away", json=note()).status_code == 401
    token = client.post("/v1/sessions", json=world.staff["DINSOS"]).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    assert client.post("/v1/turned-away", json=note()).status_code == 403
    assert counted(engine) == {}
