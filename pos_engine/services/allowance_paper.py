"""The signed paper of an allowance and its row, made of what was decided."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from catalog.price_book import Action
from pos_engine.engine import Engine
from pos_engine.rules.allowances import SALES_MAX, AllowanceState, Reserve, release_at, sold_until
from pos_engine.rules.basket import Market
from pos_engine.rules.ids import KpmId, PersonId
from pos_engine.services.identification import Asked
from pos_engine.services.slow_hash import VERIFIER_KIB, VERIFIER_LANES, VERIFIER_ROUNDS
from pos_engine.store.allowances import Allowance
from pos_engine.wire.allowance import Limits, Promise, Verifier, document_of
from pos_engine.wire.canonical import canonical
from pos_engine.wire.card_qr import CardQr, card_ref

TICK = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, repr=False)
class Proven:
    """Who proved herself by which card; `digest` is what the tablet will check her PIN by."""

    kpm_id: KpmId
    person_id: PersonId
    card_id: str
    card: CardQr
    name: str
    digest: bytes


def signed_allowance(
    engine: Engine,
    asked: Asked,
    allowance_id: str,
    content: bytes,
    payer: Proven,
    reserve: Reserve,
    market: Market,
    *,
    remote: bool,
    not_by: Sequence[str] = (),
) -> Allowance:
    """The allowance that holds `reserve`, under our signature. `remote` says how long it lives.

    `not_by` are the shop's staff of her own family.
    """
    now = _whole_milliseconds(engine.now())
    not_after = sold_until(now, _end_of(reserve, market, asked.shop.region), remote=remote)
    limits = Limits(reserve.amount, SALES_MAX, _daily(market), remote)
    book = market.catalogue.version
    promise = _promise(engine, asked, allowance_id, payer, now, not_after, book, limits)
    document = document_of(replace(promise, not_by=tuple(not_by)))
    return Allowance(
        allowance_id=allowance_id,
        kpm_id=payer.kpm_id,
        person_id=payer.person_id,
        card_id=payer.card_id,
        shop_id=asked.shop.shop_id,
        shop_name=asked.shop.name,
        till_id=asked.place.till_id,
        device_id=asked.session.device_id,
        staff_id=asked.session.staff_id,
        content=content,
        amount=reserve.amount,
        remaining=reserve.amount,
        spent_offline=0,
        drawn_online=0,
        hold_id=allowance_id,
        remote=remote,
        state=AllowanceState.LIVE.value,
        issued_at=now,
        not_after=not_after,
        release_at=release_at(not_after),
        last_day=market.catalogue.zones.local_day(asked.shop.region, not_after - TICK),
        document=canonical(document).decode(),
        signature=engine.keys.offline.sign(document),
    )


def _promise(
    engine: Engine,
    asked: Asked,
    allowance_id: str,
    payer: Proven,
    now: datetime,
    not_after: datetime,
    price_book: str,
    limits: Limits,
) -> Promise:
    device_id = asked.session.device_id
    return Promise(
        allowance_id=allowance_id,
        kpm_ref=engine.keys.family_on_device(device_id, payer.kpm_id),
        card_ref=card_ref(payer.card.token),
        name=payer.name,
        shop_id=asked.shop.shop_id,
        device_id=device_id,
        amount_max=limits.tx_max,
        not_before=now,
        not_after=not_after,
        price_book=price_book,
        verifier=Verifier(VERIFIER_ROUNDS, VERIFIER_KIB, VERIFIER_LANES, payer.digest),
        limits=limits,
        kid=engine.keys.offline.kid,
    )


def paper_of(allowance: Allowance) -> dict[str, object]:
    """What a tablet is given: the document and its signature."""
    return {"allowance": json.loads(allowance.document), "sig": allowance.signature}


def _daily(market: Market) -> list[tuple[str, int]]:
    """The limits of goods that refuse, a family and day: sku and thousandths of the base unit."""
    book, day = market.catalogue.limits, market.day
    return [
        (sku, limit.maximum)
        for sku in sorted(book.goods)
        for limit in book.of_good(sku, day)
        if limit.action is Action.DECLINE
    ]


def _end_of(reserve: Reserve, market: Market, region: str) -> datetime:
    """When the last usable day of this money is over, by the shop's clock."""
    zone = market.catalogue.zones.time_zone_of(region)
    over = datetime.combine(reserve.last_day + timedelta(days=1), time(), zone)
    return over.astimezone(UTC)


def _whole_milliseconds(at: datetime) -> datetime:
    """What a tablet's clock can say."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
