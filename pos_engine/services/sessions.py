"""Log-in of staff on a device: short access tokens, rotating refresh, end."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules.ids import KpmId, ShopId, TillId, new_uuid7
from pos_engine.services.slow_hash import pin_ok
from pos_engine.store import shops, standing_people
from pos_engine.store.database import Tx
from pos_engine.store.driver import Later
from pos_engine.store.living_sessions import SignedIn, living_sessions

ACCESS_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(hours=12)
PREVIOUS_LIFE = timedelta(seconds=60)  # a refresh answer that was lost on the way
STAFF_TRIES_MAX = 5
SESSION = "session"


class Role(StrEnum):
    """What a member of staff is."""

    KASIR = "KASIR"
    PEMILIK = "PEMILIK"
    PENDAMPING = "PENDAMPING"
    DINSOS = "DINSOS"
    KEMENSOS = "KEMENSOS"
    AUDITOR = "AUDITOR"
    ADMIN = "ADMIN"


SHOP_ROLES = frozenset({Role.KASIR, Role.PEMILIK})


@dataclass(frozen=True, slots=True)
class Session:
    """Who is acting, on which till, with which scope. It comes from the token alone."""

    session_id: str
    staff_id: str
    staff_name: str
    role: Role
    device_id: str
    till_id: TillId | None
    shop: shops.Shop | None
    region: str | None  # row scope of an officer, as a prefix
    # of a till: the families that she belongs to, as far as we know; she serves none of them
    own_families: frozenset[KpmId] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A fresh session with its two tokens."""

    session: Session
    access_token: str
    refresh_token: str


class LoginRefusal(StrEnum):
    """Why a log-in did not open a session; the first says no more on purpose."""

    WRONG = "LOGIN_WRONG"
    LOCKED = "LOGIN_LOCKED"


def open_session(
    engine: Engine, device_id: str, device_secret: str, staff_id: str, pin: str
) -> Opened | LoginRefusal:
    """Open a session when device, staff and PIN belong together."""
    with engine.database.begin() as tx:
        device = shops.find_device(tx, device_id)
        staff = shops.find_staff(tx, staff_id)
        digest = engine.keys.token_digest(device_secret)
        if device is None or not secrets.compare_digest(device.secret_hash, digest):
            return LoginRefusal.WRONG
        if staff is None or staff.status != shops.ACTIVE or device.status != shops.ACTIVE:
            return LoginRefusal.WRONG
        if staff.shop_id != device.shop_id:
            return LoginRefusal.WRONG
        if staff.tries_left <= 0:
            return LoginRefusal.LOCKED
        if not pin_ok(staff.pin_hash, pin):
            shops.set_staff_tries(tx, staff_id, staff.tries_left - 1)
            return LoginRefusal.WRONG
        shops.set_staff_tries(tx, staff_id, STAFF_TRIES_MAX)
        return _open(engine, tx, staff, device)


def check_pin_again(engine: Engine, staff_id: str, pin: str) -> LoginRefusal | None:
    """The PIN of somebody who is logged in, asked once more; a wrong one spends a log-in try."""
    with engine.database.begin() as tx:
        staff = shops.find_staff(tx, staff_id)
        if staff is None or not shops.take_staff_try(tx, staff_id):
            return LoginRefusal.LOCKED
        if not pin_ok(staff.pin_hash, pin):
            return LoginRefusal.WRONG
        shops.set_staff_tries(tx, staff_id, STAFF_TRIES_MAX)
        return None


def _open(engine: Engine, tx: Tx, staff: shops.Staff, device: shops.Device) -> Opened:
    now = engine.now()
    session_id = new_uuid7(now)
    secret = secrets.token_urlsafe(32)
    shops.open_session(
        tx,
        shops.SessionRow(
            session_id=session_id,
            staff_id=staff.staff_id,
            device_id=device.device_id,
            refresh_hash=engine.keys.token_digest(secret),
            previous_hash=None,
            previous_until=None,
            expires_at=now + REFRESH_LIFE,
            ended_at=None,
        ),
    )
    session = _session(tx, session_id, staff, device)
    return Opened(session, _access_token(engine, session, now), f"{session_id}.{secret}")


def _session(tx: Tx, session_id: str, staff: shops.Staff, device: shops.Device) -> Session:
    return Session(
        session_id=session_id,
        staff_id=staff.staff_id,
        staff_name=staff.name,
        role=Role(staff.role),
        device_id=device.device_id,
        till_id=device.till_id,
        shop=shops.find_shop(tx, device.shop_id) if device.shop_id else None,
        region=staff.region,
        own_families=_own_families(tx, staff),
    )


def _own_families(tx: Tx, staff: shops.Staff) -> frozenset[KpmId]:
    if staff.role not in SHOP_ROLES:
        return frozenset()
    return frozenset(map(KpmId, standing_people.families_of_staff(tx, staff.staff_id)))


def _access_token(engine: Engine, session: Session, now: datetime) -> str:
    return engine.keys.issue(
        {
            "purpose": SESSION,
            "sub": session.session_id,
            "exp": int((now + ACCESS_LIFE).timestamp()),
        }
    )


@dataclass(frozen=True, slots=True)
class Access:
    """A session that an access token opened, and until when (Unix seconds)."""

    session: Session
    expires_at: int


def authenticate(engine: Engine, access_token: str) -> Session | None:
    """The session behind an access token, or None when it is dead (a revoked device too)."""
    access = let_in(engine, access_token)
    return access.session if access else None


def let_in(engine: Engine, access_token: str) -> Access | None:
    """The same with the token's own end."""
    claims = engine.keys.read(access_token, SESSION)
    expires = claims.get("exp") if claims else None
    now = engine.now()
    if claims is None or not isinstance(expires, int) or expires < now.timestamp():
        return None
    with engine.database.read() as tx:
        session = _living(tx, str(claims["sub"]), now)
    return Access(session, expires) if session else None


def still_living(tx: Tx, sessions: Iterable[Session | None], now: datetime) -> Later[set[str]]:
    """The ids of those that nobody ended or revoked since they were read."""
    known = {_signed_in(each) for each in sessions if each is not None}
    living = living_sessions(tx, known, now)
    return lambda: {each.session_id for each in living()}


def _signed_in(session: Session) -> SignedIn:
    shop_id = session.shop.shop_id if session.shop else None
    return SignedIn(
        session.session_id,
        session.staff_id,
        session.role,
        session.device_id,
        session.till_id,
        shop_id,
    )


def _living(tx: Tx, session_id: str, now: datetime) -> Session | None:
    row = shops.find_session(tx, session_id)
    if row is None or row.ended_at is not None or row.expires_at < now:
        return None
    staff, device = shops.find_staff(tx, row.staff_id), shops.find_device(tx, row.device_id)
    if staff is None or device is None:
        return None
    if staff.status != shops.ACTIVE or device.status != shops.ACTIVE:
        return None
    return _session(tx, session_id, staff, device)


def refresh_session(engine: Engine, refresh_token: str) -> Opened | None:
    """Exchange a refresh token; the previous one works sixty seconds more."""
    session_id, _, secret = refresh_token.partition(".")
    digest, now = engine.keys.token_digest(secret), engine.now()
    with engine.database.begin() as tx:
        session, row = _living(tx, session_id, now), shops.find_session(tx, session_id)
        if session is None or row is None or not _refreshes(row, digest, now):
            return None
        fresh = secrets.token_urlsafe(32)
        shops.rotate_session(
            tx, session_id, engine.keys.token_digest(fresh), row.refresh_hash, now + PREVIOUS_LIFE
        )
        return Opened(session, _access_token(engine, session, now), f"{session_id}.{fresh}")


def _refreshes(row: shops.SessionRow, digest: bytes, now: datetime) -> bool:
    if secrets.compare_digest(row.refresh_hash, digest):
        return True
    alive = row.previous_until is not None and now <= row.previous_until
    return alive and secrets.compare_digest(row.previous_hash or b"", digest)


def end_session(engine: Engine, session: Session) -> None:
    """Log out: both tokens die."""
    with engine.database.begin() as tx:
        shops.end_session(tx, session.session_id, engine.now())


def shop_scope(session: Session) -> tuple[ShopId, TillId] | None:
    """Shop and till of a till session; None for an office."""
    if session.shop is None or session.till_id is None:
        return None
    return session.shop.shop_id, session.till_id
