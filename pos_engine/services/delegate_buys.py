"""As whom a person buys: a member of the family as herself, a delegate while she is allowed."""

from dataclasses import dataclass, field
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId
from pos_engine.services.delegates import WAKIL, in_force_of_family
from pos_engine.services.tokens import DELEGATION
from pos_engine.store import delegations, families
from pos_engine.store.database import Tx
from pos_engine.store.delegations import Delegation


@dataclass(frozen=True, slots=True)
class Rights:
    """The method her token names, and the delegation that it stands on."""

    method: Method
    evidence: dict[str, Any] = field(default_factory=dict)


def rights_by(delegation: Delegation) -> Rights:
    """What a delegation gives; the purchase looks at it once more."""
    return Rights(Method.DELEGATE, {DELEGATION: delegation.delegation_id})


def allowed_as(
    tx: Tx, engine: Engine, kpm_id: KpmId, person_id: PersonId, method: Method
) -> Rights | None:
    """Any adult of the family buys by `method`; a WAKIL by her delegation, or not at all."""
    persons = families.persons_of(tx, kpm_id)
    role = next((each.role for each in persons if each.person_id == person_id), None)
    if role != WAKIL:
        return Rights(method)
    found = delegations.living_of_person(tx, person_id)
    valid = in_force_of_family(tx, engine, kpm_id, found)
    return rights_by(valid[0]) if valid else None
