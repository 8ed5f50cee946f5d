"""A family whose money lies with a bank: programme, agreement, account, card."""

import csv
import io
import time
from collections.abc import Callable
from dataclasses import replace

from catalog.load import shipped_files
from pos_engine.engine import Engine
from pos_engine.rules.ids import KpmId
from pos_engine.services.bank_accounts import NewAccount, add_account
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.payer import BankCardProof
from pos_engine.services.purchase import PurchaseRequest
from pos_engine.store import bank_calls, ledger
from pos_engine.store.bank_calls import Call
from tests.sim.bank import Played
from tests.world import World, a_purchase, credit

PAN = "6013010000000001"  # of nobody; its check digit fits
PIN_BLOCK = "0412AC89ABCDEF67"
KSN = "FFFF9876543210E00001"
ACCOUNT = "TOKEN-0001"
AT_BANK = 150_000
AGREED = {"valid_from": "2026-01-01", "valid_to": "", "source": "a test's agreement"}
PROGRAMME_OF_BANK = "BPNT-{}"


def files_with(banks: tuple[str, ...], methods: tuple[tuple[str, str, str], ...] = ()) -> dict:
    """The shipped catalogue with a programme for each bank, and agreements (bank, method, DE22)."""
    files = dict(shipped_files())
    files["programmes.csv"] += "".join(
        f"BPNT-{bank},Sembako di {bank},IN_FORCE,{bank},a test,H,,\n" for bank in banks
    ).encode()
    out = io.StringIO()
    writer = csv.writer(out)
    for bank, method, entry in methods:
        writer.writerow([bank, method, entry, "2026-01-01", "", "a test's agreement", "H", "", ""])
    files["bank_methods.csv"] += out.getvalue().encode()
    return files


def banked(
    engine: Engine,
    world: World,
    played: Played,
    bank: str = "BRI",
    methods: tuple[tuple[str, str, str], ...] = (),
    **links: object,
) -> Engine:
    """The same engine with links, and KPM-1 with money at a bank that ends before her other."""
    engine.now.advance(seconds=1)  # the newest catalogue is the one in force
    load_catalogue(engine, files_with((bank,), methods), "test")
    ready = replace(engine, banks=played.links(engine.now, bank, **links))
    credit(ready, {"KPM-1": AT_BANK}, programme=f"BPNT-{bank}", days=20)
    entered = add_account(engine, NewAccount(KpmId("KPM-1"), bank, ACCOUNT, PAN))
    assert entered is None, entered
    return ready


def by_bank_card(world: World, *lines: object, **changed: object) -> PurchaseRequest:
    """A purchase with the bank's card."""
    proof = BankCardProof(PAN, PIN_BLOCK, KSN)
    return a_purchase(world, *lines, proof=proof, **changed)


def call_of(engine: Engine, purchase_id: str) -> Call:
    with engine.database.read() as tx:
        found = bank_calls.find_call(tx, "KPM-1", purchase_id)
    assert found is not None
    return found


def money_at(engine: Engine, custodian: str) -> tuple[int, int, int]:
    """Left, held and spent of KPM-1's money there."""
    with engine.database.read() as tx:
        tranches = ledger.tranches_of(tx, "KPM-1", lock=False)
    mine = [each for each in tranches if each.custodian == custodian]
    return tuple(sum(getattr(each, name) for each in mine) for name in ("left", "held", "spent"))


def soon(true: Callable[[], bool], within_s: float = 5.0) -> None:
    """Wait until something another thread does is true."""
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)
