"""Places of the officers' filter: the list to choose from, what was typed, the way up."""

import re
from functools import lru_cache

from lokal import wilayah

from catalog.zones import region_exists, region_name, region_path

NATION = "Seluruh Indonesia"
SCOPES_REMEMBERED = 600  # the nation, 38 provinces, 514 regencies
CHILDREN_REMEMBERED = 2_000
DEPTHS = (2, 5, 8, 13)  # length of a province, regency, district, village
LEVELS = {0: "Provinsi", 2: "Kabupaten/kota", 5: "Kecamatan", 8: "Desa/kelurahan"}
REGENCY_DEPTH = 5
_PLACE = r"(?P<code>[0-9]{2}(?:\.[0-9]{2}(?:\.[0-9]{2}(?:\.[0-9]{4})?)?)?)"
_CODE = re.compile(rf"(?:[^()]* \()?{_PLACE}\)?")


def place_name(code: str) -> str:
    """A place's own name; the code itself when it has none; the nation for an empty one."""
    if not code:
        return NATION
    return region_name(code) if region_exists(code) else code


def place_path(code: str) -> str:
    """A place's name up to its province."""
    if not code:
        return NATION
    return region_path(code) if region_exists(code) else code


@lru_cache(CHILDREN_REMEMBERED)
def children(code: str) -> tuple[tuple[str, str], ...]:
    """Codes and names of the places just inside one; of the nation, its provinces."""
    return tuple((each.code, each.name) for each in wilayah.list_wilayah(code or None))


@lru_cache(SCOPES_REMEMBERED)
def choices(scope: str) -> tuple[str, ...]:
    """What the filter offers within a scope: `Kabupaten Malang (35.07)`, down to regencies."""
    offered: list[str] = []
    for code, name in ((scope, place_name(scope)),) if scope else children(""):
        offered.append(f"{name} ({code})")
        if len(code) < REGENCY_DEPTH or scope:
            offered += [f"{each} ({inner})" for inner, each in children(code)]
    return tuple(offered)


def place_asked(text: str) -> str | None:
    """The code in what was typed or chosen, else the one place of that name; None: not found."""
    found = _CODE.fullmatch(text)
    if found:
        return found["code"] if region_exists(found["code"]) else None
    named = _named().get(" ".join(text.casefold().split()), [])
    return named[0] if len(named) == 1 else None


@lru_cache(1)
def _named() -> dict[str, list[str]]:
    """Provinces and regencies by name, with and without their kind."""
    found: dict[str, list[str]] = {}
    for province, name in children(""):
        for code, each in ((province, name), *children(province)):
            key = each.casefold()
            for word in {key, key.removeprefix("kabupaten ").removeprefix("kota ")}:
                found.setdefault(word, []).append(code)
    return found


def trail(scope: str, code: str) -> list[tuple[str, str]]:
    """Codes and names from the top that the officer may see down to a place."""
    above = [code[:depth] for depth in DEPTHS if len(scope) <= depth <= len(code)]
    ways = above if scope else ["", *above]
    return [(each, place_name(each)) for each in ways]


def level_inside(code: str) -> str:
    """What the places just inside one are called; empty inside a village."""
    return LEVELS.get(len(code), "")


def inner_depth(code: str) -> int:
    """The length of the codes just inside one; a village's own."""
    return next((depth for depth in DEPTHS if depth > len(code)), DEPTHS[-1])
