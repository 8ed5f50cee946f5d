"""Rows written and read on the driver itself come back as they went in, on both databases."""

import json
from datetime import UTC, date, datetime

import pytest

from pos_engine.store.database import ConflictError
from pos_engine.store.driver import JsonText, array_text
from pos_engine.store.keyed import rows_by
from pos_engine.store.living_sessions import _LIVING
from pos_engine.store.schema import one_time_code, purchase, purchase_claim
from pos_engine.store.set_writes import insert_rows, inserts

NASTY = ('a"b', "a\\b", "a,b", "{a}", "NULL", "null", "", " ", "é\u2028😀", "a\nb", "%s %(x)s", "'")
AT = datetime(2026, 11, 21, 3, 0, 0, 123456, tzinfo=UTC)
CLAIMS, PURCHASES, CODES = inserts(purchase_claim), inserts(purchase), inserts(one_time_code)


def a_claim(number, text, kpm_id):
    return {
        "claim_shard": number, "purchase_id": f"p{number}", "content": bytes([number, 0, 92, 34]),
        "home_shard": 1, "kpm_id": kpm_id, "shop_id": "s", "answer": text,
    }  # fmt: skip


def stored(engine, table):
    with engine.database.read() as tx:
        return [dict(row) for row in tx.execute(table.select()).mappings()]


def test_any_text_comes_back_as_it_was(engine):
    rows = [a_claim(n, text, None if n % 2 else "K") for n, text in enumerate(NASTY)]
    with engine.database.begin() as tx:
        insert_rows(tx, CLAIMS, rows)
    found = sorted(stored(engine, purchase_claim), key=lambda row: row["claim_shard"])
    assert found == rows


@pytest.mark.plants
@pytest.mark.parametrize("ready", [False, True], ids=["values", "text"])
def test_moments_days_and_json_come_back(engine, ready):
    lines = [{"name": 'a"\\é'}, {"n": 1}]
    row = {
        "shard": 1, "purchase_id": "p", "kpm_id": None, "person_id": None, "shop_id": "s",
        "till_id": "t", "staff_id": "s", "region": "35", "status": "APPROVED", "reason": None,
        "method": "KKS", "amount": 2**40, "lines": JsonText(json.dumps(lines)) if ready else lines,
        "flags": [], "policy": "p", "price_book": "b", "number": "n", "day": date(2026, 11, 21),
        "occurred_at": AT, "decided_at": AT,
    }  # fmt: skip
    with engine.database.begin() as tx:
        insert_rows(tx, PURCHASES, [dict(row)])
    [found] = stored(engine, purchase)
    assert found == row | {"lines": lines}


def test_a_taken_key_is_a_conflict_and_nothing_is_written(engine):
    with pytest.raises(ConflictError), engine.database.begin() as tx:
        insert_rows(tx, CLAIMS, [a_claim(1, "a", None), a_claim(2, "b", None)])
        insert_rows(tx, CLAIMS, [a_claim(2, "c", None)])
    assert stored(engine, purchase_claim) == []


def test_no_rows_are_no_statement(engine):
    with engine.database.begin() as tx:
        insert_rows(tx, CODES, [])
        assert list(rows_by(tx, _LIVING, set())) == []


def test_an_array_of_nothing_known():
    assert array_text([None, None]) == "{NULL,NULL}"
    assert array_text([]) == "{}"
