"""Histories of one account, made by eight threads on the real engine and by planted banks."""

import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.entitlement import spendable
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.authorize import Answer, authorize
from pos_engine.services.payer import CardProof, Place
from pos_engine.services.void import VoidRequest, void
from pos_engine.store import ledger
from tests.proof.linear import Op, check
from tests.world import NOW, PIN, World, a_purchase, rice

THREADS = 8
OPS_EACH = 5
PRICE = 10_000
Act = Callable[[random.Random], Op | None]


@dataclass
class Histories:
    """How many were looked at, and what was found."""

    histories: int = 0
    operations: int = 0
    refused: int = 0  # purchases for which there was too little
    violations: int = 0
    gave_up: int = 0
    seconds: float = 0.0
    examples: list[Any] = field(default_factory=list)


def record(act: Act, seed: int, threads: int = THREADS, each: int = OPS_EACH) -> list[Op]:
    """What so many threads did at once, with the moments of call and answer."""
    found: list[Op] = []
    gate = threading.Barrier(threads)

    def work(chance: random.Random) -> None:
        gate.wait()
        for _ in range(each):
            op = act(chance)
            if op is not None:
                found.append(op)

    tills = [
        threading.Thread(target=work, args=(random.Random(seed * 1000 + n),))
        for n in range(threads)
    ]
    for till in tills:
        till.start()
    for till in tills:
        till.join()
    return found


class Account:
    """One family of the small world, used from many tills at once."""

    def __init__(self, engine: Engine, world: World) -> None:
        self.engine, self.world = engine, world
        self.bought: list[tuple[str, int]] = []

    def balance(self) -> int:
        """What she can spend, as committed."""
        with self.engine.database.read() as tx:
            tranches = ledger.tranches_of(tx, self.world.kpm_id, lock=False)
        return spendable(tranches, NOW.date())

    def act(self, chance: random.Random) -> Op | None:
        """Buy, give something back, or look; any of them, by the dice."""
        dice = chance.random()
        if dice < 0.6:
            return self._buy(chance.randint(1, 6))
        if dice < 0.8:
            return self.give_back()
        began = time.monotonic()
        told = self.balance()
        return Op("look", 0, told, began, time.monotonic())

    def _buy(self, kilograms: int) -> Op | None:
        asked = a_purchase(
            self.world,
            rice(kilograms * 1000, PRICE),
            proof=CardProof(self.world.card, PIN),
            purchase_id=new_uuid7(NOW),
        )
        began = time.monotonic()
        outcome = authorize(self.engine, asked)
        ended = time.monotonic()
        assert isinstance(outcome, Answer)
        body = json.loads(outcome.body)
        amount = kilograms * PRICE
        if body["status"] != "APPROVED":
            assert body["reason"] == "INSUFFICIENT_BALANCE", body
            return Op("buy", amount, None, began, ended)
        self.bought.append((asked.purchase_id, amount))
        return Op("buy", amount, (body["balance_before"], body["balance_after"]), began, ended)

    def give_back(self) -> Op | None:
        """Void something that was bought, if there is any."""
        try:
            purchase_id, amount = self.bought.pop()
        except IndexError:
            return None
        place = Place(self.world.shop_id, self.world.till_id)
        asked = VoidRequest(new_uuid7(NOW), purchase_id, place, "owner", "test")
        began = time.monotonic()
        outcome = void(self.engine, asked)
        ended = time.monotonic()
        assert isinstance(outcome, Answer)
        assert json.loads(outcome.body)["status"] == "VOIDED", outcome.body
        return Op("back", amount, None, began, ended)


def run(engine: Engine, world: World, count: int, seed: int) -> Histories:
    """So many histories of one account; between two of them everything is given back."""
    began, found, account = time.monotonic(), Histories(), Account(engine, world)
    for n in range(count):
        opening = account.balance()
        history = record(account.act, seed + n)
        judge(history, opening, found)
        while account.give_back():
            pass
    found.seconds = time.monotonic() - began
    return found


def judge(history: list[Op], opening: int, found: Histories) -> None:
    """Check one history and count it."""
    verdict = check(history, opening)
    found.histories += 1
    found.operations += len(history)
    found.refused += sum(op.name == "buy" and op.told is None for op in history)
    found.gave_up += verdict.gave_up
    if not verdict.fits and not verdict.gave_up:
        found.violations += 1
        found.examples = [*found.examples, history][:1]


class PlantedBank:
    """An account with a planted fault: it looks first and debits later, or tells what was."""

    def __init__(self, opening: int, fault: str) -> None:
        self.balance, self.fault, self.before = opening, fault, opening
        self._lock = threading.Lock()

    def act(self, chance: random.Random) -> Op:
        """Buy or look, wrongly now and then."""
        began = time.monotonic()
        if chance.random() < 0.5:
            told = self.before if self.fault == "stale" and chance.random() < 0.3 else self.balance
            time.sleep(0.0005)
            return Op("look", 0, told, began, time.monotonic())
        amount = chance.randint(1, 6) * PRICE
        before = self.balance
        time.sleep(0.0005)
        if self.fault != "race":
            self._lock.acquire()
            before = self.balance
        told = (before, before - amount) if amount <= before else None
        if told:
            self.before, self.balance = before, before - amount
        if self.fault != "race":
            self._lock.release()
        return Op("buy", amount, told, began, time.monotonic())


def run_planted(fault: str, count: int, seed: int, opening: int = 200_000) -> Histories:
    """The same histories of an account with this fault: the checker must find it."""
    found = Histories()
    for n in range(count):
        judge(record(PlantedBank(opening, fault).act, seed + n), opening, found)
    return found
