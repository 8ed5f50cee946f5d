"""From the CSV files to one Catalogue, or to the full list of what is wrong with them."""

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files as package_files
from pathlib import Path
from types import MappingProxyType

from catalog.catalogue import BPNT_ONLY, Catalogue
from catalog.completeness import ceiling_gaps, policy_gaps
from catalog.csv_table import FILE_BYTES_MAX, ROWS_MAX, Columns, Row, read_rows
from catalog.goods import Good
from catalog.limits import LimitBook
from catalog.policy import Policy
from catalog.price_book import PriceBook
from catalog.problems import CatalogueError, Problem
from catalog.programmes import own_policies
from catalog.read_bank_days import BANK_DAY_COLUMNS, BANK_DAYS_FILE, read_bank_days
from catalog.read_bank_methods import (
    BANK_METHOD_COLUMNS,
    BANK_METHODS_FILE,
    read_bank_methods,
)
from catalog.read_barcodes import BARCODE_COLUMNS, BARCODES_FILE, read_barcodes
from catalog.read_ceilings import CEILING_COLUMNS, CEILINGS_FILE, read_ceilings
from catalog.read_goods import GOODS_COLUMNS, GOODS_FILE, read_goods
from catalog.read_limits import LIMIT_COLUMNS, LIMITS_FILE, read_limits, unsourced_limits
from catalog.read_policy import EVERY_POLICY, POLICY_COLUMNS, POLICY_FILE, read_policies
from catalog.read_programmes import PROGRAMME_COLUMNS, PROGRAMMES_FILE, read_programmes
from catalog.read_zones import ZONE_COLUMNS, ZONES_FILE, read_zones

__all__ = [
    "FILES",
    "FILE_BYTES_MAX",
    "ROWS_MAX",
    "CatalogueError",
    "Problem",
    "load_files",
    "load_folder",
    "load_shipped",
    "shipped_files",
]

COLUMNS: Mapping[str, Columns] = MappingProxyType(
    {
        GOODS_FILE: GOODS_COLUMNS,
        CEILINGS_FILE: CEILING_COLUMNS,
        POLICY_FILE: POLICY_COLUMNS,
        BARCODES_FILE: BARCODE_COLUMNS,
        ZONES_FILE: ZONE_COLUMNS,
        PROGRAMMES_FILE: PROGRAMME_COLUMNS,
        LIMITS_FILE: LIMIT_COLUMNS,
        BANK_DAYS_FILE: BANK_DAY_COLUMNS,
        BANK_METHODS_FILE: BANK_METHOD_COLUMNS,
    }
)
FILES = tuple(COLUMNS)
OPTIONAL_FILES = frozenset({PROGRAMMES_FILE, LIMITS_FILE, BANK_DAYS_FILE, BANK_METHODS_FILE})
"""Older catalogues do without, under their old version: one programme under the policy in force,
no limits, no holidays of banks, nothing agreed with any bank."""
VERSION_LENGTH = 16


@cache
def load_shipped() -> Catalogue:
    """Return the catalogue that comes with the package, read once."""
    return load_files(shipped_files())


def shipped_files() -> dict[str, bytes]:
    """Return the contents of the shipped CSV files by name, a seed for an installation's own."""
    folder = package_files("catalog").joinpath("data")
    return {name: folder.joinpath(name).read_bytes() for name in FILES}


def load_folder(path: str | Path) -> Catalogue:
    """Return the catalogue in a folder; CatalogueError lists every fault, missing files too."""
    found = {name: Path(path, name) for name in FILES}
    return load_files({name: _content(file) for name, file in found.items() if file.is_file()})


def load_files(files: Mapping[str, bytes]) -> Catalogue:
    """Return the catalogue in these contents by file name; CatalogueError lists every fault."""
    noted = [Problem(name, 0, "", "unknown file") for name in files if name not in FILES]
    tables = {
        name: read_rows(name, files, COLUMNS[name], noted)
        if name in files or name not in OPTIONAL_FILES
        else []
        for name in FILES
    }
    zones = read_zones(tables[ZONES_FILE], noted)
    bank_holidays = read_bank_days(tables[BANK_DAYS_FILE])
    bank_methods = read_bank_methods(tables[BANK_METHODS_FILE])
    goods = read_goods(tables[GOODS_FILE])
    is_sku = _is_sku(tables[GOODS_FILE])
    ceilings = read_ceilings(tables[CEILINGS_FILE], goods, is_sku)
    policies = read_policies(tables[POLICY_FILE], is_sku)
    packs = read_barcodes(tables[BARCODES_FILE], is_sku)
    programmes = read_programmes(tables[PROGRAMMES_FILE], _is_policy(tables[POLICY_FILE]))
    limits = read_limits(tables[LIMITS_FILE], is_sku)
    noted.extend(policy_gaps(policies, tables[POLICY_FILE]))
    if tables[ZONES_FILE]:
        noted.extend(ceiling_gaps(goods, ceilings, zones, tables[CEILINGS_FILE]))
    if noted:
        raise CatalogueError(noted)
    measured = _measured(policies, goods)
    return Catalogue(
        version=_version(files),
        goods=MappingProxyType(goods),
        packs=MappingProxyType(packs),
        policies=measured,
        price_book=PriceBook.of(ceilings, zones),
        zones=zones,
        programmes=programmes or BPNT_ONLY,
        own_policies=_measured(own_policies(programmes, measured), goods),
        limits=LimitBook.of((*limits, *unsourced_limits(goods.values(), limits))),
        bank_holidays=bank_holidays,
        bank_methods=bank_methods,
    )


def _measured(policies: Mapping[str, Policy], goods: Mapping[str, Good]) -> Mapping[str, Policy]:
    return MappingProxyType({name: p.measured(goods.values()) for name, p in policies.items()})


def _is_sku(goods_rows: list[Row]) -> Callable[[str], bool]:
    """Codes of broken rows count, and without goods.csv every code does: one fault, one message."""
    skus = {row.optional("item_code") for row in goods_rows}
    return lambda sku: sku in skus or not skus


def _is_policy(policy_rows: list[Row]) -> Callable[[str], bool]:
    """The same for policies: ids of broken rows count, and without policy.csv every id does."""
    ids = {row.optional("policy_id") for row in policy_rows} - {EVERY_POLICY}
    return lambda policy_id: policy_id in ids or not ids


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(FILE_BYTES_MAX + 1)  # one byte too many is noted as too large


def _version(files: Mapping[str, bytes]) -> str:
    """Hash every file with its name and length, so that no byte can move between files."""
    digest = sha256()
    for name in (each for each in FILES if each in files):
        digest.update(f"{name} {len(files[name])}\n".encode())
        digest.update(files[name])
    return digest.hexdigest()[:VERSION_LENGTH]
