"""A settlement with its files, the bank's answer and the proof: `URL SHOPS SALES` on an empty base.

PYTHONPATH=. python benchmarks/bench_settle.py sqlite:///settle.db 20000 500000
"""

import csv
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalog.load import shipped_files
from pos_engine.engine import DEMO, KIND
from pos_engine.keys import create_key_file, load_keys
from pos_engine.rules.ids import SHARDS, shard_of
from pos_engine.services import shop_account
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.install import mark_demo
from pos_engine.services.prove import check_ledger
from pos_engine.services.reconcile import Imported, import_statement
from pos_engine.services.reconcile_day import day_status
from pos_engine.services.settle import Settled, settle
from pos_engine.services.settle_files import Debtor, write_files
from pos_engine.store import installation, shop_accounts
from pos_engine.store.schema import posting, shop
from pos_engine.store.set_writes import insert_rows, inserts
from tests.world import Clock, make_engine

NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)
ROWS_AT_ONCE = 10_000


def timed(what, act):
    began = time.monotonic()
    result = act()
    print(f"{what:12} {time.monotonic() - began:8.2f} s", flush=True)
    return result


def fill(engine, shops, sales):
    """Shops with accounts, and sales as the two legs that each of them posts."""
    draw = random.Random(1)  # noqa: S311 - a sample
    names = [f"shop-{number:06d}" for number in range(shops)]
    with engine.database.begin() as tx:
        installation.mark(tx, KIND, DEMO)
        rows = [
            {"shard": shard_of(each), "shop_id": each, "name": "W", "region": "35.07",
             "status": "ACTIVE", "created_at": NOON}
            for each in names
        ]  # fmt: skip
        insert_rows(tx, inserts(shop), rows)
        for each in names:
            bound = shop_account._bound_to(each, 1)  # noqa: SLF001 - rows in bulk
            sealed = engine.keys.seal_personal('["1234567890", "Sri"]', bound)
            row = shop_accounts.AccountRow(each, 1, "BNINIDJA", sealed, "ACTIVE", "a", "b")
            shop_accounts.add_account(tx, row, NOON)
    statements = inserts(posting)
    for first in range(0, sales, ROWS_AT_ONCE):
        legs = []
        for number in range(first, min(first + ROWS_AT_ONCE, sales)):
            amount = draw.randrange(1_000, 200_000)
            at = NOON + timedelta(milliseconds=number % 36_000_000)
            common = {"shard": draw.randrange(SHARDS), "txn_id": f"{number:032x}",
                      "kind": "PURCHASE", "posted_at": at}  # fmt: skip
            wallet = {"leg": 0, "account": f"wallet:{number}", "amount": -amount}
            seller = {"leg": 1, "account": f"shop:{draw.choice(names)}", "amount": amount}
            legs += [common | wallet, common | seller]
        with engine.database.begin() as tx:
            insert_rows(tx, statements, legs)


def answer_of(rows):
    """The bank pays each transfer by a line of its own."""
    head = "value_date,account,entry,reference,amount,currency\n"
    lines = (
        f"2026-11-23,1,E{number},{row['payout_id']},-{row['amount']},IDR\n"
        for number, row in enumerate(rows)
    )
    return (head + "".join(lines)).encode()


def main():
    url, shops, sales = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as name:
        folder, clock = Path(name), Clock(NOON)
        create_key_file(folder / "keys.json")
        engine = make_engine(url, load_keys(folder / "keys.json"), clock)
        engine.database.upgrade()
        load_catalogue(engine, shipped_files(), "bench")
        mark_demo(engine)  # one person settles: the figures are of counting, not of two officers
        timed("fill", lambda: fill(engine, shops, sales))
        clock.at = NOON + timedelta(days=1)
        done = timed("settle", lambda: settle(engine, NOON.date(), "bench"))
        assert isinstance(done, Settled), done
        debtor = Debtor("Kementerian Sosial", "1", "")
        files = timed("files", lambda: write_files(engine, done, debtor, folder))
        clock.at = MONDAY
        with files[0].path.open(newline="") as opened:
            answer = answer_of(csv.DictReader(opened))
        read = timed("reconcile", lambda: import_statement(engine, answer, "bench"))
        assert isinstance(read, Imported), read
        assert read.matched == {"PAYOUT": done.payouts}
        timed("status", lambda: day_status(engine, MONDAY.date()))
        found = timed("check", lambda: check_ledger(engine))
        assert not found.unsettled, found.unsettled
        assert not found.unbalanced, found.unbalanced
        print(f"{done.payouts} payouts, {done.total} rupiah, {found.postings} postings")
        engine.close()


if __name__ == "__main__":
    main()
