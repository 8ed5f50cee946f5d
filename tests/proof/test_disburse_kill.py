"""kill -9 in every step of a disbursement: each family is credited once, in each database.

The command itself is started and killed at random moments of staging, of crediting and of undoing,
and said again until it ends, as an operator would.
"""

import random
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from benchmarks.bench_disburse import AMOUNT, Place, add_families, books_add_up, write_file
from pos_engine.keys import create_key_file
from pos_engine.services import disburse
from pos_engine.store import disbursements as runs

pytestmark = pytest.mark.proof

FAMILIES = 60_000
KILLS = 4  # of each step
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

    def say(self, *words, seconds=None):
        """Run the command; True when it ended by itself within the time."""
        command = [sys.executable, "-m", "pos_engine.cli", "disburse", *words]
        process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
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
        assert self.say(*words)
        print(f"{words[0]}: {time.monotonic() - began:.0f} s", flush=True)


def test_killed_in_every_step_each_family_is_credited_once(engine, prepared, world, tmp_path, kind):
    url = prepared[0]
    add_families(Place(url, tmp_path / "keys.json", engine, world), FAMILIES)
    file = tmp_path / "credit.csv"
    write_file(file, FAMILIES)
    office = Office(url, tmp_path)
    total = FAMILIES * AMOUNT
    facts = ("--period", PERIOD, "--expect-count", f"{FAMILIES}", "--expect-total", f"{total}")
    office.until_done(str(file), *facts, "--officer", "maker")
    order = disburse.Order("BPNT", PERIOD, engine.now().date(), FAMILIES, total, {})
    run_id = disburse.run_of_file(engine, file, order).run_id
    office.until_done("approve", run_id, "--officer", "checker")
    with engine.database.read() as tx:
        query = text(
            "SELECT count(*), count(DISTINCT kpm_id), sum(credited) FROM wallet WHERE run_id = :r"
        )
        assert tuple(tx.execute(query, {"r": run_id}).one()) == (FAMILIES, FAMILIES, total)
    assert books_add_up(engine)
    assert disburse.status(engine, run_id).status == runs.CREDITED
    assert office.say("undo", run_id, "--officer", "maker")
    office.until_done("undo", run_id, "--officer", "checker")
    assert disburse.status(engine, run_id).status == runs.UNDONE
    assert disburse.overview(engine, run_id).tally.returned == total
    assert books_add_up(engine)
    print(f"\n{kind}: {FAMILIES} families, {office.kills} kills (seed {SEED}): 0 lost, 0 doubled")
