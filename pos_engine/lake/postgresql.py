"""The lake's views over the engine's own tables in PostgreSQL, for tools that speak SQL.

The pseudonyms are those of the files: HMAC-SHA-256 in plain SQL with a key that lies in a table
which only the owner of the views reads. Grant readers the views, never the table.
"""
# ruff: noqa: S608 - every word of these statements is ours

import hashlib

from pos_engine.lake.datasets import DATASETS, Dataset
from pos_engine.lake.views import plain_type, shared_views

BLOCK = 64  # bytes of SHA-256: what HMAC pads its key to
_INNER, _OUTER = 0x36, 0x5C
SCHEMA = "lake"


def views_sql(key: bytes, public_schema: str = "public") -> str:
    """The script that makes schema `lake` with its views; run it again after an upgrade."""
    padded = (key if len(key) <= BLOCK else hashlib.sha256(key).digest()).ljust(BLOCK, b"\0")
    inner = bytes(each ^ _INNER for each in padded).hex()
    outer = bytes(each ^ _OUTER for each in padded).hex()
    base = [f"CREATE OR REPLACE VIEW {each} AS\n{_base(DATASETS[each])};" for each in DATASETS]
    return "\n".join(
        [
            "-- Views of the event lake over the engine's tables. It holds a key: keep it as one.",
            f"CREATE SCHEMA IF NOT EXISTS {SCHEMA};",
            f"SET search_path = {SCHEMA}, {public_schema};",
            "CREATE TABLE IF NOT EXISTS pseudonym_key (padded_inner bytea, padded_outer bytea);",
            "REVOKE ALL ON pseudonym_key FROM PUBLIC;",
            "DELETE FROM pseudonym_key;",
            rf"INSERT INTO pseudonym_key VALUES ('\x{inner}', '\x{outer}');",
            *base,
            shared_views(),
            "RESET search_path;",
            "",
        ]
    )


def _base(dataset: Dataset) -> str:
    columns = {"day": "DATE", "province": "VARCHAR"}
    by_age = sorted(dataset.columns, key=lambda each: each.since)  # a view grows at its end alone
    columns |= {each.name: plain_type(each.type) for each in by_age}
    words = {"DOUBLE": "DOUBLE PRECISION"}
    chosen = ",\n       ".join(
        f"CAST({_SOURCES[dataset.name][name]} AS {words.get(kind, kind)}) AS {name}"
        for name, kind in columns.items()
    )
    return f"SELECT {chosen}\n{_FROM[dataset.name]}"


def _pseudonym(column: str) -> str:
    return (
        "(SELECT encode(substring(sha256(k.padded_outer || sha256(k.padded_inner || "
        f"convert_to({column}, 'UTF8'))) FOR 16), 'hex') FROM pseudonym_key k)"
    )


_ZONE = (
    "CASE WHEN left({0}, 2) IN ('51','52','53','63','64','65','71','72','73','74','75','76')"
    " THEN 'Asia/Makassar' WHEN left({0}, 2) BETWEEN '81' AND '96' THEN 'Asia/Jayapura'"
    " ELSE 'Asia/Jakarta' END"
)


def _local(moment: str, region: str) -> str:
    return f"({moment} AT TIME ZONE {_ZONE.format(region)})"


def _words(array: str) -> str:
    return f"(SELECT coalesce(string_agg(w, ' '), '') FROM json_array_elements_text({array}) w)"


def _same(table: str, *names: str) -> dict[str, str]:
    return {name: f"{table}.{name}" for name in names}


def _of_line(*names: str) -> dict[str, str]:
    return {name: f"l.line ->> '{name}'" for name in names}


_SOLD = "coalesce(e.sold_at, e.received_at)"
_LINE_FLAGS = "CASE WHEN l.line IS NOT NULL THEN " + _words("l.line -> 'flags'") + " END"
_SOURCES = {
    "purchases": {
        "day": "p.day",
        "province": "left(p.region, 2)",
        "line": "coalesce(l.place - 1, -1)",
        "lines": "json_array_length(p.lines)",
        "regency": "left(p.region, 5)",
        "family": _pseudonym("p.kpm_id"),
        "person": _pseudonym("p.person_id"),
        "family_district": "left(f.region, 8)",
        "balance_before": "NULL",  # stands in the stored answer, which no index finds from here
        "line_flags": _LINE_FLAGS,
        "flags": _words("p.flags"),
        "local_time": _local("p.decided_at", "p.region"),
        **_same("p", "purchase_id", "region", "shop_id", "till_id", "staff_id", "status", "reason",
                "method", "amount", "policy", "price_book", "number", "occurred_at", "decided_at"),
        **_of_line("sku", "name", "gtin", "quantity_milli", "unit", "unit_price", "line_total",
                   "verdict", "ceiling", "ceiling_kind", "regulation"),
    },
    "returns": {
        "day": "r.purchase_day",
        "province": "left(p.region, 2)",
        "return_id": "r.reversal_id",
        "purchase_id": "r.reverses_id",
        "line": "coalesce((l.line ->> 'place')::int, -1)",
        "region": "p.region",
        "regency": "left(p.region, 5)",
        "family": _pseudonym("r.kpm_id"),
        "quantity_milli": "coalesce(l.line ->> 'quantity_milli', '0')",
        "amount": "coalesce(l.line ->> 'amount', r.amount::text)",
        "total": "r.amount",
        "local_time": _local("r.made_at", "p.region"),
        **_same("r", "kind", "shop_id", "unusable", "made_by", "approved_by", "made_at"),
    },
    "attempts": {
        "day": f"{_local('a.at', 's.region')}::date",
        "province": "left(s.region, 2)",
        "region": "s.region",
        "regency": "left(s.region, 5)",
        "family": _pseudonym("a.kpm_id"),
        "age_band": "CASE WHEN h.age < 30 THEN '0-29' WHEN h.age < 45 THEN '30-44'"
                    " WHEN h.age < 60 THEN '45-59' WHEN h.age < 75 THEN '60-74'"
                    " WHEN h.age IS NOT NULL THEN '75+' END",
        "failed": "(a.outcome IN ('NOT_IDENTIFIED', 'RETAKE', 'FAILED') OR (a.outcome = 'STEP_UP'"
                  " AND a.reason IS NOT NULL AND a.reason <> 'STEP_UP_REQUIRED'))",
        "tried_at": "a.at",
        "local_time": _local("a.at", "s.region"),
        **_same("a", "attempt_id", "shop_id", "till_id", "staff_id", "method", "outcome", "reason",
                "scope", "gallery_size", "score", "margin", "fpir_estimate", "model_id",
                "quote_id"),
    },
    "movements": {
        "day": f"{_local('g.posted_at', 'f.region')}::date",
        "province": "left(f.region, 2)",
        "region": "f.region",
        "regency": "left(f.region, 5)",
        "family": _pseudonym("w.kpm_id"),
        **_same("g", "txn_id", "leg", "shard", "kind", "amount", "posted_at"),
        **_same("w", "programme", "period", "run_id", "custodian", "expires_on"),
    },
    "offline_outcomes": {
        "day": f"{_local(_SOLD, 's.region')}::date",
        "province": "left(s.region, 2)",
        "region": "s.region",
        "regency": "left(s.region, 5)",
        "family": _pseudonym("a.kpm_id"),
        "flags": _words("e.flags"),
        "local_time": _local(_SOLD, "s.region"),
        **_same("d", "shop_id", "till_id"),
        **_same("e", "envelope_id", "device_id", "seq", "purchase_id", "outcome", "reason",
                "amount", "taken", "source", "number", "sold_at", "received_at", "settled_at"),
    },
}  # fmt: skip
_FROM = {
    "purchases": """FROM purchase p
LEFT JOIN family f ON f.shard = p.shard AND f.kpm_id = p.kpm_id
LEFT JOIN LATERAL json_array_elements(p.lines) WITH ORDINALITY AS l(line, place) ON TRUE""",
    "returns": """FROM reversal r
JOIN purchase p ON p.shard = r.shard AND p.purchase_id = r.reverses_id
LEFT JOIN LATERAL json_array_elements(r.lines) AS l(line) ON TRUE""",
    "attempts": f"""FROM identity_attempt a
JOIN shop s ON s.shop_id = a.shop_id
LEFT JOIN LATERAL (
    SELECT extract(year FROM age({_local("a.at", "s.region")}::date, o.birth_date)) AS age
    FROM person o WHERE o.kpm_id = a.kpm_id AND o.birth_date IS NOT NULL
    ORDER BY o.role = 'PENGURUS' DESC, o.birth_date LIMIT 1) h ON TRUE""",
    "movements": """FROM posting g
JOIN wallet w ON w.shard = g.shard AND w.wallet_id = substr(g.account, 8)
JOIN family f ON f.shard = w.shard AND f.kpm_id = w.kpm_id
LEFT JOIN purchase p ON p.shard = g.shard AND p.purchase_id = g.txn_id
WHERE g.account LIKE 'wallet:%' AND p.purchase_id IS NULL""",
    "offline_outcomes": """FROM envelope e
JOIN device_key d ON d.shard = e.shard AND d.device_id = e.device_id
JOIN shop s ON s.shop_id = d.shop_id
LEFT JOIN allowance a ON a.device_id = e.device_id AND a.allowance_id = e.allowance_id
WHERE e.settled_at IS NOT NULL""",
}
