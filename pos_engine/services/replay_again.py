"""Decide one stored purchase again and hold every byte of row and answer against what is stored."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from pos_engine.engine import Engine
from pos_engine.rules.basket import LINES_MAX, PACK_UNIT, Line, Market, judge_basket
from pos_engine.rules.decision import Approved, Declined, decide_judged
from pos_engine.rules.identity import Method
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason
from pos_engine.services.answers import APPROVED, lines_json
from pos_engine.services.payer import Checked, Found, TokenProof
from pos_engine.services.purchase import PurchaseRequest, content_of
from pos_engine.services.record import answer_of, case_of, row_of
from pos_engine.services.replay_facts import facts_of, lines_of, of_the_payer, stored_reason
from pos_engine.services.replay_money import FamilyMoney
from pos_engine.store.purchases import Claim, PurchaseRow
from pos_engine.store.shops import ACTIVE, Shop
from pos_engine.wire.near_words import is_near_told
from pos_engine.wire.response import explain

# A sentence that names people or places of its moment (who suspended, who sells near): it stands
# in the answer alone, and is taken from there.
OWN_WORDS = frozenset(
    {
        Reason.KPM_SUSPENDED,
        Reason.STEP_UP_REQUIRED,
        Reason.DELEGATE_NOT_ALLOWED,
        Reason.RESERVED_OFFLINE,
    }
)
COMPARED = ("status", "reason", "amount", "lines", "flags", "number", "policy", "price_book")
UNITS_TRIED_MAX = 6  # lines whose unit may have been named or left out when it was asked
NOT_OURS = frozenset({Reason.BANK_DECLINED, Reason.BANK_UNREACHABLE})
PROVEN_THEN = TokenProof("")


class Told(msgspec.Struct):
    """The sentences of a stored refusal."""

    message: str = ""
    next_step: str = ""


_TOLD = msgspec.json.Decoder(Told)


@dataclass(frozen=True, slots=True)
class Stored:
    """A purchase as it lies in the database."""

    row: Any
    claim: Claim | None
    shop_name: str
    market: Market
    elsewhere: bool  # a bank, a hold or an envelope paid it: its money is taken as it stands


def differing(engine: Engine, stored: Stored, money: FamilyMoney | None) -> tuple[str, ...]:
    """The parts of a row and its answer that come out otherwise; none when it is as decided.

    The money moves on past this purchase.
    """
    row = stored.row
    lines = lines_of(row)
    too_many = row.reason == Reason.BASKET_TOO_LARGE.value and not lines
    if too_many:  # fifty of how many was a matter of order: none was judged nor written
        lines = (Line("", None, 1, Rupiah(1), None),) * (LINES_MAX + 1)
    if stored.elsewhere or stored_reason(row) in NOT_OURS:
        found = _lines_alone(stored, lines)
        if money is not None:
            money.paid(row.purchase_id)
        return found
    if money is not None:
        money.move_to(row.decided_at)
    found = _decided(engine, stored, lines, money, proven=True)
    if found and of_the_payer(stored_reason(row)):
        found = _decided(engine, stored, lines, money, proven=False) and found
    if money is not None:
        taken = money.paid(row.purchase_id)
        if sum(taken.values()) != (row.amount if row.status == APPROVED else 0):
            found = (*found, "postings")
    if stored.claim is not None and not too_many and not _asked_so(stored, lines):
        found = (*found, "content")
    return found


def _decided(
    engine: Engine,
    stored: Stored,
    lines: tuple[Line, ...],
    money: FamilyMoney | None,
    *,
    proven: bool,
) -> tuple[str, ...]:
    row, market = stored.row, stored.market
    facts = facts_of(row, market, money, proven=proven and money is not None)
    decision = decide_judged(lines, judge_basket(lines, market), facts)
    if isinstance(decision, Declined):
        decision = _in_its_words(decision, stored.claim)
    request = _request(row, lines)
    found = Found(Method(row.method), row.kpm_id, row.person_id)
    shop = Shop(row.shop_id, stored.shop_name, row.region, ACTIVE)
    case = case_of(request, found, Checked(proven=proven), shop, market, row.decided_at, decision)
    differs = _row_differs(row_of(case), row)
    if stored.claim is None:
        return (*differs, "answer")
    answer = answer_of(case, stored.claim.content, engine.keys).answer
    if answer != stored.claim.answer:
        differs = (*differs, "answer")
    if isinstance(decision, Approved) and money is not None:
        differs += _draws_differ(decision, row, money)
    return differs


def _draws_differ(decision: Approved, row: Any, money: FamilyMoney) -> tuple[str, ...]:
    drawn = {str(each.wallet_id): int(each.amount) for each in decision.draws}
    return () if drawn == money.drawn(row.purchase_id) else ("draws",)


def _in_its_words(decision: Declined, claim: Claim | None) -> Declined:
    """The refusal with the sentences that only its own moment knew."""
    own = decision.reason in OWN_WORDS or decision.reason is Reason.PRICE_ABOVE_CEILING
    if not own or claim is None:
        return decision
    try:
        told = _TOLD.decode(claim.answer)
    except msgspec.DecodeError:
        return decision
    if decision.reason in OWN_WORDS:
        return replace(decision, message=told.message, next_step=told.next_step)
    line = next(x for x in decision.lines if x.reason is Reason.PRICE_ABOVE_CEILING)
    _, step = explain(
        decision.reason, decision.lines, amount=decision.amount, balance=decision.payable
    )
    near = is_near_told(told.next_step, step, line.name)
    return replace(decision, next_step=told.next_step) if near else decision


def _row_differs(made: PurchaseRow, row: Any) -> tuple[str, ...]:
    return tuple(name for name in COMPARED if getattr(made, name) != getattr(row, name))


def _lines_alone(stored: Stored, lines: tuple[Line, ...]) -> tuple[str, ...]:
    """Of what a bank, a hold or an envelope paid: lines, and that row and answer say the same."""
    row, found = stored.row, []
    judged = lines_json(judge_basket(lines, stored.market)).decode()
    if judged != row.lines:
        found.append("lines")
    answer = stored.claim.answer if stored.claim else ""
    said = (f'"status":"{row.status}"', f'"amount":{row.amount}', f'"lines":{row.lines}')
    if not all(each in answer for each in said):
        found.append("answer")
    return tuple(found)


def _request(row: Any, lines: tuple[Line, ...]) -> PurchaseRequest:
    return PurchaseRequest(
        purchase_id=row.purchase_id,
        shop_id=row.shop_id,
        till_id=row.till_id,
        staff_id=row.staff_id,
        occurred_at=row.occurred_at,
        proof=PROVEN_THEN,
        lines=lines,
    )


def _asked_so(stored: Stored, lines: tuple[Line, ...]) -> bool:
    """Does the hash of what was asked belong to these lines: their units named, or left out."""
    claim, row = stored.claim, stored.row
    if claim is None:
        return False
    for each in _spelled(lines):
        if content_of(row.till_id, row.occurred_at, each, row.kpm_id) == claim.content:
            return True
    return len(lines) > UNITS_TRIED_MAX  # too many ways to spell them: nothing is said


def _spelled(lines: tuple[Line, ...]) -> Iterator[list[list[str | int | None]]]:
    """The ways in which a till may have asked these lines: all named, none, then each mixture."""
    named = [_plain(each, each.unit or (PACK_UNIT if each.gtin else None)) for each in lines]
    bare = [_plain(each, None) for each in lines]
    yield named
    yield bare
    if len(lines) <= UNITS_TRIED_MAX:
        for mask in range(1, 2 ** len(lines) - 1):
            yield [bare[n] if mask >> n & 1 else named[n] for n in range(len(lines))]


def _plain(line: Line, unit: str | None) -> list[str | int | None]:
    return [line.sku, line.gtin, line.quantity_milli, line.unit_price, unit]
