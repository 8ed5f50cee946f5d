"""Each rule finds the shop that was planted for it and leaves odd but honest shops alone.

The world is made by benchmarks/anomaly_world.py, where the plants and the confusers are written.
"""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.anomaly_world import make_world, write_month
from pos_engine.lake.anomalies import (
    NATIONAL,
    OFFICER,
    SHOP,
    load_rules,
    measure_nation,
    measure_shops,
    prepared,
    proofs,
    provinces_of,
)
from pos_engine.lake.anomaly_judge import judge, keep_measures, kept_measures
from pos_engine.lake.state import load_state

PERIOD = "2026-02"  # Ramadan begins
_, RULES = load_rules()
CONFUSERS = ("MARKET", "HAMLET", "RICE", "SAHUR", "SUNDAY", "BORDER")


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A month of 200 shops, one planted for each rule, and what all rules say of it."""
    lake = tmp_path_factory.mktemp("odd") / "lake"
    world = make_world(200, {0.7: 1}, seed=5, mean_families=70, provinces=("94",))
    given = write_month(world, lake, PERIOD)
    state, tables, shown = load_state(lake), [], {}
    for province in provinces_of(state, PERIOD):
        with prepared(lake, state, PERIOD, province, given) as snapshot:
            tables += [measure_shops(snapshot, rule) for rule in RULES.values()]
            tables += [measure_nation(snapshot, name) for name in NATIONAL]
            for at in np.flatnonzero((world.bad != "") & (world.province == province)):
                rule, shop_id = RULES[str(world.bad[at])], f"shop-{at:06d}"
                shown[rule.name] = proofs(snapshot, rule, SHOP, shop_id)
    table = pa.concat_tables(tables)
    judged = list(judge(list(RULES.values()), {PERIOD: table}))
    return world, judged, shown, table


def test_every_rule_finds_its_plant_and_shows_the_rows(month):
    world, judged, shown, _ = month
    found = {(each.rule, each.subject_id) for each in judged if each.found}
    for at in np.flatnonzero(world.bad != ""):
        rule = str(world.bad[at])
        assert (rule, f"shop-{at:06d}") in found, rule
        rows = shown[rule]
        assert rows, rule
        assert all(each.note and each.at and each.id for each in rows), rule


@pytest.mark.parametrize("kind", CONFUSERS)
def test_an_odd_but_honest_shop_is_left_alone(month, kind):
    world, judged, _, _ = month
    odd = {f"shop-{at:06d}" for at in np.flatnonzero(world.kind == kind)}
    assert odd
    found = [(each.rule, each.subject_id) for each in judged if each.found]
    assert [each for each in found if each[1] in odd] == []


def test_hardly_any_honest_shop_is_asked(month):
    world, judged, _, _ = month
    honest = {f"shop-{at:06d}" for at in np.flatnonzero(world.bad == "")}
    found = [each for each in judged if each.found and each.subject_id in honest]
    assert len({each.subject_id for each in found}) <= 0.03 * len(honest), Counter(
        each.rule for each in found
    )


def test_an_officer_is_counted_by_faces_that_were_changed_and_changed_again(month):
    world, judged, _, _ = month
    [at] = np.flatnonzero(world.bad == "R12")
    officers = {each.subject_id: each for each in judged if each.kind == OFFICER}
    assert officers[f"officer-{at}"].found
    assert officers[f"officer-{at}"].k >= 3


def test_figures_can_be_followed(month):
    """A share is what it says: so many of so many, beside peers of its own place and size."""
    _, judged, _, _ = month
    for each in judged:
        if each.rule in ("R1", "R2", "R6", "R18") and each.found:
            assert each.value == pytest.approx(each.k / each.n)
            assert each.peers >= 8
            assert each.value >= each.bound > each.middle


def test_measures_are_kept_for_the_months_that_follow(month, tmp_path):
    *_, table = month
    keep_measures(tmp_path, PERIOD, 1, table)
    assert kept_measures(tmp_path, PERIOD, 1).equals(table)
    assert kept_measures(tmp_path, PERIOD, 2) is None
    assert kept_measures(tmp_path, "2026-01", 1) is None


def test_every_rule_has_words_and_numbers():
    assert list(RULES) == [f"R{at}" for at in range(1, 21)]
    for rule in RULES.values():
        assert rule.floor <= rule.start, rule.name
        assert rule.measure.startswith("-- "), rule.name
        assert rule.evidence, rule.name
