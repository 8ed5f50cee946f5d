"""goods.csv: what the till can sell, in which units."""

import re
from difflib import get_close_matches
from types import MappingProxyType

from catalog.csv_table import DIGITS_MAX, Columns, Row
from catalog.goods import BANNED_CATEGORIES, ONE, FoodGroup, Good, PriceRule, Ratio, Unit

GOODS_FILE = "goods.csv"
GOODS_COLUMNS = Columns(
    ("item_code", "name", "group", "category", "base_unit", "units", "price_rule", "picture",
     "position"),
    ("daily_max_milli", "comment"),
)  # fmt: skip
WHOLE = " whole"
CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
CATEGORY = re.compile(r"[A-Z]+(_[A-Z]+)*")
_UNIT = re.compile(rf"(\w+)=([1-9][0-9]{{0,{DIGITS_MAX - 1}}})/([1-9][0-9]{{0,{DIGITS_MAX - 1}}})")


def read_goods(rows: list[Row]) -> dict[str, Good]:
    """Return the readable goods by SKU, in till order; a broken row's SKU counts as taken."""
    taken: set[str] = set()
    goods: list[Good] = []
    for row in rows:
        good = _good(row, taken)
        taken.add(good.sku)
        if row.ok:
            goods.append(good)
    return {good.sku: good for good in sorted(goods, key=lambda good: (good.position, good.sku))}


def _good(row: Row, taken: set[str]) -> Good:
    base_unit = row.text("base_unit")
    return Good(
        sku=_sku(row, taken),
        name=row.text("name"),
        group=row.choice("group", FoodGroup),
        category=_category(row),
        base_unit=base_unit,
        units=MappingProxyType(_units(row, base_unit)),
        price_rule=row.choice("price_rule", PriceRule),
        picture=row.text("picture"),
        position=row.whole("position"),
        daily_max_milli=row.optional_whole("daily_max_milli"),
    )


def _sku(row: Row, taken: set[str]) -> str:
    sku = row.text("item_code")
    if sku in taken:
        row.wrong("item_code", f"{sku} stands twice")
    elif sku and not CODE.fullmatch(sku):
        row.wrong("item_code", f"{sku!r} is no code (write BERAS-MEDIUM)")
    return sku


def _category(row: Row) -> str:
    category = row.text("category")
    if category and not CATEGORY.fullmatch(category):
        row.wrong("category", f"{category!r} is no category (write COOKING_OIL)")
    # A slip of the pen here would sell cigarettes: the ban is by category.
    elif category not in BANNED_CATEGORIES:
        for banned in get_close_matches(category, sorted(BANNED_CATEGORIES), n=1, cutoff=0.75):
            row.wrong("category", f"{category!r} looks like the banned {banned}")
    return category


def _units(row: Row, base_unit: str) -> dict[str, Unit]:
    """Parse `butir=1/16 whole; ons=1/10`; the base unit may be named to mark it whole."""
    units = {base_unit: Unit(base_unit, ONE, whole=False)}
    seen: set[str] = set()
    for written in filter(None, (part.strip() for part in row.optional("units").split(";"))):
        parsed = _UNIT.fullmatch(written.removesuffix(WHOLE))
        if parsed is None:
            row.wrong("units", f"{written!r} is no unit (write butir=1/16 whole; ons=1/10)")
            continue
        code, ratio = parsed[1], Ratio(int(parsed[2]), int(parsed[3]))
        if code in seen:
            row.wrong("units", f"unit {code} stands twice")
        if code == base_unit and ratio != ONE:
            row.wrong("units", f"the base unit {code} must be 1/1")
        seen.add(code)
        units[code] = Unit(code, ratio, whole=written.endswith(WHOLE))
    return units
