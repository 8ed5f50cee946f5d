"""The event lake: lines written a second, and questions to a synthetic month of the nation.

    python benchmarks/bench_lake.py [--lines 80000000] [--purchases 40000] [--folder F]
                                    [--lag-seconds 30]
                                    [--only writer|lag|month|counts|questions|xlsx]

The month is SYNTHETIC: made by hashes, with goods, prices and places in rough proportion; it says
how long an answer takes, never what the answer is. Each question runs in a process of its own, and
the system is asked to forget the lake's files before ("cold", from the opened engine on); "kept" is
the same question again in that process. Baselines of the same minute: the csv module for writing,
one query over the raw lines for the dashboard's figure.
"""
# ruff: noqa: S608 - queries of a benchmark

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import namedtuple
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from catalog.load import shipped_files
from catalog.zones import province_codes
from pos_engine.engine import Settings, open_engine
from pos_engine.keys import create_key_file
from pos_engine.lake.compact import LAST_TIER, count_days, options
from pos_engine.lake.datasets import ATTEMPTS, MOVEMENTS, PURCHASES, RETURNS
from pos_engine.lake.rollups import ROLLUPS, ROWS_READ_TOGETHER, Sources, days_of
from pos_engine.lake.state import ROLLUP, WRITE, Feed, load_state
from pos_engine.lake.views import Span, connected, opened, plain_type, quoted
from pos_engine.lake.writer import ROWS_IN_A_GROUP, Part, Writer
from pos_engine.rules.ids import new_uuid7, shard_of
from pos_engine.services import lake_follow
from pos_engine.services.audit import seal_pending
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.lake_rows import Maker
from pos_engine.services.lake_write import catch_up
from pos_engine.services.public_figures import public_figures
from pos_engine.services.report import Scope, make_report
from pos_engine.services.report_download import Asked, write_download
from pos_engine.store.announce import Kind, announce
from pos_engine.store.schema import purchase
from pos_engine.store.set_writes import insert_rows, inserts

FIRST, DAYS = date(2026, 11, 1), 30
LAST = FIRST + timedelta(DAYS - 1)
LINES_OF_A_PURCHASE = 4.5  # 1 to 8
GOODS, REGENCIES, SHOPS = 200, 14, 2_900  # of a province: 38 x 14 is a little more than 514
XLSX_ROWS = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LINE = {
    "sku": "BERAS-MEDIUM", "name": "Beras medium", "quantity_milli": 5000, "unit": "kg",
    "unit_price": 13_400, "line_total": 67_000, "verdict": "OK", "flags": [], "ceiling": 13_500,
    "ceiling_kind": "HET", "regulation": "Kepka Bapanas 299/2025",
}  # fmt: skip


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(what, **figures):
    told = "  ".join(
        f"{name} {value:,.2f}" if isinstance(value, float) else f"{name} {value:,}"
        for name, value in figures.items()
    )
    print(f"{what:<34} {told}", flush=True)


def told(what, lines, began, cpu):
    """By the clock, and by the time that the processor gave us: others may use the machine."""
    took, spent = time.perf_counter() - began, time.process_time() - cpu
    say(what, lines=lines, seconds=took, lines_a_second=lines / took, a_cpu_second=lines / spent)


# ---- writing -------------------------------------------------------------------------------
def purchase_rows(count, provinces, at=datetime(2026, 11, 21, 3, tzinfo=UTC)):
    """Made-up purchases as the database gives them: four lines each."""
    names = [column.name for column in purchase.c if column.name not in ("lines", "flags")]
    row_type = namedtuple("Row", [*names, "lines", "flags", "family_region"])  # noqa: PYI024
    lines = json.dumps([LINE | {"unit_price": 13_400 - 100 * n} for n in range(4)])
    for number in range(count):
        region = f"{provinces[number % len(provinces)]}.{number % 14 + 1:02d}.01.2001"
        kpm_id = f"KPM-{number:09d}"
        given = {
            "shard": shard_of(kpm_id), "purchase_id": new_uuid7(at), "kpm_id": kpm_id,
            "person_id": f"P-{number:09d}", "shop_id": f"shop-{number % 500}",
            "till_id": f"till-{number % 500}", "staff_id": f"staff-{number % 700}",
            "region": region, "status": "APPROVED", "reason": None, "method": "KKS",
            "amount": 268_000, "policy": "SEMBAKO-2021", "price_book": "b15fb4b76fd44177",
            "number": f"3507-261121-{number:08X}", "day": at.date(),
            "occurred_at": at, "decided_at": at + timedelta(milliseconds=number),
        }  # fmt: skip
        yield row_type(**given, lines=lines, flags="[]", family_region=region)


def bench_writer(engine, folder, count):
    """Facts in memory to files that count, with fsync; then the same rows by the csv module."""
    provinces = sorted(province_codes())
    with engine.database.read() as tx:
        maker = Maker(engine.catalogue(tx).zones, engine.keys.pseudonyms("bench"))
    made = list(purchase_rows(count, provinces))
    answers = {row.purchase_id: '{"balance_before":600000}' for row in made}
    began, cpu, lines = time.perf_counter(), time.process_time(), 0
    with closing(Writer(folder / "written", lambda: datetime.now(UTC))) as writer:
        for at in range(0, count, 10_000):
            parts = list(maker.purchases(made[at : at + 10_000], answers))
            lines += sum(each.rows for each in writer.commit(WRITE, Feed(), parts))
    told("writer: facts to files", lines, began, cpu)
    lake_s = time.perf_counter() - began
    began, cpu, plain = time.perf_counter(), time.process_time(), 0
    with (folder / "plain.csv").open("w", newline="") as file:
        sheet = csv.writer(file)
        for row in made:
            for line in json.loads(row.lines):
                sheet.writerow([*row[:-3], row.family_region, *line.values()])
                plain += 1
        file.flush()
        os.fsync(file.fileno())
    told("baseline: json and csv modules", plain, began, cpu)
    csv_s = time.perf_counter() - began
    print(f"  {csv_s / lake_s:.2f} times the baseline's speed, peak {peak_mib():,.0f} MiB\n")


def bench_consumer(engine, count):
    """From a database of SQLite through the whole consumer."""
    made = list(purchase_rows(count, ["35", "32", "33"]))
    with engine.database.begin() as tx:
        for at in range(0, count, 5_000):
            insert(tx, made[at : at + 5_000])
    began, cpu = time.perf_counter(), time.process_time()
    lines = sum(each.rows for each in catch_up(engine))
    told("consumer: SQLite to files", lines, began, cpu)
    print()


def insert(tx, made):
    """Purchases with their announcement, as the engine writes them."""
    some = [row._asdict() for row in made]
    for row in some:
        del row["family_region"]
        row["lines"], row["flags"] = json.loads(row["lines"]), []
    insert_rows(tx, inserts(purchase), some)
    announce(tx, Kind.PURCHASE, [(row["shard"], row["purchase_id"]) for row in some])


# ---- lag behind a database that is being written -------------------------------------------
RATE, TICK_S = 1_000, 0.1  # purchases a second, and how often some are written


def sell(folder, seconds):
    """So many purchases a second into the database; says when each hundred was committed."""
    provinces = sorted(province_codes())
    with closing(engine_of(folder)) as engine:
        began, sold = time.time(), 0
        while (now := time.time()) < began + seconds:
            due = int((now - began + TICK_S) * RATE) - sold
            made = list(purchase_rows(due, provinces, datetime.now(UTC)))
            with engine.database.begin() as tx:
                insert(tx, made)
            sold += due
            print(json.dumps([time.time(), sold]), flush=True)
            time.sleep(max(0.0, TICK_S - (time.time() - now)))


def bench_lag(folder, seconds):
    """The real follower and the real sealer beside a seller; how old is what the lake lacks."""
    command = [sys.executable, __file__, "--folder", str(folder), "--sell", str(seconds)]
    told_at, lags, stop = [(time.time(), 0)], [], threading.Event()
    with closing(engine_of(folder)) as engine:
        seller = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        threads = [
            threading.Thread(target=lambda: told_at.extend(map(json.loads, seller.stdout))),
            threading.Thread(target=lake_follow.follow, args=(engine, stop)),
            threading.Thread(target=seal_on, args=(engine, stop)),
        ]
        for each in threads:
            each.start()
        while threads[0].is_alive() or written(folder) < told_at[-1][1]:
            time.sleep(0.2)
            here = written(folder)
            lacking = next((at for at, sold in told_at if sold > here), None)
            lags.append(time.time() - lacking if lacking else 0.0)
        stop.set()
        for each in threads:
            each.join()
    lags.sort()
    say("lag of the lake at 1 000 purchases/s", purchases=told_at[-1][1], seconds=seconds,
        p50_s=lags[len(lags) // 2], p95_s=lags[len(lags) * 95 // 100], most_s=lags[-1])  # fmt: skip
    print()


def seal_on(engine, stop):
    while not stop.is_set():
        if not seal_pending(engine).more:
            stop.wait(1.0)


def written(folder):
    """Purchases in the lake: four lines each."""
    state = load_state(folder / "lake")
    return sum(each.rows for each in state.of("purchases")) // 4


# ---- a synthetic month ---------------------------------------------------------------------
def day_weights():
    """Three payout days hold a third of the month."""
    weights = [1.0] * DAYS
    for day in (4, 5, 6):
        weights[day] = 4.5
    return [each / sum(weights) for each in weights]


def province_weights(codes):
    """Java is large."""
    sizes = {"35": 16.0, "32": 15.0, "33": 15.0, "36": 4.0, "12": 4.0, "73": 4.0, "53": 3.0}
    weights = {code: sizes.get(code, 1.0) for code in codes}
    return {code: weight / sum(weights.values()) for code, weight in weights.items()}


def place_of(shop):
    """Where a shop stands, in SQL: 14 regencies of 13 districts of 12 villages."""
    parts = (
        f"lpad(CAST(1 + {shop} % {REGENCIES} AS VARCHAR), 2, '0')",
        f"lpad(CAST(1 + {shop} // {REGENCIES} % 13 AS VARCHAR), 2, '0')",
        f"CAST(2001 + {shop} // {REGENCIES * 13} % 12 AS VARCHAR)",
    )
    return " || '.' || ".join(("'{province}'", *parts))


def purchases_query(day, province, count, families):
    """Lines of so many purchases of a day and province, by so many families of the province."""
    begins = int((datetime.combine(day, datetime.min.time(), UTC) - EPOCH).total_seconds()) * 10**6
    given = {
        "purchase_id": "pid", "line": "line", "lines": "lines", "region": "region",
        "regency": "region[1:5]", "shop_id": f"'shop-{province}-' || shop",
        "till_id": f"'till-{province}-' || shop",
        "staff_id": f"'staff-{province}-' || shop", "family": "family",
        "person": "family", "family_district": "region[1:8]",
        "status": "IF(refused, 'DECLINED', 'APPROVED')",
        "reason": "CASE WHEN banned THEN 'ITEM_BANNED' WHEN refused THEN 'PRICE_ABOVE_CEILING' END",
        "method": "CASE WHEN h % 10 < 6 THEN 'KKS' WHEN h % 10 < 8 THEN 'FACE' ELSE 'PHONE' END",
        "amount": "CAST(SUM(price * quantity // 1000) OVER (PARTITION BY i) AS BIGINT)",
        "balance_before": "600000", "sku": "IF(bad_line AND banned, 'ROKOK-KRETEK', 'G' || good)",
        "name": "'Barang ' || good", "quantity_milli": "quantity", "unit": "'kg'",
        "unit_price": "price", "line_total": "price * quantity // 1000",
        "verdict": "CASE WHEN NOT bad_line THEN 'OK' WHEN banned THEN 'ITEM_BANNED'"
                   " ELSE 'PRICE_ABOVE_CEILING' END",
        "line_flags": "''", "ceiling": "ceiling", "ceiling_kind": "'HET'",
        "regulation": "'Sintetis'",
        "flags": "''", "policy": "'SEMBAKO-2021'", "price_book": "'synthetic'",
        "number": "pid[1:12]", "occurred_at": "make_timestamptz(at_us)",
        "decided_at": "make_timestamptz(at_us)", "local_time": "make_timestamp(at_us)",
    }  # fmt: skip
    columns = ", ".join(
        f"CAST({given.get(each.name, 'NULL')} AS {plain_type(each.type)}) AS {each.name}"
        for each in PURCHASES.columns
    )
    return f"""
    WITH each_bought AS (
        SELECT i, CAST(hash(i, '{day}{province}') >> 2 AS BIGINT) AS h,
               md5(i || '{day}{province}') AS pid,
               CAST(hash(i, '{day}f') % {families} AS BIGINT) AS of_family
        FROM range({count}) each_purchase(i)
    ), sold AS (
        SELECT *, md5('{province}' || of_family) AS family,
               (of_family + IF(h % 10 = 0, 1, 0)) % {SHOPS} AS shop
        FROM each_bought
    ), bought AS (
        SELECT *, {place_of("shop").format(province=province)} AS region FROM sold
    ), line_of AS (
        SELECT *, CAST(1 + h % 8 AS INT) AS lines, UNNEST(range(1 + h % 8)) AS line,
               h % 25 = 0 OR h % 400 = 1 AS refused, h % 400 = 1 AS banned
        FROM bought
    ), priced AS (
        SELECT *, CAST(hash(h, line) >> 2 AS BIGINT) AS g, refused AND line = 0 AS bad_line
        FROM line_of
    ), goods AS (
        SELECT *, CAST(FLOOR(POW((g % 100003) / 100003.0, 3) * {GOODS}) AS BIGINT) AS good
        FROM priced
    ), prices AS (
        SELECT *, 5000 + (good * 7919) % 45000 AS base, 500 + (g % 7) * 500 AS quantity,
               {begins} + (h % 50400) * 1000000 AS at_us FROM goods
    ), ceilings AS (
        SELECT *, base // 100 * 100 AS ceiling FROM prices
    ), asked AS (
        SELECT *, IF(bad_line, ceiling + 100 + (g % 9) * 100,
                     CAST(ceiling * (0.90 + 0.10 * ((g % 1009) / 1009.0)) AS BIGINT) // 100 * 100)
                  AS price
        FROM ceilings
    )
    SELECT {columns} FROM asked ORDER BY {", ".join(PURCHASES.order)}"""


def attempts_query(day, province, count, families):
    begins = int((datetime.combine(day, datetime.min.time(), UTC) - EPOCH).total_seconds()) * 10**6
    given = {
        "attempt_id": f"md5('{day}{province}a' || i)", "region": "region",
        "regency": "region[1:5]", "shop_id": f"'shop-{province}-' || shop",
        "till_id": f"'till-{province}-' || shop",
        "staff_id": f"'staff-{province}-' || shop", "family": "family",
        "age_band": "['0-29', '30-44', '45-59', '60-74', '75+'][1 + h % 5]", "method": "'FACE'",
        "outcome": "IF(h % 6 = 0, 'NOT_IDENTIFIED', 'STEP_UP')",
        "reason": "IF(h % 6 = 0, 'FACE_NO_MATCH', 'STEP_UP_REQUIRED')", "failed": "h % 6 = 0",
        "tried_at": "make_timestamptz(at_us)", "local_time": "make_timestamp(at_us)",
    }  # fmt: skip
    columns = ", ".join(
        f"CAST({given.get(each.name, 'NULL')} AS {plain_type(each.type)}) AS {each.name}"
        for each in ATTEMPTS.columns
    )
    return f"""
    WITH tried AS (
        SELECT i, CAST(hash(i, '{day}{province}a') >> 2 AS BIGINT) AS h,
               CAST(hash(i, '{day}t') % {families} AS BIGINT) AS of_family,
               {begins} + CAST(hash(i, 3) % 50400 AS BIGINT) * 1000000 AS at_us
        FROM range({count}) each_attempt(i)
    ), placed AS (
        SELECT *, of_family % {SHOPS} AS shop, md5('{province}' || of_family) AS family,
               {place_of("(of_family % " + str(SHOPS) + ")").format(province=province)} AS region
        FROM tried
    ) SELECT {columns} FROM placed"""


def movements_query(day, province, families):
    """Each family of the province is credited once: most on three payout days."""
    begins = int((datetime.combine(day, datetime.min.time(), UTC) - EPOCH).total_seconds()) * 10**6
    given = {
        "txn_id": f"'run-{province}:' || (h % 64)", "leg": "i", "shard": "h % 1024",
        "region": "region", "regency": "region[1:5]", "family": f"md5('{province}' || i)",
        "kind": "'CREDIT'", "amount": "200000", "programme": "'BPNT'", "period": "'2026-11'",
        "run_id": f"'run-{province}'", "custodian": "'ENGINE'",
        "posted_at": f"make_timestamptz({begins} + 1000000 * CAST(h % 3600 AS BIGINT))",
    }  # fmt: skip
    columns = ", ".join(
        f"CAST({given.get(each.name, 'NULL')} AS {plain_type(each.type)}) AS {each.name}"
        for each in MOVEMENTS.columns
    )
    number = (day - FIRST).days
    return f"""
    WITH families AS (
        SELECT i, CAST(hash(i, '{province}') >> 2 AS BIGINT) AS h,
               {place_of(f"(i % {SHOPS})").format(province=province)} AS region
        FROM range({families}) each_family(i)
    ) SELECT {columns} FROM families
    WHERE CASE WHEN h % 5 < 4 THEN 3 + h % 3 ELSE h % {DAYS} END = {number}"""


def returns_query(lake, day, province):
    """A purchase in five hundred was taken back whole."""
    given = {
        "return_id": "md5('r' || purchase_id)", "line": "-1", "kind": "'VOID'",
        "quantity_milli": "0", "total": "amount", "unusable": "0", "made_by": "staff_id",
        "made_at": "decided_at", "approved_by": "NULL",
    }  # fmt: skip
    columns = ", ".join(
        f"CAST({given.get(each.name, each.name)} AS {plain_type(each.type)}) AS {each.name}"
        for each in RETURNS.columns
    )
    own = quoted(str(lake / f"purchases/day={day}/province={province}/*.parquet"))
    return f"""SELECT {columns} FROM read_parquet({own})
    WHERE line = 0 AND status = 'APPROVED' AND hash(purchase_id) % 500 = 7"""


def make_month(lake, lines):
    """A lake of so many lines, with its counts of days."""
    codes = sorted(province_codes())
    days, shares = day_weights(), province_weights(codes)
    began = time.perf_counter()
    with closing(Writer(lake, lambda: datetime.now(UTC))) as writer, connected() as connection:
        for number, weight in enumerate(days):
            day = FIRST + timedelta(number)
            parts = []
            for code in codes:
                all_month = lines / LINES_OF_A_PURCHASE * shares[code]
                count, families = max(1, round(all_month * weight)), max(1, round(all_month))
                place = day.isoformat()
                newest = int(
                    (datetime.combine(day, datetime.max.time(), UTC) - EPOCH).total_seconds()
                )
                for dataset, query in (
                    (PURCHASES, purchases_query(day, code, count, families)),
                    (ATTEMPTS, attempts_query(day, code, max(1, count // 6), families)),
                    (MOVEMENTS, movements_query(day, code, families)),
                    (RETURNS, returns_query(lake, place, code)),
                ):
                    fill = filler(connection, dataset, query)
                    parts.append(Part(dataset, place, code, newest * 10**6, fill, LAST_TIER))
            sold = [each for each in parts if each.dataset is not RETURNS]
            writer.commit(WRITE, Feed(), sold)
            back = [each for each in parts if each.dataset is RETURNS]
            writer.commit(WRITE, Feed(), back)
            print(f"  {day}: {time.perf_counter() - began:,.0f} s", flush=True)
        made_s = time.perf_counter() - began
        made = sum(each.rows for each in writer.state.of("purchases"))
        size = sum(each.bytes for each in writer.state.files.values()) / 2**20
        say("synthetic month made", lines=made, seconds=made_s, mib=size)
        began = time.perf_counter()
        counted = list(count_days(writer, (LAST + timedelta(1)).isoformat()))
        took = time.perf_counter() - began
        say("counts of 30 days", files=len(counted), seconds=took, peak_mib=peak_mib())
        for name in sorted({each.dataset for each in counted}):
            own = [each for each in counted if each.dataset == name]
            size = sum(each.bytes for each in own) / 2**20
            say(f"  {name}", rows=sum(each.rows for each in own), mib=size)
        print()


def make_counts(lake):
    """A lake with the counts of eighty million lines and hardly a line: for figures alone.

    27 prices of 200 goods in 532 regencies; 18 million families, a twentieth of them refused.
    """
    began = time.perf_counter()
    newest = int((datetime.combine(LAST, datetime.max.time(), UTC) - EPOCH).total_seconds()) * 10**6
    days = [FIRST + timedelta(number) for number in range(DAYS)]
    with closing(Writer(lake, lambda: datetime.now(UTC))) as writer, connected() as connection:
        parts = [
            Part(PURCHASES, day.isoformat(), "35", newest,
                 filler(connection, PURCHASES, purchases_query(day, "35", 1, 1)))
            for day in days
        ]  # fmt: skip
        writer.commit(WRITE, Feed(), parts)
        sources = Sources(writer.state)
        for name, query in counts_queries().items():
            spans = sorted({days_of(name, day) for day in days}, key=lambda each: each.first)
            parts = [
                Part(ROLLUPS[name], span.names[0], "", newest,
                     filler(connection, ROLLUPS[name], query.format(seed=span.first.day),
                            ROWS_READ_TOGETHER),
                     LAST_TIER, sources.of(name, span))
                for span in spans
            ]  # fmt: skip
            made = writer.commit(ROLLUP, Feed(), parts)
            rows, size = sum(each.rows for each in made), sum(each.bytes for each in made) / 2**20
            say(f"  {name}", rows=rows, mib=size)
    say("counts of the nation's month", seconds=time.perf_counter() - began)


def counts_queries():
    """What stands in each count of a day or month, by name; {seed} makes days differ."""
    codes = ", ".join(f"'{code}'" for code in sorted(province_codes()))
    prices = f"""
        SELECT {{place}}, 'G' || g AS sku, 'Barang ' || g AS name, 'kg' AS unit,
               CAST(5000 + (g * 7919) % 45000 + 100 * k - 1800 AS BIGINT) AS unit_price,
               IF(k < 25, 'OK', 'PRICE_ABOVE_CEILING') AS verdict,
               IF(k < 25, 'APPROVED', 'DECLINED') AS status,
               CAST(5000 + (g * 7919) % 45000 AS BIGINT) AS ceiling, 'HET' AS ceiling_kind,
               CAST(1 + hash(g, k, p, {{{{seed}}}}) % 50 AS BIGINT) AS line_count,
               CAST(5000 AS BIGINT) AS quantity_milli, CAST(67000 AS BIGINT) AS line_total,
               make_timestamptz(1763700000000000 + CAST(hash(g, k, p) % 1000000 AS BIGINT))
                   AS newest_at
        FROM range({GOODS}) goods(g), range(27) prices(k),
             (SELECT UNNEST([{codes}]) AS p) provinces{{more}}"""
    regency = "p || '.' || lpad(CAST(r + 1 AS VARCHAR), 2, '0')"
    return {
        "prices_provinces": prices.format(place="p AS province", more="")
        + " ORDER BY status, sku, unit, province, unit_price",
        "prices_monthly": prices.format(
            place=f"p AS province, {regency} AS regency", more=f", range({REGENCIES}) places(r)"
        )
        + " ORDER BY status, regency, sku, unit, unit_price",
        "families_daily": f"""
        SELECT substr(regency, 1, 2) AS province, regency,
               CAST(hash(i, {{seed}}) >> 4 AS BIGINT) AS family_key,
               CAST(NULL AS VARCHAR) AS age_band, i % 20 <> 0 AS bought, i % 20 = 0 AS refused
        FROM (
            SELECT i, [{codes}][CAST(1 + hash(i) % 38 AS BIGINT)] || '.'
                   || lpad(CAST(1 + hash(i, 7) % {REGENCIES} AS VARCHAR), 2, '0') AS regency
            FROM range(600000) families(i)
        ) each_family ORDER BY refused, regency, family_key""",
    }


def filler(connection, dataset, query, group=ROWS_IN_A_GROUP):
    def fill(path):
        copy = f"COPY ({query}) TO {quoted(str(path))} {options(dataset, group)}"
        return int(connection.cursor().execute(copy).fetchone()[0])

    return fill


# ---- questions -----------------------------------------------------------------------------
RAW = {
    "raw: shops of one face, a province": (
        "SELECT shop_id, COUNT(DISTINCT family) n, SUM(line_total) FROM purchases"
        " WHERE province = '35' GROUP BY shop_id ORDER BY n DESC LIMIT 100"
    ),
    "raw: equal amounts, the nation": (
        "SELECT shop_id, amount, COUNT(DISTINCT family) n FROM purchases"
        " WHERE line <= 0 AND amount >= 100000 GROUP BY shop_id, amount ORDER BY n DESC LIMIT 100"
    ),
    "baseline: count of every line": "SELECT COUNT(*), SUM(line_total) FROM purchases",
    "baseline: prices from raw lines": (
        "SELECT sku, unit, regency, quantile_disc(unit_price, [0.1, 0.5, 0.9]), COUNT(*)"
        " FROM sold_lines GROUP BY sku, unit, regency"
    ),
}
MONTH = (FIRST, LAST)
ODD = (FIRST + timedelta(3), FIRST + timedelta(26))  # ten days and days, no month
LATE = (FIRST + timedelta(1), LAST)  # no month: families are read from the lines
FIGURES = {
    "prices by regency, the nation": ("prices", None, MONTH),
    "prices by regency, 4th to 27th": ("prices", None, ODD),
    "prices by province": ("prices-provinces", None, MONTH),
    "prices, a province": ("prices", "35", MONTH),
    "prices, a regency": ("prices", "35.07", MONTH),
    "prices by day, the nation": ("price-days", None, MONTH),
    "prices by day, a province": ("price-days", "35", MONTH),
    "prices by day, a regency": ("price-days", "35.07", MONTH),
    "what was bought, the nation": ("spending", None, MONTH),
    "places, the nation": ("places", None, MONTH),
    "places, a province": ("places", "35", MONTH),
    "asked prices, the nation": ("asked-prices", None, MONTH),
    "asked prices, a province": ("asked-prices", "35", MONTH),
    "baskets, the nation": ("baskets", None, MONTH),
    "service, the nation": ("service", None, MONTH),
    "banned attempts, the nation": ("banned-attempts", None, MONTH),
    "refused for price, a regency": ("ceiling-gap", "35.07", MONTH),
    "exclusion, the nation": ("exclusion", None, MONTH),
    "exclusion, a regency": ("exclusion", "35.07", MONTH),
    "families reached, the nation": ("reach", None, MONTH),
    "families reached, a province": ("reach", "35", MONTH),
    "families left out, the nation": ("left-out", None, MONTH),
    "families left out, a regency": ("left-out", "35.07", MONTH),
    "hours without answers, the nation": ("outages", None, MONTH),
    "raw: families reached, 2nd to 30th": ("reach", None, LATE),
    "raw: families left out, 2nd to 30th": ("left-out", None, LATE),
    "raw: places in a regency": ("places", "35.07", MONTH),
    "raw: prices in a district": ("prices", "35.07.01", MONTH),
}


FROM_COUNTS = (  # figures that the counts of the nation alone answer
    "prices by province", "prices by day, the nation", "what was bought, the nation",
    "asked prices, the nation", "prices by regency, the nation", "prices, a province",
    "prices, a regency",
)  # fmt: skip
PUBLIC = "the public page"
PARTS = ["writer", "lag", "month", "questions", "xlsx"]


def engine_of(folder):
    settings = Settings(data_dir=folder, face_engine="off")
    return open_engine(settings, faces=False)


def ask(folder, name):
    """One question in this process; its figures as JSON."""
    lake = folder / "lake"
    (lake / ".looked").touch()
    forget(lake)
    began = time.perf_counter()
    if name in RAW:
        cpu = time.process_time()
        with opened(lake, Span(FIRST, LAST)) as snapshot:
            rows = len(snapshot.sql.execute(RAW[name]).fetchall())
        took, spent = time.perf_counter() - began, time.process_time() - cpu
        print(json.dumps({"rows": rows, "cold_s": took, "cpu_s": spent, "peak_mib": peak_mib()}))
        return
    if name == PUBLIC:
        public_page(folder)
        return
    report, region, span = FIGURES[name]
    with closing(engine_of(folder)) as engine:
        began, cpu = time.perf_counter(), time.process_time()
        rows = make_report(engine, report, *span, Scope(region=region)).rows
        cold = time.perf_counter() - began
        spent, began = time.process_time() - cpu, time.perf_counter()
        make_report(engine, report, *span, Scope(region=region))
        kept = time.perf_counter() - began
    figures = {"rows": len(rows), "cold_s": cold, "kept_s": kept, "cpu_s": spent}
    figures["peak_mib"] = peak_mib()
    print(json.dumps(figures))


def public_page(folder):
    """The figures of the page that everybody may see."""
    with closing(engine_of(folder)) as engine:
        began, cpu = time.perf_counter(), time.process_time()
        figures = public_figures(engine, f"{FIRST:%Y-%m}")
        cold, spent = time.perf_counter() - began, time.process_time() - cpu
        began = time.perf_counter()
        public_figures(engine, f"{FIRST:%Y-%m}")
        kept = time.perf_counter() - began
    rows = len(figures.provinces) + len(figures.prices)
    print(json.dumps({"rows": rows, "cold_s": cold, "kept_s": kept, "cpu_s": spent,
                      "peak_mib": peak_mib()}))  # fmt: skip


def forget(lake):
    """Ask the system to forget what it has read of the lake."""
    for path in lake.rglob("*.parquet"):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def xlsx(folder):
    with closing(engine_of(folder)) as engine:
        (folder / "lake" / ".looked").touch()
        at, path = xlsx_span(folder / "lake"), folder / "million.xlsx"
        began = time.perf_counter()
        made = write_download(engine, Asked("purchases", *at, Scope()), "xlsx", path)
        took = time.perf_counter() - began
    size = path.stat().st_size / 2**20
    print(json.dumps({"rows": made.rows, "seconds": took, "mib": size, "peak_mib": peak_mib()}))


def xlsx_span(lake):
    """The first days that hold a million lines together, or the month."""
    total = 0
    state = load_state(lake)
    for number in range(DAYS):
        day = FIRST + timedelta(number)
        total += sum(each.rows for each in state.of("purchases", day.isoformat()))
        if total >= XLSX_ROWS:
            return FIRST, day
    return FIRST, LAST


def child(folder, *words):
    command = [sys.executable, __file__, "--folder", str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr[-1_000:])
        return {"failed": 1}
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--purchases", type=int, default=40_000)
    parser.add_argument("--lag-seconds", type=float, default=30)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", choices=[*PARTS, "counts"])
    parser.add_argument("--ask")
    parser.add_argument("--sell", type=float)
    parser.add_argument("--xlsx", action="store_true")
    chosen = parser.parse_args()
    if chosen.ask:
        ask(chosen.folder, chosen.ask)
    elif chosen.sell:
        sell(chosen.folder, chosen.sell)
    elif chosen.xlsx:
        xlsx(chosen.folder)
    else:
        with tempfile.TemporaryDirectory(prefix="bench-lake-") as temporary:
            run(chosen.folder or Path(temporary), chosen)


def run(folder, chosen):
    parts = [chosen.only] if chosen.only else PARTS
    if "writer" in parts:
        with beside("bench-write-") as other, closing(engine_of(other)) as engine:
            bench_writer(engine, other, chosen.purchases)
            bench_consumer(engine, chosen.purchases)
    if "lag" in parts:
        with beside("bench-lag-") as other:
            bench_lag(other, chosen.lag_seconds)
    if not {"month", "counts", "questions", "xlsx"} & set(parts):
        return
    folder.mkdir(parents=True, exist_ok=True)
    prepare(folder)
    if "counts" in parts:
        make_counts(folder / "lake")
        for name in FROM_COUNTS:
            say(name, **child(folder, "--ask", name))
        return
    if not load_state(folder / "lake").number:
        make_month(folder / "lake", chosen.lines)
    if "questions" in parts:
        for name in (*FIGURES, PUBLIC, *RAW):
            say(name, **child(folder, "--ask", name))
    if "xlsx" in parts:
        say("XLSX, streamed", **child(folder, "--xlsx"))


@contextmanager
def beside(prefix):
    """A fresh installation in a folder that goes."""
    with tempfile.TemporaryDirectory(prefix=prefix) as temporary:
        prepare(Path(temporary))
        yield Path(temporary)


def prepare(folder):
    if not (folder / "keys.json").exists():
        create_key_file(folder / "keys.json")
    with closing(engine_of(folder)) as engine:
        engine.database.upgrade()
        load_catalogue(engine, shipped_files(), "bench")


if __name__ == "__main__":
    main()
