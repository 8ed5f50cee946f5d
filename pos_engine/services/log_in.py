"""An officer's log-in on a page, in steps: PIN, then her second factor or its making."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.services import lockout, passkeys, second_factor
from pos_engine.services.passkeys import Site
from pos_engine.services.second_factor import NewTotp
from pos_engine.services.sessions import (
    FACTOR_ROLES,
    Known,
    LoginRefusal,
    Opened,
    check_login,
    needs_factor,
    open_known,
)
from pos_engine.store import shops, staff_factors
from pos_engine.store.database import Tx
from pos_engine.store.staff_factors import Factor, FactorKind, FactorState
from pos_engine.wire.canonical import to_base64url

TICKET_LIFE = timedelta(minutes=10)
TICKET = "log-in"
CHALLENGE_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Halfway:
    """The PIN was right. `ticket` says so to us; without factors she has to make one."""

    ticket: str
    kinds: frozenset[FactorKind]
    passkey: str | None = None  # what her browser is asked


@dataclass(frozen=True, slots=True, repr=False)
class Making:
    """A factor in the making: the app's secret, and what the browser needs for a passkey."""

    ticket: str
    totp: NewTotp
    passkey: str


@dataclass(frozen=True, slots=True, repr=False)
class Made:
    """A proven factor: the session, and the recovery codes, shown once."""

    opened: Opened
    recovery_codes: list[str]


@dataclass(frozen=True, slots=True)
class _Ticket:
    """Who is halfway in, on which computer; `factor_id` while her first factor is made."""

    ticket_id: str
    staff_id: str
    device_id: str
    challenge: str
    factor_id: str | None


def first_step(
    engine: Engine, device_id: str, device_secret: str, staff_id: str, pin: str, site: Site
) -> Opened | Halfway | LoginRefusal:
    """Device, staff and PIN; whoever needs no second factor is in."""
    known = check_login(engine, device_id, device_secret, staff_id, pin)
    if isinstance(known, LoginRefusal):
        return known
    if not needs_factor(engine, known.staff):
        return open_known(engine, known)
    with engine.database.read() as tx:
        active = staff_factors.factors_of(tx, staff_id, FactorState.ACTIVE)
    return _halfway(engine, known, active, site)


def _halfway(engine: Engine, known: Known, active: list[Factor], site: Site) -> Halfway:
    challenge = to_base64url(secrets.token_bytes(CHALLENGE_BYTES))
    ticket = _issue(engine, known.staff.staff_id, known.device.device_id, challenge)
    kinds = frozenset(FactorKind(each.kind) for each in active)
    return Halfway(ticket, kinds, passkeys.ask_for(active, site, challenge))


def again(engine: Engine, ticket_text: str, site: Site) -> Halfway | None:
    """The second step once more, after a wrong code; None when the ticket is over."""
    with engine.database.read() as tx:
        found = _read(engine, tx, ticket_text)
        if found is None or found[0].factor_id is not None:
            return None
        ticket, _ = found
        active = staff_factors.factors_of(tx, ticket.staff_id, FactorState.ACTIVE)
    kinds = frozenset(FactorKind(each.kind) for each in active)
    return Halfway(ticket_text, kinds, passkeys.ask_for(active, site, ticket.challenge))


def second_step(
    engine: Engine, ticket_text: str, code: str, passkey: str, site: Site
) -> Opened | LoginRefusal:
    """A code or a passkey's answer opens the session; a wrong one spends a try."""

    def work(tx: Tx) -> Known | LoginRefusal:
        found = _read(engine, tx, ticket_text)
        if found is None or found[0].factor_id is not None:
            return LoginRefusal.TICKET_OVER
        ticket, known = found
        active = staff_factors.factors_of(tx, ticket.staff_id, FactorState.ACTIVE)

        def right() -> bool:
            if passkey:
                return passkeys.passkey_ok(tx, active, passkey, site, ticket.challenge)
            return second_factor.code_ok(engine, tx, ticket.staff_id, code)

        return _judge(engine, tx, ticket, right) or known

    known = engine.database.transact(work)
    return known if isinstance(known, LoginRefusal) else open_known(engine, known)


def begin_making(
    engine: Engine, ticket_text: str, setup_code: str, site: Site
) -> Making | LoginRefusal:
    """The set-up code was handed to her alone: with it she makes her first factor."""

    def work(tx: Tx) -> tuple[_Ticket, Known, NewTotp] | LoginRefusal:
        found = _read(engine, tx, ticket_text)
        if found is None or second_factor.kinds_of(tx, found[0].staff_id):
            return LoginRefusal.TICKET_OVER
        staff = found[1].staff
        refused = lockout.judged(
            engine,
            tx,
            staff.staff_id,
            lambda: second_factor.setup_code_ok(engine, tx, staff.staff_id, setup_code),
        )
        if refused is not None:
            return LoginRefusal(refused.value)
        return *found, second_factor.new_totp(engine, tx, staff)

    begun = engine.database.transact(work)
    if isinstance(begun, LoginRefusal):
        return begun
    ticket, known, totp = begun
    challenge = to_base64url(secrets.token_bytes(CHALLENGE_BYTES))
    after = _issue(engine, ticket.staff_id, ticket.device_id, challenge, totp.factor_id)
    return Making(after, totp, passkeys.ask_for_new(known.staff, [], site, challenge))


def finish_making(
    engine: Engine, ticket_text: str, code: str, passkey: str, site: Site
) -> Made | LoginRefusal:
    """The first code of her app, or the passkey that her browser made: from now on it counts."""

    def work(tx: Tx) -> tuple[Known, list[str]] | LoginRefusal:
        found = _read(engine, tx, ticket_text)
        if found is None or found[0].factor_id is None:
            return LoginRefusal.TICKET_OVER
        ticket, known = found
        if second_factor.kinds_of(tx, ticket.staff_id):
            return LoginRefusal.TICKET_OVER
        proven: list[Factor] = []

        def right() -> bool:
            proven.extend(_proven(engine, tx, ticket, code, passkey, site))
            return bool(proven)

        refused = _judge(engine, tx, ticket, right)
        if refused is not None:
            return refused
        if not staff_factors.use_setup(tx, ticket.staff_id, engine.now()):
            return LoginRefusal.TICKET_OVER
        return known, second_factor.activate(engine, tx, proven[0])

    made = engine.database.transact(work)
    if isinstance(made, LoginRefusal):
        return made
    opened = open_known(engine, made[0])
    return opened if isinstance(opened, LoginRefusal) else Made(opened, made[1])


def _proven(
    engine: Engine, tx: Tx, ticket: _Ticket, code: str, passkey: str, site: Site
) -> list[Factor]:
    """The factor that she has shown to hold; none when she has not."""
    if passkey:
        made = passkeys.new_passkey(engine, tx, ticket.staff_id, passkey, site, ticket.challenge)
        return [made] if made else []
    waiting = staff_factors.find_factor(tx, ticket.staff_id, ticket.factor_id or "")
    if waiting is None or waiting.state != FactorState.WAITING:
        return []
    return (
        [waiting] if second_factor.totp_ok(engine, tx, waiting, second_factor.plain(code)) else []
    )


def _judge(
    engine: Engine, tx: Tx, ticket: _Ticket, right: Callable[[], bool]
) -> LoginRefusal | None:
    """Look at a proof, and finish the ticket with a right one: none is finished twice."""
    refused = lockout.judged(engine, tx, ticket.staff_id, right)
    if refused is not None:
        return LoginRefusal(refused.value)
    done = staff_factors.use_ticket(tx, ticket.staff_id, ticket.ticket_id, engine.now())
    return None if done else LoginRefusal.TICKET_OVER


def _issue(
    engine: Engine, staff_id: str, device_id: str, challenge: str, factor_id: str | None = None
) -> str:
    now = engine.now()
    return engine.keys.issue(
        {
            "purpose": TICKET,
            "id": new_uuid7(now),
            "staff": staff_id,
            "device": device_id,
            "challenge": challenge,
            "factor": factor_id,
            "exp": int((now + TICKET_LIFE).timestamp()),
        }
    )


def _read(engine: Engine, tx: Tx, text: str) -> tuple[_Ticket, Known] | None:
    """The ticket with whom it names, as she is now; None when it is over or she is stopped."""
    claims = engine.keys.read(text, TICKET)
    expires = claims.get("exp") if claims else None
    if claims is None or not isinstance(expires, int) or expires < engine.now().timestamp():
        return None
    factor = claims["factor"]
    ticket = _Ticket(
        str(claims["id"]),
        str(claims["staff"]),
        str(claims["device"]),
        str(claims["challenge"]),
        str(factor) if factor else None,
    )
    staff = shops.find_staff(tx, ticket.staff_id)
    device = shops.find_device(tx, ticket.device_id)
    if staff is None or device is None or staff.role not in FACTOR_ROLES:
        return None
    if staff.status != shops.ACTIVE or device.status != shops.ACTIVE:
        return None
    return ticket, Known(staff, device)
