"""Hold money for a purchase to come; capture it, release it, or let its time run out. Once.

Bank custody, offline allowances and cardless flows stand on these: they hold while the other side
is asked, and capture or release when it answers. A hold moves nothing in the books; a capture
posts the legs of a purchase. Goods are paid by `hold_sale`, which also writes the purchase itself.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pos_engine.engine import Engine
from pos_engine.rules.entitlement import draw, frozen, shortage_reason, spendable, thawed
from pos_engine.rules.holds import (
    RESOLVED,
    Hold,
    HoldRefusal,
    HoldState,
    captured_draws,
    may_be_captured,
    may_be_held,
)
from pos_engine.rules.ids import KpmId, ShopId, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import purchase_postings
from pos_engine.rules.reasons import Reason
from pos_engine.store import families, holds, ledger, purchases, shops
from pos_engine.store.database import Tx

HOLDS_DUE_MAX = 100  # timed out in one round of the worker
HOLDS_LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """Money to put aside. `hold_id` is the caller's UUIDv7; `amount` in rupiah.

    `proven` says that the family proved itself for it: then frozen tranches thaw, as by a purchase.
    """

    hold_id: str
    kpm_id: KpmId
    shop_id: ShopId
    amount: int
    purpose: str
    expires_at: datetime
    proven: bool = True


Outcome = Hold | HoldRefusal | Reason


def hold(engine: Engine, request: HoldRequest) -> Outcome:
    """Put money aside once: the hold, or the reason why not. A refusal leaves the id free."""
    return engine.database.transact(lambda tx: hold_in(tx, engine, request))


def capture(engine: Engine, hold_id: str, purchase_id: str, amount: int) -> Hold | HoldRefusal:
    """Spend `amount` of a hold at its shop and release the rest, once; money without goods.

    `purchase_id` names the movement that is posted. A capture after the hold's end is refused
    with HOLD_TIMED_OUT, whether or not the worker has come by.
    """
    return engine.database.transact(lambda tx: capture_in(tx, engine, hold_id, purchase_id, amount))


def release(engine: Engine, hold_id: str) -> Hold | HoldRefusal:
    """Give all of a hold back to its tranches, once."""
    return engine.database.transact(lambda tx: release_in(tx, engine, hold_id))


def time_out_due(engine: Engine) -> int:
    """End the holds whose time is over, at most HOLDS_DUE_MAX; how many it were."""
    with engine.database.read() as tx:
        due = holds.due_holds(tx, engine.now(), HOLDS_DUE_MAX)
    return sum(
        engine.database.transact(lambda tx, k=kpm_id, h=hold_id: _time_out(tx, engine, k, h))  # type: ignore[misc]
        for kpm_id, hold_id in due
    )


def list_open(engine: Engine) -> list[Hold]:
    """Holds that are not resolved, those that end first before the others."""
    with engine.database.read() as tx:
        return holds.open_holds(tx, HOLDS_LISTED_MAX)


def hold_in(tx: Tx, engine: Engine, request: HoldRequest) -> Outcome:
    """The same inside the caller's transaction."""
    now, content = engine.now(), _content(request)
    tranches = ledger.tranches_of(tx, request.kpm_id, lock=True)
    claim = purchases.find_claim(tx, request.hold_id)
    if claim is not None:
        found = holds.find_hold(tx, request.kpm_id, request.hold_id)
        same = found is not None and claim.content == content
        return found if same and found else HoldRefusal.DUPLICATE_DIFFERENT
    invalid = may_be_held(request.amount, now, request.expires_at)
    if invalid is not None:
        return invalid
    day, stands = _standing(tx, engine, request, now)
    usable = thawed(tranches) if request.proven else tranches
    if stands is not None:
        return stands
    if request.amount > spendable(usable, day):
        return shortage_reason(usable, day)
    if request.proven:
        ledger.thaw(tx, [(request.kpm_id, each) for each in frozen(tranches)])
    made = Hold(
        hold_id=request.hold_id,
        kpm_id=request.kpm_id,
        shop_id=request.shop_id,
        purpose=request.purpose,
        amount=Rupiah(request.amount),
        state=HoldState.HELD,
        captured=Rupiah(0),
        purchase_id=None,
        made_at=now,
        expires_at=request.expires_at,
        resolved_at=None,
    )
    draws = draw(usable, made.amount, day)
    purchases.add_claims(tx, [_claim(request, content)])
    holds.add_hold(tx, made, content, draws, day)
    return made


def _standing(
    tx: Tx, engine: Engine, request: HoldRequest, now: datetime
) -> tuple[date, Reason | None]:
    """The shop's local day, and what stands in the way besides money."""
    shop = shops.find_shop(tx, request.shop_id)
    if shop is None:
        raise LookupError(request.shop_id)  # the caller's own shop: a fault
    day = engine.catalogue(tx).zones.local_day(shop.region, now)
    family = families.find_family(tx, request.kpm_id)
    if shop.status != shops.ACTIVE:
        return day, Reason.SHOP_SUSPENDED
    if family is None:
        return day, Reason.PAYER_UNKNOWN
    return day, None if family.status == families.ACTIVE else Reason.KPM_SUSPENDED


def capture_in(
    tx: Tx, engine: Engine, hold_id: str, purchase_id: str, amount: int
) -> Hold | HoldRefusal:
    """The same inside the caller's transaction, which also writes the purchase's own row."""
    now, held = engine.now(), locked_hold(tx, hold_id)
    if held is None:
        return HoldRefusal.HOLD_UNKNOWN
    if held.state is HoldState.CAPTURED and (held.captured, held.purchase_id) == (
        amount,
        purchase_id,
    ):
        return held
    refused = may_be_captured(held, amount, now)
    if refused is not None:
        end_late(tx, held, refused, now)
        return refused
    shard = shard_of(held.kpm_id)
    if ledger.legs_of(tx, shard, [purchase_id]):
        return HoldRefusal.DUPLICATE_DIFFERENT
    taken = captured_draws(holds.draws_of(tx, held.kpm_id, hold_id), amount)
    holds.resolve(tx, held, holds.Resolution(HoldState.CAPTURED, taken, purchase_id, now))
    legs = purchase_postings(ShopId(held.shop_id), taken)
    ledger.post(tx, [ledger.Movement(shard, purchase_id, legs, now)])
    return _again(tx, held)


def release_in(tx: Tx, engine: Engine, hold_id: str) -> Hold | HoldRefusal:
    """The same inside the caller's transaction."""
    held = locked_hold(tx, hold_id)
    if held is None:
        return HoldRefusal.HOLD_UNKNOWN
    if held.state is HoldState.RELEASED:
        return held
    if held.state is not HoldState.HELD:
        return RESOLVED[held.state]
    _end(tx, held, HoldState.RELEASED, engine.now())
    return _again(tx, held)


def _time_out(tx: Tx, engine: Engine, kpm_id: KpmId, hold_id: str) -> int:
    """1 when it was still held: a capture may have come first."""
    ledger.tranches_of(tx, kpm_id, lock=True)
    held = holds.find_hold(tx, kpm_id, hold_id)
    if held is None or held.state is not HoldState.HELD:
        return 0
    _end(tx, held, HoldState.TIMED_OUT, engine.now())
    return 1


def end_late(tx: Tx, held: Hold, refused: HoldRefusal, now: datetime) -> None:
    """A capture that came too late ends its hold, whether or not the worker has come by."""
    if refused is HoldRefusal.HOLD_TIMED_OUT and held.state is HoldState.HELD:
        _end(tx, held, HoldState.TIMED_OUT, now)


def _end(tx: Tx, held: Hold, state: HoldState, now: datetime) -> None:
    holds.resolve(tx, held, holds.Resolution(state, (), None, now))


def locked_hold(tx: Tx, hold_id: str) -> Hold | None:
    """The hold under its family's locked tranches: from here on it has one way out."""
    claim = purchases.find_claim(tx, hold_id)
    if claim is None or claim.kpm_id is None:
        return None
    ledger.tranches_of(tx, claim.kpm_id, lock=True)
    return holds.find_hold(tx, claim.kpm_id, hold_id)


def _again(tx: Tx, held: Hold) -> Hold:
    found = holds.find_hold(tx, held.kpm_id, held.hold_id)
    if found is None:
        raise LookupError(held.hold_id)
    return found


def _content(request: HoldRequest) -> bytes:
    """What makes two requests the same."""
    end = request.expires_at.astimezone(UTC).isoformat()
    facts = ["HOLD", request.kpm_id, request.shop_id, request.amount, request.purpose, end]
    return hashlib.sha256(json.dumps(facts).encode()).digest()


def _claim(request: HoldRequest, content: bytes) -> purchases.Claim:
    return purchases.Claim(
        purchase_id=request.hold_id,
        content=content,
        home_shard=shard_of(request.kpm_id),
        kpm_id=request.kpm_id,
        shop_id=request.shop_id,
        answer=json.dumps({"hold_id": request.hold_id}),
    )
