"""Zones and local time of all provinces, and names of regions."""

from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from catalog.zones import (
    UnknownRegionError,
    Zones,
    province_codes,
    region_exists,
    region_name,
    region_path,
    villages_named,
)


def codes(*provinces):
    return [str(province) for province in provinces]


Z1 = codes(16, 18, 31, 32, 33, 34, 35, 36, 51, 52, 71, 72, 73, 74, 75, 76)
Z2 = codes(11, 12, 13, 14, 15, 17, 19, 21, 53, 61, 62, 63, 64, 65)
Z3 = codes(81, 82, 91, 92, 93, 94, 95, 96)
WIB = codes(11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 31, 32, 33, 34, 35, 36, 61, 62)
WITA = codes(51, 52, 53, 63, 64, 65, 71, 72, 73, 74, 75, 76)


def test_there_are_38_provinces_and_each_has_a_zone_and_a_time_zone(shipped):
    assert len(province_codes()) == 38
    assert shipped.zones.zone_of_province.keys() == province_codes()
    assert shipped.zones.time_zone_of_province.keys() == province_codes()


@pytest.mark.parametrize(("zone", "provinces"), [("Z1", Z1), ("Z2", Z2), ("Z3", Z3)])
def test_price_zone_of_each_province(shipped, zone, provinces):
    assert {shipped.zones.zone_of(province) for province in provinces} == {zone}
    assert list(shipped.zones.zone_of_province.values()).count(zone) == len(provinces)


@pytest.mark.parametrize(
    ("name", "key", "provinces"),
    [("WIB", "Asia/Jakarta", WIB), ("WITA", "Asia/Makassar", WITA), ("WIT", "Asia/Jayapura", Z3)],
)
def test_time_zone_of_each_province(shipped, name, key, provinces):
    for province in provinces:
        assert shipped.zones.time_zone_name(f"{province}.01") == name
        assert shipped.zones.time_zone_of(province) == ZoneInfo(key)


@pytest.mark.parametrize("region", ["35", "35.07", "35.07.01", "35.07.01.2001"])
def test_a_region_of_any_depth_lies_in_its_province(shipped, region):
    assert shipped.zones.zone_of(region) == "Z1"


@pytest.mark.parametrize(
    ("region", "offset"), [("31.71", 7), ("51.03", 8), ("94.01", 9)], ids=["WIB", "WITA", "WIT"]
)
def test_the_day_turns_at_local_midnight(shipped, region, offset):
    local = timezone(timedelta(hours=offset))
    late = datetime(2026, 11, 21, 23, 30, tzinfo=local)
    early = datetime(2026, 11, 22, 0, 30, tzinfo=local)
    assert shipped.zones.local_day(region, late.astimezone(UTC)) == date(2026, 11, 21)
    assert shipped.zones.local_day(region, early.astimezone(UTC)) == date(2026, 11, 22)


def test_one_instant_is_two_days_in_jakarta_and_nabire(shipped):
    now = datetime(2026, 11, 21, 23, 30, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert shipped.zones.local_day("31", now) == date(2026, 11, 21)
    assert shipped.zones.local_day("94", now) == date(2026, 11, 22)


def test_a_naive_time_has_no_local_day(shipped):
    with pytest.raises(ValueError, match="aware"):
        shipped.zones.local_day("31", datetime(2026, 11, 21, 12))  # noqa: DTZ001 (the fault itself)


@pytest.mark.parametrize("region", ["", "99", "3", "3507", "35.7", "35.07.", "35 ", "٣٥", "ID"])
def test_no_zone_for_what_is_no_region(shipped, region):
    for ask in (shipped.zones.zone_of, shipped.zones.time_zone_of, shipped.zones.is_3tp):
        with pytest.raises(UnknownRegionError):
            ask(region)
    assert not region_exists(region)


def test_the_3tp_list_is_shipped_empty(shipped):
    assert shipped.zones.regencies_3tp == frozenset()
    assert not shipped.zones.is_3tp("53.01.05")


def test_3tp_holds_for_the_regency_and_all_below():
    zones = Zones(
        MappingProxyType({"53": "Z2"}),
        MappingProxyType({"53": "Asia/Makassar"}),
        frozenset({"53.01"}),
    )
    assert zones.is_3tp("53.01")
    assert zones.is_3tp("53.01.05.2001")
    assert not zones.is_3tp("53.02")
    assert not zones.is_3tp("53")


def test_names_and_paths_follow_kemendagri():
    assert region_exists("35.07.01.2001")
    assert not region_exists("35.99")
    assert region_name("35.07") == "Kabupaten Malang"
    assert region_path("35.07") == "Kabupaten Malang, Jawa Timur"
    assert region_name("91") == "Papua"  # 91 is Papua Barat in BPS codes: never mix


@pytest.mark.parametrize("code", ["35.99", "3507"])
def test_an_unknown_region_has_no_name(code):
    with pytest.raises(UnknownRegionError):
        region_name(code)
    with pytest.raises(UnknownRegionError):
        region_path(code)


def test_a_village_is_found_by_its_name_in_any_case():
    assert "35.07.13.2001" in villages_named(region_name("35.07.13.2001").upper())
    assert villages_named("antah berantah") == ()
