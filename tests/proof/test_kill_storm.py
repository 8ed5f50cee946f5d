"""kill -9 in the middle of sales: what was acknowledged is there, nothing is there twice.

A journal is kept outside the engine: every request before it is sent, every answer when it came.
After each kill the engine starts again, every request of the journal is sent once more, and the
answers must be the same bytes; in the end the books must equal the journal to the rupiah.
"""

import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from pos_engine.engine import real_now
from pos_engine.rules.ids import new_uuid7

pytestmark = pytest.mark.proof

KILLS = 12
TILLS = 4
START_S_MAX = 60
SEED = 20261122


class Shop:
    """A demo engine that can be killed, and what its tills remember."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None
        self.journal: dict[str, tuple[dict, bytes | None]] = {}
        self.lock = threading.Lock()

    def start(self) -> None:
        command = [sys.executable, "-m", "pos_engine.cli", "demo", "--port", str(self.port)]
        environment = {
            "PATH": "/usr/bin:/bin",
            "EWARONG_DATA_DIR": str(self.folder),
            "EWARONG_FACE_ENGINE": "off",
            "EWARONG_PER_MINUTE": "0/0/0",  # one till sells as many would
        }
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_S_MAX
        with self.client() as client:
            while time.monotonic() < deadline:
                with suppress(httpx2.TransportError):
                    client.get("/health").raise_for_status()
                    return
                time.sleep(0.05)
        raise AssertionError("the engine did not start")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def client(self, token: str = "") -> httpx2.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=30)

    def token(self, cashier: dict) -> str:
        login = {name: cashier[name] for name in ("device_id", "device_secret", "staff_id", "pin")}
        with self.client() as client:
            return client.post("/v1/sessions", json=login).json()["access_token"]

    def sample(self) -> dict:
        return json.loads((self.folder / "demo.json").read_text())


def sell(shop: Shop, token: str, sample: dict, chance: random.Random, stop: threading.Event):
    """Sell until the engine dies or the round ends."""
    till = sample["staff"][0]["till_id"]
    home = sample["shops"][0]["shop_id"]
    people = [person for person in sample["kpm"] if person["shop_id"] == home]
    with shop.client(token) as client:
        while not stop.is_set():
            person, now = chance.choice(people), real_now()
            purchase_id = new_uuid7(now)
            body = {
                "till_id": till,
                "occurred_at": now.isoformat(),
                "payer": {"method": "KKS", "card": person["card"], "pin": person["pin"]},
                "lines": [
                    {
                        "sku": "BERAS-MEDIUM",
                        "quantity_milli": chance.choice((100, 500, 1000)),
                        "unit_price": chance.choice((12_000, 13_500)),
                    }
                ],
            }
            with shop.lock:
                shop.journal[purchase_id] = (body, None)
            try:
                answer = client.put(f"/v1/purchases/{purchase_id}", json=body)
            except httpx2.TransportError:
                return
            if answer.status_code == 200:
                with shop.lock:
                    shop.journal[purchase_id] = (body, answer.content)


def ask_again(shop: Shop, token: str) -> None:
    """Every request once more: acknowledged ones answer the same bytes."""
    with shop.client(token) as client:
        for purchase_id, (body, known) in shop.journal.items():
            answer = client.put(f"/v1/purchases/{purchase_id}", json=body)
            assert answer.status_code == 200, answer.text
            if known is not None:
                assert answer.content == known
            shop.journal[purchase_id] = (body, answer.content)


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path / "data")
    yield shop
    shop.kill()


def test_nothing_is_lost_and_nothing_doubled(shop):
    chance = random.Random(SEED)
    shop.start()
    sample = shop.sample()
    for _ in range(KILLS):
        token, stop = shop.token(sample["staff"][0]), threading.Event()
        tills = [
            threading.Thread(
                target=sell, args=(shop, token, sample, random.Random(chance.random()), stop)
            )
            for _ in range(TILLS)
        ]
        for till in tills:
            till.start()
        time.sleep(chance.uniform(0.3, 1.2))
        shop.kill()
        stop.set()
        for till in tills:
            till.join()
        shop.start()
    token = shop.token(sample["staff"][0])
    ask_again(shop, token)
    answers = [json.loads(answer) for _, answer in shop.journal.values()]
    spent = sum(answer["amount"] for answer in answers if answer["status"] == "APPROVED")
    credited = sum(person["balance"] for person in sample["kpm"])
    check = subprocess.run(
        [sys.executable, "-m", "pos_engine.cli", "ledger", "check", "--json"],
        env={"PATH": "/usr/bin:/bin", "EWARONG_DATA_DIR": str(shop.folder)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    books = json.loads(check.stdout)
    assert books["good"]
    assert books["left"] == credited - spent
    print(f"\n{len(answers)} purchases, {KILLS} kills (seed {SEED}): 0 lost, 0 doubled, 0 drift")
