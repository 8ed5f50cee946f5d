"""What people decide of sales without signal: two officers, and money that adds up afterwards."""

import pytest
from sqlalchemy import select

from pos_engine.rules.ids import new_uuid7
from pos_engine.services.allowance_end import end_due
from pos_engine.services.authorize import authorize
from pos_engine.services.install import Refused, mark_demo, revoke_device
from pos_engine.services.prove import check_ledger
from pos_engine.services.report import Scope, make_report
from pos_engine.services.sync_dispute import dispute
from pos_engine.services.sync_list import list_envelopes
from pos_engine.services.sync_review import Decision, ReviewOrder, hold_old_gaps, review
from pos_engine.store import envelopes, offline_reviews
from pos_engine.store.schema import posting
from pos_engine.store.schema_envelopes import offline_review
from tests.returning import left, owed
from tests.sealing import faults, seal_all
from tests.selling_offline import a_tablet, put_aside, take_back
from tests.settling import DAY, settled
from tests.world import BALANCE, NOW, a_purchase, rice

PAID = 13_400


@pytest.fixture(autouse=True)
def books_add_up(engine):
    """After every test of this file the books add up."""
    yield
    found = check_ledger(engine)
    assert found.good, found


@pytest.fixture
def tablet(engine, world):
    return a_tablet(engine, world.shop_id, world.till_id)


@pytest.fixture
def aside(engine, world, tablet):
    return put_aside(engine, tablet, world.kpm_id)


@pytest.fixture
def order(world):
    """A decision of two officers, unless told otherwise."""

    def make(subject, decision, **changes):
        fields = {
            "note": "struk dan warung diperiksa",
            "made_by": world.staff["DINSOS"]["staff_id"],
            "approved_by": world.staff["KEMENSOS"]["staff_id"],
        } | changes
        return ReviewOrder(subject, decision, **fields)

    return make


def total(engine, like):
    with engine.database.read() as tx:
        found = tx.execute(select(posting.c.amount).where(posting.c.account.like(like))).scalars()
        return sum(found)


def a_fork(engine, world, tablet, aside):
    clone = tablet.clone()
    tablet.sell(aside.allowance_id)
    tablet.sync()
    twin = clone.sell(aside.allowance_id)
    clone.sync(twin)
    return twin


def outcomes(found):
    assert not isinstance(found, Refused), found
    return [each.outcome for each in found]


def test_a_fork_that_was_sold_is_cleared_and_paid(engine, world, tablet, aside, order):
    twin = a_fork(engine, world, tablet, aside)
    assert outcomes(review(engine, order(twin.name, Decision.CLEAR))) == ["ACCEPTED"]
    assert owed(engine, world) == 2 * PAID
    again = review(engine, order(twin.name, Decision.CLEAR))
    assert isinstance(again, Refused)
    assert owed(engine, world) == 2 * PAID


def test_a_fork_that_was_not_sold_is_the_shops(engine, world, tablet, aside, order):
    twin = a_fork(engine, world, tablet, aside)
    assert outcomes(review(engine, order(twin.name, Decision.REFUSE))) == ["SHOP_LIABLE"]
    assert owed(engine, world) == PAID
    assert tablet.told(twin) == ["SHOP_LIABLE"]


def test_two_branches_never_take_more_than_was_promised(engine, world, tablet, aside, order):
    clone = tablet.clone()
    six = ("BERAS-MEDIUM", 6000, "kg", 13_400)
    tablet.sell(aside.allowance_id, six)
    tablet.sync()
    twin = clone.sell(aside.allowance_id, six)
    clone.sync(twin)
    assert outcomes(review(engine, order(twin.name, Decision.CLEAR))) == ["SHOP_LIABLE"]
    assert owed(engine, world) == 6 * PAID


def test_what_was_cleared_after_the_money_went_back_is_never_the_shops(
    engine, world, tablet, aside, order, clock
):
    twin = a_fork(engine, world, tablet, aside)
    clock.advance(days=20)
    end_due(engine)
    authorize(engine, a_purchase(world, rice(13_000), at=clock()))
    assert left(engine, world) < PAID
    assert outcomes(review(engine, order(twin.name, Decision.CLEAR))) == ["PROGRAMME_LOSS"]
    assert owed(engine, world) == 15 * PAID
    assert total(engine, "programme_loss:%") == -PAID


def test_a_revoked_tablets_sales_are_cleared_together(engine, world, tablet, aside, order):
    revoke_device(engine, tablet.device_id)
    tablet.sell(aside.allowance_id)
    tablet.sell(new_uuid7(NOW))
    assert tablet.told() == ["HELD_REVIEW", "HELD_REVIEW"]
    done = review(engine, order(tablet.device_id, Decision.CLEAR))
    assert outcomes(done) == ["ACCEPTED", "SHOP_LIABLE"]
    assert tablet.told() == ["ACCEPTED", "SHOP_LIABLE"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"approved_by": None}, "approve"),
        ({"note": " "}, "note"),
        ({"note": "x" * 201}, "note"),
        ({"made_by": "nobody"}, "by"),
        ({"approved_by": "nobody"}, "approve"),
    ],
)
def test_two_officers_decide(engine, world, tablet, aside, order, changes, field):
    twin = a_fork(engine, world, tablet, aside)
    refused = review(engine, order(twin.name, Decision.CLEAR, **changes))
    assert isinstance(refused, Refused)
    assert refused.field == field
    assert owed(engine, world) == PAID


def test_one_officer_is_not_two(engine, world, tablet, aside, order):
    twin = a_fork(engine, world, tablet, aside)
    same = world.staff["DINSOS"]["staff_id"]
    refused = review(engine, order(twin.name, Decision.CLEAR, approved_by=same))
    assert isinstance(refused, Refused)
    shop = world.staff["PEMILIK"]["staff_id"]
    assert isinstance(review(engine, order(twin.name, Decision.CLEAR, made_by=shop)), Refused)
    assert owed(engine, world) == PAID


def test_on_a_demo_one_person_is_enough(engine, world, tablet, aside, order):
    twin = a_fork(engine, world, tablet, aside)
    mark_demo(engine)
    alone = order(twin.name, Decision.CLEAR, made_by="demo", approved_by=None)
    assert outcomes(review(engine, alone)) == ["ACCEPTED"]


def test_what_does_not_wait_is_not_decided(engine, world, tablet, aside, order):
    sale = tablet.sell(aside.allowance_id)
    tablet.sync()
    assert isinstance(review(engine, order(sale.name, Decision.CLEAR)), Refused)
    assert isinstance(review(engine, order("nothing", Decision.CLEAR)), Refused)
    assert review(engine, order(tablet.device_id, Decision.CLEAR)) == []
    assert isinstance(review(engine, order(sale.name, Decision.HERS)), Refused)
    assert isinstance(dispute(engine, order(sale.body["purchase_id"], Decision.CLEAR)), Refused)


# ---- gaps --------------------------------------------------------------------------------


def a_gap(tablet, aside):
    sales = [tablet.sell(aside.allowance_id) for _ in range(4)]
    assert tablet.told(sales[0], *sales[2:]) == ["ACCEPTED", "PENDING_GAP", "PENDING_GAP"]
    return sales


def test_a_gap_goes_to_people_after_three_days(engine, world, tablet, aside, clock, order):
    sales = a_gap(tablet, aside)
    clock.advance(days=3)
    assert hold_old_gaps(engine) == 0
    assert isinstance(review(engine, order(tablet.device_id, Decision.SKIP_GAP)), Refused)
    clock.advance(seconds=1)
    assert hold_old_gaps(engine) == 2
    assert hold_old_gaps(engine) == 0
    assert tablet.told(*sales[2:]) == ["HELD_REVIEW", "HELD_REVIEW"]
    assert owed(engine, world) == PAID
    done = review(engine, order(tablet.device_id, Decision.SKIP_GAP))
    assert outcomes(done) == ["ACCEPTED", "ACCEPTED"]
    assert tablet.sync(sales[3]).checkpoint["seq"] == 4
    assert owed(engine, world) == 3 * PAID


def test_what_was_missing_is_recovered_even_after_three_days(engine, world, tablet, aside, clock):
    sales = a_gap(tablet, aside)
    clock.advance(days=4)
    hold_old_gaps(engine)
    assert tablet.told(sales[1]) == ["ACCEPTED"]
    assert tablet.told(*sales) == ["ACCEPTED"] * 4
    assert owed(engine, world) == 4 * PAID


def test_what_was_passed_over_and_is_found_is_judged_by_itself(
    engine, world, tablet, aside, clock, order
):
    sales = a_gap(tablet, aside)
    clock.advance(days=4)
    hold_old_gaps(engine)
    review(engine, order(tablet.device_id, Decision.SKIP_GAP))
    assert tablet.told(sales[1]) == ["ACCEPTED"]
    assert owed(engine, world) == 4 * PAID


# ---- disputes ----------------------------------------------------------------------------


def sold(tablet, aside, **changes):
    sale = tablet.sell(aside.allowance_id, **changes)
    tablet.sync()
    return sale, sale.body["purchase_id"]


def test_a_disputed_sale_with_one_factor_is_credited_first(engine, world, tablet, aside, order):
    sale, purchase_id = sold(tablet, aside, auth=["PIN"])
    found = dispute(engine, order(purchase_id, Decision.DISPUTE))
    assert found.credited_by
    assert tablet.told(sale) == ["DISPUTED"]
    assert left(engine, world) == BALANCE - 100_000 + PAID
    assert total(engine, "programme_loss:%") == -PAID
    assert owed(engine, world) == PAID  # the programme first
    dispute(engine, order(purchase_id, Decision.SHOP_PAYS))
    assert owed(engine, world) == 0  # then the shop
    assert total(engine, "programme_loss:%") == 0
    assert tablet.told(sale) == ["ACCEPTED"]


def test_a_disputed_sale_with_two_factors_waits_for_the_decision(
    engine, world, tablet, aside, order
):
    sale, purchase_id = sold(tablet, aside)
    found = dispute(engine, order(purchase_id, Decision.DISPUTE))
    assert found.credited_by is None
    assert tablet.told(sale) == ["DISPUTED"]
    assert left(engine, world) == BALANCE - 100_000
    assert dispute(engine, order(purchase_id, Decision.DISPUTE)) == found
    dispute(engine, order(purchase_id, Decision.SHOP_PAYS))
    assert left(engine, world) == BALANCE - 100_000 + PAID
    assert owed(engine, world) == 0
    assert total(engine, "programme_loss:%") == 0
    assert make_report(engine, "purchases", NOW.date(), NOW.date(), Scope()).rows == []


@pytest.mark.parametrize(
    ("auth", "decision", "hers"),
    [
        (["PIN"], Decision.LOSS, PAID),
        (["PIN"], Decision.HERS, PAID),
        (["KKS_QR", "PIN"], Decision.LOSS, PAID),
        (["KKS_QR", "PIN"], Decision.HERS, 0),
    ],
)
def test_how_disputes_end(engine, world, tablet, aside, order, auth, decision, hers):
    """What a family was credited first is hers, and the programme's loss; the shop is paid."""
    _, purchase_id = sold(tablet, aside, auth=auth)
    dispute(engine, order(purchase_id, Decision.DISPUTE))
    ended = dispute(engine, order(purchase_id, decision))
    assert ended.state == "CLOSED"
    assert left(engine, world) == BALANCE - 100_000 + hers
    assert owed(engine, world) == PAID
    assert total(engine, "programme_loss:%") == -hers
    assert isinstance(dispute(engine, order(purchase_id, decision)), Refused)


def test_a_disputed_loss_of_the_programme_is_paid_back_by_the_shop(
    engine, world, tablet, aside, order
):
    sale = tablet.sell(aside.allowance_id)
    take_back(engine, world.kpm_id)
    tablet.sync()
    purchase_id = sale.body["purchase_id"]
    dispute(engine, order(purchase_id, Decision.DISPUTE))
    dispute(engine, order(purchase_id, Decision.SHOP_PAYS))
    assert (owed(engine, world), total(engine, "programme_loss:%")) == (0, 0)
    assert left(engine, world) == BALANCE


def test_a_dispute_has_its_time_and_its_sale(engine, world, tablet, aside, order, clock):
    _, purchase_id = sold(tablet, aside)
    liable = tablet.sell(new_uuid7(NOW))
    tablet.sync()
    clock.advance(days=15)
    for subject in (purchase_id, liable.body["purchase_id"], "nothing"):
        assert isinstance(dispute(engine, order(subject, Decision.DISPUTE)), Refused)
    assert isinstance(dispute(engine, order(purchase_id, Decision.LOSS)), Refused)
    one = order(purchase_id, Decision.DISPUTE, approved_by=None)
    assert isinstance(dispute(engine, one), Refused)


def test_decisions_are_kept_sealed_and_listed(engine, world, tablet, aside, order):
    twin = a_fork(engine, world, tablet, aside)
    listed = list_envelopes(engine, tablet.device_id, None, waiting=True)
    assert [each.row["outcome"] for each in listed] == ["HELD_FORK"]
    review(engine, order(twin.name, Decision.CLEAR))
    dispute(engine, order(twin.body["purchase_id"], Decision.DISPUTE))
    [row] = list_envelopes(engine, None, "ACCEPTED", waiting=False)[:1]
    assert row.row["device_id"] == tablet.device_id
    with engine.database.read() as tx:
        made = list(tx.execute(select(offline_review.c.decision)).scalars())
        assert sorted(made) == ["CLEAR", "DISPUTE"]
        assert len(offline_reviews.listed_disputes(tx)) == 1
        assert envelopes.find(tx, "nothing") is None
    seal_all(engine)
    assert faults(engine) == []


def test_a_shop_is_settled_what_it_is_owed_for_sales_without_signal(
    engine, world, tablet, aside, clock
):
    sales = [tablet.sell(aside.allowance_id) for _ in range(2)]
    tablet.sync(sales[0])
    take_back(engine, world.kpm_id)
    assert tablet.told(sales[1]) == ["PROGRAMME_LOSS"]
    tablet.sell(new_uuid7(NOW))
    tablet.sync()
    assert owed(engine, world) == 2 * PAID
    settled(engine, clock)
    [row] = make_report(engine, "settlement", DAY, DAY, Scope()).rows
    assert row["payable"] == 2 * PAID
