"""Reports by HTTP: rows as JSON or CSV, scope from the session alone."""

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from pos_engine.engine import Engine
from pos_engine.services.report import (
    NAMES,
    Report,
    Scope,
    harmless,
    make_report,
    officers_of,
)
from pos_engine.services.report_download import Asked, write_download
from pos_engine.services.report_files import Counted
from pos_engine.services.sessions import Role, Session
from pos_engine.web.auth import EngineHere, only
from pos_engine.web.problem import ProblemError

router = APIRouter(prefix="/v1/reports", tags=["reports"])
DAYS_MAX = 366
NEVER_SETTLED = "Belum ada pembayaran ke warung: perhitungan yang pertama belum dibuat."
REGION = r"^[0-9.]{0,13}$"
SENT_AT_ONCE = 1 << 16
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
FILE_TYPES = MEDIA_TYPES | {"csv": "text/csv; charset=utf-8"}
READERS = (Role.PEMILIK, Role.DINSOS, Role.KEMENSOS, Role.AUDITOR)
VISITORS = (Role.PENDAMPING, Role.DINSOS, Role.KEMENSOS, Role.AUDITOR)  # of the work lists
ReaderSession = Annotated[Session, Depends(only(*{*READERS, *VISITORS}))]


@router.get("/{name}", response_model=None)
def get_report(
    engine: EngineHere,
    session: ReaderSession,
    name: str,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    region: Annotated[str | None, Query(pattern=REGION)] = None,
    output: Annotated[Literal["json", "csv", "xlsx", "parquet"], Query(alias="format")] = "json",
    as_of: Annotated[AwareDatetime | None, Query()] = None,
) -> Response | dict[str, Any]:
    """A report of the local days from..to, within the caller's own scope.

    `as_of`: as it was known then, from the event lake. Files say filter, time, rows and SHA-256.
    """
    if name not in NAMES:
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Laporan ini tidak ada.")
    if session.role not in (officers_of(name) or READERS):
        raise ProblemError(
            HTTPStatus.FORBIDDEN, "ROLE_NOT_ALLOWED", "Peran ini tidak boleh melakukan itu."
        )
    if not 0 <= (last - first).days < DAYS_MAX:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "MALFORMED",
            f"Rentang hari harus 1 sampai {DAYS_MAX}.",
            "to",
        )
    scope = scope_of(session, region)
    if output in MEDIA_TYPES:
        return as_file(engine, Asked(name, first, last, scope, as_of), output)
    report = make_report(engine, name, first, last, scope, as_of)
    if output == "csv":
        counted = Counted(report.columns)
        for _page in counted.pages(report.rows):
            pass  # its hash is told before its first line
        headers = _headers(name, first, last, "csv", counted)
        return StreamingResponse(csv_rows(report), media_type="text/csv", headers=headers)
    return {
        "report": name,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "columns": list(report.columns),
        "rows": report.rows,
        **({"note": NEVER_SETTLED} if report.never_settled else {}),
        **({"known_until": report.known_until.isoformat()} if report.known_until else {}),
        **({"as_of": as_of.isoformat(), "changes": report.changes} if as_of else {}),
    }


def as_file(engine: Engine, asked: Asked, output: str) -> Response:
    """A report as csv, xlsx or parquet: written to the disk first, row after row, then sent.

    `LakeError` when only the lake answers and there is none.
    """
    folder = tempfile.TemporaryDirectory(prefix="ewarong-report-")
    try:
        path = Path(folder.name, f"report.{output}")
        counted = write_download(engine, asked, output, path)
        headers = _headers(asked.name, asked.first, asked.last, output, counted)
    except BaseException:
        folder.cleanup()
        raise
    return StreamingResponse(_sent(path, folder), media_type=FILE_TYPES[output], headers=headers)


def _sent(path: Path, folder: "tempfile.TemporaryDirectory[str]") -> Iterator[bytes]:
    with folder, path.open("rb") as file:
        while piece := file.read(SENT_AT_ONCE):
            yield piece


def _headers(name: str, first: date, last: date, output: str, counted: Counted) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}-{first}-{last}.{output}"',
        "X-Report-Rows": str(counted.rows),
        "X-Report-SHA256": counted.sha256,
    }


def scope_of(session: Session, region: str | None) -> Scope:
    """The rows a session may see: asking narrows them, never widens them."""
    if session.shop is not None:
        return Scope(shop_id=session.shop.shop_id)
    own = session.region
    if own is None:
        return Scope(region=region)
    inside = region is not None and (region == own or region.startswith(f"{own}."))
    return Scope(region=region if inside else own)


def csv_rows(report: Report) -> Iterator[str]:
    """The report as CSV, one row at a time; cells that a spreadsheet would run are quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(report.columns)
    for row in report.rows:
        writer.writerow([harmless(row[column]) for column in report.columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()
