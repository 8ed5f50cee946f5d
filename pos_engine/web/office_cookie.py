"""The cookies of an officer's session, and what we are called where her browser is."""

from datetime import timedelta

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from pos_engine.services.passkeys import Site
from pos_engine.services.sessions import ACCESS_LIFE, REFRESH_LIFE, Opened
from pos_engine.web.office import COOKIE, HOME

RENEWAL = "ewarong_ministry_renewal"
SEE_OTHER = 303


def let_in(request: Request, opened: Opened, path: str) -> Response:
    """On to a page, with a session that lives in cookies of this site only."""
    return with_session(request, RedirectResponse(path, SEE_OTHER), opened)


def with_session(request: Request, answer: Response, opened: Opened) -> Response:
    """The same answer with the cookies."""
    given: tuple[tuple[str, str, timedelta], ...] = (
        (COOKIE, opened.access_token, ACCESS_LIFE),
        (RENEWAL, opened.refresh_token, REFRESH_LIFE),
    )
    for name, token, life in given:
        answer.set_cookie(
            name,
            token,
            max_age=int(life.total_seconds()),
            path=HOME,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
    return answer


def site_of(request: Request) -> Site:
    """The site as the browser names it; TLS may end before us, the name is the same."""
    where = request.url.netloc
    return Site(request.url.hostname or "", (f"https://{where}", f"http://{where}"))
