"""Prove the settlements: windows are their postings, payouts are windows, nothing is paid twice."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from pos_engine.rules.posting import Kind
from pos_engine.store.database import Tx
from pos_engine.store.ledger import PROBLEMS_MAX
from pos_engine.store.payouts import RETURNED, SENT
from pos_engine.store.schema import posting
from pos_engine.store.schema_settlement import payout, payout_item, settlement_run
from pos_engine.store.schema_settlement import settlement_window as window
from pos_engine.store.settlements import COUNTING, settled_ever, turnover


def settlement_problems(tx: Tx) -> list[str]:
    """What does not add up, in sentences; at most a hundred."""
    found: list[str] = []
    for check in (_windows, _items, _covered, _postings, _on_the_way):
        for each in check(tx):
            found.append(each)
            if len(found) == PROBLEMS_MAX:
                return found
    return found


def _windows(tx: Tx) -> Iterator[str]:
    """Per shop: all windows are all postings before the newest settlement, neither less nor twice.

    A settlement that is still counted has written some of its windows: then none can be asked.
    """
    runs = settlement_run.c
    cut = tx.execute(select(func.max(runs.closes_at)).where(runs.status != COUNTING)).scalar()
    if cut is None or tx.execute(select(runs.day).where(runs.status == COUNTING).limit(1)).first():
        return
    posted = {each.shop_id: each.amount for each in turnover(tx, None, cut)}
    settled = settled_ever(tx)
    for shop_id in sorted(posted.keys() | settled.keys()):
        was, took = posted.get(shop_id, 0), settled.get(shop_id, 0)
        if was != took:
            yield f"shop {shop_id}: postings before {cut:%Y-%m-%d %H:%M}Z are {was}, windows {took}"


def _items(tx: Tx) -> Iterator[str]:
    """Each payout is the sum of what it covers."""
    same = (payout.c.shard == payout_item.c.shard) & (payout.c.payout_id == payout_item.c.payout_id)
    covered = func.coalesce(func.sum(payout_item.c.amount), 0)
    rows = tx.execute(
        select(payout.c.payout_id, payout.c.amount, covered)
        .select_from(payout.outerjoin(payout_item, same))
        .group_by(payout.c.shard, payout.c.payout_id, payout.c.amount)
        .having(covered != payout.c.amount)
        .limit(PROBLEMS_MAX)
    )
    for row in rows:
        yield f"payout {row[0]}: {row[1]} rupiah for windows of {int(row[2])}"


def _covered(tx: Tx) -> Iterator[str]:
    """Each window is what living payouts cover of it and what is left open: nothing twice."""
    rows = tx.execute(
        _by_window().having(
            _living() + window.c.left_open != window.c.amount,
        )
    )
    for row in rows:
        yield (
            f"window {row[0]} {row[1]}: {row[2]} rupiah, {int(row[4])} in payouts and {row[3]} open"
        )


def _living() -> ColumnElement[int]:
    alive = (payout.c.status.is_not(None)) & (payout.c.status != RETURNED)
    return func.coalesce(func.sum(case((alive, payout_item.c.amount), else_=0)), 0)


def _by_window() -> Select[Any]:
    item = (
        (payout_item.c.shard == window.c.shard)
        & (payout_item.c.shop_id == window.c.shop_id)
        & (payout_item.c.day == window.c.day)
    )
    paid = (payout.c.shard == payout_item.c.shard) & (payout.c.payout_id == payout_item.c.payout_id)
    return (
        select(window.c.shop_id, window.c.day, window.c.amount, window.c.left_open, _living())
        .select_from(window.outerjoin(payout_item, item).outerjoin(payout, paid))
        .group_by(
            window.c.shard, window.c.shop_id, window.c.day, window.c.amount, window.c.left_open
        )
        .limit(PROBLEMS_MAX)
    )


def _postings(tx: Tx) -> Iterator[str]:
    """Each payout left what is payable to its shop once, with its own sum."""
    same = (
        (posting.c.shard == payout.c.shard)
        & (posting.c.txn_id == payout.c.payout_id)
        & (posting.c.account == "shop:" + payout.c.shop_id)
    )
    moved = func.coalesce(func.sum(posting.c.amount), 0)
    rows = tx.execute(
        select(payout.c.payout_id, payout.c.amount, moved)
        .select_from(payout.outerjoin(posting, same))
        .group_by(payout.c.shard, payout.c.payout_id, payout.c.amount)
        .having(moved != -payout.c.amount)
        .limit(PROBLEMS_MAX)
    )
    for row in rows:
        yield f"payout {row[0]}: {row[1]} rupiah, but {int(row[2])} left its shop's account"


def _on_the_way(tx: Tx) -> Iterator[str]:
    """What stands between us and the shops' banks is what was sent and not confirmed."""
    clearing = select(func.coalesce(func.sum(posting.c.amount), 0)).where(
        posting.c.account.like("clearing:%"),
        posting.c.kind.in_((Kind.SETTLEMENT.value, Kind.BANK.value)),
    )
    sent = select(func.coalesce(func.sum(payout.c.amount), 0)).where(payout.c.status == SENT)
    stands, should = int(tx.execute(clearing).scalar_one()), int(tx.execute(sent).scalar_one())
    if stands != should:
        yield f"clearing holds {stands} rupiah, {should} were sent and not confirmed"
