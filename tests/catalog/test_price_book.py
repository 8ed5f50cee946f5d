"""Ceilings by place and day, and the price test that no unit, sack or quantity can get around."""

from datetime import date
from itertools import pairwise
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.goods import Ratio
from catalog.price_book import (
    SCOPES,
    Action,
    Ceiling,
    CeilingKind,
    PriceBook,
    above_ceiling,
    highest_lawful_price,
)
from catalog.zones import Zones

MALANG, MEDAN, NABIRE = "35.07", "12.71", "94.01"
NOW = "2026-11-21"

# Typed from the regulations, not from the CSV: item, region, day, rupiah.
EXPECTED = [
    ("BERAS-MEDIUM", MALANG, "2017-08-31", None),
    ("BERAS-MEDIUM", MALANG, "2017-09-01", 9450),
    ("BERAS-MEDIUM", MEDAN, "2017-09-01", 9950),
    ("BERAS-MEDIUM", NABIRE, "2017-09-01", 10250),
    ("BERAS-MEDIUM", MALANG, "2023-02-28", 9450),
    ("BERAS-MEDIUM", MALANG, "2023-03-01", 10900),
    ("BERAS-MEDIUM", MEDAN, "2023-03-01", 11500),
    ("BERAS-MEDIUM", NABIRE, "2023-03-01", 11800),
    ("BERAS-MEDIUM", MALANG, "2024-05-31", 10900),
    ("BERAS-MEDIUM", MALANG, "2024-06-01", 12500),
    ("BERAS-MEDIUM", MEDAN, "2024-06-01", 13100),
    ("BERAS-MEDIUM", NABIRE, "2024-06-01", 13500),
    ("BERAS-MEDIUM", MALANG, "2025-01-14", 12500),
    ("BERAS-MEDIUM", MALANG, "2025-01-15", 12500),
    ("BERAS-MEDIUM", MALANG, "2025-08-21", 12500),
    ("BERAS-MEDIUM", MALANG, "2025-08-22", 13500),
    ("BERAS-MEDIUM", MEDAN, "2025-08-21", 13100),
    ("BERAS-MEDIUM", MEDAN, "2025-08-22", 14000),
    ("BERAS-MEDIUM", NABIRE, "2025-08-21", 13500),
    ("BERAS-MEDIUM", NABIRE, "2025-08-22", 15500),
    ("BERAS-MEDIUM", MALANG, NOW, 13500),
    ("BERAS-PREMIUM", MALANG, "2023-02-28", 12800),
    ("BERAS-PREMIUM", MEDAN, "2023-02-28", 13300),
    ("BERAS-PREMIUM", NABIRE, "2023-02-28", 13600),
    ("BERAS-PREMIUM", MALANG, "2023-03-01", 13900),
    ("BERAS-PREMIUM", MEDAN, "2023-03-01", 14400),
    ("BERAS-PREMIUM", NABIRE, "2023-03-01", 14800),
    ("BERAS-PREMIUM", MALANG, "2024-06-01", 14900),
    ("BERAS-PREMIUM", MEDAN, "2025-08-22", 15400),
    ("BERAS-PREMIUM", NABIRE, NOW, 15800),
    ("BERAS-SPHP", MALANG, "2023-12-31", None),
    ("BERAS-SPHP", MALANG, "2024-01-01", 12500),
    ("BERAS-SPHP", MEDAN, NOW, 13100),
    ("BERAS-SPHP", NABIRE, NOW, 13500),
    ("BERAS-KHUSUS", MALANG, NOW, None),
    ("MINYAKITA", MALANG, "2021-12-31", None),
    ("MINYAKITA", MALANG, "2022-01-01", 14000),
    ("MINYAKITA", NABIRE, "2024-08-13", 14000),
    ("MINYAKITA", NABIRE, "2024-08-14", 15700),
    ("MINYAKITA", MALANG, "2025-12-26", 15700),
    ("GULA-PASIR", MALANG, "2017-05-15", None),
    ("GULA-PASIR", NABIRE, "2017-05-16", 12500),
    ("GULA-PASIR", MALANG, "2023-07-31", 12500),
    ("GULA-PASIR", MALANG, "2023-08-01", 14500),
    ("GULA-PASIR", NABIRE, "2023-08-01", 15500),
    ("GULA-PASIR", NABIRE, "2024-03-31", 15500),
    ("GULA-PASIR", MALANG, "2024-04-01", 17500),
    ("GULA-PASIR", NABIRE, "2024-04-01", 18500),
    *[
        ("GULA-PASIR", east, NOW, 18500)
        for east in ("81", "82", "91", "92", "93", "94", "95", "96")
    ],
    ("GULA-PASIR", "53.01", NOW, 17500),
    ("TELUR-AYAM", MALANG, "2024-04-24", 27000),
    ("TELUR-AYAM", MALANG, "2024-04-25", 30000),
    ("DAGING-AYAM", MALANG, "2024-04-24", 36750),
    ("DAGING-AYAM", MALANG, "2024-04-25", 40000),
    ("DAGING-SAPI", MALANG, "2022-11-30", None),
    ("DAGING-SAPI", MALANG, "2022-12-01", 140000),
    ("DAGING-SAPI-DEPAN", MALANG, NOW, 130000),
    ("DAGING-SAPI-BELAKANG", MALANG, NOW, 140000),
    ("DAGING-SAPI-BEKU", MALANG, NOW, 105000),
    ("BAWANG-MERAH", MALANG, NOW, 41500),
    ("BAWANG-PUTIH", MALANG, NOW, 38000),
    ("BAWANG-PUTIH", "82.01", NOW, 40000),
    ("CABAI-RAWIT", MALANG, NOW, 57000),
    ("CABAI-KERITING", MALANG, NOW, 55000),
    ("KEDELAI-LOKAL", MALANG, NOW, 11400),
    ("KEDELAI-IMPOR", MALANG, NOW, 12000),
    ("TEMPE", MALANG, NOW, None),
    ("IKAN-KEMBUNG", MALANG, NOW, None),
]


@pytest.mark.parametrize(("sku", "region", "day", "rupiah"), EXPECTED)
def test_shipped_ceilings_are_those_of_the_regulations(shipped, sku, region, day, rupiah):
    found = shipped.price_book.ceiling(sku, region, date.fromisoformat(day))
    assert (found.rupiah if found else None) == rupiah


@pytest.mark.parametrize(
    ("sku", "low", "high"),
    [
        ("BAWANG-MERAH", 36500, 41500),
        ("CABAI-RAWIT", 40000, 57000),
        ("CABAI-KERITING", 37000, 55000),
        ("TELUR-AYAM", None, 30000),
    ],
)
def test_a_range_keeps_both_ends(shipped, sku, low, high):
    found = shipped.price_book.ceiling(sku, MALANG, date(2026, 11, 21))
    assert (found.rupiah_low, found.rupiah) == (low, high)


def test_only_verified_hard_ceilings_decline(shipped):
    for row in shipped.price_book.rows:
        hard = row.kind is CeilingKind.HET and row.confidence == "H"
        assert row.action is (Action.DECLINE if hard else Action.FLAG), row
        assert row.checked_on == date(2026, 11, 21)


def test_every_ceiling_of_the_past_ends_the_day_before_the_next(shipped):
    series: dict[tuple[str, str, str], list[Ceiling]] = {}
    for row in sorted(shipped.price_book.rows, key=lambda row: row.valid_from):
        series.setdefault((row.sku, row.scope, row.scope_code), []).append(row)
    for rows in series.values():
        assert rows[-1].valid_to is None
        for earlier, later in pairwise(rows):
            assert earlier.valid_to is not None
            assert (later.valid_from - earlier.valid_to).days == 1


def a_ceiling(scope="NATIONAL", code="", rupiah=1000, since="2020-01-01", until=None):
    return Ceiling(
        sku="X",
        kind=CeilingKind.LOCAL,
        scope=scope,
        scope_code=code,
        unit="kg",
        rupiah_low=None,
        rupiah=rupiah,
        regulation="R",
        valid_from=date.fromisoformat(since),
        valid_to=date.fromisoformat(until) if until else None,
        source="S",
        checked_on=date(2026, 11, 21),
        confidence="H",
        action=Action.FLAG,
    )


ZONES = Zones(
    MappingProxyType({"53": "Z2"}), MappingProxyType({"53": "Asia/Makassar"}), frozenset({"53.01"})
)
BY_SCOPE = {
    "REGENCY": a_ceiling("REGENCY", "53.01", 5),
    "PROVINCE": a_ceiling("PROVINCE", "53", 4),
    "3TP": a_ceiling("3TP", "", 3),
    "ZONE": a_ceiling("ZONE", "Z2", 2),
    "NATIONAL": a_ceiling("NATIONAL", "", 1),
}


@pytest.mark.parametrize("most_specific", range(len(SCOPES)))
def test_the_most_specific_scope_wins(most_specific):
    rows = [BY_SCOPE[scope] for scope in SCOPES[most_specific:]]
    book = PriceBook.of(reversed(rows), ZONES)
    assert book.ceiling("X", "53.01.05", date(2026, 1, 1)) is BY_SCOPE[SCOPES[most_specific]]


def test_a_specific_row_out_of_force_gives_way_to_a_wider_one():
    expired = a_ceiling("REGENCY", "53.01", 5, until="2025-12-31")
    book = PriceBook.of([expired, BY_SCOPE["NATIONAL"]], ZONES)
    assert book.ceiling("X", "53.01", date(2025, 12, 31)) is expired
    assert book.ceiling("X", "53.01", date(2026, 1, 1)) is BY_SCOPE["NATIONAL"]


def test_3tp_and_regency_rows_stay_at_home():
    book = PriceBook.of([BY_SCOPE["3TP"], BY_SCOPE["REGENCY"], BY_SCOPE["ZONE"]], ZONES)
    assert book.ceiling("X", "53.02", date(2026, 1, 1)) is BY_SCOPE["ZONE"]


def test_the_latest_of_two_in_force_wins():
    old, new = a_ceiling(rupiah=1), a_ceiling(rupiah=2, since="2026-01-01")
    book = PriceBook.of([new, old], ZONES)
    assert book.ceiling("X", "53.02", date(2025, 12, 31)) is old
    assert book.ceiling("X", "53.02", date(2026, 1, 1)) is new


def unit_of(shipped, sku, code):
    return shipped.goods[sku].units[code].ratio


@pytest.mark.parametrize(
    ("sku", "unit", "ceiling", "lawful"),
    [
        ("TELUR-AYAM", "butir", 30000, 1875),  # an egg is 1/16 kg
        ("TELUR-AYAM", "karpet", 30000, 56250),
        ("BERAS-MEDIUM", "kg", 13500, 13500),
        ("BERAS-MEDIUM", "karung5", 13500, 67500),
        ("BERAS-MEDIUM", "karung10", 13500, 135000),
        ("MINYAKITA", "botol900", 15700, 14130),  # a short bottle at the price of a litre
        ("MINYAKITA", "pouch2", 15700, 31400),
    ],
)
def test_one_rupiah_above_the_ceiling_is_caught_in_every_unit(shipped, sku, unit, ceiling, lawful):
    ratio = unit_of(shipped, sku, unit)
    assert highest_lawful_price(ratio, ceiling) == lawful
    assert not above_ceiling(lawful, ratio, ceiling)
    assert above_ceiling(lawful + 1, ratio, ceiling)


RUPIAH = st.integers(1, 10**9)
RATIOS = st.builds(Ratio, st.integers(1, 10**6), st.integers(1, 10**6))


@given(RATIOS, RUPIAH)
def test_the_keypad_offers_exactly_the_highest_lawful_price(ratio, ceiling):
    offered = highest_lawful_price(ratio, ceiling)
    assert not above_ceiling(offered, ratio, ceiling)
    assert above_ceiling(offered + 1, ratio, ceiling)


@given(RUPIAH, RATIOS, RUPIAH, st.integers(1, 1000))
def test_selling_in_bundles_changes_nothing(price, ratio, ceiling, bundle):
    bundled = Ratio(ratio.numerator * bundle, ratio.denominator)
    alone = above_ceiling(price, ratio, ceiling)
    assert above_ceiling(price * bundle, bundled, ceiling) == alone
