"""Acts on keys and on a family's whole data need two officers; a demo makes do with any name."""

from collections.abc import Collection
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.services.install import BY_COMMAND, Refused
from pos_engine.services.officers import not_an_officer, same_person
from pos_engine.services.sessions import Role

KEY_HOLDERS = frozenset({Role.ADMIN})
DATA_OFFICERS = frozenset({Role.ADMIN, Role.KEMENSOS, Role.DINSOS})


@dataclass(frozen=True, slots=True)
class Pair:
    """Who does it and who agrees."""

    first: str
    second: str | None


def pair_of(
    engine: Engine,
    first: str | None,
    second: str | None,
    roles: Collection[Role],
    region: str | None = None,
) -> Pair | Refused:
    """Two people of these roles at work, for `region` or (None) for the nation."""
    with engine.database.read() as tx:
        twice = first and second and same_person(tx, engine, first, second)
        if engine.is_demo(tx) and not twice:
            return Pair(first or BY_COMMAND, second)
        if not first or not second or twice:
            return Refused("officers", "two different officers: --officer ID --second ID")
        for each in (first, second):
            refused = not_an_officer(tx, engine, each, roles, region=region, field="officers")
            if refused is not None:
                return refused
    return Pair(first, second)


def one_of(
    engine: Engine, officer: str | None, roles: Collection[Role], region: str | None = None
) -> str | Refused:
    """One officer of these roles at work."""
    named = officer or BY_COMMAND
    with engine.database.read() as tx:
        refused = not_an_officer(tx, engine, named, roles, region=region, field="officer")
    return refused or named
