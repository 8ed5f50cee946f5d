"""What the files must hold together: bans without a hole, a ceiling in each zone for HET goods."""

from collections.abc import Iterable, Iterator, Mapping

from catalog.catalogue import DEFAULT_POLICY
from catalog.csv_table import Row
from catalog.goods import BANNED_CATEGORIES, Good, PriceRule
from catalog.policy import Effect, Policy, PolicyRule
from catalog.price_book import Ceiling
from catalog.problems import Problem
from catalog.read_ceilings import CEILINGS_FILE
from catalog.read_policy import POLICY_FILE
from catalog.zones import PRICE_ZONES, Zones


def policy_gaps(policies: Mapping[str, Policy], rows: list[Row]) -> Iterator[Problem]:
    """Yield a missing default policy and each banned category that no lasting DENY covers.

    What a broken row of `rows` was about is not asked for: its fault is told already.
    """
    if not rows:
        return
    if DEFAULT_POLICY not in policies:
        yield Problem(
            POLICY_FILE, 0, "policy_id", f"the default policy {DEFAULT_POLICY} is missing"
        )
    rules = [rule for policy in policies.values() for rule in policy.rules]
    banned = {rule.target for rule in rules if _bans_for_good(rule)}
    for category in sorted(BANNED_CATEGORIES - banned - _broken(rows, "target")):
        yield Problem(POLICY_FILE, 0, "target", f"no lasting DENY bans the category {category}")


def ceiling_gaps(
    goods: Mapping[str, Good], ceilings: Iterable[Ceiling], zones: Zones, rows: list[Row]
) -> Iterator[Problem]:
    """Yield each HET good and zone without any ceiling: the till could only refuse it there."""
    broken = _broken(rows, "item_code")
    places: dict[str, set[tuple[str, str]]] = {}
    for row in ceilings:
        places.setdefault(row.sku, set()).add((row.scope, row.scope_code))
    for good in goods.values() if rows else ():
        if good.price_rule is not PriceRule.HET or good.sku in broken:
            continue
        for zone in PRICE_ZONES:
            if not _covered(zone, places.get(good.sku, set()), zones):
                message = f"HET good {good.sku} has no ceiling in zone {zone}"
                yield Problem(CEILINGS_FILE, 0, "item_code", message)


def _broken(rows: list[Row], column: str) -> set[str]:
    return {row.optional(column) for row in rows if not row.ok}


def _bans_for_good(rule: PolicyRule) -> bool:
    lasting = rule.valid_to is None and rule.effect is Effect.DENY
    return rule.ban and lasting and rule.target_kind == "CATEGORY"


def _covered(zone: str, places: set[tuple[str, str]], zones: Zones) -> bool:
    if places & {("NATIONAL", ""), ("ZONE", zone)}:
        return True
    provinces = [code for code, found in zones.zone_of_province.items() if found == zone]
    return all(("PROVINCE", province) in places for province in provinces)
