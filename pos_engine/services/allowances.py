"""Put money of a family aside for one device, so that it may sell without signal."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules import allowances as rules
from pos_engine.rules.allowances import OFFLINE, NoAllowance, Reserve, reserve_of
from pos_engine.rules.entitlement import Tranche, frozen, shortage_reason, thawed
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import ShopId, shard_of
from pos_engine.rules.reasons import Reason
from pos_engine.services.allowance_paper import Proven, signed_allowance
from pos_engine.services.identification import Asked, Identification, Status
from pos_engine.services.identify import identify_card
from pos_engine.services.kin import kin_in_shop
from pos_engine.services.ladder import stopped
from pos_engine.services.payer import CARD, CardProof
from pos_engine.services.purchase import market_at
from pos_engine.services.slow_hash import pin_verifier
from pos_engine.services.suspend import told
from pos_engine.store import (
    allowances,
    devices,
    families,
    hold_sets,
    ledger,
    purchases,
    remote_shops,
    shops,
)
from pos_engine.store.allowances import Allowance
from pos_engine.store.database import Tx
from pos_engine.store.devices import DeviceState
from pos_engine.wire.card_qr import CardQr
from pos_engine.wire.offline_words import NOT_PUT_ASIDE, REASONS, reserved_told
from pos_engine.wire.response import WORDINGS


class AllowanceProblem(StrEnum):
    """Why a device is not asked for an allowance at all."""

    DEVICE_NOT_APPROVED = "DEVICE_NOT_APPROVED"
    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"


@dataclass(frozen=True, slots=True, repr=False)
class AllowanceAsk:
    """A family asks to put money aside. `amount` in rupiah; None is the default."""

    allowance_id: str
    card: CardQr
    pin: str
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class NotIssued:
    """Nothing was put aside: why, in the words for the family. The id stays free."""

    reason: Reason
    message: str
    next_step: str


Issued = Allowance | NotIssued | AllowanceProblem


def issue(engine: Engine, asked: Asked, ask: AllowanceAsk) -> Issued:
    """Reserve money for the device of a session, proven by sticker and PIN, and sign for it.

    Once: the same again is the same allowance and spends no PIN try. The slow hash is made between
    two transactions, so that nobody waits for it but this family.
    """
    with engine.database.read() as tx:
        known = _known(tx, engine, asked, ask)
        if known is not None:
            return known
        if not _approved(tx, asked):
            return AllowanceProblem.DEVICE_NOT_APPROVED
    answer = stopped(engine, asked, Method.KKS, ask.card.text) or identify_card(
        engine, asked, CardProof(ask.card.text, ask.pin)
    )
    if answer.status is not Status.IDENTIFIED or answer.token is None:
        return NotIssued(answer.reason or Reason.PAYER_UNKNOWN, answer.message, answer.next_step)
    digest = pin_verifier(ask.pin, ask.card.secret)
    return engine.database.transact(lambda tx: _issue(tx, engine, asked, ask, answer, digest))


def living_on_device(engine: Engine, device_id: str) -> list[Allowance]:
    """The living allowances of a device, the newest first."""
    with engine.database.read() as tx:
        return allowances.living_of_device(tx, device_id)


def _known(tx: Tx, engine: Engine, asked: Asked, ask: AllowanceAsk) -> Issued | None:
    """What this id was answered."""
    claim = purchases.find_claim(tx, ask.allowance_id)
    if claim is None:
        return None
    found = allowances.find_allowance(tx, claim.kpm_id or "", ask.allowance_id)
    if found is None or found.content != _content(engine, asked, ask):
        return AllowanceProblem.DUPLICATE_DIFFERENT
    return found


def _content(engine: Engine, asked: Asked, ask: AllowanceAsk) -> bytes:
    """What makes two requests the same: device, card and sum; never the PIN."""
    card = engine.keys.lookup(CARD, ask.card.text).hex()
    facts = ["ALLOWANCE", asked.session.device_id, card, ask.amount]
    return hashlib.sha256(json.dumps(facts).encode()).digest()


def _approved(tx: Tx, asked: Asked) -> bool:
    key = devices.find_key(tx, asked.session.device_id)
    return key is not None and key.state == DeviceState.APPROVED


def _issue(
    tx: Tx,
    engine: Engine,
    asked: Asked,
    ask: AllowanceAsk,
    answer: Identification,
    digest: bytes,
) -> Issued:
    """Under the locks of her tranches: one living allowance a family, money that is there."""
    payer = _proven(tx, engine, ask, answer, digest)
    if payer is None:
        return _not_issued(Reason.CARD_UNKNOWN)
    tranches = ledger.tranches_of(tx, payer.kpm_id, lock=True)
    known = _known(tx, engine, asked, ask)
    if known is not None:
        return known
    stands = _in_the_way(tx, engine, asked, payer)
    if stands is not None:
        return stands
    market = market_at(engine, engine.catalogue(tx), asked.shop.region, engine.now())
    remote = remote_shops.is_remote(tx, asked.shop.shop_id)
    wanted = rules.Asked(
        ask.amount,
        remote_home=remote and _at_home(tx, asked, payer),
        on_device=allowances.held_by_device(tx, asked.session.device_id),
    )
    usable = thawed(tranches)
    reserve = reserve_of(wanted, usable, market.day, market.catalogue.own_policies)
    if isinstance(reserve, NoAllowance):
        return _no_money(reserve, usable, market.day)
    ledger.thaw(tx, [(payer.kpm_id, each) for each in frozen(tranches)])
    content = _content(engine, asked, ask)
    kin = kin_in_shop(tx, asked.shop.shop_id, payer.kpm_id)
    made = signed_allowance(
        engine, asked, ask.allowance_id, content, payer, reserve, market, remote=remote, not_by=kin
    )
    _put_aside(tx, made, reserve, market.day)
    return made


def _proven(
    tx: Tx, engine: Engine, ask: AllowanceAsk, answer: Identification, digest: bytes
) -> Proven | None:
    """Whose sticker it is; None when it was made anew since the PIN was asked."""
    known = families.find_credential(tx, CARD, engine.keys.lookup(CARD, ask.card.text))
    if known is None:
        return None
    name = answer.name or ""
    return Proven(known.kpm_id, known.person_id, known.reference, ask.card, name, digest)


def _in_the_way(tx: Tx, engine: Engine, asked: Asked, payer: Proven) -> NotIssued | None:
    """What stands in the way besides money: shop, family, another allowance."""
    shop, family = shops.find_shop(tx, asked.shop.shop_id), families.find_family(tx, payer.kpm_id)
    if shop is None or shop.status != shops.ACTIVE:
        return _not_issued(Reason.SHOP_SUSPENDED)
    if family is None:
        return _not_issued(Reason.PAYER_UNKNOWN)
    if family.status != families.ACTIVE:
        why = told(tx, engine.catalogue(tx).zones, payer.kpm_id)
        stopped_family = _not_issued(Reason.KPM_SUSPENDED)
        return NotIssued(stopped_family.reason, stopped_family.message, why)
    living = allowances.living_of_family(tx, payer.kpm_id)
    if living is None:
        return None
    words = reserved_told(living.remaining, living.shop_name, living.last_day)
    return NotIssued(Reason.RESERVED_OFFLINE, *words)


def _at_home(tx: Tx, asked: Asked, payer: Proven) -> bool:
    family = families.find_family(tx, payer.kpm_id)
    return family is not None and family.home_shop_id == asked.shop.shop_id


def _not_issued(reason: Reason) -> NotIssued:
    wording = WORDINGS[reason]
    return NotIssued(reason, wording.sentence, wording.next_step)


def _no_money(why: NoAllowance, tranches: tuple[Tranche, ...], day: date) -> NotIssued:
    reason = REASONS[why]
    if why is NoAllowance.NO_MONEY:
        reason = shortage_reason(tranches, day)
    return NotIssued(reason, *NOT_PUT_ASIDE[why])


def _put_aside(tx: Tx, made: Allowance, reserve: Reserve, day: date) -> None:
    """Take the id, hold the money, write the allowance: in one transaction or not at all."""
    claim = purchases.Claim(
        purchase_id=made.allowance_id,
        content=made.content,
        home_shard=shard_of(made.kpm_id),
        kpm_id=made.kpm_id,
        shop_id=ShopId(made.shop_id),
        answer=json.dumps({"allowance_id": made.allowance_id}),
    )
    purchases.add_claims(tx, [claim])
    aside = hold_sets.Aside(
        hold_id=made.allowance_id,
        kpm_id=made.kpm_id,
        shop_id=made.shop_id,
        draws=reserve.draws,
        day=day,
        made_at=made.issued_at,
        expires_at=made.release_at,
        purpose=OFFLINE,
    )
    hold_sets.add_holds(tx, [aside])
    allowances.add_allowance(tx, made)
