"""A batch of purchases is the same as one after the other: same answers, same books, same tries."""

import json
import random
import threading
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from pos_engine.rules.identity import Method
from pos_engine.rules.ids import ShopId
from pos_engine.rules.money import Rupiah
from pos_engine.services.authorize import Answer, NotDecided, authorize, decide_together
from pos_engine.services.payer import CardProof, PhoneProof, TokenProof
from pos_engine.services.prove import check_ledger
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.store import batch_facts, ledger, proofs
from pos_engine.store.database import UnavailableError
from tests.world import BALANCE, MSISDN, NOW, PIN, Clock, a_purchase, make_engine, rice

WRONG = "000001"
THREADS = 64


def together(engine, *requests):
    """The outcomes of one batch."""
    return engine.database.transact(lambda tx: decide_together(tx, engine, requests))


def said(outcome):
    """APPROVED, a reason, or why nothing was decided."""
    if isinstance(outcome, NotDecided):
        return outcome.value
    body = json.loads(outcome.body)
    return body.get("reason", body["status"])


def left(engine, kpm_id):
    with engine.database.read() as tx:
        return sum(each.left for each in ledger.tranches_of(tx, kpm_id, lock=False))


def tries(engine, kpm_id):
    with engine.database.begin() as tx:
        return proofs.lock_pin(tx, kpm_id).tries_left


def in_threads(*acts):
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture(autouse=True)
def books_add_up(engine):
    """After every test of this file the books add up."""
    yield
    assert check_ledger(engine).good


def test_several_purchases_of_one_wallet_see_each_other(engine, world):
    outcomes = together(engine, *(a_purchase(world) for _ in range(4)))
    assert [said(each) for each in outcomes] == ["APPROVED"] * 2 + ["INSUFFICIENT_BALANCE"] * 2
    before = [json.loads(each.body)["balance_before"] for each in outcomes[:2]]
    assert before == [BALANCE, BALANCE - 67_000]
    assert left(engine, world.kpm_id) == BALANCE - 2 * 67_000


def test_the_same_id_twice_in_a_batch_is_one_answer(engine, world):
    request = a_purchase(world)
    wrong_pin = replace(request, proof=CardProof(world.card, WRONG))
    other = replace(request, lines=(rice(1000),))
    first, again, typo, different = together(engine, request, request, wrong_pin, other)
    assert first == again == typo
    assert different is NotDecided.DUPLICATE_DIFFERENT
    assert left(engine, world.kpm_id) == BALANCE - 67_000
    assert tries(engine, world.kpm_id) == 3


def test_a_repeat_in_a_later_batch_is_the_stored_bytes(engine, world):
    request = a_purchase(world)
    [first] = together(engine, request)
    fresh, again = together(engine, a_purchase(world, rice(100)), request)
    assert again == first
    assert said(fresh) == "APPROVED"


def test_an_id_that_was_not_decided_is_free_for_the_next_in_the_batch(engine, world):
    request = a_purchase(world)
    skewed = replace(request, occurred_at=NOW - timedelta(hours=25))
    outcomes = together(engine, skewed, request)
    assert [said(each) for each in outcomes] == ["CLOCK_SKEW", "APPROVED"]


def test_wrong_pins_in_one_batch_are_counted_one_by_one(engine, world):
    wrong = [a_purchase(world, proof=CardProof(world.card, WRONG)) for _ in range(5)]
    outcomes = together(engine, *wrong, a_purchase(world))
    assert [said(each) for each in outcomes] == ["PIN_WRONG"] * 3 + ["PIN_BLOCKED"] * 3
    assert tries(engine, world.kpm_id) == 0
    assert said(authorize(engine, a_purchase(world))) == "PIN_BLOCKED"


def test_a_right_pin_in_a_batch_gives_the_tries_back(engine, world):
    pins = (WRONG, WRONG, PIN, WRONG, WRONG)
    requests = [a_purchase(world, rice(100), proof=CardProof(world.card, pin)) for pin in pins]
    outcomes = together(engine, *requests)
    assert [said(each) for each in outcomes] == [
        "PIN_WRONG", "PIN_WRONG", "APPROVED", "PIN_WRONG", "PIN_WRONG",
    ]  # fmt: skip
    assert tries(engine, world.kpm_id) == 1


def test_wrong_pins_from_many_tills_never_get_more_than_three_tries(engine, world):
    outcomes = []

    def guess():
        wrong = a_purchase(world, proof=CardProof(world.card, WRONG))
        outcomes.append(said(authorize(engine, wrong)))

    in_threads(*[guess] * 20)
    assert sorted(outcomes) == ["PIN_BLOCKED"] * 17 + ["PIN_WRONG"] * 3


def test_a_token_buys_once_in_a_batch(engine, world):
    proof = a_token(engine, world)
    outcomes = together(engine, *(a_purchase(world, rice(100), proof=proof) for _ in range(2)))
    assert [said(each) for each in outcomes] == ["APPROVED", "PAYER_TOKEN_USED"]


def a_token(engine, world):
    where = (world.shop_id, world.till_id)
    token = new_payer_token(world.kpm_id, "person", where, Method.FACE, NOW, proven=True)
    return TokenProof(sign_payer_token(engine.keys, token))


def test_a_code_of_another_purchase_of_the_batch_is_wrong(engine, world):
    requests = [
        a_purchase(world, rice(100), proof=PhoneProof(MSISDN, code)) for code in ("111111", "2")
    ]
    send_code(engine, world, requests[0].purchase_id, "111111")
    borrowed = replace(requests[1], proof=PhoneProof(MSISDN, "111111"))
    assert [said(each) for each in together(engine, borrowed, requests[0])] == [
        "CODE_WRONG", "APPROVED",
    ]  # fmt: skip


def send_code(engine, world, purchase_id, code):
    with engine.database.begin() as tx:
        proofs.add_code(
            tx,
            proofs.OneTimeCode(
                f"code-{purchase_id}", world.kpm_id, "person", world.shop_id, purchase_id,
                1_000_000, engine.keys.code_verifier(f"code-{purchase_id}", code), 3, NOW,
                NOW + timedelta(minutes=3),
            ),
        )  # fmt: skip


def test_a_batch_of_repeats_needs_no_catalogue(engine, world, monkeypatch):
    request = a_purchase(world)
    first = together(engine, request)
    monkeypatch.setattr(type(engine), "catalogue", None)
    assert together(engine, request) == first


def test_who_raises_in_a_batch_harms_nobody_else(engine, world):
    poison = replace(a_purchase(world), shop_id=ShopId("no-such-shop"))
    outcomes, faults = [], []

    def buy(request):
        try:
            outcomes.append(said(authorize(engine, request)))
        except LookupError as fault:
            faults.append(fault)

    requests = [a_purchase(world, rice(100)) for _ in range(10)]
    requests.insert(5, poison)
    in_threads(*(lambda r=r: buy(r) for r in requests))
    assert outcomes == ["APPROVED"] * 10
    assert len(faults) == 1


def test_a_balance_that_was_read_wrong_aborts_and_is_decided_again(engine, world, monkeypatch):
    """The debit carries its own condition: facts that are stale never overdraw."""
    real, calls = batch_facts.lock_tranches, []

    def stale_once(tx, kpm_ids):
        calls.append(1)
        later = real(tx, kpm_ids)
        rich = Rupiah(10 * BALANCE)
        return lambda: {
            k: tuple(replace(each, credited=rich) for each in v) if len(calls) == 1 else v
            for k, v in later().items()
        }

    monkeypatch.setattr(batch_facts, "lock_tranches", stale_once)
    outcome = authorize(engine, a_purchase(world, rice(20_000)))
    assert said(outcome) == "INSUFFICIENT_BALANCE"
    assert len(calls) == 2


def test_many_threads_on_two_wallets_never_overdraw_and_each_id_has_one_answer(engine, world):
    cards = (world.card, world.other_card)
    requests = [
        a_purchase(world, rice(500), proof=CardProof(cards[number % 2], PIN))
        for number in range(THREADS)
    ]
    answers = {request.purchase_id: set() for request in requests}

    def buy(number):
        for request in (requests[number], requests[(number * 7 + 1) % THREADS]):
            answers[request.purchase_id].add(authorize(engine, request))

    in_threads(*(lambda n=n: buy(n) for n in range(THREADS)))
    assert all(len(each) == 1 for each in answers.values())
    bought = [said(each) for [each] in answers.values()].count("APPROVED")
    spent = 2 * BALANCE - left(engine, world.kpm_id) - left(engine, world.other_kpm_id)
    assert bought == 2 * (BALANCE // 6_700)
    assert spent == bought * 6_700
    assert engine.commits.figures.batches < engine.commits.figures.items


def test_a_database_that_is_gone_is_503_and_serves_again_when_it_is_back(
    engine, world, kind, prepared, monkeypatch
):
    request = a_purchase(world)
    assert said(authorize(engine, a_purchase(world, rice(100)))) == "APPROVED"
    if kind == "postgres":
        with psycopg.connect(prepared[0], autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    else:

        def gone():
            raise UnavailableError

        monkeypatch.setattr(engine.database, "begin", gone)
    with pytest.raises(UnavailableError):
        authorize(engine, request)
    monkeypatch.undo()
    assert said(authorize(engine, request)) == "APPROVED"
    assert left(engine, world.kpm_id) == BALANCE - 67_000 - 1_340


def test_closing_with_purchases_waiting_loses_none(engine, world, prepared, keys):
    requests, answers = [a_purchase(world, rice(100)) for _ in range(30)], {}

    def buy(request):
        try:
            answers[request.purchase_id] = authorize(engine, request)
        except UnavailableError:
            answers[request.purchase_id] = None

    in_threads(*(lambda r=r: buy(r) for r in requests), engine.close)
    later = make_engine(prepared[0], keys, Clock())
    for request in requests:
        again = authorize(later, request)
        assert isinstance(again, Answer)
        assert answers[request.purchase_id] in (None, again)
    assert left(later, world.kpm_id) == BALANCE - 30 * 1_340
    later.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_batch_answers_what_one_after_the_other_would(databases, kind, keys, seed):
    """The same requests on two copies of a world: same bytes, same balances, same tries."""
    chance, clock = random.Random(seed), Clock()
    copies = [databases.copy(kind) for _ in range(2)]
    engines = [make_engine(url, keys, clock) for url, _ in copies]
    world = copies[0][1]
    requests = [a_random_purchase(engines[0], world, chance) for _ in range(60)]
    requests += chance.sample(requests, 20)
    for request in requests:
        for engine in engines:
            if isinstance(request.proof, PhoneProof) and requests.count(request) == 1:
                send_code(engine, world, request.purchase_id, "111111")
    batched = together(engines[0], *requests)
    assert batched == [together(engines[1], request)[0] for request in requests]
    assert len({said(each) for each in batched}) > 5
    for kpm_id in (world.kpm_id, world.other_kpm_id):
        assert left(engines[0], kpm_id) == left(engines[1], kpm_id)
        assert tries(engines[0], kpm_id) == tries(engines[1], kpm_id)
    for engine, (url, _) in zip(engines, copies, strict=True):
        assert check_ledger(engine).good
        engine.close()
        databases.drop(url)


def a_random_purchase(engine, world, chance):
    proof = chance.choice(
        (
            CardProof(world.card, PIN),
            CardProof(world.other_card, chance.choice((PIN, PIN, PIN, WRONG))),
            CardProof("9991000000000000", PIN),
            PhoneProof(MSISDN, chance.choice(("111111", "222222"))),
            a_token(engine, world),
            TokenProof("forged"),
        )
    )
    price, late = chance.choice((13_400, 14_000)), chance.choice((0, 0, 0, 30))
    line = rice(chance.choice((100, 1000, 5000)), price)
    return a_purchase(world, line, proof=proof, at=NOW - timedelta(hours=late))
