"""Power cuts while the real engine sells on SQLite: what it acknowledged is found again.

The engine runs on a disk that forgets (`lossy_disk`). While eight tills sell, the power is cut
again and again: the files are made as they may be found, opened by another SQLite, and judged.
"""

import random
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event

from pos_engine.engine import Engine
from pos_engine.keys import create_key_file, load_keys
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.authorize import Answer, authorize
from pos_engine.services.payer import CardProof
from pos_engine.store import database as store
from pos_engine.store.database import Database, UnavailableError
from tests.proof import apsw_driver, checkers
from tests.proof.lossy_disk import LossyDisk
from tests.world import NOW, PIN, Clock, World, a_purchase, credit, make_engine, populate, rice

TILLS = 8
MUCH = 10_000_000
WAIT_S_MAX = 0.02  # between two cuts
SALES_MAX = 400  # in one run of the engine: judging costs what there is


@dataclass
class Cuts:
    """What was found after the cuts."""

    cuts: int = 0
    judged: int = 0  # acknowledged purchases looked for, all cuts together
    spoilt: int = 0  # cuts after which something was wrong
    examples: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run(count: int, folder: Path, seed: int, synchronous: str | None = None) -> Cuts:
    """Cut so often; `synchronous` plants another setting than the engine's own."""
    chance, found, began = random.Random(seed), Cuts(), time.monotonic()
    rounds = 0
    while found.cuts < count:
        rounds += 1
        place = folder / f"round-{rounds}"
        place.mkdir()
        _round(min(count - found.cuts, 100), place, chance, found, synchronous)
    found.seconds = time.monotonic() - began
    return found


def _round(
    count: int, folder: Path, chance: random.Random, found: Cuts, synchronous: str | None
) -> None:
    disk = LossyDisk(f"lossy-{folder.name}-{id(folder)}")
    engine, world = opened(disk, folder, synchronous)
    told: dict[str, bytes] = {}
    stop = threading.Event()
    tills = [
        threading.Thread(target=_sell, args=(engine, world, told, stop, chance.random()))
        for _ in range(TILLS)
    ]
    for each in tills:
        each.start()
    while len(told) < TILLS:
        time.sleep(0.01)
    try:
        for n in range(count):
            time.sleep(chance.uniform(0, WAIT_S_MAX))
            after = folder / f"cut-{n}"
            after.mkdir()
            known = dict(list(told.items()))  # acknowledged before the cut
            _judge(disk.cut(after, chance), known, found)
            for each in after.iterdir():
                each.unlink()
    finally:
        stop.set()
        for each in tills:
            each.join()
        engine.close()


def _judge(file: Path, known: dict[str, bytes], found: Cuts) -> None:
    with closing(sqlite3.connect(file)) as connection:
        try:
            whole = connection.execute("PRAGMA integrity_check").fetchall()
            faults = [] if whole == [("ok",)] else ["integrity"]
            faults += checkers.faults(lambda text: connection.execute(text).fetchall(), known)
        except sqlite3.DatabaseError as error:
            faults = [repr(error)]
    found.cuts += 1
    found.judged += len(known)
    if faults:
        found.spoilt += 1
        found.examples = [*found.examples, *faults][:5]


def _sell(
    engine: Engine, world: World, told: dict[str, bytes], stop: threading.Event, seed: float
) -> None:
    chance = random.Random(seed)
    while not stop.is_set():
        if len(told) >= SALES_MAX:
            time.sleep(0.001)
            continue
        card = chance.choice((world.card, world.other_card))
        line = rice(chance.choice((100, 500)), chance.choice((12_000, 13_400, 99_000)))
        asked = a_purchase(world, line, proof=CardProof(card, PIN), purchase_id=new_uuid7(NOW))
        try:
            outcome = authorize(engine, asked)
        except UnavailableError:
            continue
        if isinstance(outcome, Answer):
            told[asked.purchase_id] = outcome.body.encode()


def opened(disk: LossyDisk, folder: Path, synchronous: str | None) -> tuple[Engine, World]:
    """A small world on that disk; schema and world are written before the first cut."""
    key_file, file = folder / "keys.json", folder / "shop.db"
    create_key_file(key_file)
    keys = load_keys(key_file)
    plain = make_engine(f"sqlite:///{file}", keys, Clock())
    plain.database.upgrade()
    world = populate(plain)
    credit(plain, {world.kpm_id: MUCH, world.other_kpm_id: MUCH}, "2026-12")
    plain.close()
    apsw_driver.vfs_name = disk.vfs_name
    made = create_engine(f"sqlite:///{file}", module=apsw_driver, pool_size=8, max_overflow=0)
    event.listen(made, "connect", _tuned(synchronous))
    event.listen(made, "begin", store._begin_sqlite)
    return make_engine("", keys, Clock(), Database(made)), world


def _tuned(synchronous: str | None) -> Callable[[Any, Any], None]:
    def tune(connection: Any, record: Any) -> None:
        store._tune_sqlite(connection, record)
        if synchronous is not None:
            connection.execute(f"PRAGMA synchronous={synchronous}")

    return tune
