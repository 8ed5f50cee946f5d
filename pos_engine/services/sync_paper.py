"""Sales of a lost tablet: brought back by the receipts' codes, or by the file that it wrote."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import in_scope
from pos_engine.services.sessions import Role, Session
from pos_engine.services.sync import Synced, read_item, take_in
from pos_engine.services.sync_step import Brought, Item
from pos_engine.store import devices, shops
from pos_engine.store.envelopes import IMPORT, RESCAN
from pos_engine.wire.envelope import Envelope, from_receipt

IMPORT_LINES_MAX = 100_000  # of one file


class NoRescan(StrEnum):
    """Why a receipt's code was not taken in."""

    NOT_A_RECEIPT = "NOT_A_RECEIPT"
    DEVICE_UNKNOWN = "DEVICE_UNKNOWN"  # no device of ours, or of another shop


def rescan(engine: Engine, session: Session, text: str) -> Synced | NoRescan:
    """Take in the envelope of a receipt: by the shop's owner, or by an officer of its region."""
    found = from_receipt(text.strip())
    if not isinstance(found, Envelope):
        return NoRescan.NOT_A_RECEIPT
    with engine.database.read() as tx:
        key = devices.find_key(tx, found.body.device)
        shop = shops.find_shop(tx, key.shop_id) if key else None
    if key is None or shop is None or not _may(session, shop):
        return NoRescan.DEVICE_UNKNOWN
    return take_in(engine, key, [found], Brought(RESCAN, session.staff_id))


def _may(session: Session, shop: shops.Shop) -> bool:
    if session.role is Role.PEMILIK:
        return session.shop is not None and session.shop.shop_id == shop.shop_id
    return in_scope(session.region, shop.region)


@dataclass(slots=True)
class Imported:
    """What a file brought: by device; lines (from 1) that no device of ours wrote."""

    devices: dict[str, Synced] = field(default_factory=dict)
    strange: list[int] = field(default_factory=list)


def import_lines(engine: Engine, lines: Iterable[bytes], by: str) -> Imported:
    """Take in a tablet's own file: one envelope a line, in any order; again changes nothing."""
    found: defaultdict[str, list[Item]] = defaultdict(list)
    result = Imported()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        item = read_item(line.strip())
        if isinstance(item, Envelope):
            found[item.body.device].append(item)
        else:
            result.strange.append(number)
    for device_id, items in found.items():
        with engine.database.read() as tx:
            key = devices.find_key(tx, device_id)
        if key is None:
            result.strange.append(0)
        else:
            result.devices[device_id] = take_in(engine, key, items, Brought(IMPORT, by))
    return result
