"""The consumer of the event lake: what was announced and is not in it yet, a batch at a time."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pos_engine.engine import Engine
from pos_engine.lake.folder import LOOKED, LakeError
from pos_engine.lake.state import WRITE, Feed, State
from pos_engine.lake.writer import Part, Writer
from pos_engine.rules.ids import SHARDS
from pos_engine.services.lake_rows import PURPOSE, Maker
from pos_engine.store import lake_facts, lake_feed
from pos_engine.store.announce import Kind
from pos_engine.store.database import Tx
from pos_engine.store.lake_feed import AttemptEvent, Fact

FACTS_AT_ONCE = 20_000  # of a batch; so much is in memory
LINKS_AT_ONCE = 1_000  # of a shard that are looked at together
RUN_WEIGHS = 400  # facts
EVENTS_AT_ONCE = 20_000
LATER_KINDS = (Kind.ENVELOPE_END.value,)  # lakes of before have read past them
SHARDS_AT_ONCE = 128  # whose attempts from before the lake are looked for together


class OtherDatabaseError(LakeError):
    """The lake knows links of the chain that this database does not have."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """What a round did. `more` when it stopped before everything was read."""

    facts: int
    rows: int
    more: bool


@dataclass(slots=True)
class _Taken:
    """What a batch takes of one database, with where it leads."""

    facts: list[Fact] = field(default_factory=list)
    feed: Feed = field(default_factory=Feed)
    events: list[AttemptEvent] = field(default_factory=list)
    seeds: list[tuple[int, str]] = field(default_factory=list)
    weight: int = 0
    more: bool = False

    @property
    def empty(self) -> bool:
        """Is there nothing to write down."""
        feed = self.feed
        return not (feed.links or feed.early or feed.events or feed.seeded or feed.kinds)


class Consumer:
    """Writes one engine's facts into its lake. `LakeBusyError` when somebody else does."""

    def __init__(self, engine: Engine) -> None:
        if engine.lake is None:
            raise LakeError("This engine has no lake.")
        self._engine, self.writer = engine, Writer(engine.lake, engine.now)
        self._lake = engine.lake
        self._forgotten = -1  # the manifest whose events are gone from the outbox

    def close(self) -> None:
        """Let others write."""
        self.writer.close()

    def round(self) -> Wrote:
        """One batch of each database; nothing that waits is an empty round."""
        facts = rows = 0
        more = False
        maker = self._maker()
        for number, view in enumerate(self._engine.each_database()):
            self._forget_events(number, view)
            wrote = self._batch(number, view, maker)
            facts, rows, more = facts + wrote.facts, rows + wrote.rows, more or wrote.more
        self._forgotten = self.writer.state.number
        with suppress(OSError):
            (self._lake / LOOKED).touch()
        return Wrote(facts, rows, more)

    def _maker(self) -> Maker:
        engine = self._engine
        with (engine.reference or engine.database).read() as tx:
            return Maker(engine.catalogue(tx).zones, engine.keys.pseudonyms(PURPOSE))

    def _batch(self, number: int, view: Engine, maker: Maker) -> Wrote:
        with view.database.read() as tx:
            taken = self._take(tx, number)
            if taken.empty:
                return Wrote(0, 0, taken.more)
            parts = list(self._parts(tx, view, maker, taken))
        added = self.writer.commit(WRITE, taken.feed, parts)
        self._forget_events(number, view)
        facts = len(taken.facts) + len(taken.events) + len(taken.seeds)
        return Wrote(facts, sum(each.rows for each in added), taken.more)

    def _forget_events(self, number: int, view: Engine) -> None:
        """Attempts that the newest manifest names leave the outbox; again after a kill."""
        state = self.writer.state
        if self._forgotten == state.number:
            return
        own = [each.split("/", 2) for each in state.events]
        events = [AttemptEvent(int(shard), name) for at, shard, name in own if int(at) == number]
        if events:
            view.database.transact(lambda tx: lake_feed.forget_events(tx, events))

    def _take(self, tx: Tx, number: int) -> _Taken:
        taken = _Taken()
        self._take_seeds(tx, number, taken)
        if taken.more:
            return taken
        self._take_events(tx, number, taken)
        self._take_later(tx, number, taken)
        self._take_links(tx, number, taken)
        if not taken.more:
            self._take_waiting(tx, number, taken)
        return taken

    def _take_seeds(self, tx: Tx, number: int, taken: _Taken) -> None:
        """Attempts from before the lake, shard by shard, before any that the outbox tells of."""
        at = self.writer.state.seeded.get(str(number), 0)
        while at < SHARDS and len(taken.seeds) < EVENTS_AT_ONCE:
            some = range(at, min(at + SHARDS_AT_ONCE, SHARDS))
            found = lake_feed.attempts_before(tx, some, EVENTS_AT_ONCE)
            if len(found) == EVENTS_AT_ONCE:  # too many together
                some = range(at, at + 1)
                found = lake_feed.attempts_before(tx, some)
            taken.seeds += found
            at = some.stop
            taken.feed.seeded[str(number)] = at
        taken.more = at < SHARDS

    def _take_events(self, tx: Tx, number: int, taken: _Taken) -> None:
        taken.events = lake_feed.attempt_events(tx, EVENTS_AT_ONCE)
        taken.feed.events = [f"{number}/{each.shard}/{each.event_id}" for each in taken.events]
        taken.more = len(taken.events) == EVENTS_AT_ONCE

    def _take_later(self, tx: Tx, number: int, taken: _Taken) -> None:
        """Facts of kinds that came later and lie under links that are read already, once."""
        kinds = _kinds_missing(number, self.writer.state)
        taken.facts += _passed_over(tx, number, self.writer.state, kinds)
        taken.weight += sum(map(_weight, taken.facts))
        taken.feed.kinds = [f"{number}/{each}" for each in kinds]

    def _take_links(self, tx: Tx, number: int, taken: _Taken) -> None:
        """What is sealed, link by link; of it what was not taken before its seal."""
        state = self.writer.state
        for shard, head in sorted(lake_feed.heads(tx).items()):
            at, known = state.links.get(f"{number}/{shard}", (0, ""))
            stands = head.hash if head.n == at else lake_feed.link_hash(tx, shard, at)
            if at and _hex(stands) != known:
                raise OtherDatabaseError(
                    f"{self._lake} knows facts that this database does not: it was put back, or is "
                    "another one. Move the folder away and run `ewarong lake write`."
                )
            if head.n == at:
                continue
            self._take_shard(tx, number, shard, at, taken)
            if taken.weight >= FACTS_AT_ONCE:
                taken.more = True
                return

    def _take_shard(self, tx: Tx, number: int, shard: int, at: int, taken: _Taken) -> None:
        early = self.writer.state.early
        for link in lake_feed.links_after(tx, shard, at, LINKS_AT_ONCE):
            found = lake_feed.leaves_between(tx, shard, link.n - 1, link.n)
            names = {fact_name(number, each): each for each in found}
            taken.feed.sealed += [name for name in names if name in early]
            fresh = [fact for name, fact in names.items() if name not in early]
            taken.facts += fresh
            taken.weight += sum(map(_weight, fresh))
            taken.feed.links[f"{number}/{shard}"] = (link.n, link.hash.hex())
            if taken.weight >= FACTS_AT_ONCE:
                return

    def _take_waiting(self, tx: Tx, number: int, taken: _Taken) -> None:
        """What waits for its seal; a fact that is announced again has one already."""
        early, here = self.writer.state.early, set(taken.facts)
        waiting = [
            each
            for each in lake_feed.waiting(tx)
            if each not in here and fact_name(number, each) not in early
        ]
        some = waiting[:FACTS_AT_ONCE]
        some_sealed = lake_feed.sealed(tx, some)
        fresh = [each for each in some if each not in some_sealed]
        fresh = list(_until_heavy(fresh, FACTS_AT_ONCE - taken.weight))
        taken.facts += fresh
        taken.feed.early = [fact_name(number, each) for each in fresh]
        taken.more = len(waiting) > len(fresh) + len(some_sealed)

    def _parts(self, tx: Tx, view: Engine, maker: Maker, taken: _Taken) -> Iterator[Part]:
        names = {kind: _keys(taken.facts, kind) for kind in lake_feed.KINDS}
        bought = names[Kind.PURCHASE]
        if bought:
            rows = lake_facts.purchases(tx, bought)
            answers = lake_facts.answers(tx, {name for _, name in bought})
            yield from maker.purchases(rows, answers)
        if names[Kind.REVERSAL]:
            yield from maker.returns(lake_facts.returns(tx, names[Kind.REVERSAL]))
        moved = names[Kind.MOVEMENT] - bought
        if moved:
            yield from maker.movements(lake_facts.movements(tx, moved))
        if names[Kind.ENVELOPE_END]:
            yield from self._outcomes(tx, view, maker, names[Kind.ENVELOPE_END])
        tried = {(each.shard, each.event_id) for each in taken.events} | set(taken.seeds)
        if tried:
            yield from self._attempts(tx, view, maker, tried)

    def _attempts(
        self, tx: Tx, view: Engine, maker: Maker, keys: set[tuple[int, str]]
    ) -> Iterator[Part]:
        rows = lake_facts.attempts(tx, keys)
        born = lake_facts.birth_dates(tx, {each.kpm_id for each in rows if each.kpm_id})
        regions = _regions(tx, view, rows)
        known = [each for each in rows if each.shop_id in regions]
        return maker.attempts(known, regions, born)

    def _outcomes(
        self, tx: Tx, view: Engine, maker: Maker, keys: set[tuple[int, str]]
    ) -> Iterator[Part]:
        rows = lake_facts.offline_outcomes(tx, keys)
        return maker.offline_outcomes(rows, _regions(tx, view, rows))


def _regions(tx: Tx, view: Engine, rows: Sequence[Any]) -> dict[str, str]:
    """Where the shops of these rows lie."""
    shops = {each.shop_id for each in rows}
    if view.reference is None:
        places = lake_facts.places(tx, shops)
    else:
        with view.reference.read() as elsewhere:
            places = lake_facts.places(elsewhere, shops)
    return {shop_id: region for shop_id, (_, region) in places.items()}


def _kinds_missing(number: int, state: State) -> list[str]:
    return [each for each in LATER_KINDS if f"{number}/{each}" not in state.kinds]


def _passed_over(tx: Tx, number: int, state: State, kinds: Sequence[str]) -> list[Fact]:
    """Facts of these kinds under the links that the lake has read."""
    if not kinds:
        return []
    facts: list[Fact] = []
    for name, (n, _) in sorted(state.links.items()):
        at, shard = name.split("/")
        if int(at) == number:
            facts += lake_feed.leaves_between(tx, int(shard), 0, n, kinds)
    return facts


def _hex(found: bytes | None) -> str:
    return found.hex() if found else ""


def fact_name(number: int, fact: Fact) -> str:
    """How manifests name a fact of a database."""
    return f"{number}/{fact.shard}/{fact.kind}/{fact.subject_id}"


def _keys(facts: Sequence[Fact], kind: Kind) -> set[tuple[int, str]]:
    return {(each.shard, each.subject_id) for each in facts if each.kind == kind.value}


def _weight(fact: Fact) -> int:
    """A movement of a run (`run:chunk`) may hold the credits of all families of a shard."""
    many = fact.kind == Kind.MOVEMENT.value and ":" in fact.subject_id
    return RUN_WEIGHS if many else 1


def _until_heavy(facts: Sequence[Fact], room: int) -> Iterator[Fact]:
    """As many as fit, and always one."""
    weight = 0
    for each in facts:
        if weight and weight >= room:
            return
        weight += _weight(each)
        yield each


def unread(tx: Tx, number: int, state: State) -> list[Fact]:
    """Facts of the chain that the lake's newest manifest does not know."""
    waiting = lake_feed.waiting(tx)
    sealed = lake_feed.sealed(tx, waiting)  # announced a second time: their first link counts
    facts = [each for each in waiting if each not in sealed]
    for shard, head in lake_feed.heads(tx).items():
        at, _ = state.links.get(f"{number}/{shard}", (0, ""))
        if head.n > at:
            facts += lake_feed.leaves_between(tx, shard, at, head.n)
    facts += _passed_over(tx, number, state, _kinds_missing(number, state))
    return sorted({each for each in facts if fact_name(number, each) not in state.early})


def catch_up(engine: Engine) -> Iterator[Wrote]:
    """Round after round until nothing waits; what each did."""
    consumer = Consumer(engine)
    try:
        while True:
            wrote = consumer.round()
            yield wrote
            if not wrote.more and not wrote.facts:
                return
    finally:
        consumer.close()
