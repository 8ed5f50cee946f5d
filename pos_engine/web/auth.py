"""Who is calling: the bearer token becomes a session, the session gives the scope."""

import threading
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from pos_engine.engine import Engine
from pos_engine.services.payer import Place
from pos_engine.services.request_proof import SignedRequest
from pos_engine.services.sessions import (
    REQUIRED,
    SHOP_ROLES,
    Access,
    Role,
    Session,
    let_in,
    shop_scope,
)
from pos_engine.web.problem import ProblemError
from pos_engine.web.quotas import Quotas
from pos_engine.web.request_proof import proven, signed_request

KNOWN_MAX = 20_000  # access tokens remembered, of ten minutes each
BEFORE_A_KEY = ("/v1/devices/key", "/v1/devices/codes", "/v1/sessions")
_bearer = HTTPBearer(auto_error=False, description="access token of POST /v1/sessions")


class KnownSessions:
    """Sessions that were let in lately, by their access token: at most KNOWN_MAX, oldest out first.

    Only what a token says is remembered. Whether its session still lives is asked again inside the
    transaction that decides: a revoked till is 401 at once.
    """

    def __init__(self) -> None:
        self._known: dict[str, Access] = {}
        self._lock = threading.Lock()

    def remember(self, token: str, access: Access) -> None:
        """This token was let in."""
        with self._lock:
            if len(self._known) >= KNOWN_MAX:
                del self._known[next(iter(self._known))]
            self._known[token] = access

    def find(self, token: str, now: datetime) -> Access | None:
        """What a token opens that is known and has not ended by itself."""
        access = self._known.get(token)
        return access if access and access.expires_at >= now.timestamp() else None

    def forget(self, token: str) -> None:
        """This token was let in no more."""
        with self._lock:
            self._known.pop(token, None)


def the_engine(request: Request) -> Engine:
    """The engine of this app."""
    engine: Engine = request.app.state.engine
    return engine


def the_quotas(request: Request) -> Quotas:
    """How often devices, shops and KPM may ask of this process."""
    quotas: Quotas = request.app.state.quotas
    return quotas


EngineHere = Annotated[Engine, Depends(the_engine)]
QuotasHere = Annotated[Quotas, Depends(the_quotas)]
SignedHere = Annotated[SignedRequest | None, Depends(signed_request)]


def the_session(
    request: Request,
    engine: EngineHere,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    signed: SignedHere,
) -> Session:
    """The session of the caller; 401 without a living one, or without its tablet's signature."""
    access = let_in(engine, credentials.credentials) if credentials else None
    if credentials is None or access is None:
        raise no_session()
    state = request.app.state
    if not proven(engine, state.proofs_seen, access, credentials.credentials, signed):
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED, "DEVICE_PROOF", "Tanda tangan perangkat belum cocok."
        )
    if access.key is None and _must_have_key(engine, access.session, request.url.path):
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED, "DEVICE_KEY_NEEDED", "Daftarkan kunci perangkat ini dahulu."
        )
    request.app.state.quotas.of_session(access.session)
    if access.session.role in SHOP_ROLES:
        request.app.state.known_sessions.remember(credentials.credentials, access)
    return access.session


def _must_have_key(engine: Engine, session: Session, path: str) -> bool:
    """Where every tablet signs, one without a key may do nothing but get one."""
    if engine.device_bound != REQUIRED or session.role not in SHOP_ROLES:
        return False
    return not path.startswith(BEFORE_A_KEY)


def no_session() -> ProblemError:
    """401: log in first."""
    return ProblemError(
        HTTPStatus.UNAUTHORIZED, "NO_SESSION", "Masuk dahulu: sesi tidak ada atau berakhir."
    )


SessionHere = Annotated[Session, Depends(the_session)]


def only(*roles: Role) -> Callable[[Session], Session]:
    """A dependency that lets these roles in and answers 403 to the others."""

    def check(session: SessionHere) -> Session:
        if session.role not in roles:
            raise ProblemError(
                HTTPStatus.FORBIDDEN, "ROLE_NOT_ALLOWED", "Peran ini tidak boleh melakukan itu."
            )
        return session

    return check


TillSession = Annotated[Session, Depends(only(*SHOP_ROLES))]


def place_of(session: Session, till_id: str) -> Place:
    """Shop and till of the session; 403 when the request names another till."""
    scope = shop_scope(session)
    if scope is None or scope[1] != till_id:
        raise ProblemError(
            HTTPStatus.FORBIDDEN, "OTHER_TILL", "Kasir ini bukan milik perangkat yang masuk."
        )
    return Place(*scope)
