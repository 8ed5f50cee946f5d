"""Identify a payer by card or phone, and the step-up that turns a claim into a proof."""

import secrets
from dataclasses import dataclass, replace

from pos_engine.engine import Engine
from pos_engine.rules.identity import Method
from pos_engine.rules.reasons import Reason
from pos_engine.services.codes import Prepared, prepare_code, send
from pos_engine.services.identification import (
    CODE_FACTOR,
    DATE_FACTOR,
    PIN_FACTOR,
    Asked,
    Identification,
    Status,
    date_to_ask,
    factors_of,
    logged,
    proven,
    refused,
    step_up_needed,
)
from pos_engine.services.payer import (
    PHONE,
    CardProof,
    Checked,
    Place,
    TokenProof,
    check_code,
    check_pin,
    check_proof,
    find_payer,
)
from pos_engine.services.phone_signs import is_silent, trust_again
from pos_engine.services.refresh import keep_frames
from pos_engine.services.tokens import PayerToken, read_payer_token
from pos_engine.store import families, proofs
from pos_engine.store.database import Tx
from pos_engine.wire.response import WORDINGS


def identify_card(engine: Engine, asked: Asked, proof: CardProof) -> Identification:
    """Card and PIN belanja."""

    def work(tx: Tx) -> Identification:
        found = find_payer(tx, engine, proof, asked.place)
        checked = check_proof(tx, engine, found, proof, asked.place, "", 0, asked.now)
        if found.kpm_id is None or found.person_id is None or not checked.proven:
            return logged(tx, asked, refused(Method.KKS, checked.reasons[0]), found.kpm_id)
        return logged(tx, asked, proven(tx, asked, found.kpm_id, found.person_id, Method.KKS))

    return engine.database.transact(work)


def identify_phone(
    engine: Engine, asked: Asked, msisdn: str, purchase_id: str, amount: int
) -> Identification:
    """Send a code to the phone; it is good for this purchase and at most this amount."""

    def work(tx: Tx) -> Identification | tuple[Identification, Prepared | None]:
        known = families.find_credential(tx, PHONE, engine.keys.lookup(PHONE, msisdn))
        if known is None:
            return logged(tx, asked, refused(Method.PHONE, Reason.PAYER_UNKNOWN))
        if is_silent(tx, known.kpm_id, known.reference, asked.now):
            return logged(tx, asked, _silent_number(tx, asked, known))
        bounds = (purchase_id, amount)
        prepared = prepare_code(
            tx, engine, known.kpm_id, asked.shop, bounds, asked.now, known.reference
        )
        step_up = (CODE_FACTOR,) if prepared else ()
        answer = step_up_needed(asked, known.kpm_id, known.person_id, Method.PHONE, step_up)
        return logged(tx, asked, answer), prepared

    done = engine.database.transact(work)
    return done if isinstance(done, Identification) else _with_sending(engine, *done)


def _silent_number(tx: Tx, asked: Asked, known: families.Known) -> Identification:
    """A number that was silent for 90 days only says whom to ask for another proof."""
    factors = (PIN_FACTOR,) if proofs.has_pin(tx, known.kpm_id) else ()
    answer = step_up_needed(asked, known.kpm_id, known.person_id, Method.PHONE, factors)
    message = "Nomor ini lama tidak dipakai, jadi kode tidak dikirim."
    return replace(answer, message=message, next_step="Pakai kartu, KTP, atau wajah.")


def _with_sending(
    engine: Engine, answer: Identification, prepared: Prepared | None
) -> Identification:
    if prepared is None:
        message = "Terlalu banyak kode diminta atau HP belum terdaftar."
        return _not_sent(answer, message, "Tunggu 10 menit atau pakai cara lain.")
    if not send(engine, prepared):
        message = "Kode belum bisa dikirim lewat SMS."
        return _not_sent(answer, message, "Coba lagi atau pakai cara lain.")
    message = "Kode sudah dikirim ke HP Ibu/Bapak."
    return replace(answer, message=message, next_step="Masukkan 6 angka dari SMS.")


def _not_sent(answer: Identification, message: str, next_step: str) -> Identification:
    """No code is on its way, so none is asked for: what else was offered still is."""
    token = answer.token
    if token is not None:
        left = tuple(each for each in token.step_up if each != CODE_FACTOR)
        token = replace(token, step_up=left)
    return replace(answer, token=token, message=message, next_step=next_step)


@dataclass(frozen=True, slots=True, repr=False)
class Factor:
    """A second factor: `value` None asks for a code to be sent for (purchase, amount)."""

    kind: str
    value: str | None
    purchase_id: str
    amount: int


def continue_with(engine: Engine, asked: Asked, token_text: str, factor: Factor) -> Identification:
    """The step-up: an offered factor turns a claim into a proof, and only then the name shows."""
    token = read_payer_token(engine.keys, token_text)
    if token is None or not token.bound_to(asked.place.shop_id, asked.place.till_id):
        return refused(Method.UNKNOWN, Reason.PAYER_UNKNOWN)
    if token.expires_at < asked.now:
        return refused(token.method, Reason.PAYER_TOKEN_EXPIRED)
    if factor.kind not in token.step_up:  # what was not offered is not looked at: no try is spent
        asking = _still_asked(token, Reason.STEP_UP_REQUIRED)
        return engine.database.transact(lambda tx: logged(tx, asked, asking))
    if factor.kind == CODE_FACTOR and factor.value is None:
        return _send_code(engine, asked, token, factor)

    def work(tx: Tx) -> Identification:
        checked = _check_factor(tx, engine, asked, token, factor)
        if not checked.proven:
            missed = logged(tx, asked, _still_asked(token, checked.reasons[0]))
            return replace(missed, token=replace(token, step_up=_left(tx, asked, token)))
        if checked.code_id is not None:
            proofs.use_code(tx, token.kpm_id, checked.code_id, asked.now)
        if factor.kind in (PIN_FACTOR, CODE_FACTOR):
            keep_frames(tx, token, asked.now)
        if factor.kind == CODE_FACTOR and token.method is not Method.PHONE:
            trust_again(tx, token.kpm_id, asked.now)
        bounds = (factor.purchase_id, factor.amount) if factor.kind == CODE_FACTOR else None
        evidence = token.evidence if token.method is Method.DELEGATE else None
        who = (token.kpm_id, token.person_id, token.method)
        return logged(tx, asked, proven(tx, asked, *who, bounds, evidence))

    return engine.database.transact(work)


def _check_factor(
    tx: Tx, engine: Engine, asked: Asked, token: PayerToken, factor: Factor
) -> Checked:
    if factor.kind == PIN_FACTOR:
        return check_pin(tx, engine, token.kpm_id, factor.value or "")
    if factor.kind == DATE_FACTOR:
        return _check_date(tx, asked, token, factor.value or "")
    return check_code(
        tx,
        engine,
        token.kpm_id,
        asked.place.shop_id,
        _act(token, factor.purchase_id),
        factor.value or "",
        factor.amount,
        asked.now,
    )


def _send_code(engine: Engine, asked: Asked, token: PayerToken, factor: Factor) -> Identification:
    bounds = (_act(token, factor.purchase_id), factor.amount)
    prepared = engine.database.transact(lambda tx: _prepared(tx, engine, asked, token, bounds))
    answer = Identification(Status.STEP_UP, token.method, token, Reason.STEP_UP_REQUIRED)
    return _with_sending(engine, answer, prepared)


def _prepared(
    tx: Tx, engine: Engine, asked: Asked, token: PayerToken, bounds: tuple[str, int]
) -> Prepared | None:
    return prepare_code(tx, engine, token.kpm_id, asked.shop, bounds, asked.now)


def _act(token: PayerToken, purchase_id: str) -> str:
    """A code beside another proof is of that proof alone: it never pays with the number only."""
    return purchase_id if token.method is Method.PHONE else f"{purchase_id}+"


def _check_date(tx: Tx, asked: Asked, token: PayerToken, value: str) -> Checked:
    """Three wrong dates in a day end this factor, whichever token and till they came with."""
    born = date_to_ask(tx, asked, token.kpm_id, token.person_id)
    if born is None:
        return Checked(proven=False, reasons=(Reason.STEP_UP_REQUIRED,))
    if secrets.compare_digest(value.encode(), born.isoformat().encode()):
        return Checked(proven=True)
    return Checked(proven=False, reasons=(Reason.BIRTH_DATE_WRONG,))


def _still_asked(token: PayerToken, reason: Reason) -> Identification:
    """Nothing was proven: the same claim stands."""
    wording = WORDINGS[reason]
    return Identification(
        Status.STEP_UP, token.method, token, reason, wording.sentence, wording.next_step
    )


def _left(tx: Tx, asked: Asked, token: PayerToken) -> tuple[str, ...]:
    """Of the factors that were offered, those that still work. None is ever added."""
    working = factors_of(tx, token.kpm_id)
    if DATE_FACTOR in token.step_up and date_to_ask(tx, asked, token.kpm_id, token.person_id):
        working = (*working, DATE_FACTOR)
    return tuple(each for each in token.step_up if each in working)


def token_of(engine: Engine, proof: TokenProof, place: Place) -> PayerToken | None:
    """The payer token behind a text when it belongs to this till."""
    token = read_payer_token(engine.keys, proof.token)
    return token if token and token.bound_to(place.shop_id, place.till_id) else None
