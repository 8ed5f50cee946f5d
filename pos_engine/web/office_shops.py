"""The officers' page of shops: do they live, whom do they refuse, are their tills awake."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.web.auth import EngineHere
from pos_engine.web.office import log_in_first, reader, show, span_of
from pos_engine.web.office_cells import number, percent
from pos_engine.web.office_places import inner_depth
from pos_engine.web.office_rows import report_of
from pos_engine.web.office_words import shown, word
from pos_engine.web.pictures_bars import Bar, bars

Row = dict[str, Any]
router = APIRouter(prefix="/kemensos/warung", include_in_schema=False)
ROWS_SHOWN = 200
LIVINGS = ("YES", "AID_ONLY", "SILENT")
LOOKS = {
    "": "Semua warung",
    "AID_ONLY": "Hanya bantuan",
    "SILENT": "Tidak ada jualan",
    "DIAM": "Kasir diam",
    "KASUS": "Ada kasus terbuka",
}
COLUMNS = {
    "region": "Desa", "shop": "Warung", "living": "Jualan", "aid_days": "Hari bantuan",
    "cash_days": "Hari tunai", "aid_purchases": "Belanja bantuan", "aid_share": "Bagian bantuan",
    "refused": "Ditolak", "refused_price": "Karena harga", "silent_tills": "Kasir diam",
    "last_seen": "Terakhir terdengar", "devices": "Tablet", "open_cases": "Kasus",
}  # fmt: skip
PLACE_COLUMNS = {
    "region": "Tempat", "shops": "Warung", "aid_only": "Hanya bantuan", "silent": "Tanpa jualan",
    "refused": "Belanja ditolak", "silent_tills": "Kasir diam", "open_cases": "Kasus",
}  # fmt: skip


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """How shops sell, refuse and answer; those that need a look first."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    span = span_of(request, engine, session)
    report = report_of(engine, "shop-health", span)
    rows = report.rows if report else []
    look = request.query_params.get("lihat", "")
    look = look if look in LOOKS else ""
    chosen = sorted((row for row in rows if _asked(row, look)), key=_worst_first)
    living = _living(rows)
    refused = _refused(rows)
    return show(
        request,
        session,
        "office_shops.html",
        span=span,
        looks=LOOKS,
        look=look,
        living=living,
        refused=refused,
        places=_places(rows, inner_depth(span.region)),
        place_columns=PLACE_COLUMNS,
        columns=COLUMNS,
        chosen=shown(chosen[:ROWS_SHOWN]),
        found=len(chosen),
        shown_at_most=ROWS_SHOWN,
    )


def _asked(row: Row, look: str) -> bool:
    if look == "DIAM":
        return bool(row["silent_tills"])
    if look == "KASUS":
        return bool(row["open_cases"])
    return not look or row["living"] == look


def _worst_first(row: Row) -> tuple[int, bool, int, str]:
    return -row["open_cases"], row["living"] == LIVINGS[0], -row["refused"], row["shop_id"]


def _living(rows: Sequence[Row]) -> dict[str, str]:
    counts = Counter(row["living"] for row in rows)
    if not rows:
        return {"reading": "Belum ada warung yang buka di tempat ini.", "picture": "", "number": ""}
    reading = (
        f"{number(counts['YES'])} dari {number(len(rows))} warung juga melayani pembeli biasa; "
        f"{number(counts['AID_ONLY'])} hanya melayani bantuan."
    )
    drawn = [
        Bar(word(each), counts[each], f"{number(counts[each])} warung", each != LIVINGS[0])
        for each in LIVINGS
    ]
    aid = sum(row["aid_purchases"] for row in rows)
    cash = sum(row["cash_sales"] for row in rows)
    return {
        "reading": reading,
        "picture": bars("jualan", "Warung menurut jualannya", reading, drawn),
        "number": percent(aid / (aid + cash)) if aid + cash else "",
    }


def _refused(rows: Sequence[Row]) -> dict[str, str]:
    """Shops with the most refused purchases, by their share of all they rang up."""
    found = [row for row in rows if row["refused"]]
    every = sum(row["refused"] for row in found)
    if not found:
        return {"reading": "Tidak ada belanja yang ditolak.", "picture": "", "number": "0"}
    found.sort(key=lambda row: (-row["refused"], row["shop_id"]))
    dear = sum(row["refused_price"] for row in found)
    reading = (
        f"{number(every)} belanja ditolak di {number(len(found))} warung, {number(dear)} karena "
        f"harga; paling banyak di {found[0]['shop']}."
    )
    drawn = [
        Bar(row["shop"], row["refused"], f"{number(row['refused'])} ({_share(row)})")
        for row in found[:10]
    ]
    picture = bars("tolak", "Belanja ditolak", reading, drawn)
    return {"reading": reading, "picture": picture, "number": number(every)}


def _share(row: Row) -> str:
    return percent(row["refused"] / (row["refused"] + row["aid_purchases"]))


def _places(rows: Sequence[Row], depth: int) -> list[Row]:
    """Sums of the places just inside."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        own = found.setdefault(row["region"][:depth], Counter())
        own["shops"] += 1
        own["aid_only"] += row["living"] == "AID_ONLY"
        own["silent"] += row["living"] == "SILENT"
        for name in ("refused", "silent_tills", "open_cases"):
            own[name] += row[name]
    names = [name for name in PLACE_COLUMNS if name != "region"]
    return [
        {"region": code, **{name: own[name] for name in names}}
        for code, own in sorted(found.items())
    ]
