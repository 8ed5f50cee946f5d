"""QRIS of merchants: real ones, what is wrong with others, and no text that breaks the reader."""

from dataclasses import replace

import pytest
import qriskit
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.ids import new_uuid7
from pos_engine.wire.qris import crc, parse
from pos_engine.wire.qris_build import Merchant, build, purchase_of, reference_of, shown
from tests.world import NOW

EXAMPLE = (
    "00020101021126670018ID.CO.EXAMPLE2.WWW01159360056701234560215MIDCONTOH1234560303UMI520412345303"
    "3605502015802ID5914NamaMerchantC76009NamaKota16110123456789062070703K1963040BE8"
)
NO_MCC = (
    "00020101021226380016ID.CO.SHOPEE.WWW010201020815863724530336054061440005802ID5921PT. SHOPPEE I"
    "NDONESIA6007JAKARTA62180814gen by go-qris63049635"
)
MERCHANT = Merchant(
    domain="ID.CO.EXAMPLE.WWW",
    mpan="936009990000000001",
    merchant_id="MID0001",
    criteria="UMI",
    nmid="ID1020304050607",
    mcc="5411",
    name="Warung Bu Sri",
    city="KAB MALANG",
    postal_code="65111",
)
PURCHASE = "0199a1b2-c3d4-7abc-8def-0123456789ab"


def signed(text: str) -> str:
    """With the right check digits, so that only the planted fault is left."""
    return f"{text}6304{crc(text + '6304')}"


def body(**changes: str) -> list[tuple[str, str]]:
    """The parts of a good dynamic code; `t54="..."` changes a tag, empty leaves it out."""
    parts = {
        "00": "01",
        "01": "12",
        "26": "0017ID.CO.EXAMPLE.WWW01189360099900000000010207MID00010303UMI",
        "51": "0014ID.CO.QRIS.WWW0215ID10203040506070303UMI",
        "52": "5411",
        "53": "360",
        "54": "67000",
        "58": "ID",
        "59": "Warung Bu Sri",
        "60": "KAB MALANG",
        "61": "65111",
    } | {name[1:]: value for name, value in changes.items()}
    return [(tag, value) for tag, value in sorted(parts.items()) if value]


def code(**changes: str) -> str:
    return signed("".join(f"{tag}{len(value):02d}{value}" for tag, value in body(**changes)))


def found(text: str) -> set[tuple[str, str]]:
    return {(each.code, each.tag) for each in parse(text).issues}


def test_the_check_value_of_the_polynomial():
    assert crc("123456789") == "29B1"


def test_the_specification_style_example_is_valid():
    read = parse(EXAMPLE)
    assert read.valid
    assert not read.dynamic
    assert (read.value("59"), read.amount, read.nmid) == ("NamaMerchantC7", None, None)
    assert [(each.code, each.tag) for each in read.issues] == [("TAG_MISSING", "51")]


def test_a_code_without_category_is_refused_though_its_check_digits_fit():
    read = parse(NO_MCC)
    assert not read.valid
    assert ("TAG_MISSING", "52") in {(i.code, i.tag) for i in read.issues if not i.warning}
    assert read.amount == 144_000


@pytest.mark.parametrize("amount", [None, 1, 67_000, 10_000_000])
def test_what_is_built_is_read_back(amount):
    text = build(MERCHANT, amount=amount, reference=reference_of(PURCHASE) if amount else None)
    read = parse(text)
    assert read.issues == ()
    assert (read.amount, read.dynamic, read.nmid) == (amount, amount is not None, MERCHANT.nmid)
    assert purchase_of(read.reference or "") == (PURCHASE if amount else None)
    assert read.value("55") is None  # no tip is ever asked of a KPM


@pytest.mark.parametrize("text", [EXAMPLE, NO_MCC, EXAMPLE[:-1] + "9"], ids=["a", "b", "c"])
def test_another_reader_agrees(text):
    assert qriskit.is_valid(text) == parse(text).valid


@given(amount=st.integers(1, 10_000_000), name=st.text(max_size=60), city=st.text(max_size=30))
def test_another_reader_takes_whatever_is_built(amount, name, city):
    card = replace(MERCHANT, name=f"W{name}", city=f"K{city}")
    text = build(card, amount=amount, reference=reference_of(PURCHASE))
    assert parse(text).valid
    assert qriskit.is_valid(text)


@given(place=st.integers(0, 242), other=st.integers(32, 126).map(chr))
def test_one_letter_changed_is_never_valid(place, other):
    text = build(MERCHANT, amount=67_000, reference=reference_of(PURCHASE))
    changed = text[:place] + other + text[place + 1 :]
    assert parse(changed).valid == (changed == text)


CASES = {
    "wrong criteria": (
        code(t26="0017ID.CO.EXAMPLE.WWW0303XXX"),
        "VALUE_WRONG",
        "26.03",
    ),
    "no account": (code(t26=""), "ACCOUNT_MISSING", "26-45"),
    "an account without its domain": (code(t26="0118936009990000000001"), "TAG_MISSING", "26.00"),
    "a long merchant id": (
        code(t26=f"0017ID.CO.EXAMPLE.WWW0216{'A' * 16}"),
        "VALUE_WRONG",
        "26.02",
    ),
    "another MPAN": (code(t26="0017ID.CO.EXAMPLE.WWW01021B"), "VALUE_WRONG", "26.01"),
    "another repository": (code(t51="0005XX.YY0215ID1020304050607"), "VALUE_WRONG", "51.00"),
    "an NMID with a letter": (
        code(t51="0014ID.CO.QRIS.WWW0215ID102030405060X"),
        "VALUE_WRONG",
        "51.02",
    ),
    "no NMID": (code(t51="0014ID.CO.QRIS.WWW"), "TAG_MISSING", "51.02"),
    "category with letters": (code(t52="54A1"), "VALUE_WRONG", "52"),
    "another currency": (code(t53="840"), "VALUE_WRONG", "53"),
    "amount with a comma": (code(t54="67,000"), "VALUE_WRONG", "54"),
    "amount zero": (code(t54="0.00"), "AMOUNT_ZERO", "54"),
    "dynamic without amount": (code(t54=""), "AMOUNT_MISSING", "54"),
    "static with amount": (code(t01="11"), "AMOUNT_ON_STATIC", "54"),
    "no name": (code(t59=""), "TAG_MISSING", "59"),
    "a long city": (code(t60="A" * 16), "VALUE_WRONG", "60"),
    "no postal code": (code(t61=""), "TAG_MISSING", "61"),
    "a tip of no size": (code(t55="02"), "TAG_MISSING", "56"),
    "a long reference": (code(t62=f"0526{'A' * 26}"), "VALUE_WRONG", "62.05"),
    "another format": (code(t00="02"), "FORMAT_NOT_FIRST", "00"),
    "a tag twice": (signed("0002010002015204541153033605802ID5901A6001B"), "TAG_TWICE", "00"),
    "an empty value": (signed("0002015200"), "VALUE_EMPTY", "52"),
    "letters as a tag": (signed("000201XX01A"), "TLV_BROKEN", "XX"),
    "cut in the middle": (code()[:60], "TLV_CUT", "26"),
    "an inner value cut": (code(t26="0099ID"), "TLV_CUT", "26.00"),
    "a lone letter behind": ("0002011", "TLV_BROKEN", "1"),
    "no check digits": ("000201", "CRC_MISSING", "63"),
    "check digits in the middle": ("000201630400005303360", "CRC_NOT_LAST", "63"),
    "check digits not hexadecimal": (f"{EXAMPLE[:-4]}M2B3", "CRC_NOT_HEX", "63"),
    "check digits one off": (f"{EXAMPLE[:-1]}9", "CRC_WRONG", "63"),
    "too long": ("0" * 513, "TOO_LONG", ""),
    "a line end": ("000201\n", "NOT_PRINTABLE", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_named_with_its_tag(case):
    text, issue, tag = CASES[case]
    assert (issue, tag) in found(text)


def test_an_issue_says_where():
    text = f"{EXAMPLE[:-4]}M2B3"
    [issue] = [each for each in parse(text).issues if each.code == "CRC_NOT_HEX"]
    assert text[issue.offset :].startswith("6304M2B3")


def test_parts_of_a_rupiah_are_no_amount():
    assert parse(code(t54="67000.00")).amount == 67_000
    assert parse(code(t54="67000.50")).amount is None
    assert parse(code(t54="67,000")).amount is None


@given(st.text(max_size=600))
def test_no_text_breaks_the_reader(text):
    read = parse(text)
    assert all(each.code for each in read.issues)
    assert read.amount is None or read.amount >= 0


tlv = st.recursive(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    lambda inner: st.lists(st.tuples(st.integers(0, 99), inner), max_size=6).map(
        lambda parts: "".join(f"{tag:02d}{len(value):02d}{value}" for tag, value in parts)
    ),
    max_leaves=20,
)


@given(tlv)
def test_no_grammar_breaks_the_reader(text):
    assert isinstance(parse(text).valid, bool)
    assert isinstance(parse(signed(text)).valid, bool)


@given(st.integers(0, 10**12))
def test_a_reference_is_25_letters_and_finds_its_purchase(millis):
    purchase_id = new_uuid7(NOW.fromtimestamp(millis / 1000, tz=NOW.tzinfo))
    reference = reference_of(purchase_id)
    assert len(reference) == 25
    assert purchase_of(reference) == purchase_id


@pytest.mark.parametrize("text", ["", "A", "a" * 25, "Z" * 25, "0" * 25, "!" * 25])
def test_what_is_no_reference_of_ours_finds_nothing(text):
    assert purchase_of(text) is None


def test_names_are_written_as_a_code_can_hold_them():
    assert shown("Warung Café Ibu Yosina Sejahtera", 25) == "Warung Cafe Ibu Yosina Se"
    assert shown("Kios\t漢字 A", 25) == "Kios  A"


def test_a_value_too_long_is_the_callers_fault():
    with pytest.raises(ValueError, match="longer"):
        build(Merchant(**{**dict.fromkeys(MERCHANT.__slots__, "1"), "domain": "X" * 120}))
