"""Decide one stored purchase again and hold every byte of row and answer against what is stored."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from pos_engine.engine import Engine
from pos_engine.rules.basket import LINES_MAX, Line, Market
from pos_engine.rules.decision import Approved, Declined, decide_judged
from pos_engine.rules.identity import Method
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason
from pos_engine.services.answers import APPROVED
from pos_engine.services.payer import Checked, Found, TokenProof
from pos_engine.services.purchase import PurchaseRequest, content_of
from pos_engine.services.record import Case, answer_of, case_of, row_of
from pos_engine.services.replay_facts import facts_of, of_the_payer, stored_reason
from pos_engine.services.replay_lines import Basket, KnownLine, Spelled
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
# Fifty of how many was a matter of order: none was judged nor written.
TOO_MANY = Basket((Line("", None, 1, Rupiah(1), None),) * (LINES_MAX + 1), (), b"[]", ())


class Told(msgspec.Struct):
    """The sentences of a stored refusal."""

    message: str = ""
    next_step: str = ""


_TOLD = msgspec.json.Decoder(Told)
_VERIFY = re.compile(r'"verify":"([^"]*)\*([^"*]*)"')
_ASIDE = re.compile(r'"set_aside":\{"allowance_id":"([^"]*)","amount":(\d+)\}')


@dataclass(frozen=True, slots=True)
class Stored:
    """A purchase as it lies in the database."""

    row: Any
    claim: Claim | None
    shop_name: str
    market: Market
    basket: Basket
    elsewhere: bool  # a bank, a hold or an envelope paid it: its money is taken as it stands


def differing(engine: Engine, stored: Stored, money: FamilyMoney | None) -> tuple[str, ...]:
    """The parts of a row and its answer that come out otherwise; none when it is as decided.

    The money moves on past this purchase.
    """
    row = stored.row
    reason, basket = stored_reason(row), stored.basket
    too_many = reason is Reason.BASKET_TOO_LARGE and not basket.lines
    if too_many:
        stored = replace(stored, basket=TOO_MANY)
    if stored.elsewhere or reason in NOT_OURS:
        found = _lines_alone(stored)
        if money is not None:
            money.paid(row.purchase_id)
        return found
    if money is not None:
        money.move_to(row.decided_at)
    found = _decided(engine, stored, money, proven=True)
    if found and of_the_payer(reason):
        found = _decided(engine, stored, money, proven=False) and found
    if money is not None:
        taken = money.paid(row.purchase_id)
        if sum(taken.values()) != (row.amount if row.status == APPROVED else 0):
            found = (*found, "postings")
    if stored.claim is not None and not too_many and not _asked_so(stored):
        found = (*found, "content")
    return found


def _decided(
    engine: Engine,
    stored: Stored,
    money: FamilyMoney | None,
    *,
    proven: bool,
) -> tuple[str, ...]:
    row, market, basket = stored.row, stored.market, stored.basket
    facts = facts_of(row, market, money, proven=proven and money is not None)
    decision = decide_judged(basket.lines, basket.judged, facts)
    if isinstance(decision, Declined):
        decision = _in_its_words(decision, stored.claim)
    case = _case(stored, decision, proven=proven)
    if isinstance(decision, Approved) and money is not None:
        case.aside = _aside(stored, money)
    differs = _row_differs(row_of(case), row)
    if stored.claim is None:
        return (*differs, "answer")
    answer = answer_of(case, stored.claim.content, engine.keys).answer
    if answer != stored.claim.answer and not _older_signature(engine, stored, answer):
        differs = (*differs, "answer")
    if isinstance(decision, Approved) and money is not None:
        differs += _draws_differ(decision, row, money)
    return differs


def _case(stored: Stored, decision: Approved | Declined, *, proven: bool) -> Case:
    row, basket = stored.row, stored.basket
    found = Found(Method(row.method), row.kpm_id, row.person_id)
    shop = Shop(row.shop_id, stored.shop_name, row.region, ACTIVE)
    # lines that no limit and no programme of its own judged otherwise are written already
    lines = basket.written if decision.lines is basket.judged else None
    return case_of(
        _request(row, basket.lines),
        found,
        Checked(proven=proven),
        shop,
        stored.market,
        row.decided_at,
        decision,
        lines,
    )


def _older_signature(engine: Engine, stored: Stored, answer: str) -> bool:
    """Is the receipt's signature all that differs, and does it hold by a key of before."""
    ours, told = _VERIFY.search(answer), _VERIFY.search(stored.claim.answer if stored.claim else "")
    if ours is None or told is None or ours[1] != told[1]:
        return False
    if answer[: ours.start(2)] + told[2] + answer[ours.end(2) :] != told.string:
        return False
    return engine.keys.signature_ok(f"{told[1]}*{stored.row.purchase_id}".encode(), told[2])


def _aside(stored: Stored, money: FamilyMoney) -> tuple[str, int] | None:
    """What a purchase drew of its own device's allowance, by the holds of that moment.

    Several purchases of one moment share one change of the hold: then each one's own part is taken
    from its answer and may only not be more than all. A draw of nothing leaves no trace: the same.
    """
    own = money.own_allowance(stored.row.decided_at, stored.row.till_id)
    if own is None:
        return None
    drawn, alone = money.drawn_aside(stored.row.decided_at)
    if drawn and alone:
        return own, drawn
    told = _ASIDE.search(stored.claim.answer if stored.claim else "")
    said = int(told[2]) if told is not None and told[1] == own else None
    return (own, said) if said is not None and said <= drawn else None


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


def _lines_alone(stored: Stored) -> tuple[str, ...]:
    """Of what a bank, a hold or an envelope paid: lines, and that row and answer say the same."""
    row, found = stored.row, []
    if stored.basket.written.decode() != row.lines:
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


def _asked_so(stored: Stored) -> bool:
    """Does the hash of what was asked belong to these lines: their units named, or left out."""
    claim, row, known = stored.claim, stored.row, stored.basket.known
    if claim is None:
        return False
    for each in _spelled(known):
        if content_of(row.till_id, row.occurred_at, each, row.kpm_id) == claim.content:
            return True
    return len(known) > UNITS_TRIED_MAX  # too many ways to spell them: nothing is said


def _spelled(lines: tuple[KnownLine, ...]) -> Iterator[list[Spelled]]:
    """The ways in which a till may have asked these lines: none named, all, then each mixture."""
    yield [each.bare for each in lines]
    yield [each.named for each in lines]
    if len(lines) <= UNITS_TRIED_MAX:
        for mask in range(1, 2 ** len(lines) - 1):
            yield [each.bare if mask >> n & 1 else each.named for n, each in enumerate(lines)]
