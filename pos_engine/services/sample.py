"""The sample installation: two shops, their staff, fifty families, made as real ones are."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from catalog.load import shipped_files
from catalog.zones import region_path
from pos_engine.engine import Engine
from pos_engine.rules.identity import PIN_DIGITS
from pos_engine.rules.ids import KpmId, ShopId, new_uuid7
from pos_engine.rules.pin import guessable
from pos_engine.services import disburse, install
from pos_engine.services.card_secrets import make_sticker
from pos_engine.services.cards import list_cards
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.enrol import Enrolled, enrol
from pos_engine.services.faces import Unreadable
from pos_engine.services.install import Refused
from pos_engine.services.register import NewFamily, register_family, set_pin
from pos_engine.services.sample_qris import open_for_qris
from pos_engine.services.second_factor import make_totp
from pos_engine.services.sessions import FACTOR_ROLES, Role

MONTHLY = 200_000
USABLE_DAYS = 105
MADE_BY = "demo"
PORTRAIT = Path(__file__).parent.parent / "demo_data" / "portrait.jpg"
SHOPS = (("Warung Bu Sri", "35.07.13.2001", 30), ("Kios Mama Yosina", "94.01.01.1001", 20))
FIRST_NAMES = (
    "Siti", "Sri", "Dewi", "Nur", "Endang", "Wahyu", "Ratna", "Yosina", "Maria", "Kartini",
    "Lestari", "Aminah", "Rukmini", "Suparti", "Yuliana", "Agus", "Slamet", "Hasan", "Yakob",
    "Bambang",
)  # fmt: skip
LAST_NAMES = (
    "Wahyuni", "Lestari", "Rahayu", "Aisyah", "Purwanti", "Handayani", "Wulandari", "Tabuni",
    "Sulastri", "Kogoya", "Hidayah", "Utami", "Mulyani",
)  # fmt: skip
Good = TypeVar("Good")
Progress = Callable[[str], None]


class SampleError(Exception):
    """A service refused sample data: a fault of this file."""


@dataclass(frozen=True, slots=True)
class _Shop:
    shop_id: ShopId
    till_id: str
    name: str
    region: str
    families: int


def build_sample(engine: Engine, progress: Progress) -> dict[str, Any]:
    """Fill an empty installation; returns what `demo.json` holds. All people are made up."""
    progress("katalog: barang, harga tertinggi, larangan")
    install.mark_demo(engine)
    load_catalogue(engine, shipped_files(), MADE_BY)
    progress("dua warung dan petugas")
    shops = [_open_shop(engine, *sample) for sample in SHOPS]
    open_for_qris(engine, [shop.shop_id for shop in shops])
    staff = [row for shop in shops for row in _shop_staff(engine, shop)] + _offices(engine)
    progress("50 keluarga contoh, kartu, HP, PIN belanja")
    people = [row for shop in shops for row in _families(engine, shop)]
    progress(f"bantuan Rp{MONTHLY:,} per keluarga".replace(",", "."))
    _disburse(engine, [row["kpm_id"] for row in people])
    if engine.faces is not None:
        progress("wajah contoh (potret domain publik)")
        _enrol(engine, people[0])
    return {
        "staff": staff,
        "shops": [
            {
                "shop_id": shop.shop_id,
                "till_id": shop.till_id,
                "name": shop.name,
                "region": shop.region,
                "region_name": region_path(shop.region),
            }
            for shop in shops
        ],
        "kpm": people,
    }


def _must(result: Good | Refused) -> Good:
    if isinstance(result, Refused):
        raise SampleError(f"{result.field}: {result.message}")
    return result


def _open_shop(engine: Engine, name: str, region: str, families: int) -> _Shop:
    new = _must(install.add_shop(engine, name, region))
    return _Shop(new.shop_id, new.till_id, name, region, families)


def _shop_staff(engine: Engine, shop: _Shop) -> list[dict[str, Any]]:
    device = _must(install.add_device(engine, shop.till_id))
    rows = []
    for role, name in ((Role.KASIR, "Kasir contoh"), (Role.PEMILIK, "Pemilik contoh")):
        new = _must(install.add_staff(engine, name, role, shop_id=shop.shop_id))
        rows.append(_staff_row(role, device, new, shop.shop_id, shop.till_id))
    return rows


def _offices(engine: Engine) -> list[dict[str, Any]]:
    rows = []
    for role, name, region in (
        (Role.KEMENSOS, "Petugas Kemensos contoh", None),
        (Role.DINSOS, "Petugas Dinsos contoh", SHOPS[0][1][:5]),
        (Role.PENDAMPING, "Pendamping contoh", SHOPS[0][1][:5]),
    ):
        device = _must(install.add_device(engine, None))
        new = _must(install.add_staff(engine, name, role, region=region))
        row = _staff_row(role, device, new, None, None)
        if role in FACTOR_ROLES:
            row["totp_secret"] = make_totp(engine, new.staff_id)
        rows.append(row)
    return rows


def _staff_row(
    role: Role,
    device: install.NewDevice,
    new: install.NewStaff,
    shop_id: str | None,
    till_id: str | None,
) -> dict[str, Any]:
    return {
        "role": role.value,
        "device_id": device.device_id,
        "device_secret": device.device_secret,
        "staff_id": new.staff_id,
        "pin": new.pin,
        "shop_id": shop_id,
        "till_id": till_id,
    }


def _families(engine: Engine, shop: _Shop) -> list[dict[str, Any]]:
    return [_family(engine, shop, place) for place in range(shop.families)]


def _family(engine: Engine, shop: _Shop, place: int) -> dict[str, Any]:
    province = int(shop.region[:2])
    name = f"{FIRST_NAMES[place % len(FIRST_NAMES)]} {LAST_NAMES[place % len(LAST_NAMES)]}"
    born = date(1950 + place, 1 + place % 12, 2 + place % 27)  # no default day
    msisdn = f"+62812{province:02d}00{place:04d}"
    # the serial of a NIK follows day (+40 for women), month and year of birth
    nik = f"{shop.region[:8].replace('.', '')}{born.day + 40:02d}{born:%m%y}{place + 1:04d}"
    registered = _must(
        register_family(
            engine,
            NewFamily(
                kpm_id=KpmId(new_uuid7(engine.now())),
                region=shop.region,
                home_shop=shop.shop_id,
                name=name,
                birth_date=born,
                sex="P",
                nik=nik,
                msisdn=msisdn,
            ),
        )
    )
    pin = _pin(born)
    refused = set_pin(engine, registered.kpm_id, pin)
    if refused is not None:
        raise SampleError(refused.message)
    return {
        "kpm_id": registered.kpm_id,
        "card": registered.card,
        "card_qr": _sticker(engine, registered.kpm_id),
        "pin": pin,
        "msisdn": msisdn,
        "nik": nik,
        "balance": MONTHLY,
        "shop_id": shop.shop_id,
        "face": None,
    }


def _sticker(engine: Engine, kpm_id: KpmId) -> str:
    """The text of the sticker on her card: `EWK1:...`."""
    (card,) = list_cards(engine, kpm_id=kpm_id)
    return _must(make_sticker(engine, card.card_id, MADE_BY)).text


def _pin(born: date) -> str:
    while guessable(pin := f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}", (born,)):
        pass
    return pin


def _disburse(engine: Engine, kpm_ids: list[str]) -> None:
    today = engine.now().date()
    rows = "".join(f"{kpm_id},{MONTHLY}\n" for kpm_id in kpm_ids)
    order = disburse.Order(
        programme="BPNT",
        period=f"{today:%Y-%m}",
        expires_on=today + timedelta(days=USABLE_DAYS),
        expect_count=len(kpm_ids),
        expect_total=MONTHLY * len(kpm_ids),
        papers={"decree": "contoh", "sp2d": "contoh"},
    )
    run_id = disburse.stage(engine, f"family_id,amount\n{rows}".encode(), order, MADE_BY)
    if isinstance(run_id, disburse.FileRefused):
        raise SampleError("; ".join(run_id.problems))
    _must(disburse.approve(engine, run_id, f"{MADE_BY}-2"))


def _enrol(engine: Engine, person: dict[str, Any]) -> None:
    enrolled = enrol(engine, person["kpm_id"], [PORTRAIT.read_bytes()])
    if isinstance(enrolled, Unreadable):
        raise SampleError(enrolled.detail)
    if isinstance(enrolled, Enrolled):
        person["face"] = str(PORTRAIT)


def write_sample_file(path: Path, sample: dict[str, Any], base_url: str) -> None:
    """Write `demo.json`, readable by the owner only."""
    path.touch(mode=0o600)
    path.write_text(json.dumps({"base_url": base_url, **sample}, indent=1))
