"""Void a purchase, or lines of it, on its own day: by the shop's owner, once."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from enum import StrEnum

import msgspec

from catalog.zones import region_name
from pos_engine.engine import Engine
from pos_engine.rules.entitlement import Draw
from pos_engine.rules.ids import KpmId, PurchaseId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.void_slip import SlipLine, VoidSlip, void_slip_text
from pos_engine.rules.voids import (
    AskedLine,
    BoughtLine,
    ReturnedLine,
    Standing,
    Status,
    VoidReason,
    back_to_tranches,
    may_be_voided,
    pick_lines,
    whole,
)
from pos_engine.services.answers import APPROVED, DECLINED
from pos_engine.services.payer import PayerProof, Place, find_payer
from pos_engine.services.purchase import Answer
from pos_engine.services.returning import Act, still_drawn, write_return
from pos_engine.services.sessions import LoginRefusal, check_pin_again
from pos_engine.store import ledger, purchases, reversals, shops
from pos_engine.store.database import Tx
from pos_engine.wire.voids import NAME_THE_REST, VOID_WORDINGS, returned_message

PIN_REASONS = {
    LoginRefusal.WRONG: VoidReason.OWNER_PIN_WRONG,
    LoginRefusal.LOCKED: VoidReason.OWNER_PIN_BLOCKED,
}


@dataclass(frozen=True, slots=True, repr=False)
class VoidRequest:
    """A void as the owner asks it. Without `lines` the whole purchase; `pin` asks the owner again.

    `proof` names the KPM when she is there: it must be her purchase, nothing of her is checked.
    """

    void_id: PurchaseId
    purchase_id: PurchaseId
    place: Place
    staff_id: str
    reason: str
    lines: tuple[AskedLine, ...] | None = None
    pin: str | None = None
    proof: PayerProof | None = None


class NotVoided(StrEnum):
    """Why there is no answer under this id; nothing was written."""

    NOT_FOUND = "NOT_FOUND"  # no such purchase in this shop
    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"  # the id stands for something else


Outcome = Answer | NotVoided


def void(engine: Engine, request: VoidRequest) -> Outcome:
    """Give money of a purchase back once. The same request again gives the same answer."""
    with engine.database.read() as tx:
        answered = purchases.find_claim(tx, request.void_id) is not None
    refused = None
    if request.pin is not None and not answered:
        refused = check_pin_again(engine, request.staff_id, request.pin)
    stands = PIN_REASONS[refused] if refused else None
    return engine.database.transact(lambda tx: _void(tx, engine, request, stands))


def _void(tx: Tx, engine: Engine, request: VoidRequest, stands: VoidReason | None) -> Outcome:
    target = purchases.find_claim(tx, request.purchase_id)
    if target is None or target.shop_id != request.place.shop_id:
        return NotVoided.NOT_FOUND
    payer = find_payer(tx, engine, request.proof, request.place).kpm_id if request.proof else None
    if target.kpm_id is not None:
        ledger.tranches_of(tx, target.kpm_id, lock=True)
    content = _content(request, payer)
    claim = purchases.find_claim(tx, request.void_id)
    if claim is not None:
        same = claim.content == content and claim.shop_id == request.place.shop_id
        return Answer(claim.answer) if same else NotVoided.DUPLICATE_DIFFERENT
    facts = _facts(tx, engine, request, target)
    decided = stands or _decide(request, facts, payer)
    if isinstance(decided, VoidReason):
        answer = _declined(request, facts, decided)
    else:
        answer = _write(tx, request, facts, decided)
    made = purchases.Claim(
        purchase_id=request.void_id,
        content=content,
        home_shard=target.home_shard,
        kpm_id=target.kpm_id,
        shop_id=target.shop_id,
        answer=answer,
    )
    purchases.add_claims(tx, [made])
    return Answer(answer)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What was read under the lock. `local` is the moment by the shop's clock."""

    bought: reversals.Bought | None
    back: list[reversals.Reversal]
    drawn: tuple[Draw, ...]
    day: date
    local: datetime
    shop: shops.Shop
    zone: str


def _facts(tx: Tx, engine: Engine, request: VoidRequest, target: purchases.Claim) -> _Facts:
    shop = shops.find_shop(tx, target.shop_id)
    if shop is None:
        raise LookupError(target.shop_id)  # a purchase without its shop: a fault
    zones, now = engine.catalogue(tx).zones, engine.now()
    back = reversals.reversals_of(tx, target.home_shard, request.purchase_id)
    return _Facts(
        bought=reversals.find_bought(tx, target.home_shard, request.purchase_id),
        back=back,
        drawn=still_drawn(tx, target.home_shard, request.purchase_id, back),
        day=zones.local_day(shop.region, now),
        local=now.astimezone(zones.time_zone_of(shop.region)),
        shop=shop,
        zone=zones.time_zone_name(shop.region),
    )


def _decide(
    request: VoidRequest, facts: _Facts, payer: KpmId | None
) -> tuple[ReturnedLine, ...] | VoidReason:
    """The lines that come back, or the first reason why none does."""
    bought = facts.bought
    standing = Standing(
        a_purchase=bought is not None,
        approved=bought is not None and bought.status == APPROVED,
        of_today=bought is not None and bought.day == facts.day,
        other_payer=request.proof is not None and bought is not None and payer != bought.kpm_id,
        returned_before=bool(facts.back),
        nothing_left=not facts.drawn,
    )
    refused = may_be_voided(standing, all_of_it=request.lines is None)
    if refused is not None or bought is None:
        return refused or VoidReason.VOID_OF_VOID
    lines = bought_lines(bought, facts.back)
    picked = whole(lines) if request.lines is None else pick_lines(lines, request.lines)
    if isinstance(picked, VoidReason):
        return picked
    left = sum(each.amount for each in facts.drawn)
    above = sum(each.amount for each in picked) > left
    return VoidReason.VOID_ABOVE_PURCHASE if above else picked


def bought_lines(
    bought: reversals.Bought, back: Sequence[reversals.Reversal]
) -> tuple[BoughtLine, ...]:
    """The lines of a purchase with what is still bought of each."""
    gone: Counter[int] = Counter()
    for each in back:
        for line in each.lines:
            gone[line["place"]] += line["quantity_milli"]
    return tuple(
        BoughtLine(
            sku=line["sku"],
            gtin=line.get("gtin"),
            unit=line["unit"],
            quantity_milli=line["quantity_milli"],
            unit_price=line["unit_price"],
            left_milli=line["quantity_milli"] - gone[place],
        )
        for place, line in enumerate(bought.lines)
    )


def _write(tx: Tx, request: VoidRequest, facts: _Facts, lines: tuple[ReturnedLine, ...]) -> str:
    bought = facts.bought
    if bought is None or bought.kpm_id is None:
        raise LookupError(request.purchase_id)  # approved without a payer: a fault
    amount = sum(each.amount for each in lines)
    made = write_return(
        tx,
        Act(
            reversal_id=request.void_id,
            kind=reversals.VOID,
            bought=bought,
            kpm_id=bought.kpm_id,
            made_by=request.staff_id,
            approved_by=None,
            reason=request.reason,
            lines=lines,
            returns=back_to_tranches(facts.drawn, amount),
            day=facts.day,
            now=facts.local,
        ),
    )
    returned = reversals.returned([*facts.back, made])
    message, next_step = returned_message(made.amount)
    return _json(
        request,
        facts,
        {
            "status": Status.VOIDED,
            "amount": made.amount,
            "purchase_amount": bought.amount,
            "purchase_returned": returned,
            "lines": [
                {
                    "sku": bought.lines[each.place]["sku"],
                    "name": bought.lines[each.place]["name"],
                    "unit": bought.lines[each.place]["unit"],
                    "quantity_milli": each.quantity_milli,
                    "line_total": each.amount,
                }
                for each in lines
            ],
            "receipt": {
                "number": bought.number,
                "text": void_slip_text(_slip(facts, bought, made, returned)),
            },
            "message": message,
            "next_step": next_step,
        },
    )


def _slip(
    facts: _Facts, bought: reversals.Bought, made: reversals.Reversal, returned: Rupiah
) -> VoidSlip:
    """What the till prints: for the family, and for the owner's till roll."""
    of_line = [(bought.lines[each["place"]], each) for each in made.lines]
    return VoidSlip(
        shop_name=facts.shop.name,
        place=region_name(facts.shop.region[:5]),
        number=bought.number,
        at=facts.local,
        zone=facts.zone,
        lines=tuple(
            SlipLine(line["name"], each["quantity_milli"], line["unit"], Rupiah(each["amount"]))
            for line, each in of_line
        ),
        amount=made.amount,
        bought=bought.amount,
        returned=returned,
    )


def _declined(request: VoidRequest, facts: _Facts, reason: VoidReason) -> str:
    wording = VOID_WORDINGS[reason]
    partly = reason is VoidReason.ALREADY_VOIDED and facts.drawn
    return _json(
        request,
        facts,
        {
            "status": DECLINED,
            "reason": reason,
            "message": wording.sentence,
            "next_step": NAME_THE_REST if partly else wording.next_step,
            "response_code": wording.iso8583,
        },
    )


def _json(request: VoidRequest, facts: _Facts, body: dict[str, object]) -> str:
    head = {"void_id": request.void_id, "purchase_id": request.purchase_id}
    tail = {"decided_at": facts.local.isoformat(timespec="seconds")}
    return msgspec.json.encode(head | body | tail).decode()


def _content(request: VoidRequest, payer: KpmId | None) -> bytes:
    """What makes two requests the same: purchase, reason, lines and family; never the PIN."""
    lines = None if request.lines is None else [astuple(each) for each in request.lines]
    text = json.dumps(["VOID", request.purchase_id, request.reason, lines, payer])
    return hashlib.sha256(text.encode()).digest()


def void_answer(engine: Engine, shop_id: str, void_id: str) -> str | None:
    """The stored answer of a void of this shop."""
    with engine.database.read() as tx:
        claim = purchases.find_claim(tx, void_id)
    if claim is None or claim.shop_id != shop_id or not claim.answer:
        return None
    return claim.answer if json.loads(claim.answer).get("void_id") == void_id else None
