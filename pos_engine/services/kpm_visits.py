"""A KPM opens her own page: her number, a code by SMS, and her PIN where the number was silent."""

import base64
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.ids import ShopId, new_uuid7
from pos_engine.rules.phone_life import CODE_LIFE_MAX
from pos_engine.rules.reasons import Reason
from pos_engine.services.codes import Bounds, Prepared, send, write_code
from pos_engine.services.payer import PHONE, check_code, check_pin
from pos_engine.services.phone_signs import heard_all, is_silent
from pos_engine.store import families, kpm_sessions, phone_signs, proofs
from pos_engine.store.database import Tx
from pos_engine.store.kpm_sessions import Visit
from pos_engine.wire.sms import page_code_text

THE_PAGE = ShopId("KPM-PAGE")  # such a code buys nowhere
VISIT_LIFE = timedelta(minutes=30)
VISITS_KEPT = timedelta(days=90)
CODES_OF_A_DAY_MAX = 10
DAY = timedelta(days=1)
ASKED, VISIT = "kpm-asked", "kpm-visit"


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A visit and what the browser keeps of it."""

    visit: Visit
    token: str


def ask_code(engine: Engine, msisdn: str) -> str:
    """Send a code when the number is known. What comes back says nothing about that.

    `msisdn` is E.164. The token brings the number back with the code, sealed.
    """
    now = engine.now()
    ask_id = new_uuid7(now)
    lookup = engine.keys.lookup(PHONE, msisdn)
    with engine.database.read() as tx:  # strangers' numbers never ask for the writer
        known = families.find_credential(tx, PHONE, lookup)
    if known is not None:
        prepared = engine.database.transact(lambda tx: _prepare(tx, engine, ask_id, known))
        if prepared is not None:
            send(engine, prepared)
    return _note(engine, ASKED, ask_id, msisdn, now + CODE_LIFE_MAX)


def _prepare(tx: Tx, engine: Engine, ask_id: str, known: families.Known) -> Prepared | None:
    now = engine.now()
    sent = kpm_sessions.count_page_codes(tx, known.kpm_id, THE_PAGE, now - DAY)
    if sent >= CODES_OF_A_DAY_MAX:
        return None
    bounds = Bounds(THE_PAGE, ask_id)
    return write_code(tx, engine, known.kpm_id, bounds, page_code_text, now, known.reference)


def enter_code(engine: Engine, token: str, code: str) -> Opened | None:
    """Open a visit; a wrong code spends a try. None for whatever was wrong."""
    asked = _read(engine, ASKED, token)
    if asked is None:
        return None
    ask_id, msisdn = asked
    return engine.database.transact(lambda tx: _enter(tx, engine, ask_id, msisdn, code))


def _enter(tx: Tx, engine: Engine, ask_id: str, msisdn: str, code: str) -> Opened | None:
    known = families.find_credential(tx, PHONE, engine.keys.lookup(PHONE, msisdn))
    if known is None:
        return None
    now = engine.now()
    checked = check_code(tx, engine, known.kpm_id, THE_PAGE, ask_id, code, 0, now)
    if not checked.proven or checked.code_id is None:
        return None
    proofs.use_code(tx, known.kpm_id, checked.code_id, now)
    silent = is_silent(tx, known.kpm_id, known.reference, now)
    heard_all(tx, [(known.kpm_id, known.reference)], now)
    visit = Visit(
        session_id=new_uuid7(now),
        kpm_id=known.kpm_id,
        person_id=known.person_id,
        phone_id=known.reference,
        full=not silent,
        opened_at=now,
        expires_at=now + VISIT_LIFE,
    )
    kpm_sessions.forget_visits(tx, known.kpm_id, now - VISITS_KEPT)
    kpm_sessions.add_visit(tx, visit)
    return Opened(visit, _note(engine, VISIT, visit.session_id, visit.kpm_id, visit.expires_at))


def visit_of(engine: Engine, token: str) -> Visit | None:
    """The living visit of a cookie."""
    kept = _read(engine, VISIT, token)
    if kept is None:
        return None
    session_id, kpm_id = kept
    with engine.database.read() as tx:
        visit = kpm_sessions.find_visit(tx, kpm_id, session_id)
    living = visit is not None and visit.ended_at is None and visit.expires_at >= engine.now()
    return visit if living else None


def prove_pin(engine: Engine, visit: Visit, pin: str) -> Visit | Reason:
    """The second proof of a number that was silent: then the number is hers again, too."""

    def work(tx: Tx) -> Visit | Reason:
        checked = check_pin(tx, engine, visit.kpm_id, pin)
        if not checked.proven:
            return checked.reasons[0]
        kpm_sessions.make_full(tx, visit)
        signs = phone_signs.signs_of(tx, [(visit.kpm_id, visit.phone_id)])
        phone_signs.note_heard(tx, list(signs.values()), engine.now())
        return replace(visit, full=True)

    return engine.database.transact(work)


def leave(engine: Engine, visit: Visit) -> None:
    """She is done."""
    engine.database.transact(lambda tx: kpm_sessions.end_visit(tx, visit, engine.now()))


def form_key(engine: Engine, visit: Visit) -> str:
    """What a form of this visit carries, so that no other page can send one."""
    return engine.keys.code_verifier(visit.session_id, "form").hex()[:32]


def _note(engine: Engine, purpose: str, note_id: str, secret: str, until: datetime) -> str:
    """A signed note to ourselves; what it is about is sealed."""
    sealed = engine.keys.seal_personal(secret, f"{purpose} {note_id}")
    claims: dict[str, object] = {
        "purpose": purpose,
        "id": note_id,
        "k": base64.b64encode(sealed).decode(),
        "exp": int(until.timestamp()),
    }
    return engine.keys.issue(claims)


def _read(engine: Engine, purpose: str, token: str) -> tuple[str, str] | None:
    claims: dict[str, Any] | None = engine.keys.read(token, purpose)
    if claims is None or claims["exp"] < engine.now().timestamp():
        return None
    note_id = str(claims["id"])
    sealed = base64.b64decode(claims["k"])
    return note_id, engine.keys.open_personal(sealed, f"{purpose} {note_id}")
