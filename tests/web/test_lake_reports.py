"""Reports of the lake by HTTP: nobody sees another region, and files say what they are."""

import io
import zipfile

import pyarrow.parquet as pq
import pytest

from pos_engine.services.authorize import authorize
from tests.lakes import a_day_of_everything, with_lake, write
from tests.web.conftest import log_in
from tests.world import a_purchase, rice

SPAN = {"from": "2026-11-21", "to": "2026-11-21"}
NAMES = ("prices", "purchases", "ceiling-gap", "banned-attempts", "exclusion", "service", "quality")


@pytest.fixture
def engine(engine, tmp_path):
    return with_lake(engine, tmp_path)


@pytest.fixture
def ask(client, world):
    def asked(name, who="KEMENSOS", **more):
        token = log_in(client, world.staff[who])["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return client.get(f"/v1/reports/{name}", params=SPAN | more, headers=headers)

    return asked


@pytest.fixture
def sold(engine, world):
    a_day_of_everything(engine, world)
    write(engine)


def test_without_a_lake_it_is_said(ask):
    for name in ("exclusion", "service"):
        answer = ask(name)
        assert (answer.status_code, answer.json()["code"]) == (409, "NO_LAKE")
    assert ask("prices", as_of="2026-11-21T17:00:00+07:00").status_code == 409
    assert ask("prices").status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_an_officer_of_a_regency_stays_in_it(ask, engine, world, sold, name):
    """The other shop lies in Papua; DINSOS is of Malang."""
    foreign = ("94", "94.01", "", "%", "35.0", "35.07' OR '1'='1", "35.07.13' OR 1=1 --")
    own = ask(name, who="DINSOS").json()["rows"]
    assert own == ask(name, region="35.07").json()["rows"]
    for region in foreign:
        answer = ask(name, who="DINSOS", region=region)
        assert answer.status_code == 422 or answer.json()["rows"] == own, region
    assert ask(name, who="KEMENSOS", region="94").json()["rows"] == []


@pytest.mark.parametrize(
    ("first", "last"),
    [("2020-01-01", "2026-11-21"), ("0001-01-01", "9999-12-31"), ("2026-11-22", "2026-11-21"),
     ("2026-02-30", "2026-03-01"), ("1' OR 1=1", "2026-11-21")],
)  # fmt: skip
def test_years_and_days_that_are_none_are_refused(ask, sold, first, last):
    for name in ("prices", "purchases"):
        answer = ask(name, **{"from": first, "to": last})
        assert answer.status_code == 422, (name, answer.text)


def test_a_shops_owner_sees_her_shop_whatever_she_asks(ask, world, sold):
    own = ask("purchases", who="PEMILIK").json()["rows"]
    assert {row["shop_id"] for row in own} == {world.shop_id}
    for more in ({"region": "94"}, {"shop_id": world.other_shop_id}, {"shop": "%"}):
        assert ask("purchases", who="PEMILIK", **more).json()["rows"] == own


def test_as_of_is_a_moment_and_names_what_came_since(ask, sold):
    early = ask("prices", as_of="2026-11-20T00:00:00+07:00").json()
    assert early["rows"] == []
    assert {each["what"] for each in early["changes"]} == {
        "purchase approved", "purchase declined", "void",
    }  # fmt: skip
    late = ask("prices", as_of="2026-11-22T00:00:00+07:00").json()
    assert late["rows"]
    assert late["changes"] == []
    for wrong in ("yesterday", "2026-11-22T00:00:00", "1' OR 1=1"):
        assert ask("prices", as_of=wrong).status_code == 422


def test_spreadsheet_and_parquet(ask, sold):
    book = ask("purchases", format="xlsx")
    assert book.headers["content-type"].endswith("spreadsheetml.sheet")
    with zipfile.ZipFile(io.BytesIO(book.content)) as opened:
        assert b"Kamus" in opened.read("xl/workbook.xml")
    file = ask("purchases", format="parquet")
    table = pq.read_table(io.BytesIO(file.content))
    assert table.num_rows == int(file.headers["x-report-rows"]) == 3
    rows_of_csv = ask("purchases", format="csv")
    hashes = {each.headers["x-report-sha256"] for each in (book, file, rows_of_csv)}
    assert len(hashes) == 1


def test_a_damaged_lake_leaves_the_database_to_answer(ask, engine, world, sold):
    for path in (engine.lake / "_manifests").iterdir():
        path.write_bytes(b"{")
    assert ask("prices").json()["rows"]
    answer = ask("service")
    assert (answer.status_code, answer.json()["code"]) == (503, "LAKE_UNAVAILABLE")


def test_what_is_not_written_yet_is_there_when_nobody_writes(ask, engine, world, sold):
    authorize(engine, a_purchase(world, rice(100, 10_000)))
    (engine.lake / ".looked").unlink()
    assert 10_000 in {row["unit_price"] for row in ask("purchases").json()["rows"]}
