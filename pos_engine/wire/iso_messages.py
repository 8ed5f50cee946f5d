"""What we say to a bank and a terminal to us: purchase, balance, reversal, network; the keys.

A message is matched by time, trace number, acquirer and terminal together (DE7, DE11, DE32, DE41);
a reversal names the message it takes back in DE90. Never by the trace number alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from pos_engine.wire.iso8583 import MTI_LENGTH, Message
from pos_engine.wire.iso_dialect import Dialect
from pos_engine.wire.iso_fields import IsoError

WIB = timezone(timedelta(hours=7))
ACQUIRER_DIGITS = 11
AMOUNT_PART = 20  # of DE54: account, kind, currency, sign, twelve digits
AVAILABLE = "02"
ORIGINAL_DIGITS = 42
ANSWERED = 10  # an answer's type is its question's plus ten
LATE = "68"
HALF_A_YEAR = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a message one of its kind: DE7, DE11, DE32, DE41."""

    transmitted: str
    trace: str
    acquirer: str
    terminal: str

    @classmethod
    def of(cls, message: Message) -> "Key":
        """The key of a message; `IsoError` names the part that is missing."""
        for number in (7, 11, 32, 41):
            if not message.get(number):
                raise IsoError(number, "is missing")
        return cls(
            message.get(7), message.get(11), message.get(32).zfill(ACQUIRER_DIGITS), message.get(41)
        )


def answer_type(mti: str) -> str:
    """The type of the answer: 0200 -> 0210, 0401 -> 0410, 0421 -> 0430."""
    return f"{int(mti) // 10 * 10 + ANSWERED:04d}"


def is_question(mti: str) -> bool:
    """Is this type one that asks for an answer."""
    return mti[2] in "024"


@dataclass(frozen=True, slots=True, repr=False)
class Asking:
    """What a purchase or a balance inquiry says, whoever is asked. Amounts in rupiah.

    `pan`, `pin_block`, `ksn` pass through and are kept nowhere.
    """

    key: Key
    at: datetime
    amount: int
    entry: str
    merchant: str
    place: str
    reference: str
    account: str
    proof: str = ""
    pan: str = ""
    pin_block: str = ""
    ksn: str = ""


def purchase_message(dialect: Dialect, asking: Asking) -> Message:
    """0200 with the purchase's processing code."""
    return _financial(dialect, asking, dialect.values.purchase)


def balance_message(dialect: Dialect, asking: Asking) -> Message:
    """0200 with the processing code of a balance inquiry."""
    return _financial(dialect, asking, dialect.values.balance)


def _financial(dialect: Dialect, asking: Asking, processing: str) -> Message:
    values = dialect.values
    fields = {
        2: asking.pan,
        3: processing,
        4: dialect.amount(asking.amount),
        **_stamp(asking.key, asking.at),
        18: values.mcc,
        22: asking.entry,
        25: "00",
        32: asking.key.acquirer.lstrip("0"),
        37: asking.reference,
        41: asking.key.terminal,
        42: asking.merchant,
        43: asking.place,
        49: values.currency,
        52: asking.pin_block,
        values.proof_field: asking.proof,
        values.ksn_field: asking.ksn,
        values.account_field: asking.account,
    }
    return Message("0200", {number: value for number, value in fields.items() if value})


def reversal_message(
    dialect: Dialect, original: Asking, sent_at: datetime, *, repeated: bool
) -> Message:
    """0400 (or what the bank wants), naming the 0200 in DE90; DE39 says that it is late."""
    values = dialect.values
    fields = {
        3: values.purchase,
        4: dialect.amount(original.amount),
        **_stamp(original.key, original.at),
        7: transmission(sent_at),
        32: original.key.acquirer.lstrip("0"),
        37: original.reference,
        39: LATE,
        41: original.key.terminal,
        42: original.merchant,
        49: values.currency,
        90: original_elements("0200", original.key),
        values.account_field: original.account,
    }
    mti = values.repeat if repeated else values.reversal
    return Message(mti, {number: value for number, value in fields.items() if value})


def network_message(code: str, key: Key, at: datetime) -> Message:
    """0800: sign-on, sign-off, echo, key change."""
    return Message(
        "0800",
        {**_stamp(key, at), 32: key.acquirer.lstrip("0"), 41: key.terminal, 70: code},
    )


def answer(question: Message, code: str, **more: str) -> Message:
    """The answer to a question: its key and amount again, DE39, and `de38=...` and the like."""
    kept = {
        number: question.fields[number]
        for number in (3, 4, 7, 11, 12, 13, 32, 37, 41, 42, 49, 70, 90)
        if number in question.fields
    }
    own = {int(name.removeprefix("de")): value for name, value in more.items() if value}
    return Message(answer_type(question.mti), kept | {39: code} | own)


def _stamp(key: Key, at: datetime) -> dict[int, str]:
    local = at.astimezone(WIB)
    return {
        7: key.transmitted,
        11: key.trace,
        12: f"{local:%H%M%S}",
        13: f"{local:%m%d}",
    }


def transmission(at: datetime) -> str:
    """DE7: month, day and time in UTC."""
    return f"{at.astimezone(UTC):%m%d%H%M%S}"


def moment_of(transmitted: str, now: datetime) -> datetime:
    """The moment that a DE7 means: of the year in which it is nearest to now."""
    digits = [int(transmitted[place : place + 2]) for place in range(0, len(transmitted), 2)]
    for year in (now.year, now.year - 1, now.year + 1):
        try:
            moment = datetime(year, *digits, tzinfo=UTC)  # type: ignore[arg-type, misc]
        except ValueError:
            continue  # no such day, or not in this year
        if abs(moment - now) < HALF_A_YEAR:
            return moment
    raise IsoError(7, "is no moment")


def original_elements(mti: str, key: Key) -> str:
    """DE90: type, trace, time and acquirer of the message that is meant."""
    head = f"{mti}{key.trace}{key.transmitted}{key.acquirer.zfill(ACQUIRER_DIGITS)}"
    return head.ljust(ORIGINAL_DIGITS, "0")


def original_key(message: Message) -> Key:
    """The key of the message that a reversal takes back: DE90 and the same terminal."""
    told = message.get(90)
    if len(told) != ORIGINAL_DIGITS:
        raise IsoError(90, "is missing")
    if not message.get(41):
        raise IsoError(41, "is missing")
    at = MTI_LENGTH
    return Key(
        transmitted=told[at + 6 : at + 16],
        trace=told[at : at + 6],
        acquirer=told[at + 16 : at + 16 + ACQUIRER_DIGITS],
        terminal=message.get(41),
    )


def balances(dialect: Dialect, message: Message) -> Mapping[str, int]:
    """Rupiah by kind of amount (01 ledger, 02 available) in DE54; a debit is below zero."""
    text, found = message.get(54), {}
    for at in range(0, len(text), AMOUNT_PART):
        part = text[at : at + AMOUNT_PART]
        rupiah = dialect.rupiah(part[8:])
        if len(part) != AMOUNT_PART or part[7] not in "CD" or rupiah is None:
            raise IsoError(54, "is no list of amounts")
        found[part[2:4]] = -rupiah if part[7] == "D" else rupiah
    return found


def balance_part(dialect: Dialect, kind: str, rupiah: int) -> str:
    """One amount of DE54."""
    sign = "D" if rupiah < 0 else "C"
    return f"00{kind}{dialect.values.currency}{sign}{dialect.amount(abs(rupiah))}"


def debit_fee(dialect: Dialect, message: Message) -> int:
    """What a bank would take from the family besides the price (DE28 with a D), in rupiah.

    A fee that cannot be read counts as one.
    """
    told = message.get(28)
    if not told or told[0] == "C" or not told[1:].strip("0"):
        return 0
    return dialect.rupiah(told[1:]) or 1
