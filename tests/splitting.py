"""Words for tests over two databases: families in each, pairs that fight for one id."""

import json
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

from catalog.load import shipped_files
from pos_engine.engine import Engine, open_homes
from pos_engine.keys import Keys
from pos_engine.rules.ids import KpmId, PurchaseId, new_uuid7, shard_of
from pos_engine.services.authorize import Answer, Outcome, PurchaseRequest, submit
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.payer import CardProof
from pos_engine.services.prove import check_ledger
from pos_engine.services.register import NewFamily, register_family, set_pin
from pos_engine.store.database import open_database
from pos_engine.store.homes import Home
from pos_engine.store.shard_map import read_shard_map
from tests.world import MSISDN, PIN, Clock, World, a_purchase, credit, make_engine, rice

HALF = 512
MUCH = 10_000_000
AMOUNT = 1_300  # of each purchase
PAIRS_AT_ONCE = 50  # beyond 128 questions the engine turns away
WAIT_S = 120


@dataclass(frozen=True)
class Split:
    """Two databases with the cards of the families of each: `cards[0]` live in the first."""

    urls: tuple[str, str]
    world: World
    cards: tuple[list[str], list[str]]
    kpm_ids: tuple[list[str], list[str]]

    def request(self, side: int, number: int, purchase_id: str, at) -> PurchaseRequest:
        """A little rice for a family of one side."""
        card = self.cards[side][number % len(self.cards[side])]
        request = a_purchase(self.world, rice(100, 13_000), proof=CardProof(card, PIN), at=at)
        return replace(request, purchase_id=PurchaseId(purchase_id))


def split_engine(urls: tuple[str, str], keys: Keys, clock: Clock) -> Engine:
    """An engine over two databases, half of the shards in each."""
    engine = make_engine(urls[0], keys, clock)
    halves = f"0 {HALF - 1} {urls[0]}\n{HALF} 1023 {urls[1]}\n"
    home = Home(engine.database, engine.commits)
    return replace(engine, homes=open_homes(read_shard_map(halves), home, clock))


def settle_in(urls: tuple[str, str], world: World, keys: Keys, families: int) -> Split:
    """Empty the second database of nothing: make its schema; then so many families in each."""
    with_schema = open_database(urls[1])
    with_schema.upgrade()
    with_schema.close()
    clock = Clock()
    engine = split_engine(urls, keys, clock)
    kpm_ids = ([], [])
    cards = ([], [])
    for number in count():
        kpm_id = KpmId(f"SPLIT-{number}")
        side = shard_of(kpm_id) // HALF
        if len(cards[side]) < families:
            kpm_ids[side].append(kpm_id)
            cards[side].append(_family(engine, world, kpm_id))
        if len(cards[0]) == len(cards[1]) == families:
            break
    first, second = engine.each_database()
    load_catalogue(second, shipped_files(), "test")  # a run asks its own database for programmes
    for each, of_side in zip((first, second), kpm_ids, strict=True):
        credit(each, dict.fromkeys(of_side, MUCH), "2026-12")
    engine.close()
    return Split(urls, world, cards, kpm_ids)


def _family(engine: Engine, world: World, kpm_id: KpmId) -> str:
    number = int(kpm_id.partition("-")[2])
    new = NewFamily(
        kpm_id=kpm_id,
        region="35.07.13.2001",
        home_shop=world.shop_id,
        name="Siti Wahyuni",
        msisdn=f"+62813{number:08d}",
    )
    assert new.msisdn != MSISDN
    registered = register_family(engine, new)
    assert set_pin(engine, kpm_id, PIN) is None
    return registered.card


def an_id(at, side: int) -> str:
    """A purchase id whose claim lives on one side."""
    while True:
        purchase_id = new_uuid7(at)
        if shard_of(purchase_id) // HALF == side:
            return purchase_id


def fight(engine: Engine, two: Split, ids: Iterable[str], at) -> Counter[tuple[str, str]]:
    """Both payers ask for each id at once; what the pairs were told. The books add up after it."""
    before = check_ledger(engine)
    told: Counter[tuple[str, str]] = Counter()
    waiting: deque = deque()
    for number, each in enumerate(ids):
        sides = (0, 1) if number % 2 else (1, 0)  # who asks first
        waiting.append([submit(engine, two.request(side, number, each, at)) for side in sides])
        if len(waiting) == PAIRS_AT_ONCE:
            told[_outcomes(waiting.popleft())] += 1
    while waiting:
        told[_outcomes(waiting.popleft())] += 1
    after = check_ledger(engine)
    assert before.good
    assert after.good
    assert before.left - after.left == AMOUNT * told.total()
    assert after.postings - before.postings == 2 * told.total()
    return told


def _outcomes(pair) -> tuple[str, str]:
    first, second = sorted(kind_of(each.result(WAIT_S)) for each in pair)
    return first, second


def kind_of(outcome: Outcome) -> str:
    """APPROVED, DECLINED, or why nothing was decided."""
    if isinstance(outcome, Answer):
        return json.loads(outcome.body)["status"]
    return outcome.value
