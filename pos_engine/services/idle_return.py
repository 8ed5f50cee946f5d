"""Frozen money to the treasury: a list by one officer, approved by another, shard by shard."""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.bank import ENGINE
from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.rules.ids import WalletId, new_uuid7
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import Posting, treasury_postings
from pos_engine.services.idle import idle_tranches, look
from pos_engine.services.install import Refused
from pos_engine.services.officers import not_an_officer, same_person
from pos_engine.store import idle_lists, ledger
from pos_engine.store.database import Tx

LIST_ROWS_MAX = 30_000  # legs of one movement are numbered in 16 bits
COLUMNS = ("list_id", "family_id", "wallet_id", "programme", "period", "amount")


@dataclass(frozen=True, slots=True)
class Returned:
    """A list that was carried out: what went to the treasury, and what stayed with families."""

    list_id: str
    returned: int
    total: int
    kept: int


def make_list(engine: Engine, made_by: str) -> idle_lists.ReturnList | Refused:
    """List what is frozen, at most LIST_ROWS_MAX tranches; nothing moves yet.

    Only what the engine holds: money at a bank goes back by that bank's own way.
    """
    now = engine.now()
    with engine.database.read() as tx:
        refused = not_an_officer(tx, engine, made_by)
    if refused is not None:
        return refused
    list_id = new_uuid7(now)
    items = []
    for each in idle_tranches(engine, 0):
        at, filled = each.tranche, each.filled
        ours = filled.custodian == ENGINE and not filled.held
        if at.status is TrancheStatus.FROZEN and not each.complaint and ours:
            items.append(
                idle_lists.Item(
                    list_id=list_id,
                    wallet_id=at.wallet_id,
                    kpm_id=at.kpm_id,
                    programme=at.programme,
                    period=at.period,
                    amount=at.left,
                    state=idle_lists.WAITING,
                )
            )
    return engine.database.transact(lambda tx: _keep(tx, engine, list_id, items, made_by))


def _keep(
    tx: Tx, engine: Engine, list_id: str, items: list[idle_lists.Item], made_by: str
) -> idle_lists.ReturnList | Refused:
    shards = {each.shard for each in items}
    listed = {wallet for shard in shards for wallet in idle_lists.listed_elsewhere(tx, shard)}
    fresh = sorted(
        (each for each in items if each.wallet_id not in listed),
        key=lambda each: (each.shard, each.wallet_id),
    )[:LIST_ROWS_MAX]
    if not fresh:
        return Refused("list", "nothing is frozen that is not on a list already")
    made = idle_lists.ReturnList(
        list_id=list_id,
        state=idle_lists.MADE,
        count=len(fresh),
        total=Rupiah(sum(each.amount for each in fresh)),
        sha256=hashlib.sha256(as_csv(fresh)).hexdigest(),
        made_by=made_by,
        approved_by=None,
        made_at=engine.now(),
        approved_at=None,
    )
    idle_lists.add_list(tx, made, fresh)
    return made


def as_csv(items: Iterable[idle_lists.Item]) -> bytes:
    """The list as both officers read and sign it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in items:
        writer.writerow(
            [each.list_id, each.kpm_id, each.wallet_id, each.programme, each.period, each.amount]
        )
    return text.getvalue().encode()


def list_csv(engine: Engine, list_id: str) -> bytes:
    """The CSV file of a list."""
    with engine.database.read() as tx:
        return as_csv(idle_lists.items_of(tx, list_id))


def approve_list(engine: Engine, list_id: str, approved_by: str) -> Returned | Refused:
    """Carry a list out as a second person; cut off in the middle, the same command goes on.

    A tranche that thawed, moved, or whose family complained since then is left as it is.
    """
    refused = engine.database.transact(lambda tx: _approve(tx, engine, list_id, approved_by))
    if refused is not None:
        return refused
    with engine.database.read() as tx:
        shards = idle_lists.shards_of_list(tx, list_id)
    for shard in shards:
        engine.database.transact(lambda tx, s=shard: _carry_out(tx, engine, list_id, s))  # type: ignore[misc]
    with engine.database.begin() as tx:
        idle_lists.change_list(tx, list_id, state=idle_lists.DONE)
        items = list(idle_lists.items_of(tx, list_id))
    back = [each.amount for each in items if each.state == idle_lists.RETURNED]
    return Returned(list_id, len(back), sum(back), len(items) - len(back))


def _approve(tx: Tx, engine: Engine, list_id: str, approved_by: str) -> Refused | None:
    found = idle_lists.find_list(tx, list_id, lock=True)
    if found is None:
        return Refused("list", f"no list {list_id}")
    if found.state == idle_lists.DONE:
        return Refused("list", f"{list_id} was carried out already")
    refused = not_an_officer(tx, engine, approved_by)
    if refused is not None:
        return refused
    if same_person(tx, engine, found.made_by, approved_by):
        return Refused("by", "the second officer is another person")
    if hashlib.sha256(as_csv(idle_lists.items_of(tx, list_id))).hexdigest() != found.sha256:
        return Refused("list", "its rows are not those that were listed: make another list")
    if found.state == idle_lists.MADE:
        idle_lists.approve_list(tx, list_id, approved_by, engine.now())
    return None


def _carry_out(tx: Tx, engine: Engine, list_id: str, shard: int) -> None:
    """One shard in one transaction: tranches, postings and the state of the items."""
    complaints = {each.tranche.wallet_id for each in look(tx, engine, shard) if each.complaint}
    taken: defaultdict[str, dict[WalletId, int]] = defaultdict(dict)
    waiting = [
        each for each in idle_lists.items_of(tx, list_id, shard) if each.state == idle_lists.WAITING
    ]
    for item in waiting:
        gone = item.wallet_id not in complaints and idle_lists.take_back(tx, item)
        idle_lists.settle_item(tx, item, idle_lists.RETURNED if gone else idle_lists.KEPT)
        if gone:
            taken[item.programme][item.wallet_id] = item.amount
    legs: tuple[Posting, ...] = ()
    for programme, amounts in sorted(taken.items()):
        legs += treasury_postings(amounts, programme)
    ledger.post(tx, [ledger.Movement(shard, list_id, legs, engine.now())])
    if waiting:
        idle_lists.announce_items(tx, list_id, shard)
