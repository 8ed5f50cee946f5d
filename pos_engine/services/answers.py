"""The answer to a purchase as JSON: made once, stored, and repeated byte for byte."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from pos_engine.keys import Keys
from pos_engine.rules.audit import receipt_leaf
from pos_engine.rules.basket import JudgedLine
from pos_engine.rules.decision import Approved, Declined
from pos_engine.rules.identity import Method
from pos_engine.rules.ladder import after_refusal
from pos_engine.rules.reasons import Reason
from pos_engine.rules.receipt import Receipt, receipt_text
from pos_engine.wire.bank_answers import Told
from pos_engine.wire.response import WORDINGS, explain, line_message

APPROVED, DECLINED = "APPROVED", "DECLINED"
VERDICT_OK = "OK"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every answer carries: under which rules and when it was decided (shop's local time)."""

    purchase_id: str
    policy: str
    price_book: str
    decided_at: datetime


def lines_json(lines: tuple[JudgedLine, ...]) -> bytes:
    """The lines as JSON, encoded once for the answer, the row and the receipt's hash."""
    return msgspec.json.encode([line_json(line) for line in lines])


def approved_answer(
    stamp: Stamp,
    decision: Approved,
    receipt: Receipt,
    lines: bytes,
    keys: Keys,
    aside: tuple[str, int] | None = None,
) -> str:
    """The answer of an approved purchase; `lines` are the decision's as `lines_json` wrote them.

    `aside`: the allowance of this very device that it drew, and how much in rupiah. A tablet that
    is told nothing knows that nothing was drawn.
    """
    verify = signed_receipt(keys, stamp.purchase_id, receipt, lines)
    leaf = receipt_leaf(f"{verify.rpartition('*')[0]}*{stamp.purchase_id}").hex()
    return _json(
        {
            "purchase_id": stamp.purchase_id,
            "status": APPROVED,
            "amount": decision.amount,
            "balance_before": decision.balance_before,
            "balance_after": decision.balance_after,
            "lines": msgspec.Raw(lines),
            "receipt": {
                "number": receipt.number,
                "text": receipt_text(receipt, leaf),
                "verify": verify,
                "leaf": leaf,
            },
            **_balances_json(decision),
            **({"set_aside": {"allowance_id": aside[0], "amount": aside[1]}} if aside else {}),
            **_stamp_json(stamp),
        }
    )


def _balances_json(decision: Approved) -> dict[str, Any]:
    """What is left by programme; nothing when one policy governs all of the money."""
    balances = [
        {"programme": each.programme, "title": each.title, "balance_after": each.left}
        for each in decision.balances
    ]
    return {"programmes": balances} if balances else {}


def declined_answer(stamp: Stamp, decision: Declined, lines: bytes, method: Method) -> str:
    """The answer of a refusal: why, what is lawful, and what to do next.

    `next_method` is there when the proof was refused: the next way of proving who pays.
    """
    message, next_step = explain(
        decision.reason,
        decision.lines,
        amount=decision.amount,
        balance=decision.payable,
        bound=decision.bound,
        limit=decision.limit,
    )
    return _json(
        {
            "purchase_id": stamp.purchase_id,
            "status": DECLINED,
            "reason": decision.reason.value,
            "message": decision.message or message,
            "next_step": decision.next_step or next_step,
            **_next_method(method, decision.reason),
            "response_code": WORDINGS[decision.reason].iso8583,
            "amount": decision.amount,
            "approvable_amount": decision.approvable_amount,
            "lines": msgspec.Raw(lines),
            **_stamp_json(stamp),
        }
    )


def _next_method(method: Method, reason: Reason) -> dict[str, str]:
    way = after_refusal(method, reason)
    return {"next_method": way.value} if way else {}


def unpaid_answer(
    stamp: Stamp, told: Told, amount: int, lines: bytes, money: dict[str, str]
) -> str:
    """The answer of a purchase that was lawful and that the bank did not pay.

    `money` says what became of what was put aside and of the question to the bank.
    """
    return _json(
        {
            "purchase_id": stamp.purchase_id,
            "status": DECLINED,
            "reason": told.reason.value,
            "message": told.sentence,
            "next_step": told.next_step,
            "response_code": WORDINGS[told.reason].iso8583,
            "amount": amount,
            "approvable_amount": 0,
            "lines": msgspec.Raw(lines),
            **money,
            **_stamp_json(stamp),
        }
    )


def line_json(line: JudgedLine) -> dict[str, Any]:
    """One line with its verdict; refused lines say why."""
    body: dict[str, Any] = {
        "sku": line.sku,
        "name": line.name,
        "quantity_milli": line.quantity_milli,
        "unit": line.unit,
        "unit_price": line.unit_price,
        "line_total": line.total,
        "verdict": line.reason.value if line.reason else VERDICT_OK,
        "flags": list(line.flags),
        "ceiling": line.ceiling,
        "ceiling_kind": line.ceiling_kind,
        "regulation": line.regulation,
    }
    if line.gtin is not None:
        body["gtin"] = line.gtin
    if line.asked_price is not None:
        body["asked_price"] = line.asked_price
    if line.reason is not None:
        body["message"] = line_message(line)
    return body


def signed_receipt(keys: Keys, purchase_id: str, receipt: Receipt, lines: bytes) -> str:
    """What the QR on a receipt holds: number, sum and time under our signature."""
    content = hashlib.sha256(lines).hexdigest()[:16]
    plain = f"EW1*{receipt.number}*{receipt.amount}*{receipt.at:%y%m%d%H%M}*{content}"
    return f"{plain}*{keys.sign(f'{plain}*{purchase_id}'.encode())}"


def _stamp_json(stamp: Stamp) -> dict[str, Any]:
    return {
        "policy": stamp.policy,
        "price_book": stamp.price_book,
        "decided_at": stamp.decided_at.isoformat(timespec="seconds"),
    }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()  # compact, not escaped, keys in their order
