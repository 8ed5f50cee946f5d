"""The verdict of one line: what would overcharge a family, or refuse her lawful food."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from catalog.load import load_shipped
from catalog.price_book import PriceBook
from pos_engine.rules.basket import QUANTITY_MILLI_MAX, Market
from pos_engine.rules.reasons import Reason
from tests.make import (
    KRETEK_GTIN,
    RICE_SACK_GTIN,
    a_judged_line,
    a_line,
    a_market,
    decided,
)

POLICIES = sorted(load_shipped().policies)
ANY_FOOD = "PANGAN-2022"
EVERY_BANNED_UNIT = [
    (good.sku, unit)
    for good in load_shipped().goods.values()
    if good.category in {"TOBACCO", "ALCOHOL"}
    for unit in good.units
]


def a_market_without_ceilings(*skus: str) -> Market:
    market = a_market(policy=ANY_FOOD)
    book = market.catalogue.price_book
    rows = [row for row in book.rows if row.sku not in skus]
    catalogue = replace(market.catalogue, price_book=PriceBook.of(rows, book.zones))
    return replace(market, catalogue=catalogue)


# Typed from the regulations: sku, unit, policy, the highest lawful price per unit.
HET = [
    ("BERAS-MEDIUM", None, "SEMBAKO-2021", 13_500),
    ("BERAS-MEDIUM", "kg", "BPNT-2017", 13_500),
    ("BERAS-MEDIUM", "karung5", "SEMBAKO-2021", 67_500),
    ("BERAS-MEDIUM", "karung25", "SEMBAKO-2021", 337_500),
    ("BERAS-PREMIUM", "karung5", "SEMBAKO-2021", 74_500),
    ("BERAS-SPHP", "karung5", "SEMBAKO-2021", 62_500),
    ("MINYAKITA", None, ANY_FOOD, 15_700),
    ("MINYAKITA", "botol900", ANY_FOOD, 14_130),
    ("MINYAKITA", "pouch2", ANY_FOOD, 31_400),
    ("MINYAKITA", "pouch500", ANY_FOOD, 7_850),
]


@pytest.mark.parametrize("quantity_milli", [1000, 7000, QUANTITY_MILLI_MAX])
@pytest.mark.parametrize(("sku", "unit", "policy", "lawful"), HET)
def test_one_rupiah_above_the_ceiling_is_refused_and_the_ceiling_itself_is_not(
    sku, unit, policy, lawful, quantity_milli
):
    if lawful * quantity_milli // 1000 > 100_000_000:
        quantity_milli = 1000
    market = a_market(policy=policy)
    at = a_judged_line(sku, quantity_milli, lawful, unit=unit, market=market)
    above = a_judged_line(sku, quantity_milli, lawful + 1, unit=unit, market=market)
    assert at.reason is None
    assert above.reason is Reason.PRICE_ABOVE_CEILING
    assert at.ceiling == above.ceiling == lawful
    assert above.ceiling_kind == "HET"
    assert above.regulation


def test_the_refusal_names_the_regulation_of_the_day():
    line = a_judged_line(unit_price=13_501)
    assert line.regulation == "Kepka Bapanas 299/2025"


@pytest.mark.parametrize(
    ("unit", "lawful"), [("kg", 30_000), ("butir", 1_875), ("karpet", 56_250), ("ons", 3_000)]
)
def test_eggs_by_the_piece_or_tray_cannot_hide_their_price(unit, lawful):
    at = a_judged_line("TELUR-AYAM", 6000, lawful, unit=unit)
    above = a_judged_line("TELUR-AYAM", 6000, lawful + 1, unit=unit)
    assert (at.reason, at.flags, at.ceiling) == (None, (), lawful)
    assert (above.reason, above.flags, above.ceiling) == (None, ("ABOVE_HAP",), lawful)
    assert above.ceiling_kind == "HAP"


def test_a_price_above_the_reference_is_flagged_and_still_sold():
    decision = decided(a_line("DAGING-AYAM", 1000, 45_000))
    assert decision.amount == 45_000
    assert decision.lines[0].flags == ("ABOVE_HAP",)


@pytest.mark.parametrize(
    ("gtin", "lawful", "policy"),
    [
        (RICE_SACK_GTIN, 67_500, "SEMBAKO-2021"),
        ("2990000000088", 14_130, ANY_FOOD),
        ("2990000000095", 31_400, ANY_FOOD),
    ],
)
@pytest.mark.parametrize("unit", [None, "pack"])
def test_a_scanned_pack_is_priced_by_what_is_in_it(gtin, lawful, policy, unit):
    market = a_market(policy=policy)
    at = a_judged_line(None, 1000, lawful, unit=unit, gtin=gtin, market=market)
    above = a_judged_line(None, 1000, lawful + 1, unit=unit, gtin=gtin, market=market)
    assert (at.reason, at.unit, at.ceiling) == (None, "pack", lawful)
    assert above.reason is Reason.PRICE_ABOVE_CEILING


def test_a_scanned_line_keeps_its_gtin_and_tells_its_good():
    line = a_judged_line(None, 1000, 67_000, gtin=RICE_SACK_GTIN)
    assert (line.sku, line.gtin) == ("BERAS-MEDIUM", RICE_SACK_GTIN)
    assert line.name == "Beras medium karung 5 kg"


def test_a_scanner_that_reports_fourteen_digits_sells_the_same_pack():
    line = a_judged_line(None, 1000, 67_000, gtin=f"0{RICE_SACK_GTIN}")
    assert (line.reason, line.sku) == (None, "BERAS-MEDIUM")


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("sku", "unit"), EVERY_BANNED_UNIT)
def test_cigarettes_and_alcohol_are_refused_under_every_policy(policy, sku, unit):
    line = a_judged_line(sku, 1000, 100, unit=unit, market=a_market(policy=policy))
    assert line.reason is Reason.ITEM_BANNED
    assert line.regulation.startswith("Larangan Menteri Sosial")


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("gtin", [KRETEK_GTIN, "2990000000156", "2990000000163"])
def test_a_banned_pack_is_refused_by_its_barcode_too(policy, gtin):
    line = a_judged_line(None, 1000, 100, gtin=gtin, market=a_market(policy=policy))
    assert line.reason is Reason.ITEM_BANNED


@pytest.mark.parametrize(("sku", "unit"), [("ROKOK-KRETEK", "kg"), ("BIR", "drum")])
def test_a_banned_good_in_a_strange_unit_is_still_called_banned(sku, unit):
    assert a_judged_line(sku, 1000, 100, unit=unit).reason is Reason.ITEM_BANNED


@pytest.mark.parametrize(
    ("sku", "policy"),
    [
        ("SABUN", "SEMBAKO-2021"),
        ("PULSA", "SEMBAKO-2021"),
        ("MINYAKITA", "SEMBAKO-2021"),
        ("TEMPE", "BPNT-2017"),
    ],
)
def test_what_the_programme_does_not_name_is_refused(sku, policy):
    line = a_judged_line(sku, 1000, 5_000, market=a_market(policy=policy))
    assert line.reason is Reason.ITEM_NOT_IN_PROGRAMME


def test_an_unverified_ban_flags_and_never_refuses_food():
    line = a_judged_line("GULA-PASIR", 1000, 17_500, market=a_market(policy=ANY_FOOD))
    assert (line.reason, line.flags) == (None, ("BAN_LIST_UNVERIFIED",))


def test_a_flag_of_the_policy_stands_beside_a_flag_of_the_price():
    line = a_judged_line("GULA-PASIR", 1000, 17_501, market=a_market(policy=ANY_FOOD))
    assert (line.reason, line.flags) == (None, ("BAN_LIST_UNVERIFIED", "ABOVE_HAP"))


@pytest.mark.parametrize("sku", ["", "BERAS", "beras-medium", "BERAS-MEDIUM ", "' OR 1=1", None])
def test_an_unknown_good_is_refused_and_told_as_it_was_asked(sku):
    line = a_judged_line(sku, 1000, 13_000)
    assert line.reason is Reason.ITEM_UNKNOWN
    assert line.sku == line.name == (sku or "")
    assert line.ceiling is None


@pytest.mark.parametrize("gtin", ["2990000000170", "0", "BERAS-MEDIUM", RICE_SACK_GTIN[:-1]])
def test_an_unknown_barcode_is_refused(gtin):
    line = a_judged_line(None, 1000, 13_000, gtin=gtin)
    assert line.reason is Reason.ITEM_UNKNOWN
    assert (line.sku, line.gtin, line.name) == ("", gtin, gtin)


@pytest.mark.parametrize(
    ("sku", "gtin", "unit"),
    [
        ("BERAS-MEDIUM", None, "L"),
        ("BERAS-MEDIUM", None, "butir"),
        ("TELUR-AYAM", None, "karung5"),
        ("BERAS-MEDIUM", None, "pack"),
        (None, RICE_SACK_GTIN, "kg"),
        (None, RICE_SACK_GTIN, "karung5"),
    ],
)
def test_a_unit_that_the_good_is_not_sold_in_is_refused(sku, gtin, unit):
    line = a_judged_line(sku, 1000, 1_000, unit=unit, gtin=gtin)
    assert line.reason is Reason.UNIT_MISMATCH
    assert (line.unit, line.ceiling) == (unit, None)


@pytest.mark.parametrize(
    "quantity_milli", [0, -1, -5000, QUANTITY_MILLI_MAX + 1, 10**12, -(10**12)]
)
def test_no_quantity_nobody_could_carry(quantity_milli):
    assert a_judged_line(quantity_milli=quantity_milli).reason is Reason.QUANTITY_INVALID


@pytest.mark.parametrize("quantity_milli", [1, 999, 1001, 1500, 5999])
@pytest.mark.parametrize(
    ("sku", "gtin", "unit", "price"),
    [
        ("TELUR-AYAM", None, "butir", 1_800),
        ("BERAS-MEDIUM", None, "karung5", 67_000),
        (None, RICE_SACK_GTIN, None, 67_000),
    ],
)
def test_half_an_egg_or_sack_is_no_quantity(sku, gtin, unit, price, quantity_milli):
    line = a_judged_line(sku, quantity_milli, price, unit=unit, gtin=gtin)
    assert line.reason is Reason.QUANTITY_INVALID


def test_loose_goods_may_be_sold_by_the_gram():
    line = a_judged_line("BERAS-MEDIUM", 1, 13_000)
    assert (line.reason, line.total) == (None, 13)


@pytest.mark.parametrize("unit_price", [0, -1, -13_400])
def test_a_line_that_costs_nothing_or_pays_back_is_refused(unit_price):
    assert a_judged_line(unit_price=unit_price).reason is Reason.QUANTITY_INVALID


def test_a_line_whose_fraction_rounds_to_nothing_is_refused():
    assert a_judged_line(quantity_milli=1, unit_price=999).reason is Reason.QUANTITY_INVALID


@pytest.mark.parametrize(
    ("quantity_milli", "unit_price"), [(1000, 100_000_001), (10**6, 100_001), (10**12, 10**8)]
)
def test_a_total_no_wallet_could_hold_is_a_slip_of_the_finger(quantity_milli, unit_price):
    line = a_judged_line("JAGUNG", quantity_milli, unit_price)
    assert line.reason is Reason.QUANTITY_INVALID


def test_the_largest_total_is_still_a_line():
    line = a_judged_line("JAGUNG", 1000, 100_000_000)
    assert (line.reason, line.total) == (None, 100_000_000)


def test_a_good_without_a_reference_price_has_no_ceiling():
    line = a_judged_line("JAGUNG", 1000, 9_000)
    assert (line.reason, line.ceiling, line.ceiling_kind, line.regulation) == (None, None, None, "")


@pytest.mark.parametrize(
    ("sku", "market"),
    [
        ("BERAS-MEDIUM", a_market(day=date(2017, 8, 31))),
        ("MINYAKITA", a_market(day=date(2021, 12, 31), policy=ANY_FOOD)),
        ("BERAS-MEDIUM", a_market_without_ceilings("BERAS-MEDIUM")),
    ],
)
def test_a_hard_ceiling_that_nobody_knows_is_no_permission(sku, market):
    line = a_judged_line(sku, 1000, 1, market=market)
    assert (line.reason, line.ceiling) == (Reason.CEILING_MISSING, None)


def test_a_missing_reference_price_refuses_nobody():
    line = a_judged_line("TELUR-AYAM", 1000, 90_000, market=a_market_without_ceilings("TELUR-AYAM"))
    assert (line.reason, line.flags) == (None, ())


def test_the_first_hard_ceiling_holds_from_its_first_day():
    market = a_market(day=date(2017, 9, 1))
    assert a_judged_line(unit_price=9_450, market=market).reason is None
    assert a_judged_line(unit_price=9_451, market=market).reason is Reason.PRICE_ABOVE_CEILING


def test_food_of_before_the_programme_is_in_no_programme():
    line = a_judged_line(market=a_market(day=date(2016, 12, 31)))
    assert line.reason is Reason.ITEM_NOT_IN_PROGRAMME


def test_an_unsigned_hard_ceiling_only_flags():
    market = a_market()
    book = market.catalogue.price_book
    rows = [
        replace(row, action=type(row.action).FLAG) if row.sku == "BERAS-MEDIUM" else row
        for row in book.rows
    ]
    catalogue = replace(market.catalogue, price_book=PriceBook.of(rows, book.zones))
    line = a_judged_line(unit_price=20_000, market=replace(market, catalogue=catalogue))
    assert (line.reason, line.flags) == (None, ("ABOVE_HET",))


@pytest.mark.parametrize(
    ("unit_price", "quantity_milli", "total"),
    [(13_400, 5000, 67_000), (13_333, 1500, 19_999), (999, 1, 0), (13_499, 333, 4_495)],
)
def test_the_fraction_of_a_rupiah_is_the_familys(unit_price, quantity_milli, total):
    assert a_judged_line("JAGUNG", quantity_milli, unit_price).total == total


# Kepka Bapanas 299/2025 came into force on 2025-08-22, in each shop's own midnight.
@pytest.mark.parametrize(
    ("region", "zone", "before", "after"),
    [
        ("31.71", "Asia/Jakarta", 12_500, 13_500),
        ("51.71", "Asia/Makassar", 12_500, 13_500),
        ("94.01", "Asia/Jayapura", 13_500, 15_500),
    ],
)
def test_a_new_ceiling_begins_at_the_shops_own_midnight(region, zone, before, after):
    zones = load_shipped().zones
    last = datetime(2025, 8, 21, 23, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    first = datetime(2025, 8, 22, 0, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    old = a_market(region, zones.local_day(region, last))
    new = a_market(region, zones.local_day(region, first))
    assert a_judged_line(unit_price=before, market=old).reason is None
    assert a_judged_line(unit_price=before + 1, market=old).reason is Reason.PRICE_ABOVE_CEILING
    assert a_judged_line(unit_price=after, market=new).reason is None
    assert a_judged_line(unit_price=after + 1, market=new).reason is Reason.PRICE_ABOVE_CEILING


def test_one_instant_is_yesterday_in_jakarta_and_today_in_nabire():
    zones = load_shipped().zones
    instant = datetime(2025, 8, 21, 15, 30, tzinfo=UTC)  # 22.30 WIB, 23.30 WITA, 00.30 WIT
    ceilings = [
        a_judged_line(market=a_market(region, zones.local_day(region, instant))).ceiling
        for region in ("31.71", "51.71", "94.01")
    ]
    assert ceilings == [12_500, 12_500, 15_500]


def test_quantity_is_looked_at_before_the_ban_as_the_contract_orders():
    assert a_judged_line("ROKOK-KRETEK", 0, 100).reason is Reason.QUANTITY_INVALID


def test_a_pack_whose_good_has_a_gtin_ban_is_refused_and_the_loose_good_is_not():
    market = a_market()
    ban = replace(
        next(rule for rule in market.policy.rules if rule.ban),
        target_kind="GTIN",
        target=RICE_SACK_GTIN,
    )
    market = replace(market, policy=replace(market.policy, rules=(*market.policy.rules, ban)))
    assert a_judged_line(gtin=RICE_SACK_GTIN, quantity_milli=1000, market=market).reason is (
        Reason.ITEM_BANNED
    )
    assert a_judged_line(market=market).reason is None


def test_a_line_names_what_was_asked_in_its_own_unit():
    line = a_judged_line("TELUR-AYAM", 12_000, 1_800, unit="butir")
    assert (line.name, line.quantity_milli, line.unit) == ("Telur ayam ras", 12_000, "butir")
    assert (line.unit_price, line.total) == (1_800, 21_600)
