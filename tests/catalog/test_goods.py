"""The shipped goods: codes others rely on, units, packs, and a snapshot that cannot be changed."""

from dataclasses import FrozenInstanceError

import pytest

from catalog.barcode import gtin_check_digit_ok
from catalog.goods import ONE, FoodGroup, PriceRule, Ratio, Unit

CONTRACT = {
    FoodGroup.KARBO: "BERAS-MEDIUM BERAS-PREMIUM BERAS-SPHP JAGUNG SAGU",
    FoodGroup.HEWANI: "TELUR-AYAM DAGING-AYAM DAGING-SAPI IKAN-KEMBUNG",
    FoodGroup.NABATI: "TEMPE TAHU KACANG-HIJAU",
    FoodGroup.VITMIN: "BAYAM WORTEL PISANG JERUK BAWANG-MERAH CABAI-RAWIT",
    FoodGroup.LAIN: "MINYAKITA GULA-PASIR MI-INSTAN",
    FoodGroup.NON_PANGAN: "SABUN PULSA ROKOK-KRETEK ROKOK-PUTIH BIR MIRAS",
}


@pytest.mark.parametrize("group", CONTRACT)
def test_the_codes_of_the_contract_are_shipped_in_their_group(shipped, group):
    for sku in CONTRACT[group].split():
        assert shipped.goods[sku].group is group
        assert shipped.goods[sku].sku == sku


def test_each_good_has_its_base_unit_and_a_place_on_the_till(shipped):
    goods = list(shipped.goods.values())
    assert [good.position for good in goods] == sorted({good.position for good in goods})
    for good in goods:
        assert good.units[good.base_unit].ratio == ONE
        assert good.picture.isascii()
        assert all(unit.code == code for code, unit in good.units.items())


@pytest.mark.parametrize(
    ("sku", "code", "ratio", "whole"),
    [
        ("TELUR-AYAM", "kg", ONE, False),
        ("TELUR-AYAM", "butir", Ratio(1, 16), True),
        ("TELUR-AYAM", "karpet", Ratio(30, 16), True),
        ("BERAS-MEDIUM", "karung5", Ratio(5, 1), True),
        ("BERAS-MEDIUM", "karung10", Ratio(10, 1), True),
        ("MINYAKITA", "botol900", Ratio(9, 10), True),
        ("SABUN", "buah", ONE, True),
    ],
)
def test_units_are_integer_ratios_to_the_base_unit(shipped, sku, code, ratio, whole):
    assert shipped.goods[sku].units[code] == Unit(code, ratio, whole)


@pytest.mark.parametrize(
    ("whole", "quantity_milli", "allowed"),
    [
        (True, 1000, True),
        (True, 1500, False),
        (False, 1500, True),
        (True, 0, False),
        (False, -1, False),
    ],
)
def test_a_whole_unit_is_not_cut(whole, quantity_milli, allowed):
    assert Unit("u", ONE, whole).allows(quantity_milli) is allowed


def test_price_rules_follow_the_regulations(shipped):
    hard = {sku for sku, good in shipped.goods.items() if good.price_rule is PriceRule.HET}
    assert hard == {"BERAS-MEDIUM", "BERAS-PREMIUM", "BERAS-SPHP", "MINYAKITA"}
    assert shipped.goods["BERAS-KHUSUS"].price_rule is PriceRule.NONE
    assert shipped.goods["TEMPE"].price_rule is PriceRule.LOCAL


def test_packs_are_invented_in_store_numbers_of_known_goods(shipped):
    for gtin, pack in shipped.packs.items():
        assert gtin == pack.gtin
        assert gtin.startswith("299")
        assert gtin_check_digit_ok(gtin)
        assert pack.sku in shipped.goods
        assert pack.unit.code == "pack"
        assert pack.unit.whole
    sold = {pack.sku for pack in shipped.packs.values()}
    assert {"ROKOK-KRETEK", "BIR", "MINYAKITA", "BERAS-MEDIUM"} <= sold


def test_the_snapshot_cannot_be_changed(shipped):
    rice = shipped.goods["BERAS-MEDIUM"]
    zones = shipped.zones
    mappings = [shipped.goods, shipped.packs, shipped.policies, rice.units]
    for mapping in (*mappings, zones.zone_of_province, zones.time_zone_of_province):
        with pytest.raises(TypeError):
            mapping["X"] = None
    row = shipped.price_book.rows[0]
    for value, name in (
        (shipped, "goods"),
        (rice, "group"),
        (row, "rupiah"),
        (shipped.zones, "zone_of_province"),
        (shipped.price_book, "rows"),
        (shipped.policies["SEMBAKO-2021"], "rules"),
    ):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, None)


def test_goods_can_stand_in_sets(shipped):
    assert len(set(shipped.goods.values())) == len(shipped.goods)
    assert hash(shipped)
