"""Counts of a month's families say what the lines say: of every place, after late lines too."""

import random
import shutil
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from catalog.load import load_shipped
from pos_engine.keys import Pseudonyms
from pos_engine.lake import public
from pos_engine.lake.compact import compact_days, count_days, forget_counts
from pos_engine.lake.family_rollups import OF_FAMILIES
from pos_engine.lake.figures import reach
from pos_engine.lake.left_out import left_out, outages
from pos_engine.lake.questions import Where, prices
from pos_engine.lake.rollups import AT_NIGHT, DAILY, LONG
from pos_engine.lake.state import WRITE, Feed, folded, load_state
from pos_engine.lake.views import Span, opened
from pos_engine.lake.writer import Writer
from pos_engine.services.lake_rows import Maker
from tests.services.test_lake_rollups import bought, line

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
OVER = "2026-12-02"
DAYS = (date(2026, 11, 2), date(2026, 11, 6), date(2026, 11, 24))
FEW = (None, "35", "35.07.13")
VILLAGES = ("35.07.13.2001", "35.07.13.2002", "35.07.01.1001", "35.78.01.1001", "94.01.01.1001",
            "35.07")  # fmt: skip
REGIONS = (None, "35", "94", "35.07", "35.07.13", "35.07.13.2001", "11", "35.0", "' OR 1=1 --")
QUESTIONS = {
    "reach": reach,
    "left-out": left_out,
    "left-out-30": lambda snapshot, where: left_out(snapshot, where, 30),
    "outages": outages,
    "prices": prices,
}
SOLD, TRIED = 400, 150


def at(day, hour, number):
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=hour, seconds=number)


def a_purchase(dice, number):
    """One of forty families somewhere; some are refused for a price, some for a PIN."""
    day = dice.choice(DAYS)
    reason = dice.choice((None, None, None, "PIN_WRONG", "PRICE_ABOVE_CEILING"))
    made = bought(number, day, line(12_000 + 100 * dice.randrange(9)), reason=reason)
    made.kpm_id, made.region = f"KPM-{dice.randrange(40)}", dice.choice(VILLAGES)
    made.method = dice.choice(("KKS", "PHONE", "QR"))
    made.decided_at = made.occurred_at = at(day, dice.randrange(1, 9), number)
    return made


def an_attempt(dice, number):
    failed = dice.random() < 0.5
    nothing = dict.fromkeys(("scope", "gallery_size", "score", "margin", "fpir_estimate",
                             "model_id", "quote_id"))  # fmt: skip
    return SimpleNamespace(
        attempt_id=f"a-{number}", shop_id=f"at {dice.choice(VILLAGES)}", till_id="till",
        staff_id="staff", kpm_id=f"KPM-{dice.randrange(50)}", method="FACE",
        outcome="NOT_IDENTIFIED" if failed else "IDENTIFIED",
        reason="FACE_NO_MATCH" if failed else None,
        at=at(dice.choice(DAYS), dice.randrange(1, 9), number), **nothing,
    )  # fmt: skip


def a_credit(dice, number, region):
    return SimpleNamespace(
        txn_id=f"run:{number}", leg=0, shard=0, region=region, kind="CREDIT", amount=200_000,
        programme="BPNT", period="2026-11", run_id="run", custodian="ENGINE", expires_on=None,
        kpm_id=f"KPM-{number % 60}",
        posted_at=at(dice.choice(DAYS[:2]), 1, number),
    )  # fmt: skip


def a_return(number, purchase):
    return SimpleNamespace(
        reversal_id=f"r-{number}", reverses_id=purchase.purchase_id, kind="VOID",
        shop_id=purchase.shop_id, region=purchase.region, kpm_id=purchase.kpm_id, unusable=0,
        made_by="owner", approved_by=None, amount=purchase.amount, lines="[]",
        purchase_day=purchase.day, made_at=purchase.decided_at + timedelta(hours=1),
    )  # fmt: skip


class Lake:
    """A lake of families that move about, without an engine."""

    def __init__(self, folder):
        self.folder = folder
        self.maker = Maker(load_shipped().zones, Pseudonyms(bytes(32)))

    def open(self):
        return closing(Writer(self.folder, lambda: datetime(2026, 12, 2, tzinfo=UTC)))

    def write(self, seed, scale=1.0):
        dice = random.Random(seed)
        start = seed * 100_000
        sold = [a_purchase(dice, start + n) for n in range(int(SOLD * scale))]
        tried = [an_attempt(dice, start + n) for n in range(int(TRIED * scale))]
        homes = dice.choices(VILLAGES, k=int(80 * scale))  # the last twenty were credited twice
        credits_in = [a_credit(dice, start + n, home) for n, home in enumerate(homes)]
        back = [a_return(start + n, each) for n, each in enumerate(sold[::9]) if each.amount]
        with self.open() as writer:
            parts = [
                *self.maker.purchases(sold, {}),
                *self.maker.attempts(tried, {f"at {each}": each for each in VILLAGES}, {}),
                *self.maker.movements(credits_in),
                *self.maker.returns(back),
            ]
            writer.commit(WRITE, Feed(), parts)

    def copy(self, name):
        shutil.copytree(self.folder, self.folder.with_name(name))
        other = Lake(self.folder.with_name(name))
        other.maker = self.maker
        return other

    def count(self, until=OVER, *, running=False):
        with self.open() as writer:
            return {each.dataset for each in count_days(writer, until, running=running)}

    def say(self, names=tuple(QUESTIONS), regions=REGIONS, last=LAST):
        """What each question says of each place, and whether a count of the month said it."""
        said, counted = {}, set()
        for region in regions:
            province = (region or "")[:2]
            whole = province if province.isdigit() else ""
            with opened(self.folder, Span(FIRST, last, whole)) as snapshot:
                for name in names:
                    said[name, region] = list(QUESTIONS[name](snapshot, Where(region)))
                counted.add(snapshot.of_month(*AT_NIGHT))
        with opened(self.folder, Span(FIRST, last)) as snapshot:
            said["public", None] = [*public.by_province(snapshot), public.unfed(snapshot)]
        return said, counted


def same(said, expected):
    for asked in expected:
        assert said[asked] == expected[asked], asked


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A month in two writings, counted; and the same without counts."""
    lake = Lake(tmp_path_factory.mktemp("families") / "lake")
    lake.write(1)
    lake.write(2, 0.3)
    plain = lake.copy("plain")
    return lake, plain, lake.count()


def test_counts_of_families_say_what_lines_say(month):
    lake, plain, made = month
    assert made == {*DAILY, *LONG}
    (said, counted), (expected, of_lines) = lake.say(regions=FEW), plain.say(regions=FEW)
    assert (counted, of_lines) == ({True}, {False})
    same(said, expected)
    assert expected["reach", "35.07.13"]
    assert {row["section"] for row in expected["left-out", None]} == {
        "METHOD", "AGE", "REGION", "CREDITED",
    }  # fmt: skip


@pytest.mark.proof
def test_every_place_is_counted_as_its_lines_say(month):
    lake, plain, _ = month
    same(lake.say()[0], plain.say()[0])


@pytest.mark.proof
def test_a_late_line_compaction_and_a_rebuilt_lake_change_nothing(month, tmp_path):
    kept, plain, _ = month
    lake = Lake(tmp_path / "lake")
    shutil.copytree(kept.folder, lake.folder)
    lake.write(3, 0.1)  # late: of days that were counted
    late = Lake(tmp_path / "late")
    shutil.copytree(plain.folder, late.folder)
    late.write(3, 0.1)
    expected = late.say(regions=FEW)[0]
    said, counted = lake.say(regions=FEW)
    assert counted == {False}  # the count is of other files now
    same(said, expected)
    assert lake.count() >= set(AT_NIGHT)
    with lake.open() as writer:
        assert list(compact_days(writer, OVER))
    lake.count()
    said, counted = lake.say(regions=FEW)
    assert counted == {True}
    same(said, expected)
    with lake.open() as writer:
        assert forget_counts(writer)
        assert not [each for each in writer.state.files.values() if each.sources]
    same(lake.say(regions=FEW)[0], expected)
    assert lake.count() == {*DAILY, *LONG}
    same(lake.say(regions=FEW)[0], expected)


@pytest.mark.proof
def test_a_running_month_is_counted_at_night_when_it_is_large(month, tmp_path, monkeypatch):
    _, plain, _ = month
    lake = Lake(tmp_path / "lake")
    shutil.copytree(plain.folder, lake.folder)
    assert not lake.count("2026-11-30", running=True) & set(AT_NIGHT)
    for module in ("views", "compact"):
        monkeypatch.setattr(f"pos_engine.lake.{module}.READ_AGAIN_MAX", 1)
    assert lake.count("2026-11-30", running=True) >= set(AT_NIGHT)
    assert lake.count("2026-11-30", running=True) == set()
    expected = plain.say(("reach",), FEW)[0]
    assert lake.say(("reach",), FEW) == (expected, {True})
    with lake.open() as writer:  # one sale more: the count of the night is told with its time
        one = a_purchase(random.Random(9), 900_000)
        writer.commit(WRITE, Feed(), list(lake.maker.purchases([one], {})))
    with opened(lake.folder, Span(FIRST, LAST)) as snapshot:
        assert snapshot.of_month(*AT_NIGHT)
        assert snapshot.counted_us is not None
    for other in (Span(FIRST, LAST - timedelta(days=9)), Span(FIRST, LAST + timedelta(days=1))):
        with opened(lake.folder, other) as snapshot:
            assert not snapshot.of_month(*AT_NIGHT)


def test_a_reader_folds_only_what_came_since(month, tmp_path):
    kept, plain, _ = month
    lake = Lake(tmp_path / "lake")
    shutil.copytree(plain.folder, lake.folder)
    first = folded(lake.folder)
    assert folded(lake.folder) is first
    before = dict(first.files)
    with lake.open() as writer:
        writer.commit(WRITE, Feed(links={"0/1": (1, "a")}), [])
    later = folded(lake.folder)
    assert later == load_state(lake.folder)
    assert (later.number, first.files) == (first.number + 1, before)
    shutil.rmtree(lake.folder)  # a lake that was written anew, with other manifests
    shutil.copytree(kept.folder, lake.folder)
    assert folded(lake.folder) == load_state(kept.folder)
    shutil.rmtree(lake.folder)
    assert folded(lake.folder).number == 0


def test_each_count_of_families_is_named():
    assert set(AT_NIGHT) == {each.name for each in OF_FAMILIES}
