"""The harness in its shortest form, and its controls: who finds nothing must have looked."""

import pytest

from tests.proof import histories, mutants, power_cuts

SEED = 20261122


def test_power_cuts(tmp_path):
    found = power_cuts.run(25, tmp_path, SEED)
    assert found.judged > found.cuts
    assert not found.spoilt, found.examples


def test_histories(engine, world):
    found = histories.run(engine, world, 12, SEED)
    assert found.refused
    assert (found.violations, found.gave_up) == (0, 0), found.examples


@pytest.mark.parametrize("fault", ["race", "stale"])
def test_planted_banks_are_found_out(fault):
    assert histories.run_planted("none", 5, SEED).violations == 0
    assert histories.run_planted(fault, 20, SEED).violations > 5


@pytest.mark.parametrize("mutant", mutants.MUTANTS, ids=lambda each: each.name)
def test_the_list_of_planted_faults_follows_the_code(mutant):
    assert (mutants.ROOT / mutant.path).read_text().count(mutant.text) == 1
