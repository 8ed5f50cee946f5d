"""Packed bodies over HTTP: a tablet on a thin line sends its queue and reads the answer as gzip."""

import gzip
from http import HTTPStatus

from fastapi import Request, Response

from pos_engine.web.problem import ProblemError
from pos_engine.wire.packed_body import GZIP, NotOpened, opened

ANSWER_BYTES_MIN = 1_024  # a short answer fits one packet anyway
LEVEL = 6
REFUSED = {
    NotOpened.UNKNOWN_ENCODING: (
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "ENCODING_UNKNOWN",
        "Content-Encoding hanya boleh gzip.",
    ),
    NotOpened.DAMAGED: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "MALFORMED",
        "Isi kiriman rusak di perjalanan. Kirim sekali lagi.",
    ),
    NotOpened.TOO_LARGE: (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "BODY_TOO_LARGE",
        "Isi kiriman terlalu besar setelah dibuka.",
    ),
}


async def body_of(request: Request, bytes_max: int) -> bytes:
    """The body as it was before it was packed; at most `bytes_max` bytes, else 413."""
    body = opened(await request.body(), request.headers.get("content-encoding", ""), bytes_max)
    if isinstance(body, NotOpened):
        raise ProblemError(*REFUSED[body])
    return body


def pack(request: Request, response: Response) -> Response:
    """The same answer as gzip, where the other side takes it and it is worth it."""
    if len(response.body) < ANSWER_BYTES_MIN or GZIP not in request.headers.get(
        "accept-encoding", ""
    ):
        return response
    response.body = gzip.compress(response.body, LEVEL, mtime=0)
    response.headers["Content-Encoding"] = GZIP
    response.headers["Content-Length"] = str(len(response.body))
    return response
