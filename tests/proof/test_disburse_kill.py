"""kill -9 in every step of a disbursement: each family is credited once, in each database.

The command itself, or PostgreSQL under it, is killed at random moments of staging, of crediting and
of undoing, and the command is said again until it ends, as an operator would.
"""

import random
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks.bench_disburse import AMOUNT, Place, add_families, books_add_up, write_file
from pos_engine.engine import real_now
from pos_engine.keys import create_key_file, load_keys
from pos_engine.services import disburse
from pos_engine.store import disbursements as runs
from tests.faults import OwnPostgres
from tests.sealing import unsealed
from tests.world import Clock, make_engine, populate

pytestmark = pytest.mark.proof

FAMILIES = 60_000
KILLS = 4  # of each step
STEP_S_MAX = 300  # for what is left after the last kill
DATABASE_KILLS = 2  # of each step
DATABASE_FAMILIES = 20_000
SEED = 20261122
PERIOD = "2027-01"


class Office:
    """The command in processes of its own, which die."""

    def __init__(self, url, folder):
        self.folder, self.chance, self.kills = folder, random.Random(SEED), 0
        create_key_file(folder / "keys.json")
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "EWARONG_DATA_DIR": str(folder),
            "EWARONG_DATABASE_URL": url,
            "EWARONG_FACE_ENGINE": "off",
            "EWARONG_ESCROW_ACCOUNT": "BNI 0001",
            "XDG_RUNTIME_DIR": str(folder),
        }

    def start(self, *words):
        command = [sys.executable, "-m", "pos_engine.cli", "disburse", *words]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def say(self, *words, seconds=STEP_S_MAX):
        """Run the command; True when it ended by itself within the time."""
        process = self.start(*words)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.kills += 1
            return False
        assert process.returncode == 0, (out, err)
        return True

    def until_done(self, *words):
        began = time.monotonic()
        for _ in range(KILLS):
            if self.say(*words, seconds=self.chance.uniform(1.2, 5.0)):
                return
        assert self.say(*words, seconds=STEP_S_MAX)
        print(f"{words[0]}: {time.monotonic() - began:.0f} s", flush=True)

    def until_done_without(self, server, *words):
        """The same while the database is killed and comes back a second later."""
        for at in range(DATABASE_KILLS + 1):
            process = self.start(*words)
            if at < DATABASE_KILLS:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(self.chance.uniform(1.2, 5.0))
                server.kill()
                self.kills += 1
                time.sleep(1)
                server.start()
            out, err = process.communicate(timeout=STEP_S_MAX)
            if process.returncode == 0:
                return
            assert b"database does not answer" in err, (out, err)
        raise AssertionError(words)


def run_of(engine, file, families):
    order = disburse.Order("BPNT", PERIOD, engine.now().date(), families, families * AMOUNT, {})
    return disburse.run_of_file(engine, file, order).run_id


def facts_of(families):
    counts = ("--expect-count", f"{families}", "--expect-total", f"{families * AMOUNT}")
    return ("--period", PERIOD, *counts)


def credited(engine, run_id):
    """Tranches of the run, their families, and their sum."""
    query = text(
        "SELECT count(*), count(DISTINCT kpm_id), sum(credited) FROM wallet WHERE run_id = :r"
    )
    with engine.database.read() as tx:
        return tuple(tx.execute(query, {"r": run_id}).one())


def test_killed_in_every_step_each_family_is_credited_once(engine, prepared, world, tmp_path, kind):
    url = prepared[0]
    add_families(Place(url, tmp_path / "keys.json", engine, world), FAMILIES)
    file = tmp_path / "credit.csv"
    write_file(file, FAMILIES)
    office = Office(url, tmp_path)
    total = FAMILIES * AMOUNT
    office.until_done(str(file), *facts_of(FAMILIES), "--officer", "maker")
    run_id = run_of(engine, file, FAMILIES)
    office.until_done("approve", run_id, "--officer", "checker")
    assert credited(engine, run_id) == (FAMILIES, FAMILIES, total)
    assert books_add_up(engine)
    assert disburse.status(engine, run_id).status == runs.CREDITED
    assert office.say("undo", run_id, "--officer", "maker")
    office.until_done("undo", run_id, "--officer", "checker")
    assert disburse.status(engine, run_id).status == runs.UNDONE
    assert disburse.overview(engine, run_id).tally.returned == total
    assert books_add_up(engine)
    print(f"\n{kind}: {FAMILIES} families, {office.kills} kills (seed {SEED}): 0 lost, 0 doubled")


def test_postgres_killed_in_every_step_each_family_is_credited_once(tmp_path):
    server = OwnPostgres(Path(tempfile.mkdtemp(prefix="ewf")))
    office = Office(server.url, tmp_path)
    engine = make_engine(server.url, load_keys(tmp_path / "keys.json"), Clock(real_now()))
    engine.database.upgrade()
    place = Place(server.url, tmp_path / "keys.json", engine, populate(engine))
    add_families(place, DATABASE_FAMILIES)
    engine.close()
    file = tmp_path / "credit.csv"
    write_file(file, DATABASE_FAMILIES)
    office.until_done_without(server, str(file), *facts_of(DATABASE_FAMILIES), "--officer", "maker")
    run_id = run_of(engine, file, DATABASE_FAMILIES)
    engine.close()
    office.until_done_without(server, "approve", run_id, "--officer", "checker")
    total = DATABASE_FAMILIES * AMOUNT
    assert credited(engine, run_id) == (DATABASE_FAMILIES, DATABASE_FAMILIES, total)
    assert books_add_up(engine)
    engine.close()
    assert office.say("undo", run_id, "--officer", "maker")
    office.until_done_without(server, "undo", run_id, "--officer", "checker")
    assert disburse.overview(engine, run_id).tally.returned == total
    assert books_add_up(engine)
    assert unsealed(engine) == []
    engine.close()
    server.close()
    print(f"\npostgres: {DATABASE_FAMILIES} families, {office.kills} kills of the server")
