"""What officers decide reaches the tablet that sold; whoever sells to her own family is seen."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from pos_engine.services import sync_outcomes
from pos_engine.services.install import revoke_device
from pos_engine.services.kin import set_staff_nik
from pos_engine.services.sync_dispute import dispute
from pos_engine.services.sync_outcomes import OVERLAP, outcomes_since
from pos_engine.services.sync_review import Decision, ReviewOrder, hold_old_gaps, review
from pos_engine.store import devices, envelopes, offline_reviews
from pos_engine.store.schema_people import aid_case
from tests.returning import owed
from tests.selling_offline import a_tablet, put_aside
from tests.world import NIK

PAID = 13_400


@pytest.fixture
def tablet(engine, world):
    return a_tablet(engine, world.shop_id, world.till_id)


@pytest.fixture
def aside(engine, world, tablet):
    return put_aside(engine, tablet, world.kpm_id)


@pytest.fixture
def decide(engine, world):
    def act(work, subject, decision):
        officers = (world.staff[each]["staff_id"] for each in ("DINSOS", "KEMENSOS"))
        return work(engine, ReviewOrder(subject, decision, "struk diperiksa", *officers))

    return act


@pytest.fixture
def ask(engine, tablet):
    """What the tablet is told: outcome, decision and message by envelope."""

    def question(*names, since=None, device=None):
        with engine.database.read() as tx:
            key = devices.find_key(tx, (device or tablet).device_id)
        return outcomes_since(engine, key, since, names)

    return question


def told(found):
    return {each.envelope: (each.told.outcome, each.decision) for each in found.later}


def a_fork(tablet, aside):
    clone = tablet.clone()
    first = tablet.sell(aside.allowance_id)
    tablet.sync()
    twin = clone.sell(aside.allowance_id)
    clone.sync(twin)
    return first, twin


def test_a_held_sale_and_its_decision_are_told(tablet, aside, ask, decide):
    _, twin = a_fork(tablet, aside)
    assert told(ask(twin.name)) == {twin.name: ("HELD_FORK", None)}
    decide(review, twin.name, Decision.CLEAR)
    found = ask(twin.name)
    assert told(found) == {twin.name: ("ACCEPTED", "CLEAR")}
    [one] = found.later
    assert "Petugas sudah memeriksa" in one.told.message
    assert "diterima" in one.told.message


def test_a_revoked_tablet_hears_what_was_refused(engine, tablet, aside, ask, decide):
    sale = tablet.sell(aside.allowance_id)
    revoke_device(engine, tablet.device_id)
    tablet.sync()
    decide(review, tablet.device_id, Decision.REFUSE)
    assert told(ask()) == {sale.name: ("SHOP_LIABLE", "REFUSE")}


def test_a_gap_that_was_passed_over_is_told_by_name(engine, tablet, aside, ask, decide, clock):
    tablet.sell(aside.allowance_id)
    late = [tablet.sell(aside.allowance_id) for _ in range(2)]
    tablet.sync(*late)
    tablet.sync(*late)  # asked for what is missing once
    clock.advance(hours=80)
    hold_old_gaps(engine)
    decide(review, tablet.device_id, Decision.SKIP_GAP)
    names = [each.name for each in late]
    assert told(ask(*names)) == {
        names[0]: ("ACCEPTED", "SKIP_GAP"),
        names[1]: ("ACCEPTED", None),
    }


@pytest.mark.parametrize("end", [Decision.SHOP_PAYS, Decision.LOSS, Decision.HERS])
def test_a_dispute_and_its_end_are_told_though_the_sale_was_good(
    tablet, aside, ask, decide, end, clock
):
    sale = tablet.sell(aside.allowance_id)
    tablet.sync()
    assert told(ask(sale.name)) == {sale.name: ("ACCEPTED", None)}
    decide(dispute, sale.body["purchase_id"], Decision.DISPUTE)
    assert told(ask()) == {sale.name: ("DISPUTED", "DISPUTE")}
    clock.advance(hours=1)
    decide(dispute, sale.body["purchase_id"], end)
    assert told(ask()) == {sale.name: ("ACCEPTED", end.value)}


def test_nothing_is_told_of_other_devices_and_of_what_is_old(
    engine, world, tablet, aside, ask, decide, clock
):
    _, twin = a_fork(tablet, aside)
    decide(review, twin.name, Decision.CLEAR)
    other = a_tablet(engine, world.shop_id, world.till_id)
    assert told(ask(twin.name, device=other)) == {}
    found = ask()
    assert told(found) == {twin.name: ("ACCEPTED", "CLEAR")}
    assert found.at == clock() - OVERLAP
    clock.advance(minutes=10)
    assert told(ask(since=found.at + timedelta(minutes=6))) == {}
    clock.advance(days=32)
    assert told(ask()) == {}


def test_a_long_list_of_decisions_goes_on_with_the_next_question(
    engine, tablet, aside, ask, decide, clock, monkeypatch
):
    monkeypatch.setattr(sync_outcomes, "REVIEWS_TOLD_MAX", 2)
    monkeypatch.setattr(offline_reviews, "REVIEWS_TOLD_MAX", 2)
    names = [tablet.sell(aside.allowance_id).name for _ in range(3)]
    revoke_device(engine, tablet.device_id)
    tablet.sync()
    for each in names:
        clock.advance(minutes=1)
        decide(review, each, Decision.REFUSE)
    first = ask()
    assert [each.envelope for each in first.later] == names[:2]
    assert [each.envelope for each in ask(since=first.at).later] == names[1:]


# ---- her own family ----------------------------------------------------------------------


def test_a_sale_to_her_own_family_is_paid_and_looked_at(engine, world, tablet, aside):
    cashier = world.staff["KASIR"]["staff_id"]
    set_staff_nik(engine, cashier, NIK)
    sale = tablet.sell(aside.allowance_id, cashier=cashier)
    other = tablet.sell(aside.allowance_id, cashier=world.staff["PEMILIK"]["staff_id"])
    tablet.sync()
    with engine.database.read() as tx:
        rows = envelopes.named(tx, tablet.device_id, [sale.name, other.name])
        cases = tx.execute(select(aid_case.c.reasons)).scalars().all()
    assert [rows[each.name].outcome for each in (sale, other)] == ["ACCEPTED", "ACCEPTED"]
    assert "OWN_FAMILY" in rows[sale.name].flags
    assert "OWN_FAMILY" not in rows[other.name].flags
    assert cases == ["OFFLINE_OWN_FAMILY"]
    assert owed(engine, world) == 2 * PAID
