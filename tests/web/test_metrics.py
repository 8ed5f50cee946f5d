"""What an operator can see of the sales: counts and times, never a person or a shop."""

import re

from tests.web.conftest import a_body, a_line, a_path


def figures(client):
    text = client.get("/metrics").text
    return dict(re.findall(r"^(ewarong_\S+) (\S+)$", text, re.MULTILINE))


def test_answers_batches_and_refusals_are_counted(cashier, world, engine, monkeypatch):
    path = a_path()
    cashier.put(path, json=a_body(world))
    cashier.put(path, json=a_body(world))
    cashier.put(path, json=a_body(world, a_line(unit_price=1)))
    cashier.put(a_path(), json={})
    with monkeypatch.context() as patched:
        patched.setattr(engine.commits, "_waiting_max", 0)
        cashier.put(a_path(), json=a_body(world))
    seen = figures(cashier)
    statuses = {"200": "2.0", "409": "1.0", "422": "1.0", "503": "1.0"}
    for status, count in statuses.items():
        assert seen[f'ewarong_purchase_requests_total{{status="{status}"}}'] == count
    assert seen["ewarong_purchase_seconds_count"] == "5.0"
    assert seen["ewarong_batch_size_sum"] == "3.0"
    assert seen["ewarong_queue_age_seconds_count"] == "3.0"
    assert seen["ewarong_queue_refused_total"] == "1.0"
    assert seen["ewarong_batches_failed_total"] == "0.0"
    assert seen["ewarong_queue_waiting"] == "0.0"


def test_nobody_is_named(client, cashier, world):
    cashier.put(a_path(), json=a_body(world))
    del client.headers["Authorization"]
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    for name in (world.shop_id, world.till_id, world.kpm_id, world.card):
        assert name not in answer.text


def test_a_batch_that_failed_is_counted(cashier, world, engine):
    def broken(_tx, _owner, _items):
        raise ZeroDivisionError

    failed = engine.commits.put(broken, None, 1)
    assert isinstance(failed.exception(10), ZeroDivisionError)
    assert figures(cashier)["ewarong_batches_failed_total"] == "1.0"


def test_labels_are_few_and_name_nobody(cashier, world):
    """Each label of each figure: a person, a shop or an address as a label would be told to all."""
    cashier.put(a_path(), json=a_body(world))
    text = cashier.get("/metrics").text
    labels = set(re.findall(r"[{,](\w+)=", text))
    assert labels == {"status", "le"}
    assert set(re.findall(r'status="([^"]*)"', text)) == {"200"}
