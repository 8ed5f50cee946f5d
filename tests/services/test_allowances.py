"""Money put aside for one device: issued, drawn by it, taken back, over. It always adds up."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import update

from pos_engine.rules.allowances import (
    ALLOWANCE_GRACE,
    ALLOWANCE_LIFE,
    REMOTE_LIFE,
    SALES_MAX,
    AllowanceState,
    left_after_draw,
)
from pos_engine.rules.card import CardState
from pos_engine.rules.entitlement import Draw, spendable
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import ShopId, new_uuid7, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import purchase_postings
from pos_engine.rules.reasons import Reason
from pos_engine.services import allowance_end, devices
from pos_engine.services.allowance_end import Answered, Closing, EndProblem, Recall
from pos_engine.services.allowance_paper import paper_of
from pos_engine.services.allowances import AllowanceProblem, living_on_device
from pos_engine.services.authorize import authorize
from pos_engine.services.card_secrets import make_sticker
from pos_engine.services.cards import block, list_cards
from pos_engine.services.hold import time_out_due
from pos_engine.services.install import Refused
from pos_engine.services.kin import set_staff_nik
from pos_engine.services.kpm_view import balance_of
from pos_engine.services.offline_unserved import offline_unserved
from pos_engine.services.payer import CardProof, TokenProof
from pos_engine.services.prove import check_ledger
from pos_engine.services.quote import quote
from pos_engine.services.remote_shops import mark_remote
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.store import allowances, ledger, shops
from pos_engine.store import devices as device_store
from pos_engine.store.allowances import Allowance, Change
from pos_engine.store.schema import family
from pos_engine.wire.canonical import canonical, from_base64url
from pos_engine.wire.card_qr import CardQr, card_ref
from tests.reserving import (
    ask,
    asked,
    issued,
    living,
    session_of,
    sticker,
    with_key,
)
from tests.services.test_batches import said, together
from tests.world import BALANCE, NIK, NOW, PIN, a_purchase, credit, rice

SUM = 100_000


@pytest.fixture(autouse=True)
def books_add_up(engine):
    """After every test of this file the books add up, and holds are what allowances say."""
    yield
    assert check_ledger(engine).good


@pytest.fixture
def till(engine, world):
    """The cashier's session on an approved tablet."""
    return with_key(engine, world)


@pytest.fixture
def card(engine, world):
    return sticker(engine, world.kpm_id)


def money(engine, world):
    """What is left, held and spent of her tranches."""
    with engine.database.read() as tx:
        tranches = ledger.tranches_of(tx, world.kpm_id, lock=False)
    return tuple(
        sum(getattr(each, name) for each in tranches) for name in ("left", "held", "spent")
    )


def bought(engine, world, *lines, session=None, **changes):
    """The answer of a purchase, as JSON."""
    request = replace(a_purchase(world, *lines, **changes), session=session)
    return json.loads(authorize(engine, request).body)


def take_back(engine, session, card, *, pin=PIN, recall_id=None):
    wanted = Recall(recall_id or new_uuid7(engine.now()), CardProof(card.text, pin))
    return allowance_end.recall(engine, asked(engine, session), wanted)


def envelope(engine, found, amount):
    """What an envelope does to an allowance: the money of the hold goes to the shop."""
    purchase_id = new_uuid7(engine.now())
    with engine.database.begin() as tx:
        ledger.tranches_of(tx, found.kpm_id, lock=True)
        alive = allowances.living_of_families(tx, {found.kpm_id})()[found.kpm_id]
        missing, taken = amount, []
        for each in alive.draws:
            part = min(missing, each.amount)
            missing -= part
            taken += [Draw(each.wallet_id, Rupiah(part))] if part else []
        kept = left_after_draw(alive.draws, taken)
        state = AllowanceState.LIVE if kept else AllowanceState.SPENT
        hold_id = new_uuid7(engine.now()) if kept else ""
        change = Change(state, engine.now(), kept, hold_id, tuple(taken), purchase_id)
        allowances.change(tx, alive, change)
        legs = purchase_postings(ShopId(found.shop_id), tuple(taken))
        shard = shard_of(found.kpm_id)
        ledger.post(tx, [ledger.Movement(shard, purchase_id, legs, engine.now())])


class TestSticker:
    def test_the_sticker_buys_with_the_pin_like_the_number(self, engine, world, card):
        proof = CardProof(card.text, PIN)
        assert bought(engine, world, proof=proof)["status"] == "APPROVED"
        wrong = a_purchase(world, proof=CardProof(card.text, "000001"))
        for _ in range(3):
            assert said(authorize(engine, replace(wrong, purchase_id=new_uuid7(NOW)))) in (
                "PIN_WRONG",
                "PIN_BLOCKED",
            )
        assert said(authorize(engine, a_purchase(world, proof=proof))) == "PIN_BLOCKED"

    def test_the_same_purchase_by_number_and_by_sticker_is_one(self, engine, world, card):
        first = a_purchase(world)
        answer = authorize(engine, first)
        assert authorize(engine, replace(first, proof=CardProof(card.text, PIN))) == answer

    def test_a_new_sticker_ends_the_old_one_and_another_secret_is_unknown(
        self, engine, world, card
    ):
        fresh = sticker(engine, world.kpm_id)
        forged = CardQr(fresh.token, bytes(16))
        for gone in (card, forged):
            proof = CardProof(gone.text, PIN)
            assert bought(engine, world, proof=proof)["reason"] == "CARD_UNKNOWN"
        assert bought(engine, world, proof=CardProof(fresh.text, PIN))["status"] == "APPROVED"
        assert bought(engine, world)["status"] == "APPROVED"  # the number works on

    def test_a_stopped_card_stops_its_sticker_and_gets_no_other(self, engine, world, card):
        (own,) = list_cards(engine, kpm_id=world.kpm_id)
        block(engine, own.card_id, CardState.LOST, "officer")
        assert bought(engine, world, proof=CardProof(card.text, PIN))["reason"] == "CARD_LOST"
        assert isinstance(make_sticker(engine, own.card_id, "officer"), Refused)
        assert isinstance(make_sticker(engine, "no card", "officer"), Refused)


class TestIssue:
    def test_money_is_held_and_the_paper_is_signed(self, engine, world, till, card):
        made = issued(engine, till, card)
        assert money(engine, world) == (BALANCE - SUM, SUM, 0)
        paper = paper_of(made)
        document = paper["allowance"]
        assert canonical(document).decode() == made.document
        assert engine.keys.offline.signed(document, paper["sig"])
        assert not engine.keys.offline.signed(document | {"amount_max": SUM + 1}, paper["sig"])
        assert (document["alw"], document["amount_max"]) == (made.allowance_id, SUM)
        assert (document["device"], document["shop"]) == (till.device_id, world.shop_id)
        assert document["card_ref"] == card_ref(card.token)
        assert document["kid"] == engine.keys.offline.kid
        assert document["name"] == "S*** W******"
        assert made.not_after == NOW + ALLOWANCE_LIFE
        assert world.kpm_id not in made.document
        assert world.card not in made.document

    def test_staff_of_her_family_stand_on_the_paper(self, engine, world, till, card):
        owner = world.staff["PEMILIK"]["staff_id"]
        set_staff_nik(engine, owner, NIK)
        assert paper_of(issued(engine, till, card))["allowance"]["not_by"] == [owner]

    def test_the_tablet_checks_the_pin_with_the_card_and_not_without(
        self, engine, world, till, card
    ):
        verifier = paper_of(issued(engine, till, card))["allowance"]["verifier"]

        def digest(pin, secret):
            cost = (verifier["t"], verifier["m_kib"], verifier["p"], 32)
            return hash_secret_raw(pin.encode(), secret, *cost, Type.ID)

        assert digest(PIN, card.secret) == from_base64url(verifier["hash"])
        assert digest("000001", card.secret) != from_base64url(verifier["hash"])
        assert card.text.rpartition(":")[2] not in json.dumps(verifier)

    def test_twice_is_once_and_spends_no_try(self, engine, world, till, card):
        name = new_uuid7(NOW)
        first = ask(engine, till, card, allowance_id=name)
        assert ask(engine, till, card, allowance_id=name, pin="000001") == first
        other = ask(engine, till, card, 5_000, allowance_id=name)
        assert other is AllowanceProblem.DUPLICATE_DIFFERENT
        taken = a_purchase(world, rice(100))
        authorize(engine, taken)
        used = ask(engine, till, card, allowance_id=taken.purchase_id)
        assert used is AllowanceProblem.DUPLICATE_DIFFERENT
        assert money(engine, world)[1] == SUM

    def test_a_family_has_one_and_is_told_where(self, engine, world, till, card):
        issued(engine, till, card)
        again = ask(engine, till, card)
        assert again.reason is Reason.RESERVED_OFFLINE
        assert "Warung Bu Sri" in again.message

    def test_many_at_once_make_one(self, engine, world, till, card):
        made = []
        threads = [
            threading.Thread(target=lambda: made.append(ask(engine, till, card))) for _ in range(4)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert sum(isinstance(each, Allowance) for each in made) == 1
        assert money(engine, world)[1] == SUM

    def test_a_wrong_pin_spends_a_try_and_three_block_the_card_only(
        self, engine, world, till, card
    ):
        reasons = [ask(engine, till, card, pin="000001").reason for _ in range(3)]
        assert reasons == [Reason.PIN_WRONG] * 3
        assert ask(engine, till, card).reason in (Reason.PIN_BLOCKED, Reason.LIMIT_REACHED)
        assert money(engine, world) == (BALANCE, 0, 0)

    def test_only_an_approved_device_holds_any(self, engine, world, card):
        session = session_of(engine, world)
        assert ask(engine, session, card) is AllowanceProblem.DEVICE_NOT_APPROVED
        with_key(engine, world, approved=False)
        assert ask(engine, session, card) is AllowanceProblem.DEVICE_NOT_APPROVED
        devices.approve(engine, session.device_id, "officer", None)
        assert isinstance(ask(engine, session, card), Allowance)
        with engine.database.begin() as tx:
            key = device_store.find_key(tx, session.device_id, lock=True)
            devices.quarantine_in(tx, engine, key, "sync")
        other = sticker(engine, world.other_kpm_id)
        assert ask(engine, session, other) is AllowanceProblem.DEVICE_NOT_APPROVED

    def test_a_stopped_shop_and_a_suspended_family_are_named(self, engine, world, till, card):
        with engine.database.begin() as tx:
            shops.set_shop_status(tx, world.shop_id, "SUSPENDED")
        assert ask(engine, till, card).reason is Reason.SHOP_SUSPENDED
        with engine.database.begin() as tx:
            shops.set_shop_status(tx, world.shop_id, shops.ACTIVE)
            tx.execute(update(family).values(status="SUSPENDED"))
        assert ask(engine, till, card).reason is Reason.KPM_SUSPENDED

    def test_money_at_a_bank_is_not_reserved(self, engine, world, till, card):
        """Its bank knows of no reserve: she is told so, and her money is as free as before."""
        with engine.database.begin() as tx:
            tx.exec_driver_sql("UPDATE wallet SET custodian = 'BRI'")
        found = ask(engine, till, card)
        assert found.reason is Reason.OFFLINE_LIMIT
        assert "bank" in found.message

    def test_cash_that_may_buy_anything_is_not_reserved(self, engine, world, till, card):
        credit(engine, {"KPM-1": 300_000}, programme="PKH")
        assert issued(engine, till, card, 200_000).amount == BALANCE
        assert money(engine, world)[:2] == (300_000, BALANCE)

    def test_an_empty_purse_is_told_why(self, engine, world, till, card):
        with engine.database.begin() as tx:
            tx.exec_driver_sql("UPDATE wallet SET expires_on = '2026-11-20'")
        found = ask(engine, till, card)
        assert (found.reason, money(engine, world)[1]) == (Reason.TRANCHE_EXPIRED, 0)

    def test_a_remote_shop_holds_all_of_its_own_family_for_a_month(self, engine, world, till, card):
        credit(engine, {"KPM-1": 400_000}, period="2026-12")
        mark_remote(engine, world.shop_id, "officer", None, remote=True)
        made = issued(engine, till, card, 600_000)
        assert (made.amount, made.remote) == (600_000, True)
        assert made.not_after == NOW + REMOTE_LIFE
        assert paper_of(made)["allowance"]["limits"]["remote"] is True
        with engine.database.begin() as tx:
            tx.execute(update(family).values(home_shop_id=world.other_shop_id))
        credit(engine, {"KPM-2": 400_000}, period="2026-12")
        stranger = issued(engine, till, sticker(engine, world.other_kpm_id), 600_000)
        assert stranger.amount == 200_000

    def test_a_tablet_that_was_installed_anew_asks_for_its_own(self, engine, world, till, card):
        made = issued(engine, till, card)
        assert living_on_device(engine, till.device_id) == [made]
        assert living_on_device(engine, world.staff["KASIR-2"]["device_id"]) == []


class TestSameDevice:
    def test_a_purchase_draws_it_first(self, engine, world, till, card):
        made = issued(engine, till, card)
        answer = bought(engine, world, session=till)
        assert answer["status"] == "APPROVED"
        assert answer["set_aside"] == {"allowance_id": made.allowance_id, "amount": 67_000}
        assert (answer["balance_before"], answer["balance_after"]) == (BALANCE, BALANCE - 67_000)
        assert money(engine, world) == (BALANCE - SUM, SUM - 67_000, 67_000)
        found = living(engine, world.kpm_id)
        assert (found.remaining, found.drawn_online, found.state) == (33_000, 67_000, "LIVE")

    def test_what_is_more_comes_from_the_rest_and_then_it_is_spent(self, engine, world, till, card):
        made = issued(engine, till, card)
        assert bought(engine, world, rice(10_000), session=till)["status"] == "APPROVED"
        assert money(engine, world) == (BALANCE - 134_000, 0, 134_000)
        with engine.database.read() as tx:
            found = allowances.find_allowance(tx, world.kpm_id, made.allowance_id)
        assert (found.state, found.remaining, found.drawn_online) == ("SPENT", 0, SUM)
        assert living(engine, world.kpm_id) is None
        assert isinstance(ask(engine, till, card, 5_000), Allowance)

    def test_several_of_one_batch_draw_it_in_turn(self, engine, world, till, card):
        issued(engine, till, card)
        requests = [replace(a_purchase(world, rice(2000)), session=till) for _ in range(5)]
        outcomes = together(engine, *requests)
        assert [said(each) for each in outcomes] == ["APPROVED"] * 5
        assert money(engine, world) == (BALANCE - 134_000, 0, 134_000)

    def test_a_refused_purchase_draws_nothing(self, engine, world, till, card):
        issued(engine, till, card)
        assert bought(engine, world, rice(20_000), session=till)["reason"] == (
            "INSUFFICIENT_BALANCE"
        )
        wrong = CardProof(world.card, "000001")
        assert bought(engine, world, session=till, proof=wrong)["reason"] == "PIN_WRONG"
        assert living(engine, world.kpm_id).remaining == SUM

    def test_a_quote_counts_it_on_its_own_device(self, engine, world, till, card):
        issued(engine, till, card)
        where = (world.shop_id, world.till_id)
        token = new_payer_token(world.kpm_id, "P", where, Method.KKS, NOW, proven=True)
        here = quote(engine, till.shop, till.till_id, (rice(),), token, till.device_id)
        elsewhere = quote(engine, till.shop, till.till_id, (rice(),), token, "another")
        assert (here.balance_before, elsewhere.balance_before) == (BALANCE, BALANCE - SUM)


class TestElsewhere:
    def test_too_little_names_shop_and_last_day(self, engine, world, till, card):
        issued(engine, till, card)
        other = session_of(engine, world, "PEMILIK")
        answer = bought(engine, world, rice(8_000), session=other)
        assert answer["reason"] == "RESERVED_OFFLINE"
        assert "Warung Bu Sri" in answer["message"]
        assert "28 Nov 2026" in answer["message"]
        assert "Rp100.000" in answer["message"]
        assert answer["approvable_amount"] == BALANCE - SUM
        assert bought(engine, world, rice(7_000), session=other)["status"] == "APPROVED"
        assert living(engine, world.kpm_id).remaining == SUM

    def test_her_own_page_says_where_it_waits(self, engine, world, till, card):
        assert balance_of(engine, world.kpm_id).aside == ""
        issued(engine, till, card)
        found = balance_of(engine, world.kpm_id)
        assert found.spendable == BALANCE - SUM
        assert "Rp100.000 disisihkan" in found.aside
        assert "Warung Bu Sri" in found.aside

    def test_without_a_device_it_is_elsewhere_too(self, engine, world, till, card):
        issued(engine, till, card)
        assert bought(engine, world, rice(8_000))["reason"] == "RESERVED_OFFLINE"
        assert bought(engine, world, rice(16_000))["reason"] == "INSUFFICIENT_BALANCE"

    def test_nobody_unproven_hears_of_it(self, engine, world, till, card):
        issued(engine, till, card)
        answer = bought(engine, world, rice(8_000), proof=CardProof(world.card, "000001"))
        assert answer["reason"] == "PIN_WRONG"
        assert "Warung" not in answer["message"]


class TestRecall:
    def test_one_proof_anywhere_frees_the_money_at_once(self, engine, world, till, card):
        made = issued(engine, till, card)
        other = session_of(engine, world, "KASIR-2")
        name = new_uuid7(NOW)
        done = take_back(engine, other, card, recall_id=name)
        said_ = json.loads(done.body)
        assert (said_["status"], said_["amount"], said_["balance"]) == ("RECALLED", SUM, BALANCE)
        assert money(engine, world) == (BALANCE, 0, 0)
        assert take_back(engine, other, card, recall_id=name) == done
        with engine.database.read() as tx:
            found = allowances.find_allowance(tx, world.kpm_id, made.allowance_id)
        assert (found.state, found.end_id, found.ended_shop) == (
            "RECALLED",
            name,
            world.other_shop_id,
        )
        assert isinstance(ask(engine, till, card), Allowance)

    def test_nothing_to_take_back_is_said(self, engine, world, till, card):
        done = json.loads(take_back(engine, till, card).body)
        assert (done["status"], done["amount"], done["balance"]) == ("NOTHING", 0, BALANCE)

    def test_a_token_of_any_other_proof_recalls_and_is_not_used_up(self, engine, world, till, card):
        issued(engine, till, card)
        where = (world.shop_id, world.till_id)
        token = new_payer_token(world.kpm_id, "P", where, Method.FACE, NOW, proven=True)
        proof = TokenProof(sign_payer_token(engine.keys, token))
        wanted = Recall(new_uuid7(NOW), proof)
        assert isinstance(allowance_end.recall(engine, asked(engine, till), wanted), Answered)
        assert bought(engine, world, session=till, proof=proof)["status"] == "APPROVED"
        unproven = replace(token, token_id="x", proven=False)
        claim = TokenProof(sign_payer_token(engine.keys, unproven))
        refused = allowance_end.recall(engine, asked(engine, till), Recall("r", claim))
        assert refused.reason is Reason.STEP_UP_REQUIRED

    def test_a_wrong_pin_recalls_nothing(self, engine, world, till, card):
        issued(engine, till, card)
        assert take_back(engine, till, card, pin="000001").reason is Reason.PIN_WRONG
        assert money(engine, world)[1] == SUM

    def test_the_id_of_something_else_is_refused(self, engine, world, till, card):
        made = issued(engine, till, card)
        again = take_back(engine, till, card, recall_id=made.allowance_id)
        assert again is EndProblem.DUPLICATE_DIFFERENT

    def test_recalls_and_purchases_at_once_leave_the_books_whole(self, engine, world, till, card):
        issued(engine, till, card)
        acts = [lambda: take_back(engine, till, card) for _ in range(2)]
        acts += [lambda: bought(engine, world, rice(1000), session=till) for _ in range(4)]
        threads = [threading.Thread(target=act) for act in acts]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        left, held, spent = money(engine, world)
        assert (left + held + spent, held, spent) == (BALANCE, 0, 4 * 13_400)


class TestEnd:
    def key_of(self, engine, session):
        with engine.database.read() as tx:
            return device_store.find_key(tx, session.device_id)

    def test_a_device_gives_back_what_it_did_not_sell(self, engine, world, till, card):
        made, key = issued(engine, till, card), self.key_of(engine, till)
        envelope(engine, made, 30_000)
        assert money(engine, world) == (BALANCE - SUM, 70_000, 30_000)
        early = allowance_end.close(engine, key, Closing(made.allowance_id, 30_000, 1))
        assert early is EndProblem.SYNC_FIRST  # its envelope has not come through the sync
        less = allowance_end.close(engine, key, Closing(made.allowance_id, 0, 0))
        assert less is EndProblem.SYNC_FIRST
        for _ in range(2):
            done = allowance_end.close(engine, key, Closing(made.allowance_id, 30_000, 0))
            assert (done.state, done.remaining, done.spent_offline) == ("CLOSED", 0, 30_000)
        assert money(engine, world) == (BALANCE - 30_000, 0, 30_000)

    def test_nobody_closes_what_is_another_devices(self, engine, world, till, card):
        made = issued(engine, till, card)
        key = self.key_of(engine, till)
        other = replace(key, device_id="another")
        for device, name in ((other, made.allowance_id), (key, new_uuid7(NOW))):
            found = allowance_end.close(engine, device, Closing(name, 0, 0))
            assert found is EndProblem.ALLOWANCE_UNKNOWN

    def test_an_envelope_that_takes_all_spends_it(self, engine, world, till, card):
        credit(engine, {"KPM-1": 100_000}, period="2026-12", days=90)
        made = issued(engine, till, card, 200_000)
        envelope(engine, made, 150_000)
        envelope(engine, made, 50_000)
        assert living(engine, world.kpm_id) is None
        assert money(engine, world) == (100_000, 0, 200_000)

    def test_after_the_grace_the_worker_gives_the_rest_back_once(
        self, engine, world, till, card, clock
    ):
        issued(engine, till, card)
        clock.at += ALLOWANCE_LIFE + ALLOWANCE_GRACE - timedelta(seconds=1)
        assert allowance_end.end_due(engine) == 0
        clock.advance(seconds=1)
        assert time_out_due(engine) == 0  # its hold ends with it, and not by itself
        assert [allowance_end.end_due(engine) for _ in range(2)] == [1, 0]
        assert money(engine, world) == (BALANCE, 0, 0)
        with engine.database.read() as tx:
            tranches = ledger.tranches_of(tx, world.kpm_id, lock=False)
        assert spendable(tranches, clock.at.date()) == BALANCE

    def test_an_allowance_does_not_outlive_its_money(self, engine, world, till, card):
        with engine.database.begin() as tx:
            tx.exec_driver_sql("UPDATE wallet SET expires_on = '2026-11-23'")
        made = issued(engine, till, card)
        assert made.not_after.isoformat() == "2026-11-23T17:00:00+00:00"  # midnight of WIB
        assert made.last_day.isoformat() == "2026-11-23"


def test_putting_aside_moves_nothing_in_the_books(engine, world, till, card):
    """So the escrow equation never sees it: what is aside is hers."""
    before = check_ledger(engine)
    issued(engine, till, card)
    after = check_ledger(engine)
    assert (after.left, after.postings) == (before.left, before.postings)


def test_the_officer_sees_by_shop_who_cannot_buy_without_signal(engine, world):
    with engine.database.read() as tx:
        (row,) = offline_unserved(tx, NOW.date(), NOW.date(), "35.07")
    assert (row["families"], row["ready"], row["no_sticker"]) == (2, 0, 2)
    sticker(engine, world.kpm_id)
    mark_remote(engine, world.shop_id, "officer", None, remote=True)
    with engine.database.begin() as tx:
        tx.exec_driver_sql("UPDATE card SET status = 'LOST' WHERE kpm_id = 'KPM-2'")
    with engine.database.read() as tx:
        (row,) = offline_unserved(tx, NOW.date(), NOW.date(), None)
        assert list(offline_unserved(tx, NOW.date(), NOW.date(), "94")) == []
    assert (row["ready"], row["no_card"], row["face_only"], row["remote"]) == (1, 1, 0, True)


def test_the_limits_of_a_day_stand_on_the_paper(engine, world, till, card):
    limits = paper_of(issued(engine, till, card))["allowance"]["limits"]
    assert ["MINYAKITA", 2000] in limits["daily"]
    assert (limits["tx_max"], limits["tx_count"]) == (SUM, SALES_MAX)


def test_a_hold_that_no_allowance_knows_is_found(engine, world, till, card):
    made = issued(engine, till, card)
    with engine.database.begin() as tx:
        tx.exec_driver_sql("UPDATE allowance SET remaining = remaining - 1")
    assert check_ledger(engine).held_differing == [made.hold_id]
    with engine.database.begin() as tx:
        tx.exec_driver_sql("UPDATE allowance SET remaining = remaining + 1")
