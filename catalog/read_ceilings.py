"""ceilings.csv: dated price ceilings by place."""

from collections.abc import Callable, Mapping
from datetime import date

from catalog.csv_table import Columns, Row
from catalog.goods import Good, PriceRule
from catalog.price_book import SCOPES, Action, Ceiling, CeilingKind
from catalog.trust import CONFIDENCES, may_refuse
from catalog.zones import PRICE_ZONES, PROVINCE_LENGTH, REGENCY_LENGTH, region_exists

CEILINGS_FILE = "ceilings.csv"
CEILING_COLUMNS = Columns(
    ("item_code", "kind", "scope", "scope_code", "unit", "rp_low", "rp_high", "regulation",
     "valid_from", "valid_to", "source", "checked_on", "confidence"),
    ("action", "signed_by", "comment"),
)  # fmt: skip

# A market price must not lift the ceiling of the law: a HET good takes HET rows only.
KINDS: Mapping[PriceRule, tuple[CeilingKind, ...]] = {
    PriceRule.HET: (CeilingKind.HET,),
    PriceRule.HAP: (CeilingKind.HAP, CeilingKind.LOCAL),
    PriceRule.LOCAL: (CeilingKind.LOCAL,),
    PriceRule.NONE: (),
}
_CODE_LENGTH = {"PROVINCE": PROVINCE_LENGTH, "REGENCY": REGENCY_LENGTH}


def read_ceilings(
    rows: list[Row], goods: Mapping[str, Good], is_sku: Callable[[str], bool]
) -> list[Ceiling]:
    """Return the readable ceilings; `is_sku` knows the codes of broken goods too."""
    ceilings: list[Ceiling] = []
    first_row: dict[tuple[object, ...], int] = {}
    for row in rows:
        ceiling = _ceiling(row)
        _check_good(row, ceiling, goods, is_sku)
        key = (ceiling.sku, ceiling.scope, ceiling.scope_code, ceiling.valid_from)
        readable = ceiling.valid_from > date.min
        if readable and first_row.setdefault(key, row.number) != row.number:
            row.wrong("valid_from", f"same item, place and day as row {first_row[key]}")
        if row.ok:
            ceilings.append(ceiling)
    return ceilings


def _ceiling(row: Row) -> Ceiling:
    kind = row.choice("kind", CeilingKind)
    scope, scope_code = _place(row)
    low, high = _range(row)
    valid_from, valid_to = row.period()
    confidence = row.one_of("confidence", CONFIDENCES)
    return Ceiling(
        sku=row.text("item_code"),
        kind=kind,
        scope=scope,
        scope_code=scope_code,
        unit=row.text("unit"),
        rupiah_low=low,
        rupiah=high,
        regulation=row.text("regulation"),
        valid_from=valid_from,
        valid_to=valid_to,
        source=row.text("source"),
        checked_on=row.day("checked_on"),
        confidence=confidence,
        action=_action(row, kind, confidence),
    )


def _place(row: Row) -> tuple[str, str]:
    scope, code = row.one_of("scope", SCOPES), row.optional("scope_code")
    if scope == "ZONE" and code not in PRICE_ZONES:
        row.wrong("scope_code", f"{code!r} is none of {', '.join(PRICE_ZONES)}")
    elif scope in _CODE_LENGTH and not (len(code) == _CODE_LENGTH[scope] and region_exists(code)):
        row.wrong("scope_code", f"{code!r} is no {scope.lower()} code of Kemendagri")
    elif scope in {"NATIONAL", "3TP"} and code:
        row.wrong("scope_code", f"must be empty for {scope}")
    return scope, code


def _range(row: Row) -> tuple[int | None, int]:
    low, high = row.optional_whole("rp_low"), row.whole("rp_high")
    if low and 0 < high < low:
        row.wrong("rp_low", f"{low} is above rp_high {high}")
    return low, high


def _action(row: Row, kind: CeilingKind, confidence: str) -> Action:
    """HET refuses, HAP flags, LOCAL does what its row says; an unverified row only flags."""
    if row.optional("action"):
        wanted = row.choice("action", Action)
    elif kind is CeilingKind.LOCAL:
        row.wrong("action", "a LOCAL row must say DECLINE or FLAG")
        wanted = Action.FLAG
    else:
        wanted = Action.DECLINE if kind is CeilingKind.HET else Action.FLAG
    return wanted if may_refuse(row, confidence) else Action.FLAG


def _check_good(
    row: Row, ceiling: Ceiling, goods: Mapping[str, Good], is_sku: Callable[[str], bool]
) -> None:
    if ceiling.sku and not is_sku(ceiling.sku):
        row.wrong("item_code", f"{ceiling.sku} is not in goods.csv")
    good = goods.get(ceiling.sku)
    if good is None:
        return
    if ceiling.unit and ceiling.unit != good.base_unit:
        row.wrong("unit", f"must be {good.base_unit}, the base unit of {good.sku}")
    readable = row.optional("kind").upper() == ceiling.kind
    if readable and ceiling.kind not in KINDS[good.price_rule]:
        row.wrong("kind", f"{good.sku} is a {good.price_rule} good, {ceiling.kind} does not fit")
