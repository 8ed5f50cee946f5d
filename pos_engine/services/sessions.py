"""Log-in of staff on a device: short access tokens, rotating refresh, end."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules.ids import KpmId, ShopId, TillId, new_uuid7
from pos_engine.services import lockout, second_factor
from pos_engine.services.device_requests import public_key_of
from pos_engine.services.device_signature import PublicKey
from pos_engine.services.refresh_secrets import made_here, refresh_secret
from pos_engine.services.request_proof import SignedRequest
from pos_engine.services.slow_hash import pin_ok
from pos_engine.store import devices, session_bonds, shops, standing_people
from pos_engine.store.database import Tx
from pos_engine.store.devices import DeviceState
from pos_engine.store.driver import Later
from pos_engine.store.living_sessions import SignedIn, living_sessions

ACCESS_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(hours=12)
PREVIOUS_LIFE = timedelta(seconds=60)  # a refresh answer that was lost on the way
BOUND_AFTER = timedelta(days=7)  # an approved tablet's log-ins are signed by then, or refused
SESSION = "session"
REQUIRED = "required"


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
FACTOR_ROLES = frozenset({Role.DINSOS, Role.KEMENSOS, Role.AUDITOR, Role.ADMIN})


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
    bound: bool = False  # to the key of its tablet: each request has to be signed


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """Device, member of staff and PIN that belong together; a second factor may be missing."""

    staff: shops.Staff
    device: shops.Device


class LoginRefusal(StrEnum):
    """Why a log-in did not open a session; the first says no more on purpose."""

    WRONG = "LOGIN_WRONG"
    LOCKED = "LOGIN_LOCKED"
    STOPPED = "DEVICE_REVOKED"  # told to nobody without the device's own secret
    FACTOR_NEEDED = "FACTOR_NEEDED"  # the PIN was right
    FACTOR_SETUP = "FACTOR_SETUP_NEEDED"  # she has no second factor yet
    FACTOR_WRONG = "FACTOR_WRONG"
    FACTOR_LOCKED = "FACTOR_LOCKED"
    DEVICE_PROOF = "DEVICE_PROOF_NEEDED"  # this tablet has a key and did not sign
    TICKET_OVER = "TICKET_OVER"  # too long between PIN and factor: begin again


def open_session(
    engine: Engine,
    device_id: str,
    device_secret: str,
    staff_id: str,
    pin: str,
    *,
    code: str = "",
    proof: SignedRequest | None = None,
) -> Opened | LoginRefusal:
    """Open a session when device, staff and PIN belong together, for officers with a code too."""
    known = check_login(engine, device_id, device_secret, staff_id, pin)
    if isinstance(known, LoginRefusal):
        return known
    if needs_factor(engine, known.staff) or (code and known.staff.role in FACTOR_ROLES):
        refused = prove_by_code(engine, known.staff.staff_id, code)
        if refused is not None:
            return refused
    return open_known(engine, known, proof)


def check_login(
    engine: Engine, device_id: str, device_secret: str, staff_id: str, pin: str
) -> Known | LoginRefusal:
    """Do device, its secret, staff and PIN belong together. A try is spent before we look."""

    def work(tx: Tx) -> Known | LoginRefusal:
        device = shops.find_device(tx, device_id)
        staff = shops.find_staff(tx, staff_id)
        digest = engine.keys.token_digest(device_secret)
        if device is None or not secrets.compare_digest(device.secret_hash, digest):
            return LoginRefusal.WRONG
        if device.status != shops.ACTIVE:
            return LoginRefusal.STOPPED
        if staff is None or staff.status != shops.ACTIVE:
            return LoginRefusal.WRONG
        if staff.shop_id != device.shop_id:
            return LoginRefusal.WRONG
        taken = lockout.take_pin_try(engine, tx, staff_id)
        return Known(staff, device) if taken else LoginRefusal.LOCKED

    known = engine.database.transact(work)
    if isinstance(known, LoginRefusal):
        return known
    if not pin_ok(known.staff.pin_hash, pin):  # slow on purpose: it holds no transaction
        return LoginRefusal.WRONG
    with engine.database.begin() as tx:
        lockout.give_pin_tries(tx, staff_id)
    return known


def needs_factor(engine: Engine, staff: shops.Staff) -> bool:
    """Must this member of staff prove herself by more than a PIN. A demo may do without."""
    return engine.staff_factor == REQUIRED and staff.role in FACTOR_ROLES


def prove_by_code(engine: Engine, staff_id: str, code: str) -> LoginRefusal | None:
    """Is this a code of her app or a recovery code; a wrong one spends a try of hers."""

    def work(tx: Tx) -> LoginRefusal | None:
        if not second_factor.kinds_of(tx, staff_id):
            return LoginRefusal.FACTOR_SETUP
        if not code:
            return LoginRefusal.FACTOR_NEEDED
        refused = lockout.judged(
            engine, tx, staff_id, lambda: second_factor.code_ok(engine, tx, staff_id, code)
        )
        return LoginRefusal(refused.value) if refused else None

    return engine.database.transact(work)


def open_known(
    engine: Engine, known: Known, proof: SignedRequest | None = None
) -> Opened | LoginRefusal:
    """Open a session of somebody who has proven everything; it is bound to the key that signed."""
    with engine.database.begin() as tx:
        held = devices.find_key(tx, known.device.device_id)
        if proof is None or held is None:
            if proof is None and held is not None and _must_sign(engine, tx, held):
                return LoginRefusal.DEVICE_PROOF
            return _open(engine, tx, known, None)
        key = public_key_of(held)
        if not proof.signed_by(key, known.device.device_id):
            return LoginRefusal.DEVICE_PROOF
        return _open(engine, tx, known, key)


def _must_sign(engine: Engine, tx: Tx, held: devices.DeviceKey) -> bool:
    """Does this device get no session without its signature any more."""
    if engine.device_bound == REQUIRED:
        return True
    long_ago = held.approved_at is not None and held.approved_at + BOUND_AFTER <= engine.now()
    return held.state == DeviceState.APPROVED and long_ago and not engine.is_demo(tx)


def check_pin_again(engine: Engine, staff_id: str, pin: str) -> LoginRefusal | None:
    """The PIN of somebody who is logged in, asked once more; a wrong one spends a log-in try."""
    with engine.database.begin() as tx:
        staff = shops.find_staff(tx, staff_id)
        if staff is None or not lockout.take_pin_try(engine, tx, staff_id):
            return LoginRefusal.LOCKED
        if not pin_ok(staff.pin_hash, pin):
            return LoginRefusal.WRONG
        lockout.give_pin_tries(tx, staff_id)
        return None


def _open(engine: Engine, tx: Tx, known: Known, key: PublicKey | None) -> Opened:
    now, staff, device = engine.now(), known.staff, known.device
    session_id = new_uuid7(now)
    secret = refresh_secret(engine, session_id)
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
    if key is not None:
        session_bonds.bind(tx, session_id, key.thumbprint, now)
    session = _session(tx, session_id, staff, device)
    return _opened(engine, session, secret, key)


def _opened(engine: Engine, session: Session, secret: str, key: PublicKey | None) -> Opened:
    token = _access_token(engine, session, key)
    return Opened(session, token, f"{session.session_id}.{secret}", bound=key is not None)


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


def _access_token(engine: Engine, session: Session, key: PublicKey | None) -> str:
    """Of ten minutes. `cnf` names the key that each of its requests is signed by (RFC 7800)."""
    claims: dict[str, object] = {
        "purpose": SESSION,
        "sub": session.session_id,
        "exp": int((engine.now() + ACCESS_LIFE).timestamp()),
    }
    return engine.keys.issue(claims | ({"cnf": {"jkt": key.thumbprint}} if key else {}))


@dataclass(frozen=True, slots=True)
class Access:
    """A session that an access token opened, and until when (Unix seconds).

    With a `key` the token alone opens nothing: the request has to be signed by it.
    """

    session: Session
    expires_at: int
    key: PublicKey | None = None


def authenticate(engine: Engine, access_token: str) -> Session | None:
    """The session behind an access token that nobody has to sign for; None when it is dead."""
    access = let_in(engine, access_token)
    return access.session if access and access.key is None else None


def let_in(engine: Engine, access_token: str) -> Access | None:
    """The session of a token, its end, and the key that its requests are signed by."""
    claims = engine.keys.read(access_token, SESSION)
    expires = claims.get("exp") if claims else None
    now = engine.now()
    if claims is None or not isinstance(expires, int) or expires < now.timestamp():
        return None
    bond = claims.get("cnf")
    with engine.database.read() as tx:
        session = _living(tx, str(claims["sub"]), now)
        if session is None or not isinstance(bond, dict):
            return Access(session, expires) if session else None
        key = _key_named(tx, session.device_id, str(bond.get("jkt")))
    return Access(session, expires, key) if key else None


def _key_named(tx: Tx, device_id: str, thumbprint: str) -> PublicKey | None:
    """The key of a device when it is the one of this name."""
    held = devices.find_key(tx, device_id)
    key = public_key_of(held) if held is not None else None
    return key if key is not None and key.thumbprint == thumbprint else None


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


def refresh_session(
    engine: Engine, refresh_token: str, proof: SignedRequest | None = None
) -> Opened | None:
    """Exchange a refresh token; the previous one works sixty seconds more.

    One that is older was copied by somebody: whoever uses it, the session ends. The tablet's clock
    is not judged here, so that one that stands wrong can be told the time.
    """
    session_id, _, secret = refresh_token.partition(".")
    digest, now = engine.keys.token_digest(secret), engine.now()
    with engine.database.begin() as tx:
        session, row = _living(tx, session_id, now), shops.find_session(tx, session_id)
        if session is None or row is None:
            return None
        if not _refreshes(row, digest, now):
            if made_here(engine, session_id, secret):
                shops.end_session(tx, session_id, now)
            return None
        bond = session_bonds.bond_of(tx, session_id)
        key = _refreshing_key(tx, session, proof)
        if bond is not None and (key is None or key.thumbprint != bond):
            return None
        if bond is None and key is not None:
            session_bonds.bind(tx, session_id, key.thumbprint, now)
        fresh = refresh_secret(engine, session_id)
        shops.rotate_session(
            tx, session_id, engine.keys.token_digest(fresh), row.refresh_hash, now + PREVIOUS_LIFE
        )
        return _opened(engine, session, fresh, key)


def _refreshing_key(tx: Tx, session: Session, proof: SignedRequest | None) -> PublicKey | None:
    """The key of the session's device when it signed this."""
    held = devices.find_key(tx, session.device_id) if proof is not None else None
    if proof is None or held is None:
        return None
    key = public_key_of(held)
    return key if proof.signed_by(key, session.device_id) else None


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
