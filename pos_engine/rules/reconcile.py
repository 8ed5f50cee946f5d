"""Which lines of the bank pay which of our items: reference, amount and date decide."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pos_engine.rules.settlement import MESSAGE, REFERENCE

MATCH_DAYS_MAX = 60  # a transfer that the bank books later is looked at by a person
RUN_REFERENCE_LENGTH_MIN = 6  # a shorter paper number would be found in any text


class MatchKind(StrEnum):
    """What the bank did."""

    PAYOUT = "PAYOUT"
    RETURN = "RETURN"  # a payout came back: the shop is owed again
    FUNDING = "FUNDING"  # the state paid in what a decree credits
    TREASURY = "TREASURY"  # what a reversed credit gave back went to the treasury
    SIGNED_OFF = "SIGNED_OFF"


@dataclass(frozen=True, slots=True)
class BankLine:
    """An open line. `amount` in rupiah, negative: it left the escrow account."""

    line_id: str
    account: str
    value_date: date
    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A payout that the bank was asked for."""

    payout_id: str
    shop_id: str
    message_id: str
    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class Flow:
    """What a disbursement moves through the escrow: `amount` in (positive) or out (negative).

    `names` are its run id and SP2D: one of them stands in the bank's reference.
    """

    run_id: str
    account: str
    names: tuple[str, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class Match:
    """Lines and our items that belong together; `moves` are accounts with what they gain."""

    kind: MatchKind
    reference: str
    lines: tuple[BankLine, ...]
    payouts: tuple[Sent, ...]
    flow: Flow | None
    moves: tuple[tuple[str, int], ...]


def match_payouts(lines: Iterable[BankLine], sent: Iterable[Sent]) -> list[Match]:
    """Outgoing lines against payouts: one by one, in parts, several in one sum, whole files."""
    by_name = {each.payout_id: each for each in sent}
    by_message: dict[str, list[Sent]] = defaultdict(list)
    for each in by_name.values():
        by_message[each.message_id].append(each)
    groups: dict[tuple[str, ...], list[BankLine]] = defaultdict(list)
    for line in lines:
        names = _names(line.reference)
        if line.amount < 0 and names:
            groups[names].append(line)
    done: set[str] = set()
    found: list[Match] = []
    for names in sorted(groups, key=lambda each: (each[0].startswith("EWM"), each)):
        items = [
            item
            for name in names
            for item in ([by_name[name]] if name in by_name else by_message.get(name, []))
            if item.payout_id not in done
        ]
        chosen = _same_sum(groups[names], items)
        if chosen:
            done |= {each.payout_id for each in items}
            moves = tuple((f"clearing:{each.shop_id}", -each.amount) for each in items)
            reference = " ".join(names)
            found.append(
                Match(MatchKind.PAYOUT, reference, chosen, tuple(items), None, moves)
            )  # fmt: skip
    return found


def _names(reference: str) -> tuple[str, ...]:
    """The transfers that a text names, else the files."""
    names = REFERENCE.findall(reference) or MESSAGE.findall(reference)
    return tuple(sorted(set(names)))


def _same_sum(lines: Sequence[BankLine], items: Sequence[Sent]) -> tuple[BankLine, ...]:
    """The earliest single line of this sum, else all lines together; nothing when neither fits."""
    if not items:
        return ()
    total = sum(each.amount for each in items)
    first = min(each.day for each in items)
    in_time = sorted(
        (each for each in lines if first <= each.value_date <= first + timedelta(MATCH_DAYS_MAX)),
        key=lambda each: (each.value_date, each.line_id),
    )
    for each in in_time:
        if -each.amount == total:
            return (each,)
    return tuple(in_time) if -sum(each.amount for each in in_time) == total else ()


def match_returns(lines: Iterable[BankLine], paid: Mapping[str, Sent]) -> list[Match]:
    """Incoming lines that name a paid payout and bring exactly its sum back."""
    left = dict(paid)
    found = []
    for line in sorted(lines, key=lambda each: (each.value_date, each.line_id)):
        names = _names(line.reference)
        item = left.get(names[0]) if len(names) == 1 else None
        if item is not None and line.amount == item.amount:
            del left[item.payout_id]
            moves = ((f"shop:{item.shop_id}", item.amount),)
            found.append(Match(MatchKind.RETURN, names[0], (line,), (item,), None, moves))
    return found


def match_flows(lines: Iterable[BankLine], flows: Iterable[Flow]) -> list[Match]:
    """Lines that fund a disbursement, or carry what came back of it to the treasury.

    Several lines of one decree count together. What a decree's lines do not reach stays open.
    """
    waiting = list(lines)
    found = []
    for flow in flows:
        names = [each for each in flow.names if len(each) >= RUN_REFERENCE_LENGTH_MIN]
        mine = [
            line
            for line in waiting
            if (line.amount > 0) == (flow.amount > 0)
            and any(name in line.reference for name in names)
        ]
        chosen = [line for line in mine if line.amount == flow.amount][:1] or mine
        if chosen and sum(each.amount for each in chosen) == flow.amount:
            kind = MatchKind.FUNDING if flow.amount > 0 else MatchKind.TREASURY
            moves = ((flow.account, flow.amount),)
            found.append(Match(kind, flow.run_id, tuple(chosen), (), flow, moves))
            waiting = [line for line in waiting if line not in chosen]
    return found
