"""Who pays: find the family behind a proof, then check the proof itself."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from pos_engine.engine import Engine
from pos_engine.rules.identity import TRIES_MAX, Method
from pos_engine.rules.ids import KpmId, PersonId, ShopId, TillId
from pos_engine.rules.reasons import Reason
from pos_engine.services.tokens import PayerToken, read_payer_token
from pos_engine.store import families, proofs
from pos_engine.store.database import Tx

CARD, PHONE, NIK = "KKS", "PHONE", "NIK"
CARD_REASONS = {
    "BLOCKED": Reason.CARD_BLOCKED,
    "LOST": Reason.CARD_LOST,
    "EXPIRED": Reason.CARD_EXPIRED,
}


@dataclass(frozen=True, slots=True, repr=False)
class CardProof:
    """Our own card and the PIN belanja."""

    card: str
    pin: str


@dataclass(frozen=True, slots=True, repr=False)
class PhoneProof:
    """A phone number (E.164) and the code that was sent to it."""

    msisdn: str
    code: str


@dataclass(frozen=True, slots=True, repr=False)
class TokenProof:
    """A payer token from identify."""

    token: str


PayerProof = CardProof | PhoneProof | TokenProof


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
    """Find the family: by card, by phone, or by a token (even an expired one)."""
    match proof:
        case CardProof():
            lookup = engine.keys.lookup(CARD, proof.card)
            known = families.find_credential(tx, CARD, lookup)
            return _found(Method.KKS, known, Reason.CARD_UNKNOWN)
        case PhoneProof():
            lookup = engine.keys.lookup(PHONE, proof.msisdn)
            known = families.find_credential(tx, PHONE, lookup)
            return _found(Method.PHONE, known, Reason.PAYER_UNKNOWN)
        case TokenProof():
            return _found_by_token(engine, proof, place)


def _found(method: Method, known: families.Known | None, missing: Reason) -> Found:
    if known is None:
        return Found(method, reason=missing)
    return Found(method, known.kpm_id, known.person_id, known.reference)


def _found_by_token(engine: Engine, proof: TokenProof, place: Place) -> Found:
    token = read_payer_token(engine.keys, proof.token)
    if token is None or not token.bound_to(place.shop_id, place.till_id):
        return Found(Method.UNKNOWN, reason=Reason.PAYER_UNKNOWN)
    return Found(token.method, token.kpm_id, token.person_id, token=token)


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
        return Checked(proven=False, reasons=(found.reason or Reason.PAYER_UNKNOWN,))
    match proof:
        case CardProof():
            return _check_card(tx, engine, found, found.kpm_id, proof)
        case PhoneProof():
            return check_code(
                tx, engine, found.kpm_id, place.shop_id, purchase_id, proof.code, amount, now
            )
        case TokenProof():
            return _check_token(tx, found, purchase_id, amount, now)


def _check_card(tx: Tx, engine: Engine, found: Found, kpm_id: KpmId, proof: CardProof) -> Checked:
    status = families.card_status(tx, kpm_id, found.reference)
    if status != families.ACTIVE:
        return Checked(proven=False, reasons=(CARD_REASONS.get(status or "", Reason.CARD_UNKNOWN),))
    return check_pin(tx, engine, kpm_id, proof.pin)


def check_pin(tx: Tx, engine: Engine, kpm_id: KpmId, pin: str) -> Checked:
    """Check a PIN belanja. Three wrong ones block the PIN, never the family's other ways."""
    stored = proofs.lock_pin(tx, kpm_id)
    if stored is None or stored.tries_left <= 0:
        return Checked(proven=False, reasons=(Reason.PIN_BLOCKED,))
    if secrets.compare_digest(stored.verifier, engine.keys.pin_verifier(kpm_id, pin)):
        if stored.tries_left != TRIES_MAX:
            proofs.set_pin_tries(tx, kpm_id, TRIES_MAX)
        return Checked(proven=True)
    proofs.set_pin_tries(tx, kpm_id, stored.tries_left - 1)
    return Checked(proven=False, reasons=(Reason.PIN_WRONG,))


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
    living = [each for each in counting if each.expires_at >= now and each.tries_left > 0]
    for each in living:
        if secrets.compare_digest(each.code_hmac, engine.keys.code_verifier(each.code_id, code)):
            if amount <= each.amount_max:
                return Checked(proven=True, code_id=each.code_id)
            return Checked(proven=False, reasons=(Reason.CODE_WRONG,))
    if counting and not living and all(each.expires_at < now for each in counting):
        return Checked(proven=False, reasons=(Reason.CODE_EXPIRED,))
    for each in living:
        proofs.set_code_tries(tx, kpm_id, each.code_id, each.tries_left - 1)
    return Checked(proven=False, reasons=(Reason.CODE_WRONG,))


def _check_token(tx: Tx, found: Found, purchase_id: str, amount: int, now: datetime) -> Checked:
    token = found.token
    if token is None or token.expires_at < now:
        return Checked(proven=False, reasons=(Reason.PAYER_TOKEN_EXPIRED,))
    if proofs.token_used(tx, token.kpm_id, token.token_id):
        return Checked(proven=False, reasons=(Reason.PAYER_TOKEN_USED,))
    if not token.proven:
        return Checked(proven=False, reasons=(Reason.STEP_UP_REQUIRED,))
    outside = token.purchase_id is not None and token.purchase_id != purchase_id
    if outside or (token.amount_max is not None and amount > token.amount_max):
        return Checked(proven=False, reasons=(Reason.CODE_WRONG,))
    return Checked(proven=True)
