"""Programmes: who governs what their money may buy, and what holds in all of them."""

from datetime import date
from hashlib import sha256

import pytest

from catalog.load import load_files
from catalog.policy import PROGRAMME_RULE_UNVERIFIED, Effect, Verdict
from catalog.programmes import IN_FORCE

DAY = date(2026, 11, 21)
PROGRAMMES = "programmes.csv"


def judge(catalogue, programme, sku):
    return catalogue.own_policies[programme].judge(catalogue.goods[sku], None, DAY)


def test_the_shipped_programmes(shipped):
    assert {code: each.policy_id for code, each in shipped.programmes.items()} == {
        "BPNT": IN_FORCE,
        "PKH": "",
    }
    assert {each.custodian for each in shipped.programmes.values()} == {"ENGINE"}
    assert set(shipped.own_policies) == {"PKH"}


@pytest.mark.parametrize(
    ("sku", "verdict"),
    [
        ("BERAS-MEDIUM", Verdict.OK),
        ("SABUN", Verdict.OK),
        ("PULSA", Verdict.OK),
        ("ROKOK-KRETEK", Verdict.ITEM_BANNED),
        ("BIR", Verdict.ITEM_BANNED),
    ],
)
def test_no_item_control_is_no_licence_for_cigarettes(shipped, sku, verdict):
    assert judge(shipped, "PKH", sku).verdict is verdict


def test_an_older_catalogue_has_one_programme_no_limits_and_its_old_version(files, shipped):
    del files[PROGRAMMES], files["limits.csv"], files["bank_days.csv"], files["bank_methods.csv"]
    old = load_files(files)
    assert list(old.programmes) == ["BPNT"]
    assert (old.own_policies, old.limits.rows) == ({}, ())
    # what an installation stored before there were such files keeps its name
    digest = sha256()
    for name in ("goods.csv", "ceilings.csv", "policy.csv", "barcodes.csv", "zones.csv"):
        digest.update(f"{name} {len(files[name])}\n".encode() + files[name])
    assert old.version == digest.hexdigest()[:16] != shipped.version


def test_a_programme_may_have_a_policy_of_its_own(files):
    files.add(PROGRAMMES, programme="BERAS", title="Bantuan beras", policy_id="BPNT-2017")
    catalogue = load_files(files)
    assert judge(catalogue, "BERAS", "TELUR-AYAM").verdict is Verdict.OK
    assert judge(catalogue, "BERAS", "TEMPE").verdict is Verdict.ITEM_NOT_IN_PROGRAMME
    assert catalogue.own_policies["BERAS"].title == "Bantuan beras"


@pytest.mark.parametrize(
    ("signed_by", "verdict"),
    [("", Verdict.OK), ("ana", Verdict.OK), ("ana+budi", Verdict.ITEM_NOT_IN_PROGRAMME)],
)
def test_item_control_that_nobody_verified_only_flags(files, signed_by, verdict):
    row = files.add(PROGRAMMES, programme="BERAS", policy_id="BPNT-2017", confidence="M")
    catalogue = load_files(files.set(PROGRAMMES, row, "signed_by", signed_by))
    found = judge(catalogue, "BERAS", "TEMPE")
    assert found.verdict is verdict
    assert (PROGRAMME_RULE_UNVERIFIED in found.flags) is (verdict is Verdict.OK)
    assert judge(catalogue, "BERAS", "TELUR-AYAM").flags == ()
    assert judge(catalogue, "BERAS", "ROKOK-PUTIH").verdict is Verdict.ITEM_BANNED


def test_a_broken_policy_file_is_not_told_again_by_its_programmes(files):
    row = files.row_of("policy.csv", policy_id="BPNT-2017", target="EGG")
    files.add(PROGRAMMES, programme="BERAS", policy_id="BPNT-2017")
    assert files.set("policy.csv", row, "effect", "SELL").places() == [
        ("policy.csv", row, "effect")
    ]
    del files["policy.csv"]
    assert files.places() == [("policy.csv", 0, "")]


def test_a_ban_list_is_no_policy_of_a_programme(files):
    row = files.add(PROGRAMMES, programme="BERAS", policy_id="*")
    assert files.places() == [(PROGRAMMES, row, "policy_id")]


def test_breadth_tells_the_narrow_policy_from_the_wide(shipped):
    breadths = [shipped.policies[name].breadth for name in ("BPNT-2017", "SEMBAKO-2021")]
    assert 0 < breadths[0] < breadths[1] < shipped.policies["PANGAN-2022"].breadth
    assert shipped.own_policies["PKH"].unlisted is Effect.ALLOW


def test_a_judgement_is_thought_about_once(shipped, monkeypatch):
    policy, good = shipped.policies["SEMBAKO-2021"].softened(), shipped.goods["TEMPE"]
    first = policy.judge(good, None, DAY)
    assert policy.judge(good, None, DAY) is first
    monkeypatch.setattr("catalog.policy.JUDGEMENTS_KEPT_MAX", 1)
    assert policy.judge(good, None, date(2026, 11, 22)) == first
    assert policy.judge(good, None, DAY) == first
