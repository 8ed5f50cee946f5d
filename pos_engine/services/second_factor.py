"""Second factors of officers: set-up codes, codes of an app, recovery codes."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from pos_engine.engine import Engine
from pos_engine.rules.identity import is_digits
from pos_engine.rules.ids import new_uuid7
from pos_engine.store import shops, staff_factors
from pos_engine.store.database import Tx
from pos_engine.store.staff_factors import Factor, FactorEvent, FactorKind, FactorState, Setup

SETUP_LIFE = timedelta(days=7)
SETUP_LETTERS = 12  # of 32 kinds: 60 bits
RECOVERY_CODES = 10
RECOVERY_LETTERS = 12
TOTP_DIGITS = 6
TOTP_STEP_S = 30
TOTP_STEPS_AROUND = 1  # a telephone's clock is off by half a minute
ISSUER = "e-warong"
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is read as another
GROUP = 4


@dataclass(frozen=True, slots=True, repr=False)
class NewTotp:
    """A secret that its officer brings into her app; shown now, never again."""

    factor_id: str
    secret: str
    uri: str


def give_setup_code(engine: Engine, tx: Tx, staff_id: str, by: str) -> str:
    """A fresh code, shown once, by which this officer makes her first factor within a week."""
    now, code = engine.now(), _letters(SETUP_LETTERS)
    kept = Setup(_setup_hmac(engine, staff_id, code), now, now + SETUP_LIFE, None)
    staff_factors.set_setup(tx, staff_id, kept)
    note(engine, tx, staff_id, FactorEvent.SETUP_CODE, staff_id, by)
    return code


def setup_code_ok(engine: Engine, tx: Tx, staff_id: str, text: str) -> bool:
    """Is this her set-up code, and does it still work. It is used up when the factor is proven."""
    kept = staff_factors.find_setup(tx, staff_id)
    if kept is None or kept.used_at is not None or kept.expires_at < engine.now():
        return False
    return secrets.compare_digest(kept.code_hmac, _setup_hmac(engine, staff_id, plain(text)))


def new_totp(engine: Engine, tx: Tx, staff: shops.Staff) -> NewTotp:
    """A factor that waits until its officer has proven that her app counts with it."""
    now, secret = engine.now(), pyotp.random_base32()
    factor_id = new_uuid7(now)
    sealed = engine.keys.seal_personal(secret, _bound_to(staff.staff_id, factor_id))
    staff_factors.add_factor(
        tx,
        Factor(
            staff_id=staff.staff_id,
            factor_id=factor_id,
            kind=FactorKind.TOTP.value,
            state=FactorState.WAITING.value,
            sealed=sealed,
            credential=None,
            public_key=None,
            rp_id=None,
            sign_count=0,
            last_step=0,
            made_at=now,
        ),
    )
    uri = pyotp.TOTP(secret).provisioning_uri(name=staff.name, issuer_name=ISSUER)
    return NewTotp(factor_id, secret, uri)


def totp_ok(engine: Engine, tx: Tx, factor: Factor, code: str) -> bool:
    """Is this the app's code of now; it works once, and none before it works any more."""
    if factor.sealed is None or not is_digits(code, TOTP_DIGITS):
        return False
    secret = engine.keys.open_personal(factor.sealed, _bound_to(factor.staff_id, factor.factor_id))
    app, here = pyotp.TOTP(secret), int(engine.now().timestamp()) // TOTP_STEP_S
    for step in range(here - TOTP_STEPS_AROUND, here + TOTP_STEPS_AROUND + 1):
        if secrets.compare_digest(app.generate_otp(step), code):
            return staff_factors.take_step(tx, factor, step)
    return False


def code_ok(engine: Engine, tx: Tx, staff_id: str, text: str) -> bool:
    """Is this a code of her app, or a recovery code. Whichever it is, it is used up."""
    code = plain(text)
    if is_digits(code, TOTP_DIGITS):
        active = staff_factors.factors_of(tx, staff_id, FactorState.ACTIVE)
        return any(totp_ok(engine, tx, each, code) for each in active)
    if len(code) != RECOVERY_LETTERS:
        return False
    hmac = _recovery_hmac(engine, staff_id, code)
    if not staff_factors.use_recovery_code(tx, staff_id, hmac, engine.now()):
        return False
    note(engine, tx, staff_id, FactorEvent.RECOVERY_USED, staff_id, staff_id)
    return True


def activate(engine: Engine, tx: Tx, factor: Factor) -> list[str]:
    """A factor was proven: it counts from now on. Returns the recovery codes, shown once."""
    now = engine.now()
    staff_factors.activate(tx, factor, now)
    codes = [_letters(RECOVERY_LETTERS) for _ in range(RECOVERY_CODES)]
    hmacs = [_recovery_hmac(engine, factor.staff_id, plain(each)) for each in codes]
    staff_factors.add_recovery_codes(tx, factor.staff_id, hmacs, now)
    note(engine, tx, factor.staff_id, FactorEvent.ACTIVE, factor.factor_id, factor.staff_id)
    return codes


def make_totp(engine: Engine, staff_id: str) -> str:
    """The secret of an app that counts at once: for samples, whose secrets are no secrets."""
    with engine.database.begin() as tx:
        staff = shops.find_staff(tx, staff_id)
        if staff is None:
            raise LookupError(staff_id)
        new = new_totp(engine, tx, staff)
        waiting = staff_factors.find_factor(tx, staff_id, new.factor_id)
        if waiting is not None:
            activate(engine, tx, waiting)
        return new.secret


def code_now(secret: str, now: datetime) -> str:
    """What an app with this secret shows."""
    return pyotp.TOTP(secret).at(now)


def kinds_of(tx: Tx, staff_id: str) -> frozenset[FactorKind]:
    """What this officer can prove herself with; none: she has to make her first one."""
    active = staff_factors.factors_of(tx, staff_id, FactorState.ACTIVE)
    return frozenset(FactorKind(each.kind) for each in active)


def note(
    engine: Engine, tx: Tx, staff_id: str, kind: FactorEvent, subject_id: str, by: str
) -> None:
    """Write what became of an officer's factors; it is sealed."""
    now: datetime = engine.now()
    staff_factors.add_event(tx, new_uuid7(now), staff_id, kind, subject_id, by, now)


def plain(text: str) -> str:
    """A code as it is compared: no hyphens, no blanks, capitals."""
    return text.replace("-", "").replace(" ", "").upper()


def _letters(count: int) -> str:
    drawn = "".join(secrets.choice(LETTERS) for _ in range(count))
    return "-".join(drawn[place : place + GROUP] for place in range(0, count, GROUP))


def _setup_hmac(engine: Engine, staff_id: str, code: str) -> bytes:
    return engine.keys.code_verifier(f"staff-setup:{staff_id}", plain(code))


def _recovery_hmac(engine: Engine, staff_id: str, code: str) -> bytes:
    return engine.keys.code_verifier(f"staff-recovery:{staff_id}", code)


def _bound_to(staff_id: str, factor_id: str) -> str:
    return f"totp:{staff_id}:{factor_id}"
