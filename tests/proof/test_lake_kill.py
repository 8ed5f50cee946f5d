"""kill -9 of a real consumer sixty times, while a shop goes on selling: each fact once."""

import pytest

from tests.services.test_lake_killed import (
    SEED,
    killed_so_often,
    kind,  # noqa: F401 - a fixture
)

pytestmark = pytest.mark.proof

KILLS = 60


def test_killed_sixty_times_each_fact_is_there_once(prepared, keys, tmp_path):
    sold, busy = killed_so_often(KILLS, prepared, keys, tmp_path)
    assert busy >= KILLS // 10
    print(f"{KILLS} kills, {busy} before it was idle, {sold} purchases, seed {SEED}")
