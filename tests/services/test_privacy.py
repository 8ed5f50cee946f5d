"""Her data: what is held is shown, what is erased is gone, money facts stay."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from pos_engine.engine import NotReadyError
from pos_engine.keys import KeyFileError
from pos_engine.rules.ids import new_uuid7
from pos_engine.services import family_keys, retention
from pos_engine.services.audit import seal_pending
from pos_engine.services.audit_verify import verify
from pos_engine.services.authorize import authorize
from pos_engine.services.breach import who_was_exposed, with_till
from pos_engine.services.complaints import Grievance, open_complaint
from pos_engine.services.face_reviews import Decision, review, waiting
from pos_engine.services.install import Refused
from pos_engine.services.privacy_erase import erase, statement
from pos_engine.services.privacy_export import export
from pos_engine.services.prove import check_ledger
from pos_engine.services.two_officers import Pair
from pos_engine.store import attempts, families, family_data, privacy_events
from pos_engine.store.exposure import Wanted
from pos_engine.store.retention import KEPT
from pos_engine.store.schema import identity_attempt, metadata
from tests.world import MSISDN, NIK, a_purchase

OFFICERS = Pair("officer-1", "officer-2")
WORDS = "beras berbau apek sekali"


def everything(engine):
    """All rows of all tables as one text."""
    with engine.database.read() as tx:
        return "\n".join(
            repr(tuple(row))
            for table in metadata.sorted_tables
            for row in tx.execute(table.select())
        )


def test_every_table_with_families_says_what_it_means():
    known = {each.name for each in family_data.HELD} | family_data.NOT_HELD
    with_families = {
        each.name for each in metadata.sorted_tables if {"kpm_id", "person_id"} & set(each.c.keys())
    }
    assert with_families == known


class TestExport:
    def test_all_is_in_it_and_nobody_else_reads_it(self, engine, world, tmp_path):
        assert authorize(engine, a_purchase(world))
        to = tmp_path / "hers.json"
        assert export(engine, "KPM-1", "officer-1", to) > 5
        assert to.stat().st_mode & 0o077 == 0
        found = json.loads(to.read_text())
        assert found["phone"]["baris"][0]["sealed"] == MSISDN
        assert found["person"]["baris"][0]["name"] == "Siti Wahyuni"
        assert found["purchase"]["baris"][0]["amount"] == 67_000
        assert "KPM-2" not in to.read_text()
        assert all(each["arti"] for each in found.values())
        with engine.database.read() as tx:
            log = privacy_events.events_of_family(tx, "KPM-1")
        assert [(each.kind, each.by_id) for each in log] == [("EXPORTED", "officer-1")]

    def test_a_page_reads_like_one_and_a_file_is_never_written_over(self, engine, tmp_path):
        to = tmp_path / "hers.html"
        export(engine, "KPM-1", "officer-1", to)
        assert "Nomor telepon" in to.read_text()
        assert isinstance(export(engine, "KPM-1", "officer-1", to), Refused)
        assert isinstance(export(engine, "KPM-9", "o", tmp_path / "none.json"), Refused)
        assert not (tmp_path / "none.json").exists()


class TestErase:
    def test_not_while_money_is_due_to_her_unless_a_decree_says_so(self, engine):
        refused = erase(engine, "KPM-1", OFFICERS, "asked for it")
        assert isinstance(refused, Refused)
        assert "200000" in refused.message
        done = erase(engine, "KPM-1", OFFICERS, "asked for it", "SK 12/2026")
        assert not isinstance(done, Refused)
        assert erase(engine, "KPM-1", OFFICERS, "again").again

    def test_nothing_of_her_is_left_and_the_books_and_the_chain_still_hold(self, engine, world):
        assert authorize(engine, a_purchase(world))
        with engine.database.begin() as tx:
            sealed = families.phones_of(tx, "KPM-1")[0]
        said = Grievance(world.kpm_id, "PAGE", note=WORDS)
        engine.database.transact(lambda tx: open_complaint(tx, engine, said))
        seal_pending(engine)
        before = everything(engine)
        assert "Siti Wahyuni" in before
        done = erase(engine, "KPM-1", OFFICERS, "asked for it", "SK 12/2026")
        assert "UU 8/1997" in statement(done)
        assert "UU 27/2022" in statement(done)
        with engine.database.read() as tx:
            person = families.persons_of(tx, "KPM-1")[0]
            assert (person.name, person.birth_date) == (family_data.GONE, None)
            assert families.phones_of(tx, "KPM-1") == []
            # a copy of the database from before: her sealed number opens for nobody any more
            with pytest.raises(KeyFileError):
                family_keys.open_sealed(tx, engine, "KPM-1", sealed[2], sealed[0])
            for kind, number in (("NIK", NIK), ("PHONE", MSISDN), ("CARD", world.card)):
                lookup = engine.keys.lookup(kind, number)
                assert families.find_credential(tx, kind, lookup) is None
        after = everything(engine)
        for secret in (MSISDN, NIK, world.card, WORDS):
            assert secret not in after
        seal_pending(engine)
        assert verify(engine).problems == []
        assert check_ledger(engine).good
        assert "DECLINED" in authorize(engine, a_purchase(world)).body
        assert "APPROVED" in after  # the purchase itself stays

    def test_a_family_beside_her_loses_nothing(self, engine, world):
        before = [line for line in everything(engine).splitlines() if "KPM-2" in line]
        erase(engine, "KPM-1", OFFICERS, "asked for it", "SK 12/2026")
        after = [line for line in everything(engine).splitlines() if "KPM-2" in line]
        assert after == before


class TestRetention:
    def test_old_rows_go_young_ones_and_money_stay(self, engine, world, clock):
        assert authorize(engine, a_purchase(world))
        old = attempt(engine, "KPM-1")
        clock.advance(days=399)
        young = attempt(engine, "KPM-1")
        clock.advance(days=2)
        counted = {each.kind: each.rows for each in retention.sweep(engine, dry_run=True)}
        assert (counted["attempts"], attempts_of(engine)) == (1, {old, young})
        done = {each.kind: each.rows for each in retention.sweep(engine, dry_run=False)}
        assert (done["attempts"], attempts_of(engine)) == (1, {young})
        assert retention.sweep(engine, dry_run=True)[0].rows == 0
        clock.advance(days=4_000)
        retention.sweep(engine, dry_run=False)
        assert "'APPROVED'" in everything(engine)
        assert check_ledger(engine).good

    def test_no_rule_deletes_what_an_erasure_must_keep(self):
        kept = {each.name for each in family_data.HELD if each.fate is family_data.Fate.KEEP}
        swept = {each.table.name for each in KEPT}
        assert swept & kept <= {"identity_attempt"}  # no money: who looked her up

    def test_a_typing_error_empties_nothing(self):
        assert retention.days_of("attempts=500, codes=14")["attempts"] == 500
        for wrong in ("attempts=1", "attempts", "purchases=30", "attempts=-4", "attempts=9999"):
            with pytest.raises(NotReadyError, match="EWARONG_RETENTION"):
                retention.days_of(wrong)


class TestReviews:
    def test_a_refused_face_waits_for_a_person_and_is_late_after_three_days(self, engine, clock):
        refused = attempt(engine, None)
        attempt(engine, None, outcome="IDENTIFIED", reason=None)
        assert [(each.refused.attempt_id, each.late) for each in waiting(engine, "35.07")] == [
            (refused, False)
        ]
        assert waiting(engine, "36") == []
        clock.advance(days=3, seconds=1)
        assert [each.late for each in waiting(engine, None)] == [True]
        assert review(engine, refused, Decision.ENROL_AGAIN, "", "officer-1") is None
        assert review(engine, refused, Decision.RIGHT, "", "officer-2") is None  # twice is once
        assert waiting(engine, None) == []
        assert isinstance(review(engine, "none", Decision.RIGHT, "", "officer-1"), Refused)


class TestBreach:
    def test_who_was_exposed_through_a_device_or_an_officer(self, engine, world, tmp_path):
        assert authorize(engine, a_purchase(world))
        attempt(engine, "KPM-2", staff="seller", till=world.other_till_id)
        export(engine, "KPM-2", "seller", tmp_path / "x.json")
        since, until = engine.now() - timedelta(hours=1), engine.now() + timedelta(hours=1)

        def found(**of):
            breach = who_was_exposed(
                engine, with_till(engine, Wanted(since, until, **of)), [], "admin"
            )
            return {(each.kpm_id, each.kind) for each in breach.rows}

        device = world.staff["KASIR"]["device_id"]
        assert found(device_id=device) == {("KPM-1", "PURCHASE")}
        assert found(staff_id="seller") == {("KPM-2", "LOOKED_UP"), ("KPM-2", "EXPORT")}
        whole = who_was_exposed(engine, Wanted(since, until), ["PURCHASE"], "admin")
        assert whole.families == 1
        assert "belanja" in whole.to_family
        assert "3" not in whole.to_agency.splitlines()[1]
        assert "Ps. 46" in whole.to_agency
        assert isinstance(who_was_exposed(engine, Wanted(until, since), [], "a"), Refused)
        assert isinstance(who_was_exposed(engine, Wanted(since, until), ["X"], "a"), Refused)
        with engine.database.read() as tx:
            assert len(privacy_events.events_of(tx, ["BREACH"])) == 3


def attempt(engine, kpm_id, outcome="NOT_IDENTIFIED", reason="FACE_NO_MATCH", **of):
    with engine.database.begin() as tx:
        shop = tx.execute(
            metadata.tables["shop"]
            .select()
            .where(metadata.tables["shop"].c.region == "35.07.13.2001")
        ).first()
        name = new_uuid7(engine.now())
        attempts.add_attempt(
            tx,
            attempts.Attempt(
                name,
                shop.shop_id,
                of.get("till", "till-x"),
                of.get("staff", "staff-x"),
                kpm_id,
                "FACE",
                outcome,
                reason,
                engine.now(),
            ),
        )
    return name


def attempts_of(engine):
    with engine.database.read() as tx:
        return set(tx.execute(select(identity_attempt.c.attempt_id)).scalars())
