"""The same schedules as for the rules, against the real service: signatures, SQL, money."""

import time
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import event, func, select

from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.offline import WAITING
from pos_engine.services.allowance_end import end_due
from pos_engine.services.authorize import authorize
from pos_engine.services.install import Refused, mark_demo
from pos_engine.services.payer import CardProof
from pos_engine.services.prove import check_ledger
from pos_engine.services.sync_review import Decision, ReviewOrder, hold_old_gaps, review
from pos_engine.store import devices, envelopes
from pos_engine.store.envelopes import CHAIN
from pos_engine.store.schema import posting, wallet
from pos_engine.store.schema_allowances import allowance
from pos_engine.store.schema_envelopes import envelope
from tests.offline_schedules import Books, Money, Schedule
from tests.sealing import faults, seal_all
from tests.selling_offline import SignedSale, a_tablet, put_aside, take_back
from tests.world import PIN, a_purchase, make_engine, rice

EACH_TIME, PROOF = 60, 2_000
STEPS, CHECK_EVERY = 25, 8


def line(amount, *, lawful):
    """Rice that costs so much: Rp10.000 a kilogram, or Rp20.000 where that is unlawful."""
    price = 10_000 if lawful else 20_000
    return ["BERAS-MEDIUM", amount * 1000 // price, "kg", price]


class RealServer:
    """The engine as tablets, families, officers and the worker meet it."""

    def __init__(self, engine, world, clock):
        self.engine, self.world, self.clock = engine, world, clock
        mark_demo(engine)
        self.cards = {world.kpm_id: world.card, world.other_kpm_id: world.other_card}
        places = [
            (world.shop_id, world.till_id),
            (world.other_shop_id, world.other_till_id),
            (world.shop_id, world.till_id),
        ]
        made = [a_tablet(engine, *place) for place in places]
        self.tablets = {each.device_id: each for each in made}

    @property
    def now(self):
        return self.clock()

    def issue(self, device, family, amount):
        with self.engine.database.read() as tx:
            if devices.find_key(tx, device).state != "APPROVED":
                return None
        made = put_aside(self.engine, self.tablets[device], family, amount)
        return (made.allowance_id, made.amount) if made else None

    def recall(self, family):
        take_back(self.engine, family)

    def buy_online(self, family, amount):
        request = a_purchase(
            self.world,
            rice(amount // 10, 10_000),
            proof=CardProof(self.cards[family], PIN),
            at=self.now,
        )
        authorize(self.engine, request)

    def pass_time(self, span):
        self.clock.at += span
        end_due(self.engine)
        hold_old_gaps(self.engine)

    def seal(self, tablet, sale):
        signer = self.tablets[sale.device].clone()
        signer.seq, signer.head = tablet.seq, tablet.head
        allowance_id = sale.allowance
        lines = [line(sale.amount, lawful=sale.lawful)]
        made = signer.sell(
            allowance_id, lines=lines, total=sale.amount, purchase_id=sale.purchase_id
        )
        if not sale.signed:
            made = SignedSale(made.body | {"cashier": "forged"}, made.sig)
        return replace(sale, envelope_id=made.name, payload=made)

    def receive(self, device, sales):
        tablet = self.tablets[device].clone()
        payloads = [each.payload for each in sales]
        synced = tablet.sync(*payloads)
        if synced.behind:
            synced = tablet.sync(*payloads)
        assert len(synced.outcomes) == len(sales)
        with self.engine.database.read() as tx:
            found = envelopes.named(tx, device, [each.envelope_id for each in sales])
        assert len(found) == len({each.envelope_id for each in sales})
        return {name: each.outcome for name, each in found.items()}

    def order(self, device, decision):
        return ReviewOrder(device, decision, "diperiksa", "demo", None)

    def clear(self, device, *, pay):
        review(self.engine, self.order(device, Decision.CLEAR if pay else Decision.REFUSE))

    def skip_gap(self, device):
        done = review(self.engine, self.order(device, Decision.SKIP_GAP))
        return not isinstance(done, Refused)

    def books(self):
        with self.engine.database.read() as tx:
            money = {
                row.kpm_id: Money(int(row[1]), int(row[2]), int(row[3]))
                for row in tx.execute(
                    select(
                        wallet.c.kpm_id,
                        func.sum(wallet.c.credited),
                        func.sum(wallet.c.spent),
                        func.sum(wallet.c.held),
                    ).group_by(wallet.c.kpm_id)
                )
            }
            issued = tx.execute(select(allowance)).all()
            rows = tx.execute(select(envelope)).all()
            legs = tx.execute(select(posting.c.txn_id, posting.c.account, posting.c.amount)).all()
        return self._counted(money, issued, rows, legs)

    def _counted(self, money, issued, rows, legs):
        sold_here = {each.purchase_id for each in rows if each.taken}
        shops, losses, families = Counter(), 0, 0
        for leg in legs:
            if leg.txn_id in sold_here:
                if leg.account.startswith("shop:"):
                    shops[leg.account] += leg.amount
                elif leg.account.startswith("wallet:"):
                    families -= leg.amount
                else:
                    losses -= leg.amount
        living, taken = Counter(), Counter()
        for each in issued:
            living[each.kpm_id] += each.remaining
        for each in rows:
            taken[each.allowance_id] += each.taken
        recalled = {each.allowance_id for each in issued if each.state == "RECALLED"}
        after = sum(
            each.taken
            for each in rows
            if each.allowance_id in recalled and each.outcome == "PAID_FROM_BALANCE"
        )
        return Books(
            families=money,
            held_by_living=living,
            shops=shops,
            from_families=families,
            losses=losses,
            taken={name: count for name, count in taken.items() if count},
            promised={each.allowance_id: each.amount for each in issued},
            outcomes={each.envelope_id: each.outcome for each in rows},
            paid_ids=Counter(each.purchase_id for each in rows if each.taken),
            paid_places=Counter(
                (each.device_id, each.seq) for each in rows if each.taken and each.place == CHAIN
            ),
            taken_after_recall=after,
        )


@pytest.fixture(params=["sqlite"])
def kind(request):
    """Rules and writes are the same on both; the other database has its share in test_sync."""
    return request.param


def run(engine, world, clock, seed):
    server = RealServer(engine, world, clock)
    families = [world.kpm_id, world.other_kpm_id]
    schedule = Schedule(server, seed, families, [*server.tablets], CHECK_EVERY)
    schedule.name = lambda: new_uuid7(clock())
    schedule.run(STEPS)
    assert check_ledger(engine).good
    books = server.books()
    assert not {each for each in books.outcomes.values() if each in WAITING}
    return Counter(books.outcomes.values()), schedule.did


def hurry(connection, _record):
    """No machine loses its power here."""
    connection.execute("PRAGMA synchronous=OFF")


def on_copies(databases, keys, clock, seeds):
    """Each schedule on a copy of the world of its own; what is the same in all is made once."""
    met, did = Counter(), Counter()
    start, loaded = clock.at, None
    for seed in seeds:
        url, world = databases.copy("sqlite")
        clock.at = start
        engine = make_engine(url, keys, clock, databases.opened(url))
        engine = replace(engine, _loaded=loaded or engine._loaded)
        loaded = engine._loaded
        event.listen(engine.database._engine, "connect", hurry)
        try:
            outcomes, acts = run(engine, world, clock, seed)
            met += outcomes
            did += acts
        except Exception as failure:
            failure.add_note(f"schedule {seed}")
            raise
        finally:
            event.remove(engine.database._engine, "connect", hurry)  # others use it after us
            engine.close()
            databases.drop(url)
    return met, did


def test_sixty_schedules_against_the_service(databases, keys, clock):
    met, _ = on_copies(databases, keys, clock, range(EACH_TIME))
    assert met["ACCEPTED"] > EACH_TIME // 3
    assert {"SHOP_LIABLE", "PROGRAMME_LOSS", "BAD_SIGNATURE"} <= set(met)


@pytest.mark.proof
def test_two_thousand_schedules_against_the_service(databases, keys, clock):
    began = time.perf_counter()
    met, did = on_copies(databases, keys, clock, range(EACH_TIME, EACH_TIME + PROOF))
    print(  # noqa: T201 - the proof's line
        f"\nseeds {EACH_TIME} to {EACH_TIME + PROOF - 1}: {PROOF} schedules of {STEPS} steps in "
        f"{time.perf_counter() - began:.0f} s, 2 shops, 3 tablets and their clones; "
        f"{met.total()} envelopes, one outcome each, overspend 0: {dict(met.most_common())}; "
        f"acts: {dict(did.most_common())}"
    )
    assert met["ACCEPTED"] > PROOF // 3


def test_a_schedule_ends_with_an_unbroken_chain_of_seals(engine, world, clock):
    run(engine, world, clock, 7)
    seal_all(engine)
    assert faults(engine) == []
