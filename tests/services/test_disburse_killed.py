"""A short form of the kill proof: every step of a disbursement dies at each of its commits."""

from dataclasses import replace

import pytest

from pos_engine.services import disburse
from pos_engine.services.prove import check_ledger
from tests.services.test_disburse import (
    FAMILIES,
    a_file,
    an_order,
    equal,
    families,  # noqa: F401 - a fixture
    left,
    small_chunks,  # noqa: F401 - a fixture
)


class KilledError(BaseException):
    """Stands for kill -9: nothing may catch it."""


class DyingDatabase:
    """The database, which dies at the n-th write: inside the transaction, or right after it."""

    def __init__(self, real, at, *, inside):
        self.real, self.left, self.inside = real, at, inside

    def __getattr__(self, name):
        return getattr(self.real, name)

    def transact(self, work):
        self.left -= 1
        if self.left or not self.inside:
            result = self.real.transact(work)
            if not self.left:
                raise KilledError
            return result

        def dies(tx):
            work(tx)
            raise KilledError

        return self.real.transact(dies)


def whole(engine):
    """Everything from the file to the money, as an operator would say it again after a crash."""
    run_id = disburse.stage(engine, a_file(equal(FAMILIES)), an_order(), "maker")
    assert isinstance(run_id, str), run_id
    done = disburse.approve(engine, run_id, "checker")
    assert done.left == 0
    return run_id


@pytest.mark.parametrize("inside", [True, False])
def test_killed_at_each_write_nothing_is_lost_or_doubled(engine, families, inside):  # noqa: F811

    deaths = 0
    for at in range(1, 20):
        try:
            whole(replace(engine, database=DyingDatabase(engine.database, at, inside=inside)))
        except KilledError:
            deaths += 1
            continue
        break
    assert deaths >= 2
    whole(engine)
    assert left(engine, FAMILIES) == [100_000] * 5
    assert check_ledger(engine).good
