"""A purchase on money that lies with a bank, over real TCP: paid once, or her money comes back."""

import hashlib
import json
from contextlib import closing
from datetime import timedelta

import pytest

from pos_engine.keys import holds_by_itself
from pos_engine.rules.bank import ORPHAN_AGE
from pos_engine.rules.ids import shard_of
from pos_engine.services.authorize import NotDecided, authorize, decide_together
from pos_engine.services.bank_accounts import ask_balance
from pos_engine.services.bank_reversals import settle_due
from pos_engine.services.prove import check_ledger
from pos_engine.store import holds, ledger
from pos_engine.switch.simulated import FIVE, Mode
from tests.banking import (
    ACCOUNT,
    AT_BANK,
    KSN,
    PAN,
    PIN_BLOCK,
    banked,
    by_bank_card,
    call_of,
    money_at,
    soon,
)
from tests.services.test_batches import said
from tests.sim.bank import playing
from tests.world import a_purchase, rice

PRICE = 67_000
SQLITE = pytest.mark.parametrize("kind", ["sqlite"])


@pytest.fixture(scope="module")
def five():
    with playing() as played:
        yield played


def as_new(bank):
    """As it was started: tests share the five, and one of them takes fees."""
    bank.mode, bank.fee, bank.delay_s = Mode.ANSWER, 0, 1.0
    for kept in (bank.accounts, bank.debits, bank.reversed, bank.heard, bank.counts):
        kept.clear()
    return bank


@pytest.fixture
def bri(five):
    """The bank of most tests."""
    return as_new(five["BRI"])


@pytest.fixture
def at_bank(engine, world, five, bri):
    """KPM-1 has money at BRI; afterwards the books add up, whatever the bank did."""
    ready = banked(engine, world, five)
    with closing(ready.banks):
        yield ready
    assert check_ledger(engine).good


def body(outcome):
    return json.loads(outcome.body)


def test_the_bank_pays_once_and_we_owe_the_shop_nothing(at_bank, world, bri):
    request = by_bank_card(world)
    first, again = authorize(at_bank, request), authorize(at_bank, request)
    assert said(first) == "APPROVED"
    assert first == again
    assert body(first)["balance_after"] == AT_BANK - PRICE
    assert bri.debited() == PRICE
    assert money_at(at_bank, "BRI") == (AT_BANK - PRICE, 0, PRICE)
    with at_bank.database.read() as tx:
        legs = ledger.legs_of(tx, shard_of(world.kpm_id), [request.purchase_id])
        assert holds.find_hold(tx, world.kpm_id, request.purchase_id).state == "CAPTURED"
    assert {leg.account.partition(":")[0] for leg in legs} == {"wallet", "custody"}
    call = call_of(at_bank, request.purchase_id)
    assert (call.state, call.code, call.approval) == ("POSTED", "00", "SIM001")


def test_what_only_the_bank_can_read_passes_through_and_is_kept_nowhere(
    at_bank, world, bri, prepared, capsys
):
    assert said(authorize(at_bank, by_bank_card(world))) == "APPROVED"
    [asked] = [each for each in bri.heard if each.mti == "0200"]
    values = bri.dialect.values
    assert (asked.get(2), asked.get(52), asked.get(values.ksn_field)) == (PAN, PIN_BLOCK, KSN)
    assert asked.get(values.account_field) == ACCOUNT
    kept = _everything(at_bank) + capsys.readouterr().out
    assert PIN_BLOCK not in repr(asked)
    for canary in (PAN, PIN_BLOCK, KSN, ACCOUNT):
        assert canary not in kept


def _everything(engine):
    """Every value of every row."""
    from pos_engine.store.schema import metadata  # noqa: PLC0415

    with engine.database.read() as tx:
        rows = [str(row) for table in metadata.sorted_tables for row in tx.execute(table.select())]
    assert len(rows) > 20
    return "\n".join(rows)


def test_a_refusal_of_the_bank_frees_the_money(at_bank, world, bri):
    bri.mode, bri.code = Mode.REFUSE, "55"
    told = body(authorize(at_bank, by_bank_card(world)))
    assert (told["reason"], told["hold"], told["reversal"]) == (
        "PIN_WRONG",
        "RELEASED",
        "NOT_NEEDED",
    )
    assert money_at(at_bank, "BRI") == (AT_BANK, 0, 0)
    bri.mode = Mode.ANSWER
    assert said(authorize(at_bank, by_bank_card(world))) == "APPROVED"


def test_a_silent_bank_hears_the_reversal_until_it_answers(at_bank, world, bri, clock):
    bri.mode = Mode.DROP
    request = by_bank_card(world)
    told = body(authorize(at_bank, request))
    assert (told["reason"], told["hold"], told["reversal"]) == (
        "BANK_UNREACHABLE",
        "PENDING",
        "QUEUED",
    )
    assert bri.debited() == PRICE
    assert money_at(at_bank, "BRI") == (AT_BANK - PRICE, PRICE, 0)
    bri.mode = Mode.DEAF
    assert settle_due(at_bank) == 0
    assert settle_due(at_bank) == 0  # not due yet
    bri.mode = Mode.ANSWER
    clock.advance(seconds=30)
    assert settle_due(at_bank) == 1
    assert [each.mti for each in bri.heard if each.mti[:2] == "04"] == ["0400", "0401"]
    assert bri.debited() == 0
    assert money_at(at_bank, "BRI") == (AT_BANK, 0, 0)
    assert call_of(at_bank, request.purchase_id).state == "REVERSED"
    assert settle_due(at_bank) == 0
    assert body(authorize(at_bank, request)) == told


def test_a_bank_that_is_gone_was_never_asked(at_bank, world, five, bri):
    five.stop("BRI")
    try:
        told = body(authorize(at_bank, by_bank_card(world)))
    finally:
        five.again("BRI")
    assert (told["reason"], told["hold"], told["reversal"]) == (
        "BANK_UNREACHABLE",
        "RELEASED",
        "NOT_NEEDED",
    )
    assert money_at(at_bank, "BRI") == (AT_BANK, 0, 0)
    assert settle_due(at_bank) == 0


def test_an_answer_after_the_reversal_moves_nothing_and_is_kept(at_bank, world, bri):
    bri.mode, bri.delay_s = Mode.DELAY, 2.0
    request = by_bank_card(world)
    assert said(authorize(at_bank, request)) == "BANK_UNREACHABLE"
    assert settle_due(at_bank) == 1
    soon(lambda: call_of(at_bank, request.purchase_id).noted != "")
    assert call_of(at_bank, request.purchase_id).noted.startswith("late approval")
    assert bri.debited() == 0
    assert money_at(at_bank, "BRI") == (AT_BANK, 0, 0)


@SQLITE
def test_an_answer_that_comes_twice_pays_once(at_bank, world, bri):
    bri.mode = Mode.DUPLICATE
    request = by_bank_card(world)
    assert said(authorize(at_bank, request)) == "APPROVED"
    assert said(authorize(at_bank, by_bank_card(world, rice(1000)))) == "APPROVED"
    assert money_at(at_bank, "BRI") == (AT_BANK - PRICE - 13_400, 0, PRICE + 13_400)
    assert call_of(at_bank, request.purchase_id).noted == ""


@SQLITE
def test_a_bank_that_takes_back_is_answered_and_officers_decide(at_bank, world, bri):
    bri.mode = Mode.REVERSE
    request = by_bank_card(world)
    assert said(authorize(at_bank, request)) == "APPROVED"
    soon(lambda: any(each.mti == "0430" and each.get(39) == "00" for each in bri.heard))
    assert "took it back" in call_of(at_bank, request.purchase_id).noted
    assert money_at(at_bank, "BRI") == (AT_BANK - PRICE, 0, PRICE)


@SQLITE
@pytest.mark.parametrize("fee", [1, 500], ids=["one-rupiah", "five-hundred"])
def test_a_fee_for_the_family_is_refused_and_the_purchase_taken_back(at_bank, world, bri, fee):
    bri.fee = fee
    assert said(authorize(at_bank, by_bank_card(world))) == "BANK_UNREACHABLE"
    assert settle_due(at_bank) == 1
    assert bri.debited() == 0


def test_who_was_killed_between_the_two_commits_is_taken_back_by_the_worker(
    at_bank, world, bri, clock
):
    request = by_bank_card(world)
    at_bank.database.transact(lambda tx: decide_together(tx, at_bank, [request]))
    assert authorize(at_bank, request) is NotDecided.PENDING
    assert settle_due(at_bank) == 0
    clock.advance(seconds=ORPHAN_AGE.total_seconds())
    assert settle_due(at_bank) == 2  # ended, and the bank never heard of it
    told = body(authorize(at_bank, request))
    assert (told["reason"], told["hold"]) == ("BANK_UNREACHABLE", "PENDING")
    assert money_at(at_bank, "BRI") == (AT_BANK, 0, 0)
    assert call_of(at_bank, request.purchase_id).code == "25"


def test_our_own_rules_come_first_and_the_bank_hears_nothing(at_bank, world, bri):
    refused = authorize(at_bank, by_bank_card(world, rice(unit_price=99_000)))
    assert said(refused) == "PRICE_ABOVE_CEILING"
    too_much = body(authorize(at_bank, by_bank_card(world, rice(12_000))))
    assert too_much["reason"] == "INSUFFICIENT_BALANCE"
    assert "150" not in too_much["message"]  # the bank has not seen the PIN yet
    assert not [each for each in bri.heard if each.mti == "0200"]


@SQLITE
def test_a_way_that_the_bank_did_not_agree_to_is_told_with_those_it_takes(at_bank, world, bri):
    for _ in range(2):
        assert said(authorize(at_bank, a_purchase(world))) == "APPROVED"  # our own books pay
    told = body(authorize(at_bank, a_purchase(world)))
    assert told["reason"] == "BANK_DECLINED"
    assert "kartu KKS" in told["next_step"]
    assert not [each for each in bri.heard if each.mti == "0200"]


@SQLITE
def test_cardless_at_a_bank_carries_a_proof_that_the_bank_can_check(engine, world, five, bri):
    ready = banked(engine, world, five, methods=(("BRI", "OWN_CARD", "812"),))
    with closing(ready.banks):
        request = a_purchase(world)
        assert said(authorize(ready, request)) == "APPROVED"
    [asked] = [each for each in bri.heard if each.mti == "0200"]
    assert (asked.get(22), asked.get(2), asked.get(52)) == ("812", "", "")
    name, method, strength, _at, digest, signature = asked.get(48).split("*")
    assert (name, method, strength, len(digest)) == ("EWP1", "OWN_CARD", "2", 64)
    plain = asked.get(48).rpartition("*")[0].encode()
    public = ready.keys.signing.as_dict(private=False)
    assert holds_by_itself(public, plain, signature)
    assert not holds_by_itself(public, plain.replace(b"*2*", b"*3*"), signature)
    assert hashlib.sha256(b"").hexdigest() != digest


@SQLITE
@pytest.mark.parametrize("bank", FIVE)
def test_each_bank_is_paid_taken_back_and_asked_in_its_own_dialect(engine, world, five, bank):
    ready = banked(engine, world, five, bank=bank)
    played = as_new(five[bank])
    with closing(ready.banks):
        assert said(authorize(ready, by_bank_card(world))) == "APPROVED"
        assert played.debited() == PRICE
        assert ask_balance(ready, world.kpm_id, bank) == played.accounts[ACCOUNT]
        played.mode = Mode.DROP
        assert said(authorize(ready, by_bank_card(world, rice(1000)))) == "BANK_UNREACHABLE"
        assert settle_due(ready) == 1
        played.mode = Mode.ANSWER
    assert played.debited() == PRICE
    assert money_at(ready, bank) == (AT_BANK - PRICE, 0, PRICE)


@SQLITE
def test_a_breaker_leaves_a_silent_bank_alone_and_tries_again(engine, world, five, bri, clock):
    ready = banked(engine, world, five, failures=2, answer_s=0.4, pause_s=0.3)
    bri.mode = Mode.DEAF
    with closing(ready.banks):
        for _ in range(2):
            assert said(authorize(ready, by_bank_card(world, rice(1000)))) == "BANK_UNREACHABLE"
        heard = bri.counts["0200"]
        told = body(authorize(ready, by_bank_card(world, rice(1000))))
        assert (told["reason"], bri.counts["0200"]) == ("BANK_UNREACHABLE", heard)
        assert "hold" not in told  # nothing was even put aside
        bri.mode = Mode.ANSWER
        soon(lambda: ready.banks.may_ask("BRI"))
        assert said(authorize(ready, by_bank_card(world, rice(1000)))) == "APPROVED"
        clock.advance(seconds=timedelta(minutes=5).total_seconds())
        settle_due(ready)
    assert money_at(ready, "BRI")[1] == 0
