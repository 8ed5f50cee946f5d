"""The views of PostgreSQL have the rows of the files, pseudonyms and all."""

import psycopg
import pytest

from pos_engine.lake.datasets import DATASETS
from pos_engine.lake.postgresql import views_sql
from pos_engine.services.lake_rows import PURPOSE
from tests.lakes import a_day_of_everything, rows, sold_offline, with_lake, write

SHARED = {
    "sold_lines": "purchase_id, line, quantity_milli, line_total",
    "prices_daily": "regency, sku, unit_price, status, line_count, line_total",
    "prices_provinces": "province, sku, unit_price, status, line_count, line_total",
    "baskets_daily": "regency, lines, purchase_count, amount",
    "refusals_daily": "regency, shop_id, sku, verdict, line_count",
    "outcomes_daily": "regency, method, status, reason, purchase_count, amount",
    "attempts_daily": "regency, method, reason, failed, age_band, attempt_count",
    "ceiling_gap": "regency, sku, asked_price, gap",
    "banned_attempts": "regency, sku, reason, attempts",
    "money_daily": "regency, programme, kind, legs, amount",
}


@pytest.fixture
def kind():
    return "postgres"


@pytest.fixture
def asked(engine, world, prepared, tmp_path):
    """Ask both: the lake's files and the views over the tables."""
    lake = with_lake(engine, tmp_path)
    a_day_of_everything(lake, world)
    sold_offline(lake, world)
    write(lake)
    script = views_sql(engine.keys.pseudonyms(PURPOSE).key)
    with psycopg.connect(prepared[0]) as connection:
        connection.execute(script)
        connection.execute(script)  # again after an upgrade
        connection.execute("SET TimeZone = 'UTC'")

        def both(view, columns):
            there = connection.execute(f"SELECT {columns} FROM lake.{view}").fetchall()  # noqa: S608
            return (
                sorted(map(str, rows(tmp_path / "lake", f"SELECT {columns} FROM {view}"))),  # noqa: S608
                sorted(map(str, there)),
            )

        yield both, connection


def plain(dataset):
    """Columns as both drivers say them alike."""
    names = ["CAST(day AS VARCHAR)", "province"]
    for each in dataset.columns:
        if each.name == "balance_before":  # in the files alone
            continue
        moment = str(each.type).startswith(("timestamp", "date"))
        text = f"CAST({each.name} AS VARCHAR)" if str(each.type) == "date32[day]" else each.name
        names += [] if moment and text == each.name else [text]
    return ", ".join(names)


def test_every_column_of_every_dataset(asked):
    both, _ = asked
    for name, dataset in DATASETS.items():
        files, tables = both(name, plain(dataset))
        assert files == tables, name
        assert files


def test_moments_and_local_times(asked):
    both, _ = asked
    for view, moment in (("purchases", "decided_at"), ("returns", "made_at"),
                         ("attempts", "tried_at"), ("movements", "posted_at"),
                         ("offline_outcomes", "settled_at")):  # fmt: skip
        seconds = f"CAST(EXTRACT(EPOCH FROM {moment}) AS BIGINT)"
        local = ", CAST(EXTRACT(EPOCH FROM local_time) AS BIGINT)" * (view != "movements")
        files, tables = both(view, seconds + local)
        assert files == tables, view


def test_views_that_both_share(asked):
    both, _ = asked
    for view, columns in SHARED.items():
        files, tables = both(view, columns)
        assert files == tables, view
        assert files, view


def test_the_key_is_the_owners_alone(asked, prepared):
    _, connection = asked
    connection.execute("CREATE ROLE reader_of_views")
    connection.execute("GRANT USAGE ON SCHEMA lake TO reader_of_views")
    connection.execute("GRANT SELECT ON lake.purchases TO reader_of_views")
    connection.execute("SET ROLE reader_of_views")
    assert connection.execute("SELECT COUNT(family) FROM lake.purchases").fetchone()[0] > 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM lake.pseudonym_key")
    connection.rollback()
