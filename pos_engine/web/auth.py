"""Who is calling: the bearer token becomes a session, the session gives the scope."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from pos_engine.engine import Engine
from pos_engine.services.payer import Place
from pos_engine.services.sessions import Role, Session, authenticate, shop_scope
from pos_engine.web.problem import ProblemError

_bearer = HTTPBearer(auto_error=False, description="access token of POST /v1/sessions")


def the_engine(request: Request) -> Engine:
    """The engine of this app."""
    engine: Engine = request.app.state.engine
    return engine


EngineHere = Annotated[Engine, Depends(the_engine)]


def the_session(
    engine: EngineHere,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Session:
    """The session of the caller; 401 without a living one."""
    session = authenticate(engine, credentials.credentials) if credentials else None
    if session is None:
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED, "NO_SESSION", "Masuk dahulu: sesi tidak ada atau berakhir."
        )
    return session


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


TillSession = Annotated[Session, Depends(only(Role.KASIR, Role.PEMILIK))]


def place_of(session: Session, till_id: str) -> Place:
    """Shop and till of the session; 403 when the request names another till."""
    scope = shop_scope(session)
    if scope is None or scope[1] != till_id:
        raise ProblemError(
            HTTPStatus.FORBIDDEN, "OTHER_TILL", "Kasir ini bukan milik perangkat yang masuk."
        )
    return Place(*scope)
