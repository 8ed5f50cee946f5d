"""Identify a payer before the purchase: card, phone, KTP or face, and the step-up."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from biometrics.gallery import ExactGallery, Scope
from biometrics.policy import Ambiguous, Match, NoMatch, Rejected, identify, verify
from biometrics.template import Template
from pos_engine.engine import Engine
from pos_engine.rules.identity import Method, masked_name
from pos_engine.rules.ids import KpmId, PersonId, new_uuid7
from pos_engine.rules.reasons import Reason
from pos_engine.services.codes import Prepared, prepare_code, send
from pos_engine.services.faces import Unreadable, one_template, open_gallery
from pos_engine.services.payer import (
    NIK,
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
from pos_engine.services.sessions import Session
from pos_engine.services.tokens import (
    PayerToken,
    new_payer_token,
    open_quote,
    read_payer_token,
    sign_payer_token,
)
from pos_engine.store import attempts, families, proofs, shops, templates
from pos_engine.store.database import Tx
from pos_engine.wire.response import WORDINGS

CANDIDATES = 10
PIN_FACTOR, CODE_FACTOR = "PIN", "CODE"


class Status(StrEnum):
    """How far the identification is."""

    IDENTIFIED = "IDENTIFIED"
    STEP_UP = "STEP_UP"
    NOT_IDENTIFIED = "NOT_IDENTIFIED"
    RETAKE = "RETAKE"


@dataclass(frozen=True, slots=True)
class Searched:
    """Where a face was searched and how sure the search can be."""

    kind: str
    size: int
    score: float | None
    margin: float | None
    fpir_estimate: float
    model_id: str


@dataclass(frozen=True, slots=True)
class Identification:
    """The answer to the till. The name is masked and given only when IDENTIFIED."""

    status: Status
    method: Method
    token: PayerToken | None = None
    reason: Reason | None = None
    message: str = ""
    next_step: str = ""
    scope: Searched | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, where, and under which open quote."""

    session: Session
    shop: shops.Shop
    place: Place
    quote_id: str | None = None
    now: datetime = field(kw_only=True)


def signed_token(engine: Engine, identification: Identification) -> str | None:
    """The payer token as text."""
    token = identification.token
    return sign_payer_token(engine.keys, token) if token else None


def asked_at(engine: Engine, session: Session, place: Place, quote_id: str | None) -> Asked:
    """The circumstances of an identification at a till."""
    if session.shop is None:
        raise LookupError(session.session_id)
    now = engine.now()
    opened = open_quote(engine.keys, quote_id, place.shop_id, now)
    return Asked(session, session.shop, place, opened, now=now)


def identify_card(engine: Engine, asked: Asked, proof: CardProof) -> Identification:
    """Card and PIN belanja."""

    def work(tx: Tx) -> Identification:
        found = find_payer(tx, engine, proof, asked.place)
        checked = check_proof(tx, engine, found, proof, asked.place, "", 0, asked.now)
        if found.kpm_id is None or found.person_id is None or not checked.proven:
            return _log(tx, asked, _refused(Method.KKS, checked.reasons[0]), found.kpm_id)
        return _log(tx, asked, _proven(tx, asked, found.kpm_id, found.person_id, Method.KKS))

    return engine.database.transact(work)


def identify_phone(
    engine: Engine, asked: Asked, msisdn: str, purchase_id: str, amount: int
) -> Identification:
    """Send a code to the phone; it is good for this purchase and at most this amount."""

    def work(tx: Tx) -> tuple[Identification, Prepared | None]:
        known = families.find_credential(tx, PHONE, engine.keys.lookup(PHONE, msisdn))
        if known is None:
            return _log(tx, asked, _refused(Method.PHONE, Reason.PAYER_UNKNOWN)), None
        prepared = prepare_code(
            tx, engine, known.kpm_id, asked.shop, (purchase_id, amount), asked.now
        )
        step_up = (CODE_FACTOR,) if prepared else ()
        answer = _step_up(asked, known.kpm_id, known.person_id, Method.PHONE, step_up)
        return _log(tx, asked, answer), prepared

    answer, prepared = engine.database.transact(work)
    return _with_sending(engine, answer, prepared) if answer.token else answer


def _with_sending(
    engine: Engine, answer: Identification, prepared: Prepared | None
) -> Identification:
    if prepared is None:
        message = "Terlalu banyak kode diminta atau HP belum terdaftar."
        return replace(answer, message=message, next_step="Tunggu 10 menit atau pakai cara lain.")
    if not send(engine, prepared):
        message = "Kode belum bisa dikirim lewat SMS."
        return replace(answer, message=message, next_step="Coba lagi atau pakai cara lain.")
    message = "Kode sudah dikirim ke HP Ibu/Bapak."
    return replace(answer, message=message, next_step="Masukkan 6 angka dari SMS.")


def identify_face(engine: Engine, asked: Asked, images: list[bytes]) -> Identification:
    """Search the shop's families, then the village. A hit is a step-up, never a name."""
    probe = one_template(engine, images)
    if isinstance(probe, Unreadable):
        answer = _retake(Method.FACE, probe)
        return engine.database.transact(lambda tx: _log(tx, asked, answer))
    return engine.database.transact(lambda tx: _log(tx, asked, _search(tx, engine, asked, probe)))


def _search(tx: Tx, engine: Engine, asked: Asked, probe: Template) -> Identification:
    scopes = (
        (Scope("SHOP", asked.place.shop_id), {"shop_id": asked.place.shop_id}),
        (Scope("VILLAGE", asked.shop.region), {"village": asked.shop.region}),
    )
    answer = _refused(Method.FACE, Reason.FACE_NO_MATCH)
    for scope, where in scopes:
        rows = templates.gallery(tx, probe.model_id, **where)
        gallery = open_gallery(engine.keys, rows, probe.model_id, scope)
        answer = _judge_search(tx, engine, asked, gallery, scope, probe)
        if answer.reason is not Reason.FACE_NO_MATCH:
            return answer
    return answer


def _judge_search(
    tx: Tx, engine: Engine, asked: Asked, gallery: ExactGallery, scope: Scope, probe: Template
) -> Identification:
    candidates = gallery.search(probe, scope, CANDIDATES)
    size = gallery.size_families(scope)
    match identify(candidates, gallery.size_templates(scope), engine.thresholds):
        case Match(candidate=best, margin=margin, fpir=fpir):
            searched = Searched(scope.kind, size, best.score, margin, fpir, probe.model_id)
            kpm_id, person_id = KpmId(best.family_id), PersonId(best.person_id)
            factors = _factors(tx, kpm_id)
            hit = _step_up(asked, kpm_id, person_id, Method.FACE, factors)
            return replace(hit, scope=searched)
        case Ambiguous(candidate=best, margin=margin):
            searched = Searched(scope.kind, size, best.score, margin, 1.0, probe.model_id)
            return replace(_refused(Method.FACE, Reason.FACE_AMBIGUOUS), scope=searched)
        case NoMatch(best_score=score):
            searched = Searched(scope.kind, size, score, None, 0.0, probe.model_id)
            return replace(_refused(Method.FACE, Reason.FACE_NO_MATCH), scope=searched)


def identify_ktp(engine: Engine, asked: Asked, nik: str, images: list[bytes]) -> Identification:
    """A NIK claims who it is; the face is compared with that person alone (1:1)."""
    probe = one_template(engine, images)
    if isinstance(probe, Unreadable):
        answer = _retake(Method.KTP, probe)
        return engine.database.transact(lambda tx: _log(tx, asked, answer))

    def work(tx: Tx) -> Identification:
        known = families.find_credential(tx, NIK, engine.keys.lookup(NIK, nik))
        if known is None:
            return _log(tx, asked, _refused(Method.KTP, Reason.PAYER_UNKNOWN))
        return _log(tx, asked, _verify(tx, engine, asked, known, probe))

    return engine.database.transact(work)


def _verify(
    tx: Tx, engine: Engine, asked: Asked, known: families.Known, probe: Template
) -> Identification:
    rows = templates.gallery(tx, probe.model_id, kpm_id=known.kpm_id)
    mine = [row for row in rows if row.person_id == known.person_id]
    scope = Scope("PERSON", known.person_id)
    gallery = open_gallery(engine.keys, mine, probe.model_id, scope)
    best = next(iter(gallery.search(probe, scope, 1)), None)
    score = best.score if best else -1.0
    searched = Searched(scope.kind, 1, score, None, 0.0, probe.model_id)
    if isinstance(verify(score, engine.thresholds), Rejected):
        return replace(_refused(Method.KTP, Reason.FACE_NO_MATCH), scope=searched)
    factors = _factors(tx, known.kpm_id)
    hit = _step_up(asked, known.kpm_id, known.person_id, Method.KTP, factors)
    return replace(hit, scope=searched)


def _factors(tx: Tx, kpm_id: KpmId) -> tuple[str, ...]:
    """The second factors this family has today."""
    pin = (PIN_FACTOR,) if proofs.has_pin(tx, kpm_id) else ()
    return (*pin, CODE_FACTOR) if families.phones_of(tx, kpm_id) else pin


@dataclass(frozen=True, slots=True, repr=False)
class Factor:
    """A second factor: `value` None asks for a code to be sent for (purchase, amount)."""

    kind: str
    value: str | None
    purchase_id: str
    amount: int


def continue_with(engine: Engine, asked: Asked, token_text: str, factor: Factor) -> Identification:
    """The step-up: a PIN or a code turns a claim into a proof, and only then the name shows."""
    token = read_payer_token(engine.keys, token_text)
    if token is None or not token.bound_to(asked.place.shop_id, asked.place.till_id):
        return _refused(Method.UNKNOWN, Reason.PAYER_UNKNOWN)
    if token.expires_at < asked.now:
        return _refused(token.method, Reason.PAYER_TOKEN_EXPIRED)
    if factor.kind == CODE_FACTOR and factor.value is None:
        return _send_code(engine, asked, token, factor)

    def work(tx: Tx) -> Identification:
        checked = _check_factor(tx, engine, asked, token, factor)
        if not checked.proven:
            missed = _missed(tx, token, checked)
            return _log(tx, asked, missed, token.kpm_id)
        if checked.code_id is not None:
            proofs.use_code(tx, token.kpm_id, checked.code_id, asked.now)
        bounds = (factor.purchase_id, factor.amount) if factor.kind == CODE_FACTOR else None
        proven = _proven(tx, asked, token.kpm_id, token.person_id, token.method, bounds)
        return _log(tx, asked, proven)

    return engine.database.transact(work)


def _check_factor(
    tx: Tx, engine: Engine, asked: Asked, token: PayerToken, factor: Factor
) -> Checked:
    if factor.kind == PIN_FACTOR:
        return check_pin(tx, engine, token.kpm_id, factor.value or "")
    return check_code(
        tx,
        engine,
        token.kpm_id,
        asked.place.shop_id,
        factor.purchase_id,
        factor.value or "",
        factor.amount,
        asked.now,
    )


def _send_code(engine: Engine, asked: Asked, token: PayerToken, factor: Factor) -> Identification:
    bounds = (factor.purchase_id, factor.amount)
    prepared = engine.database.transact(
        lambda tx: prepare_code(tx, engine, token.kpm_id, asked.shop, bounds, asked.now)
    )
    answer = Identification(Status.STEP_UP, token.method, token, Reason.STEP_UP_REQUIRED)
    return _with_sending(engine, answer, prepared)


def _missed(tx: Tx, token: PayerToken, checked: Checked) -> Identification:
    """A wrong PIN or code: the same claim stands, the factors that still work are offered."""
    reason = checked.reasons[0]
    left = replace(token, step_up=_factors(tx, token.kpm_id))
    wording = WORDINGS[reason]
    return Identification(
        Status.STEP_UP, token.method, left, reason, wording.sentence, wording.next_step
    )


def token_of(engine: Engine, proof: TokenProof, place: Place) -> PayerToken | None:
    """The payer token behind a text when it belongs to this till."""
    token = read_payer_token(engine.keys, proof.token)
    return token if token and token.bound_to(place.shop_id, place.till_id) else None


def _proven(
    tx: Tx,
    asked: Asked,
    kpm_id: KpmId,
    person_id: PersonId,
    method: Method,
    bounds: tuple[str, int] | None = None,
) -> Identification:
    where = (asked.place.shop_id, asked.place.till_id)
    token = new_payer_token(kpm_id, person_id, where, method, asked.now, proven=True, bounds=bounds)
    persons = families.persons_of(tx, kpm_id)
    name = next((each.name for each in persons if each.person_id == person_id), "")
    return Identification(Status.IDENTIFIED, method, token, name=masked_name(name))


def _step_up(
    asked: Asked, kpm_id: KpmId, person_id: PersonId, method: Method, factors: tuple[str, ...]
) -> Identification:
    where = (asked.place.shop_id, asked.place.till_id)
    token = new_payer_token(
        kpm_id, person_id, where, method, asked.now, proven=False, step_up=factors
    )
    wording = WORDINGS[Reason.STEP_UP_REQUIRED]
    return Identification(
        Status.STEP_UP,
        method,
        token,
        Reason.STEP_UP_REQUIRED,
        wording.sentence,
        wording.next_step,
    )


def _refused(method: Method, reason: Reason) -> Identification:
    wording = WORDINGS[reason]
    return Identification(
        Status.NOT_IDENTIFIED,
        method,
        reason=reason,
        message=wording.sentence,
        next_step=wording.next_step,
    )


def _retake(method: Method, unreadable: Unreadable) -> Identification:
    wording = WORDINGS[unreadable.reason]
    return Identification(
        Status.RETAKE,
        method,
        reason=unreadable.reason,
        message=f"{wording.sentence} {unreadable.hint}",
        next_step=wording.next_step,
    )


def _log(
    tx: Tx, asked: Asked, answer: Identification, kpm_id: KpmId | None = None
) -> Identification:
    """Every attempt is kept, with the risk of a face search, for the family and the auditor."""
    scope = answer.scope
    attempts.add_attempt(
        tx,
        attempts.Attempt(
            attempt_id=new_uuid7(asked.now),
            shop_id=asked.place.shop_id,
            till_id=asked.place.till_id,
            staff_id=asked.session.staff_id,
            kpm_id=answer.token.kpm_id if answer.token else kpm_id,
            method=answer.method.value,
            outcome=answer.status.value,
            reason=answer.reason.value if answer.reason else None,
            at=asked.now,
            scope=scope.kind if scope else None,
            gallery_size=scope.size if scope else None,
            score=scope.score if scope else None,
            margin=scope.margin if scope else None,
            fpir_estimate=scope.fpir_estimate if scope else None,
            model_id=scope.model_id if scope else None,
            quote_id=asked.quote_id,
        ),
    )
    return answer
