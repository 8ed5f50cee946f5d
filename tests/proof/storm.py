"""A kill storm: a real `ewarong serve`, sixteen tills over HTTP, SIGKILL again and again.

Each till keeps a journal on disk: the intent is synced before it is sent, the outcome when it came.
One request in twenty is sent twice on purpose. After the last kill every request whose outcome is
unknown is asked again, and only then the database is judged, by it and the journals alone.
"""

import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil
import psycopg

from pos_engine.engine import real_now
from pos_engine.rules.ids import new_uuid7
from tests.faults import OwnPostgres, Served
from tests.proof import checkers
from tests.world import PIN

TILLS = 16
DUPLICATES = 0.05
BETWEEN_S = (0.5, 1.0)
ASK_S_MAX = 60


class Journal:
    """One till's file: `intent` before it sends, `outcome` after it was told; both synced."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self.path = path

    def note(self, kind: str, key: str, value: Any) -> None:
        """Write one line, and be sure of it."""
        self._file.write(json.dumps([kind, key, value]).encode() + b"\n")
        os.fsync(self._file.fileno())


def read_journals(folder: Path) -> tuple[dict[str, Any], dict[str, set[str]]]:
    """What was asked, and every answer that was told, from the files."""
    asked: dict[str, Any] = {}
    told: dict[str, set[str]] = {}
    for file in folder.glob("till-*.jsonl"):
        for line in file.read_text().splitlines():
            kind, key, value = json.loads(line)
            if kind == "intent":
                asked[key] = value
            else:
                told.setdefault(key, set()).add(value)
    return asked, told


@dataclass
class Storm:
    """What a storm did and what was found."""

    kind: str
    seed: int
    kills: int = 0
    backend_kills: int = 0
    asked: int = 0
    acknowledged: int = 0
    unknown_asked_again: int = 0
    duplicates: int = 0
    faults: list[str] = field(default_factory=list)
    restart_s: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def restart_p99_s(self) -> float:
        """From the start of the process to its first good answer, with 16 tills knocking."""
        ordered = sorted(self.restart_s)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 2) if ordered else 0


class Till(threading.Thread):
    """Sells, sends the same again until it is told, and writes everything down."""

    def __init__(
        self, served: Served, token: str, journal: Journal, seed: float, storm: Storm
    ) -> None:
        super().__init__()
        self.served, self.token, self.journal, self.storm = served, token, journal, storm
        self.chance, self.stop = random.Random(seed), threading.Event()

    def run(self) -> None:
        """Until it is stopped; what it does not know then is asked later."""
        while not self.stop.is_set():
            with suppress(httpx2.TransportError), self.served.client(self.token) as client:
                while not self.stop.is_set():
                    self._sell(client)

    def _sell(self, client: httpx2.Client) -> None:
        world, now = self.served.world, real_now()
        key = new_uuid7(now)
        body = {
            "till_id": world.till_id,
            "occurred_at": now.isoformat(),
            "payer": {
                "method": "KKS",
                "card": self.chance.choice((world.card, world.other_card)),
                "pin": PIN,
            },
            "lines": [
                {
                    "sku": "BERAS-MEDIUM",
                    "quantity_milli": self.chance.choice((100, 200)),
                    "unit_price": self.chance.choice((12_000, 13_000, 99_000)),
                }
            ],
        }
        self.journal.note("intent", key, body)
        while not self.stop.is_set():
            answer = None
            with suppress(httpx2.TransportError):
                answer = client.put(f"/v1/purchases/{key}", json=body)
            if answer is not None and answer.status_code == 200:
                self.journal.note("outcome", key, answer.text)
                if self.chance.random() < DUPLICATES:
                    self.storm.duplicates += 1
                    again = client.put(f"/v1/purchases/{key}", json=body)
                    if again.status_code == 200:
                        self.journal.note("outcome", key, again.text)
                return
            if answer is not None and answer.status_code not in (503, 429):
                self.storm.faults.append(f"{answer.status_code} {answer.text[:200]}")
                return
            time.sleep(self.chance.uniform(0.02, 0.1))


def run(
    kind: str, kills: int, folder: Path, seed: int, say: Callable[[str], None] = print
) -> Storm:
    """A storm with so many kills. PostgreSQL loses its whole process group, or one backend."""
    storm, chance, began = Storm(kind, seed), random.Random(seed), time.monotonic()
    server = OwnPostgres(folder / "pg") if kind == "postgresql" else None
    served = Served(server.url if server else f"sqlite:///{folder / 'shop.db'}", folder)
    served.start()
    token = served.token()
    tills = [
        Till(served, token, Journal(folder / f"till-{n}.jsonl"), chance.random(), storm)
        for n in range(TILLS)
    ]
    for each in tills:
        each.start()
    try:
        while storm.kills < kills:
            time.sleep(chance.uniform(*BETWEEN_S))
            _strike(served, server, storm, chance)
            if storm.kills % 50 == 0:
                say(f"{kind}: {storm.kills} of {kills} kills")
    finally:
        for each in tills:
            each.stop.set()
        for each in tills:
            each.join()
    _judge(served, server, storm, folder, token)
    served.kill()
    if server:
        server.close()
    storm.seconds = round(time.monotonic() - began, 1)
    return storm


def _strike(
    served: Served, server: OwnPostgres | None, storm: Storm, chance: random.Random
) -> None:
    storm.kills += 1
    if server is not None and chance.random() < 0.3:
        storm.backend_kills += 1
        backends = server._processes()[1:]
        with suppress(psutil.NoSuchProcess, IndexError):
            chance.choice(backends).send_signal(signal.SIGKILL)
        began = time.monotonic()
        _first_answer(served, began, storm)
        return
    if server is None:
        served.kill()
        began = time.monotonic()
        served.start()
    else:
        server.kill()
        began = time.monotonic()
        server.start()
    _first_answer(served, began, storm)


def _first_answer(served: Served, began: float, storm: Storm) -> None:
    """A log-in writes and reads: the engine answers again."""
    while time.monotonic() < began + ASK_S_MAX:
        with suppress(httpx2.HTTPError):
            served.token()
            storm.restart_s.append(time.monotonic() - began)
            return
        time.sleep(0.02)
    storm.faults.append("no answer after a restart")


def _judge(
    served: Served, server: OwnPostgres | None, storm: Storm, folder: Path, token: str
) -> None:
    asked, told = read_journals(folder)
    last = Journal(folder / "till-last.jsonl")
    with served.client(token) as client:
        for key in asked.keys() - told.keys():
            storm.unknown_asked_again += 1
            deadline = time.monotonic() + ASK_S_MAX
            while time.monotonic() < deadline:
                answer = client.put(f"/v1/purchases/{key}", json=asked[key])
                if answer.status_code == 200:
                    last.note("outcome", key, answer.text)
                    break
                time.sleep(0.1)
    asked, told = read_journals(folder)
    storm.asked, storm.acknowledged = len(asked), len(told)
    storm.faults += [f"two answers to {key}" for key, answers in told.items() if len(answers) > 1]
    storm.faults += [f"never answered {key}" for key in asked.keys() - told.keys()]
    answers = {key: next(iter(each)).encode() for key, each in told.items()}
    if server is None:
        with closing(sqlite3.connect(folder / "shop.db")) as connection:
            if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                storm.faults.append("integrity")
            storm.faults += checkers.faults(
                lambda text: connection.execute(text).fetchall(), answers
            )
        return
    with psycopg.connect(server.url) as connection:
        storm.faults += checkers.faults(lambda text: connection.execute(text).fetchall(), answers)
