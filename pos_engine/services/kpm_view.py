"""What a KPM sees of her own: her money tranche by tranche, her purchases, her cards."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.catalogue import Catalogue
from pos_engine.engine import Engine
from pos_engine.rules.card import REPORTED, WORKING, CardState
from pos_engine.rules.entitlement import Tranche, spendable, thawed
from pos_engine.rules.ids import KpmId
from pos_engine.rules.money import Rupiah
from pos_engine.services import cards as card_service
from pos_engine.services.suspend import told
from pos_engine.store import allowances, cards, families, kpm_history, ledger
from pos_engine.store.database import Tx
from pos_engine.wire.kpm_words import RUN_OUT, WAITS, moment_shown, period_shown
from pos_engine.wire.offline_words import reserved_told

TRANCHES_SHOWN_MAX = 12
PURCHASES_A_PAGE = 10
PAGES_MAX = 50
BY_HERSELF = "KPM"


@dataclass(frozen=True, slots=True)
class Part:
    """One tranche as she reads it. `note` says why it cannot be spent, else it is empty."""

    title: str
    period: str
    left: Rupiah
    last_day: date
    note: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What she may spend today, its parts, and why her membership is looked into, if it is.

    `aside` says where money waits for buying without signal; empty when none does.
    """

    spendable: Rupiah
    parts: tuple[Part, ...]
    suspended: bool
    told: str
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase with its lines and when it was, by the clock of the shop."""

    number: str
    shop_name: str
    amount: int
    returned: int
    lines: list[dict[str, Any]]
    at: str
    purchase_id: str


def balance_of(engine: Engine, kpm_id: KpmId) -> Balance:
    """Her money today, on the local day of her village."""
    with engine.database.read() as tx:
        catalogue = engine.catalogue(tx)
        family = families.find_family(tx, kpm_id)
        if family is None:
            raise LookupError(kpm_id)  # a visit of nobody: a fault
        tranches = ledger.tranches_of(tx, kpm_id, lock=False)
        active = family.status == families.ACTIVE
        words = "" if active else told(tx, catalogue.zones, kpm_id)
        day = catalogue.zones.local_day(family.region, engine.now())
        aside = _aside(tx, kpm_id)
    living = [each for each in tranches if each.left > 0]
    living.sort(key=lambda each: (each.expires_on, each.period, each.wallet_id))
    parts = [_part(each, catalogue, day) for each in living[-TRANCHES_SHOWN_MAX:]]
    return Balance(spendable(thawed(tranches), day), tuple(parts), not active, words, aside)


def _aside(tx: Tx, kpm_id: KpmId) -> str:
    found = allowances.living_of_family(tx, kpm_id)
    if found is None:
        return ""
    return " ".join(reserved_told(found.remaining, found.shop_name, found.last_day))


def _part(tranche: Tranche, catalogue: Catalogue, day: date) -> Part:
    programme = catalogue.programmes.get(tranche.programme)
    note = WAITS.get(tranche.status, "")
    if day > tranche.expires_on:
        note = RUN_OUT
    return Part(
        title=programme.title if programme else tranche.programme,
        period=period_shown(tranche.period),
        left=tranche.left,
        last_day=tranche.expires_on,
        note=note,
    )


def history_of(engine: Engine, kpm_id: KpmId, page: int) -> tuple[list[Purchase], bool]:
    """A page of her purchases (the first is 1), and whether there is another one."""
    skip = (page - 1) * PURCHASES_A_PAGE
    with engine.database.read() as tx:
        rows = kpm_history.bought_by(tx, kpm_id, skip=skip, limit=PURCHASES_A_PAGE + 1)
        zones = engine.catalogue(tx).zones
    shown = [
        Purchase(
            number=each.number,
            shop_name=each.shop_name,
            amount=each.amount,
            returned=each.returned,
            lines=each.lines,
            at=moment_shown(
                each.decided_at.astimezone(zones.time_zone_of(each.region)),
                zones.time_zone_name(each.region),
            ),
            purchase_id=each.purchase_id,
        )
        for each in rows[:PURCHASES_A_PAGE]
    ]
    return shown, len(rows) > PURCHASES_A_PAGE and page < PAGES_MAX


def cards_of(engine: Engine, kpm_id: KpmId) -> list[cards.CardRow]:
    """Her family's cards that still work or may work again."""
    with engine.database.read() as tx:
        found = cards.cards_of(tx, kpm_id)
    return [each for each in found if CardState(each.status) in WORKING]


def stop_card(engine: Engine, kpm_id: KpmId, card_id: str, state: CardState) -> bool:
    """Stop a card of her own at once. False when it is none of hers."""
    own = {each.card_id for each in cards_of(engine, kpm_id)}
    if state not in REPORTED or card_id not in own:
        return False
    return isinstance(card_service.block(engine, card_id, state, BY_HERSELF), CardState)
