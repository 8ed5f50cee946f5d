"""Envelopes: sales that a tablet signed without signal, read strictly."""

import hashlib
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from pos_engine.wire.canonical import (
    INTEGER_MAX,
    CanonicalError,
    canonical,
    envelope_hash,
    from_base64url,
    to_base64url,
)

ENVELOPE_BYTES_MAX = 4096  # of its JSON
ENVELOPE_LINES_MAX = 50
BATCH_ENVELOPES_MAX = 500
QR_PREFIX = "EWO1:"
QR_LETTERS_MAX = len(QR_PREFIX) + ENVELOPE_BYTES_MAX * 4 // 3 + 4
GENESIS = "A" * 43  # what the first envelope of a device names as the one before it
RUPIAH_READ_MAX = 10**12  # more is no sum of a basket
MOMENT_MS_MAX = 253_402_300_799_000  # the end of the year 9999
_RAW = -zlib.MAX_WBITS  # deflate without a header

Uuid7 = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
DeviceName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Hash = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}$")]
Signature = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{86}$")]
Code = Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,64}$")]
UnitCode = Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,16}$")]
Quantity = Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]
Money = Annotated[int, Meta(ge=0, le=RUPIAH_READ_MAX)]
Moment = Annotated[int, Meta(ge=0, le=MOMENT_MS_MAX)]


class EnvelopeFault(StrEnum):
    """Why a text is no envelope."""

    TOO_LARGE = "TOO_LARGE"
    MALFORMED = "MALFORMED"


class SaleLine(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Goods: thousandths of the unit, rupiah for one unit."""

    sku: Code
    quantity_milli: Quantity
    unit: UnitCode
    unit_price: Money


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """What the device signed. Times in milliseconds since 1970; money in rupiah."""

    v: Literal[1]
    device: DeviceName
    seq: Annotated[int, Meta(ge=1, le=INTEGER_MAX)]
    prev: Hash
    alw: Uuid7
    purchase_id: Uuid7
    lines: Annotated[tuple[SaleLine, ...], Meta(max_length=ENVELOPE_LINES_MAX)]
    total: Money
    catalog: Code
    auth: Annotated[tuple[Code, ...], Meta(max_length=4)]
    cashier: Code
    wall_ms: Moment
    mono_ms: Annotated[int, Meta(ge=0, le=MOMENT_MS_MAX)] | None
    anchor_ms: Moment


class _Signed(Struct, frozen=True, forbid_unknown_fields=True):
    body: Body
    sig: Signature


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope of the right shape; whether its signature holds is asked by who knows the key.

    `signed` are the bytes under the signature, `envelope_id` is its hash and so its name.
    """

    body: Body
    signature: str
    signed: bytes
    envelope_id: str

    @property
    def text(self) -> str:
        """Body and signature in canonical form: what is kept."""
        return f'{{"body":{self.signed.decode()},"sig":"{self.signature}"}}'


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something else than an envelope where one was due: its own name, and what it says it is."""

    fault: EnvelopeFault
    name: str
    seq: int
    purchase_id: str
    text: str


class Batch(Struct, frozen=True, forbid_unknown_fields=True):
    """What a device sends: its own queue from the first that was not acknowledged."""

    device: DeviceName
    envelopes: Annotated[list[msgspec.Raw], Meta(max_length=BATCH_ENVELOPES_MAX)]


_signed = msgspec.json.Decoder(_Signed)
_batch = msgspec.json.Decoder(Batch)


def parse_envelope(raw: bytes) -> Envelope | EnvelopeFault:
    """Read one envelope as JSON; nothing but the shape of the protocol is read."""
    if len(raw) > ENVELOPE_BYTES_MAX:
        return EnvelopeFault.TOO_LARGE
    try:
        read = _signed.decode(raw)
        plain: dict[str, Any] = msgspec.to_builtins(read.body)
        signed, name = canonical(plain), envelope_hash(plain, read.sig)
    except (msgspec.DecodeError, CanonicalError, RecursionError, UnicodeError):
        return EnvelopeFault.MALFORMED
    return Envelope(read.body, read.sig, signed, name)


def parse_batch(raw: bytes) -> Batch | None:
    """Read a batch; each envelope of it is read by itself. None when it is no batch."""
    try:
        return _batch.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def unreadable(raw: bytes, fault: EnvelopeFault) -> Unreadable:
    """What can be told of something that is no envelope, so that it is kept and asked about."""
    seq, purchase_id = 0, ""
    try:
        body = msgspec.json.decode(raw)["body"]
        seq, purchase_id = body["seq"], body["purchase_id"]
    except (msgspec.DecodeError, LookupError, TypeError, RecursionError, UnicodeError):
        pass
    counted = type(seq) is int and 0 <= seq <= INTEGER_MAX
    named = isinstance(purchase_id, str) and purchase_id.isascii() and purchase_id.isprintable()
    return Unreadable(
        fault,
        to_base64url(hashlib.sha256(raw).digest()),
        seq if counted else 0,
        purchase_id[:64] if named else "",
        raw[:ENVELOPE_BYTES_MAX].decode("ascii", "replace"),
    )


def from_receipt(text: str) -> Envelope | EnvelopeFault:
    """The envelope that the QR of a receipt holds; at most ENVELOPE_BYTES_MAX are unpacked."""
    if len(text) > QR_LETTERS_MAX:
        return EnvelopeFault.TOO_LARGE
    packed = from_base64url(text.removeprefix(QR_PREFIX)) if text.startswith(QR_PREFIX) else None
    raw = None if packed is None else _unpacked(packed)
    return EnvelopeFault.MALFORMED if raw is None else parse_envelope(raw)


def _unpacked(packed: bytes) -> bytes | None:
    """What was packed, one byte above ENVELOPE_BYTES_MAX at most; None when it is no deflate."""
    unpacking = zlib.decompressobj(_RAW)
    try:
        raw = unpacking.decompress(packed, ENVELOPE_BYTES_MAX + 1)
    except zlib.error:
        return None
    whole = unpacking.eof and not unpacking.unused_data
    return raw if whole or len(raw) > ENVELOPE_BYTES_MAX else None


def as_receipt(envelope: Envelope) -> str:
    """What the QR of a receipt holds: the envelope itself."""
    packing = zlib.compressobj(9, zlib.DEFLATED, _RAW)
    packed = packing.compress(envelope.text.encode()) + packing.flush()
    return QR_PREFIX + to_base64url(packed)
