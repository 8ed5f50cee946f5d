"""SIGTERM under load: what was acknowledged stands, who was let in is told, it ends in ten seconds.

On SQLite and PostgreSQL, with the database at work and with one that stands still.
"""

import signal
import tempfile
import time
from pathlib import Path

import pytest

from tests.faults import OwnPostgres, Served, Tills
from tests.proof.test_faults import good

pytestmark = pytest.mark.proof

TILLS = 32
STOPS = 3
END_S_MAX = 10.0
LOAD_S = 1.5


@pytest.fixture(params=["sqlite", "postgres", "postgres that stands still"])
def place(request, tmp_path):
    """A prepared world, who stands still before the signal, and who goes on after the end."""
    if request.param == "sqlite":
        served = Served(f"sqlite:///{tmp_path / 'ewarong.db'}", tmp_path)
        yield served, None
        served.kill()
        return
    server = OwnPostgres(Path(tempfile.mkdtemp(prefix="ews")))
    try:
        served = Served(server.url, tmp_path)
        yield served, server if "still" in request.param else None
        served.kill()
    finally:
        server.say(signal.SIGCONT)
        server.close()


def test_a_stop_under_load_loses_nothing_and_ends_in_time(place):
    served, stands_still = place
    served.start()
    took = []
    with Tills(served, TILLS) as journal:
        journal.engine_dies = True  # a line that is cut between two requests is no answer
        for _ in range(STOPS):
            time.sleep(LOAD_S)
            if stands_still:
                stands_still.say(signal.SIGSTOP)
                time.sleep(0.5)
            began = time.monotonic()
            served.stop()
            took.append(time.monotonic() - began)
            if stands_still:
                stands_still.say(signal.SIGCONT)
            served.start()
        time.sleep(1)
    good(served, journal)
    print(f"\nended in {', '.join(f'{each:.1f} s' for each in took)}; 503: {journal.again} times")
    assert max(took) <= END_S_MAX
