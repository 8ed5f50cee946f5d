"""Reports from the lake say what the database says, as of any moment, and escape nobody's scope."""

import csv
import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest
from sqlalchemy import update

from pos_engine.lake.compact import count_days
from pos_engine.lake.folder import LakeError
from pos_engine.lake.writer import Writer
from pos_engine.services import lake_reports
from pos_engine.services.authorize import authorize
from pos_engine.services.report import LAKE_REPORTS, NeedsLakeError, Scope, make_report
from pos_engine.services.report_download import Asked, write_download
from pos_engine.services.report_files import FORMATS, Counted
from pos_engine.services.void import void
from pos_engine.store.schema import shop
from tests.lakes import a_day_of_everything, sold_offline, with_lake, write
from tests.returning import a_void, buy, lines
from tests.world import NOW, a_purchase, rice

DAY = NOW.date()
SPAN = (DAY - timedelta(20), DAY + timedelta(20))
OLD = tuple(name for name in LAKE_REPORTS if name not in lake_reports.COLUMNS)


@pytest.fixture
def engine(engine, tmp_path):
    return with_lake(engine, tmp_path)


@pytest.fixture
def sold(engine, world, clock):
    """Two days, a dozen prices."""
    for price in (13_000, 13_500, 13_400, 12_100, 13_000):
        buy(engine, world, rice(300, price), rice(200, price - 1_500, "BERAS-SPHP"))
    a_day_of_everything(engine, world)
    clock.advance(days=1)
    buy(engine, world, rice(100, 12_900))
    write(engine)


def said(engine, name, scope=Scope(), as_of=None):  # noqa: B008 - a frozen value
    return make_report(engine, name, *SPAN, scope, as_of)


def of_database(engine, name, scope=Scope()):  # noqa: B008 - a frozen value
    return said(replace(engine, lake=None), name, scope)


SCOPES = {
    "nation": {},
    "province": {"region": "35"},
    "regency": {"region": "35.07"},
    "district": {"region": "35.07.13"},
    "another province": {"region": "94"},
    "no region at all": {"region": "35.0"},
    "SQL": {"region": "35' OR 1=1 --"},
    "wildcard": {"region": "%"},
    "shop": {"shop_id": "own"},
    "other shop": {"shop_id": "' OR '1'='1"},
}


EACH_TIME = ("nation", "SQL")


@pytest.mark.parametrize(
    "scope",
    [each if each in EACH_TIME else pytest.param(each, marks=pytest.mark.proof) for each in SCOPES],
)
def test_the_lake_says_what_the_database_says(engine, world, clock, sold, scope):
    asked = SCOPES[scope]
    if asked.get("shop_id") == "own":
        asked = {"shop_id": world.shop_id}
    counted = Writer(engine.lake, clock)
    list(count_days(counted, "2030-01-01"))
    counted.close()
    for name in OLD:
        lake, database = (
            said(engine, name, Scope(**asked)),
            of_database(engine, name, Scope(**asked)),
        )
        assert lake.known_until is not None
        assert (lake.columns, lake.rows) == (database.columns, database.rows), name
    inside = scope in {"nation", "province", "regency", "district", "shop"}
    assert bool(said(engine, "prices", Scope(**asked)).rows) == inside
    assert bool(said(engine, "service", Scope(**asked)).rows) == inside
    assert bool(said(engine, "exclusion", Scope(**asked)).rows) == inside


def test_a_lake_that_is_behind_does_not_answer(engine, world, sold):
    buy(engine, world, rice(100, 11_000))
    assert 11_000 not in {row["unit_price"] for row in said(engine, "purchases").rows}
    (engine.lake / ".looked").unlink()  # nobody writes it any more
    assert 11_000 in {row["unit_price"] for row in said(engine, "purchases").rows}


def test_a_kept_answer_goes_when_a_row_comes(engine, world, sold):
    first = said(engine, "prices")
    assert said(engine, "prices").rows is first.rows
    buy(engine, world, rice(100, 9_000))
    write(engine)
    assert said(engine, "prices").rows != first.rows


def test_without_a_lake_what_only_it_knows_is_refused(engine, tmp_path):
    alone = replace(engine, lake=tmp_path / "none")
    for name, as_of in (("service", None), ("exclusion", None), ("prices", NOW)):
        with pytest.raises(NeedsLakeError, match="lake write"):
            said(alone, name, as_of=as_of)
    with pytest.raises(NeedsLakeError, match="leave --as-of out"):
        said(engine, "settlement", as_of=NOW)


def test_service_tells_the_shoppers_no_from_ours(engine, sold):
    rows = said(engine, "service").rows
    told = {key: sum(row[key] or 0 for row in rows) for key in rows[0] if key.endswith("declines")}
    assert told == {"business_declines": 4, "technical_declines": 0}
    assert sum(row["approved"] or 0 for row in rows) == 9


def test_exclusion_names_reasons_and_who_never_bought(engine, world, sold):
    rows = said(engine, "exclusion").rows
    attempts = {(r["method"], r["reason"]): r["failed"] for r in rows if r["section"] == "attempts"}
    assert attempts == {("KKS", "PIN_WRONG"): 1, ("KKS", "CARD_UNKNOWN"): 1}
    [families] = [row for row in rows if row["section"] == "families"]
    assert (families["families"], families["never_bought"]) == (1, 0)


def test_a_family_that_was_only_turned_away_never_bought(engine, world):
    authorize(engine, a_purchase(world, rice(100, 20_000)))
    write(engine)
    [row] = said(engine, "exclusion").rows
    assert (row["families"], row["never_bought"]) == (1, 1)


class TestAsOf:
    def test_a_report_is_what_was_known_then_and_names_what_changed(self, engine, world, clock):
        name = buy(engine, world, rice(2000))
        write(engine)
        clock.advance(hours=1)
        then = clock.at
        before = said(engine, "prices", as_of=then)
        clock.advance(minutes=1)
        void(engine, a_void(world, name, lines=lines(1000)))
        buy(engine, world, rice(1000, 12_000))
        write(engine)
        again = said(engine, "prices", as_of=then)
        assert again.rows == before.rows
        assert before.changes == []
        told = {(each["what"], each["amount"]) for each in again.changes}
        assert told == {("void", -13_400), ("purchase approved", 12_000)}
        now = said(engine, "purchases").rows
        assert sorted(row["line_total"] for row in now) == [12_000, 13_400]

    @pytest.mark.parametrize("output", FORMATS)
    def test_its_file_has_the_same_bytes_each_time(self, engine, world, clock, tmp_path, output):
        buy(engine, world, rice(2000))
        write(engine)
        clock.advance(hours=1)
        asked = Asked("purchases", *SPAN, Scope(), clock.at)
        first, second = tmp_path / f"a.{output}", tmp_path / f"b.{output}"
        one = write_download(engine, asked, output, first)
        clock.advance(hours=2)
        buy(engine, world, rice(1000))
        write(engine)
        two = write_download(engine, asked, output, second)
        assert (one.rows, one.sha256) == (two.rows, two.sha256) == (1, one.sha256)
        assert first.read_bytes() == second.read_bytes()


class TestFiles:
    @pytest.fixture
    def dangerous(self, engine, world):
        """A shop whose name is a formula."""
        with engine.database.begin() as tx:
            tx.execute(update(shop).values(name='=HYPERLINK("http://x")\' OR 1=1;--'))
        buy(engine, world, rice(1000))
        write(engine)

    def write(self, engine, tmp_path, output):
        path = tmp_path / f"file.{output}"
        asked = Asked("purchases", *SPAN, Scope(region="35"))
        return path, write_download(engine, asked, output, path)

    def test_csv_is_no_formula_and_says_what_it_is(self, engine, dangerous, tmp_path):
        path, made = self.write(engine, tmp_path, "csv")
        text = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        data, _, about = text.partition(b"# report")
        assert hashlib.sha256(data).hexdigest() == made.sha256
        [row] = csv.DictReader(data.decode().splitlines())
        assert row["shop"].startswith("'=HYPERLINK")
        for said_of in ("region: 35", f"sha256: {made.sha256}", "rows: 1", "made_at: 2026-11-21"):
            assert said_of in about.decode()

    def test_a_spreadsheet_has_texts_not_formulas_and_a_dictionary(
        self, engine, dangerous, tmp_path
    ):
        path, made = self.write(engine, tmp_path, "xlsx")
        with zipfile.ZipFile(path) as book:
            sheets = [book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2)]
            assert 'name="Kamus"' in book.read("xl/workbook.xml").decode()
        assert "<f>" not in sheets[0]
        assert "&apos;=HYPERLINK" in sheets[0] or "'=HYPERLINK" in sheets[0]
        assert made.sha256 in sheets[1]
        assert "thousandths" in sheets[1]

    def test_parquet_has_types_and_says_what_it_is(self, engine, dangerous, tmp_path):
        path, made = self.write(engine, tmp_path, "parquet")
        table = pq.read_table(path)
        assert table.column("line_total").to_pylist() == [13_400]
        assert pq.read_metadata(path).metadata[b"ewarong.sha256"] == made.sha256.encode()

    def test_json_says_what_it_is(self, engine, dangerous, tmp_path):
        path, made = self.write(engine, tmp_path, "json")
        read = json.loads(path.read_text())
        assert read["about"]["sha256"] == made.sha256
        assert len(read["data"]) == made.rows == 1

    def test_every_format_has_the_same_hash_of_its_rows(self, engine, dangerous, tmp_path):
        assert len({self.write(engine, tmp_path, each)[1].sha256 for each in FORMATS}) == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cells_that_a_spreadsheet_would_run(start):
    counted = Counted(("a",))
    [(_, text)] = counted.pages([{"a": f"{start}1+1"}])
    assert text.lstrip(b'"').startswith(b"'")


@pytest.mark.parametrize("harm", ["half", "empty", "gone"])
def test_half_a_file_is_refused_and_never_counted(engine, world, sold, tmp_path, harm):
    """Nothing is told of a lake with a hole in it; the database still answers what it knows."""
    for path in (engine.lake / "purchases").rglob("*.parquet"):
        content = path.read_bytes()
        if harm == "gone":
            path.unlink()
        else:
            path.write_bytes(content[: len(content) // 2] if harm == "half" else b"")
    for name in ("prices", "service", "purchases"):
        with pytest.raises(LakeError, match="cannot be read"):
            said(engine, name)
        with pytest.raises(LakeError, match="cannot be read"):
            write_download(engine, Asked(name, *SPAN, Scope()), "csv", tmp_path / "x.csv")
    assert of_database(engine, "purchases").rows


def test_a_sale_without_signal_is_told_of_as_such(engine, world):
    sold_offline(engine, world)
    write(engine)
    rows = said(engine, "purchases").rows
    assert [row["offline"] for row in rows] == [True, True]
    assert rows == of_database(engine, "purchases").rows


def test_unused_days_cost_nothing(engine, world):
    write(engine)
    report = make_report(engine, "prices", date(1, 1, 1), date(9999, 12, 31), Scope())
    assert report.rows == []
