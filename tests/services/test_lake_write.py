"""The lake has each fact once, whatever dies, fills up, comes twice or goes back."""

import errno
import shutil
from contextlib import closing

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from sqlalchemy import delete

from pos_engine.lake import datasets, folder, state
from pos_engine.lake.compact import MERGE_AT, compact_days, count_days, merge_small
from pos_engine.lake.datasets import DATASETS
from pos_engine.lake.folder import LakeBusyError, LakeError, LakeFullError
from pos_engine.lake.rollups import DAILY, LONG, ROLLUPS
from pos_engine.lake.state import LakeDamagedError, load_state
from pos_engine.lake.writer import Writer
from pos_engine.rules.ids import shard_of
from pos_engine.services import lake_write
from pos_engine.services.audit import seal_pending
from pos_engine.services.lake_check import check_lake
from pos_engine.services.lake_write import OtherDatabaseError
from pos_engine.store import lake_feed
from pos_engine.store.announce import Kind, announce
from pos_engine.store.outbox import LAKE
from pos_engine.store.schema import outbox
from tests.lakes import (
    LIFE,
    a_consumer,
    a_day_of_everything,
    agrees,
    everything,
    opened,
    rows,
    sold_offline,
    with_lake,
    write,
)
from tests.returning import buy
from tests.sealing import seal_all
from tests.selling_offline import a_tablet, put_aside
from tests.world import MSISDN, NIK, make_engine, rice


@pytest.fixture
def lake(tmp_path):
    return tmp_path / "lake"


@pytest.fixture
def engine(engine, lake):
    return with_lake(engine, lake.parent)


class TestWhatIsInIt:
    def test_bought_refused_tried_credited_and_returned(self, engine, world, lake):
        a_day_of_everything(engine, world)
        write(engine)
        assert agrees(engine)
        told = rows(lake, "SELECT status, reason, COUNT(DISTINCT purchase_id) FROM purchases"
                          " GROUP BY ALL ORDER BY ALL")  # fmt: skip
        assert told == [
            ("APPROVED", None, 3), ("DECLINED", "CARD_UNKNOWN", 1), ("DECLINED", "ITEM_BANNED", 1),
            ("DECLINED", "PIN_WRONG", 1), ("DECLINED", "PRICE_ABOVE_CEILING", 1),
        ]  # fmt: skip
        assert rows(lake, "SELECT reason, failed, age_band FROM attempts ORDER BY ALL") == [
            ("CARD_UNKNOWN", True, None), ("PIN_WRONG", True, "45-59"),
        ]  # fmt: skip
        assert rows(lake, "SELECT kind, SUM(amount) FROM movements GROUP BY ALL ORDER BY ALL") == [
            ("CREDIT", 400_000), ("VOID", 40_200)
        ]  # fmt: skip
        kept = "SELECT SUM(line_total), SUM(quantity_milli) FROM sold_lines"
        assert rows(lake, kept) == [(13_400 + 6_500 + 4 * 13_400, 5_500)]

    def test_nobody_can_be_told_by_it(self, engine, world, lake):
        a_day_of_everything(engine, world)
        write(engine)
        secrets = [world.kpm_id, world.card, NIK, MSISDN, MSISDN[1:], "Siti", "Wahyuni"]
        for path in lake.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            assert not [each for each in secrets if each.encode() in content], path
        names = {name for (name,) in rows(lake, "SELECT DISTINCT family FROM purchases")}
        assert engine.keys.pseudonyms("lake").of(world.kpm_id) in names
        assert engine.keys.pseudonyms("other").of(world.kpm_id) not in names

    def test_before_and_after_the_seal_it_is_the_same_fact(self, engine, world, lake):
        buy(engine, world, rice(1000))
        assert write(engine) > 0
        seal_all(engine)
        assert write(engine) == 0
        buy(engine, world, rice(1000))
        seal_all(engine)
        assert write(engine) == 1
        assert load_state(lake).early == set()
        assert agrees(engine)

    def test_a_fact_that_is_announced_again_is_not_taken_again(self, engine, world, lake):
        name = buy(engine, world, rice(1000))
        write(engine)
        seal_all(engine)
        write(engine)
        with engine.database.begin() as tx:
            announce(tx, Kind.PURCHASE, [(shard_of(world.kpm_id), name)])
        assert write(engine) == 0
        assert agrees(engine)
        seal_all(engine)

    def test_attempts_from_before_the_lake_come_once(self, engine, world, lake):
        a_day_of_everything(engine, world)
        with engine.database.begin() as tx:  # an engine that had no lake wrote no events
            tx.execute(delete(outbox).where(outbox.c.state == LAKE))
        write(engine)
        a_day_of_everything(engine, world)
        write(engine)
        assert rows(lake, "SELECT COUNT(*), COUNT(DISTINCT attempt_id) FROM attempts") == [(4, 4)]

    def test_a_small_batch_at_a_time_is_the_same(self, engine, world, lake, monkeypatch):
        a_day_of_everything(engine, world)
        seal_pending(engine)
        a_day_of_everything(engine, world)
        write(engine)
        whole = everything(lake)
        shutil.rmtree(lake)
        monkeypatch.setattr(lake_write, "FACTS_AT_ONCE", 3)
        write(engine)
        assert load_state(lake).number > 5
        assert everything(lake) == whole
        assert agrees(engine)


class TestOffline:
    """Sales without signal: what became of each, once."""

    @pytest.fixture
    def kind(self):
        return "sqlite"

    def test_each_outcome_once_and_the_money_is_the_ledgers(self, engine, world, lake):
        sold_offline(engine, world)
        write(engine)
        assert agrees(engine)
        told = rows(lake, "SELECT outcome, reason, amount, taken, seq, flags, family IS NOT NULL"
                          " FROM offline_outcomes ORDER BY seq")  # fmt: skip
        assert told == [
            ("ACCEPTED", None, 13_400, 13_400, 1, "OFFLINE", True),
            ("SHOP_LIABLE", "PRICE_ABOVE_CEILING", 20_000, 0, 2, "OFFLINE SHOP_LIABLE", True),
            ("PROGRAMME_LOSS", None, 13_400, 13_400, 3, "OFFLINE PROGRAMME_LOSS", True),
            ("BAD_SIGNATURE", None, 13_400, 0, 4, "", True),
        ]  # fmt: skip
        both = rows(lake, "SELECT o.outcome, p.status, p.amount FROM offline_outcomes o"
                          " JOIN purchases p ON p.purchase_id = o.purchase_id AND p.line <= 0"
                          " AND p.family = o.family ORDER BY o.seq")  # fmt: skip
        assert both == [
            ("ACCEPTED", "APPROVED", 13_400), ("SHOP_LIABLE", "DECLINED", 20_000),
            ("PROGRAMME_LOSS", "APPROVED", 13_400),
        ]  # fmt: skip
        seal_all(engine)
        assert write(engine) == 0
        assert agrees(engine)

    def test_one_that_waits_comes_when_it_is_settled(self, engine, world, lake):
        tablet = a_tablet(engine, world.shop_id, world.till_id)
        aside = put_aside(engine, tablet, world.kpm_id)
        first, second = tablet.sell(aside.allowance_id), tablet.sell(aside.allowance_id)
        tablet.sync(second)
        tablet.sync(second)  # it was asked for what is missing, and has no more
        seal_all(engine)
        write(engine)
        assert rows(lake, "SELECT 1 FROM offline_outcomes") == []
        tablet.sync(first)
        write(engine)
        assert rows(lake, "SELECT seq FROM offline_outcomes ORDER BY 1") == [(1,), (2,)]
        assert agrees(engine)

    @pytest.mark.parametrize("sealed", [True, False])
    def test_a_lake_from_before_reads_what_it_passed_over(
        self, engine, world, lake, monkeypatch, sealed
    ):
        sold_offline(engine, world)
        if sealed:
            seal_all(engine)
        end = Kind.ENVELOPE_END.value
        with monkeypatch.context() as patch:
            for name in ("leaves_between", "waiting"):
                real = getattr(lake_feed, name)
                patch.setattr(
                    lake_feed, name,
                    lambda *given, real=real: [e for e in real(*given) if e.kind != end],
                )  # fmt: skip
            patch.setattr(lake_write, "LATER_KINDS", ())
            write(engine)
            assert rows(lake, "SELECT 1 FROM offline_outcomes") == []
        assert check_lake(engine, lake).behind == 4
        assert write(engine) == 4
        assert agrees(engine)
        assert write(engine) == 0


# A few steps each day, every one of them in the long proofs.
EVERY = pytest.mark.parametrize("every", [200, pytest.param(1, marks=pytest.mark.proof)])


class KilledError(BaseException):
    """Stands for kill -9: nothing may catch it."""


def dying(monkeypatch, at, error=KilledError):
    """The n-th step on the disk does not happen, nor anything after it."""
    left = [at]

    def step(real):
        def dies(*given):
            left[0] -= 1
            if left[0] <= 0:
                raise error
            return real(*given)

        return dies

    for name in ("_sync", "publish", "write_whole"):
        monkeypatch.setattr(folder, name, step(getattr(folder, name)))
    monkeypatch.setattr(lake_feed, "forget_events", step(lake_feed.forget_events))
    return left


def whole_story(engine):
    """Write, merge, count: every step that changes the folder."""
    with a_consumer(engine) as consumer:
        while (wrote := consumer.round()).more or wrote.facts:
            pass
        list(compact_days(consumer.writer, "2030-01-01"))
        list(count_days(consumer.writer, "2030-01-01"))


class TestDeath:
    @pytest.fixture
    def kind(self):
        return "sqlite"  # what dies here is the folder

    @EVERY
    def test_at_each_step_nothing_is_lost_or_doubled(self, engine, world, lake, monkeypatch, every):
        a_day_of_everything(engine, world)
        write(engine)
        expected = everything(lake)
        monkeypatch.setattr(lake_write, "FACTS_AT_ONCE", 6)
        deaths = at = 0
        while True:
            at += every
            shutil.rmtree(lake)
            with monkeypatch.context() as patch:
                left = dying(patch, at)
                try:
                    whole_story(engine)
                except KilledError:
                    deaths += 1
                ended = left[0] > 0
            whole_story(engine)
            assert everything(lake) == expected
            assert agrees(engine)
            assert not list(lake.rglob(".*.new"))
            if ended:
                break
        assert deaths >= 100 // every

    @EVERY
    def test_a_full_disk_is_refused_and_healed(self, engine, world, lake, monkeypatch, every):
        a_day_of_everything(engine, world)
        monkeypatch.setattr(lake_write, "FACTS_AT_ONCE", 6)
        fulls = 0
        for at in range(1, 100, every):
            buy(engine, world, rice(100))
            with monkeypatch.context() as patch:
                dying(patch, at, OSError(errno.ENOSPC, "No space left on device"))
                try:
                    whole_story(engine)
                except (LakeFullError, OSError):
                    fulls += 1
        assert fulls >= 1
        whole_story(engine)
        assert agrees(engine)


class TestBadFolders:
    @pytest.fixture
    def kind(self):
        return "sqlite"

    def test_two_consumers(self, engine, world):
        with a_consumer(engine), pytest.raises(LakeBusyError, match="One consumer is enough"):
            lake_write.Consumer(engine)
        write(engine)

    def test_a_clock_that_goes_back(self, engine, world, clock, lake):
        for hours in (0, -30, 3, -50):
            clock.advance(hours=hours)
            buy(engine, world, rice(100))
            write(engine)
        assert agrees(engine)
        assert rows(lake, "SELECT COUNT(*) FROM purchases") == [(4,)]

    @pytest.mark.parametrize("harm", ["cut", "gone", "other bytes"])
    def test_a_damaged_file_is_named_and_written_again(self, engine, world, lake, harm):
        a_day_of_everything(engine, world)
        write(engine)
        before = everything(lake)
        path = next(iter(sorted((lake / "purchases").rglob("*.parquet"))))
        content = path.read_bytes()
        if harm == "gone":
            path.unlink()
        else:
            path.write_bytes(content[:-7] if harm == "cut" else content[:-7] + b"1234567")
        found = check_lake(engine, lake, every_byte=True)
        assert found.damaged == [str(path.relative_to(lake))]
        assert not found.good
        if harm != "other bytes":  # of these only a hash knows
            with pytest.raises(LakeDamagedError, match="missing or not as it was written"):
                write(engine)
        lake.rename(lake.with_name("away"))
        write(engine)
        assert everything(lake) == before
        assert agrees(engine)

    def test_a_file_that_no_manifest_names_is_set_aside(self, engine, world, lake):
        buy(engine, world, rice(1000))
        write(engine)
        path = next((lake / "purchases").rglob("*.parquet"))
        shutil.copy(path, path.with_name("stranger.parquet"))
        shutil.copy(path, path.with_name(".half.parquet.new"))
        write(engine)
        assert [each.name for each in path.parent.iterdir()] == [path.name]
        assert list((lake / folder.STRAYS).rglob("stranger.parquet"))

    def test_a_manifest_that_is_missing_or_spoilt_is_named(self, engine, world, lake):
        for _ in range(3):
            buy(engine, world, rice(100))
            with a_consumer(engine) as consumer:
                consumer.round()
        number = load_state(lake).number
        path = state.manifest_path(lake, number - 1)
        content = path.read_bytes()
        for harm in (content[: len(content) // 2], content.replace(b'"WRITE"', b'"WRONG"')):
            path.write_bytes(harm)
            with pytest.raises(LakeDamagedError, match="written again from the database"):
                write(engine)
        path.unlink()
        with pytest.raises(LakeDamagedError, match="is missing"):
            write(engine)

    def test_a_database_that_was_put_back_is_noticed(self, engine, world, lake, databases, keys):
        buy(engine, world, rice(1000))
        seal_all(engine)
        write(engine)
        url, other_world = databases.copy("sqlite")
        other = with_lake(make_engine(url, keys, engine.now), lake.parent)
        buy(other, other_world, rice(1000))
        buy(other, other_world, rice(1000))
        seal_all(other)
        with pytest.raises(OtherDatabaseError, match="put back"):
            write(other)
        other.close()
        databases.drop(url)


class TestFiles:
    @pytest.fixture
    def kind(self):
        return "sqlite"

    def test_hive_layout_is_read_by_others(self, engine, world, lake, clock):
        a_day_of_everything(engine, world)
        sold_offline(engine, world)
        write(engine)
        clock.advance(days=2)
        buy(engine, world, rice(100))
        write(engine)
        with closing(Writer(lake, clock)) as writer:
            list(compact_days(writer, "2026-11-22"))  # files of both makers side by side
            list(count_days(writer))
        hive = ds.partitioning(flavor="hive")
        for name, dataset in (DATASETS | ROLLUPS).items():
            place = lake / name if dataset.by_province else lake / "rollups" / name
            if name in LONG:
                continue
            found = ds.dataset(place, format="parquet", partitioning=hive)
            table = found.to_table()
            expected = load_state(lake).of(name)
            assert table.num_rows == sum(each.rows for each in expected), name
            assert set(table.column("day").to_pylist()) <= {"2026-11-21", "2026-11-23"}
            types = {each.name: each.type for each in found.schema}
            for column in dataset.schema:
                assert types[column.name] == column.type, (name, column)
        here = ds.dataset(lake / "purchases", format="parquet", partitioning=hive)
        one = here.to_table(columns=["line_total"], filter=ds.field("day") == "2026-11-23")
        assert one.column("line_total").to_pylist() == [1_340]

    def test_merging_says_nothing_new(self, engine, world, lake, clock):
        for _ in range(MERGE_AT + 1):
            buy(engine, world, rice(100))
            write(engine)
        before = everything(lake)
        writer = Writer(lake, clock)
        assert merge_small(writer) == 1
        assert len(writer.state.of("purchases")) == 1
        assert {each.dataset for each in compact_days(writer, "2026-11-22")} == {
            "purchases", "movements",
        }  # fmt: skip
        assert list(compact_days(writer, "2026-11-22")) == []
        writer.close()
        assert everything(lake) == before
        [path] = (lake / "purchases").rglob("*.parquet")
        metadata = pq.read_metadata(path).metadata
        assert (metadata[b"ewarong.dataset"], metadata[b"ewarong.version"]) == (b"purchases", b"1")
        assert agrees(engine)

    def test_counts_hold_until_a_row_comes(self, engine, world, lake, clock):
        question = "SELECT SUM(line_count), SUM(line_total) FROM prices_daily"

        def counted():
            with opened(lake, LIFE) as snapshot:
                used = snapshot.from_counts["prices_daily"]
                return used, snapshot.sql.execute(question).fetchall()

        a_day_of_everything(engine, world)
        write(engine)
        plain = counted()
        assert plain[0] == []
        writer = Writer(lake, clock)
        assert {each.dataset for each in count_days(writer)} == set(DAILY)
        assert list(count_days(writer)) == []
        writer.close()
        assert counted() == (["2026-11-21"], plain[1])
        a_day_of_everything(engine, world)
        write(engine)
        used, twice = counted()
        assert used == []
        assert twice[0][1] == 2 * plain[1][0][1]

    def test_an_older_version_is_read_and_a_newer_one_refused(
        self, engine, world, lake, monkeypatch
    ):
        buy(engine, world, rice(1000))
        write(engine)
        old = DATASETS["purchases"]
        younger = datasets.Column("voucher", datasets.TEXT, "came later", since=2)
        new = datasets.Dataset(old.name, old.meaning, old.day, (*old.columns, younger), old.order)
        with monkeypatch.context() as patch:
            patch.setitem(DATASETS, "purchases", new)
            assert rows(lake, "SELECT voucher, line_total FROM purchases") == [(None, 13_400)]
            writer = Writer(lake, engine.now)
            list(compact_days(writer, "2030-01-01"))
            assert [each.version for each in writer.state.of("purchases")] == [2]
            writer.close()
            assert rows(lake, "SELECT voucher, line_total FROM purchases") == [(None, 13_400)]
        with pytest.raises(LakeError, match="newer version"):
            rows(lake, "SELECT 1 FROM purchases")


def test_the_lake_goes_on_across_checkpoints(engine, world, lake, monkeypatch):
    monkeypatch.setattr("pos_engine.lake.writer.CHECKPOINT_EVERY", 2)
    for _ in range(7):
        buy(engine, world, rice(100))
        with a_consumer(engine) as consumer:
            consumer.round()
    assert agrees(engine)
    assert len(list((lake / folder.MANIFESTS).iterdir())) <= 6
