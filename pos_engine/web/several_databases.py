"""With several databases only some routes are served; the others say so instead of half working."""

import re
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from pos_engine.web.problem import problem

SERVED = re.compile(
    r"/|/health|/metrics|/openapi\.json|/(till|static)(/.*)?|/v1/sessions(/refresh|/sealing-key)?|/v1/catalog"
    r"|/v1/purchases(/[^/]+(/receipt\.svg)?)?"
)


class SeveralDatabases:
    """ASGI middleware: 503 for whatever asks the first database alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what works; refuse the rest."""
        if scope["type"] != "http" or SERVED.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        refused = problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "ONE_DATABASE_ONLY",
            "Layanan ini belum tersedia pada pemasangan dengan beberapa basis data.",
        )
        await refused(scope, receive, send)
