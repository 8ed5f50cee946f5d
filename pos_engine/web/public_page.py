"""The page for everybody: a month's figures, prices, the exclusion meter, the roots of the record.

No log-in, no cookie, no script; it may be kept by caches for a while.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from pos_engine.services.public_figures import Figures, public_figures
from pos_engine.services.public_roots import public_roots
from pos_engine.services.release_plan import as_csv
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import pages
from pos_engine.web.office_cells import number, percent, short_money
from pos_engine.web.pictures_bars import Bar, bars
from pos_engine.web.pictures_map import Tile, tile_list, tile_map
from pos_engine.web.rates import Rate

router = APIRouter(prefix="/publik", include_in_schema=False)
PUBLIC_OF_AN_ADDRESS_MAX = 60
PUBLIC_OF_ALL_MAX = 600
PUBLIC_WINDOW_S = 60.0
KEPT_S = 900  # by browsers and caches on the way
ROOTS_SHOWN = 7
MONTH = r"^([0-9]{4}-(0[1-9]|1[0-2]))?$"
CHECKER = Path(__file__).parent / "static" / "periksa.py"
TOO_OFTEN = "Terlalu sering. Coba lagi satu menit lagi."
PROVINCE_COLUMNS = ("month", "province", "families", "purchases", "rupiah")
PRICE_COLUMNS = (
    "month", "commodity", "name", "unit", "lines", "p10", "p50", "p90", "ceiling_low",
    "ceiling_high", "ceiling_kind",
)  # fmt: skip
Month = Annotated[str, Query(alias="bulan", pattern=MONTH)]
METHODS = {
    "KKS": "kartu KKS", "PHONE": "HP", "FACE": "wajah", "KTP": "KTP", "QR": "kode QR",
    "DELEGATE": "wakil", "SUPERVISED": "dua petugas",
}  # fmt: skip
HEADERS = {
    "Cache-Control": f"public, max-age={KEPT_S}",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
}


class Gate:
    """The limits of one server process."""

    def __init__(self) -> None:
        self.of_one = Rate(PUBLIC_OF_AN_ADDRESS_MAX, PUBLIC_WINDOW_S)
        self.of_all = Rate(PUBLIC_OF_ALL_MAX, PUBLIC_WINDOW_S)


def _too_often(request: Request) -> Response | None:
    state = request.app.state
    if not hasattr(state, "public_gate"):
        state.public_gate = Gate()
    gate: Gate = state.public_gate
    address = request.client.host if request.client else ""
    if gate.of_one.allow(address) and gate.of_all.allow(""):
        return None
    headers = {"Retry-After": str(int(PUBLIC_WINDOW_S)), "Cache-Control": "no-store"}
    return PlainTextResponse(TOO_OFTEN, HTTPStatus.TOO_MANY_REQUESTS, headers)


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere, month: Month = "") -> Response:
    """What everybody may see of a month (the newest), and the newest roots."""
    refused = _too_often(request)
    if refused is not None:
        return refused
    figures = public_figures(engine, month or None)
    roots = public_roots(engine)
    context: dict[str, Any] = {
        "figures": figures,
        "roots": list(reversed(roots.days[-ROOTS_SHOWN:])),
        "key_id": roots.key_id,
        "checker_sha256": checker()[1],
        **(_shown(figures) if figures else {}),
    }
    return pages.TemplateResponse(request, "public.html", context, headers=HEADERS)


def _shown(figures: Figures) -> dict[str, Any]:
    tiles = {
        row["province"]: Tile(float(row["rupiah"]), short_money(row["rupiah"]).removeprefix("Rp"))
        for row in figures.provinces
        if row["rupiah"] is not None
    }
    reading = _reading(figures)
    drawn = ("Nilai belanja per provinsi", reading, tiles, "", dict[str, str]())
    proofs = [row for row in figures.proofs if row["attempts"]]
    return {
        "reading": reading,
        "picture": tile_map("pub", *drawn) + tile_list("pub-hp", *drawn),
        "price_reading": _price_reading(figures),
        "proof_reading": _proof_reading(figures),
        "proof_picture": bars(
            "pp", "Bukti diri yang gagal", _proof_reading(figures), [_bar(row) for row in proofs]
        ),
        "methods": METHODS,
    }


def _bar(row: dict[str, Any]) -> Bar:
    share = row["failed"] / row["attempts"]
    return Bar(METHODS.get(row["method"], row["method"]), share, percent(share))


def _reading(figures: Figures) -> str:
    total = figures.total
    if total["rupiah"] is None:
        return "Belanja bulan ini masih terlalu sedikit untuk ditampilkan tanpa menunjuk orang."
    about = "sekitar " if figures.running else ""
    return (
        f"Bulan {figures.month}: {about}{number(total['families'])} keluarga berbelanja "
        f"{number(total['purchases'])} kali, {short_money(total['rupiah'])}."
    )


def _price_reading(figures: Figures) -> str:
    known = [row for row in figures.prices if row["ceiling_high"] and row.get("p50")]
    above = sum(row["p50"] > row["ceiling_high"] for row in known)
    if not known:
        return "Belum ada barang berharga tertinggi yang cukup sering dibeli."
    if not above:
        return f"Harga tengah {len(known)} barang semuanya tidak melewati harga tertinggi."
    return f"Harga tengah {above} dari {len(known)} barang melewati harga tertinggi."


def _proof_reading(figures: Figures) -> str:
    unfed = figures.unfed
    if unfed["families"] is None:
        return "Keluarga yang ditolak bulan ini terlalu sedikit untuk ditampilkan."
    if not unfed["families"]:
        return "Tidak ada keluarga yang ditolak bulan ini."
    return (
        f"Dari {number(unfed['families'])} keluarga yang pernah ditolak atau gagal dikenali, "
        f"{number(unfed['never_bought'])} belum berhasil berbelanja bulan ini."
    )


@router.get("/provinsi.csv")
def provinces_csv(request: Request, engine: EngineHere, month: Month = "") -> Response:
    """Open data: a month by province; hidden figures are empty."""
    return _csv(request, engine, month, PROVINCE_COLUMNS, lambda found: found.provinces)


@router.get("/harga.csv")
def prices_csv(request: Request, engine: EngineHere, month: Month = "") -> Response:
    """Open data: paid prices of the nation by good, against the ceilings."""
    return _csv(request, engine, month, PRICE_COLUMNS, lambda found: found.prices)


def _csv(
    request: Request,
    engine: EngineHere,
    month: str,
    columns: tuple[str, ...],
    of: Callable[[Figures], tuple[dict[str, Any], ...]],
) -> Response:
    refused = _too_often(request)
    if refused is not None:
        return refused
    found = public_figures(engine, month or None)

    def rows() -> Iterator[dict[str, object]]:
        for row in of(found) if found else ():
            yield {name: _empty(row.get(name)) for name in columns} | {
                "month": found and found.month
            }

    text = "".join(as_csv(columns, rows()))
    return Response(text, media_type="text/csv; charset=utf-8", headers=HEADERS)


def _empty(value: object) -> object:
    return "" if value is None else value


@router.get("/akar.json")
def roots_file(request: Request, engine: EngineHere) -> Response:
    """The roots of closed days with signatures and public key: keep a copy."""
    return _too_often(request) or JSONResponse(public_roots(engine).as_json(), headers=HEADERS)


@router.get("/periksa.py")
def checker_file(request: Request) -> Response:
    """The checker that anyone can run: one file of Python, no packages."""
    return _too_often(request) or Response(
        checker()[0], media_type="text/x-python; charset=utf-8", headers=HEADERS
    )


@lru_cache(1)
def checker() -> tuple[bytes, str]:
    """The checker's bytes and their SHA-256."""
    content = CHECKER.read_bytes()
    return content, hashlib.sha256(content).hexdigest()
