"""policy.csv: programme whitelists by version, and the ban list (`*`) that holds in all of them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from catalog.barcode import gtin_check_digit_ok
from catalog.csv_table import Columns, Row
from catalog.goods import FoodGroup
from catalog.policy import TARGET_KINDS, Effect, Policy, PolicyRule
from catalog.read_goods import CATEGORY
from catalog.trust import CONFIDENCES, may_refuse

POLICY_FILE = "policy.csv"
EVERY_POLICY = "*"
POLICY_COLUMNS = Columns(
    ("policy_id", "title", "target_kind", "target", "effect", "regulation", "valid_from",
     "valid_to", "source", "confidence"),
    ("signed_by", "comment"),
)  # fmt: skip


def read_policies(rows: list[Row], is_sku: Callable[[str], bool]) -> Mapping[str, Policy]:
    """Return the policies by id, each holding its own rules and the bans."""
    titles: dict[str, str] = {}
    rules: list[PolicyRule] = []
    first_row: dict[PolicyRule, int] = {}
    for row in rows:
        rule = _rule(row, is_sku)
        title = row.text("title")
        if title and titles.setdefault(rule.policy_id, title) != title:
            row.wrong("title", f"differs from {titles[rule.policy_id]!r}, the title of this policy")
        if row.ok and first_row.setdefault(rule, row.number) != row.number:
            row.wrong("target", f"says the same as row {first_row[rule]}")
        if row.ok:
            rules.append(rule)
    bans = tuple(rule for rule in rules if rule.ban)
    own = {name: [rule for rule in rules if rule.policy_id == name] for name in titles}
    return MappingProxyType(
        {
            name: Policy(name, titles[name], (*bans, *found))
            for name, found in own.items()
            if name != EVERY_POLICY
        }
    )


def _rule(row: Row, is_sku: Callable[[str], bool]) -> PolicyRule:
    policy_id = row.text("policy_id")
    confidence = row.one_of("confidence", CONFIDENCES)
    valid_from, valid_to = row.period()
    kind, target = _target(row, is_sku)
    return PolicyRule(
        policy_id=policy_id,
        target_kind=kind,
        target=target,
        effect=_effect(row, confidence, ban=policy_id == EVERY_POLICY),
        ban=policy_id == EVERY_POLICY,
        valid_from=valid_from,
        valid_to=valid_to,
        regulation=row.text("regulation"),
        source=row.text("source"),
        confidence=confidence,
    )


def _effect(row: Row, confidence: str, *, ban: bool) -> Effect:
    """Let an unverified refusal only flag; a permission needs no proof, a ban list gives none."""
    effect = row.choice("effect", Effect)
    if ban and effect is Effect.ALLOW:
        row.wrong("effect", "the ban list (*) denies or flags, it cannot allow")
    refuses = effect is Effect.DENY
    return Effect.FLAG if refuses and not may_refuse(row, confidence) else effect


def _target(row: Row, is_sku: Callable[[str], bool]) -> tuple[str, str]:
    kind, target = row.one_of("target_kind", TARGET_KINDS), row.text("target")
    known = {
        "GOOD": is_sku(target),
        "GTIN": gtin_check_digit_ok(target),
        "CATEGORY": CATEGORY.fullmatch(target) is not None,
        "GROUP": target in set(FoodGroup),
    }
    if target and not known.get(kind, True):
        row.wrong("target", f"{target!r} is no known {kind}")
    return kind, target
