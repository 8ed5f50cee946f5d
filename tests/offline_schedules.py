"""Schedules of selling without signal: what tablets do, and a server of the pure rules alone.

A schedule is a seed. Tablets sell, are cloned, roll back, lose envelopes, lie, and bring what they
have whenever they like; families recall, buy elsewhere, and time passes. `check` knows none of the
rules: it counts money and outcomes.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pos_engine.rules import offline
from pos_engine.rules.allowances import ALLOWANCE_GRACE, AllowanceState
from pos_engine.rules.offline import (
    FROM_ALLOWANCE,
    PAID,
    WAITING,
    Chain,
    Claim,
    Link,
    Neighbours,
    Outcome,
    Permit,
    Place,
)
from pos_engine.rules.reasons import Reason

START = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
LIFE = timedelta(days=7)
GENESIS = "A" * 43
PRICE = 10_000  # rupiah a unit: sums are whole numbers of it
STEPS = 30
BOTH = frozenset({"KKS_QR", "PIN"})


@dataclass(frozen=True)
class Sale:
    """An envelope as a schedule knows it."""

    device: str
    seq: int
    prev: str
    allowance: str
    purchase_id: str
    amount: int
    lawful: bool
    signed: bool
    sold_at: datetime
    envelope_id: str
    payload: Any = None  # what a real server is sent


@dataclass
class Tablet:
    """One copy of a device: a clone is another one with the same key."""

    device: str
    seq: int = 0
    head: str = GENESIS
    queue: list[Sale] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    def copy(self) -> "Tablet":
        return Tablet(self.device, self.seq, self.head, list(self.queue), dict(self.left))


@dataclass
class Money:
    """A family's money as a server has it, in rupiah."""

    credited: int
    spent: int = 0
    held: int = 0


@dataclass
class Books:
    """What is to be counted: read from a server by `check`."""

    families: dict[str, Money]
    held_by_living: dict[str, int]  # of each family
    shops: dict[str, int]  # paid for sales without signal, by device
    from_families: int  # what sales without signal took of families
    losses: int
    taken: dict[str, int]  # paid, by allowance
    promised: dict[str, int]  # amount of each allowance
    outcomes: dict[str, str]  # of each envelope
    paid_ids: Counter  # how often a purchase was paid
    paid_places: Counter  # how often a place of a chain was paid without two officers
    taken_after_recall: int


class Server(Protocol):
    now: datetime

    def issue(self, device: str, family: str, amount: int) -> tuple[str, int] | None: ...
    def recall(self, family: str) -> None: ...
    def buy_online(self, family: str, amount: int) -> None: ...
    def pass_time(self, span: timedelta) -> None: ...
    def seal(self, tablet: Tablet, sale: Sale) -> Sale: ...
    def receive(self, device: str, sales: list[Sale]) -> dict[str, str]: ...
    def clear(self, device: str, *, pay: bool) -> None: ...
    def skip_gap(self, device: str) -> bool: ...
    def books(self) -> Books: ...


# ---- the schedule ------------------------------------------------------------------------


class Schedule:
    """What happens, by a seed."""

    def __init__(
        self,
        server: Server,
        seed: int,
        families: list[str],
        devices: list[str],
        check_every: int = 1,
    ) -> None:
        self.random, self.check_every = random.Random(seed), check_every
        self.server, self.families = server, families
        self.tablets = [Tablet(each) for each in devices]
        self.snapshots: list[Tablet] = []
        self.lost: list[Sale] = []
        self.sales: list[Sale] = []
        self.seen: dict[str, set[str]] = defaultdict(set)  # outcomes told of each envelope
        self.serial = 0
        self.did: Counter[str] = Counter()

    def run(self, steps: int = STEPS) -> None:
        acts = {
            self.issue: 8,
            self.sell: 14,
            self.sync: 8,
            self.recall: 2,
            self.online: 3,
            self.wait: 4,
            self.clone: 0.4,
            self.snapshot: 1,
            self.roll_back: 0.4,
            self.lose: 0.6,
            self.rescan: 0.6,
            self.officers: 1,
        }
        names, weights = list(acts), list(acts.values())
        for step, act in enumerate(self.random.choices(names, weights, k=steps)):
            act()
            self.did[act.__name__] += 1
            if step % self.check_every == 0:
                check(self.server.books())
        self.end()

    def issue(self) -> None:
        tablet = self.random.choice(self.tablets)
        amount = PRICE * self.random.randint(1, 12)
        made = self.server.issue(tablet.device, self.random.choice(self.families), amount)
        if made is not None:
            tablet.left[made[0]] = made[1]

    def sell(self) -> None:
        tablet = self.random.choice(self.tablets)
        known = [name for name, left in tablet.left.items() if left > 0]
        if not known and self.random.random() < 0.9:
            return
        others = [name for each in self.tablets for name in each.left]
        lie = self.random.random()
        if lie < 0.06 and others:
            allowance = self.random.choice(others)  # perhaps another device's
        elif lie < 0.09 or not known:
            allowance = self.name()  # nobody issued it
        else:
            allowance = self.random.choice(known)
        left = tablet.left.get(allowance, 5 * PRICE)
        most = max(left // PRICE, 1) + (3 if self.random.random() < 0.1 else 0)
        amount = PRICE * self.random.randint(1, most)
        again = self.sales and self.random.random() < 0.03
        sale = Sale(
            device=tablet.device,
            seq=tablet.seq + 1,
            prev=tablet.head,
            allowance=allowance,
            purchase_id=self.random.choice(self.sales).purchase_id if again else self.name(),
            amount=amount,
            lawful=self.random.random() > 0.07,
            signed=self.random.random() > 0.02,
            sold_at=self.server.now,
            envelope_id="",
        )
        sale = self.server.seal(tablet, sale)
        tablet.seq, tablet.head = sale.seq, sale.envelope_id
        tablet.left[allowance] = left - amount
        if allowance not in known:
            tablet.left.pop(allowance, None)
        tablet.queue.append(sale)
        self.sales.append(sale)

    def sync(self) -> None:
        tablet = self.random.choice(self.tablets)
        if not tablet.queue:
            return
        sent = list(tablet.queue)
        if self.random.random() < 0.15:
            self.random.shuffle(sent)
        if self.random.random() < 0.15:
            sent = sent[: self.random.randint(1, len(sent))]
        self.tell(tablet.device, sent)
        if self.random.random() < 0.7:  # else the answer was lost and it is all sent again
            tablet.queue = [each for each in tablet.queue if each not in sent]

    def tell(self, device: str, sent: list[Sale]) -> None:
        for name, outcome in self.server.receive(device, sent).items():
            self.seen[name].add(outcome)

    def recall(self) -> None:
        self.server.recall(self.random.choice(self.families))

    def online(self) -> None:
        amount = PRICE * self.random.randint(1, 8)
        self.server.buy_online(self.random.choice(self.families), amount)

    def wait(self) -> None:
        self.server.pass_time(timedelta(hours=self.random.choice((1, 6, 24, 80, 24 * 8))))

    def clone(self) -> None:
        if len(self.tablets) < 6:
            self.tablets.append(self.random.choice(self.tablets).copy())

    def snapshot(self) -> None:
        self.snapshots.append(self.random.choice(self.tablets).copy())

    def roll_back(self) -> None:
        if self.snapshots:
            old = self.random.choice(self.snapshots)
            which = self.random.choice(
                [n for n, each in enumerate(self.tablets) if each.device == old.device]
            )
            self.tablets[which] = old.copy()

    def lose(self) -> None:
        tablet = self.random.choice(self.tablets)
        if tablet.queue:
            self.lost.append(tablet.queue.pop(self.random.randrange(len(tablet.queue))))

    def rescan(self) -> None:
        if self.lost:
            found = self.lost.pop(self.random.randrange(len(self.lost)))
            self.tell(found.device, [found])

    def officers(self) -> None:
        device = self.random.choice(self.tablets).device
        if self.random.random() < 0.5:
            self.server.skip_gap(device)
        else:
            self.server.clear(device, pay=self.random.random() < 0.5)

    def end(self) -> None:
        """Everything that exists comes in, in time or not, and people decide what waits."""
        for tablet in self.tablets:
            if tablet.queue:
                self.tell(tablet.device, tablet.queue)
        self.server.pass_time(timedelta(hours=80))
        for device in sorted({each.device for each in self.tablets}):
            while self.server.skip_gap(device):
                pass
            self.server.clear(device, pay=self.random.random() < 0.7)
        books = self.server.books()
        check(books)
        unfinished = {k: v for k, v in books.outcomes.items() if v in WAITING}
        assert not unfinished, unfinished
        for name, told in self.seen.items():
            final = {each for each in told if each not in WAITING}
            assert len(final) <= 1, f"{name} was told {final}"
            assert not final or final == {books.outcomes[name]}, name

    def name(self) -> str:
        """A UUIDv7 that the seed says."""
        self.serial += 1
        noise = self.random.getrandbits(62)
        text = f"{self.serial:012x}7{self.serial % 4096:03x}{(0b10 << 62) | noise:016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def check(books: Books) -> None:
    """Overspend 0, each envelope one outcome, the sums add up."""
    for name, money in books.families.items():
        assert money.held >= 0, f"{name} holds {money.held}"
        assert money.spent + money.held <= money.credited, f"{name} is overspent"
        assert money.held == books.held_by_living.get(name, 0), f"{name}: held is not allowances"
    for name, taken in books.taken.items():
        assert taken <= books.promised[name], f"allowance {name} paid {taken}"
    assert sum(books.shops.values()) == books.from_families + books.losses
    assert all(count <= 1 for count in books.paid_ids.values()), "a purchase was paid twice"
    assert all(count <= 1 for count in books.paid_places.values()), "a fork was paid"
    assert books.taken_after_recall == 0, "recalled money was taken"


# ---- the rules alone ---------------------------------------------------------------------


@dataclass
class _Issued:
    device: str
    family: str
    amount: int
    remaining: int
    issued_at: datetime
    not_after: datetime
    state: AllowanceState = AllowanceState.LIVE
    sales: int = 0
    taken: int = 0


class PureServer:
    """The rules with books in memory: no SQL, no signatures."""

    def __init__(self, families: dict[str, int]) -> None:
        self.now = START
        self.money = {name: Money(amount) for name, amount in families.items()}
        self.issued: dict[str, _Issued] = {}
        self.chains: dict[str, Chain] = defaultdict(lambda: Chain(0, GENESIS))
        self.on_chain: dict[tuple[str, int], Sale] = {}
        self.stopped: set[str] = set()
        self.outcomes: dict[str, Outcome] = {}
        self.arrived: dict[str, datetime] = {}
        self.held: dict[str, Sale] = {}  # waits for people, by name
        self.sold: dict[str, tuple[tuple, Outcome]] = {}
        self.shops: Counter[str] = Counter()
        self.losses = self.from_families = self.after_recall = 0
        self.paid_ids: Counter[str] = Counter()
        self.paid_places: Counter[tuple[str, int]] = Counter()
        self.serial = 0

    def issue(self, device: str, family: str, amount: int) -> tuple[str, int] | None:
        money = self.money[family]
        living = any(
            each.family == family and each.state is AllowanceState.LIVE
            for each in self.issued.values()
        )
        amount = min(amount, money.credited - money.spent - money.held)
        if living or amount <= 0 or device in self.stopped:
            return None
        self.serial += 1
        name = f"alw-{self.serial}"
        self.issued[name] = _Issued(device, family, amount, amount, self.now, self.now + LIFE)
        money.held += amount
        return name, amount

    def recall(self, family: str) -> None:
        for each in self.issued.values():
            if each.family == family and each.state is AllowanceState.LIVE:
                self._end(each, AllowanceState.RECALLED)

    def _end(self, each: _Issued, state: AllowanceState) -> None:
        self.money[each.family].held -= each.remaining
        each.remaining, each.state = 0, state

    def buy_online(self, family: str, amount: int) -> None:
        money = self.money[family]
        if amount <= money.credited - money.spent - money.held:
            money.spent += amount

    def pass_time(self, span: timedelta) -> None:
        self.now += span
        for each in self.issued.values():
            over = self.now >= each.not_after + ALLOWANCE_GRACE
            if each.state is AllowanceState.LIVE and over:
                self._end(each, AllowanceState.ENDED)

    def seal(self, tablet: Tablet, sale: Sale) -> Sale:
        return replace(sale, envelope_id=f"{tablet.device}:{sale.seq}:{sale.purchase_id}")

    def receive(self, device: str, sales: list[Sale]) -> dict[str, str]:
        for sale in sorted(sales, key=lambda each: each.seq):
            if sale.envelope_id not in self.outcomes:
                self.arrived[sale.envelope_id] = self.now
                self._place(device, sale)
        return {each.envelope_id: self.outcomes[each.envelope_id].value for each in sales}

    def _place(self, device: str, sale: Sale) -> None:
        if not sale.signed or sale.device != device:
            self.outcomes[sale.envelope_id] = Outcome.BAD_SIGNATURE
            return
        link = Link(sale.seq, sale.envelope_id, sale.prev)
        near = Neighbours(*(self._link(device, sale.seq + by) for by in (0, -1, 1)))
        place = offline.place_of(link, self.chains[device], near)
        if place is Place.FORK:
            self.stopped.add(device)
            self.outcomes[sale.envelope_id] = Outcome.HELD_FORK
            self.held[sale.envelope_id] = sale
            return
        self.on_chain[device, sale.seq] = sale
        self.outcomes[sale.envelope_id] = Outcome.PENDING_GAP
        if place is Place.NEXT:
            self._stands(sale)
            if sale.seq == self.chains[device].seq + 1:
                self.chains[device] = Chain(sale.seq, sale.envelope_id)
                self._follow(device)

    def _link(self, device: str, seq: int) -> Link | None:
        sale = self.on_chain.get((device, seq))
        return Link(sale.seq, sale.envelope_id, sale.prev) if sale else None

    def _follow(self, device: str) -> None:
        chain = self.chains[device]
        while (sale := self.on_chain.get((device, chain.seq + 1))) and sale.prev == chain.head:
            if self.outcomes[sale.envelope_id] in WAITING:
                self._stands(sale)
            chain = self.chains[device] = Chain(sale.seq, sale.envelope_id)

    def _stands(self, sale: Sale) -> None:
        if sale.device in self.stopped:
            self.outcomes[sale.envelope_id] = Outcome.HELD_REVIEW
            self.held[sale.envelope_id] = sale
        else:
            self._judge(sale)

    def _judge(self, sale: Sale, *, cleared: bool = False) -> None:
        content = (sale.device, sale.allowance, sale.amount, sale.lawful)
        known = self.sold.get(sale.purchase_id)
        self.held.pop(sale.envelope_id, None)
        if known is not None:
            same = known[0] == content
            self.outcomes[sale.envelope_id] = known[1] if same else Outcome.SHOP_LIABLE
            return
        issued = self.issued.get(sale.allowance)
        if issued is not None and issued.device != sale.device:
            issued = None
        judged = offline.judge(self._claim(sale, issued, cleared=cleared), self._permit(issued))
        self.outcomes[sale.envelope_id] = judged.outcome
        self.sold[sale.purchase_id] = (content, judged.outcome)
        if judged.outcome in PAID and issued is not None:
            self._pay(sale, issued, judged.outcome, cleared=cleared)

    def _claim(self, sale: Sale, issued: _Issued | None, *, cleared: bool) -> Claim:
        money = self.money[issued.family] if issued else Money(0)
        free = money.credited - money.spent - money.held
        return Claim(
            device_id=sale.device,
            amount=sale.amount,
            worth=sale.amount,
            factors=BOTH,
            unlawful=None if sale.lawful else Reason.PRICE_ABOVE_CEILING,
            payable=sale.amount if free >= sale.amount else 0,
            sold_at=sale.sold_at,
            received_at=self.arrived[sale.envelope_id],
            cleared=cleared,
        )

    def _permit(self, issued: _Issued | None) -> Permit | None:
        if issued is None:
            return None
        return Permit(
            device_id=issued.device,
            amount_max=issued.amount,
            spent=issued.taken,
            left=issued.remaining,
            sales=issued.sales,
            tx_max=issued.amount,
            tx_count=20,
            not_after=issued.not_after,
            state=issued.state,
        )

    def _pay(self, sale: Sale, issued: _Issued, outcome: Outcome, *, cleared: bool) -> None:
        money = self.money[issued.family]
        issued.sales += 1
        issued.taken += sale.amount
        self.shops[sale.device] += sale.amount
        self.paid_ids[sale.purchase_id] += 1
        self.paid_places[sale.device, sale.seq] += not cleared
        if outcome in FROM_ALLOWANCE:
            issued.remaining -= sale.amount
            money.held -= sale.amount
            if not issued.remaining and issued.state is AllowanceState.LIVE:
                issued.state = AllowanceState.SPENT
        if outcome is Outcome.PROGRAMME_LOSS:
            self.losses += sale.amount
        else:
            money.spent += sale.amount
            self.from_families += sale.amount
            recalled = issued.state is AllowanceState.RECALLED
            self.after_recall += sale.amount if recalled else 0

    def clear(self, device: str, *, pay: bool) -> None:
        waits = [each for each in self.held.values() if each.device == device]
        for sale in sorted(waits, key=lambda each: each.seq):
            if pay:
                self._judge(sale, cleared=True)
            else:
                self.outcomes[sale.envelope_id] = Outcome.SHOP_LIABLE
                del self.held[sale.envelope_id]

    def skip_gap(self, device: str) -> bool:
        chain = self.chains[device]
        later = sorted(seq for name, seq in self.on_chain if name == device and seq > chain.seq)
        if not later:
            return False
        first = self.on_chain[device, later[0]]
        over = offline.gap_is_over(self.arrived[first.envelope_id], self.now)
        if over:
            self.chains[device] = Chain(first.seq - 1, first.prev)
            self._follow(device)
        return over

    def books(self) -> Books:
        living: Counter[str] = Counter()
        for each in self.issued.values():
            living[each.family] += each.remaining
        return Books(
            families=self.money,
            held_by_living=living,
            shops=self.shops,
            from_families=self.from_families,
            losses=self.losses,
            taken={name: each.taken for name, each in self.issued.items()},
            promised={name: each.amount for name, each in self.issued.items()},
            outcomes={name: each.value for name, each in self.outcomes.items()},
            paid_ids=self.paid_ids,
            paid_places=self.paid_places,
            taken_after_recall=self.after_recall,
        )
