"""Facts of a batch of purchases: read at once under the locks, and carried on from one to the next.

What one purchase changes (balances, tries, used tokens, answered ids) the next of the batch sees.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from catalog.catalogue import Catalogue
from pos_engine.engine import Engine
from pos_engine.rules.bank import ENGINE
from pos_engine.rules.delegation import DelegationState
from pos_engine.rules.entitlement import Draw, Tranche, frozen, thawed
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, WalletId
from pos_engine.rules.money import Rupiah
from pos_engine.services.bank_question import BankAsk
from pos_engine.services.limits import Basket, DayUse, read_day_use
from pos_engine.services.payer import (
    CARD,
    PHONE,
    BankCardProof,
    CardProof,
    CodeTries,
    Found,
    PhoneProof,
    QrProof,
    TokenProof,
    found_by_card,
    found_by_code,
    found_by_phone,
    found_by_token,
)
from pos_engine.services.purchase import PurchaseRequest, clock_skewed
from pos_engine.services.reserved import Reserves, ask_living
from pos_engine.services.sessions import still_living
from pos_engine.services.suspend import told
from pos_engine.services.tokens import DELEGATION
from pos_engine.store import batch_facts, delegations, proofs, purchases
from pos_engine.store.bank_accounts import BankAccount, accounts_of
from pos_engine.store.database import Tx
from pos_engine.store.driver import Later, one_trip
from pos_engine.store.families import ACTIVE
from pos_engine.store.keyed import look_up_by_index
from pos_engine.store.shops import Shop

Proof = TypeVar("Proof")
Accounts = dict[tuple[KpmId, str], BankAccount]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and the family behind its proof."""

    request: PurchaseRequest
    found: Found


@dataclass(frozen=True, slots=True)
class Reference:
    """What is the same in every database, and stands in the first."""

    catalogue: Catalogue
    shops: dict[str, Shop]


@dataclass(slots=True)
class BatchFacts:
    """What is known, and `pin_tries`, `code_tries` and `thawing` that are to be written."""

    now: datetime
    claims: dict[str, purchases.Claim]
    tranches: dict[KpmId, tuple[Tranche, ...]]
    living: set[str]  # sessions that nobody ended since a request came in
    catalogue: Catalogue | None = None
    shops: dict[str, Shop] = field(default_factory=dict)
    family_states: dict[KpmId, str] = field(default_factory=dict)
    suspensions: dict[KpmId, str] = field(default_factory=dict)  # who and why, for the family
    card_states: dict[str, str] = field(default_factory=dict)
    pins: dict[KpmId, proofs.Pin] = field(default_factory=dict)
    codes: list[proofs.OneTimeCode] = field(default_factory=list)
    used_tokens: set[str] = field(default_factory=set)
    delegations: dict[str, tuple[DelegationState, date]] = field(default_factory=dict)
    pin_tries: dict[KpmId, int] = field(default_factory=dict)
    code_tries: CodeTries = field(default_factory=dict)
    thawing: list[tuple[KpmId, WalletId]] = field(default_factory=list)
    opened: dict[str, purchases.Claim] = field(default_factory=dict)  # claimed, not answered
    day_use: DayUse = field(default_factory=DayUse)
    reserves: Reserves = field(default_factory=Reserves)  # money put aside for one device
    accounts: Accounts = field(default_factory=dict)  # of families whose money lies with a bank
    bank_asks: list[BankAsk] = field(default_factory=list)  # to be written, then asked

    def answered(self, request: PurchaseRequest) -> purchases.Claim | None:
        """What this id was answered, before this batch or earlier in it."""
        return self.claims.get(request.purchase_id)

    def skewed(self, request: PurchaseRequest) -> bool:
        """Is the till's clock too far off to decide anything."""
        return clock_skewed(request, self.now)

    def codes_for(self, kpm_id: KpmId, request: PurchaseRequest) -> list[proofs.OneTimeCode]:
        """The codes that count for a purchase, with the tries they have left, the newest first."""
        counting = [
            replace(each, tries_left=self.code_tries.get((kpm_id, each.code_id), each.tries_left))
            for each in self.codes
            if (each.kpm_id, each.purchase_id, each.shop_id)
            == (kpm_id, request.purchase_id, request.shop_id)
        ]
        return counting[: proofs.CODES_COUNTED]

    def set_pin_tries(self, kpm_id: KpmId, tries_left: int) -> None:
        """The next wrong PIN of this family counts on from here."""
        stored = self.pins.get(kpm_id)
        if stored is not None and stored.tries_left != tries_left:
            self.pins[kpm_id] = replace(stored, tries_left=tries_left)
            self.pin_tries[kpm_id] = tries_left

    def spend(self, kpm_id: KpmId, draws: tuple[Draw, ...]) -> None:
        """The next purchase of this family finds this money gone, and nothing frozen."""
        before = self.tranches[kpm_id]
        opened = thawed(before)
        if opened is not before:
            self.thawing += [(kpm_id, each) for each in frozen(before)]
        taken = {each.wallet_id: each.amount for each in draws}
        self.tranches[kpm_id] = tuple(
            replace(each, spent=Rupiah(each.spent + taken.get(each.wallet_id, 0)))
            for each in opened
        )


def find_payers(tx: Tx, engine: Engine, requests: Sequence[PurchaseRequest]) -> list[Asked]:
    """The family behind each proof: cards and phones by the directory, the others by themselves."""
    keys = engine.keys
    cards = {p.card: keys.lookup(CARD, p.card) for p in _proofs(requests, CardProof)}
    cards |= {p.card: keys.lookup(CARD, p.card) for p in _proofs(requests, BankCardProof)}
    phones = {p.msisdn: keys.lookup(PHONE, p.msisdn) for p in _proofs(requests, PhoneProof)}
    with one_trip(tx):
        look_up_by_index(tx)
        known_cards = batch_facts.credentials(tx, CARD, cards.values())
        known_phones = batch_facts.credentials(tx, PHONE, phones.values())
    by_card, by_phone = known_cards(), known_phones()

    def found(request: PurchaseRequest) -> Found:
        match request.proof:
            case CardProof(card) | BankCardProof(card):
                return found_by_card(by_card.get(cards[card]))
            case PhoneProof(msisdn):
                return found_by_phone(by_phone.get(phones[msisdn]))
            case TokenProof() as proof:
                return found_by_token(engine, proof, request.place)
            case QrProof() as proof:
                return found_by_code(engine, proof, request.place)

    return [Asked(request, found(request)) for request in requests]


def _proofs(requests: Sequence[PurchaseRequest], kind: type[Proof]) -> list[Proof]:
    return [each.proof for each in requests if isinstance(each.proof, kind)]


def read_facts(
    tx: Tx, engine: Engine, batch: Sequence[Asked], reference: Reference | None = None
) -> BatchFacts:
    """Lock the wallets in key order, then read; a batch of repeats reads no further.

    `reference` when it was read elsewhere.
    """
    now = engine.now()
    with one_trip(tx):
        tranches = batch_facts.lock_tranches(tx, _families(batch))
        answered = batch_facts.claims(tx, {each.request.purchase_id for each in batch})
        living = still_living(tx, (each.request.session for each in batch), now)
    claims = answered()
    opened = {name: claim for name, claim in claims.items() if not claim.answer}
    for name in opened:
        del claims[name]
    facts = BatchFacts(engine.now(), claims, tranches(), living(), opened=opened)
    fresh = [
        each for each in batch if not (facts.answered(each.request) or facts.skewed(each.request))
    ]
    if fresh:
        with one_trip(tx):
            shop_ids = {each.request.shop_id for each in fresh}
            known = _given(reference) if reference else ask_reference(tx, engine, shop_ids)
            states = batch_facts.family_states(tx, _families(fresh))
            take_proofs = _ask_proofs(tx, facts, fresh)
            accounts = accounts_of(tx, _with_a_bank(facts)) if engine.banks else dict
            aside = ask_living(tx, facts.tranches)
        _read_standing(tx, facts, known(), states(), fresh)
        take_proofs()
        facts.accounts, facts.reserves.living = accounts(), aside()
    return facts


def _with_a_bank(facts: BatchFacts) -> set[KpmId]:
    """The families some of whose money lies with a bank."""
    return {
        kpm_id
        for kpm_id, tranches in facts.tranches.items()
        if any(each.custodian != ENGINE for each in tranches)
    }


def _families(batch: Sequence[Asked]) -> set[KpmId]:
    return {each.found.kpm_id for each in batch if each.found.kpm_id is not None}


def ask_reference(tx: Tx, engine: Engine, shop_ids: Collection[str]) -> Later[Reference]:
    """These shops and the catalogue in force, when the trip is over."""
    catalogue, shops = engine.ask_catalogue(tx), batch_facts.shops_of(tx, shop_ids)
    return lambda: Reference(catalogue(), shops())


def _given(reference: Reference) -> Later[Reference]:
    return lambda: reference


def _read_standing(
    tx: Tx,
    facts: BatchFacts,
    reference: Reference,
    states: dict[KpmId, str],
    fresh: Sequence[Asked],
) -> None:
    facts.shops, facts.catalogue = reference.shops, reference.catalogue
    facts.family_states = states
    baskets = [
        Basket(kpm_id, shop, each.request.till_id, each.request.lines, each.request.shown_at)
        for each in fresh
        if (kpm_id := each.found.kpm_id) is not None
        and (shop := facts.shops.get(each.request.shop_id)) is not None
    ]
    facts.day_use = read_day_use(tx, facts.catalogue, facts.now, baskets)
    stopped = [k for k, status in facts.family_states.items() if status != ACTIVE]
    facts.suspensions = {kpm_id: told(tx, facts.catalogue.zones, kpm_id) for kpm_id in stopped}


def _ask_proofs(tx: Tx, facts: BatchFacts, fresh: Sequence[Asked]) -> Later[None]:
    """PINs before codes, each in key order: whoever locks both locks them in this order."""
    known = [(each.found.kpm_id, each) for each in fresh if each.found.kpm_id is not None]
    cards = {
        (kpm_id, each.found.reference)
        for kpm_id, each in known
        if isinstance(each.request.proof, CardProof | BankCardProof)
    }
    own = {kpm_id for kpm_id, each in known if isinstance(each.request.proof, CardProof)}
    card_states = batch_facts.card_states(tx, cards)
    pins = batch_facts.lock_pins(tx, own)
    codes = batch_facts.lock_codes(
        tx,
        {
            (kpm_id, each.request.purchase_id)
            for kpm_id, each in known
            if isinstance(each.request.proof, PhoneProof)
        },
    )
    tokens = [each.found.token for _, each in known if each.found.token is not None]
    used_tokens = batch_facts.used_tokens(tx, {(t.kpm_id, t.token_id) for t in tokens})
    named = {str(t.evidence.get(DELEGATION)) for t in tokens if t.method is Method.DELEGATE}
    delegated = delegations.states_of(tx, named)

    def take() -> None:
        facts.card_states, facts.pins = card_states(), pins()
        facts.codes, facts.used_tokens = codes(), used_tokens()
        facts.delegations = delegated()

    return take
