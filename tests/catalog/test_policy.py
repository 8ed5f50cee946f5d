"""Whitelists by policy version, the ban list over all of them, and what unverified rules may do."""

from datetime import date

import pytest

from catalog.load import load_files
from catalog.policy import (
    BAN_LIST_UNVERIFIED,
    PROGRAMME_RULE_UNVERIFIED,
    Effect,
    Judgement,
    Policy,
    PolicyRule,
    Verdict,
)

TODAY = date(2026, 11, 21)
FOUR_GROUPS = [
    *("BERAS-MEDIUM", "BERAS-PREMIUM", "BERAS-SPHP", "JAGUNG", "SAGU"),
    *("TELUR-AYAM", "DAGING-AYAM", "DAGING-SAPI", "IKAN-KEMBUNG"),
    *("TEMPE", "TAHU", "KACANG-HIJAU"),
    *("BAYAM", "WORTEL", "PISANG", "JERUK", "BAWANG-MERAH", "CABAI-RAWIT"),
]
OTHER = ["MINYAKITA", "GULA-PASIR", "MI-INSTAN", "SABUN", "PULSA"]
BANNED = ["ROKOK-KRETEK", "ROKOK-PUTIH", "BIR", "MIRAS"]
POLICIES = ["BPNT-2017", "SEMBAKO-2021", "PANGAN-2022"]


def judge(catalogue, policy, sku, day=TODAY, gtin=None):
    return catalogue.policies[policy].judge(catalogue.goods[sku], gtin, day)


def test_the_shipped_policies_are_these(shipped):
    assert list(shipped.policies) == POLICIES
    assert shipped.default_policy == "SEMBAKO-2021"
    assert shipped.policies["SEMBAKO-2021"].title == "Sembako 2021: empat kelompok pangan"


@pytest.mark.parametrize("sku", FOUR_GROUPS)
def test_the_four_groups_may_be_bought_without_a_flag(shipped, sku):
    assert judge(shipped, "SEMBAKO-2021", sku) == Judgement(Verdict.OK, (), "Pedum Program Sembako")


@pytest.mark.parametrize("sku", OTHER)
def test_what_is_outside_the_four_groups_is_not_in_the_programme(shipped, sku):
    found = judge(shipped, "SEMBAKO-2021", sku)
    assert found.verdict is Verdict.ITEM_NOT_IN_PROGRAMME
    assert found.regulation == "Pedum Program Sembako"


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("sku", BANNED)
@pytest.mark.parametrize("day", [date(2017, 1, 1), TODAY])
def test_tobacco_and_alcohol_are_banned_in_every_policy_on_every_day(shipped, policy, sku, day):
    found = judge(shipped, policy, sku, day)
    assert found.verdict is Verdict.ITEM_BANNED
    assert found.regulation == "Larangan Menteri Sosial 2021"


def test_every_good_of_a_banned_category_is_banned(shipped):
    for good in shipped.goods.values():
        for policy in shipped.policies.values():
            banned = policy.judge(good, None, TODAY).verdict is Verdict.ITEM_BANNED
            assert banned == (good.category in {"TOBACCO", "ALCOHOL"})


def test_2017_knew_rice_and_eggs_only(shipped):
    allowed = {sku for sku in FOUR_GROUPS if judge(shipped, "BPNT-2017", sku).verdict is Verdict.OK}
    assert allowed == {"BERAS-MEDIUM", "BERAS-PREMIUM", "BERAS-SPHP", "TELUR-AYAM"}


@pytest.mark.parametrize(
    ("sku", "flags"),
    [
        ("BERAS-MEDIUM", ()),
        ("MINYAKITA", ()),
        ("GULA-PASIR", (BAN_LIST_UNVERIFIED,)),
        ("MI-INSTAN", (BAN_LIST_UNVERIFIED,)),
        ("SABUN", (PROGRAMME_RULE_UNVERIFIED,)),
        ("PULSA", (BAN_LIST_UNVERIFIED, PROGRAMME_RULE_UNVERIFIED)),
    ],
)
def test_2022_refuses_nothing_unverified_but_flags_it(shipped, sku, flags):
    found = judge(shipped, "PANGAN-2022", sku)
    assert (found.verdict, found.flags) == (Verdict.OK, flags)


def test_tubers_are_sold_with_a_flag_because_the_text_does_not_name_them(shipped):
    found = judge(shipped, "SEMBAKO-2021", "SINGKONG")
    assert (found.verdict, found.flags) == (Verdict.OK, (PROGRAMME_RULE_UNVERIFIED,))


def test_no_unverified_refusal_is_loaded_as_a_refusal(shipped):
    for policy in shipped.policies.values():
        for rule in policy.rules:
            assert rule.confidence == "H" or rule.effect is not Effect.DENY


@pytest.mark.parametrize(
    ("signed_by", "verdict"),
    [
        ("", Verdict.OK),
        ("ana", Verdict.OK),
        ("ana+", Verdict.OK),
        ("ana+Ana", Verdict.OK),
        ("ana + budi", Verdict.ITEM_NOT_IN_PROGRAMME),
    ],
)
def test_two_officers_turn_an_unverified_rule_on(files, signed_by, verdict):
    row = files.row_of("policy.csv", policy_id="PANGAN-2022", target="NON_PANGAN", effect="DENY")
    catalogue = load_files(files.set("policy.csv", row, "signed_by", signed_by))
    assert judge(catalogue, "PANGAN-2022", "SABUN").verdict is verdict


def test_a_signed_ban_bans(files):
    row = files.row_of("policy.csv", target="SUGAR")
    catalogue = load_files(files.set("policy.csv", row, "signed_by", "ana+budi"))
    assert judge(catalogue, "PANGAN-2022", "GULA-PASIR").verdict is Verdict.ITEM_BANNED


@pytest.mark.parametrize(("kind", "target"), [("GOOD", "BERAS-MEDIUM"), ("GTIN", "4006381333931")])
def test_a_ban_by_good_or_barcode_holds_for_it_alone(files, kind, target):
    files.add("policy.csv", target_kind=kind, target=target)
    catalogue = load_files(files)
    banned = judge(catalogue, "SEMBAKO-2021", "BERAS-MEDIUM", gtin="04006381333931")
    assert banned.verdict is Verdict.ITEM_BANNED
    assert judge(catalogue, "SEMBAKO-2021", "BERAS-PREMIUM").verdict is Verdict.OK


def a_rule(kind, target, effect, since="2020-01-01", until=None, *, ban=False):
    return PolicyRule(
        policy_id="*" if ban else "P",
        target_kind=kind,
        target=target,
        effect=Effect(effect),
        ban=ban,
        valid_from=date.fromisoformat(since),
        valid_to=date.fromisoformat(until) if until else None,
        regulation=f"{kind} {effect}",
        source="S",
        confidence="H",
    )


@pytest.mark.parametrize(
    ("rules", "verdict", "regulation"),
    [
        ([], Verdict.ITEM_NOT_IN_PROGRAMME, ""),
        ([a_rule("GROUP", "KARBO", "FLAG")], Verdict.ITEM_NOT_IN_PROGRAMME, "GROUP FLAG"),
        (
            [a_rule("GROUP", "KARBO", "DENY"), a_rule("CATEGORY", "RICE", "ALLOW")],
            Verdict.OK,
            "CATEGORY ALLOW",
        ),
        (
            [a_rule("CATEGORY", "RICE", "ALLOW"), a_rule("GOOD", "BERAS-MEDIUM", "DENY")],
            Verdict.ITEM_NOT_IN_PROGRAMME,
            "GOOD DENY",
        ),
        (
            [a_rule("GOOD", "BERAS-MEDIUM", "DENY"), a_rule("GTIN", "4006381333931", "ALLOW")],
            Verdict.OK,
            "GTIN ALLOW",
        ),
        (
            [a_rule("GROUP", "KARBO", "ALLOW"), a_rule("GROUP", "KARBO", "DENY")],
            Verdict.ITEM_NOT_IN_PROGRAMME,
            "GROUP DENY",
        ),
        (
            [a_rule("GROUP", "KARBO", "DENY"), a_rule("GROUP", "KARBO", "ALLOW", "2021-01-01")],
            Verdict.OK,
            "GROUP ALLOW",
        ),
        (
            [a_rule("GTIN", "4006381333931", "ALLOW"), a_rule("GROUP", "KARBO", "DENY", ban=True)],
            Verdict.ITEM_BANNED,
            "GROUP DENY",
        ),
    ],
)
def test_the_narrowest_then_latest_then_strictest_rule_decides(shipped, rules, verdict, regulation):
    policy = Policy("P", "P", tuple(rules))
    found = policy.judge(shipped.goods["BERAS-MEDIUM"], "4006381333931", TODAY)
    assert (found.verdict, found.regulation) == (verdict, regulation)


def test_a_rule_holds_from_its_first_to_its_last_day(shipped):
    rule = a_rule("GROUP", "KARBO", "ALLOW", "2021-01-01", "2021-12-31")
    policy = Policy("P", "P", (rule,))
    rice = shipped.goods["BERAS-MEDIUM"]
    verdicts = [
        policy.judge(rice, None, day).verdict is Verdict.OK
        for day in (date(2020, 12, 31), date(2021, 1, 1), date(2021, 12, 31), date(2022, 1, 1))
    ]
    assert verdicts == [False, True, True, False]
