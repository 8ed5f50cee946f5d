"""A month of sample purchases in ten provinces, so that the officers' pages have something to show.

Other families and shops than those of the log-ins: their balances stay as `demo.json` says.
"""

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from pos_engine.engine import Engine
from pos_engine.lake.compact import compact_days, count_days
from pos_engine.lake.writer import Writer
from pos_engine.rules.basket import Line
from pos_engine.rules.ids import KpmId, PurchaseId, ShopId, TillId, new_uuid7
from pos_engine.rules.money import Rupiah
from pos_engine.services import disburse, install
from pos_engine.services.authorize import PurchaseRequest, authorize
from pos_engine.services.install import NewShop, Refused
from pos_engine.services.lake_write import catch_up
from pos_engine.services.payer import CardProof
from pos_engine.services.register import NewFamily, register_family, set_pin
from pos_engine.services.sample import MADE_BY, MONTHLY, USABLE_DAYS, SampleError

SEED = 38
DAYS_BACK = 27
FAMILIES_A_SHOP = 8
PIN = "493817"
STAFF = "contoh"
# Where, and how far honest prices stand above the usual there, in percent.
SHOPS = (
    ("Warung Maju", "35.07.02.2001", 0), ("Toko Surabaya", "35.78.02.1001", 0),
    ("Warung Bandung", "32.04.06.1001", 1), ("Kedai Medan", "12.71.02.1001", 4),
    ("Warung Pontianak", "61.71.02.1001", 3), ("Kios Makassar", "73.71.02.1001", 0),
    ("Kios Kupang", "53.71.02.1001", 5), ("Kios Nabire", "94.01.02.2001", 9),
    ("Warung Semarang", "33.74.02.1001", 0), ("Warung Mataram", "52.71.02.1001", 1),
)  # fmt: skip
# Good, thousandths of its unit in one purchase, usual price of a unit.
GOODS = (
    ("BERAS-MEDIUM", 5000, 13_100), ("TELUR-AYAM", 1000, 28_500), ("TEMPE", 1000, 12_500),
    ("DAGING-AYAM", 1000, 36_500), ("BAYAM", 1000, 7_500), ("PISANG", 1000, 13_000),
    ("IKAN-KEMBUNG", 1000, 38_000), ("TAHU", 1000, 11_000),
)  # fmt: skip
BANNED = ("ROKOK-KRETEK", 1000, 25_000)


@dataclass
class _Clock:
    """The moment that the services are told."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class _Family:
    card: str
    shop: NewShop
    dearer: int
    first_day: int  # after the credit; beyond DAYS_BACK: she has not come yet


def build_history(engine: Engine) -> int:
    """Make it with a clock that runs through the last days; how many purchases were tried."""
    draw = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    began = engine.now() - timedelta(days=DAYS_BACK)
    clock = _Clock(began)
    then = replace(engine, now=clock)
    families = [
        family for place, shop in enumerate(SHOPS) for family in _families(then, place, *shop, draw)
    ]
    visits = sorted(
        (
            (began + timedelta(days=day, minutes=draw.randrange(420)), number)
            for number, family in enumerate(families)
            for day in range(family.first_day, DAYS_BACK, 8)
        ),
    )
    for clock.at, number in visits:
        authorize(then, _purchase(families[number], clock.at, draw))
    if engine.lake is not None:
        _write_lake(engine, engine.lake)
    return len(visits)


def _write_lake(engine: Engine, lake: Path) -> None:
    """Written, merged and counted now: the first look does not meet files that are merged."""
    for _round in catch_up(engine):
        pass
    today = engine.now().date().isoformat()
    with closing(Writer(lake, engine.now)) as writer:
        for _file in (*compact_days(writer, today), *count_days(writer, today)):
            pass


def _families(
    engine: Engine, place: int, name: str, region: str, dearer: int, draw: random.Random
) -> Iterator[_Family]:
    shop = install.add_shop(engine, name, region)
    if isinstance(shop, Refused):
        raise SampleError(shop.message)
    numbers = range(FAMILIES_A_SHOP)
    people = [_card(engine, place, number, region, shop.shop_id) for number in numbers]
    _disburse(engine, place, [kpm_id for kpm_id, _ in people])
    for _, card in people:
        yield _Family(card, shop, dearer, draw.choice((0, 0, 1, 1, 2, 4, 6, 10, 18, DAYS_BACK)))


def _card(
    engine: Engine, place: int, number: int, region: str, shop_id: ShopId
) -> tuple[KpmId, str]:
    kpm_id = KpmId(new_uuid7(engine.now()))
    family = NewFamily(
        kpm_id=kpm_id,
        region=region,
        home_shop=shop_id,
        name=f"Keluarga contoh {place + 1}-{number + 1}",
        birth_date=date(1948 + 4 * number + place, 1 + number, 3 + place),
        sex="P",
    )
    made = register_family(engine, family)
    if isinstance(made, Refused) or set_pin(engine, kpm_id, PIN) is not None:
        raise SampleError(f"{region} {number}")
    return kpm_id, made.card


def _disburse(engine: Engine, place: int, kpm_ids: list[KpmId]) -> None:
    day = engine.now().date()
    order = disburse.Order(
        programme="BPNT",
        period=f"{day:%Y-%m}",
        expires_on=day + timedelta(days=USABLE_DAYS),
        expect_count=len(kpm_ids),
        expect_total=MONTHLY * len(kpm_ids),
        papers={"decree": f"contoh-{place}", "sp2d": f"contoh-{place}"},
    )
    rows = "".join(f"{kpm_id},{MONTHLY}\n" for kpm_id in kpm_ids)
    run = disburse.stage(engine, f"family_id,amount\n{rows}".encode(), order, MADE_BY)
    if isinstance(run, disburse.FileRefused):
        raise SampleError("; ".join(run.problems))
    disburse.approve(engine, run, f"{MADE_BY}-2")


def _purchase(family: _Family, at: datetime, draw: random.Random) -> PurchaseRequest:
    """One to three goods at about the usual price; now and then a dear, a banned, a wrong PIN."""
    chosen = draw.sample(GOODS, draw.randint(1, 3))
    if draw.random() < 0.04:  # noqa: PLR2004 - one in twenty-five
        chosen.append(BANNED)
    lines = tuple(
        Line(sku, None, quantity, _price(usual, family.dearer, draw), None)
        for sku, quantity, usual in chosen
    )
    return PurchaseRequest(
        purchase_id=PurchaseId(new_uuid7(at)),
        shop_id=family.shop.shop_id,
        till_id=TillId(family.shop.till_id),
        staff_id=STAFF,
        occurred_at=at,
        proof=CardProof(family.card, PIN if draw.random() > 0.04 else "111222"),  # noqa: PLR2004
        lines=lines,
    )


def _price(usual: int, dearer: int, draw: random.Random) -> Rupiah:
    """Within a few percent of the usual, in steps of Rp100."""
    percent = dearer + draw.gauss(0, 2.5)
    return Rupiah(round(usual * (100 + percent) / 10_000) * 100)
