"""A tablet's queue comes in: batches of signed envelopes, beside each sale alone online.

    PYTHONPATH=. python benchmarks/bench_offline.py [--rounds 3] [--count 2000] [--kinds sqlite]

Both go over HTTP on the loopback to `ewarong serve` in a process of its own, one connection, in
the same minute on the same database: the queue as batches of at most 500 envelopes, and as many
purchases by card, each sent when the one before was answered. The client prepared and signed
everything before. Figures are medians of alternating rounds; the ledger and the chain of seals
are checked at the end.
"""

import argparse
import http.client
import json
import random
import statistics
import time

from benchmarks.bench_http import OURS, Place, let_in, place, served
from benchmarks.payday import card
from pos_engine.engine import real_now
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.audit import seal_pending
from pos_engine.services.audit_verify import verify
from pos_engine.services.prove import check_ledger
from pos_engine.store.allowances import Allowance
from pos_engine.wire.envelope import BATCH_ENVELOPES_MAX
from tests.selling_offline import BATCHES, SoldOn, a_tablet, put_aside
from tests.world import PIN

SALES_EACH = 10  # on one allowance
AMOUNT = 200_000
LINES = (("BERAS-MEDIUM", 500, "kg", 13_000), ("TEMPE", 250, "kg", 12_000))


def queue(here: Place, first: int, count: int) -> tuple[SoldOn, list[bytes], list[str]]:
    """A tablet that sold `count` times to families from `first` on: its batches, signed."""
    tablet = a_tablet(here.engine, here.world.shop_id, here.world.till_id)
    numbers = range(first, first + -(-count // SALES_EACH))
    aside = [put_aside(here.engine, tablet, f"B-{each}", AMOUNT) for each in numbers]
    held = [each for each in aside if each is not None]
    chance = random.Random(first)  # noqa: S311 - an order, no secret
    left = {each.allowance_id: SALES_EACH for each in held}
    for _ in range(count):
        chosen: Allowance = chance.choice([e for e in held if left[e.allowance_id]])
        left[chosen.allowance_id] -= 1
        tablet.sell(chosen.allowance_id, *LINES)
    sales = tablet.queue
    batches = [
        tablet.raw(*sales[at : at + BATCH_ENVELOPES_MAX])
        for at in range(0, count, BATCH_ENVELOPES_MAX)
    ]
    return tablet, batches, [tablet.header(each) for each in batches]


def send_queue(port: int, batches: list[bytes], headers: list[str]) -> tuple[float, list[str]]:
    """Seconds, and the outcomes."""
    line = http.client.HTTPConnection("127.0.0.1", port)
    outcomes: list[str] = []
    began = time.monotonic()
    for raw, header in zip(batches, headers, strict=True):
        named = {"Authorization": header, "Content-Type": "application/json"}
        line.request("POST", BATCHES, raw, named)
        answer = line.getresponse()
        body = json.loads(answer.read())
        assert answer.status == 200, body
        outcomes += [each["outcome"] for each in body["outcomes"]]
    took = time.monotonic() - began
    line.close()
    return took, outcomes


def send_each(here: Place, port: int, first: int, count: int) -> float:
    """Seconds for as many purchases of the same goods by card, one after the other."""
    token = here.token()
    let_in(port, f"PUT\r\nAuthorization: Bearer {token}\r\n".encode())
    asked = []
    for n in range(count):
        lines = [
            {"sku": sku, "quantity_milli": milli, "unit_price": price}
            for sku, milli, _, price in LINES
        ]
        body = {
            "till_id": here.world.till_id,
            "occurred_at": real_now().isoformat(),
            "payer": {"method": "KKS", "card": card(first + n // SALES_EACH), "pin": PIN},
            "lines": lines,
        }
        asked.append((f"/v1/purchases/{new_uuid7(real_now())}", json.dumps(body)))
    named = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    line = http.client.HTTPConnection("127.0.0.1", port)
    began = time.monotonic()
    for path, text in asked:
        line.request("PUT", path, text, named)
        answer = line.getresponse()
        raw = answer.read()
        assert answer.status == 200, raw
        assert b"APPROVED" in raw, raw
    took = time.monotonic() - began
    line.close()
    return took


def measure(kind: str, rounds: int, count: int) -> None:
    """Alternating rounds on one database, and what the books say then."""
    with place(kind) as here, served(here, OURS) as (port, _):
        synced, alone, first = [], [], 0
        for _ in range(rounds):
            _tablet, batches, headers = queue(here, first, count)
            took, outcomes = send_queue(port, batches, headers)
            assert outcomes == ["ACCEPTED"] * count
            synced.append(count / took)
            first += -(-count // SALES_EACH)
            alone.append(count / send_each(here, port, first, count))
            first += -(-count // SALES_EACH)
        ours, theirs = statistics.median(synced), statistics.median(alone)
        print(f"{kind}: {count} envelopes in batches of {BATCH_ENVELOPES_MAX}, {rounds} rounds")
        print(f"  sync     {ours:8.0f} envelopes/s  ({_spread(synced)})")
        print(f"  online   {theirs:8.0f} purchases/s  ({_spread(alone)}), each alone")
        print(f"  ratio    {ours / theirs:8.2f}")
        while seal_pending(here.engine).more:
            pass
        print(f"  ledger   {'good' if check_ledger(here.engine).good else 'WRONG'}")
        print(f"  seals    {'good' if verify(here.engine).good else 'WRONG'}")


def _spread(values: list[float]) -> str:
    return f"{min(values):.0f}-{max(values):.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--kinds", default="sqlite")
    asked = parser.parse_args()
    for kind in asked.kinds.split(","):
        measure(kind, asked.rounds, asked.count)


if __name__ == "__main__":
    main()
