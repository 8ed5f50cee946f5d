"""A dialogue by USSD: one step a transaction of many, bound to its number; a yes pays a basket."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from pos_engine.engine import Engine
from pos_engine.rules.identity import phone_number
from pos_engine.services.baskets import lines_of
from pos_engine.services.complaint_words import opened_text
from pos_engine.services.complaints import BY_USSD, Grievance, open_complaint
from pos_engine.services.confirm_basket import Confirmed
from pos_engine.services.payer import PHONE
from pos_engine.services.phone_answers import balance_of, market_of, prices_at
from pos_engine.services.phone_request import pay_request
from pos_engine.services.phone_signs import heard_all, is_silent
from pos_engine.store import baskets, families, phone_requests, shops, sms_in, ussd_sessions
from pos_engine.store.database import ConflictError, Tx, UnavailableError
from pos_engine.store.families import Known
from pos_engine.store.ussd_sessions import Session
from pos_engine.wire import sms_answers, ussd
from pos_engine.wire.ussd import Screen

SESSION_LIFE = timedelta(minutes=5)  # since its last step; networks end them after three
SESSIONS_KEPT = timedelta(hours=1)
STEPS_MAX = 40
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, repr=False)
class Dialled:
    """A step as a line brought it. `once`: the signature of its call, used up with it."""

    line: str
    session_id: str
    sender: str
    typed: str
    begins: bool = False  # the network says that this is a new dialogue
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What she reads; `end`: nothing is asked any more. `refused`: why, for the log."""

    text: str
    end: bool
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class ToPay:
    """She said yes: this basket is to be paid before she reads anything."""

    kpm_id: str
    purchase_id: str


Step = Shown | ToPay


def dial(engine: Engine, dialled: Dialled) -> Shown:
    """One step of a dialogue; waits for its answer."""
    step: Step = engine.commits.ask(step_together, engine, dialled)
    return finish(engine, dialled, step)


def submit(engine: Engine, dialled: Dialled) -> "Future[Step]":
    """The same without waiting; `finish` makes what she reads of it."""
    return engine.commits.put(step_together, engine, dialled)


def finish(engine: Engine, dialled: Dialled, step: Step) -> Shown:
    """Pay what she agreed to, log what was refused."""
    shown = _pay(engine, step) if isinstance(step, ToPay) else step
    if shown.refused is not None:
        log.warning("ussd.refused", reason=shown.refused, line=dialled.line)
    return shown


def step_together(tx: Tx, engine: Engine, many: Sequence[Dialled]) -> list[Step]:
    """The next screens of many dialogues in one transaction."""
    return [_step(tx, engine, each) for each in many]


def _step(tx: Tx, engine: Engine, dialled: Dialled) -> Step:
    number = phone_number(dialled.sender)
    if dialled.once is not None:
        if sms_in.used(tx, dialled.once):
            return Shown(ussd.OTHER_NUMBER, end=True, refused="REPLAYED")
        sms_in.use(tx, dialled.once, engine.now())
    if number is None:
        return Shown(sms_answers.UNREGISTERED, end=True, refused="NO_PHONE")
    lookup = engine.keys.lookup(PHONE, number)
    key = hashlib.sha256(f"{dialled.line}\n{dialled.session_id}".encode()).hexdigest()
    session = ussd_sessions.lock_session(tx, key)
    if session is not None and session.from_hmac != lookup:
        return Shown(ussd.OTHER_NUMBER, end=True, refused="OTHER_NUMBER")
    known = families.find_credential(tx, PHONE, lookup)
    if known is None:
        return Shown(sms_answers.UNREGISTERED, end=True, refused="UNREGISTERED")
    if is_silent(tx, known.kpm_id, known.reference, engine.now()):
        return Shown(sms_answers.SILENT, end=True, refused="SILENT")
    heard_all(tx, [(known.kpm_id, known.reference)], engine.now())
    return _next(tx, engine, known, dialled, session or _new(engine, key, lookup, known))


def _new(engine: Engine, key: str, lookup: bytes, known: Known) -> Session:
    now, start = engine.now(), Screen.END.value
    return Session(key, lookup, known.kpm_id, known.reference, start, None, 0, 0, now, now)


def _next(tx: Tx, engine: Engine, known: Known, dialled: Dialled, session: Session) -> Step:
    now, before = engine.now(), Screen(session.screen)
    fresh = session.steps == 0
    other = now - session.seen_at > SESSION_LIFE or session.kpm_id != known.kpm_id
    anew = dialled.begins or fresh or other or ussd.ends(before)
    steps = 1 if anew else session.steps + 1
    if steps > STEPS_MAX:
        return Shown(ussd.TOO_LONG, end=True, refused="TOO_LONG")
    said = ""
    if anew:
        screen = Screen.MAIN
    elif (chosen := ussd.chosen(before, dialled.typed)) is not None:
        screen = chosen
    else:
        screen, said = Screen.MAIN, ussd.WRONG_KEY
    moved = replace(
        session,
        kpm_id=known.kpm_id,
        phone_id=known.reference,
        steps=steps,
        seen_at=now,
        page=session.page if screen is Screen.PRICES and before is Screen.PRICES else 0,
    )
    step, after = _screen(tx, engine, known, moved, screen, said)
    ussd_sessions.put_session(tx, after, fresh=fresh)
    return step


def _screen(
    tx: Tx, engine: Engine, known: Known, session: Session, screen: Screen, said: str
) -> tuple[Step, Session]:
    """What a screen shows, and where the dialogue is then."""
    purchase_id = session.purchase_id if screen in (Screen.PAY, Screen.REFUSE) else None
    match screen:
        case Screen.BALANCE:
            said = balance_of(tx, engine, known.kpm_id)
        case Screen.CONFIRM:
            purchase_id, said = _waiting(tx, engine, known)
            screen = screen if purchase_id else Screen.NOTHING_WAITS
        case Screen.PRICES:
            prices = prices_at(market_of(tx, engine, known.kpm_id))
            said, page = ussd.prices_page(prices, session.page)
            session = replace(session, page=page)
        case Screen.REFUSE | Screen.REPORTED:
            said = _complain(tx, engine, known, purchase_id)
    after = replace(session, screen=screen.value, purchase_id=purchase_id)
    if screen is Screen.PAY and purchase_id is not None:
        return ToPay(known.kpm_id, purchase_id), after
    return Shown(ussd.shown(screen, said), end=ussd.ends(screen)), after


def _waiting(tx: Tx, engine: Engine, known: Known) -> tuple[str | None, str]:
    """The basket that she is to answer next, in words."""
    request = phone_requests.oldest_waiting(tx, known.kpm_id, known.reference, engine.now())
    basket = baskets.find_basket(tx, request.purchase_id) if request else None
    shop = shops.find_shop(tx, request.shop_id) if request else None
    if request is None or basket is None or shop is None:
        return None, ""
    market = market_of(tx, engine, known.kpm_id)
    goods = [
        ussd.quantity_text(
            (offer := market.offer(line)).name,
            line.quantity_milli,
            line.unit or (offer.unit.code if offer.unit else ""),
        )
        for line in lines_of(basket)
    ]
    return request.purchase_id, ussd.waiting_text(request.amount, shop.name, goods)


def _complain(tx: Tx, engine: Engine, known: Known, purchase_id: str | None) -> str:
    """A complaint; a request that she says is not hers ends with it."""
    if purchase_id is not None:
        state = phone_requests.REFUSED
        phone_requests.settle_request(tx, known.kpm_id, purchase_id, state)
    said = Grievance(known.kpm_id, BY_USSD, known.reference, purchase_id)
    return opened_text(open_complaint(tx, engine, said))


def _pay(engine: Engine, step: ToPay) -> Shown:
    try:
        done = pay_request(engine, step.kpm_id, step.purchase_id)
    except (UnavailableError, ConflictError):
        return Shown(ussd.shown(Screen.PAY, ussd.UNCLEAR), end=True, refused="UNAVAILABLE")
    if not isinstance(done, Confirmed):
        said = ussd.NOT_PAID.get(done, ussd.NOT_THERE)
        return Shown(ussd.shown(Screen.PAY, said), end=True, refused=done.value)
    answer = done.answer
    if answer["status"] != "APPROVED":
        said = f"{answer['message']} {answer['next_step']}"
        return Shown(ussd.shown(Screen.PAY, said), end=True, refused=answer["reason"])
    said = ussd.paid_text(answer["amount"], _shop_name(engine, step), answer["balance_after"])
    return Shown(ussd.shown(Screen.PAY, said), end=True)


def _shop_name(engine: Engine, step: ToPay) -> str:
    with engine.database.read() as tx:
        basket = baskets.find_basket(tx, step.purchase_id)
        shop = shops.find_shop(tx, basket.shop_id) if basket else None
    return shop.name if shop else ""


def forget_old(engine: Engine) -> int:
    """Take away dialogues and used signatures of long ago; how many rows."""
    before = engine.now() - SESSIONS_KEPT

    def work(tx: Tx) -> int:
        return ussd_sessions.forget_sessions(tx, before) + sms_in.forget_calls(tx, before)

    return engine.database.transact(work)
