"""The index of a nation from its database, and from its snapshot: how long a restart takes.

    python -m benchmarks.rebuild_index --templates 28000000 --folder /somewhere/with/40/GB

Fills an SQLite database (once for a folder) with made-up sealed templates, which is not timed as a
feature: the rows go in without the services. Then builds the index as the match process does.
"""

import argparse
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from operator import itemgetter
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benchmarks.match_figures import cpu_name
from benchmarks.synthetic_gallery import CHUNK, SyntheticFaces
from biometrics.scopes import NATION
from biometrics.template import Template
from pos_engine.keys import TemplateKey
from pos_engine.matching.local import LocalMatcher
from pos_engine.matching.snapshot_file import SnapshotFile
from pos_engine.rules.ids import shard_of
from pos_engine.store.database import open_database
from pos_engine.store.templates import binding

MODEL = "sface-2021dec"
BORN = [f"{1946 + n % 60}-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(25_200)]
AT = "2026-11-01 00:00:00.000000"
VILLAGES = [
    f"{11 + n % 80}.{n // 80 % 40:02}.{n // 3200:02}.{2001 + n % 12}" for n in range(83_762)
]
SHOPS = [f"019aa000-0000-7000-8000-{n:012x}" for n in range(100_000)]
FAST = ("journal_mode=OFF", "synchronous=OFF", "cache_size=-2000000", "locking_mode=EXCLUSIVE")


def main() -> None:
    """Fill, build, save, restart."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--templates", type=int, default=100_000)
    ask.add_argument("--folder", type=Path, required=True, help="empty, with room")
    args = ask.parse_args()
    faiss.omp_set_num_threads(1)
    print(f"{args.templates} templates, {cpu_name()}, one thread", flush=True)
    url, kept = f"sqlite:///{args.folder / 'nation.db'}", args.folder / "key"
    if not kept.exists():
        with timed("fill"):
            key = TemplateKey.of(secrets.token_bytes(32))
            fill(args.folder / "nation.db", url, key, args.templates)
            kept.write_bytes(
                key.key
            )  # of made-up faces: filling takes longer than what is measured
    key = TemplateKey.of(kept.read_bytes())
    with closing(open_database(url)) as database:
        first = LocalMatcher(database, key, MODEL, SnapshotFile(args.folder, MODEL))
        with timed("index from SQL"):
            first.open(progress)
        with timed("snapshot written"):
            first.close()
        size = (args.folder / f"faces-{MODEL}.snapshot").stat().st_size
        probe = Template(SyntheticFaces(3).people(0).templates[7], MODEL, 80)
        found = first.search(probe, NATION, 3)
        del first
        second = LocalMatcher(database, key, MODEL, SnapshotFile(args.folder, MODEL))
        with timed(f"restart from a snapshot of {size / args.templates:.0f} bytes a template"):
            second.open()
        assert second.search(probe, NATION, 3) == found
        assert found.templates == args.templates
    print("the same answer before and after")


class timed:  # noqa: N801 - reads as a word
    """Prints what something took."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        self._start_s, self._cpu_s = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        wall_s, cpu_s = time.perf_counter() - self._start_s, time.process_time() - self._cpu_s
        print(f"  {self._what}: {wall_s:.1f} s, {cpu_s:.1f} of them computing", flush=True)


def progress(done: int, of: int) -> None:
    if done % 1_000_000 < 20_000:
        print(f"    {done} of {of}", flush=True)


def fill(path: Path, url: str, key: TemplateKey, count: int) -> None:
    with closing(open_database(url)) as database:
        database.upgrade()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in FAST:
            connection.execute(f"PRAGMA {pragma}")
        found = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            " AND tbl_name IN ('family', 'person', 'template')"
        )
        indexes = dict(found.fetchall())
        for name in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute("BEGIN")
        # A hundred thousand faces over and over, each row sealed for its own person
        faces = [row.tobytes() for row in SyntheticFaces(3).people(0).templates.astype("<f4")]
        for start in range(0, count, CHUNK):
            insert(connection, list(rows(key, faces[: count - start], start)))
            print(f"    {min(start + CHUNK, count)} rows", flush=True)
        last = f"019ac{count:08x}-7000-8000-{count:012x}"
        connection.execute(
            "INSERT INTO template_log VALUES (0, ?, 'ENLISTED', ?, ?, '-', ?)",
            (count, count, last, AT),
        )  # of the log the newest entry is read, not the millions before it
        connection.execute("UPDATE template_head SET number = ?", (count,))
        connection.execute("COMMIT")
        connection.execute(indexes["template_number"])  # the only one that is read here


def rows(key: TemplateKey, faces: list[bytes], start: int) -> Iterator[tuple[Any, ...]]:
    """One family of two persons for every two templates, in the order of the shards."""
    head = Template(np.full(128, 128**-0.5, np.float32), MODEL, 80).to_bytes()[: -4 * 128]
    for number, face in enumerate(faces, start + 1):
        family, tail = (number + 1) // 2, f"{number:08x}-7000-8000-{number:012x}"
        kpm_id, person_id = f"019aa{family:08x}-7000-8000-{family:012x}", f"019ab{tail}"
        sealed = key.seal(head + face, binding(person_id, MODEL, 1))
        yield shard_of(kpm_id), kpm_id, person_id, f"019ac{tail}", number, sealed


def insert(connection: sqlite3.Connection, some: list[tuple[Any, ...]]) -> None:
    some.sort(key=itemgetter(0))
    connection.executemany(
        "INSERT INTO family VALUES (?, ?, ?, ?, 'ACTIVE', ?)",
        ((r[0], r[1], VILLAGES[r[4] // 2 % len(VILLAGES)], SHOPS[r[4] // 2 % len(SHOPS)], AT)
         for r in some if r[4] % 2),
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO person VALUES (?, ?, ?, 'Nama', ?, 'P', 'PENGURUS', ?)",
        ((r[0], r[2], r[1], BORN[r[4] % len(BORN)], AT) for r in some),
    )
    columns = "shard, template_id, kpm_id, person_id, model_id, version, source, sealed, quality"
    connection.executemany(
        f"INSERT INTO template ({columns}, number, created_at)"  # noqa: S608 - our own names
        " VALUES (?, ?, ?, ?, ?, 1, 'ENROLMENT', ?, 80, ?, ?)",
        ((r[0], r[3], r[1], r[2], MODEL, r[5], r[4], AT) for r in some),
    )


if __name__ == "__main__":
    main()
