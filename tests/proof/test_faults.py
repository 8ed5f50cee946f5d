"""The database is stopped, killed or full under load: all ids answered once, and the books good.

The engine runs in a process of its own; 32 tills sell by card and send again what was not answered.
"""

import json
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.faults import MUCH, OwnPostgres, Served, Tills
from tests.world import BALANCE

pytestmark = pytest.mark.proof

TILLS = 32
GONE_S = 10
ENGINE_KILLS = 5
DISK = "96m"


@pytest.fixture
def postgres_of_ours():
    server = OwnPostgres(Path(tempfile.mkdtemp(prefix="ewf")))
    yield server
    server.close()


@pytest.fixture
def served(postgres_of_ours, tmp_path):
    served = Served(postgres_of_ours.url, tmp_path)
    served.start()
    yield served
    served.kill()


def good(served, journal):
    """Nobody was told anything but an answer or 503, and the books equal what was told."""
    assert journal.wrong == []
    assert set(journal.told) == set(journal.asked)
    answers = [json.loads(each) for each in journal.told.values()]
    spent = sum(each["amount"] for each in answers if each["status"] == "APPROVED")
    books = json.loads(served.say("ledger", "check", "--json"))
    assert books["good"]
    assert books["left"] == 2 * (BALANCE + MUCH) - spent
    assert json.loads(served.say("audit", "verify", "--json"))["problems"] == []
    print(
        f"\n{len(answers)} purchases, {journal.again} times 503, slowest {journal.slowest_s:.1f} s"
    )


def test_a_database_that_stands_still_for_ten_seconds(served, postgres_of_ours):
    with Tills(served, TILLS) as journal:
        time.sleep(3)
        postgres_of_ours.say(signal.SIGSTOP)
        time.sleep(GONE_S)
        postgres_of_ours.say(signal.SIGCONT)
        time.sleep(4)
    assert journal.again > 0
    assert journal.slowest_s < 2 * GONE_S
    good(served, journal)


def test_a_database_that_is_killed_and_back_after_ten_seconds(served, postgres_of_ours):
    with Tills(served, TILLS) as journal:
        for _ in range(2):
            time.sleep(3)
            postgres_of_ours.kill()
            time.sleep(GONE_S)
            postgres_of_ours.start()
        time.sleep(4)
    assert journal.again > 0
    assert journal.slowest_s < 2 * GONE_S
    good(served, journal)


def test_an_engine_that_is_killed_again_and_again(served):
    with Tills(served, TILLS) as journal:
        journal.engine_dies = True
        for _ in range(ENGINE_KILLS):
            time.sleep(1.5)
            served.kill()
            served.start()
        time.sleep(2)
    good(served, journal)


class SmallDisk:
    """A disk of its own in memory that can be filled to the last byte."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ewd"))
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(self.folder)]
        mount = shutil.which("mount")
        done = mount and subprocess.run(command, capture_output=True, check=False).returncode == 0
        self.mounted = bool(done)

    def fill(self) -> None:
        with (self.folder / "filler").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                return

    def free(self) -> None:
        (self.folder / "filler").unlink()

    def close(self) -> None:
        if self.mounted:
            umount = shutil.which("umount") or "umount"
            subprocess.run([umount, "-l", str(self.folder)], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def disk():
    disk = SmallDisk()
    if not disk.mounted:
        disk.close()
        pytest.skip("needs the right to mount a disk in memory")
    yield disk
    disk.close()


@pytest.fixture(params=["sqlite", "postgres"])
def served_from(request, disk, tmp_path):
    """An engine whose database, and nothing else, lies on the small disk."""
    server = None
    if request.param == "postgres":
        server = OwnPostgres(disk.folder / "pg")
        url = server.url
    else:
        url = f"sqlite:///{disk.folder / 'engine.db'}"
    served = Served(url, tmp_path)
    served.start()
    yield served, server
    served.kill()
    if server is not None:
        server.close()


def test_a_disk_that_is_full_and_has_room_again(served_from, disk):
    """PostgreSQL may end itself when its log has no room: the operator makes room and starts it."""
    served, server = served_from
    with Tills(served, TILLS) as journal:
        time.sleep(3)
        disk.fill()
        time.sleep(GONE_S)
        told_full = len(journal.told)
        again_full = journal.again
        disk.free()
        if server is not None:
            server.start()
        time.sleep(4)
        assert len(journal.told) > told_full
    assert again_full > 0
    good(served, journal)
