"""Judges that know only two things: the database as it stands, and what the tills were told."""

import json
from collections.abc import Callable, Mapping
from typing import Any

Ask = Callable[[str], list[tuple[Any, ...]]]  # rows of a query, on either database

BALANCES = """
SELECT w.wallet_id, w.credited, w.spent, w.held,
       COALESCE(SUM(CASE WHEN p.amount > 0 AND p.kind IN ('CREDIT', 'CARRIED') THEN p.amount
                         ELSE 0 END), 0),
       COALESCE(-SUM(CASE WHEN p.amount > 0 AND p.kind IN ('CREDIT', 'CARRIED') THEN 0
                          ELSE p.amount END), 0)
FROM wallet w LEFT JOIN posting p ON p.shard = w.shard AND p.account = 'wallet:' || w.wallet_id
GROUP BY w.shard, w.wallet_id, w.credited, w.spent, w.held
"""


def faults(ask: Ask, told: Mapping[str, bytes]) -> list[str]:
    """What is wrong: acknowledged and missing, twice, changed, drifted, negative, unbalanced."""
    return [*acknowledged(ask, told), *books(ask), *lawful(ask)]


def acknowledged(ask: Ask, told: Mapping[str, bytes]) -> list[str]:
    """Each answer that a till holds stands there once, byte for byte; a refusal took nothing."""
    kept = {name: (answer or "").encode() for name, answer in ask(_CLAIMS)}
    rows: dict[str, list[tuple[str, int]]] = {}
    for name, status, amount in ask("SELECT purchase_id, status, amount FROM purchase"):
        rows.setdefault(name, []).append((status, amount))
    paid = {name: int(amount) for name, amount in ask(_PAID)}
    found = []
    for name, answer in told.items():
        if name not in kept:
            found.append(f"lost {name}")
        elif kept[name] != answer:
            found.append(f"changed {name}")
        elif len(rows.get(name, [])) != 1:
            found.append(f"{len(rows.get(name, []))} rows of {name}")
        else:
            body = json.loads(answer)
            due = body["amount"] if body["status"] == "APPROVED" else 0
            if paid.get(name, 0) != due or rows[name][0][0] != body["status"]:
                found.append(f"paid {paid.get(name, 0)} of {due}: {name}")
    known = {name for name, answer in kept.items() if answer}
    return found + [f"row without its claim: {name}" for name in rows if name not in known]


def books(ask: Ask) -> list[str]:
    """Legs sum to zero; opening + credits - debits = balance; available + held + spent = all."""
    uneven = ask("SELECT txn_id FROM posting GROUP BY shard, txn_id HAVING SUM(amount) <> 0")
    found = [f"unbalanced {name}" for (name,) in uneven]
    for wallet, credited, spent, held, came, went in ask(BALANCES):
        if (credited, spent) != (came, went):
            found.append(f"drift of {wallet}: {credited}-{spent}, postings {came}-{went}")
        if not 0 <= spent + held <= credited or held < 0:
            found.append(f"negative {wallet}: {credited}-{spent}-{held}")
    approved = ask("SELECT COALESCE(SUM(amount), 0) FROM purchase WHERE status = 'APPROVED'")
    posted = ask(_PURCHASED)
    if approved != posted:
        found.append(f"approved {approved}, posted {posted}")
    return found


def lawful(ask: Ask) -> list[str]:
    """No accepted line above its ceiling, of a refused good, or with a sum of its own."""
    found = []
    for name, lines in ask("SELECT purchase_id, lines FROM purchase WHERE status = 'APPROVED'"):
        for line in json.loads(lines) if isinstance(lines, str) else lines:
            worth = line["unit_price"] * line["quantity_milli"] // 1000
            above = line.get("ceiling_kind") == "HET" and line["unit_price"] > line["ceiling"]
            if line["verdict"] != "OK" or above or worth != line["line_total"]:
                found.append(f"unlawful line of {name}")
    return found


_CLAIMS = "SELECT purchase_id, answer FROM purchase_claim"
_PAID = (
    "SELECT txn_id, -SUM(amount) FROM posting WHERE account LIKE 'wallet:%' "
    "AND kind = 'PURCHASE' GROUP BY shard, txn_id"
)
_PURCHASED = (
    "SELECT COALESCE(-SUM(amount), 0) FROM posting WHERE account LIKE 'wallet:%' "
    "AND kind = 'PURCHASE'"
)
