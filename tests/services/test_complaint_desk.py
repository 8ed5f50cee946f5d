"""The complaints desk: one way in, dates, swaps, two officers about money, nothing lost."""

from datetime import timedelta

import pytest

from pos_engine.rules.complaints import Act, Kind, MoneyStep, State, Swap
from pos_engine.rules.ids import PurchaseId, new_uuid7
from pos_engine.rules.reasons import Reason
from pos_engine.services import complaint_desk, complaints, kpm_complaints
from pos_engine.services.authorize import authorize
from pos_engine.services.complaint_desk import Officer, Step
from pos_engine.services.complaint_intake import TakenDown, take_down
from pos_engine.services.complaint_swap import ShopWord, shop_swapped, swaps_of
from pos_engine.services.identify import identify_phone
from pos_engine.services.install import Refused
from pos_engine.services.notify import drain
from pos_engine.services.payer import PhoneProof
from pos_engine.services.prove import check_ledger
from pos_engine.services.sessions import Role, open_session
from pos_engine.store import complaint_desk as store
from pos_engine.store.schema import metadata
from tests.phones import asked_of, code_in, text_from
from tests.returning import PAID, buy, left, owed, texts
from tests.sealing import faults, seal_all
from tests.services.test_batches import said as status
from tests.world import BALANCE, MSISDN, PIN, a_purchase

PNG = b"\x89PNG\r\n\x1a\n" + b"busuk" * 20


@pytest.fixture
def kind():
    """The statements run on PostgreSQL in test_complaint_store."""
    return "sqlite"


@pytest.fixture(autouse=True)
def books_add_up(engine):
    yield
    assert check_ledger(engine).good
    seal_all(engine)
    assert faults(engine) == []


@pytest.fixture
def dinsos(world):
    return Officer(world.staff["DINSOS"]["staff_id"], Role.DINSOS, "35.07")


@pytest.fixture
def kemensos(world):
    return Officer(world.staff["KEMENSOS"]["staff_id"], Role.KEMENSOS, None)


def step(engine, reference, words=""):
    return Step(new_uuid7(engine.now()), reference, words)


def report(engine, world, kind=Kind.QUALITY, purchase_id=None, **more):
    sent = kpm_complaints.Report(new_uuid7(engine.now()), kind, "beras bau", purchase_id, **more)
    number = kpm_complaints.complain(engine, world.kpm_id, "phone-1", sent)
    assert number
    return number


def by_phone(engine, world):
    """A purchase that a code of her phone paid alone."""
    purchase_id = PurchaseId(new_uuid7(engine.now()))
    identify_phone(engine, asked_of(engine, world), MSISDN, purchase_id, PAID)
    proof = PhoneProof(MSISDN, code_in([engine.sms.messages()[0].text]))
    bought = authorize(engine, a_purchase(world, proof=proof, purchase_id=purchase_id))
    assert status(bought) == "APPROVED"
    return purchase_id


def state_of(engine, officer, reference):
    return State(complaint_desk.whole(engine, officer, reference).complaint.status)


class TestOneWayIn:
    def test_a_text_about_bad_rice_is_due_in_a_day_and_the_shop_owes_a_swap(self, engine, world):
        buy(engine, world)
        drain(engine)
        text_from(engine, "LAPOR beras bau dan busuk")
        assert "paling lama 24 jam" in engine.sms.messages()[0].text
        [entry] = complaint_desk.desk(engine, None, closed=False).entries
        assert (entry.case.kind, entry.case.swap) == (Kind.QUALITY, Swap.WAITING)
        assert entry.case.due_at == engine.now() + timedelta(hours=24)
        [owed_swap] = swaps_of(engine, world.shop_id)
        assert owed_swap.goods == ("Beras medium 5 kg",)

    def test_a_till_takes_down_by_its_own_receipts_alone(self, engine, world):
        purchase_id = buy(engine, world)
        session = open_session(engine, **world.staff["KASIR"]).session
        with engine.database.read() as tx:
            number = store.paid(tx, world.kpm_id, purchase_id).number
        new = TakenDown(new_uuid7(engine.now()), Kind.PRICE, "mahal", number)
        first = take_down(engine, session, new)
        assert take_down(engine, session, new) == first
        other = open_session(engine, **world.staff["KASIR-2"]).session
        again = TakenDown(new_uuid7(engine.now()), Kind.PRICE, "mahal", number)
        assert isinstance(take_down(engine, other, again), Refused)
        named = TakenDown(new_uuid7(engine.now()), Kind.PRICE, "", None, world.kpm_id)
        assert isinstance(take_down(engine, session, named), Refused)

    def test_paper_is_typed_by_an_office_of_the_region(self, engine, world):
        session = open_session(engine, **world.staff["DINSOS"]).session
        new = TakenDown(new_uuid7(engine.now()), Kind.FORCED, "dipaksa", None, world.kpm_id)
        done = take_down(engine, session, new)
        [entry] = complaint_desk.desk(engine, "35.07", closed=False).entries
        assert (entry.reference, entry.channel) == (done.reference, "PAPER")
        assert complaint_desk.desk(engine, "94", closed=False).entries == []
        bad = TakenDown(new_uuid7(engine.now()), Kind.QUALITY, "", None, world.kpm_id, None, b"GIF")
        assert take_down(engine, session, bad).field == "photo"

    def test_words_and_photo_lie_sealed_and_open_for_the_region_only(self, engine, world, dinsos):
        number = report(engine, world, purchase_id=buy(engine, world), line=0, photo=PNG)
        with engine.database.read() as tx:
            rows = "\n".join(
                str(row) for table in metadata.sorted_tables for row in tx.execute(table.select())
            )
        assert "beras bau" not in rows
        assert "busuk" not in rows
        assert complaint_desk.photo(engine, dinsos, number) == ("image/png", PNG)
        elsewhere = Officer("staff-9", Role.DINSOS, "94.01")
        assert complaint_desk.whole(engine, elsewhere, number) is None
        assert complaint_desk.photo(engine, elsewhere, number) is None
        found = complaint_desk.whole(engine, dinsos, number)
        assert (found.note, found.case.line, found.photo) == ("beras bau", 0, True)


class TestSteps:
    def test_taken_answered_told_reopened_and_closed(self, engine, world, dinsos):
        number = report(engine, world, Kind.PRICE)
        assert complaint_desk.take(engine, dinsos, step(engine, number)) is None
        said = step(engine, number, "Harga sudah diperiksa dan dikembalikan.")
        assert complaint_desk.answer(engine, dinsos, said) is None
        assert complaint_desk.answer(engine, dinsos, said) is None  # the same form again
        assert complaint_desk.answer(engine, dinsos, step(engine, number, "lagi")).field == "state"
        drain(engine)
        assert f"laporan {number} dijawab: Harga sudah diperiksa" in texts(engine)
        act = new_uuid7(engine.now())
        assert kpm_complaints.not_settled(engine, world.kpm_id, act, number)
        assert not kpm_complaints.not_settled(engine, world.other_kpm_id, act, number)
        assert state_of(engine, dinsos, number) is State.IN_WORK
        assert complaint_desk.close(engine, dinsos, step(engine, number)) is None
        found = complaint_desk.whole(engine, dinsos, number)
        assert [each.kind for each in found.events] == [
            "OPENED", "TAKEN", "ANSWERED", "REOPENED", "CLOSED",
        ]  # fmt: skip
        assert found.acts == ()
        assert complaint_desk.take(engine, dinsos, step(engine, number)).field == "state"
        assert complaints.list_complaints(engine, "OPEN") == []

    def test_who_only_reads_and_who_is_elsewhere_does_nothing(self, engine, world):
        number = report(engine, world, Kind.PRICE)
        auditor = Officer("staff-9", Role.AUDITOR, None)
        assert complaint_desk.take(engine, auditor, step(engine, number)).field == "role"
        elsewhere = Officer("staff-9", Role.DINSOS, "94")
        assert complaint_desk.take(engine, elsewhere, step(engine, number)).field == "reference"
        assert complaint_desk.take(engine, auditor, step(engine, "L0000000")).field == "reference"

    def test_what_is_late_is_handed_up_once(self, engine, world, clock, dinsos):
        number = report(engine, world, Kind.CARD)
        assert complaint_desk.escalate_overdue(engine) == 0
        clock.advance(hours=25)
        assert complaint_desk.escalate_overdue(engine) == 1
        assert complaint_desk.escalate_overdue(engine) == 0
        desk = complaint_desk.desk(engine, "35.07", closed=False)
        assert (desk.counts["LATE"], desk.counts["OPEN"]) == (1, 1)
        assert complaint_desk.whole(engine, dinsos, number).events[-1].kind == "ESCALATED"


class TestSwap:
    @pytest.fixture
    def number(self, engine, world):
        return report(engine, world, purchase_id=buy(engine, world), line=0)

    def word(self, engine, world, number, **more):
        return ShopWord(new_uuid7(engine.now()), number, world.shop_id, "staff-1", **more)

    def test_the_shops_word_alone_does_not_settle_it(self, engine, world, dinsos, number):
        said = self.word(engine, world, number)
        assert shop_swapped(engine, said) is Swap.BY_SHOP
        assert shop_swapped(engine, said) is Swap.BY_SHOP
        assert state_of(engine, dinsos, number) is State.OPEN
        assert kpm_complaints.swapped(engine, world.kpm_id, new_uuid7(engine.now()), number)
        assert state_of(engine, dinsos, number) is State.ANSWERED
        assert (left(engine, world), owed(engine, world)) == (BALANCE - PAID, PAID)  # no money

    def test_her_pin_at_the_till_settles_it(self, engine, world, dinsos, number):
        wrong = "111111" if PIN != "111111" else "222222"
        said = self.word(engine, world, number, pin=wrong)
        assert shop_swapped(engine, said) is Reason.PIN_WRONG
        assert shop_swapped(engine, self.word(engine, world, number, pin=PIN)) is Swap.DONE
        assert shop_swapped(engine, self.word(engine, world, number)) is Swap.DONE
        assert state_of(engine, dinsos, number) is State.ANSWERED
        assert swaps_of(engine, world.shop_id) == []

    def test_an_officer_may_confirm_and_another_shop_may_not(self, engine, world, dinsos, number):
        other = ShopWord(new_uuid7(engine.now()), number, world.other_shop_id, "staff-1")
        assert shop_swapped(engine, other) is None
        assert complaint_desk.confirm_swap(engine, dinsos, step(engine, number)) is None
        assert complaint_desk.confirm_swap(engine, dinsos, step(engine, number)).field == "swap"

    def test_shops_never_see_what_else_is_said_of_them(self, engine, world):
        report(engine, world, Kind.FORCED, buy(engine, world))
        assert swaps_of(engine, world.shop_id) == []


class TestMoney:
    def decide(self, engine, first, second, number, money):
        asked = complaint_desk.ask_money(
            engine, first, step(engine, number, "KPM tidak di warung"), money
        )
        assert asked is None
        return complaint_desk.approve_money(engine, second, step(engine, number))

    def test_one_factor_is_credited_first_and_then_the_shop_pays(
        self, engine, world, dinsos, kemensos
    ):
        purchase_id = by_phone(engine, world)
        number = report(engine, world, Kind.NOT_ME, purchase_id)
        assert left(engine, world) == BALANCE - PAID  # nothing moves before two people
        assert self.decide(engine, dinsos, kemensos, number, MoneyStep.DISPUTE) is None
        assert (left(engine, world), owed(engine, world)) == (BALANCE, PAID)
        assert self.decide(engine, dinsos, kemensos, number, MoneyStep.SHOP_PAYS) is None
        assert (left(engine, world), owed(engine, world)) == (BALANCE, 0)
        again = complaint_desk.ask_money(
            engine, dinsos, step(engine, number, "lagi"), MoneyStep.LOSS
        )
        assert again.field == "money"

    def test_two_factors_are_decided_before_money_moves(self, engine, world, dinsos, kemensos):
        number = report(engine, world, Kind.NOT_ME, buy(engine, world))
        refused = self.decide(engine, dinsos, kemensos, number, MoneyStep.DISPUTE)
        assert refused.field == "decision"
        assert left(engine, world) == BALANCE - PAID
        assert self.decide(engine, dinsos, kemensos, number, MoneyStep.LOSS) is None
        assert (left(engine, world), owed(engine, world)) == (BALANCE, PAID)

    def test_the_shop_pays_without_a_credit_before(self, engine, world, dinsos, kemensos):
        number = report(engine, world, Kind.NOT_ME, buy(engine, world))
        assert self.decide(engine, dinsos, kemensos, number, MoneyStep.SHOP_PAYS) is None
        assert (left(engine, world), owed(engine, world)) == (BALANCE, 0)

    def test_it_was_hers_and_nothing_moves(self, engine, world, dinsos, kemensos):
        number = report(engine, world, Kind.NOT_ME, buy(engine, world))
        assert self.decide(engine, dinsos, kemensos, number, MoneyStep.HERS) is None
        assert left(engine, world) == BALANCE - PAID

    def test_one_officer_is_not_two_and_nothing_to_approve_is_said(self, engine, world, dinsos):
        number = report(engine, world, Kind.NOT_ME, buy(engine, world))
        assert complaint_desk.approve_money(engine, dinsos, step(engine, number)).field == "money"
        refused = self.decide(engine, dinsos, dinsos, number, MoneyStep.LOSS)
        assert refused.field == "approve"
        assert left(engine, world) == BALANCE - PAID

    def test_a_complaint_without_purchase_moves_no_money(self, engine, world, dinsos):
        number = report(engine, world, Kind.NOT_ME)
        asked = step(engine, number, "tidak ada struk")
        refused = complaint_desk.ask_money(engine, dinsos, asked, MoneyStep.LOSS)
        assert refused.field == "purchase"
        assert Act.ANSWER in complaint_desk.whole(engine, dinsos, number).acts
