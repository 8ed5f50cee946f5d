"""Counts of days, ten days and months say what the lines say, and fall away when lines come."""

import json
import shutil
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from catalog.load import load_shipped
from pos_engine.keys import Pseudonyms
from pos_engine.lake.compact import count_days
from pos_engine.lake.figures import FIGURES
from pos_engine.lake.questions import QUESTIONS, Where
from pos_engine.lake.rollups import DAILY, LONG, days_of
from pos_engine.lake.state import WRITE, Feed, load_state
from pos_engine.lake.views import Span, opened
from pos_engine.lake.watch import told
from pos_engine.lake.writer import Writer
from pos_engine.services.lake_rows import Maker

OVER = "2027-03-01"
MONTH = (date(2026, 12, 1), date(2026, 12, 31))
SPANS = {
    "the month": MONTH,
    "more than it": (date(2026, 11, 29), date(2027, 1, 2)),
    "ten days and days": (date(2026, 12, 3), date(2026, 12, 22)),
    "days": (date(2026, 12, 4), date(2026, 12, 8)),
    "nothing": (date(2025, 1, 1), date(2025, 12, 31)),
    "every year": (date(1, 1, 1), date(9999, 12, 31)),
}
EACH_TIME = ("the month",)
EVERY = [each if each in EACH_TIME else pytest.param(each, marks=pytest.mark.proof)
         for each in SPANS]  # fmt: skip
PLACES = ("35.07.13.2001", "35.78.01.1001", "94.01.01.1001")
ASKED = (None, "35.07", "' OR 1=1 --")
FROM_COUNTS = {
    name: (QUESTIONS | FIGURES)[name]
    for name in ("prices", "prices-provinces", "service", "banned-attempts", "exclusion",
                 "price-days", "spending", "places", "asked-prices", "baskets")
}  # fmt: skip


def line(price, verdict="OK", sku="BERAS-MEDIUM"):
    return {
        "sku": sku, "name": sku.title(), "quantity_milli": 1000, "unit": "kg", "unit_price": price,
        "line_total": price, "verdict": verdict, "flags": [], "ceiling": 13_500,
        "ceiling_kind": "HET", "regulation": "Kepka",
    }  # fmt: skip


def bought(number, day, *lines, reason=None):
    """A purchase as the database gives it."""
    at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=3, seconds=number)
    total = 0 if reason else sum(each["line_total"] for each in lines)
    return SimpleNamespace(
        purchase_id=f"p-{number}", shop_id=f"shop-{number % 5}", till_id="till", staff_id="staff",
        region=PLACES[number % 3], kpm_id=f"KPM-{number % 7}", person_id=None, family_region=None,
        status="DECLINED" if reason else "APPROVED", reason=reason, method="KKS", amount=total,
        policy="SEMBAKO-2021", price_book="b", number=str(number), day=day, occurred_at=at,
        decided_at=at, flags="[]", lines=json.dumps(lines),
    )  # fmt: skip


def tried(number, day):
    at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=2, seconds=number)
    nothing = dict.fromkeys(("scope", "gallery_size", "score", "margin", "fpir_estimate",
                             "model_id", "quote_id"))  # fmt: skip
    return SimpleNamespace(
        attempt_id=f"a-{number}", shop_id="shop-0", till_id="till", staff_id="staff",
        kpm_id=f"KPM-{number % 9}", method="FACE", outcome="NOT_IDENTIFIED",
        reason="FACE_NO_MATCH", at=at, **nothing,
    )  # fmt: skip


class Lake:
    """A lake without an engine."""

    def __init__(self, folder):
        self.folder = folder
        self.maker = Maker(load_shipped().zones, Pseudonyms(bytes(32)))

    def open(self):
        return closing(Writer(self.folder, lambda: datetime.now(UTC)))

    def write(self, purchases, attempts=()):
        with self.open() as writer:
            parts = list(self.maker.purchases(purchases, {}))
            parts += self.maker.attempts(attempts, {"shop-0": PLACES[0]}, {})
            writer.commit(WRITE, Feed(), parts)

    def count(self, until=OVER):
        with self.open() as writer:
            return [(each.dataset, each.day) for each in count_days(writer, until)]

    def say(self, span, regions=ASKED, names=tuple(FROM_COUNTS)):
        """What each question says of each region, and which days the span's prices took."""
        found = {}
        for region in regions:
            with opened(self.folder, Span(*span)) as snapshot:
                for name in names:
                    found[name, region] = list(FROM_COUNTS[name](snapshot, Where(region)))
                covered = snapshot.from_counts["prices_span"]
        return found, covered


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Five weeks: cheap, dear, too dear, banned, in three regencies; the same without counts."""
    lake = Lake(tmp_path_factory.mktemp("lake") / "lake")
    days = [date(2026, 11, 30) + timedelta(days=8 * n) for n in range(5)]
    sales = []
    for n, day in enumerate(days):
        prices = (12_000 + 100 * n, 13_900 - 100 * n)
        sales += [bought(10 * n + k, day, *map(line, prices), line(9_000, sku="SPHP"))
                  for k in range(3)]  # fmt: skip
        dear = line(20_000, "PRICE_ABOVE_CEILING")
        sales.append(bought(10 * n + 4, day, line(12_000), dear, reason="PRICE_ABOVE_CEILING"))
        banned = line(900, "ITEM_BANNED", "ROKOK")
        sales.append(bought(10 * n + 5, day, banned, reason="ITEM_BANNED"))
    lake.write(sales, [tried(n, day) for n, day in enumerate(days)])
    plain = Lake(lake.folder.with_name("plain"))
    shutil.copytree(lake.folder, plain.folder)
    return lake, plain, lake.count()


@pytest.mark.parametrize("span", EVERY)
def test_counts_say_what_lines_say(filled, span):
    lake, plain, _ = filled
    said, expected = lake.say(SPANS[span])[0], plain.say(SPANS[span])[0]
    for asked in said:
        assert said[asked] == expected[asked], asked
    assert bool(said["prices", None]) == (span != "nothing")
    assert said["prices", "' OR 1=1 --"] == []


def test_a_month_is_made_of_ten_days_and_used_when_it_lies_within(filled):
    lake, _, done = filled
    assert {name for name, _ in done} == {*DAILY, *LONG}
    assert ("prices_monthly", "2026-12-01") in done
    tens = [day for name, day in done if name == "prices_ten_days"]
    assert tens == ["2026-11-21", "2026-12-01", "2026-12-11", "2026-12-21", "2027-01-01"]
    assert len(lake.say(SPANS["more than it"], (None,), ("prices",))[1]) == 31
    assert len(lake.say(SPANS["ten days and days"], (None,), ("prices",))[1]) == 10
    assert lake.count() == []


def test_a_late_sale_makes_its_day_and_month_count_again(filled, tmp_path):
    kept, plain, _ = filled
    lake = Lake(tmp_path / "lake")
    shutil.copytree(kept.folder, lake.folder)
    asked = ((None,), ("prices",))
    before = plain.say(MONTH, *asked)[0]["prices", None]
    lake.write([bought(500, date(2026, 12, 28), line(12_345))])
    said, covered = lake.say(MONTH, *asked)
    count = sum(row["purchases"] for row in before)
    assert sum(row["purchases"] for row in said["prices", None]) == count + 1
    assert len(covered) == 20  # the first two ten days hold still
    again = lake.count()
    assert ("prices_monthly", "2026-12-01") in again
    assert ("prices_ten_days", "2026-12-21") in again
    assert ("prices_ten_days", "2026-12-11") not in again
    assert lake.say(MONTH, *asked) == (said, [day.isoformat() for day in december()])
    assert len(load_state(lake.folder).of("prices_monthly", "2026-12-01")) == 1


def december():
    return [MONTH[0] + timedelta(days=n) for n in range(31)]


def test_what_is_not_over_is_not_summed(tmp_path):
    lake = Lake(tmp_path / "lake")
    lake.write([bought(n, day, line(12_000)) for n, day in enumerate(december()[::9])])
    early = lake.count("2026-12-12")
    assert {each for each in early if each[0] in LONG} == {("prices_ten_days", "2026-12-01")}
    assert {name for name, _ in lake.count("2027-01-01")} == set(LONG)


@pytest.mark.proof
def test_a_count_of_very_many_lines_may_be_minutes_old(tmp_path, monkeypatch):
    lake, day = Lake(tmp_path / "lake"), MONTH[0]
    asked = ((day, day), (None,), ("prices",))

    def paid():
        with opened(lake.folder, Span(day, day)) as snapshot:
            [row] = FROM_COUNTS["prices"](snapshot, Where())
            return row["purchases"], snapshot.counted_us is not None

    lake.write([bought(0, day, line(12_000))])
    lake.count()
    lake.write([bought(3, day, line(13_000))])
    assert paid() == (2, False)
    monkeypatch.setattr("pos_engine.lake.views.READ_AGAIN_MAX", 1)
    assert paid() == (1, True)
    lake.write([bought(6_000, day, line(13_000))])  # an hour and a half later
    assert paid() == (3, False)
    lake.write([bought(6_003, day, line(13_000))])
    lake.count()  # never from a count that is old
    assert lake.say(*asked)[0]["prices", None][0]["purchases"] == 4


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2028, 2, 29), date(2026, 12, 31)])
def test_ten_days_and_months_cover_each_day_once(day):
    begins = day.replace(day=1)
    days = [begins + timedelta(days=n) for n in range(day.day)]
    for name in LONG:
        spans = {days_of(name, each) for each in days}
        assert sorted(name for each in spans for name in each.names) == [
            each.isoformat() for each in days
        ]
    assert days_of("prices_monthly", day).last == day


def test_a_long_question_tells_how_far_it_is(filled, monkeypatch):
    lake, plain, _ = filled
    monkeypatch.setattr("pos_engine.lake.watch.LOOK_EVERY_S", 0.001)
    percents = []
    with told(percents.append):
        rows = lake.say(SPANS["days"], (None,), ("prices",))[0]["prices", None]
    assert rows == plain.say(SPANS["days"], (None,), ("prices",))[0]["prices", None]
    assert all(0 <= each <= 100 for each in percents)
