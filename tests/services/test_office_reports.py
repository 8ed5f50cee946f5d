"""What auditors and officers ask the database: traced, counted once, the same bytes for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from pos_engine.lake.left_out import USUAL_LEAST
from pos_engine.rules.card import UndistributedReason
from pos_engine.services import cards, disburse
from pos_engine.services.audit import close_day, seal_pending
from pos_engine.services.authorize import authorize
from pos_engine.services.idle_return import approve_list, make_list
from pos_engine.services.payer import CardProof
from pos_engine.services.report import NeedsLakeError, Scope, make_report
from pos_engine.services.report_acts import checked_days
from pos_engine.services.report_download import Asked, write_download
from pos_engine.services.report_files import FORMATS
from pos_engine.services.sessions import open_session
from pos_engine.store.cards import cards_of
from pos_engine.store.idle import Freeze, filled_of, freeze, shards_with_money
from pos_engine.store.schema import shop
from tests.lakes import with_lake, write
from tests.returning import buy
from tests.settling import checker, maker
from tests.world import BALANCE, NOW, a_purchase, rice

DAY = NOW.date()
SPAN = (DAY - timedelta(40), DAY + timedelta(200))


def rows(engine, name, region=None, as_of=None, span=SPAN):
    return make_report(engine, name, *span, Scope(region=region), as_of).rows


def fails(engine, world, at=None):
    """A wrong PIN of the first family."""
    proof = CardProof(world.card, "111111")
    authorize(engine, a_purchase(world, proof=proof, at=at or engine.now()))


def new_card(engine, officer):
    """A card that waits in the office, for the one that the first family had."""
    with engine.database.read() as tx:
        [old] = cards_of(tx, "KPM-1")
    return cards.replace(engine, old.card_id, officer)


class TestFunnel:
    def test_each_step_counts_the_families_that_took_it(self, engine, world):
        buy(engine, world, rice(1000))
        [row] = rows(engine, "disbursement")
        assert (row["region"], row["period"]) == ("35", "2026-11")
        steps = ("listed", "families", "card_received", "first_purchase", "used_up")
        assert [row[step] for step in steps] == [2, 2, 2, 1, 0]
        assert (row["credited"], row["spent"], row["left"]) == (400_000, 13_400, 386_600)

    def test_drills_down_and_stays_in_its_region(self, engine, world):
        [row] = rows(engine, "disbursement", "35.07")
        assert row["region"] == "35.07.13"
        assert rows(engine, "disbursement", "94") == []
        assert rows(engine, "disbursement", "35.0") == []
        assert rows(engine, "disbursement", "%") == []

    def test_used_up_is_what_buys_nothing_more(self, engine, world):
        buy(engine, world, rice(14_900))  # Rp199.660: Rp340 are left
        assert rows(engine, "disbursement")[0]["used_up"] == 1

    def test_what_went_back_is_neither_spent_nor_used_up(self, engine, world):
        """One of the two had bought when the list was taken back."""
        run = rows(engine, "credits")[0]["run_id"]
        buy(engine, world, rice(1000))
        disburse.reverse(engine, run, "maker")
        disburse.reverse(engine, run, "checker")
        [row] = rows(engine, "disbursement")
        assert (row["spent"], row["returned"], row["left"]) == (13_400, 386_600, 0)
        assert (row["first_purchase"], row["used_up"]) == (1, 0)
        back = rows(engine, "returned")
        assert sum(each["amount"] for each in back) == 386_600
        officers = ("maker", "checker")
        assert {(each["made_by"], each["approved_by"]) for each in back} == {officers}

    def test_a_wrong_list_never_was(self, engine, world):
        run = rows(engine, "credits")[0]["run_id"]
        disburse.undo(engine, run, "maker")
        disburse.undo(engine, run, "checker")
        assert rows(engine, "disbursement") == []


class TestAuditors:
    def test_a_credit_is_traced_to_decree_sp2d_row_and_seal(self, engine, world):
        order = disburse.Order(
            "BPNT", "2026-12", DAY + timedelta(90), 1, 50_000,
            {"decree": "SK 12/2026", "sp2d": "998/2026", "budget_year": "2026", "escrow": "x"},
        )  # fmt: skip
        run = disburse.stage(engine, b"family_id,amount\nKPM-2,50000\n", order, "maker")
        disburse.approve(engine, run, "checker")
        while seal_pending(engine).more:
            pass
        [row] = [each for each in rows(engine, "credits") if each["period"] == "2026-12"]
        told = ("kpm_id", "credited", "decree", "sp2d", "file_row", "made_by", "approved_by")
        assert [row[name] for name in told] == [
            "KPM-2", 50_000, "SK 12/2026", "998/2026", 2, "maker", "checker",
        ]  # fmt: skip
        assert len(row["file_sha256"]) == 64
        assert "/" in row["seal"]
        assert rows(engine, "credits", "94") == []

    def test_credits_and_ledger_agree_to_the_rupiah(self, engine, world):
        assert sum(row["credited"] for row in rows(engine, "credits")) == 2 * BALANCE

    def test_frozen_thawed_and_returned_by_two_people(self, engine, world, clock):
        clock.advance(days=30)
        self.freeze(engine)
        buy(engine, world, rice(1000))  # KPM-1 is there again
        made = make_list(engine, maker(engine))
        clock.advance(days=1)
        then = clock.at
        clock.advance(days=1)
        approve_list(engine, made.list_id, checker(engine))
        states = {row["kpm_id"]: row["state"] for row in rows(engine, "frozen")}
        assert states == {"KPM-1": "THAWED", "KPM-2": "RETURNED"}
        [row] = rows(engine, "returned")
        told = ("kpm_id", "kind", "amount", "list_id", "made_by", "approved_by")
        assert [row[name] for name in told] == [
            "KPM-2", "TREASURY", BALANCE, made.list_id, maker(engine), checker(engine),
        ]  # fmt: skip
        before = {row["kpm_id"]: row["state"] for row in rows(engine, "frozen", as_of=then)}
        assert before == {"KPM-1": "THAWED", "KPM-2": "FROZEN"}
        known = make_report(engine, "frozen", *SPAN, Scope(region="35"), then)
        assert [(each["what"], each["amount"]) for each in known.changes] == [("returned", BALANCE)]
        assert make_report(engine, "frozen", *SPAN, Scope(region="94"), then).changes == []
        assert rows(engine, "returned", as_of=then) == []

    def freeze(self, engine):
        with engine.database.read() as tx:
            found = [each for shard in shards_with_money(tx) for each in filled_of(tx, shard)]
        for each in found:
            with engine.database.begin() as tx:
                new = Freeze(f"freeze-{each.kpm_id}", 105, maker(engine), engine.now())
                assert freeze(tx, each, new)

    def test_unspent_money_as_it_was_known(self, engine, world, clock):
        clock.advance(hours=1)
        then = clock.at
        clock.advance(hours=1)
        buy(engine, world, rice(1000))
        now = {row["kpm_id"]: row["left"] for row in rows(engine, "not-redeemed")}
        assert now == {"KPM-1": BALANCE - 13_400, "KPM-2": BALANCE}
        past = {row["kpm_id"]: row["left"] for row in rows(engine, "not-redeemed", as_of=then)}
        assert past == {"KPM-1": BALANCE, "KPM-2": BALANCE}
        known = make_report(engine, "not-redeemed", *SPAN, Scope(region="35"), then)
        told = [(each["what"], each["amount"]) for each in known.changes]
        assert told == [("purchase", -13_400)]
        assert make_report(engine, "not-redeemed", *SPAN, Scope(region="94"), then).changes == []
        assert rows(engine, "not-redeemed", as_of=NOW - timedelta(days=1)) == []

    def test_cards_as_they_lay_in_the_office_then(self, engine, world, clock):
        made = new_card(engine, "officer-1")
        clock.advance(hours=1)
        reason = UndistributedReason.NOT_FOUND
        cards.undistributed(engine, made.card_id, reason, "officer-1")
        clock.advance(hours=1)
        then = clock.at
        clock.advance(hours=1)
        cards.distribute(engine, made.card_id, "officer-1")
        assert rows(engine, "cards-undistributed") == []
        [row] = rows(engine, "cards-undistributed", as_of=then)
        assert (row["state"], row["reason"]) == ("UNDISTRIBUTED", "NOT_FOUND")

    @pytest.mark.parametrize("name", ["credits", "returned", "not-redeemed", "frozen"])
    def test_the_same_question_has_the_same_bytes_for_ever(
        self, engine, world, clock, tmp_path, name
    ):
        clock.advance(days=1)
        asked = Asked(name, *SPAN, Scope(region="35"), clock.at)
        first = {each: self.bytes(engine, asked, each, tmp_path / f"a.{each}") for each in FORMATS}
        clock.advance(days=2)
        buy(engine, world, rice(1000))
        while seal_pending(engine).more:
            pass
        again = {each: self.bytes(engine, asked, each, tmp_path / f"b.{each}") for each in FORMATS}
        assert first == again

    def bytes(self, engine, asked, output, path):
        write_download(engine, asked, output, path)
        return path.read_bytes()

    def test_what_changed_since_is_named(self, engine, world, clock):
        asked = make_report(engine, "credits", *SPAN, Scope(), NOW - timedelta(seconds=1))
        assert asked.rows == []
        assert [(each["what"], each["amount"]) for each in asked.changes] == [
            ("credit", 2 * BALANCE)
        ]

    def test_a_list_of_today_is_not_known_of_yesterday(self, engine):
        with pytest.raises(NeedsLakeError, match="leave --as-of out"):
            rows(engine, "access", as_of=NOW)


class TestPlaces:
    def test_distance_load_and_still_tills(self, engine, world, clock):
        [row] = rows(engine, "access")
        assert (row["region"], row["families"], row["nearest"]) == ("35.07.13.2001", 2, "VILLAGE")
        assert (row["families_per_shop"], row["tills"], row["silent_tills"]) == (2, 1, 1)
        login = world.staff["KASIR"]
        open_session(engine, *(login[name] for name in ("device_id", "device_secret")),
                     login["staff_id"], login["pin"])  # fmt: skip
        [row] = rows(engine, "access")
        assert (row["silent_tills"], row["last_seen"][:10]) == (0, "2026-11-21")
        clock.advance(days=4)
        assert rows(engine, "access")[0]["silent_tills"] == 1

    @pytest.mark.parametrize(
        ("moved_to", "nearest", "within"),
        [("35.07.13.2002", "DISTRICT", 1), ("35.07.14.2001", "REGENCY", 1), ("94.01", "NONE", 0)],
    )
    def test_the_nearest_shop_may_lie_outside_the_village(
        self, engine, world, moved_to, nearest, within
    ):
        with engine.database.begin() as tx:
            tx.execute(update(shop).where(shop.c.shop_id == world.shop_id).values(region=moved_to))
        for region in (None, "35.07.13.2001"):
            [row] = rows(engine, "access", region)
            assert (row["nearest"], row["shops_within"]) == (nearest, within)

    def test_shops_by_what_they_sell_and_refuse(self, engine, world):
        buy(engine, world, rice(1000))
        authorize(engine, a_purchase(world, rice(1000, 20_000)))
        [row] = rows(engine, "shop-health", "35")
        told = ("living", "aid_purchases", "aid_share", "refused", "refused_price", "open_cases")
        assert [row[name] for name in told] == ["AID_ONLY", 1, 1.0, 1, 1, 0]


class TestLeftOut:
    def test_who_failed_and_who_never_came(self, engine, world, clock):
        fails(engine, world)
        clock.advance(days=8)
        found = {row["kpm_id"]: row for row in rows(engine, "left-out-families", "35.07")}
        assert found["KPM-1"]["kind"] == "FAILED"
        assert (found["KPM-1"]["method"], found["KPM-1"]["reason"]) == ("KKS", "PIN_WRONG")
        assert (found["KPM-2"]["kind"], found["KPM-2"]["left"]) == ("NEVER_TRIED", BALANCE)
        assert rows(engine, "left-out-families", "94") == []

    def test_who_bought_after_all_is_not_on_the_list(self, engine, world, clock):
        fails(engine, world)
        clock.advance(hours=1)
        buy(engine, world, rice(1000))
        clock.advance(days=8)
        assert [row["kpm_id"] for row in rows(engine, "left-out-families")] == ["KPM-2"]

    def test_before_its_days_are_over_nobody_is_left_out(self, engine, world, clock):
        fails(engine, world)
        clock.advance(days=6)
        assert rows(engine, "left-out-families") == []


class TestTrail:
    def test_acts_have_their_officer_time_and_seal(self, engine, world, clock):
        made = new_card(engine, world.staff["DINSOS"]["staff_id"])
        while seal_pending(engine).more:
            pass
        found = {(row["act"], row["officer"]): row for row in rows(engine, "officer-acts")}
        credited = next(row for (act, by), row in found.items() if by == "officer-2")
        assert credited["act"].startswith("CREDIT_")
        assert ("/" in credited["seal"], credited["seal_day"]) == (True, "2026-11-21")
        card = found["CARD_ISSUED", world.staff["DINSOS"]["staff_id"]]
        assert (card["subject"], card["seal"]) == (made.card_id, "NOT_SEALED")
        inside = {row["officer"] for row in rows(engine, "officer-acts", "35.07")}
        assert inside == {world.staff["DINSOS"]["staff_id"]}
        assert rows(engine, "officer-acts", "94") == []

    def test_a_closed_day_is_checked(self, engine, clock):
        clock.advance(days=1)
        close_day(engine, DAY)
        [day] = checked_days(engine, DAY, DAY)
        assert (day.signed, day.follows, len(day.root)) == (True, True, 64)


class TestMeter:
    @pytest.fixture
    def engine(self, engine, tmp_path):
        return with_lake(engine, tmp_path)

    def meter(self, engine, name="left-out", region=None):
        span = (DAY - timedelta(5), DAY + timedelta(20))
        found = make_report(engine, name, *span, Scope(region=region)).rows
        return {(row["section"], row["name"]): row for row in found}

    def test_failed_and_never_served_within_the_days(self, engine, world, clock):
        fails(engine, world)
        clock.advance(days=5)
        buy(engine, world, rice(1000))
        clock.advance(days=6)
        write(engine)
        week = self.meter(engine)["REGION", "35"]
        assert (week["families"], week["failed"], week["never"], week["share"]) == (1, 1, 0, 0.0)
        three = self.meter(engine, "left-out-3")["METHOD", "KKS"]
        assert (three["never"], three["share"], three["nation_share"]) == (1, 1.0, 1.0)
        assert three["alarm"] is False  # one family proves nothing
        assert self.meter(engine)["CREDITED", "35"]["never"] == 1  # KPM-2 never came
        assert ("REGION", "35.07.13") in self.meter(engine, region="35.07")
        assert self.meter(engine, region="94") == {}

    @pytest.mark.proof
    def test_what_is_not_over_is_pending(self, engine, world, clock):
        fails(engine, world)
        clock.advance(days=6)
        fails(engine, world)
        write(engine)
        row = self.meter(engine)["REGION", "35"]
        assert (row["pending"], row["never"], row["share"]) == (1, 0, None)

    @pytest.mark.proof
    def test_a_refused_price_leaves_nobody_out(self, engine, world, clock):
        authorize(engine, a_purchase(world, rice(1000, 20_000)))
        clock.advance(days=10)
        write(engine)
        assert self.meter(engine)["REGION", "35"]["failed"] == 0

    @pytest.mark.proof
    def test_busy_hours_without_an_answer(self, engine, world, clock):
        """Three days of ten o'clock, then a silent one, then another."""
        for day in range(5):
            for _ in range(USUAL_LEAST if day != 3 else 0):
                fails(engine, world)
            clock.advance(hours=3)
            fails(engine, world)  # the day goes on
            clock.advance(hours=21)
        write(engine)
        span = (DAY, DAY + timedelta(10))
        found = make_report(engine, "outages", *span, Scope()).rows
        assert [(row["day"], row["from_hour"], row["to_hour"]) for row in found] == [
            ("2026-11-24", 10, 11)
        ]


def test_a_list_of_families_is_never_a_shops(engine, world):
    scope = Scope(shop_id=world.shop_id)
    for name in ("credits", "left-out-families", "access", "officer-acts", "disbursement"):
        assert make_report(engine, name, *SPAN, scope).rows == []


def test_formulas_in_names_stay_texts(engine, world, tmp_path):
    with engine.database.begin() as tx:
        tx.execute(update(shop).values(name="=cmd|' /C calc'!A0"))
    asked = Asked("shop-health", *SPAN, Scope())
    path = tmp_path / "x.csv"
    write_download(replace(engine), asked, "csv", path)
    assert b"'=cmd" in path.read_bytes()
