"""A purchase as a bank is asked about it: who speaks for which terminal, and what is proven."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from catalog.bank_methods import BankMethod
from pos_engine.keys import Keys
from pos_engine.store.bank_accounts import BankAccount
from pos_engine.store.bank_calls import Call
from pos_engine.store.hold_sets import Aside
from pos_engine.store.purchases import Claim
from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_dialect import Dialect
from pos_engine.wire.iso_messages import WIB, Asking, Key, purchase_message

TRACES = 1_000_000
TERMINAL_LENGTH, MERCHANT_LENGTH, PLACE_LENGTH = 8, 15, 40
PROOF = "EWP1"
# How many independent things were shown at least: a card and its PIN are two.
STRENGTHS = {
    BankMethod.KKS: 2,
    BankMethod.OWN_CARD: 2,
    BankMethod.PHONE: 1,
    BankMethod.FACE: 1,
    BankMethod.KTP: 2,
    BankMethod.QR: 1,
}


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """What proves the payer to the bank. The first three pass through and are kept nowhere."""

    pan: str
    pin_block: str
    ksn: str
    method: BankMethod
    entry: str
    evidence: str  # names what was shown in our own books: a card, a phone, a token


@dataclass(frozen=True, slots=True, repr=False)
class BankQuestion:
    """What is to be sent once the batch that put the money aside has committed."""

    call: Call
    account: BankAccount
    shown: Shown
    place: str
    person_id: str

    def message(self, dialect: Dialect, keys: Keys) -> Message:
        """The 0200."""
        call, shown = self.call, self.shown
        asking = asking_of(call, keys.open_personal(self.account.sealed, sealed_for(self.account)))
        cardless = shown.method is not BankMethod.KKS
        return purchase_message(
            dialect,
            Asking(
                key=asking.key,
                at=asking.at,
                amount=asking.amount,
                entry=shown.entry or dialect.values.card_entry,
                merchant=asking.merchant,
                place=self.place,
                reference=asking.reference,
                account=asking.account,
                proof=self.proof(keys) if cardless else "",
                pan=shown.pan,
                pin_block=shown.pin_block,
                ksn=shown.ksn,
            ),
        )

    def proof(self, keys: Keys) -> str:
        """Method, strength, time and hash of the evidence, under our signature (Ed25519).

        The hash binds family, person, what was shown, purchase and amount; in a dispute we show
        what went into it. `ewarong bank key` prints the public key.
        """
        call, method = self.call, self.shown.method
        facts = [call.purchase_id, call.kpm_id, self.person_id, self.shown.evidence, call.amount]
        digest = hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()
        at = f"{call.asked_at.astimezone(WIB):%y%m%d%H%M%S}"
        plain = f"{PROOF}*{method.value}*{STRENGTHS[method]}*{at}*{digest}"
        return f"{plain}*{keys.sign(plain.encode())}"


@dataclass(frozen=True, slots=True, repr=False)
class BankAsk:
    """Everything that a batch writes for one question, in its own transaction."""

    question: BankQuestion
    aside: Aside
    claim: Claim
    token_id: str | None
    code_id: str | None


def asking_of(call: Call, account: str) -> Asking:
    """What a stored call said, but for what is never stored."""
    return Asking(
        key=Key(call.transmitted, call.trace, call.acquirer, call.terminal),
        at=call.asked_at,
        amount=call.amount,
        entry="",
        merchant=call.merchant,
        place="",
        reference=call.reference,
        account=account,
    )


def sealed_for(account: BankAccount) -> str:
    """What an account's token is sealed for."""
    return f"bank:{account.bank}:{account.kpm_id}"


def terminal_of(till_id: str) -> str:
    """DE41 of a till: eight letters and digits, the same for ever."""
    return _letters(till_id, TERMINAL_LENGTH)


def merchant_of(shop_id: str) -> str:
    """DE42 of a shop."""
    return f"EW{_letters(shop_id, MERCHANT_LENGTH - 2)}"


def trace_of(name: str) -> str:
    """DE11: of what is asked and when, so that no process needs a counter."""
    digest = hashlib.blake2s(name.encode(), digest_size=8).digest()
    return f"{int.from_bytes(digest) % TRACES:06d}"


def reference_of(trace: str, at: datetime) -> str:
    """DE37: year, day of the year, hour and trace."""
    local = at.astimezone(WIB)
    return f"{local.year % 10}{local:%j%H}{trace}"


def place_of(shop_name: str, town: str) -> str:
    """DE43: name, town and country in forty signs."""
    return f"{_plain(shop_name)[:24]:<24} {_plain(town)[:12]:<12} ID"


def _plain(text: str) -> str:
    """What any bank can print."""
    return "".join(each if each.isascii() and each.isprintable() else "?" for each in text)


def _letters(name: str, count: int) -> str:
    digest = hashlib.blake2s(name.encode(), digest_size=16).digest()
    return base64.b32encode(digest).decode()[:count]
