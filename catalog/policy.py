"""Whether a good may be bought under a programme policy on a day."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from catalog.barcode import gtin_14
from catalog.goods import Good

BAN_LIST_UNVERIFIED = "BAN_LIST_UNVERIFIED"
PROGRAMME_RULE_UNVERIFIED = "PROGRAMME_RULE_UNVERIFIED"

JUDGEMENTS_KEPT_MAX = 10_000

TARGET_KINDS = ("GTIN", "GOOD", "CATEGORY", "GROUP")
"""Narrowest first: a rule on one barcode outweighs a rule on its food group."""


class Effect(StrEnum):
    """What a rule does; a FLAG neither grants nor refuses, it is written beside the line."""

    ALLOW = "ALLOW"
    DENY = "DENY"
    FLAG = "FLAG"


class Verdict(StrEnum):
    """The reason codes that a policy can give a line."""

    OK = "OK"
    ITEM_BANNED = "ITEM_BANNED"
    ITEM_NOT_IN_PROGRAMME = "ITEM_NOT_IN_PROGRAMME"


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One row of policy.csv; `ban` rows hold in every policy, `valid_to` is the last valid day."""

    policy_id: str
    target_kind: str
    target: str
    effect: Effect
    ban: bool
    valid_from: date
    valid_to: date | None
    regulation: str
    source: str
    confidence: str

    def in_force(self, day: date) -> bool:
        """Whether the rule holds on the shop's local day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def covers(self, good: Good, gtin: str | None) -> bool:
        """Whether the rule speaks of this good; a name never decides, codes do."""
        kind, target = self.target_kind, self.target
        if kind == "GTIN":
            return gtin is not None and gtin_14(gtin) == gtin_14(target)
        if kind == "GOOD":
            return good.sku == target
        return (good.category if kind == "CATEGORY" else good.group) == target


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one good, flags for the record, and the regulation that decided."""

    verdict: Verdict
    flags: tuple[str, ...]
    regulation: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy version: its own whitelist plus the ban list, which no policy can lift.

    `unlisted` is what happens to a good that no rule names: a whitelist refuses it, a programme
    without item control allows it. `breadth` says how many goods it allows: few is restricted.
    """

    id: str
    title: str
    rules: tuple[PolicyRule, ...]
    unlisted: Effect = Effect.DENY
    breadth: int = 0
    # Every purchase asks the same few dozen questions all day: each is thought about once.
    _known: dict[tuple[Good, str | None, date], Judgement] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def judge(self, good: Good, gtin: str | None, day: date) -> Judgement:
        """Judge a good, or the pack `gtin` of it, on the shop's local day."""
        key = (good, gtin, day)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= JUDGEMENTS_KEPT_MAX:
                self._known.clear()
            known = self._known[key] = self._judge(good, gtin, day)
        return known

    def _judge(self, good: Good, gtin: str | None, day: date) -> Judgement:
        rules = [rule for rule in self.rules if rule.covers(good, gtin) and rule.in_force(day)]
        flags = _flags(rules)
        banned = next((rule for rule in rules if rule.ban and rule.effect is Effect.DENY), None)
        if banned is not None:
            return Judgement(Verdict.ITEM_BANNED, flags, banned.regulation)
        decisive = min((rule for rule in rules if _decides(rule)), key=_precedence, default=None)
        effect = self.unlisted if decisive is None else decisive.effect
        regulation = self._regulation() if decisive is None else decisive.regulation
        if effect is not Effect.ALLOW and self.unlisted is Effect.FLAG:  # nobody verified it
            flags = tuple(dict.fromkeys((*flags, PROGRAMME_RULE_UNVERIFIED)))
        refused = effect is Effect.DENY and self.unlisted is not Effect.FLAG
        verdict = Verdict.ITEM_NOT_IN_PROGRAMME if refused else Verdict.OK
        return Judgement(verdict, flags, regulation)

    def softened(self) -> "Policy":
        """The same list for a programme whose item control is unverified: it flags, bans hold."""
        return replace(self, unlisted=Effect.FLAG) if self.unlisted is Effect.DENY else self

    def measured(self, goods: Iterable[Good]) -> "Policy":
        """The same policy with its breadth, by the rules that came into force last."""
        newest = max((rule.valid_from for rule in self.rules), default=date.min)
        allowed = [good for good in goods if self.judge(good, None, newest).verdict is Verdict.OK]
        return replace(self, breadth=len(allowed))

    def _regulation(self) -> str:
        return next((rule.regulation for rule in self.rules if not rule.ban), "")


def _decides(rule: PolicyRule) -> bool:
    return not rule.ban and rule.effect is not Effect.FLAG


def _precedence(rule: PolicyRule) -> tuple[int, int, bool]:
    """Narrowest target, then latest rule, then the refusal."""
    narrowness = TARGET_KINDS.index(rule.target_kind)
    return narrowness, -rule.valid_from.toordinal(), rule.effect is Effect.ALLOW


def _flags(rules: list[PolicyRule]) -> tuple[str, ...]:
    flagged = {rule.ban for rule in rules if rule.effect is Effect.FLAG}
    codes = ((True, BAN_LIST_UNVERIFIED), (False, PROGRAMME_RULE_UNVERIFIED))
    return tuple(code for ban, code in codes if ban in flagged)
