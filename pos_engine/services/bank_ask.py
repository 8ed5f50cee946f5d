"""The first of two commits of a purchase that a bank pays: the money is put aside, the id taken.

The answer of an approval is made here, from the facts of this batch, and kept until the bank has
spoken: whoever finishes the purchase, this process or the worker after a kill, writes the same.
"""

import json
from datetime import date, datetime
from typing import Any

from msgspec.structs import asdict, replace

from pos_engine.engine import Engine
from pos_engine.rules.bank import BANK_HOLD_LIFE, ORPHAN_AGE, CallState
from pos_engine.rules.decision import Approved
from pos_engine.rules.entitlement import Draw
from pos_engine.rules.ids import KpmId, WalletId
from pos_engine.rules.money import Rupiah
from pos_engine.services.bank_question import (
    BankAsk,
    BankQuestion,
    merchant_of,
    place_of,
    reference_of,
    terminal_of,
    trace_of,
)
from pos_engine.services.batch_facts import BatchFacts
from pos_engine.services.custody import Custody
from pos_engine.services.record import Case, answer_of, row_of
from pos_engine.store.bank_calls import Call
from pos_engine.store.driver import JsonText
from pos_engine.store.hold_sets import Aside
from pos_engine.store.purchases import PurchaseRow
from pos_engine.wire.iso_messages import ACQUIRER_DIGITS, transmission

_DAYS, _MOMENTS = ("day",), ("occurred_at", "decided_at")


def ask_bank(
    engine: Engine, facts: BatchFacts, case: Case, custody: Custody, content: bytes
) -> BankQuestion:
    """Note everything that this batch writes before the bank is asked."""
    decision, kpm_id = case.decision, case.found.kpm_id
    if engine.banks is None or kpm_id is None or not isinstance(decision, Approved):
        raise LookupError(case.request.purchase_id)  # decided by `custody`: a fault
    claim = answer_of(case, content, engine.keys)
    call = _call(case, custody, kpm_id, engine.banks.acquirer(custody.bank), claim.answer)
    question = BankQuestion(
        call=call,
        account=custody.account,
        shown=custody.shown,
        place=place_of(case.shop.name, case.shop.region),
        person_id=str(case.found.person_id or ""),
    )
    aside = Aside(
        hold_id=case.request.purchase_id,
        kpm_id=kpm_id,
        shop_id=case.shop.shop_id,
        draws=decision.draws,
        day=case.market.day,
        made_at=case.now,
        expires_at=case.now + BANK_HOLD_LIFE,
    )
    opened = replace(claim, answer="")
    token = case.found.token
    token_id = token.token_id if token is not None else None
    facts.opened[case.request.purchase_id] = opened
    facts.bank_asks.append(BankAsk(question, aside, opened, token_id, case.checked.code_id))
    return question


def _call(case: Case, custody: Custody, kpm_id: KpmId, acquirer: str, answer: str) -> Call:
    request = case.request
    trace = trace_of(f"{request.purchase_id}{case.now.isoformat()}")  # another one when tried again
    return Call(
        purchase_id=request.purchase_id,
        kpm_id=kpm_id,
        shop_id=request.shop_id,
        bank=custody.bank,
        state=CallState.ASKED.value,
        transmitted=transmission(case.now),
        trace=trace,
        acquirer=acquirer.zfill(ACQUIRER_DIGITS),
        terminal=terminal_of(request.till_id),
        merchant=merchant_of(request.shop_id),
        reference=reference_of(trace, case.now),
        method=custody.shown.method.value,
        amount=case.decision.amount,
        code="",
        approval="",
        prepared=_prepared(case, answer),
        tries=0,
        asked_at=case.now,
        next_at=case.now + ORPHAN_AGE,
        answered_at=None,
        noted="",
    )


def _prepared(case: Case, answer: str) -> str:
    """What is written when the bank has spoken: row, answer, draws, the token to give back."""
    row: dict[str, Any] = asdict(row_of(case))
    for name in (*_DAYS, *_MOMENTS):
        row[name] = row[name].isoformat()
    row |= {"lines": str(row["lines"]), "flags": str(row["flags"])}
    draws = case.decision.draws if isinstance(case.decision, Approved) else ()
    token = case.found.token
    return json.dumps(
        {
            "row": row,
            "answer": answer,
            "local": case.local.isoformat(),
            "draws": [[each.wallet_id, each.amount] for each in draws],
            "token": token.token_id if token is not None else None,
        }
    )


class Prepared:
    """What a call keeps until the bank has spoken."""

    def __init__(self, call: Call) -> None:
        told = json.loads(call.prepared)
        row = told["row"]
        for name in _MOMENTS:
            row[name] = datetime.fromisoformat(row[name])
        row["day"] = date.fromisoformat(row["day"])
        row |= {"lines": JsonText(row["lines"]), "flags": JsonText(row["flags"])}
        self.row = PurchaseRow(**row)
        self.answer: str = told["answer"]
        self.local = datetime.fromisoformat(told["local"])  # of the decision, by the shop's clock
        self.draws = tuple(Draw(WalletId(name), Rupiah(amount)) for name, amount in told["draws"])
        self.token_id: str | None = told["token"]
