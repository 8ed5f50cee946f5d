"""Envelopes are read strictly, from a queue and from paper; nothing makes the reader stumble."""

import json
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_engine.rules.offline import Outcome
from pos_engine.rules.reasons import Reason
from pos_engine.wire.canonical import canonical, envelope_hash, to_base64url
from pos_engine.wire.envelope import (
    BATCH_ENVELOPES_MAX,
    ENVELOPE_BYTES_MAX,
    ENVELOPE_LINES_MAX,
    GENESIS,
    QR_LETTERS_MAX,
    Envelope,
    EnvelopeFault,
    as_receipt,
    from_receipt,
    parse_batch,
    parse_envelope,
    unreadable,
)
from pos_engine.wire.offline_told import OUTCOMES_TOLD, outcome_told

SIG = "A" * 85 + "g"
UUID = "019aa000-0000-7000-8000-000000000001"
LINE = ["BERAS-MEDIUM", 5000, "kg", 13_400]
MALFORMED, TOO_LARGE = EnvelopeFault.MALFORMED, EnvelopeFault.TOO_LARGE


def a_body(**changes):
    body = {
        "v": 1,
        "device": UUID,
        "seq": 1,
        "prev": GENESIS,
        "alw": UUID,
        "purchase_id": UUID,
        "lines": [LINE],
        "total": 67_000,
        "catalog": "abc123",
        "auth": ["KKS_QR", "PIN"],
        "cashier": "staff-1",
        "wall_ms": 1_795_230_000_000,
        "mono_ms": None,
        "anchor_ms": 1_795_230_000_000,
    } | changes
    return {name: value for name, value in body.items() if value is not ...}


def wire(sig=SIG, more=None, **changes):
    return json.dumps({"body": a_body(**changes), "sig": sig} | (more or {})).encode()


def read(**changes):
    found = parse_envelope(wire(**changes))
    assert isinstance(found, Envelope), found
    return found


def test_an_envelope_is_read_whole_and_named_by_its_hash():
    found = read()
    assert found.body.lines[0].sku == "BERAS-MEDIUM"
    assert found.signed == canonical(a_body())
    assert found.envelope_id == envelope_hash(a_body(), SIG)
    assert json.loads(found.text) == {"body": a_body(), "sig": SIG}
    assert parse_envelope(found.text.encode()) == found


def test_its_name_does_not_depend_on_how_it_was_written():
    spaced = json.dumps({"sig": SIG, "body": dict(reversed(a_body().items()))}, indent=2)
    assert parse_envelope(spaced.encode()) == read()


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"v": "1"},
        {"device": ""},
        {"device": "x" * 65},
        {"seq": 0},
        {"seq": 1.0},
        {"seq": 2**53},
        {"seq": True},
        {"prev": "A" * 42},
        {"prev": None},
        {"alw": "019aa000-0000-4000-8000-000000000001"},
        {"purchase_id": UUID.upper()},
        {"lines": [LINE] * (ENVELOPE_LINES_MAX + 1)},
        {"lines": [LINE[:3]]},
        {"lines": [[*LINE, 1]]},
        {"lines": [["", 1, "kg", 1]]},
        {"lines": [["BERAS\nMEDIUM", 1, "kg", 1]]},
        {"lines": [["BERAS-MEDIUM", 1.5, "kg", 1]]},
        {"lines": [["BERAS-MEDIUM", 1, "kg", -1]]},
        {"lines": {}},
        {"total": -1},
        {"total": 10**13},
        {"total": "67000"},
        {"catalog": ""},
        {"auth": ["PIN"] * 5},
        {"auth": "PIN"},
        {"cashier": None},
        {"wall_ms": -1},
        {"wall_ms": 10**17},
        {"mono_ms": 0.5},
        {"anchor_ms": None},
        {"total": ...},
        {"extra": 1},
        {"sig": "A" * 87},
        {"sig": "*" * 86},
        {"more": {"extra": 1}},
    ],
)
def test_another_shape_is_no_envelope(changes):
    assert parse_envelope(wire(**changes)) is MALFORMED


def test_a_basket_without_goods_is_an_envelope_that_rules_will_judge():
    assert read(lines=[], total=0).body.lines == ()


def test_a_text_that_is_too_large_is_not_read():
    assert parse_envelope(wire() + b" " * ENVELOPE_BYTES_MAX) is TOO_LARGE


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 3000, b"null", b'"x"', b"\x00"])
def test_what_is_no_json_is_no_envelope(raw):
    assert parse_envelope(raw) is MALFORMED


# ---- batches -----------------------------------------------------------------------------


def test_each_envelope_of_a_batch_is_read_by_itself():
    raw = json.dumps({"device": UUID, "envelopes": [json.loads(wire()), {"strange": 1}]}).encode()
    batch = parse_batch(raw)
    assert batch is not None
    first, second = (parse_envelope(bytes(each)) for each in batch.envelopes)
    assert first == read()
    assert second is MALFORMED


@pytest.mark.parametrize(
    "body",
    [
        {"device": UUID},
        {"device": UUID, "envelopes": None},
        {"device": "a b", "envelopes": []},
        {"device": UUID, "envelopes": [], "extra": 1},
        {"device": UUID, "envelopes": [1] * (BATCH_ENVELOPES_MAX + 1)},
    ],
)
def test_another_shape_is_no_batch(body):
    assert parse_batch(json.dumps(body).encode()) is None


@pytest.mark.parametrize("raw", [b"", b"\xff", b"[" * 5000])
def test_what_is_no_json_is_no_batch(raw):
    assert parse_batch(raw) is None


@pytest.mark.parametrize(
    ("raw", "seq", "purchase_id"),
    [
        (wire(total=-1, seq=7), 7, UUID),
        (wire(seq=-7), 0, UUID),
        (wire(seq=True), 0, UUID),
        (wire(purchase_id=12), 1, ""),
        (wire(purchase_id="a\u0000b"), 1, ""),
        (wire(purchase_id="\u00e9"), 1, ""),
        (wire(seq=...), 0, ""),
        (b'{"body":[]}', 0, ""),
        (b"7", 0, ""),
        (b"{", 0, ""),
    ],
)
def test_something_else_is_kept_by_what_it_says_of_itself(raw, seq, purchase_id):
    found = unreadable(raw, MALFORMED)
    assert (found.seq, found.purchase_id) == (seq, purchase_id)
    assert len(found.name) == 43
    assert found.text.isprintable() or raw == b"{"


# ---- receipts ----------------------------------------------------------------------------


def packed(raw):
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    return "EWO1:" + to_base64url(packing.compress(raw) + packing.flush())


def test_a_receipt_holds_the_envelope_itself():
    text = as_receipt(read())
    assert len(text) < 600
    assert from_receipt(text) == read()
    assert from_receipt(packed(wire())) == read()


def test_a_receipt_that_would_unpack_to_a_flood_is_left_alone():
    assert from_receipt(packed(b" " * 3_000_000)) is TOO_LARGE
    assert from_receipt(packed(wire() + b" " * ENVELOPE_BYTES_MAX)) is TOO_LARGE
    assert from_receipt("EWO1:" + "A" * QR_LETTERS_MAX) is TOO_LARGE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "EWO1:",
        "EW1*3507",
        "EWO1:A",
        "EWO1:****",
        "EWO1:\u00e9",
        "EWO1:" + to_base64url(b"no deflate at all"),
        packed(b"{}"),
        packed(wire())[:-6],
        packed(wire()) + "AAAA",
        "EWO1:" + to_base64url(zlib.compress(wire())),
    ],
)
def test_another_code_is_no_receipt(text):
    assert from_receipt(text) is MALFORMED


# ---- whatever comes ----------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=5,
)
FIELDS = sorted(a_body())


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from([*FIELDS, "x"]), JSON, max_size=2), st.text(max_size=4))
def test_a_changed_field_is_read_again_as_it_was_or_refused(changes, sig):
    raw = json.dumps({"body": a_body() | changes, "sig": sig if changes else SIG}).encode()
    found = parse_envelope(raw)
    if isinstance(found, Envelope):
        assert parse_envelope(found.text.encode()) == found
    else:
        assert unreadable(raw, found).fault is found


@given(st.binary(max_size=300))
def test_bytes_never_make_the_reader_stumble(raw):
    for text in (raw, wire()[: len(raw)] + raw, raw + wire()):
        found = parse_envelope(text)
        if not isinstance(found, Envelope):
            unreadable(text, found)
        parse_batch(text)
    from_receipt(raw.decode("latin-1"))
    from_receipt("EWO1:" + to_base64url(raw))


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_receipt_with_one_wrong_letter_is_another_envelope_or_none(place, letter):
    text = as_receipt(read())
    at = min(place, len(text) - 1)
    damaged = text[:at] + chr(letter) + text[at + 1 :]
    found = from_receipt(damaged)
    assert isinstance(found, EnvelopeFault) or found == read() or damaged != text


@pytest.mark.proof
def test_two_hundred_thousand_damaged_texts():
    import random  # noqa: PLC0415 - of this proof alone

    seeded, good = random.Random(6), wire()
    letters = bytes(range(256))
    for _ in range(200_000):
        raw = bytearray(good)
        for _ in range(seeded.randint(1, 6)):
            at = seeded.randrange(len(raw))
            act = seeded.random()
            if act < 0.4:
                raw[at] = seeded.choice(letters)
            elif act < 0.7:
                del raw[at]
            else:
                raw[at:at] = bytes(seeded.choices(b'{}[]",:0123456789ean', k=2))
        found = parse_envelope(bytes(raw))
        if not isinstance(found, Envelope):
            unreadable(bytes(raw), found)
        from_receipt(packed(bytes(raw)))


# ---- words -------------------------------------------------------------------------------


def test_each_outcome_has_words_and_none_of_them_refuses_a_person():
    assert set(OUTCOMES_TOLD) == set(Outcome)
    for outcome in Outcome:
        told = outcome_told(outcome, None)
        assert told
        assert "ditolak" not in told.lower()


def test_a_shop_that_bears_a_sale_is_told_why():
    told = outcome_told(Outcome.SHOP_LIABLE, Reason.OFFLINE_LIMIT)
    assert "sisihan" in told
    assert "Saldo keluarga tetap utuh" in told
    of_goods = outcome_told(Outcome.SHOP_LIABLE, Reason.ITEM_BANNED, "Rokok bukan bahan pangan.")
    assert "Rokok" in of_goods
    assert outcome_told(Outcome.SHOP_LIABLE, None).count(".") == 2
