"""Builders: values of the rules with defaults, so that a test names only what it is about."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from catalog.load import load_shipped
from pos_engine.rules.basket import JudgedLine, Line, Market, judge_line
from pos_engine.rules.decision import Approved, Declined, Facts, decide
from pos_engine.rules.entitlement import Tranche, TrancheStatus
from pos_engine.rules.ids import WalletId
from pos_engine.rules.limits import NOTHING_USED, Used
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason
from pos_engine.rules.receipt import Receipt

TODAY = date(2026, 11, 21)
MALANG = "35.07"
KRETEK_GTIN = "2990000000149"
RICE_SACK_GTIN = "2990000000019"


def a_line(
    sku: str | None = "BERAS-MEDIUM",
    quantity_milli: int = 5000,
    unit_price: int = 13_400,
    *,
    unit: str | None = None,
    gtin: str | None = None,
) -> Line:
    """Five kilograms of rice, lawful everywhere; a `gtin` takes the place of the SKU."""
    return Line(None if gtin else sku, gtin, quantity_milli, Rupiah(unit_price), unit)


def a_tranche(
    wallet_id: str = "wallet-1",
    credited: int = 200_000,
    *,
    spent: int = 0,
    held: int = 0,
    period: str = "2026-11",
    expires_on: date = date(2026, 12, 31),
    status: TrancheStatus = TrancheStatus.OPEN,
    programme: str = "BPNT",
) -> Tranche:
    """One month of food aid, still open."""
    return Tranche(
        wallet_id=WalletId(wallet_id),
        programme=programme,
        period=period,
        credited=Rupiah(credited),
        spent=Rupiah(spent),
        held=Rupiah(held),
        expires_on=expires_on,
        status=status,
        custodian="ENGINE",
    )


def a_market(region: str = MALANG, day: date = TODAY, policy: str = "SEMBAKO-2021") -> Market:
    """The shipped rules at one place on one day."""
    catalogue = load_shipped()
    return Market(catalogue, catalogue.policies[policy], region, day)


def some_facts(
    *tranches: Tranche,
    market: Market | None = None,
    standing: tuple[Reason, ...] = (),
    proven: bool = True,
    used: Used = NOTHING_USED,
) -> Facts:
    """A proven payer with exactly these tranches, and nothing in the way or used today."""
    return Facts(market or a_market(), standing, proven, tranches, used)


def decided(
    *lines: Line,
    market: Market | None = None,
    tranches: tuple[Tranche, ...] | None = None,
    standing: tuple[Reason, ...] = (),
    proven: bool = True,
    used: Used = NOTHING_USED,
) -> Approved | Declined:
    """The decision on these lines; a full tranche unless others are given."""
    held = (a_tranche(),) if tranches is None else tranches
    facts = some_facts(*held, market=market, standing=standing, proven=proven, used=used)
    return decide(lines, facts)


def a_judged_line(
    sku: str | None = "BERAS-MEDIUM",
    quantity_milli: int = 5000,
    unit_price: int = 13_400,
    *,
    unit: str | None = None,
    gtin: str | None = None,
    market: Market | None = None,
) -> JudgedLine:
    """A line with the verdict that the rules give it."""
    line = a_line(sku, quantity_milli, unit_price, unit=unit, gtin=gtin)
    return judge_line(line, market or a_market())


def a_receipt(
    *lines: JudgedLine,
    shop_name: str = "Warung Bu Sri",
    place: str = "Kabupaten Malang, Jawa Timur",
    method: str = "KKS",
    amount: int = 67_000,
    balance_before: int = 200_000,
    balance_after: int = 133_000,
) -> Receipt:
    """The receipt of one sack's worth of rice in Malang."""
    return Receipt(
        shop_name=shop_name,
        place=place,
        number="3507-261121-1A2B3C4D",
        at=datetime(2026, 11, 21, 9, 14, tzinfo=ZoneInfo("Asia/Jakarta")),
        zone="WIB",
        method=method,
        lines=lines or (a_judged_line(),),
        amount=Rupiah(amount),
        balance_before=Rupiah(balance_before),
        balance_after=Rupiah(balance_after),
    )
