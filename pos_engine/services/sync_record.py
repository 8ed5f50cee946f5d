"""Write what judges of envelopes decided: purchases, money, notices, cases; each set at once."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace as with_fields

from pos_engine.rules.decision import Approved
from pos_engine.rules.entitlement import frozen
from pos_engine.rules.ids import ShopId, new_uuid7
from pos_engine.rules.offline import Outcome
from pos_engine.rules.posting import Posting, loss_postings, purchase_postings
from pos_engine.services.purchase import PURCHASE_APPROVED
from pos_engine.services.record import Case, row_of
from pos_engine.services.sync_desk import Desk
from pos_engine.services.sync_judge import OWN_FAMILY, PAST_LIMIT, Judged
from pos_engine.store import aid_cases, ledger, limit_use, outbox, purchases
from pos_engine.store.aid_cases import AidCase
from pos_engine.store.allowance_draws import write_draws
from pos_engine.store.allowances import Allowance
from pos_engine.store.database import Tx
from pos_engine.store.devices import DeviceKey
from pos_engine.store.driver import JsonText
from pos_engine.store.envelopes import Kept
from pos_engine.store.shops import Shop

TO_LOOK_AT = (
    Outcome.SHOP_LIABLE,
    Outcome.HELD_FORK,
    Outcome.HELD_REVIEW,
    Outcome.BAD_SIGNATURE,
    PAST_LIMIT,
    OWN_FAMILY,
)


def write_judged(desk: Desk, judged: Sequence[Judged]) -> None:
    """Write the purchases of envelopes; the envelopes themselves are written by the caller."""
    tx = desk.tx
    write_draws(tx, desk.drawn)
    desk.drawn = []
    made = [(each, each.case) for each in judged if each.case is not None]
    rows = [with_fields(row_of(case), flags=_flags(each.kept.flags, case)) for each, case in made]
    purchases.record(tx, [case.claim for _, case in made if case.claim], rows)
    paid = [
        (each, case, case.decision)
        for each, case in made
        if isinstance(case.decision, Approved) and each.allowance is not None
    ]
    _spend(tx, [entry for entry in paid if entry[0].judgement.outcome is _FREE_MONEY])
    ledger.post(tx, [_movement(desk, each, case, money) for each, case, money in paid])
    limit_use.add_uses(tx, desk.day_use.uses)
    desk.day_use.uses = []
    outbox.add_events(tx, [_event(case) for _, case, _ in paid], desk.now)


_FREE_MONEY = Outcome.PAID_FROM_BALANCE
_Paid = tuple[Judged, Case, Approved]


def _flags(flags: Sequence[str], case: Case) -> JsonText:
    told = case.decision.flags if isinstance(case.decision, Approved) else ()
    return JsonText(json.dumps([*flags, *told]))


def _spend(tx: Tx, paid: Sequence[_Paid]) -> None:
    """Take free money of families; frozen tranches thaw, as by any purchase of a proven payer."""
    for each, case, money in paid:
        if each.allowance is None:
            continue
        kpm_id = each.allowance.kpm_id
        stopped = frozen(ledger.tranches_of(tx, kpm_id, lock=False))
        ledger.thaw(tx, [(kpm_id, wallet_id) for wallet_id in stopped])
        ledger.spend(tx, [ledger.Spending(kpm_id, part, case.market.day) for part in money.draws])


def _movement(desk: Desk, each: Judged, case: Case, money: Approved) -> ledger.Movement:
    shop_id = ShopId(case.shop.shop_id)
    legs: tuple[Posting, ...]
    if each.judgement.outcome is Outcome.PROGRAMME_LOSS and each.allowance is not None:
        legs = loss_postings(shop_id, losses_of(desk, each.allowance, money.amount))
    else:
        legs = purchase_postings(shop_id, money.draws)
    return ledger.Movement(case.shard, case.request.purchase_id, legs, desk.now)


def losses_of(desk: Desk, issued: Allowance, amount: int) -> dict[str, int]:
    """Which programmes pay a loss: those whose money the allowance held, in its order."""
    aside = desk.aside(issued)
    losses: defaultdict[str, int] = defaultdict(int)
    missing = amount
    for tranche in aside:
        part = min(missing, tranche.credited)
        losses[tranche.programme] += part
        missing -= part
    if missing:  # more was lost than its last hold had: the last of its programmes
        losses[aside[-1].programme] += missing
    return {programme: part for programme, part in losses.items() if part}


def _event(case: Case) -> outbox.Event:
    purchase_id, kpm_id = case.request.purchase_id, case.found.kpm_id
    return outbox.Event(case.shard, purchase_id, PURCHASE_APPROVED, kpm_id, purchase_id, 0)


def open_case(tx: Tx, key: DeviceKey, shop: Shop, rows: Sequence[Kept], now: datetime) -> None:
    """One case for what people are to look at of these; none when there is nothing."""
    said = {word for each in rows for word in (each.outcome, *each.flags)}
    reasons = sorted(f"OFFLINE_{each}" for each in said if each in TO_LOOK_AT)
    if not reasons:
        return
    aid_cases.add_case(
        tx,
        AidCase(
            case_id=new_uuid7(now),
            status=aid_cases.OPEN,
            reasons=" ".join(reasons),
            region=shop.region,
            shop_id=key.shop_id,
            till_id=key.till_id,
            opened_at=now,
        ),
    )
