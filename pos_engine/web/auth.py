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
from pos_engine.services.sessions import (
    SHOP_ROLES,
    Access,
    Role,
    Session,
    let_in,
    shop_scope,
)
from pos_engine.web.problem import ProblemError

KNOWN_MAX = 20_000  # access tokens remembered, of ten minutes each
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

    def find(self, token: str, now: datetime) -> Session | None:
        """The session of a token that is known and has not ended by itself."""
        access = self._known.get(token)
        return access.session if access and access.expires_at >= now.timestamp() else None

    def forget(self, token: str) -> None:
        """This token was let in no more."""
        with self._lock:
            self._known.pop(token, None)


def the_engine(request: Request) -> Engine:
    """The engine of this app."""
    engine: Engine = request.app.state.engine
    return engine


EngineHere = Annotated[Engine, Depends(the_engine)]


def the_session(
    request: Request,
    engine: EngineHere,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Session:
    """The session of the caller; 401 without a living one."""
    access = let_in(engine, credentials.credentials) if credentials else None
    if credentials is None or access is None:
        raise no_session()
    if access.session.role in SHOP_ROLES:
        request.app.state.known_sessions.remember(credentials.credentials, access)
    return access.session


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
