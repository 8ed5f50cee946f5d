"""RFC 9457 problem documents: what happened, why, what to do. Never an echo of the input."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from pos_engine.engine import NotReadyError
from pos_engine.lake.folder import LakeError
from pos_engine.services.lake_reports import NeedsLakeError
from pos_engine.store.database import ConflictError, UnavailableError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "2"
FIELDS_LISTED_MAX = 20
# pydantic names the chosen member of a union inside the place; nobody sent that name
UNION_TAGS = frozenset(
    {"TOKEN", "KKS", "BANK_CARD", "PHONE", "QR", "FACE", "KTP", "CONTINUE", "PROOF", "YES"}
)


@dataclass(slots=True)
class ProblemError(Exception):
    """An error to answer with. `code` is for programs, `detail` for people."""

    status: int
    code: str
    detail: str
    field: str | None = None
    retry_after_s: int | None = None  # 429: when the same may be asked again


def problem(
    status: int,
    code: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem document."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every error of the app as a problem document."""
    app.exception_handler(ProblemError)(_problem)
    app.exception_handler(RequestValidationError)(_malformed)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(UnavailableError)(_unavailable)
    app.exception_handler(ConflictError)(_unavailable)
    app.exception_handler(NotReadyError)(_not_ready)
    app.exception_handler(LakeError)(_lake)
    app.exception_handler(Exception)(_fault)


def _problem(_request: Request, error: ProblemError) -> JSONResponse:
    return problem_of(error)


def problem_of(error: ProblemError) -> JSONResponse:
    """The document of an error that was meant."""
    errors = [{"field": error.field, "message": error.detail}] if error.field else None
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    return problem(error.status, error.code, error.detail, errors, headers)


def _malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "MALFORMED",
        "Isi permintaan belum benar. Lihat errors untuk setiap bagian.",
        [_field(each) for each in error.errors()[:FIELDS_LISTED_MAX]],
    )


def _http(_request: Request, error: HTTPException) -> JSONResponse:
    if error.status_code == HTTPStatus.BAD_REQUEST:  # a body that is no JSON at all
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "MALFORMED",
            "Isi permintaan bukan JSON yang benar.",
            [{"field": "body", "message": "not JSON"}],
        )
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers) if error.headers else None
    return problem(status, status.name, status.phrase, headers=headers)


def _unavailable(_request: Request, _error: Exception) -> JSONResponse:
    return unavailable()


def unavailable() -> JSONResponse:
    """503: the outcome is unknown, the same request may be sent again."""
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "UNAVAILABLE",
        "Mesin sedang sibuk. Kirim permintaan yang sama sekali lagi.",
        headers={"Retry-After": RETRY_AFTER_S},
    )


def _lake(_request: Request, error: LakeError) -> JSONResponse:
    if isinstance(error, NeedsLakeError):
        detail = "Laporan ini dijawab dari arsip data, yang belum ada di sini."
        return problem(HTTPStatus.CONFLICT, "NO_LAKE", detail)
    detail = "Arsip data tidak terbaca sekarang. Coba lagi sebentar."
    headers = {"Retry-After": RETRY_AFTER_S}
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "LAKE_UNAVAILABLE", detail, headers=headers)


def _not_ready(_request: Request, _error: NotReadyError) -> JSONResponse:
    return not_ready()


def not_ready() -> JSONResponse:
    """503: no catalogue is loaded."""
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "NOT_READY",
        "Katalog belum dimuat. Jalankan: ewarong catalog load",
        headers={"Retry-After": RETRY_AFTER_S},
    )


def _fault(_request: Request, _error: Exception) -> JSONResponse:
    return fault()


def fault() -> JSONResponse:
    """500: ours to mend; sending the same again does no harm."""
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "FAULT",
        "Ada gangguan di mesin. Kirim permintaan yang sama sekali lagi nanti.",
    )


def _field(error: dict[str, Any]) -> dict[str, str]:
    """The place and the kind of one fault, without the value that was sent."""
    if error["type"] == "json_invalid":
        return {"field": "body", "message": "not JSON"}
    place = [str(part) for part in error["loc"] if part not in UNION_TAGS and part != "body"]
    kind = str(error["type"])
    message = "unknown field" if kind == "extra_forbidden" else str(error["msg"])
    return {"field": ".".join(place) or "body", "message": message}
