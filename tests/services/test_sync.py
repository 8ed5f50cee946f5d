"""Sales without signal come in: every case of the table has its outcome, and the books add up."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog.load import shipped_files
from pos_engine.rules.allowances import AllowanceState
from pos_engine.rules.ids import PurchaseId, new_uuid7
from pos_engine.services import notify
from pos_engine.services.allowance_end import Closing, close, end_due
from pos_engine.services.audit import receipt_facts
from pos_engine.services.authorize import authorize
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.day import stored_answer
from pos_engine.services.hold import time_out_due
from pos_engine.services.install import revoke_device
from pos_engine.services.prove import check_ledger
from pos_engine.services.report import Scope, make_report
from pos_engine.services.sync import NoSync, receive_batch
from pos_engine.store import devices, envelopes, ledger, purchases
from pos_engine.store.schema import posting, purchase
from pos_engine.store.schema_people import aid_case
from tests.returning import a_void, left, outcome, owed, texts
from tests.sealing import faults, seal_all
from tests.selling_offline import RICE, a_tablet, put_aside, take_back
from tests.world import BALANCE, NOW, a_purchase, credit, rice

PAID = 13_400  # a kilogram of rice
LITTLE = ("BERAS-MEDIUM", 100, "kg", 13_400)  # Rp1.340


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
    """Rp100.000 of the first family on the tablet."""
    return put_aside(engine, tablet, world.kpm_id)


def held(engine, kpm_id):
    with engine.database.read() as tx:
        return sum(each.held for each in ledger.tranches_of(tx, kpm_id, lock=False))


def spent(engine, kpm_id):
    with engine.database.read() as tx:
        return sum(each.spent for each in ledger.tranches_of(tx, kpm_id, lock=False))


def kept(engine, sale):
    with engine.database.read() as tx:
        return envelopes.find(tx, sale.name)


def rows(engine):
    columns = (purchase.c.purchase_id, purchase.c.status, purchase.c.reason, purchase.c.flags)
    with engine.database.read() as tx:
        return {row.purchase_id: row for row in tx.execute(select(*columns))}


def cases(engine):
    with engine.database.read() as tx:
        return sorted(tx.execute(select(aid_case.c.reasons)).scalars())


def state_of(engine, tablet):
    with engine.database.read() as tx:
        return devices.find_key(tx, tablet.device_id).state


def losses(engine):
    with engine.database.read() as tx:
        query = select(posting.c.account, posting.c.amount)
        found = tx.execute(query.where(posting.c.account.like("programme_loss:%")))
        return [(row.account, row.amount) for row in found]


def untouched(engine, world, tablet, *, aside=100_000):
    """The family's money as it was, and nothing owed to the shop."""
    return (
        spent(engine, world.kpm_id) == 0
        and held(engine, world.kpm_id) == aside
        and owed(engine, world) == 0
    )


# ---- the table ---------------------------------------------------------------------------


def test_valid_and_on_time_is_accepted(engine, world, tablet, aside):
    sale = tablet.sell(aside.allowance_id, RICE, LITTLE)
    told = tablet.tell(sale)
    assert (told.outcome, told.reason) == ("ACCEPTED", None)
    assert told.receipt_number.startswith("3507-261121-")
    total = sale.body["total"]
    assert (spent(engine, world.kpm_id), held(engine, world.kpm_id)) == (total, 100_000 - total)
    assert owed(engine, world) == total


def test_valid_and_late_inside_the_grace_is_accepted_late(engine, world, tablet, aside, clock):
    sale = tablet.sell(aside.allowance_id)
    clock.advance(days=10)
    assert tablet.tell(sale).outcome == "ACCEPTED_LATE"
    assert spent(engine, world.kpm_id) == owed(engine, world) == PAID


@pytest.mark.parametrize("swept", [True, False])
def test_after_the_grace_with_money_there_is_paid_from_the_balance(
    engine, world, tablet, aside, clock, swept
):
    sale = tablet.sell(aside.allowance_id)
    clock.advance(days=20)
    if swept:
        assert end_due(engine) == 1
    assert tablet.tell(sale).outcome == "PAID_FROM_BALANCE"
    assert (spent(engine, world.kpm_id), held(engine, world.kpm_id)) == (PAID, 0)
    assert owed(engine, world) == PAID
    assert "PAID_FROM_BALANCE" in rows(engine)[sale.body["purchase_id"]].flags


def test_after_the_grace_with_the_money_gone_the_shop_is_liable(
    engine, world, tablet, aside, clock
):
    sale = tablet.sell(aside.allowance_id)
    clock.advance(days=20)
    end_due(engine)
    authorize(engine, a_purchase(world, rice(14_000), at=clock()))
    assert left(engine, world) < PAID
    told = tablet.tell(sale)
    assert (told.outcome, told.reason) == ("SHOP_LIABLE", "OFFLINE_STALE")
    assert spent(engine, world.kpm_id) == owed(engine, world) == 14 * PAID


def test_over_the_amount_the_shop_is_liable(engine, world, tablet, aside):
    first = tablet.sell(aside.allowance_id, ("BERAS-MEDIUM", 7000, "kg", 13_400))
    second = tablet.sell(aside.allowance_id, RICE)
    told = tablet.sync(first, second).outcomes
    assert [each.outcome for each in told] == ["ACCEPTED", "SHOP_LIABLE"]
    assert told[1].reason == "OFFLINE_LIMIT"
    assert spent(engine, world.kpm_id) == owed(engine, world) == 7 * PAID
    assert cases(engine) == ["OFFLINE_SHOP_LIABLE"]


def test_on_another_device_the_shop_is_liable(engine, world, tablet, aside):
    other = a_tablet(engine, world.other_shop_id, world.other_till_id)
    told = other.tell(other.sell(aside.allowance_id))
    assert (told.outcome, told.reason) == ("SHOP_LIABLE", "OFFLINE_LIMIT")
    assert untouched(engine, world, tablet)


def test_without_an_allowance_the_shop_is_liable(engine, world, tablet, aside):
    sale = tablet.sell(new_uuid7(NOW))
    told = tablet.tell(sale)
    assert (told.outcome, told.reason) == ("SHOP_LIABLE", "OFFLINE_LIMIT")
    assert untouched(engine, world, tablet)
    assert rows(engine)[sale.body["purchase_id"]].status == "DECLINED"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (("BERAS-MEDIUM", 1000, "kg", 14_000), "PRICE_ABOVE_CEILING"),
        (("ROKOK-KRETEK", 1000, "bungkus", 20_000), "ITEM_BANNED"),
        (("SABUN", 1000, "buah", 5_000), "ITEM_NOT_IN_PROGRAMME"),
        (("UNOBTAINIUM", 1000, "kg", 1_000), "ITEM_UNKNOWN"),
        (("BERAS-MEDIUM", 0, "kg", 13_400), "QUANTITY_INVALID"),
    ],
)
def test_unlawful_goods_are_the_shops_and_a_case_is_opened(
    engine, world, tablet, aside, line, reason
):
    sale = tablet.sell(aside.allowance_id, line)
    told = tablet.tell(sale)
    assert (told.outcome, told.reason, told.receipt_number) == ("SHOP_LIABLE", reason, None)
    assert untouched(engine, world, tablet)
    assert cases(engine) == ["OFFLINE_SHOP_LIABLE"]
    row = rows(engine)[sale.body["purchase_id"]]
    assert (row.status, row.reason) == ("DECLINED", reason)


def test_a_fork_quarantines_the_device_and_waits_for_people(engine, world, tablet, aside):
    clone = tablet.clone()
    first = tablet.sell(aside.allowance_id)
    assert tablet.tell(first).outcome == "ACCEPTED"
    twin = clone.sell(aside.allowance_id, ("BERAS-MEDIUM", 2000, "kg", 13_400))
    assert clone.tell(twin).outcome == "HELD_FORK"
    assert state_of(engine, tablet) == "QUARANTINED"
    assert spent(engine, world.kpm_id) == owed(engine, world) == PAID
    after = tablet.sell(aside.allowance_id)
    assert tablet.tell(after).outcome == "HELD_REVIEW"
    assert tablet.tell(first).outcome == "ACCEPTED"
    assert owed(engine, world) == PAID
    assert cases(engine) == ["OFFLINE_HELD_FORK", "OFFLINE_HELD_REVIEW"]


def test_a_tablet_that_was_rolled_back_is_a_fork(engine, world, tablet, aside):
    before = tablet.clone()
    tablet.sell(aside.allowance_id)
    tablet.sell(aside.allowance_id)
    assert tablet.told() == ["ACCEPTED", "ACCEPTED"]
    old = before.sell(aside.allowance_id)
    assert before.tell(old).outcome == "HELD_FORK"
    assert spent(engine, world.kpm_id) == 2 * PAID


def test_a_clone_that_went_on_alone_is_a_fork_by_what_it_follows(engine, world, tablet, aside):
    clone = tablet.clone()
    tablet.sell(aside.allowance_id)
    tablet.sync()
    clone.sell(aside.allowance_id)
    later = clone.sell(aside.allowance_id)
    assert clone.tell(later).outcome == "HELD_FORK"


def test_successors_of_a_gap_wait_and_are_judged_when_it_closes(engine, world, tablet, aside):
    first, second, third = (tablet.sell(aside.allowance_id) for _ in range(3))
    assert tablet.told(first, third) == ["ACCEPTED", "PENDING_GAP"]
    assert tablet.sync(third).checkpoint["seq"] == 1
    assert owed(engine, world) == PAID
    assert tablet.told(second) == ["ACCEPTED"]
    synced = tablet.sync(third)
    assert synced.outcomes[0].outcome == "ACCEPTED"
    assert synced.checkpoint["seq"] == 3
    assert synced.checkpoint["head"] == third.name
    assert owed(engine, world) == 3 * PAID


def test_a_recalled_allowance_is_a_programme_loss_and_the_family_keeps_her_money(
    engine, world, tablet, aside, clock
):
    sale = tablet.sell(aside.allowance_id)
    take_back(engine, world.kpm_id)
    assert left(engine, world) == BALANCE
    clock.advance(days=30)
    told = tablet.tell(sale)
    assert (told.outcome, told.reason) == ("PROGRAMME_LOSS", None)
    assert told.receipt_number
    assert left(engine, world) == BALANCE
    assert spent(engine, world.kpm_id) == 0
    assert owed(engine, world) == PAID
    assert losses(engine) == [("programme_loss:BPNT", -PAID)]
    assert cases(engine) == []


def test_a_bad_signature_is_kept_aside_with_a_case(engine, world, tablet, aside):
    sale = tablet.sell(aside.allowance_id)
    forged = replace(sale, body=sale.body | {"total": 1})
    assert tablet.told(forged) == ["BAD_SIGNATURE"]
    assert kept(engine, forged).place == "ASIDE"
    assert untouched(engine, world, tablet)
    assert cases(engine) == ["OFFLINE_BAD_SIGNATURE"]
    assert tablet.told(sale) == ["ACCEPTED"]  # its place was not taken


def test_an_engine_restored_from_an_older_copy_asks_for_what_it_lost(engine, world, tablet, aside):
    sales = [tablet.sell(aside.allowance_id) for _ in range(3)]
    behind = tablet.sync(sales[2])
    assert behind.behind
    assert (behind.checkpoint["seq"], behind.outcomes) == (0, [])
    assert tablet.told(*sales) == ["ACCEPTED"] * 3
    assert owed(engine, world) == 3 * PAID


def test_a_tablet_that_has_it_no_more_says_the_same_again_and_it_is_a_gap(
    engine, world, tablet, aside
):
    sales = [tablet.sell(aside.allowance_id) for _ in range(3)]
    assert tablet.sync(sales[2]).behind
    assert tablet.told(sales[2]) == ["PENDING_GAP"]


# ---- once --------------------------------------------------------------------------------


def test_the_same_batch_again_is_told_the_same_and_moves_nothing(engine, world, tablet, aside):
    tablet.sell(aside.allowance_id)
    tablet.sell(new_uuid7(NOW))
    first = tablet.sync()
    again = tablet.sync()
    assert again.outcomes == first.outcomes
    assert again.checkpoint == first.checkpoint
    assert owed(engine, world) == PAID
    assert len(rows(engine)) == 2


def test_a_checkpoint_is_under_our_signature(engine, tablet, aside):
    tablet.sell(aside.allowance_id)
    synced = tablet.sync()
    assert engine.keys.offline.signed(synced.checkpoint, synced.signature)
    assert synced.checkpoint["kid"] == engine.keys.offline.kid
    assert synced.checkpoint["device"] == tablet.device_id
    assert synced.checkpoint["at_ms"] == int(NOW.timestamp() * 1000)


def test_a_sale_that_also_went_online_is_paid_once(engine, world, tablet, aside):
    request = a_purchase(world, rice(1000))
    answer = json.loads(authorize(engine, request).body)
    sale = tablet.sell(aside.allowance_id, purchase_id=request.purchase_id)
    told = tablet.tell(sale)
    assert told.outcome == "ACCEPTED"
    assert told.receipt_number == answer["receipt"]["number"]
    assert owed(engine, world) == spent(engine, world.kpm_id) == PAID


def test_an_id_that_stands_for_another_sale_is_the_shops(engine, world, tablet, aside):
    request = a_purchase(world, rice(2000))
    authorize(engine, request)
    sale = tablet.sell(aside.allowance_id, purchase_id=request.purchase_id)
    told = tablet.tell(sale)
    assert (told.outcome, told.reason) == ("SHOP_LIABLE", "OFFLINE_LIMIT")
    assert owed(engine, world) == 2 * PAID


def test_one_sale_in_two_envelopes_is_paid_once(engine, world, tablet, aside):
    first = tablet.sell(aside.allowance_id)
    tablet.sell(aside.allowance_id, purchase_id=first.body["purchase_id"])
    other = tablet.sell(
        aside.allowance_id,
        ("BERAS-MEDIUM", 2000, "kg", 13_400),
        purchase_id=first.body["purchase_id"],
    )
    assert tablet.told() == ["ACCEPTED", "ACCEPTED", "SHOP_LIABLE"]
    assert owed(engine, world) == PAID
    assert tablet.told(other) == ["SHOP_LIABLE"]
    third = tablet.sell(aside.allowance_id, purchase_id=first.body["purchase_id"])
    assert tablet.told(third) == ["ACCEPTED"]
    assert owed(engine, world) == PAID


def test_the_same_purchase_sent_online_after_it_came_in_is_the_same_answer(
    engine, world, tablet, aside
):
    sale = tablet.sell(aside.allowance_id, cashier="staff-1")
    tablet.sync()
    request = a_purchase(world, rice(1000), purchase_id=sale.body["purchase_id"])
    request = replace(
        request, lines=(replace(request.lines[0], unit="kg"),), till_id=tablet.till_id
    )
    body = authorize(engine, request).body
    stored = stored_answer(engine, world.shop_id, PurchaseId(sale.body["purchase_id"]))
    assert body == stored
    assert owed(engine, world) == PAID


# ---- money -------------------------------------------------------------------------------


def test_a_purchase_without_signal_is_a_purchase_like_any_other(engine, world, tablet, aside):
    sale = tablet.sell(aside.allowance_id)
    tablet.sync()
    purchase_id = PurchaseId(sale.body["purchase_id"])
    body = json.loads(stored_answer(engine, world.shop_id, purchase_id))
    assert (body["status"], body["amount"]) == ("APPROVED", PAID)
    assert (body["balance_before"], body["balance_after"]) == (BALANCE, BALANCE - PAID)
    assert receipt_facts(json.dumps(body), purchase_id)
    assert rows(engine)[purchase_id].flags == ["OFFLINE"]
    notify.drain(engine)
    assert "belanja Rp13.400" in texts(engine)
    [row] = make_report(engine, "purchases", NOW.date(), NOW.date(), Scope()).rows
    assert (row["commodity"], row["offline"]) == ("BERAS-MEDIUM", True)
    assert outcome(engine, a_void(world, purchase_id)) == "VOIDED"
    assert spent(engine, world.kpm_id) == 0


def test_an_allowance_that_is_used_up_is_spent(engine, world, tablet, clock):
    aside = put_aside(engine, tablet, world.kpm_id, 2 * PAID)
    tablet.sell(aside.allowance_id)
    tablet.sell(aside.allowance_id)
    tablet.sell(aside.allowance_id)
    assert tablet.told() == ["ACCEPTED", "ACCEPTED", "SHOP_LIABLE"]
    assert held(engine, world.kpm_id) == 0
    with engine.database.read() as tx:
        found = envelopes.allowances_on(tx, tablet.device_id, [aside.allowance_id])
    assert found[aside.allowance_id].state == AllowanceState.SPENT
    assert put_aside(engine, tablet, world.kpm_id, 10_000) is not None


def test_what_is_left_goes_back_after_the_grace(engine, world, tablet, aside, clock):
    tablet.sell(aside.allowance_id)
    tablet.sync()
    clock.advance(days=15)
    time_out_due(engine)
    assert end_due(engine) == 1
    assert held(engine, world.kpm_id) == 0
    assert left(engine, world) == BALANCE - PAID


def test_a_closed_allowance_pays_nothing_more(engine, world, tablet, aside):
    tablet.sell(aside.allowance_id)
    tablet.sync()
    with engine.database.read() as tx:
        key = devices.find_key(tx, tablet.device_id)
    close(engine, key, Closing(aside.allowance_id, PAID, 1))
    assert held(engine, world.kpm_id) == 0
    told = tablet.tell(tablet.sell(aside.allowance_id))
    assert (told.outcome, told.reason) == ("SHOP_LIABLE", "OFFLINE_LIMIT")


def test_money_of_several_months_is_drawn_the_oldest_first(engine, world, tablet):
    credit(engine, {world.kpm_id: 50_000}, period="2026-10", days=20)
    aside = put_aside(engine, tablet, world.kpm_id)
    tablet.sell(aside.allowance_id, ("BERAS-MEDIUM", 5000, "kg", 13_400))
    assert tablet.told() == ["ACCEPTED"]
    with engine.database.read() as tx:
        tranches = {t.period: t for t in ledger.tranches_of(tx, world.kpm_id, lock=False)}
    assert (tranches["2026-10"].spent, tranches["2026-11"].spent) == (50_000, 17_000)


def test_a_promise_outlives_the_last_day_of_its_money(engine, world, tablet, clock):
    credit(engine, {world.other_kpm_id: 50_000}, period="2026-10", days=5)
    aside = put_aside(engine, tablet, world.other_kpm_id, 50_000)
    sale = tablet.sell(aside.allowance_id)
    clock.advance(days=9)
    assert tablet.tell(sale).outcome in ("ACCEPTED", "ACCEPTED_LATE")
    assert spent(engine, world.other_kpm_id) == PAID


def test_losses_are_named_by_the_programme_whose_money_was_recalled(engine, world, tablet, clock):
    aside = put_aside(engine, tablet, world.kpm_id)
    sales = [tablet.sell(aside.allowance_id) for _ in range(2)]
    take_back(engine, world.kpm_id)
    assert tablet.told(*sales) == ["PROGRAMME_LOSS"] * 2
    third = tablet.sell(aside.allowance_id, ("BERAS-MEDIUM", 7000, "kg", 13_400))
    assert tablet.tell(third).reason == "OFFLINE_LIMIT"  # more than was promised
    assert losses(engine) == [("programme_loss:BPNT", -PAID)] * 2


# ---- rules of the day --------------------------------------------------------------------


def cheaper(files):
    """The shipped catalogue with every ceiling of rice at half."""
    table = list(csv.DictReader(io.StringIO(files["ceilings.csv"].decode())))
    for row in table:
        if row["item_code"] == "BERAS-MEDIUM":
            row["rp_high"] = str(int(row["rp_high"]) // 2)
    written = io.StringIO()
    writer = csv.DictWriter(written, table[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return files | {"ceilings.csv": written.getvalue().encode()}


def test_the_price_book_that_the_tablet_had_decides(engine, world, tablet, aside, clock):
    sale = tablet.sell(aside.allowance_id)
    clock.advance(hours=1)
    load_catalogue(engine, cheaper(shipped_files()), "test")
    after = tablet.sell(aside.allowance_id)
    told = tablet.sync(sale, after).outcomes
    assert [each.outcome for each in told] == ["ACCEPTED", "SHOP_LIABLE"]
    assert told[1].reason == "PRICE_ABOVE_CEILING"


@pytest.mark.parametrize("remote", [False, True])
def test_an_old_price_book_is_no_way_around_a_newer_ceiling_but_beyond_the_signal(
    engine, world, tablet, clock, remote
):
    aside = put_aside(engine, tablet, world.kpm_id, remote=remote)
    old = tablet.sell(aside.allowance_id).body["catalog"]
    tablet.sync()
    clock.advance(minutes=1)
    load_catalogue(engine, cheaper(shipped_files()), "test")
    clock.advance(days=6, hours=23)
    sale = tablet.sell(aside.allowance_id, catalog=old)
    assert tablet.tell(sale).outcome == "ACCEPTED"
    clock.advance(hours=2)
    sale = tablet.sell(aside.allowance_id, catalog=old)
    told = tablet.tell(sale)
    if remote:
        assert (told.outcome, kept(engine, sale).flags) == ("ACCEPTED", ("OFFLINE",))
    else:
        assert (told.outcome, told.reason) == ("SHOP_LIABLE", "PRICE_ABOVE_CEILING")
        assert "PAST_LIMIT" in kept(engine, sale).flags
        assert cases(engine) == ["OFFLINE_PAST_LIMIT OFFLINE_SHOP_LIABLE"]


def test_a_price_book_that_nobody_loaded_is_replaced_by_that_of_the_day(
    engine, world, tablet, aside
):
    sale = tablet.sell(aside.allowance_id, catalog="never-loaded")
    assert tablet.tell(sale).outcome == "ACCEPTED"
    assert "CATALOGUE_UNKNOWN" in kept(engine, sale).flags


def test_the_day_of_the_sale_is_the_anchored_one_whatever_the_tablets_clock_says(
    engine, world, tablet, aside, clock
):
    wrong = int((NOW + timedelta(days=400)).timestamp() * 1000)
    sale = tablet.sell(aside.allowance_id, wall_ms=wrong, mono_ms=3_600_000)
    clock.advance(days=2)
    tablet.sync()
    found = kept(engine, sale)
    assert found.sold_at == NOW + timedelta(hours=1)
    assert "CLOCK_UNSURE" not in found.flags
    unsure = tablet.sell(aside.allowance_id, mono_ms=None)
    tablet.sync()
    assert "CLOCK_UNSURE" in kept(engine, unsure).flags


def test_a_till_that_sold_past_its_limits_is_told_to_people(engine, world, tablet, aside, clock):
    tablet.sell(aside.allowance_id)
    clock.advance(days=8)
    last = tablet.sell(aside.allowance_id)
    assert tablet.told() == ["ACCEPTED_LATE", "ACCEPTED_LATE"]
    assert "PAST_LIMIT" in kept(engine, last).flags


def test_no_factor_at_all_is_the_shops_and_one_is_remembered(engine, world, tablet, aside):
    one = tablet.sell(aside.allowance_id, auth=["PIN"])
    none = tablet.sell(aside.allowance_id, auth=[])
    told = tablet.sync(one, none).outcomes
    assert [each.outcome for each in told] == ["ACCEPTED", "SHOP_LIABLE"]
    assert told[1].reason == "STEP_UP_REQUIRED"
    assert "ONE_FACTOR" in kept(engine, one).flags


def test_a_sum_that_its_lines_do_not_give_is_the_shops(engine, world, tablet, aside):
    told = tablet.tell(tablet.sell(aside.allowance_id, total=13_000))
    assert (told.outcome, told.reason) == ("SHOP_LIABLE", "QUANTITY_INVALID")


# ---- devices and requests ----------------------------------------------------------------


def test_a_revoked_tablet_is_heard_and_its_sales_wait_for_people(engine, world, tablet, aside):
    before = tablet.sell(aside.allowance_id)
    tablet.sync()
    assert revoke_device(engine, tablet.device_id) is None
    sale = tablet.sell(aside.allowance_id)
    synced = tablet.sync(before, sale)
    assert synced.revoked
    assert [each.outcome for each in synced.outcomes] == ["ACCEPTED", "HELD_REVIEW"]
    assert synced.checkpoint["seq"] == 2
    assert owed(engine, world) == PAID


def test_a_request_that_no_device_signed_is_refused(engine, tablet, aside):
    tablet.sell(aside.allowance_id)
    raw = tablet.raw()
    good = tablet.header(raw)
    start = good.rindex(".") + 1
    altered = good[:start] + ("B" if good[start] == "A" else "A") + good[start + 1 :]
    for header in ("", "Bearer x", tablet.header(raw + b" "), altered):
        assert receive_batch(engine, header, raw) is NoSync.NOT_SIGNED
    assert len(rows(engine)) == 0


def test_a_batch_of_another_device_is_malformed(engine, world, tablet):
    other = a_tablet(engine, world.shop_id, world.till_id)
    raw = other.raw()
    assert receive_batch(engine, tablet.header(raw), raw) is NoSync.MALFORMED
    assert receive_batch(engine, tablet.header(b"[]"), b"[]") is NoSync.MALFORMED


def test_an_envelope_of_another_device_in_the_batch_is_kept_aside(engine, world, tablet, aside):
    other = a_tablet(engine, world.shop_id, world.till_id)
    assert tablet.told(other.sell(aside.allowance_id)) == ["BAD_SIGNATURE"]


def test_something_else_than_an_envelope_blocks_nobody(engine, world, tablet, aside):
    sale = tablet.sell(aside.allowance_id)
    raw = json.dumps(
        {"device": tablet.device_id, "envelopes": [{"body": {"seq": 9}}, sale.wire]}
    ).encode()
    found = receive_batch(engine, tablet.header(raw), raw)
    assert [each.outcome for each in found.outcomes] == ["BAD_SIGNATURE", "ACCEPTED"]


def test_what_lies_aside_is_bounded(engine, world, tablet, aside, monkeypatch):
    monkeypatch.setattr(envelopes, "ASIDE_MAX", 2)
    sale = tablet.sell(aside.allowance_id)
    forged = [replace(sale, body=sale.body | {"total": n}) for n in range(1, 5)]
    assert tablet.told(*forged) == ["BAD_SIGNATURE"] * 4
    with engine.database.read() as tx:
        assert envelopes.count_aside(tx, tablet.device_id) == 2


def test_a_long_queue_comes_in_whole(engine, world, tablet, aside):
    sales = [tablet.sell(aside.allowance_id, LITTLE) for _ in range(120)]
    missing, rest = sales[0], sales[1:]
    assert tablet.sync(*rest).behind
    tablet.sync(*rest)
    assert tablet.told(*rest[:2]) == ["PENDING_GAP"] * 2
    synced = tablet.sync(missing)
    assert synced.checkpoint["seq"] == 120
    found = tablet.told(*sales)
    assert found[:20] == ["ACCEPTED"] * 20
    assert set(found[20:]) == {"SHOP_LIABLE"}  # twenty sales were promised
    assert owed(engine, world) == 20 * 1_340


def test_the_chain_of_seals_holds_over_sales_without_signal(engine, world, tablet, aside):
    tablet.sell(aside.allowance_id)
    tablet.sell(new_uuid7(NOW))
    tablet.sync()
    seal_all(engine)
    assert faults(engine) == []


def test_two_that_bring_the_same_queue_at_once_pay_it_once(engine, world, tablet, aside):
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - of this test alone

    for _ in range(6):
        tablet.sell(aside.allowance_id)
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: tablet.told(), range(3)))
    assert found == [["ACCEPTED"] * 6] * 3
    assert owed(engine, world) == 6 * PAID


def test_purchases_of_envelopes_carry_the_till_and_cashier(engine, world, tablet, aside):
    sale = tablet.sell(aside.allowance_id, cashier="staff-9")
    tablet.sync()
    with engine.database.read() as tx:
        claim = purchases.find_claim(tx, sale.body["purchase_id"])
        row = tx.execute(select(purchase.c.till_id, purchase.c.staff_id)).one()
    assert claim.kpm_id == world.kpm_id
    assert tuple(row) == (world.till_id, "staff-9")
