"""Bad goods are swapped like for like, without money: the shop says so, then the family does."""

from dataclasses import dataclass
from datetime import datetime

from catalog.zones import Zones
from pos_engine.engine import Engine
from pos_engine.rules.complaints import Act, State, Swap, after, swap_after
from pos_engine.rules.quantity import quantity_written
from pos_engine.rules.reasons import Reason
from pos_engine.services.payer import check_pin
from pos_engine.store import complaint_desk, complaints, outbox
from pos_engine.store.complaint_desk import Entry, Event, Paid
from pos_engine.store.complaints import Complaint
from pos_engine.store.database import Tx

SWAP_BY_SHOP, SWAP_DONE = "SWAP_BY_SHOP", "SWAP_DONE"
SWAPPED_WORDS = "Barang sudah ditukar dengan yang baik."
COMPLAINT_ANSWERED = "COMPLAINT_ANSWERED"  # an event of the outbox: she is told


@dataclass(frozen=True, slots=True, repr=False)
class ShopWord:
    """What a shop says of a swap: who, where, and her PIN belanja when she typed it there."""

    act_id: str  # UUIDv7 of the till
    reference: str
    shop_id: str
    staff_id: str
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """What a shop is to give in place of bad goods, until when by its own clock.

    `number` is the receipt's.
    """

    entry: Entry
    number: str
    goods: tuple[str, ...]
    due_at: datetime


def swaps_of(engine: Engine, shop_id: str) -> list[Owed]:
    """What a shop owes in place of bad goods, the first due first. Nobody's name, no words."""
    with engine.database.read() as tx:
        zones = engine.catalogue(tx).zones
        return [_owed(tx, zones, each) for each in complaint_desk.of_shop(tx, shop_id)]


def _owed(tx: Tx, zones: Zones, each: Entry) -> Owed:
    paid = complaint_desk.paid(tx, each.kpm_id, each.purchase_id or "")
    case = each.case
    here = zones.time_zone_of(case.shop_region or case.region)
    goods = goods_of(paid, case.line)
    return Owed(each, paid.number if paid else "", goods, case.due_at.astimezone(here))


def goods_of(paid: Paid | None, line: int | None) -> tuple[str, ...]:
    """The goods that are meant, with their quantity: one line, or all when none is named."""
    lines = paid.lines if paid else []
    meant = lines if line is None else lines[line : line + 1]
    return tuple(
        f"{each['name']} {quantity_written(each['quantity_milli'], each['unit'])}" for each in meant
    )


def shop_swapped(engine: Engine, said: ShopWord) -> Swap | Reason | None:
    """The shop has given a good one; with her PIN it is settled. Twice is once.

    None: no swap of this shop has this number. A Reason: the PIN is wrong or blocked.
    """
    return engine.database.transact(lambda tx: _shop_swapped(tx, engine, said))


def _shop_swapped(tx: Tx, engine: Engine, said: ShopWord) -> Swap | Reason | None:
    found = complaints.find_reference(tx, said.reference.strip().upper())
    if found is None:
        return None
    case = complaint_desk.find_case(tx, found.kpm_id, found.complaint_id, lock=True)
    if case is None or case.shop_id != said.shop_id or case.swap is None:
        return None
    if case.swap is Swap.DONE:
        return Swap.DONE
    if said.pin is not None:
        checked = check_pin(tx, engine, found.kpm_id, said.pin)
        if not checked.proven:
            return checked.reasons[0]
        finish_swap(tx, engine, found, said.act_id, said.staff_id)
        return Swap.DONE
    if complaint_desk.find_event(tx, found.kpm_id, said.act_id) is None:
        step = swap_after(case.swap, by_shop=True) or case.swap
        complaint_desk.change_case(tx, found.kpm_id, found.complaint_id, swap=step.value)
        event = Event(
            said.act_id, found.complaint_id, SWAP_BY_SHOP, None, said.staff_id, engine.now()
        )
        complaint_desk.add_event(tx, found.kpm_id, event)
    return Swap.BY_SHOP


def finish_swap(tx: Tx, engine: Engine, found: Complaint, act_id: str, by: str) -> None:
    """The family has the good one: the complaint is answered. Its case is locked."""
    now = engine.now()
    done = Swap.DONE.value
    complaint_desk.change_case(tx, found.kpm_id, found.complaint_id, swap=done)
    event = Event(act_id, found.complaint_id, SWAP_DONE, None, by, now)
    complaint_desk.add_event(tx, found.kpm_id, event)
    state = after(State(found.status), Act.ANSWER)
    if state is not None:
        complaint_desk.set_status(tx, found.kpm_id, found.complaint_id, state, SWAPPED_WORDS)
        outbox.add_event(tx, COMPLAINT_ANSWERED, act_id, found.kpm_id, found.complaint_id, now)
