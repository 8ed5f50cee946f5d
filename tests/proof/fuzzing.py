"""Every reader of foreign words and bytes, fed with what was almost right.

Seeds are valid inputs; a mutation changes bytes, numbers, lengths or whole parts, swaps parts
of two seeds, and now and then makes the checksum right again, so that what lies behind it is reached. A
reader may refuse as it says it refuses; anything else that is raised counts as uncaught.
"""

# ruff: noqa: E501 - a list's rows stand in one line

import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from catalog.load import load_files, shipped_files
from catalog.problems import CatalogueError
from pos_engine.rules.nik import nik_report
from pos_engine.rules.registry_row import FIELDS, check_row
from pos_engine.services.registry_words import words
from pos_engine.switch.dialects import shipped_dialect, shipped_dialects
from pos_engine.wire import bank_statement, camt053, envelope, qris, qris_cpm, sms_words
from pos_engine.wire.canonical import from_base64url
from pos_engine.wire.card_qr import read_card_qr
from pos_engine.wire.device_header import read_device_header
from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.packed_body import opened
from pos_engine.wire.qris_build import Merchant, build, reference_of
from tests.wire.test_envelope import SIG, a_body

TODAY = date(2026, 11, 21)
HANG_S = 1.0
_NUMBER = re.compile(rb"\d+")
_SPLIT = re.compile(rb"[,;:{}\[\]\n|. ]")
ODD = (
    b"",
    b"0",
    b"-1",
    b"99999999999999999999",
    b"\x00",
    b"\xff\xfe",
    "é💰٣".encode(),
    b"null",
    b'"',
)


@dataclass(frozen=True)
class Reader:
    """A reader, inputs it takes, and what it is allowed to raise."""

    name: str
    read: Callable[[bytes], Any]
    seeds: tuple[bytes, ...]
    refuses: tuple[type[Exception], ...] = ()
    repair: Callable[[bytes], bytes] | None = None  # the checksum, made right again


@dataclass
class Fed:
    """What a reader was given, and what it did."""

    name: str
    inputs: int = 0
    refused: int = 0  # by an exception that it names; most refuse by a value
    uncaught: int = 0
    hangs: int = 0
    slowest_s: float = 0.0
    seconds: float = 0.0
    examples: list[str] = field(default_factory=list)


def _text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda raw: read(raw.decode("utf-8", "replace"))


def _qris_again(raw: bytes) -> bytes:
    head = raw.decode("utf-8", "replace")[:-4]
    return (head + qris.crc(head)).encode() if head.isascii() else raw


def _registry_row(raw: bytes) -> Any:
    cells = raw.decode("utf-8", "replace").split(",")
    return check_row(2, tuple((cells + [""] * len(FIELDS))[: len(FIELDS)]), words(), TODAY)


def _goods(raw: bytes) -> Any:
    return load_files(shipped_files() | {"ceilings.csv": raw})


def readers() -> tuple[Reader, ...]:
    """All of them, with their seeds."""
    dialect = shipped_dialect(shipped_dialects()[0])
    asked = {2: "5049481234567890", 3: "000000", 4: "000000067000", 11: "000042", 41: "TILL0001"}
    iso = dialect.codec.pack(Message("0200", asked))
    merchant = Merchant(**dict.fromkeys(Merchant.__slots__, "1"))
    row = "F-1,,3507135508800001,Siti Wahyuni,1980-08-15,P,PENGURUS,35.07.13.2001,,+62812,BPNT,"
    signed = json.dumps({"body": a_body(), "sig": SIG}).encode()
    statement = b"date,account,reference,amount\n2026-11-20,123,REF-1,67000\n"
    camt = b'<?xml version="1.0"?><Document><BkToCstmrStmt><Stmt><Id>1</Id></Stmt></BkToCstmrStmt></Document>'
    static = (
        b"00020101021226380016ID.CO.SHOPEE.WWW01020102081586372453033605406140"
        b"5802ID5921PT. SHOPPEE I6007JAKARTA6304ABCD"
    )
    return (
        Reader("QRIS merchant code", _text(qris.parse), (_built(merchant), static), (), _qris_again),
        Reader("QRIS customer code", _text(qris_cpm.parse_cpm), (b"hQVDUFYwMWETTwegAAAFVQESUFFSQlVhZ2A=",)),
        Reader("ISO 8583", dialect.codec.unpack, (iso,), (IsoError,)),
        Reader("SMS", _text(sms_words.read), (b"SALDO", b"HARGA BERAS", b"BLOKIR 1234", b"YA 4821")),
        Reader("envelope", envelope.parse_envelope, (signed,)),
        Reader("envelope on paper", _text(envelope.from_receipt), (b"EWO1:" + signed,)),
        Reader("batch", envelope.parse_batch, (b'{"envelopes":[' + signed + b"]}",)),
        Reader("card sticker", _text(read_card_qr), (b"EWK1:" + b"A" * 43,)),
        Reader("device header", _text(read_device_header), (b"Device a.1.b." + b"A" * 86,)),
        Reader("base64url", _text(from_base64url), (b"A" * 43, b"AA-_")),
        Reader("packed body", lambda raw: opened(raw, "gzip", 65_536), (_gzipped(signed),)),
        Reader("NIK", lambda raw: nik_report(raw.decode("utf-8", "replace"), TODAY), (b"3507135508800001",)),
        Reader("registry row", _registry_row, (row.encode(),)),
        Reader("bank statement", lambda raw: bank_statement.read_csv(raw, TODAY), (statement,)),
        Reader("camt.053", lambda raw: camt053.read_camt(raw, TODAY), (camt,)),
        Reader("ceilings.csv", _goods, (shipped_files()["ceilings.csv"][:600],), (CatalogueError,)),
    )  # fmt: skip


def _built(merchant: Merchant) -> bytes:
    try:
        return build(
            merchant, amount=67_000, reference=reference_of("019aa000-0000-7000-8000-000000000001")
        ).encode()  # type: ignore[arg-type]
    except ValueError:
        return b"0002016304A13A"


def _gzipped(raw: bytes) -> bytes:
    import gzip  # noqa: PLC0415 - only here

    return gzip.compress(raw, mtime=0)


def mutated(reader: Reader, chance: random.Random) -> bytes:
    """An input that was right before."""
    raw = chance.choice(reader.seeds)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        raw = _changed(raw, chance.choice(reader.seeds), chance)
    if reader.repair is not None and chance.random() < 0.5:
        raw = reader.repair(raw)
    return raw


def _changed(raw: bytes, other: bytes, chance: random.Random) -> bytes:  # noqa: PLR0911 - one a way
    at = chance.randrange(len(raw) + 1)
    match chance.randrange(8):
        case 0:  # one byte
            return raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]
        case 1:  # cut off
            return raw[:at]
        case 2:  # a part twice
            return raw[:at] + raw[max(0, at - chance.randrange(20)) : at] + raw[at:]
        case 3:  # a part gone
            return raw[:at] + raw[at + chance.randrange(20) :]
        case 4:  # another number or length
            found = list(_NUMBER.finditer(raw))
            if not found:
                return raw + b"9"
            place, number = chance.choice(found), chance.choice((0, 1, 9, 99, 10**6, 2**63))
            new = str(number).zfill(place.end() - place.start()).encode()
            return raw[: place.start()] + new + raw[place.end() :]
        case 5:  # something odd between two signs
            parts = [m.start() for m in _SPLIT.finditer(raw)] or [at]
            place_at = chance.choice(parts)
            return raw[:place_at] + chance.choice(ODD) + raw[place_at:]
        case 6:  # the end of another
            return raw[:at] + other[chance.randrange(len(other) + 1) :]
        case _:  # one bit
            return (
                raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]
                if at < len(raw)
                else raw
            )


def feed(reader: Reader, count: int, seed: int, seconds_max: float | None = None) -> Fed:
    """Give it so many inputs (or fewer, when its time is over)."""
    fed, chance, began = Fed(reader.name), random.Random(f"{reader.name}{seed}"), time.monotonic()
    for _ in range(count):
        raw = mutated(reader, chance)
        before = time.monotonic()
        if seconds_max is not None and before > began + seconds_max:
            break
        try:
            reader.read(raw)
        except reader.refuses:
            fed.refused += 1
        except Exception as error:  # noqa: BLE001 - that is the question
            fed.uncaught += 1
            fed.examples = [*fed.examples, f"{error!r}: {raw[:200]!r}"][:3]
        took = time.monotonic() - before
        fed.inputs += 1
        fed.hangs += took > HANG_S
        fed.slowest_s = max(fed.slowest_s, round(took, 3))
    fed.seconds = round(time.monotonic() - began, 1)
    return fed
