"""Aid programmes: whose money it is, and which policy says what it may buy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from catalog.policy import Effect, Policy

IN_FORCE = "IN_FORCE"
"""Instead of a policy id: the policy that the installation has in force (`EWARONG_POLICY`)."""

ENGINE = "ENGINE"
"""The custodian of money whose books are kept here; any other one is a bank."""

CUSTODIAN_LENGTH_MAX = 16  # the width of the column beside each tranche
PROGRAMME_CODE_LENGTH_MAX = 16  # the width of the column that keeps it beside the money


@dataclass(frozen=True, slots=True)
class Programme:
    """One row of programmes.csv; `policy_id` is a policy, IN_FORCE, or empty: no item control.

    `refuses` False: the source of the item control is not verified, so it only flags.
    """

    code: str
    title: str
    policy_id: str
    custodian: str
    source: str
    confidence: str
    refuses: bool


BEFORE_PROGRAMMES = Programme(
    "BPNT", "Bantuan Pangan Non Tunai", IN_FORCE, ENGINE, "", "H", refuses=True
)
"""The one programme of a catalogue whose files name none."""


def own_policies(
    programmes: Mapping[str, Programme], policies: Mapping[str, Policy]
) -> Mapping[str, Policy]:
    """The policies of the programmes that the policy in force does not govern, by their code.

    The ban list holds in every programme: it comes with each policy, and alone without one.
    """
    bans = tuple(rule for policy in policies.values() for rule in policy.rules if rule.ban)
    free = Policy("", "", tuple(dict.fromkeys(bans)), unlisted=Effect.ALLOW)
    found = {
        code: replace(policies.get(each.policy_id, free), title=each.title)
        for code, each in programmes.items()
        if each.policy_id != IN_FORCE
    }
    return MappingProxyType(
        {
            code: policy if programmes[code].refuses else policy.softened()
            for code, policy in found.items()
        }
    )
