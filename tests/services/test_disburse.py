"""Disbursement: files that are refused whole, chunks done once, and money that goes back."""

import csv
import io

import pytest
from sqlalchemy import delete

from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.services import disburse, disburse_chunks, disburse_file
from pos_engine.services.authorize import authorize
from pos_engine.services.install import Refused, mark_demo
from pos_engine.services.prove import check_ledger
from pos_engine.services.register import NewFamily, register_family
from pos_engine.store import disbursements as runs
from pos_engine.store import ledger
from pos_engine.store.schema_disbursement import (
    disbursement_chunk,
    disbursement_event,
    disbursement_item,
)
from tests.world import NOW, a_purchase, make_engine, rice

PERIOD = "2027-01..2027-03"
FAMILIES = ("KPM-1", "KPM-2", "KPM-3", "KPM-4", "KPM-5")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Two families a chunk, so that five make three."""
    monkeypatch.setattr(disburse, "CHUNK_ROWS", {"sqlite": 2, "postgresql": 2})


@pytest.fixture
def families(engine, world):
    for kpm_id in FAMILIES[2:]:
        register_family(
            engine, NewFamily(kpm_id, "35.07.13.2001", world.shop_id, "Wati", None, None, None)
        )
    return FAMILIES


def a_file(amounts, end="\n"):
    rows = [f"{kpm_id},{amount}" for kpm_id, amount in amounts]
    return ("\n".join(["family_id,amount", *rows]) + end).encode()


def an_order(count=5, total=500_000, papers=None):
    papers = {"escrow": "BNI 0001", "sp2d": "7/2027"} if papers is None else papers
    return disburse.Order("BPNT", PERIOD, NOW.date().replace(year=2027), count, total, papers)


def equal(kpm_ids, amount=100_000):
    return [(kpm_id, amount) for kpm_id in kpm_ids]


def staged(engine, families):
    run_id = disburse.stage(engine, a_file(equal(families)), an_order(), "maker")
    assert isinstance(run_id, str), run_id
    return run_id


def credited(engine, families):
    run_id = staged(engine, families)
    assert disburse.approve(engine, run_id, "checker").fresh == 5
    return run_id


def tranches(engine, kpm_id):
    with engine.database.read() as tx:
        found = ledger.tranches_of(tx, kpm_id, lock=False)
    return [each for each in found if each.period == PERIOD]


def left(engine, families):
    return [sum(each.left for each in tranches(engine, kpm_id)) for kpm_id in families]


def spend(engine, world):
    """KPM-1 buys more than her older tranche holds."""
    for _ in range(4):
        assert '"APPROVED"' in authorize(engine, a_purchase(world)).body


class TestStaging:
    def test_every_problem_is_in_the_rejects_file_with_its_row(self, engine, families, tmp_path):
        path = tmp_path / "rejects.csv"
        content = a_file([*equal(FAMILIES[:3]), ("GHOST", 1), ("KPM-1", 2), ("KPM-4", "-3")])
        found = disburse.stage(engine, content, an_order(), "maker", rejects=path)
        rows = {(row["row"], row["code"]) for row in csv.DictReader(io.StringIO(path.read_text()))}
        assert {
            ("5", "UNKNOWN_FAMILY"), ("6", "DUPLICATE_FAMILY"), ("7", "BAD_AMOUNT"),
            ("", "TOTAL_DIFFERS"),
        } <= rows  # fmt: skip
        assert found.rejects == path
        assert sum(found.counts.values()) == len(rows)

    def test_a_refused_file_leaves_no_staging_and_may_come_again(self, engine, families):
        content = a_file([*equal(FAMILIES[:4]), ("KPM-6", 100_000)])
        assert isinstance(
            disburse.stage(engine, content, an_order(), "maker"), disburse.FileRefused
        )
        register_family(
            engine,
            NewFamily("KPM-6", "35.07.13.2001", _home(engine), "Wati", None, None, None),
        )
        run_id = disburse.stage(engine, content, an_order(), "maker")
        assert disburse.approve(engine, run_id, "checker").fresh == 5

    def test_a_file_cut_in_the_middle_says_so(self, engine, families):
        found = disburse.stage(engine, a_file(equal(families))[:-25], an_order(), "maker")
        assert any("may be cut" in each for each in found.problems)
        assert "COUNT_DIFFERS" in found.counts

    def test_the_same_file_again_is_the_same_run(self, engine, families):
        run_id = staged(engine, families)
        assert staged(engine, families) == run_id
        order = an_order()
        assert disburse.run_of_file(engine, a_file(equal(families)), order).run_id == run_id

    @pytest.mark.parametrize("approved", [True, False])
    def test_one_changed_row_is_another_file_and_named(self, engine, families, approved):
        run_id = credited(engine, families) if approved else staged(engine, families)
        changed = [*equal(FAMILIES[:3]), ("KPM-4", 150_000)]
        found = disburse.stage(engine, a_file(changed), an_order(4, 450_000), "maker")
        assert found.existing_run == run_id
        assert found.counts == {"PERIOD_CREDITED": 1, "CHANGED_AMOUNT": 1, "MISSING_HERE": 1}
        assert f"disburse undo {run_id}" in found.problems[0]

    def test_another_bank_of_the_same_period_is_no_repeat(self, engine, families):
        first = disburse.stage(engine, a_file(equal(FAMILIES[:2])), an_order(2, 200_000), "maker")
        disburse.approve(engine, first, "checker")
        second = disburse.stage(engine, a_file(equal(FAMILIES[2:])), an_order(3, 300_000), "maker")
        assert disburse.approve(engine, second, "checker").fresh == 3
        assert left(engine, families) == [100_000] * 5

    def test_money_of_our_own_needs_a_named_account(self, engine, families):
        content, order = a_file(equal(families)), an_order(papers={})
        found = disburse.stage(engine, content, order, "maker")
        assert found.counts == {"ESCROW_MISSING": 1}
        mark_demo(engine)
        assert isinstance(disburse.stage(engine, content, order, "maker"), str)

    def test_a_line_without_end_is_not_read_into_memory(self, engine, families):
        content = a_file(equal(FAMILIES[:1])) + b"x" * (disburse_file.LINE_BYTES_MAX + 5)
        found = disburse.stage(engine, content, an_order(1, 100_000), "maker")
        assert found.counts["BAD_ROW"] == 1

    def test_quotes_and_a_byte_order_mark_are_read(self, engine, families):
        content = b"\xef\xbb\xbf" + a_file([('"KPM-1"', "100000")]).replace(b"\n", b"\r\n")
        assert isinstance(disburse.stage(engine, content, an_order(1, 100_000), "maker"), str)


def _home(engine):
    from pos_engine.store import families  # noqa: PLC0415 - the name is a fixture's here

    with engine.database.read() as tx:
        return families.find_family(tx, "KPM-1").home_shop_id


class TestCrediting:
    def test_paused_and_resumed_by_anybody_it_credits_once(self, engine, families):
        run_id = staged(engine, families)
        seen = []

        def stop(progress):
            seen.append(progress)
            disburse.pause(engine, run_id, "third")

        done = disburse.approve(engine, run_id, "checker", stop)
        assert (done.fresh, done.left) == (2, 3)
        assert seen[0].rows == 5
        assert disburse.status(engine, run_id).status == runs.PAUSED
        assert disburse.resume(engine, run_id, "third").fresh == 3
        assert disburse.resume(engine, run_id, "third").fresh == 0
        assert left(engine, families) == [100_000] * 5
        assert check_ledger(engine).good
        at = disburse.overview(engine, run_id)
        assert (at.tally.chunks, at.tally.chunks_left, at.tally.credited) == (3, 0, 500_000)
        kinds = [each.kind for each in at.events]
        assert kinds == ["STAGING", "STAGED", "APPROVED", "PAUSED", "RESUMED", "CREDITED"]

    def test_what_is_not_approved_does_not_go_on(self, engine, families):
        run_id = staged(engine, families)
        assert isinstance(disburse.resume(engine, run_id, "x"), Refused)
        assert isinstance(disburse.pause(engine, run_id, "x"), Refused)
        for act in (disburse.resume, disburse.pause, disburse.undo, disburse.reverse):
            assert "no run" in act(engine, "none", "x").message
        assert disburse.overview(engine, "none") is None

    def test_two_runs_that_passed_each_other_credit_a_family_once(
        self, engine, families, monkeypatch
    ):
        first = staged(engine, families)
        monkeypatch.setattr(disburse, "_other_runs", lambda *_: [])
        monkeypatch.setattr(disburse.items, "credited_elsewhere", lambda *_: [])
        other = disburse.stage(
            engine, a_file(equal(FAMILIES[1:], 7)), an_order(4, 28), "maker"
        )  # fmt: skip
        assert disburse.approve(engine, other, "checker").fresh == 4
        done = disburse.approve(engine, first, "checker")
        assert (done.fresh, done.skipped, done.total) == (1, 4, 100_000)
        assert left(engine, families) == [100_000, 7, 7, 7, 7]
        assert check_ledger(engine).good

    def test_a_busy_writer_is_waited_for(self, engine, families, monkeypatch):
        run_id = staged(engine, families)
        monkeypatch.setattr(disburse_chunks, "PAUSE_S_MAX", 0)
        calls, real = [], disburse_chunks._one

        def busy(*arguments):
            calls.append(1)
            if len(calls) == 1:
                raise disburse_chunks.UnavailableError
            return real(*arguments)

        monkeypatch.setattr(disburse_chunks, "_one", busy)
        assert disburse.approve(engine, run_id, "checker").fresh == 5


class TestTakingBack:
    def test_two_people_undo_and_the_right_file_follows(self, engine, families):
        run_id = credited(engine, families)
        assert isinstance(disburse.undo(engine, run_id, "maker"), disburse.Asked)
        assert "second person" in disburse.undo(engine, run_id, "maker").message
        assert left(engine, families) == [100_000] * 5
        done = disburse.undo(engine, run_id, "checker")
        assert (done.status, done.returned, done.kept) == (runs.UNDONE, 500_000, 0)
        assert left(engine, families) == [0] * 5
        assert tranches(engine, "KPM-1")[0].status is TrancheStatus.RETURNED
        assert isinstance(disburse.undo(engine, run_id, "checker"), Refused)
        assert check_ledger(engine).good
        content = a_file(equal(families, 90_000))
        right = disburse.stage(engine, content, an_order(total=450_000), "maker")
        assert disburse.approve(engine, right, "checker").fresh == 5
        assert left(engine, families) == [90_000] * 5
        assert check_ledger(engine).good

    def test_the_same_file_after_an_undo_is_a_new_run(self, engine, families):
        run_id = staged(engine, families)
        assert disburse.undo(engine, run_id, "maker").status == runs.WITHDRAWN
        again = staged(engine, families)
        assert again != run_id
        assert disburse.approve(engine, again, "checker").fresh == 5

    def test_after_a_purchase_only_the_unspent_goes_back(self, engine, world, families):
        run_id = credited(engine, families)
        spend(engine, world)
        kept = 100_000 - left(engine, ["KPM-1"])[0]
        assert kept > 0
        assert "reverse" in disburse.undo(engine, run_id, "maker").message
        disburse.reverse(engine, run_id, "maker")
        done = disburse.reverse(engine, run_id, "checker")
        assert (done.status, done.kept_families, done.kept) == (runs.REVERSED, 1, kept)
        assert done.returned == 500_000 - kept
        assert [(each.kpm_id, each.spent) for each in disburse.kept_of(engine, run_id)] == [
            ("KPM-1", kept)
        ]
        assert left(engine, families) == [0] * 5
        assert check_ledger(engine).good
        found = disburse.stage(engine, a_file(equal(families, 5)), an_order(total=25), "maker")
        assert found.counts["CHANGED_AMOUNT"] == 1  # who kept something is not credited twice

    def test_asking_stops_a_run_and_undoing_cancels_the_rest(self, engine, families):
        run_id = staged(engine, families)
        disburse.approve(
            engine, run_id, "checker", lambda _at: disburse.undo(engine, run_id, "maker")
        )
        assert disburse.status(engine, run_id).status == runs.PAUSED
        done = disburse.undo(engine, run_id, "checker")
        assert (done.status, done.returned) == (runs.UNDONE, 200_000)
        assert isinstance(disburse.resume(engine, run_id, "x"), Refused)
        assert check_ledger(engine).good

    def test_on_a_demo_one_person_is_enough(self, engine, families):
        mark_demo(engine)
        run_id = credited(engine, families)
        assert disburse.reverse(engine, run_id, "maker").returned == 500_000

    @pytest.mark.parametrize("act", [disburse.undo, disburse.reverse], ids=["undo", "reverse"])
    def test_a_run_of_before_the_chunks_is_refused_by_name(self, engine, families, act):
        """Its rows are not kept: to mark it undone would say that money went back."""
        run_id = credited(engine, families)
        forget_chunks(engine, disbursement_chunk, disbursement_item, disbursement_event)
        for officer in ("maker", "checker"):
            refused = act(engine, run_id, officer)
            assert isinstance(refused, Refused)
            assert "before runs had chunks" in refused.message
        assert disburse.status(engine, run_id).status == runs.CREDITED
        assert left(engine, families) == [100_000] * 5

    def test_a_run_of_before_the_chunks_does_not_go_on(self, engine, families):
        run_id = staged(engine, families)
        with engine.database.begin() as tx:
            runs.change_run(tx, run_id, status=runs.PAUSED)
        forget_chunks(engine, disbursement_chunk)
        for act in (disburse.approve, disburse.resume):
            assert "chunks" in act(engine, run_id, "checker").message
        assert disburse.status(engine, run_id).status == runs.PAUSED


def forget_chunks(engine, *tables):
    with engine.database.begin() as tx:
        for each in tables:
            tx.execute(delete(each))


class TestMeanwhile:
    """A run tells how purchases fared while it was under way."""

    def test_purchases_of_another_process_are_counted(self, engine, world, families, prepared):
        clock, run_id = engine.now, staged(engine, families)
        assert disburse.overview(engine, run_id).meanwhile is None
        till = make_engine(prepared[0], engine.keys, clock)

        def sells(_at):
            authorize(till, a_purchase(world, rice(100)))
            clock.advance(seconds=11)

        disburse.approve(engine, run_id, "checker", sells)
        till.close()
        spread = disburse.overview(engine, run_id).meanwhile
        assert spread.answers == 3
        assert 0 < spread.percentile_ms(0.5) <= spread.percentile_ms(0.99) < 20_000

    def test_what_was_before_and_after_is_not_of_the_run(self, engine, world, families):
        def sell_one():
            authorize(engine, a_purchase(world, rice(100), at=engine.now()))
            engine.now.advance(minutes=1)
            engine.commits._latencies.write()
            engine.now.advance(minutes=1)

        run_id = staged(engine, families)
        sell_one()
        disburse.approve(engine, run_id, "checker")
        engine.now.advance(seconds=1)
        sell_one()
        assert disburse.overview(engine, run_id).meanwhile.answers == 0
