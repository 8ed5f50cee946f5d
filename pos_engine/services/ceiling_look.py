"""One look at the lake for the ceiling service, or at the database where there is no lake."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from pos_engine.engine import Engine
from pos_engine.lake.ceiling_questions import asked_prices, attempts_daily
from pos_engine.lake.views import Snapshot, opened
from pos_engine.rules.reasons import Reason
from pos_engine.services.lake_reports import Question, usable
from pos_engine.store.reports import lines_between

TOO_DEAR = Reason.PRICE_ABOVE_CEILING.value
OK = "OK"


@dataclass(frozen=True, slots=True)
class Asked:
    """A good at a price in a place, approved or refused, and how many lines asked it."""

    regency: str
    sku: str
    gtin: str | None
    unit: str
    unit_price: int
    verdict: str


@dataclass(frozen=True, slots=True)
class DayOfGood:
    """A day's attempts at a good in a regency. `asked` is the middle of the refused prices."""

    day: date
    regency: str
    sku: str
    name: str
    attempts: int
    refused: int
    asked: int | None
    ceiling: int | None


@contextmanager
def look(engine: Engine, first: date, last: date, region: str | None) -> Iterator[Snapshot | None]:
    """The lake over these days; None when there is none, or it is behind."""
    question = Question("prices", first, last, region)
    state = usable(engine, question)
    if state is None or engine.lake is None:
        yield None
        return
    with opened(engine.lake, question.span, state) as snapshot:
        yield snapshot


def asked_of(
    engine: Engine, first: date, last: date, region: str | None, skus: Collection[str]
) -> Counter[Asked]:
    """How often each of these goods was asked at which price."""
    where = Question("prices", first, last, region).where
    with look(engine, first, last, region) as snapshot:
        if snapshot is not None:
            names = Asked.__slots__
            rows = asked_prices(snapshot, where, skus)
            return Counter({Asked(*(row[name] for name in names)): row["lines"] for row in rows})
    found: Counter[Asked] = Counter()
    with engine.database.read() as tx:
        for sold in lines_between(tx, first, last, region=region, shop_id=None):
            line = sold.line
            if line["sku"] in skus:
                price = line.get("asked_price") or line["unit_price"]
                asked = (line.get("gtin"), line["unit"], price, line["verdict"])
                found[Asked(sold.region[:5], line["sku"], *asked)] += 1
    return found


def attempts_of(engine: Engine, first: date, last: date, region: str | None) -> list[DayOfGood]:
    """Attempts at goods by day and regency, and how many were refused for price."""
    where = Question("prices", first, last, region).where
    with look(engine, first, last, region) as snapshot:
        if snapshot is not None:
            return [DayOfGood(**row) for row in attempts_daily(snapshot, where)]
    return _attempts_of_database(engine, first, last, region)


def _attempts_of_database(
    engine: Engine, first: date, last: date, region: str | None
) -> list[DayOfGood]:
    attempts: Counter[tuple[str, str, date]] = Counter()
    too_dear: dict[tuple[str, str, date], list[tuple[int, int]]] = {}
    names: dict[str, str] = {}
    with engine.database.read() as tx:
        for sold in lines_between(tx, first, last, region=region, shop_id=None):
            line = sold.line
            if line["verdict"] not in (OK, TOO_DEAR):
                continue
            key = (sold.region[:5], line["sku"], sold.day)
            attempts[key] += 1
            names[line["sku"]] = line["name"]
            if line["verdict"] == TOO_DEAR:
                too_dear.setdefault(key, []).append((line["unit_price"], line["ceiling"] or 0))
    found = []
    for (regency, sku, day), count in sorted(attempts.items()):
        dear = sorted(too_dear.get((regency, sku, day), []))
        asked = dear[len(dear) // 2][0] if dear else None
        ceiling = max(each[1] for each in dear) if dear else None
        found.append(DayOfGood(day, regency, sku, names[sku], count, len(dear), asked, ceiling))
    return found
