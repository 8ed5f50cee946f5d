"""`ewarong serve --workers 2` on PostgreSQL: both sell, a scrape adds up, a stop loses nothing."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx2
import psycopg
import pytest
from sqlalchemy.engine import make_url

from pos_engine.engine import real_now
from pos_engine.keys import create_key_file, load_keys
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.prove import check_ledger
from pos_engine.services.sessions import open_session
from pos_engine.store import purchases
from tests.world import PIN, make_engine, populate

START_S_MAX = 90
TILLS = 8
SOLD_EACH = 12
LINE = {"sku": "BERAS-MEDIUM", "quantity_milli": 100, "unit_price": 13_400}


@pytest.fixture
def installed(tmp_path, postgres):
    """An installation of today on PostgreSQL, with the world's people."""
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute("CREATE DATABASE workers")
    url = make_url(postgres).set(database="workers").render_as_string(hide_password=False)
    create_key_file(tmp_path / "keys.json")
    engine = make_engine(url, load_keys(tmp_path / "keys.json"), real_now)
    engine.database.upgrade()
    yield engine, populate(engine), url
    engine.close()
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute("DROP DATABASE workers WITH (FORCE)")


@pytest.fixture
def server(installed, tmp_path):
    """The command itself, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "pos_engine.cli", "serve", "--workers", "2"]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "EWARONG_DATABASE_URL": installed[2],
        "EWARONG_DATA_DIR": str(tmp_path),
        "EWARONG_FACE_ENGINE": "off",
        "EWARONG_PER_MINUTE": "0/0/0",  # one till sells as many would
        "EWARONG_LOG_LEVEL": "warning",
    }
    process = subprocess.Popen([*command, "--port", str(port)], env=environment)
    yield process, f"http://127.0.0.1:{port}"
    if process.poll() is None:
        process.kill()
        process.wait()


def wait_for(address):
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        with suppress(httpx2.TransportError):
            httpx2.get(f"{address}/health").raise_for_status()
            return
        time.sleep(0.1)
    raise AssertionError("the engine did not start")


class Tills:
    """Tills that sell on their own connections and keep what they were answered."""

    def __init__(self, engine, world, address):
        login = world.staff["KASIR"]
        opened = open_session(
            engine, login["device_id"], login["device_secret"], login["staff_id"], login["pin"]
        )
        self.headers = {"Authorization": f"Bearer {opened.access_token}"}
        self.world, self.address = world, address
        self.answers = {}

    def sell(self, client):
        purchase_id, now = new_uuid7(real_now()), real_now().isoformat()
        payer = {"method": "KKS", "card": self.world.card, "pin": PIN}
        body = {"till_id": self.world.till_id, "occurred_at": now, "payer": payer, "lines": [LINE]}
        answer = client.put(f"/v1/purchases/{purchase_id}", json=body)
        if answer.status_code == 200:
            self.answers[purchase_id] = answer.content
        else:
            assert answer.status_code == 503  # stopping: the same request may be sent again

    def till(self, number):
        with (
            httpx2.Client(base_url=self.address, headers=self.headers, timeout=30) as client,
            suppress(httpx2.TransportError),  # stopped: the outcome is unknown
        ):
            for _ in range(number):
                self.sell(client)

    def open(self, number):
        threads = [threading.Thread(target=self.till, args=(number,)) for _ in range(TILLS)]
        for thread in threads:
            thread.start()
        return threads


def join(threads):
    for thread in threads:
        thread.join()


def figure(text, name):
    """The sum of a metric over its labels."""
    found = re.findall(rf"^{name}(?:{{.*}})? (.+)$", text, re.MULTILINE)
    return sum(float(value) for value in found)


@pytest.mark.proof
def test_two_processes_sell_and_stop_without_losing_an_answer(installed, server):
    engine, world, _ = installed
    process, address = server
    wait_for(address)
    tills = Tills(engine, world, address)
    join(tills.open(SOLD_EACH))
    assert len(tills.answers) == TILLS * SOLD_EACH
    assert all(b'"APPROVED"' in content for content in tills.answers.values())

    text = httpx2.get(f"{address}/metrics").text
    assert figure(text, "ewarong_purchase_requests_total") == TILLS * SOLD_EACH
    assert figure(text, "ewarong_batch_size_sum") == TILLS * SOLD_EACH
    assert world.shop_id not in text
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) >= 2

    busy = tills.open(10_000)
    while len(tills.answers) == TILLS * SOLD_EACH:  # stop it in the middle of the work
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    join(busy)
    assert len(tills.answers) > TILLS * SOLD_EACH
    with engine.database.read() as tx:
        for purchase_id, content in tills.answers.items():
            assert purchases.find_claim(tx, purchase_id).answer.encode() == content
    assert check_ledger(engine).good
