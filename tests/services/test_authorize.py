"""One way in: debit once, refuse with the reason, the same answer again."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from pos_engine.services.authorize import Answer, NotDecided, authorize
from pos_engine.services.payer import CardProof, PhoneProof, TokenProof
from pos_engine.services.prove import check_ledger
from pos_engine.services.register import NewFamily, register_family, set_pin
from pos_engine.store import families, ledger, outbox, shops
from pos_engine.store.database import ConflictError
from pos_engine.store.schema import identity_attempt, purchase
from tests.world import BALANCE, NOW, PIN, a_purchase, credit, rice


def decide(engine, request):
    outcome = authorize(engine, request)
    assert isinstance(outcome, Answer), outcome
    return json.loads(outcome.body)


def left(engine, kpm_id):
    with engine.database.read() as tx:
        return sum(each.left for each in ledger.tranches_of(tx, kpm_id, lock=False))


@pytest.fixture(autouse=True)
def books_add_up(engine):
    """After every test of this file the books add up."""
    yield
    assert check_ledger(engine).good


def test_a_purchase_debits_and_prints(engine, world):
    answer = decide(engine, a_purchase(world))
    assert answer["status"] == "APPROVED"
    assert (answer["amount"], answer["balance_before"], answer["balance_after"]) == (
        67_000, BALANCE, BALANCE - 67_000,
    )  # fmt: skip
    assert answer["lines"][0]["ceiling"] == 13_500
    assert "enam puluh tujuh ribu rupiah" in answer["receipt"]["text"]
    assert left(engine, world.kpm_id) == BALANCE - 67_000


def test_the_same_request_again_is_the_same_bytes_and_one_debit(engine, world):
    request = a_purchase(world)
    first = authorize(engine, request)
    assert authorize(engine, request) == first
    assert left(engine, world.kpm_id) == BALANCE - 67_000


def test_the_same_id_with_other_content_is_refused(engine, world):
    request = a_purchase(world)
    decide(engine, request)
    for other in (
        replace(request, lines=(rice(6000),)),
        replace(request, occurred_at=NOW + timedelta(seconds=1)),
        replace(request, proof=CardProof(world.other_card, PIN)),
    ):
        assert authorize(engine, other) is NotDecided.DUPLICATE_DIFFERENT
    assert left(engine, world.kpm_id) == BALANCE - 67_000


def test_another_shop_cannot_read_an_answer_by_guessing_the_id(engine, world):
    request = a_purchase(world)
    decide(engine, request)
    stranger = replace(request, shop_id=world.other_shop_id)
    assert authorize(engine, stranger) is NotDecided.DUPLICATE_DIFFERENT


def test_a_repeat_spends_no_pin_try_even_with_a_wrong_pin(engine, world):
    request = a_purchase(world)
    first = authorize(engine, request)
    for _ in range(5):
        assert authorize(engine, replace(request, proof=CardProof(world.card, "000001"))) == first
    assert decide(engine, a_purchase(world))["status"] == "APPROVED"


def test_a_refusal_is_stored_and_stays(engine, world):
    request = a_purchase(world, rice(unit_price=14_000))
    answer = decide(engine, request)
    assert (answer["status"], answer["reason"]) == ("DECLINED", "PRICE_ABOVE_CEILING")
    assert "Rp13.500" in answer["message"]
    assert decide(engine, request) == answer
    with engine.database.read() as tx:
        row = tx.execute(purchase.select()).mappings().one()
    assert (row["status"], row["reason"], row["lines"][0]["unit_price"]) == (
        "DECLINED", "PRICE_ABOVE_CEILING", 14_000,
    )  # fmt: skip
    assert left(engine, world.kpm_id) == BALANCE


@pytest.mark.parametrize("sku", ["ROKOK-KRETEK", "ROKOK-PUTIH", "BIR", "MIRAS"])
def test_banned_goods_are_refused_whatever_else_is_bought(engine, world, sku):
    answer = decide(engine, a_purchase(world, rice(), rice(1000, 20_000, sku)))
    assert answer["reason"] == "ITEM_BANNED"
    assert [line["verdict"] for line in answer["lines"]] == ["OK", "ITEM_BANNED"]
    assert answer["approvable_amount"] == 67_000


def test_three_wrong_pins_block_the_pin_and_nothing_else(engine, world):
    wrong = CardProof(world.card, "000001")
    for _ in range(3):
        assert decide(engine, a_purchase(world, proof=wrong))["reason"] == "PIN_WRONG"
    answer = decide(engine, a_purchase(world))
    assert answer["reason"] == "PIN_BLOCKED"
    assert "cara lain" in answer["next_step"]
    with engine.database.read() as tx:
        assert families.find_family(tx, world.kpm_id).status == "ACTIVE"
    assert decide(engine, a_purchase(world, proof=CardProof(world.other_card, PIN)))["amount"]


def test_a_right_pin_gives_the_tries_back(engine, world):
    wrong = CardProof(world.card, "000001")
    for _ in range(2):
        decide(engine, a_purchase(world, proof=wrong))
    assert decide(engine, a_purchase(world, rice(1000)))["status"] == "APPROVED"
    for _ in range(2):
        decide(engine, a_purchase(world, proof=wrong))
    assert decide(engine, a_purchase(world, rice(1000)))["status"] == "APPROVED"


def test_a_refused_payer_learns_no_balance(engine, world):
    answer = decide(engine, a_purchase(world, proof=CardProof(world.card, "000001")))
    assert answer["approvable_amount"] == 0
    assert "balance_before" not in answer
    assert str(BALANCE) not in json.dumps(answer)


def test_an_unknown_card_is_a_stored_refusal_without_a_family(engine, world):
    answer = decide(engine, a_purchase(world, proof=CardProof("9991000000000000", PIN)))
    assert answer["reason"] == "CARD_UNKNOWN"
    with engine.database.read() as tx:
        assert tx.execute(purchase.select()).mappings().one()["kpm_id"] is None
        failed = tx.execute(identity_attempt.select()).mappings().one()
    assert (failed["method"], failed["reason"]) == ("KKS", "CARD_UNKNOWN")


@pytest.mark.parametrize(
    ("status", "reason"),
    [("BLOCKED", "CARD_BLOCKED"), ("LOST", "CARD_LOST"), ("EXPIRED", "CARD_EXPIRED")],
)
def test_a_stopped_card_is_said_so(engine, world, status, reason):
    with engine.database.begin() as tx:
        known = families.find_credential(tx, "KKS", engine.keys.lookup("KKS", world.card))
        families.set_card_status(tx, world.kpm_id, known.reference, status)
    assert decide(engine, a_purchase(world))["reason"] == reason


def test_a_suspended_shop_and_family_are_said_so(engine, world):
    with engine.database.begin() as tx:
        families.set_family_status(tx, world.kpm_id, "SUSPENDED")
    assert decide(engine, a_purchase(world))["reason"] == "KPM_SUSPENDED"
    with engine.database.begin() as tx:
        shops.set_shop_status(tx, world.shop_id, "SUSPENDED")
    assert decide(engine, a_purchase(world))["reason"] == "SHOP_SUSPENDED"


def test_too_little_money_says_what_is_there(engine, world):
    answer = decide(engine, a_purchase(world, rice(20_000)))
    assert answer["reason"] == "INSUFFICIENT_BALANCE"
    assert answer["approvable_amount"] == BALANCE
    assert answer["message"] == "Saldo Rp200.000, belanja Rp268.000."
    assert "Rp68.000" in answer["next_step"]


def test_the_oldest_tranche_goes_first_and_one_purchase_may_draw_on_two(engine, world, clock):
    credit(engine, {world.kpm_id: 50_000}, period="2026-10", days=10)
    answer = decide(engine, a_purchase(world))
    assert answer["balance_after"] == 250_000 - 67_000
    with engine.database.read() as tx:
        spent = {t.period: t.spent for t in ledger.tranches_of(tx, world.kpm_id, lock=False)}
    assert spent == {"2026-10": 50_000, "2026-11": 17_000}


def test_the_last_usable_day_is_usable_and_the_next_is_not(engine, world, clock):
    clock.advance(days=60)
    assert decide(engine, a_purchase(world, at=clock()))["status"] == "APPROVED"
    clock.advance(days=1)
    assert decide(engine, a_purchase(world, at=clock()))["reason"] == "TRANCHE_EXPIRED"


def test_no_credit_yet_is_not_the_cards_fault(engine, world, clock):

    new = register_family(
        engine, NewFamily("KPM-3", "35.07.13.2001", world.shop_id, name="Dewi Lestari")
    )
    set_pin(engine, "KPM-3", PIN)
    answer = decide(engine, a_purchase(world, proof=CardProof(new.card, PIN)))
    assert answer["reason"] == "NOT_DISBURSED"


def test_a_clock_a_day_off_decides_nothing_but_a_repeat_is_still_answered(engine, world, clock):
    off = a_purchase(world, at=NOW - timedelta(hours=25))
    assert authorize(engine, off) is NotDecided.CLOCK_SKEW
    request = a_purchase(world)
    first = authorize(engine, request)
    clock.advance(days=3)
    assert authorize(engine, request) == first


def test_a_clock_a_quarter_of_an_hour_off_is_flagged(engine, world):
    decide(engine, a_purchase(world, at=NOW - timedelta(minutes=15)))
    with engine.database.read() as tx:
        assert tx.execute(purchase.select()).mappings().one()["flags"] == ["CLOCK_DRIFT"]


def test_the_day_is_the_shops_local_day_by_the_servers_clock(engine, world, clock):
    clock.at = NOW.replace(hour=17, minute=30)  # 00.30 WIB on the 22nd
    decide(engine, a_purchase(world, at=clock()))
    with engine.database.read() as tx:
        assert tx.execute(purchase.select()).mappings().one()["day"].isoformat() == "2026-11-22"


def test_an_approved_purchase_leaves_a_notice_a_refused_one_none(engine, world):
    decide(engine, a_purchase(world, rice(unit_price=14_000)))
    with engine.database.read() as tx:
        assert outbox.waiting_events(tx, 10) == []
    request = a_purchase(world)
    decide(engine, request)
    with engine.database.read() as tx:
        [event] = outbox.waiting_events(tx, 10)
    assert event.subject_id == request.purchase_id


def test_two_tills_racing_on_one_wallet_never_overdraw(engine, world):
    """Eight purchases of Rp67.000 race for Rp200.000: exactly two fit."""
    answers = []

    def buy():
        answers.append(decide(engine, a_purchase(world)))

    threads = [threading.Thread(target=buy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each["status"] for each in answers) == ["APPROVED"] * 2 + ["DECLINED"] * 6
    assert left(engine, world.kpm_id) == BALANCE - 2 * 67_000


def test_one_id_racing_with_itself_debits_once(engine, world):
    request, answers = a_purchase(world), []
    threads = [
        threading.Thread(target=lambda: answers.append(authorize(engine, request)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert left(engine, world.kpm_id) == BALANCE - 67_000


def test_one_id_racing_for_two_families_debits_one_of_them(engine, world):
    first = a_purchase(world)
    second = replace(first, proof=CardProof(world.other_card, PIN))
    outcomes = []
    threads = [
        threading.Thread(target=lambda r=r: outcomes.append(authorize(engine, r)))
        for r in (first, second) * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    debited = 2 * BALANCE - left(engine, world.kpm_id) - left(engine, world.other_kpm_id)
    assert debited == 67_000
    assert outcomes.count(NotDecided.DUPLICATE_DIFFERENT) == 3


def test_a_fault_in_the_middle_leaves_nothing(engine, world, monkeypatch):
    """The claim, the debit and the notice stand or fall together."""

    def broken(*_args, **_named):
        raise RuntimeError

    monkeypatch.setattr(outbox, "add_events", broken)
    request = a_purchase(world)
    with pytest.raises(RuntimeError):
        authorize(engine, request)
    monkeypatch.undo()
    assert left(engine, world.kpm_id) == BALANCE
    assert decide(engine, request)["status"] == "APPROVED"


def test_a_forged_or_foreign_token_is_nobody(engine, world):
    for token in ("", "x.y.z", engine.keys.issue({"purpose": "quote", "id": "1"})):
        answer = decide(engine, a_purchase(world, proof=TokenProof(token)))
        assert answer["reason"] == "PAYER_UNKNOWN"


def test_a_wrong_code_without_a_code_sent_is_wrong(engine, world):
    proof = PhoneProof("+6281234567890", "123456")
    assert decide(engine, a_purchase(world, proof=proof))["reason"] == "CODE_WRONG"
    unknown = PhoneProof("+6281299999999", "123456")
    assert decide(engine, a_purchase(world, proof=unknown))["reason"] == "PAYER_UNKNOWN"


def test_a_serialization_failure_is_tried_again(engine, world, monkeypatch):
    """40001 asks for a retry; the id makes it safe."""

    real, calls = ledger.spend, []

    def fails_twice(*args):
        calls.append(1)
        if len(calls) <= 2:
            raise ConflictError
        real(*args)

    monkeypatch.setattr(ledger, "spend", fails_twice)
    assert decide(engine, a_purchase(world))["status"] == "APPROVED"
    assert len(calls) == 3
