"""zones.csv: the price zone and time zone of each province, and its regencies on the 3TP list."""

from types import MappingProxyType

from catalog.csv_table import Columns, Row
from catalog.problems import Problem
from catalog.zones import (
    PRICE_ZONES,
    REGENCY_LENGTH,
    TIME_ZONES,
    Zones,
    province_codes,
    region_exists,
)

ZONES_FILE = "zones.csv"
ZONE_COLUMNS = Columns(("province", "name", "zone", "time_zone"), ("regencies_3tp", "comment"))


def read_zones(rows: list[Row], noted: list[Problem]) -> Zones:
    """Return the zones of the readable rows; a province without a row is noted."""
    provinces = province_codes()
    zone_of: dict[str, str] = {}
    time_zone_of: dict[str, str] = {}
    left_behind: set[str] = set()
    for row in rows:
        province = _province(row, provinces, zone_of)
        row.text("name")
        zone = row.one_of("zone", PRICE_ZONES)
        # A broken row still counts as a row of its province: one fault, one message.
        zone_of[province], time_zone_of[province] = zone, _time_zone(row)
        left_behind |= _regencies(row, province)
    noted.extend(
        Problem(ZONES_FILE, 0, "province", f"province {missing} has no row")
        for missing in sorted(provinces - zone_of.keys() if rows else ())
    )
    return Zones(MappingProxyType(zone_of), MappingProxyType(time_zone_of), frozenset(left_behind))


def _province(row: Row, provinces: frozenset[str], seen: dict[str, str]) -> str:
    province = row.text("province")
    if province in seen:
        row.wrong("province", f"province {province} stands twice")
    elif province and province not in provinces:
        row.wrong("province", f"{province!r} is no province code of Kemendagri")
    return province


def _time_zone(row: Row) -> str:
    time_zone = row.text("time_zone")
    if time_zone and time_zone not in TIME_ZONES:
        row.wrong("time_zone", f"{time_zone!r} is none of {', '.join(TIME_ZONES)}")
    return time_zone


def _regencies(row: Row, province: str) -> set[str]:
    regencies = set(row.optional("regencies_3tp").split())
    for code in sorted(regencies):
        inside = len(code) == REGENCY_LENGTH and code.startswith(f"{province}.")
        if not (inside and region_exists(code)):
            row.wrong("regencies_3tp", f"{code!r} is no regency of province {province}")
    return regencies
