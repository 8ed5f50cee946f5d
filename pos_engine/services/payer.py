"""Who pays: find the family behind a proof, then check the proof itself."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pos_engine.engine import Engine
from pos_engine.rules.identity import TRIES_MAX, Method
from pos_engine.rules.ids import KpmId, PersonId, ShopId, TillId
from pos_engine.rules.reasons import Reason
from pos_engine.services.kpm_code import read_code
from pos_engine.services.tokens import PayerToken, read_payer_token
from pos_engine.store import families, proofs
from pos_engine.store.database import Tx

CARD, PHONE, NIK = "KKS", "PHONE", "NIK"
CARD_REASONS = {
    "BLOCKED": Reason.CARD_BLOCKED,
    "BLOCKED_PIN": Reason.PIN_BLOCKED,
    "ISSUED": Reason.CARD_BLOCKED,
    "UNDISTRIBUTED": Reason.CARD_BLOCKED,
    "DISTRIBUTED": Reason.CARD_BLOCKED,
    "LOST": Reason.CARD_LOST,
    "SWALLOWED": Reason.CARD_LOST,
    "REPLACED": Reason.CARD_EXPIRED,
    "EXPIRED": Reason.CARD_EXPIRED,
}


@dataclass(frozen=True, slots=True, repr=False)
class CardProof:
    """Our own card and the PIN belanja; `card` is its number, or the text of its sticker."""

    card: str
    pin: str


@dataclass(frozen=True, slots=True, repr=False)
class SealedProof:
    """A card whose PIN was sealed on the page. No service takes it: the way in opens it first."""

    proof: CardProof  # without its PIN
    sealed: str


@dataclass(frozen=True, slots=True, repr=False)
class BankCardProof:
    """A bank's own card: its PIN block and key serial number pass through to that bank, opaque.

    We keep neither, nor the number: who pays is known by its keyed hash.
    """

    card: str
    pin_block: str
    ksn: str


@dataclass(frozen=True, slots=True, repr=False)
class PhoneProof:
    """A phone number (E.164) and the code that was sent to it."""

    msisdn: str
    code: str


@dataclass(frozen=True, slots=True, repr=False)
class TokenProof:
    """A payer token from identify."""

    token: str


@dataclass(frozen=True, slots=True, repr=False)
class QrProof:
    """The code that the KPM's telephone shows."""

    code: str


CodeTries = dict[tuple[KpmId, str], int]  # what is left, by family and code
PayerProof = CardProof | BankCardProof | PhoneProof | TokenProof | QrProof


@dataclass(frozen=True, slots=True)
class Place:
    """Where the proof is shown."""

    shop_id: ShopId
    till_id: TillId


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a proof means, before it is checked. `reason` says why nobody was found."""

    method: Method
    kpm_id: KpmId | None = None
    person_id: PersonId | None = None
    reference: str = ""
    token: PayerToken | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of checking a proof: proven, or the reasons why not."""

    proven: bool
    reasons: tuple[Reason, ...] = ()
    code_id: str | None = None  # to be used up by the purchase it approves


def find_payer(tx: Tx, engine: Engine, proof: PayerProof, place: Place) -> Found:
    """Find the family: by card, by phone, by a token or a shown code (even an expired one)."""
    match proof:
        case CardProof() | BankCardProof():
            lookup = engine.keys.lookup(CARD, proof.card)
            return found_by_card(families.find_credential(tx, CARD, lookup))
        case PhoneProof():
            lookup = engine.keys.lookup(PHONE, proof.msisdn)
            return found_by_phone(families.find_credential(tx, PHONE, lookup))
        case TokenProof():
            return found_by_token(engine, proof, place)
        case QrProof():
            return found_by_code(engine, proof, place)


def found_by_card(known: families.Known | None) -> Found:
    """The family behind a card number."""
    return _found(Method.KKS, known, Reason.CARD_UNKNOWN)


def found_by_phone(known: families.Known | None) -> Found:
    """The family behind a phone number."""
    return _found(Method.PHONE, known, Reason.PAYER_UNKNOWN)


def _found(method: Method, known: families.Known | None, missing: Reason) -> Found:
    if known is None:
        return Found(method, reason=missing)
    return Found(method, known.kpm_id, known.person_id, known.reference)


def found_by_token(engine: Engine, proof: TokenProof, place: Place) -> Found:
    """The family that a token of this till means, even an expired one."""
    token = read_payer_token(engine.keys, proof.token)
    if token is None or not token.bound_to(place.shop_id, place.till_id):
        return Found(Method.UNKNOWN, reason=Reason.PAYER_UNKNOWN)
    return Found(token.method, token.kpm_id, token.person_id, token=token)


def found_by_code(engine: Engine, proof: QrProof, place: Place) -> Found:
    """The family behind a shown code; it is used up as a payer token is, by its own id."""
    code = read_code(engine, proof.code)
    if code is None:
        return Found(Method.QR, reason=Reason.PAYER_UNKNOWN)
    token = PayerToken(
        token_id=code.code_id,
        kpm_id=code.kpm_id,
        person_id=code.person_id,
        shop_id=place.shop_id,
        till_id=place.till_id,
        method=Method.QR,
        proven=True,
        expires_at=code.expires_at,
    )
    return Found(Method.QR, code.kpm_id, code.person_id, token=token)


def check_proof(
    tx: Tx,
    engine: Engine,
    found: Found,
    proof: PayerProof,
    place: Place,
    purchase_id: str,
    amount: int,
    now: datetime,
) -> Checked:
    """Check a proof inside the transaction that decides; tries are counted here, under a lock."""
    if found.kpm_id is None:
        return nobody(found)
    match proof:
        case CardProof():
            return _check_card(tx, engine, found, found.kpm_id, proof)
        case BankCardProof():
            return bank_card_checked(families.card_status(tx, found.kpm_id, found.reference))
        case PhoneProof():
            return check_code(
                tx, engine, found.kpm_id, place.shop_id, purchase_id, proof.code, amount, now
            )
        case TokenProof() | QrProof():
            token = found.token
            used = token is not None and proofs.token_used(tx, token.kpm_id, token.token_id)
            return token_checked(found, purchase_id, amount, now, used=used)


def nobody(found: Found) -> Checked:
    """The result when a proof means no family."""
    return Checked(proven=False, reasons=(found.reason or Reason.PAYER_UNKNOWN,))


def _check_card(tx: Tx, engine: Engine, found: Found, kpm_id: KpmId, proof: CardProof) -> Checked:
    stopped = card_stopped(families.card_status(tx, kpm_id, found.reference))
    return stopped or check_pin(tx, engine, kpm_id, proof.pin)


def card_stopped(status: str | None) -> Checked | None:
    """Why this card is not asked for its PIN; None when it works."""
    if status == families.ACTIVE:
        return None
    return Checked(proven=False, reasons=(CARD_REASONS.get(status or "", Reason.CARD_UNKNOWN),))


def bank_card_checked(status: str | None) -> Checked:
    """A bank's card is as good as its PIN, which its bank checks when it is asked to pay."""
    return card_stopped(status) or Checked(proven=True)


def check_pin(tx: Tx, engine: Engine, kpm_id: KpmId, pin: str) -> Checked:
    """Check a PIN belanja. Three wrong ones block the PIN, never the family's other ways."""
    stored = proofs.lock_pin(tx, kpm_id)
    checked, tries_left = pin_checked(stored, engine.keys.pin_verifier(kpm_id, pin))
    if stored is not None and stored.tries_left != tries_left:
        proofs.set_pin_tries(tx, {kpm_id: tries_left})
    return checked


def pin_checked(stored: proofs.Pin | None, verifier: bytes) -> tuple[Checked, int]:
    """The result of a PIN, and the tries that are left after it."""
    if stored is None or stored.tries_left <= 0:
        return Checked(proven=False, reasons=(Reason.PIN_BLOCKED,)), 0
    if secrets.compare_digest(stored.verifier, verifier):
        return Checked(proven=True), TRIES_MAX
    return Checked(proven=False, reasons=(Reason.PIN_WRONG,)), stored.tries_left - 1


def check_code(
    tx: Tx,
    engine: Engine,
    kpm_id: KpmId,
    shop_id: str,
    purchase_id: str,
    code: str,
    amount: int,
    now: datetime,
) -> Checked:
    """Check a one-time code for this shop, this purchase and at most its amount."""
    counting = proofs.lock_codes(tx, kpm_id, shop_id, purchase_id)
    checked, tries = code_checked(engine, counting, code, amount, now)
    proofs.set_code_tries(tx, tries)
    return checked


def code_checked(
    engine: Engine,
    counting: Sequence[proofs.OneTimeCode],
    code: str,
    amount: int,
    now: datetime,
) -> tuple[Checked, CodeTries]:
    """The result of a code against those that count, and the tries to write."""
    living = [each for each in counting if each.expires_at >= now and each.tries_left > 0]
    for each in living:
        if secrets.compare_digest(each.code_hmac, engine.keys.code_verifier(each.code_id, code)):
            if amount <= each.amount_max:
                return Checked(proven=True, code_id=each.code_id), {}
            return Checked(proven=False, reasons=(Reason.CODE_WRONG,)), {}
    if counting and not living and all(each.expires_at < now for each in counting):
        return Checked(proven=False, reasons=(Reason.CODE_EXPIRED,)), {}
    tries = {(each.kpm_id, each.code_id): each.tries_left - 1 for each in living}
    return Checked(proven=False, reasons=(Reason.CODE_WRONG,)), tries


def token_checked(
    found: Found, purchase_id: str, amount: int, now: datetime, *, used: bool
) -> Checked:
    """The result of a payer token; `used` says whether it bought something already."""
    token = found.token
    if token is None or token.expires_at < now:
        shown = found.method is Method.QR and token is not None and token.purchase_id is None
        reason = Reason.CODE_EXPIRED if shown else Reason.PAYER_TOKEN_EXPIRED
        return Checked(proven=False, reasons=(reason,))
    if used:
        return Checked(proven=False, reasons=(Reason.PAYER_TOKEN_USED,))
    if not token.proven:
        return Checked(proven=False, reasons=(Reason.STEP_UP_REQUIRED,))
    outside = token.purchase_id is not None and token.purchase_id != purchase_id
    if outside or (token.amount_max is not None and amount > token.amount_max):
        vouched = token.method is Method.SUPERVISED  # for less than this basket
        reason = Reason.STEP_UP_REQUIRED if vouched else Reason.CODE_WRONG
        return Checked(proven=False, reasons=(reason,))
    return Checked(proven=True)
