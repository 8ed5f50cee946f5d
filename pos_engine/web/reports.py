"""Reports by HTTP: rows as JSON or CSV, scope from the session alone."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from pos_engine.services.report import (
    NAMES,
    WORK_LISTS,
    Report,
    Scope,
    harmless,
    make_report,
)
from pos_engine.services.sessions import Role, Session
from pos_engine.web.auth import EngineHere, only
from pos_engine.web.problem import ProblemError

router = APIRouter(prefix="/v1/reports", tags=["reports"])
DAYS_MAX = 366
NEVER_SETTLED = "Belum ada pembayaran ke warung: perhitungan yang pertama belum dibuat."
REGION = r"^[0-9.]{0,13}$"
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
    output: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response | dict[str, Any]:
    """A report of the local days from..to, within the caller's own scope."""
    if name not in NAMES:
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Laporan ini tidak ada.")
    if session.role not in (VISITORS if name in WORK_LISTS else READERS):
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
    report = make_report(engine, name, first, last, scope_of(session, region))
    if output == "csv":
        headers = {"Content-Disposition": f'attachment; filename="{name}-{first}-{last}.csv"'}
        return StreamingResponse(csv_rows(report), media_type="text/csv", headers=headers)
    return {
        "report": name,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "columns": list(report.columns),
        "rows": report.rows,
        **({"note": NEVER_SETTLED} if report.never_settled else {}),
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
