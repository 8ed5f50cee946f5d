"""A purchase over several databases: who pays, the claim, the debit at home, the answer.

The claim is committed first, where its id lives; the debit second, where the family lives. Whatever
ends in between is finished by the till's retry, for the proof is kept nowhere. When both live in
one database they share a transaction, as on one database.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from msgspec.structs import replace

from pos_engine.engine import Engine
from pos_engine.rules.ids import shard_of
from pos_engine.services.batch_facts import (
    Asked,
    BatchFacts,
    Reference,
    ask_reference,
    find_payers,
)
from pos_engine.services.purchase import (
    Answer,
    NotDecided,
    Outcome,
    PurchaseRequest,
    clock_skewed,
    content_hash,
)
from pos_engine.services.sessions import still_living
from pos_engine.store import batch_facts, claims, limit_use
from pos_engine.store.database import Tx, UnavailableError
from pos_engine.store.driver import one_trip
from pos_engine.store.group_commit import ANSWER_WAIT_S_MAX, GroupCommit, Work
from pos_engine.store.homes import Home
from pos_engine.store.keyed import look_up_by_index
from pos_engine.store.purchases import Claim


@dataclass(frozen=True, slots=True)
class Known:
    """A request with what the first database knows of it."""

    asked: Asked
    reference: Reference

    @property
    def home_shard(self) -> int:
        """Where it is decided: with its family, or by itself when nobody was found."""
        return shard_of(self.asked.found.kpm_id or self.asked.request.purchase_id)


def authorize(engine: Engine, request: PurchaseRequest, decide: Work) -> Outcome:
    """Decide a purchase once and wait for it. `decide` answers `Known`s at home."""
    told = submit(engine, request, decide)
    try:
        return told.result(ANSWER_WAIT_S_MAX)
    except TimeoutError:
        told.cancel()
        raise UnavailableError from None


def submit(engine: Engine, request: PurchaseRequest, decide: Work) -> "Future[Outcome]":
    """The same without waiting; cancelling stops before the next database is asked."""
    way = _Way(engine, request, decide)
    way.ask(engine.commits, look_up, request, way.found)
    return way.told


@dataclass(frozen=True, slots=True)
class Step:
    """What one purchase asks of one database."""

    work: Work
    item: Any


@dataclass(slots=True)
class _Way:
    """One purchase on its way from queue to queue; each step begins when the last committed."""

    engine: Engine
    request: PurchaseRequest
    decide: Work
    told: "Future[Outcome]" = field(default_factory=Future)

    def ask(self, commits: GroupCommit, work: Work, item: Any, then: Callable[[Any], None]) -> None:
        """Put a step into a queue; `then` gets its answer, unless nobody waits any more."""
        answer = commits.put(step_together, self.engine, Step(work, item))
        answer.add_done_callback(partial(self._go_on, then))

    def _go_on(self, then: Callable[[Any], None], answer: "Future[Any]") -> None:
        if self.told.cancelled():
            return
        try:
            then(answer.result())
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to who asked
            if self.told.set_running_or_notify_cancel():
                self.told.set_exception(error)

    def _tell(self, outcome: Outcome) -> None:
        if self.told.set_running_or_notify_cancel():
            self.told.set_result(outcome)

    def _home(self, shard: int) -> Home:
        if self.engine.homes is None:
            raise LookupError(shard)  # one database: nobody calls this
        return self.engine.homes.of(shard)

    def found(self, known: Known | NotDecided) -> None:
        """The payer is known: claim the id, or decide at once where both live together."""
        if isinstance(known, NotDecided):
            self._tell(known)
            return
        home = self._home(known.home_shard)
        of_claim = self._home(shard_of(self.request.purchase_id))
        if of_claim is home:
            self.ask(home.commits, self.decide, known, self._tell)
        else:
            self.ask(of_claim.commits, claim_first, known, partial(self.claimed, known, home))

    def claimed(self, known: Known, home: Home, outcome: Claim | Outcome) -> None:
        """The id is ours for good: decide and debit at home."""
        if isinstance(outcome, Claim):
            self.ask(home.commits, self.decide, known, partial(self.decided, outcome))
        else:
            self._tell(outcome)

    def decided(self, claim: Claim, outcome: Outcome) -> None:
        """It is decided and safe at home; the claim's copy follows, or the sweep brings it."""
        self._tell(outcome)
        if isinstance(outcome, Answer):
            queue = self._home(shard_of(claim.purchase_id)).commits
            with suppress(UnavailableError):
                told = Step(finish, replace(claim, answer=outcome.body))
                queue.put(step_together, self.engine, told)


def step_together(tx: Tx, engine: Engine, steps: Sequence[Step]) -> list[Any]:
    """Different steps of many purchases in one transaction: a queue of one kind is never cut short.

    Debits come first: wallets are locked before ids are taken, in every batch.
    """
    answers: dict[int, Any] = {}
    last: list[Work] = [claim_first, finish, look_up]
    works = {each.work for each in steps}
    for work in (*works.difference(last), *(each for each in last if each in works)):
        places = [place for place, each in enumerate(steps) if each.work is work]
        told = work(tx, engine, [steps[place].item for place in places])
        answers.update(zip(places, told, strict=True))
    return [answers[place] for place in range(len(steps))]


def look_up(
    tx: Tx, engine: Engine, requests: Sequence[PurchaseRequest]
) -> list[Known | NotDecided]:
    """In the first database: payers, shops, catalogue, and which sessions live."""
    batch = find_payers(tx, engine, requests)
    with one_trip(tx):
        take_reference = ask_reference(tx, engine, {each.shop_id for each in requests})
        still = still_living(tx, (each.session for each in requests), engine.now())
    reference, living = take_reference(), still()
    return [
        NotDecided.NO_SESSION
        if each.request.session and each.request.session.session_id not in living
        else Known(each, reference)
        for each in batch
    ]


def claim_first(tx: Tx, engine: Engine, batch: Sequence[Known]) -> list[Claim | Outcome]:
    """In the claim's database: take the id for this content, or see what it stands for."""
    look_up_by_index(tx)
    found = batch_facts.claims(tx, {each.asked.request.purchase_id for each in batch})()
    taken: list[Claim] = []
    outcomes = [_claim(engine, found, each, taken) for each in batch]
    claims.add_open(tx, taken)
    return outcomes


def _claim(
    engine: Engine, found: dict[str, Claim], known: Known, taken: list[Claim]
) -> Claim | Outcome:
    request, kpm_id = known.asked.request, known.asked.found.kpm_id
    content = content_hash(request, kpm_id)
    claim = found.get(request.purchase_id)
    if claim is None:
        if clock_skewed(request, engine.now()):
            return NotDecided.CLOCK_SKEW
        purchase_id, shop_id = request.purchase_id, request.shop_id
        claim = Claim(purchase_id, content, known.home_shard, kpm_id, shop_id, answer="")
        found[purchase_id] = claim
        taken.append(claim)
    elif claim.content != content or claim.shop_id != request.shop_id:
        return NotDecided.DUPLICATE_DIFFERENT
    return Answer(claim.answer) if claim.answer else claim


def finish(tx: Tx, _engine: Engine, answered: Sequence[Claim]) -> list[None]:
    """In the claim's database: put the answers from home beside their ids."""
    claims.finish(tx, answered)
    return [None] * len(answered)


def reference_of(batch: Sequence[Known]) -> Reference:
    """What a batch at home goes by: the catalogue that was read last, and all of the shops."""
    shops = {name: shop for each in batch for name, shop in each.reference.shops.items()}
    return Reference(batch[-1].reference.catalogue, shops)


def add_sold_elsewhere(engine: Engine, home: Tx, facts: BatchFacts) -> None:
    """Limits of shops and tills count what families of other databases bought there."""
    if engine.homes is None or not facts.day_use.tills:
        return
    shops = {each.shop_id for each in facts.shops.values()}
    for each in engine.homes.all:
        if each.database.is_of(home):
            continue
        with each.database.read() as tx:
            for day, sold in facts.day_use.tills.items():
                sold.update(limit_use.sold_by_tills(tx, shops, day))
