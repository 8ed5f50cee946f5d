"""ISO 8583 as bytes: the same as pyiso8583's, in every dialect; what is broken names its field."""

import random

import iso8583
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_engine.switch.dialects import FOLDER, field_table, shipped_dialect, shipped_dialects
from pos_engine.wire.iso8583 import MESSAGE_BYTES_MAX, PLANS_MAX, Codec, Encoding, Message
from pos_engine.wire.iso_dialect import read_dialect
from pos_engine.wire.iso_fields import Field, IsoError, changed, read_fields

DIALECTS = shipped_dialects()
SIGNS = {
    "n": "0123456789",
    "an": "0123456789ABCXYZ ",
    "ans": "".join(map(chr, range(0x20, 0x7F))),
    "z": "0123456789=",
    "b": "0123456789ABCDEF",
}


def reference(dialect):
    """The same table as pyiso8583 takes it."""
    how = dialect.codec.encoding
    text = {"data_enc": how.text, "len_enc": how.text, "len_type": 0, "max_len": 0, "desc": ""}
    digits = text | {"data_enc": "b"} if how.numbers == "bcd" else text
    bitmap = text | {"data_enc": "b" if how.bitmap == "binary" else how.text}
    spec = {"h": text, "t": digits, "p": bitmap, "1": bitmap}
    widths = {"text": {0: 0, 2: 2, 3: 3}, "bcd": {0: 0, 2: 1, 3: 2}, "binary": {0: 0, 2: 1, 3: 2}}
    lengths = {"text": how.text, "bcd": "bcd", "binary": "b"}
    for number, each in dialect.codec.fields.items():
        row = text | {
            "len_type": widths[how.lengths][each.prefix],
            "len_enc": lengths[how.lengths],
            "max_len": each.length,
        }
        if each.format == "b":
            raw = how.binary == "raw"
            row |= {"data_enc": "b"} if raw else {"max_len": each.length * 2}
        elif how.numbers == "bcd" and each.format in ("n", "z"):
            row |= {"data_enc": "b", "len_count": "nibbles", "left_pad": "0"}
        spec[str(number)] = row
    return spec


SPECS = {name: reference(shipped_dialect(name)) for name in DIALECTS}


def a_value(field, chance):
    """A value that may stand in a field."""
    count = chance.randint(1, min(field.length, 60)) if field.prefix else field.length
    if field.format == "xn":
        return chance.choice("CD") + "".join(chance.choices(SIGNS["n"], k=count - 1))
    each = 2 if field.format == "b" else 1
    return "".join(chance.choices(SIGNS[field.format], k=count * each))


def a_message(table, seed, without=()):
    """A message of some fields; the seed tells which (drawing each letter would take minutes)."""
    chance = random.Random(seed)
    known = sorted(set(table) - set(without))
    numbers = sorted(chance.sample(known, chance.randint(0, 14)))
    mti = chance.choice(["0200", "0210", "0400", "0410", "0420", "0800"])
    return Message(mti, {number: a_value(table[number], chance) for number in numbers})


SEEDS = st.integers(0, 2**32)


@pytest.mark.parametrize("name", DIALECTS)
@settings(max_examples=40)
@given(seed=SEEDS)
def test_a_message_is_what_pyiso8583_makes_of_it_and_comes_back(name, seed):
    dialect = shipped_dialect(name)
    message = a_message(dialect.codec.fields, seed, without=(35,))
    raw = dialect.codec.pack(message)
    theirs = {str(number): value for number, value in message.fields.items()}
    assert raw == bytes(iso8583.encode(theirs | {"t": message.mti}, SPECS[name])[0])
    assert dialect.codec.unpack(raw) == message


def tried(codec, raw):
    """The message, or the one error that may come of it."""
    try:
        return codec.unpack(raw)
    except IsoError as error:
        return error


@pytest.mark.parametrize("name", DIALECTS)
@settings(max_examples=60)
@given(data=st.data())
def test_broken_bytes_are_refused_by_field_and_never_raise_anything_else(name, data):
    codec = shipped_dialect(name).codec
    raw = bytearray(codec.pack(a_message(codec.fields, data.draw(SEEDS))))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        cut = data.draw(st.sampled_from(["flip", "cut", "put"]))
        if cut == "cut":
            del raw[at:]
        elif cut == "put":
            raw[at:at] = data.draw(st.binary(max_size=5))
        elif raw:
            raw[at] ^= data.draw(st.integers(1, 255))
    read = tried(codec, bytes(raw))
    if isinstance(read, Message):
        assert codec.unpack(codec.pack(read)) == read
    else:
        assert str(read) == f"field {read.field}: {read.why}"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw):
    for name in DIALECTS:
        read = tried(shipped_dialect(name).codec, raw)
        assert isinstance(read, Message) or read.field


def test_a_track_is_written_with_its_sign_whichever_way():
    for name in DIALECTS:
        codec = shipped_dialect(name).codec
        told = codec.unpack(codec.pack(Message("0200", {35: "6013010000000001=2912"})))
        assert told.get(35) == "6013010000000001=2912"


ASCII = Codec(field_table())


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({4: "12"}, "4"),
        ({4: "00000000ABCD"}, "4"),
        ({4: "²²²²²²²²²²²²"}, "4"),
        ({48: "x" * 1000}, "48"),
        ({48: "é"}, "48"),
        ({52: "0412AC89ABCDEF6"}, "52"),
        ({52: "0412ac89abcdef67"}, "52"),
        ({28: "X00000000"}, "28"),
        ({2: "1" * 20}, "2"),
        ({1: "0"}, "1"),
        ({129: "0"}, "129"),
    ],
    ids=["short", "letters", "superscript", "long", "accent", "half-byte", "lower", "sign", "pan",
         "bitmap", "beyond"],
)  # fmt: skip
def test_a_value_that_may_not_stand_there_names_its_field_and_is_not_told(fields, field):
    with pytest.raises(IsoError) as caught:
        ASCII.pack(Message("0200", fields))
    assert caught.value.field == field
    value = next(iter(fields.values()))
    assert len(value) < 3 or value not in str(caught.value)


@pytest.mark.parametrize("mti", ["", "02", "02A0", "02000", "²200"])
def test_a_type_is_four_digits(mti):
    with pytest.raises(IsoError, match="field mti"):
        ASCII.pack(Message(mti, {}))


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"02", "mti"),
        (b"\xff200" + bytes(8), "mti"),
        (b"0200\x00", "bitmap"),
        (b"0200" + bytes([0x80] + [0] * 7), "bitmap"),
        (b"0200" + bytes([0x40] + [0] * 7) + b"0x", "2"),
        (b"0200" + bytes([0x40] + [0] * 7) + b"99", "2"),
        (b"0200" + bytes([0x40] + [0] * 7) + b"0412", "2"),
        (b"0200" + bytes([0x40] + [0] * 7) + b"0412A4", "2"),
        (b"0200" + bytes([0x20] + [0] * 7) + b"00000", "3"),
        (b"0200" + bytes([0x20] + [0] * 7) + b"00000A", "3"),
        (b"0200" + bytes(8) + b"more", "message"),
        (bytes(MESSAGE_BYTES_MAX + 1), "message"),
        (b"0200" + bytes([0x80] + [0] * 7) + bytes([0x80] + [0] * 7), "65"),
    ],
    ids=["type", "type-bytes", "bitmap", "second", "length", "too-long", "cut", "letters",
         "fixed-cut", "fixed-letters", "behind", "huge", "third-bitmap"],
)  # fmt: skip
def test_bytes_that_are_no_message_name_the_field(raw, field):
    with pytest.raises(IsoError) as caught:
        ASCII.unpack(raw)
    assert caught.value.field == field


def test_hexadecimal_bitmaps_and_packed_digits_are_refused_by_field():
    hexed = Codec(field_table(), Encoding(bitmap="hex"))
    with pytest.raises(IsoError, match="field bitmap: is not hexadecimal"):
        hexed.unpack(b"0200" + b"ZZ" * 8)
    packed = Codec(field_table(), Encoding(numbers="bcd", lengths="binary"))
    with pytest.raises(IsoError, match="field mti"):
        packed.unpack(b"\x0a\x00")
    odd = packed.pack(Message("0200", {22: "051"}))
    assert packed.unpack(odd).get(22) == "051"
    with pytest.raises(IsoError, match="field 22"):
        packed.unpack(odd[:-2] + b"\x10\x51")  # what is no part of an odd number must be nought
    with pytest.raises(IsoError, match="field 2: has no length"):
        packed.unpack(b"\x02\x00" + bytes([0x40] + [0] * 7))


def test_what_is_remembered_of_strangers_bitmaps_is_bounded():
    codec = Codec(field_table())
    for number in range(PLANS_MAX + 50):
        wanted = [n for n in range(2, 30) if n not in (1, 65) and number >> (n - 2) & 1]
        fields = {n: "0" * field_table()[n].length for n in wanted if n < 26}
        assert codec.unpack(codec.pack(Message("0200", fields))).fields == fields
    assert len(codec._in) == len(codec._out) == PLANS_MAX


def test_a_message_never_shows_its_fields():
    told = repr(Message("0200", {2: "6013010000000001", 52: "0412AC89ABCDEF67"}))
    assert told == "Message(0200, fields=[2, 52])"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("1,n,6,0,x", "none of 2 to 128"),
        ("65,n,6,0,x", "none of 2 to 128"),
        ("3,k,6,0,x", "format 'k'"),
        ("3,n,6,1,x", "prefix is 0, 2 or 3"),
        ("3,n,0,0,x", "length is none of 1 to 999"),
        ("3,n,100,2,x", "length is none of 1 to 99"),
        ("3,b,50,2,x", "length is none of 1 to 49"),
        ("three,n,6,0,x", "row 2"),
        ("3,n,6", "row 2"),
        ("3,n,6,0,x\n3,n,6,0,x", "stands twice"),
    ],
)
def test_a_wrong_row_of_a_field_table_is_named(row, why):
    with pytest.raises(IsoError, match=why):
        read_fields(f"number,format,length,prefix,title\n{row}\n")


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"48": {"size": 3}}, "takes format, length and prefix"),
        ({"48": 3}, "takes format, length and prefix"),
        ({"x": {"length": 3}}, "none of 2 to 128"),
        ({"48": {"length": "3"}}, "are numbers"),
    ],
)
def test_a_wrong_row_of_a_bank_is_named(own, why):
    with pytest.raises(IsoError, match=why):
        changed(field_table(), own)


def test_a_bank_may_have_a_field_of_its_own():
    assert changed({}, {"48": {"length": 9}})[48] == Field(48, "ans", 9, 0, "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("= 3", "is no TOML"),
        ("colour = 3", "is no part of a dialect"),
        ("values = 3", "is a table"),
        ("[values]\npurchase = 3", "field purchase"),
        ("[values]\nprice = 3", "field price"),
        ("[values]\namount_decimals = true", "field amount_decimals"),
        ("[values]\nproof_field = 65", "field proof_field"),
        ("[encoding]\ntext = 'utf-8'", "is no encoding"),
        ("[encoding]\ncolour = 'x'", "is no encoding"),
        ("[frame]\nlength = 'binary3'", "length is one of"),
        ("[frame]\ninclusive = 1", "length is one of"),
        ("[frame]\ncolour = 1", "takes length"),
        ("[frame]\nheader = 'xy'", "is not hexadecimal"),
        ("[frame]\nheader = 3", "is not hexadecimal"),
        (f"[frame]\nheader = '{'00' * 33}'", "is longer than 32"),
        ("[codes]\nN77 = '05'", "have two signs"),
        ("[codes]\nN7 = 5", "have two signs"),
        ("[codes]\nN7 = '005'", "have two signs"),
    ],
)
def test_a_wrong_dialect_names_what_is_wrong(text, why):
    with pytest.raises(IsoError, match=why):
        read_dialect("x", text, field_table())


def test_amounts_have_the_decimals_of_the_bank_and_no_part_of_a_rupiah():
    bri, mandiri = shipped_dialect("bri"), shipped_dialect("mandiri")
    assert (bri.amount(67_000), mandiri.amount(67_000)) == ("000006700000", "000000067000")
    assert (bri.rupiah("000006700000"), mandiri.rupiah("000000067000")) == (67_000, 67_000)
    assert (bri.rupiah("000006700001"), bri.rupiah(""), bri.rupiah("12A")) == (None, None, None)
    assert (shipped_dialect("bni").code("N7"), shipped_dialect("bni").code("05")) == ("75", "05")


def test_the_shipped_table_is_the_whole_standard():
    assert set(field_table()) == set(range(2, 129)) - {65}
    assert (FOLDER / "fields.csv").read_text().count("\n") == 127
