"""barcodes.csv: which pack a GTIN stands for, as so many base units of a good."""

from collections.abc import Callable

from catalog.barcode import gtin_14, gtin_check_digit_ok
from catalog.csv_table import Columns, Row
from catalog.goods import Pack, Ratio, Unit

BARCODES_FILE = "barcodes.csv"
BARCODE_COLUMNS = Columns(
    ("gtin", "item_code", "name", "numerator", "denominator"), ("comment",), 0
)


def read_barcodes(rows: list[Row], is_sku: Callable[[str], bool]) -> dict[str, Pack]:
    """Return the readable packs by GTIN as written in the file."""
    packs: dict[str, Pack] = {}
    first_row: dict[str, int] = {}
    for row in rows:
        gtin, sku = row.text("gtin"), row.text("item_code")
        if gtin and not gtin_check_digit_ok(gtin):
            row.wrong("gtin", f"{gtin!r} is no GTIN or its check digit is wrong")
        elif gtin and first_row.setdefault(gtin_14(gtin), row.number) != row.number:
            row.wrong("gtin", f"{gtin} stands already in row {first_row[gtin_14(gtin)]}")
        if sku and not is_sku(sku):
            row.wrong("item_code", f"{sku} is not in goods.csv")
        ratio = Ratio(row.whole("numerator"), row.whole("denominator"))
        pack = Pack(gtin, sku, row.text("name"), Unit("pack", ratio, whole=True))
        if row.ok:
            packs[gtin] = pack
    return packs
