"""What a judge of envelopes has on the table: facts of some envelopes of one device, under locks.

What one envelope changes (allowances, balances, taken ids) the next one sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pos_engine.engine import Engine
from pos_engine.rules.allowances import AllowanceState, left_after_draw
from pos_engine.rules.bank import ENGINE
from pos_engine.rules.entitlement import Draw, Tranche, TrancheStatus, thawed
from pos_engine.rules.ids import KpmId, new_uuid7
from pos_engine.rules.money import Rupiah
from pos_engine.rules.offline import Outcome
from pos_engine.rules.reasons import Reason
from pos_engine.services.kin import families_of
from pos_engine.services.limits import DayUse
from pos_engine.store import allowances, batch_facts, envelopes, holds, installation, shops
from pos_engine.store.allowance_draws import Drawn
from pos_engine.store.allowances import Allowance, Change, Living
from pos_engine.store.database import Tx
from pos_engine.store.devices import DeviceKey
from pos_engine.store.driver import one_trip
from pos_engine.store.envelopes import UsedUp
from pos_engine.store.purchases import Claim
from pos_engine.wire.envelope import Body

Tranches = tuple[Tranche, ...]


@dataclass(slots=True)
class Acknowledged:
    """What the device knew as received when it sent this, and when the first sale after it was."""

    seq: int
    first_sold: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sold:
    """A purchase as far as a second sale of its id must know it."""

    outcome: Outcome
    reason: Reason | None
    number: str | None
    shop_id: str
    kpm_id: str | None
    goods: tuple[tuple[str | None, int, int], ...]  # code, thousandths, rupiah


@dataclass(slots=True)
class Desk:
    """Facts of the envelopes of one device that are judged in one transaction."""

    engine: Engine
    tx: Tx
    key: DeviceKey
    shop: shops.Shop
    now: datetime
    acknowledged: Acknowledged
    history: list[tuple[str, datetime]]
    allowances: dict[str, Allowance]
    used: dict[str, UsedUp]
    tranches: dict[KpmId, Tranches]
    living: dict[KpmId, Living]
    claims: dict[str, Claim]
    kin: dict[str, frozenset[KpmId]]  # families of those who sold
    day_use: DayUse = field(default_factory=DayUse)
    drawn: list[Drawn] = field(default_factory=list)
    sold: dict[str, "Sold"] = field(default_factory=dict)  # by purchase, in this transaction

    def living_of(self, found: Allowance) -> Living | None:
        """The allowance with its draws while it holds money."""
        living = self.living.get(found.kpm_id)
        return living if living and living.allowance_id == found.allowance_id else None

    def used_of(self, found: Allowance) -> UsedUp:
        """What was taken of it: by paid envelopes, and by purchases at the same device."""
        by_envelopes = self.used.get(found.allowance_id, UsedUp())
        return replace(by_envelopes, amount=by_envelopes.amount + found.drawn_online)

    def aside(self, found: Allowance) -> Tranches:
        """What it holds, or held last, as a purse of its own: usable whatever became of it."""
        living = self.living_of(found)
        drawn = living.draws if living else holds.draws_of(self.tx, found.kpm_id, found.hold_id)
        by_id = {each.wallet_id: each for each in self.tranches[found.kpm_id]}
        return tuple(_promised(by_id[each.wallet_id], each) for each in drawn)

    def own(self, found: Allowance) -> Tranches:
        """What is free of the family's money whose books we keep."""
        own = [each for each in self.tranches[found.kpm_id] if each.custodian == ENGINE]
        return thawed(tuple(own))

    def take_aside(self, found: Allowance, taken: tuple[Draw, ...], purchase_id: str) -> None:
        """A sale takes these parts of what an allowance holds; the caller writes `drawn`."""
        living = self.living[found.kpm_id]
        kept = left_after_draw(living.draws, taken)
        hold_id = new_uuid7(self.now) if kept else ""
        state = AllowanceState.LIVE if kept else AllowanceState.SPENT
        self.drawn.append(Drawn(living, taken, kept, hold_id, purchase_id, self.now))
        change = Change(state, self.now, kept, hold_id, taken, purchase_id)
        self._changed(found, living, change)

    def end_when_over(self, found: Allowance) -> Allowance:
        """An allowance whose grace is over is ended here when the worker has not come by."""
        living = self.living_of(found)
        if living is None or self.now < living.release_at:
            return found
        change = Change(AllowanceState.ENDED, self.now)
        allowances.change(self.tx, living, change)
        return self._changed(found, living, change)

    def _changed(self, found: Allowance, living: Living, to: Change) -> Allowance:
        """What it is from now on; what is neither kept nor taken is the family's again."""
        kept = {each.wallet_id: each.amount for each in to.kept}
        taken = {each.wallet_id: each.amount for each in to.taken}
        freed = {e.wallet_id: e.amount - kept.get(e.wallet_id, 0) for e in living.draws}
        self.tranches[found.kpm_id] = tuple(
            replace(
                each,
                held=Rupiah(each.held - freed.get(each.wallet_id, 0)),
                spent=Rupiah(each.spent + taken.get(each.wallet_id, 0)),
            )
            for each in self.tranches[found.kpm_id]
        )
        hold_id = to.hold_id or found.hold_id
        after = replace(found, state=to.state.value, remaining=sum(kept.values()), hold_id=hold_id)
        self.allowances[found.allowance_id] = after
        if to.kept:
            self.living[found.kpm_id] = replace(living, hold_id=hold_id, draws=to.kept)
        else:
            del self.living[found.kpm_id]
        return after

    def spend(self, kpm_id: KpmId, draws: tuple[Draw, ...]) -> None:
        """Free money that a sale took; the caller writes it."""
        taken = {each.wallet_id: each.amount for each in draws}
        self.tranches[kpm_id] = tuple(
            replace(each, spent=Rupiah(each.spent + taken.get(each.wallet_id, 0)))
            for each in thawed(self.tranches[kpm_id])
        )

    def count(self, allowance_id: str, amount: int) -> None:
        """One more sale was paid on an allowance."""
        before = self.used.get(allowance_id, UsedUp())
        self.used[allowance_id] = UsedUp(before.amount + amount, before.sales + 1)


def _promised(tranche: Tranche, part: Draw) -> Tranche:
    return replace(
        tranche,
        credited=part.amount,
        spent=Rupiah(0),
        held=Rupiah(0),
        status=TrancheStatus.OPEN,
        expires_on=tranche.expires_on.max,  # it was usable when it was put aside
    )


def lay(
    engine: Engine, tx: Tx, key: DeviceKey, acknowledged: Acknowledged, bodies: Sequence[Body]
) -> Desk:
    """Read and lock what these envelopes need; the device is locked by the caller."""
    shop = shops.find_shop(tx, key.shop_id)
    if shop is None:
        raise LookupError(key.shop_id)  # a device without its shop: a fault
    issued = envelopes.allowances_on(tx, key.device_id, {each.alw for each in bodies})
    families = {each.kpm_id for each in issued.values()}
    with one_trip(tx):
        tranches = batch_facts.lock_tranches(tx, families)
        claims = batch_facts.claims(tx, {each.purchase_id for each in bodies})
        living = allowances.living_of_families(tx, families)
    if issued:  # once more, now that nobody else changes them
        issued = envelopes.allowances_on(tx, key.device_id, issued.keys())
    return Desk(
        engine=engine,
        tx=tx,
        key=key,
        shop=shop,
        now=engine.now(),
        acknowledged=acknowledged,
        history=installation.catalogue_history(tx),
        allowances=issued,
        used=envelopes.used_up(tx, issued.keys()) if issued else {},
        tranches=tranches(),
        living=living(),
        claims=claims(),
        kin=families_of(tx, {each.cashier for each in bodies}),
    )
