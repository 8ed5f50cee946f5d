"""Allowances inside a batch of purchases: the same device draws its own first, others are told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pos_engine.rules.allowances import AllowanceState, left_after_sale, without_reserve
from pos_engine.rules.entitlement import Draw, Tranche
from pos_engine.rules.ids import KpmId, new_uuid7
from pos_engine.services.sessions import Session
from pos_engine.store import allowances
from pos_engine.store.allowances import Change, Living
from pos_engine.store.database import Tx
from pos_engine.store.driver import Later

Tranches = Mapping[KpmId, tuple[Tranche, ...]]


@dataclass(slots=True)
class Reserves:
    """The living allowances of a batch's families, and what its purchases drew of them."""

    living: dict[KpmId, Living] = field(default_factory=dict)
    before: dict[KpmId, Living] = field(default_factory=dict)  # of those that were drawn

    def of_device(self, kpm_id: KpmId, session: Session | None) -> Living | None:
        """The family's allowance when it is this very device's."""
        found = self.living.get(kpm_id)
        own = found is not None and session is not None and found.device_id == session.device_id
        return found if own else None

    def elsewhere(self, kpm_id: KpmId | None, session: Session | None) -> Living | None:
        """The family's allowance when it is another device's."""
        found = self.living.get(kpm_id) if kpm_id is not None else None
        return found if found and self.of_device(found.kpm_id, session) is None else None

    def draw(
        self, own: Living, tranches: tuple[Tranche, ...], paid: tuple[Draw, ...]
    ) -> tuple[Tranche, ...]:
        """A purchase at its device draws an allowance; her tranches with what it still holds.

        `tranches` are hers with the allowance in `held`. Money of another kind than the allowance's
        is not drawn first: it may buy what the allowance may not.
        """
        by_id = {each.wallet_id: each for each in tranches}
        kinds = {by_id[each.wallet_id].programme for each in own.draws}
        alike = [each for each in paid if by_id[each.wallet_id].programme in kinds]
        free = {each.wallet_id: int(each.left) for each in tranches}
        kept = left_after_sale(own.draws, alike, free)
        self.before.setdefault(own.kpm_id, own)
        self.living[own.kpm_id] = replace(own, draws=kept)
        return without_reserve(tranches, own.draws, kept)

    def write(self, tx: Tx, now: datetime) -> None:
        """Write what was drawn, before the purchases take the money: then it is there."""
        for kpm_id, before in self.before.items():
            after = self.living[kpm_id]
            allowances.change(tx, before, drawn_change(before, after, now))


def drawn_change(before: Living, after: Living, now: datetime) -> Change:
    """What becomes of an allowance that purchases at its own device drew."""
    state = AllowanceState.LIVE if after.draws else AllowanceState.SPENT
    return Change(
        state=state,
        at=now,
        kept=after.draws,
        hold_id=new_uuid7(now) if after.draws else "",
        drawn_online=before.remaining - after.remaining,
    )


def families_with_money_held(tranches: Tranches) -> Collection[KpmId]:
    """Families that may have an allowance: nearly none, so nearly no batch asks for any."""
    return {kpm_id for kpm_id, own in tranches.items() if any(each.held for each in own)}


def ask_living(tx: Tx, tranches: Tranches) -> Later[dict[KpmId, Living]]:
    """The living allowances of the families of a batch, when the trip is over."""
    held = families_with_money_held(tranches)
    return allowances.living_of_families(tx, held) if held else dict
