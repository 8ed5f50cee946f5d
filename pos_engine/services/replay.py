"""Decide a past month again from stored facts, shard by shard, in one process or in several."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from multiprocessing import get_context
from operator import attrgetter
from typing import Any

from catalog.catalogue import Catalogue
from catalog.load import load_files
from catalog.problems import CatalogueError
from pos_engine.engine import Engine, Settings, open_engine
from pos_engine.rules.ids import SHARDS
from pos_engine.services.replay_again import Stored, differing
from pos_engine.services.replay_facts import OFFLINE, Books, balance_before
from pos_engine.services.replay_lines import UnreadableError
from pos_engine.services.replay_money import FamilyMoney
from pos_engine.services.replay_rule import Effect, OfFamily, Rule, count_family, under
from pos_engine.store import installation, replay_rows
from pos_engine.store.purchases import Claim
from pos_engine.store.replay_rows import ShardMoney

EAST = timedelta(hours=9)  # a local day begins so long before it begins in UTC
DAYS_AFTER = timedelta(days=3)  # what she bought then says whether she ate


@dataclass(frozen=True, slots=True)
class Period:
    """What is decided again: local days first..last, of a region (a prefix) or the nation."""

    first: date
    last: date
    region: str = ""

    @property
    def start(self) -> datetime:
        """From here on movements of money are read one by one."""
        return datetime.combine(self.first, time(), UTC) - EAST

    @property
    def end(self) -> datetime:
        """Until here."""
        return datetime.combine(self.last, time(), UTC) + DAYS_AFTER

    def holds(self, region: str) -> bool:
        """Is a place inside."""
        return not self.region or f"{region}.".startswith(f"{self.region}.")


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that does not come out as it is stored, and what of it: the row was altered."""

    purchase_id: str
    day: date
    region: str
    parts: tuple[str, ...]


@dataclass(slots=True)
class Found:
    """What one shard, or all together, came to."""

    purchases: int = 0
    lines_alone: int = 0  # paid by a bank, a hold or without signal: their money was not decided
    differences: list[Difference] = field(default_factory=list)
    effects: dict[str, Effect] = field(default_factory=dict)

    def add(self, other: "Found") -> None:
        """Both together."""
        self.purchases += other.purchases
        self.lines_alone += other.lines_alone
        self.differences += other.differences
        for regency, effect in other.effects.items():
            self.effects.setdefault(regency, Effect()).add(effect)

    @property
    def total(self) -> Effect:
        """Of all regencies."""
        found = Effect()
        for each in self.effects.values():
            found.add(each)
        return found


class Replayer:
    """One process's look at the past: catalogues and shops are read once."""

    def __init__(self, engine: Engine, period: Period, rule: Rule) -> None:
        self._engine, self._period, self._rule = engine, period, rule
        reference = engine.reference or engine.database
        with reference.read() as tx:
            self._books = Books(_catalogues(tx, rule), rule.policy)
            self._names = replay_rows.shop_names(tx)

    def shard(self, shard: int) -> Found:
        """Decide the purchases of one shard again."""
        period = self._period
        with self._engine.database_of(shard).read() as tx:
            rows = [
                row
                for row in replay_rows.purchases_of(tx, shard, period.first, period.last)
                if period.holds(row.region)
            ]
            if not rows:
                return Found()
            money = replay_rows.money_of(
                tx, shard, period.start, period.end, (period.first, period.last)
            )
            elsewhere = replay_rows.paid_elsewhere(tx, shard)
            again = not self._rule.other
            claims = replay_rows.claims_of(tx, [r.purchase_id for r in rows]) if again else {}
        found = Found(purchases=len(rows))
        for kpm_id, own in groupby(rows, key=attrgetter("kpm_id")):
            self._family(kpm_id, _in_order(list(own), claims), money, claims, elsewhere, found)
        return found

    def _family(
        self,
        kpm_id: str | None,
        rows: Sequence[Any],
        shard: ShardMoney,
        claims: dict[str, Claim],
        elsewhere: set[str],
        found: Found,
    ) -> None:
        ids = {row.purchase_id for row in rows}
        money = FamilyMoney(shard, kpm_id, ids) if kpm_id is not None else None
        own = OfFamily()
        for row in rows:
            away = _away(row, elsewhere, money)
            found.lines_alone += away
            place = self._books.place(row)
            try:
                if self._rule.other:
                    effect = found.effects.setdefault(row.region[:5], Effect())
                    if place is not None and not away:
                        basket = self._books.basket(row, place)
                        under(row, place.market, basket, money, own, effect)
                    continue
                if place is None:
                    parts: tuple[str, ...] = ("price_book",)
                    _past(money, row)
                else:
                    name, claim = self._names.get(row.shop_id, ""), claims.get(row.purchase_id)
                    basket = self._books.basket(row, place)
                    stored = Stored(row, claim, name, place.market, basket, away)
                    parts = differing(self._engine, stored, money)
            except (UnreadableError, ValueError):  # a word of the row is none of ours
                parts = ("unreadable",)
                _past(money, row)
            if parts:
                told = Difference(row.purchase_id, row.day, row.region, parts)
                found.differences.append(told)
        count_family(own, found.effects)


def _past(money: FamilyMoney | None, row: Any) -> None:
    """What cannot be decided took its money all the same: her later purchases stand on it."""
    if money is not None:
        money.move_to(row.decided_at)
        money.paid(row.purchase_id)


def _away(row: Any, elsewhere: set[str], money: FamilyMoney | None) -> bool:
    """Was its money looked at by somebody else than the rules: a bank, a hold, a tablet."""
    if row.purchase_id in elsewhere or f'"{OFFLINE}"' in row.flags:
        return True
    return money is not None and money.at_a_bank


def _in_order(rows: list[Any], claims: dict[str, Claim]) -> list[Any]:
    """One family's purchases as they were decided; of one moment the richer balance came first."""
    moments = {row.decided_at for row in rows}
    if len(moments) == len(rows):
        return rows
    told = {row.purchase_id: claims.get(row.purchase_id) for row in rows}
    before = {name: balance_before(claim.answer) if claim else 0 for name, claim in told.items()}
    return sorted(rows, key=lambda row: (row.decided_at, -before[row.purchase_id]))


def _catalogues(tx: Any, rule: Rule) -> dict[str, Catalogue]:
    """Every catalogue that was ever in force, under the rule; `CatalogueError` of the rule."""
    found = {}
    for version, _ in installation.catalogue_history(tx):
        files = installation.catalogue_files(tx, version)
        try:
            stored = load_files(files)
        except CatalogueError:  # this program cannot read it any more: its rows are told
            continue
        found[version] = rule.catalogue(stored, files) if rule.other else stored
    return found


def replay(
    engine: Engine, period: Period, rule: Rule, processes: int = 1, settings: Settings | None = None
) -> Iterator[tuple[int, int, Found]]:
    """Each shard as it is done: how many are, of how many, and what it came to.

    More than one process opens the installation anew by its settings.
    """
    shards = _shards(engine, period)
    if processes <= 1 or len(shards) <= 1:
        replayer = Replayer(engine, period, rule)
        for done, shard in enumerate(shards, 1):
            yield done, len(shards), replayer.shard(shard)
        return
    arguments = (settings or Settings(), period, rule)
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=_open, initargs=arguments
    ) as pool:
        tasks = [pool.submit(_one, shard) for shard in shards]
        for done, task in enumerate(as_completed(tasks), 1):
            yield done, len(shards), task.result()


def _shards(engine: Engine, period: Period) -> list[int]:
    found: set[int] = set()
    for view in engine.each_database():
        with view.database.read() as tx:
            found.update(replay_rows.shards_with_purchases(tx, period.first, period.last))
    return sorted(each for each in found if each < SHARDS)


_REPLAYERS: list[Replayer] = []  # of this process


def _open(settings: Settings, period: Period, rule: Rule) -> None:
    _REPLAYERS.append(Replayer(open_engine(settings, faces=False, several=True), period, rule))


def _one(shard: int) -> Found:
    return _REPLAYERS[0].shard(shard)


def by_regency(found: Found) -> list[dict[str, Any]]:
    """The effects as rows, and the nation's sum last."""
    rows = [{"regency": regency} | asdict(each) for regency, each in sorted(found.effects.items())]
    return [*rows, {"regency": ""} | asdict(found.total)]
