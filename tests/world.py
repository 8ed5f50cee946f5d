"""A small world for tests: who lives there, and how they buy."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from biometrics.thresholds import SFACE
from catalog.load import shipped_files
from pos_engine.engine import Engine
from pos_engine.keys import Keys, TemplateKey
from pos_engine.matching.local import LocalMatcher
from pos_engine.rules.basket import Line
from pos_engine.rules.ids import KpmId, PurchaseId, ShopId, TillId, new_uuid7
from pos_engine.rules.money import Rupiah
from pos_engine.services import disburse, install
from pos_engine.services.authorize import PurchaseRequest
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.payer import CardProof, PayerProof
from pos_engine.services.register import NewFamily, register_family, set_pin
from pos_engine.services.sessions import Role
from pos_engine.sms import DemoGateway
from pos_engine.store.database import Database, open_database
from pos_engine.store.group_commit import GroupCommit
from pos_engine.store.latencies import Latencies

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)  # 10.00 WIB
PIN = "493817"
BALANCE = 200_000
MSISDN = "+6281234567890"
NIK = "3507135508800001"
BORN = date(1980, 8, 15)
TEMPLATE_KEY = TemplateKey.of(bytes(range(32)))


@dataclass
class Clock:
    """A clock that tests move."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass(frozen=True)
class World:
    """Who lives in the small world: a shop, a rival shop, their staff and two families."""

    shop_id: ShopId
    till_id: TillId
    other_shop_id: ShopId
    other_till_id: TillId
    kpm_id: KpmId
    card: str
    other_kpm_id: KpmId
    other_card: str
    staff: dict[str, dict[str, Any]] = field(default_factory=dict)


def make_engine(url: str, keys: Keys, clock: Clock, database: Database | None = None) -> Engine:
    """An engine on the database at `url`, opened anew unless it is given."""
    database = database or open_database(url)
    return Engine(
        database=database,
        commits=GroupCommit(database, latencies=Latencies(database, clock)),
        keys=keys,
        faces=None,
        matcher=LocalMatcher(database, TEMPLATE_KEY, SFACE.model_id),
        thresholds=SFACE,
        sms=DemoGateway(),
        policy_id="SEMBAKO-2021",
        code_valid_s=180,
        face_risk_budget=0.001,
        now=clock,
        staff_factor="demo",  # tests/services/test_second_factor.py asks for it
    )


def populate(engine: Engine) -> World:
    """The small world, made by the same services as a real one."""
    load_catalogue(engine, shipped_files(), "test")
    shop = install.add_shop(engine, "Warung Bu Sri", "35.07.13.2001")
    other = install.add_shop(engine, "Kios Mama Yosina", "94.01.01.1001")
    assert isinstance(shop, install.NewShop)
    assert isinstance(other, install.NewShop)
    staff = {
        "KASIR": _staff(engine, Role.KASIR, shop.shop_id, shop.till_id),
        "PEMILIK": _staff(engine, Role.PEMILIK, shop.shop_id, shop.till_id),
        "KASIR-2": _staff(engine, Role.KASIR, other.shop_id, other.till_id),
        "KEMENSOS": _staff(engine, Role.KEMENSOS, None, None),
        "KEMENSOS-2": _staff(engine, Role.KEMENSOS, None, None),
        "DINSOS": _staff(engine, Role.DINSOS, None, None, "35.07"),
        "PENDAMPING": _staff(engine, Role.PENDAMPING, None, None, "35.07"),
    }
    cards = {
        kpm_id: _family(engine, KpmId(kpm_id), shop.shop_id, msisdn, nik)
        for kpm_id, msisdn, nik in (("KPM-1", MSISDN, NIK), ("KPM-2", None, None))
    }
    credit(engine, {"KPM-1": BALANCE, "KPM-2": BALANCE})
    return World(
        shop_id=shop.shop_id,
        till_id=shop.till_id,
        other_shop_id=other.shop_id,
        other_till_id=other.till_id,
        kpm_id=KpmId("KPM-1"),
        card=cards["KPM-1"],
        other_kpm_id=KpmId("KPM-2"),
        other_card=cards["KPM-2"],
        staff=staff,
    )


def _staff(
    engine: Engine, role: Role, shop_id: str | None, till_id: str | None, region: str | None = None
) -> dict[str, Any]:
    device = install.add_device(engine, till_id)
    member = install.add_staff(engine, "Petugas", role, shop_id=shop_id, region=region)
    assert isinstance(device, install.NewDevice)
    assert isinstance(member, install.NewStaff)
    return {
        "device_id": device.device_id,
        "device_secret": device.device_secret,
        "staff_id": member.staff_id,
        "pin": member.pin,
    }


def _family(
    engine: Engine, kpm_id: KpmId, shop_id: ShopId, msisdn: str | None, nik: str | None
) -> str:
    registered = register_family(
        engine,
        NewFamily(
            kpm_id=kpm_id,
            region="35.07.13.2001",
            home_shop=shop_id,
            name="Siti Wahyuni",
            birth_date=BORN,
            msisdn=msisdn,
            nik=nik,
        ),
    )
    assert not isinstance(registered, install.Refused), registered
    assert set_pin(engine, kpm_id, PIN) is None
    return registered.card


def credit(
    engine: Engine,
    amounts: dict[str, int],
    period: str = "2026-11",
    days: int = 60,
    programme: str = "BPNT",
) -> str:
    """Credit families through the disbursement service, by two officers; the run."""
    rows = "".join(f"{kpm_id},{amount}\n" for kpm_id, amount in amounts.items())
    order = disburse.Order(
        programme=programme,
        period=period,
        expires_on=(engine.now() + timedelta(days=days)).date(),
        expect_count=len(amounts),
        expect_total=sum(amounts.values()),
        papers={"escrow": "test"},
    )
    run = disburse.stage(engine, f"family_id,amount\n{rows}".encode(), order, "officer-1")
    assert isinstance(run, str), run
    done = disburse.approve(engine, run, "officer-2")
    assert isinstance(done, disburse.Credited), done
    return run


def rice(quantity_milli: int = 5000, unit_price: int = 13_400, sku: str = "BERAS-MEDIUM") -> Line:
    return Line(sku, None, quantity_milli, Rupiah(unit_price), None)


def a_purchase(
    world: World,
    *lines: Line,
    proof: PayerProof | None = None,
    purchase_id: str | None = None,
    at: datetime = NOW,
) -> PurchaseRequest:
    """A purchase of five kilograms of rice by card, unless told otherwise."""
    return PurchaseRequest(
        purchase_id=PurchaseId(purchase_id or new_uuid7(at)),
        shop_id=world.shop_id,
        till_id=world.till_id,
        staff_id="staff-1",
        occurred_at=at,
        proof=proof or CardProof(world.card, PIN),
        lines=lines or (rice(),),
    )
