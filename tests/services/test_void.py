"""Voids: money goes back once, to where it came from, never above what was paid."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from pos_engine.rules.holds import Hold
from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.money import Rupiah
from pos_engine.rules.voids import AskedLine
from pos_engine.services import notify
from pos_engine.services.authorize import authorize
from pos_engine.services.day import stored_answer
from pos_engine.services.hold import capture, hold
from pos_engine.services.payer import CardProof, Place, TokenProof
from pos_engine.services.prove import check_ledger
from pos_engine.services.report import Scope, make_report
from pos_engine.services.void import NotVoided, void
from pos_engine.store import ledger, reversals, shops
from pos_engine.store.schema import purchase, wallet
from pos_engine.store.schema_reversals import reversal
from tests.returning import PAID, a_void, buy, left, lines, outcome, owed, texts
from tests.services.test_batches import said
from tests.services.test_hold import a_request
from tests.world import BALANCE, NOW, PIN, a_purchase, credit, rice


@pytest.fixture(autouse=True)
def books_add_up(engine):
    """After every test of this file the books add up."""
    yield
    assert check_ledger(engine).good


def test_a_void_gives_everything_back_and_tells_her(engine, world):
    purchase_id = buy(engine, world)
    assert (left(engine, world), owed(engine, world)) == (BALANCE - PAID, PAID)
    body = json.loads(void(engine, a_void(world, purchase_id)).body)
    assert (body["status"], body["amount"], body["lines"][0]["quantity_milli"]) == (
        "VOIDED", PAID, 5000,
    )  # fmt: skip
    assert (left(engine, world), owed(engine, world)) == (BALANCE, 0)
    assert json.loads(stored_answer(engine, world.shop_id, purchase_id))["status"] == "VOIDED"
    notify.drain(engine)
    assert "Rp67.000 kembali. Sisa Rp200.000." in texts(engine)


def test_a_void_gives_a_slip_and_marks_the_copy_of_the_receipt(engine, world):
    purchase_id = buy(engine, world)
    bought = json.loads(stored_answer(engine, world.shop_id, purchase_id))
    part = json.loads(void(engine, a_void(world, purchase_id, lines=lines(1000))).body)
    slip = part["receipt"]
    assert slip["number"] == bought["receipt"]["number"]
    assert "*** BATAL ***" in slip["text"]
    assert "WIB" in slip["text"]
    assert [row.split() for row in slip["text"].splitlines() if "Tetap dibeli" in row] == [
        ["Tetap", "dibeli", "Rp53.600"]
    ]
    copy = json.loads(stored_answer(engine, world.shop_id, purchase_id))
    assert copy["status"] == "APPROVED"
    assert "SALINAN - SEBAGIAN BATAL" in copy["receipt"]["text"]
    void(engine, a_void(world, purchase_id, lines=lines(4000)))
    copy = json.loads(stored_answer(engine, world.shop_id, purchase_id))
    assert copy["receipt"]["text"].strip().startswith("SALINAN - BATAL")
    assert copy["receipt"]["text"].endswith(bought["receipt"]["text"])
    assert copy["receipt"]["verify"] == bought["receipt"]["verify"]


def test_twice_is_once_byte_for_byte_and_spends_no_try(engine, world):
    request = a_void(world, buy(engine, world), pin=world.staff["PEMILIK"]["pin"])
    first = void(engine, request)
    assert void(engine, replace(request, pin="000000")) == first
    assert left(engine, world) == BALANCE
    with engine.database.read() as tx:
        assert shops.find_staff(tx, request.staff_id).tries_left == 5


def test_other_content_under_the_same_id_is_refused(engine, world):
    request = a_void(world, buy(engine, world), lines=lines(1000))
    void(engine, request)
    other = buy(engine, world, rice(100))
    for changes in (
        {"reason": "lain"},
        {"lines": None},
        {"lines": lines(2000)},
        {"purchase_id": other},
        {"proof": CardProof(world.card, "")},
        {"void_id": other},
    ):
        assert void(engine, replace(request, **changes)) is NotVoided.DUPLICATE_DIFFERENT
    assert left(engine, world) == BALANCE - PAID + 13_400 - 1_340


def test_a_second_void_is_already_voided(engine, world):
    purchase_id = buy(engine, world)
    void(engine, a_void(world, purchase_id))
    assert outcome(engine, a_void(world, purchase_id)) == "ALREADY_VOIDED"
    assert outcome(engine, a_void(world, purchase_id, lines=lines(1))) == "ALREADY_VOIDED"
    assert left(engine, world) == BALANCE


def test_parts_never_sum_above_what_was_paid(engine, world):
    purchase_id = buy(engine, world)
    said_so = [outcome(engine, a_void(world, purchase_id, lines=lines(2000))) for _ in range(3)]
    assert said_so == ["VOIDED", "VOIDED", "VOID_ABOVE_PURCHASE"]
    refused = json.loads(void(engine, a_void(world, purchase_id)).body)
    assert refused["reason"] == "ALREADY_VOIDED"
    assert refused["next_step"].startswith("Sebagian")
    part = json.loads(stored_answer(engine, world.shop_id, purchase_id))
    assert (part["status"], part["returned"], len(part["returns"])) == ("APPROVED", 53_600, 2)
    assert outcome(engine, a_void(world, purchase_id, lines=lines(1000))) == "VOIDED"
    assert left(engine, world) == BALANCE


def test_what_was_never_bought_does_not_come_back(engine, world):
    purchase_id = buy(engine, world)
    other = (AskedLine("TEMPE", None, 1000),)
    assert outcome(engine, a_void(world, purchase_id, lines=other)) == "VOID_LINE_UNKNOWN"
    more = (AskedLine("BERAS-MEDIUM", None, 1000, Rupiah(1)),)
    assert outcome(engine, a_void(world, purchase_id, lines=more)) == "VOID_LINE_UNKNOWN"


def test_the_day_after_is_too_late_and_says_where_to_go(engine, world, clock):
    purchase_id = buy(engine, world)
    clock.advance(hours=14)  # midnight in WIB
    refused = json.loads(void(engine, a_void(world, purchase_id)).body)
    assert refused["reason"] == "VOID_TOO_LATE"
    assert "Dinas Sosial" in refused["next_step"]


def test_a_refused_purchase_needs_no_void(engine, world):
    request = a_purchase(world, rice(5000, 20_000))
    authorize(engine, request)
    assert outcome(engine, a_void(world, request.purchase_id)) == "VOID_NOT_APPROVED"


def test_a_refusal_of_nobody_needs_no_void(engine, world):
    request = a_purchase(world, proof=TokenProof("forged"))
    authorize(engine, request)
    assert outcome(engine, a_void(world, request.purchase_id)) == "VOID_NOT_APPROVED"


def test_a_void_is_not_voided_and_a_hold_is_none(engine, world):
    first = a_void(world, buy(engine, world))
    void(engine, first)
    assert outcome(engine, a_void(world, first.void_id)) == "VOID_OF_VOID"
    held = hold(engine, a_request(world))
    assert outcome(engine, a_void(world, held.hold_id)) == "VOID_OF_VOID"


def test_another_shops_purchase_is_not_there(engine, world):
    purchase_id = buy(engine, world)
    elsewhere = Place(world.other_shop_id, world.other_till_id)
    assert void(engine, a_void(world, purchase_id, place=elsewhere)) is NotVoided.NOT_FOUND
    assert void(engine, a_void(world, new_uuid7(NOW))) is NotVoided.NOT_FOUND


def test_a_payer_that_is_named_must_be_hers(engine, world):
    purchase_id = buy(engine, world)
    wrong = a_void(world, purchase_id, proof=CardProof(world.other_card, PIN))
    assert outcome(engine, wrong) == "VOID_OTHER_PAYER"
    right = a_void(world, purchase_id, proof=CardProof(world.card, "000000"))
    assert outcome(engine, right) == "VOIDED"


def test_a_wrong_owners_pin_is_counted_until_it_is_locked(engine, world):
    purchase_id, pin = buy(engine, world), world.staff["PEMILIK"]["pin"]
    wrong = "000000" if pin != "000000" else "111111"
    assert outcome(engine, a_void(world, purchase_id, pin=wrong)) == "OWNER_PIN_WRONG"
    assert outcome(engine, a_void(world, purchase_id, pin=pin, lines=lines(1))) == "VOIDED"
    tries = [outcome(engine, a_void(world, purchase_id, pin=wrong)) for _ in range(6)]
    assert tries == ["OWNER_PIN_WRONG"] * 5 + ["OWNER_PIN_BLOCKED"]
    assert outcome(engine, a_void(world, purchase_id, pin=pin)) == "OWNER_PIN_BLOCKED"


def test_money_goes_back_to_the_tranches_it_came_from(engine, world):
    credit(engine, {"KPM-1": 100_000}, period="2026-12", days=90)
    purchase_id = buy(engine, world, rice(20_000))  # 268 000: all of the first, some of the second
    with engine.database.read() as tx:
        before = ledger.tranches_of(tx, world.kpm_id, lock=False)
    assert sorted(each.left for each in before) == [0, 32_000]
    void(engine, a_void(world, purchase_id, lines=lines(10_000)))
    with engine.database.read() as tx:
        part = {each.period: each.left for each in ledger.tranches_of(tx, "KPM-1", lock=False)}
    assert part == {"2026-11": 66_000, "2026-12": 100_000}
    void(engine, a_void(world, purchase_id, lines=lines(10_000)))
    assert left(engine, world) == BALANCE + 100_000


def test_a_tranche_that_ended_under_a_hold_is_usable_until_the_day_is_over(engine, world, clock):
    held = hold(engine, a_request(world, hours=24 * 40))
    assert isinstance(held, Hold)
    with engine.database.begin() as tx:
        tx.execute(update(wallet).values(expires_on=NOW.date()))
    clock.advance(days=3)
    purchase_id = new_uuid7(clock.at)
    capture(engine, held.hold_id, purchase_id, 50_000)
    bought = a_purchase(world, at=clock.at, proof=CardProof(world.other_card, PIN))
    assert said(authorize(engine, bought)) == "TRANCHE_EXPIRED"
    plant_purchase(engine, world, purchase_id, clock.at, 50_000)
    assert outcome(engine, a_void(world, purchase_id)) == "VOIDED"
    assert said(authorize(engine, a_purchase(world, rice(1000), at=clock.at))) == "APPROVED"
    clock.advance(days=1)
    late = a_purchase(world, rice(1000), at=clock.at)
    assert said(authorize(engine, late)) == "TRANCHE_EXPIRED"


def plant_purchase(engine, world, purchase_id, at, amount):
    """The row and claim that a flow writes beside its capture."""
    from pos_engine.store import purchases  # noqa: PLC0415 - only here

    line = {
        "sku": "BERAS-MEDIUM", "name": "Beras medium", "quantity_milli": 1000, "unit": "kg",
        "unit_price": amount, "line_total": amount, "flags": [], "ceiling": None,
        "ceiling_kind": None, "regulation": None,
    }  # fmt: skip
    shard = ledger.shard_of(world.kpm_id)
    with engine.database.begin() as tx:
        day = engine.catalogue(tx).zones.local_day("35.07.13.2001", at)
        claim = purchases.Claim(
            purchase_id, b"x" * 32, shard, world.kpm_id, world.shop_id,
            json.dumps({"purchase_id": purchase_id, "status": "APPROVED", "amount": amount}),
        )  # fmt: skip
        row = purchases.PurchaseRow(
            shard, purchase_id, world.kpm_id, None, world.shop_id, world.till_id, "s",
            "35.07.13.2001", "APPROVED", None, "KKS", amount, [line], [], "p", "b", "n", day,
            at, at,
        )  # fmt: skip
        purchases.record(tx, [claim], [row])


def test_many_at_once_return_a_purchase_once(engine, world):
    purchase_id, outcomes = buy(engine, world), []

    def act(number):
        part = lines(3000) if number % 2 else None
        outcomes.append(outcome(engine, a_void(world, purchase_id, lines=part)))

    threads = [threading.Thread(target=act, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("VOIDED") == 1
    assert left(engine, world) in (BALANCE, BALANCE - PAID + 40_200)


def test_the_same_void_from_many_threads_is_one_answer(engine, world):
    request, answers = a_void(world, buy(engine, world)), []
    threads = [
        threading.Thread(target=lambda: answers.append(void(engine, request))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert left(engine, world) == BALANCE


def test_one_void_id_for_two_families_is_used_once(engine, world):
    proof, void_id = CardProof(world.other_card, PIN), new_uuid7(NOW)
    both = [
        a_void(world, buy(engine, world), void_id=void_id),
        a_void(world, buy(engine, world, proof=proof), void_id=void_id),
    ]
    outcomes = []
    threads = [
        threading.Thread(target=lambda each=each: outcomes.append(outcome(engine, each)))
        for each in both
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["DUPLICATE_DIFFERENT", "VOIDED"]


def test_reports_leave_out_what_came_back(engine, world):
    kept, part, gone = (buy(engine, world, rice(1000)) for _ in range(3))
    void(engine, a_void(world, part, lines=lines(400)))
    void(engine, a_void(world, gone))
    made = make_report(engine, "purchases", NOW.date(), NOW.date(), Scope())
    assert sorted(each["quantity_milli"] for each in made.rows) == [600, 1000]
    assert sorted(each["line_total"] for each in made.rows) == [8_040, 13_400]
    both = buy(engine, world, rice(1000), rice(500))
    void(engine, a_void(world, both, lines=lines(1000)))
    made = make_report(engine, "purchases", NOW.date(), NOW.date(), Scope())
    assert sorted(each["quantity_milli"] for each in made.rows) == [500, 600, 1000]
    assert kept


class TestPlantedFaults:
    @pytest.fixture(autouse=True)
    def books_add_up(self):
        """Not here: these tests break them."""
        return

    def test_more_returned_than_paid_is_found(self, engine, world):
        purchase_id = buy(engine, world)
        void(engine, a_void(world, purchase_id))
        assert check_ledger(engine).good
        with engine.database.begin() as tx:
            tx.execute(update(reversal).values(amount=PAID + 1))
        assert check_ledger(engine).over_returned == [purchase_id]

    def test_a_return_of_nothing_is_found(self, engine, world):
        purchase_id = buy(engine, world)
        void(engine, a_void(world, purchase_id))
        with engine.database.begin() as tx:
            tx.execute(purchase.delete())
        assert check_ledger(engine).over_returned == [purchase_id]

    def test_money_given_back_without_a_posting_is_found(self, engine, world):
        buy(engine, world)
        with engine.database.begin() as tx:
            tx.execute(update(wallet).values(spent=0))
        assert check_ledger(engine).differing


def test_the_tables_of_returns_are_read_by_their_own_id(engine, world):
    request = a_void(world, buy(engine, world))
    void(engine, request)
    with engine.database.read() as tx:
        shard = ledger.shard_of(world.kpm_id)
        found = reversals.find_reversal(tx, shard, request.void_id)
        assert found.purchase_day == NOW.date()
        assert reversals.find_reversal(tx, shard, "nothing") is None
    assert NOW + timedelta(0) == found.made_at
