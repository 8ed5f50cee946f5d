"""What banks and terminals say: keys, reversals, moments, balances, fees; frames on a line."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.switch.dialects import shipped_dialect, shipped_dialects
from pos_engine.wire.iso8583 import MESSAGE_BYTES_MAX, Message
from pos_engine.wire.iso_dialect import Frame
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.iso_frame import Unframer, framed
from pos_engine.wire.iso_messages import (
    Asking,
    Key,
    answer,
    answer_type,
    balance_message,
    balance_part,
    balances,
    debit_fee,
    is_question,
    moment_of,
    network_message,
    original_key,
    purchase_message,
    reversal_message,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
KEY = Key("1121030000", "123456", "00000360001", "ABCD2345")
BRI = shipped_dialect("bri")


def asking(**changed):
    values = {
        "key": KEY,
        "at": NOW,
        "amount": 67_000,
        "entry": "021",
        "merchant": "EW1234567890123",
        "place": f"{'WARUNG':<40}",
        "reference": "632510123456",
        "account": "TOKEN-1",
    }
    return Asking(**values | changed)


@pytest.mark.parametrize("name", shipped_dialects())
def test_a_reversal_names_the_purchase_that_it_takes_back(name):
    dialect = shipped_dialect(name)
    bought = purchase_message(dialect, asking())
    assert Key.of(dialect.codec.unpack(dialect.codec.pack(bought))) == KEY
    for repeated in (False, True):
        back = reversal_message(dialect, asking(), NOW, repeated=repeated)
        told = dialect.codec.unpack(dialect.codec.pack(back))
        assert original_key(told) == KEY
        assert dialect.rupiah(told.get(4)) == 67_000
        assert not told.get(2)
        assert not told.get(52)
    assert dialect.codec.unpack(dialect.codec.pack(balance_message(dialect, asking(amount=0))))


@pytest.mark.parametrize("number", [7, 11, 32, 41])
def test_a_key_needs_all_of_its_parts(number):
    message = purchase_message(BRI, asking())
    del message.fields[number]
    with pytest.raises(IsoError, match=f"field {number}: is missing"):
        Key.of(message)


@pytest.mark.parametrize("number", [41, 90])
def test_a_reversal_without_what_it_means_is_refused(number):
    message = reversal_message(BRI, asking(), NOW, repeated=False)
    del message.fields[number]
    with pytest.raises(IsoError, match=f"field {number}: is missing"):
        original_key(message)


def test_an_answer_has_the_key_of_its_question_and_the_type_after_it():
    types = {"0200": "0210", "0400": "0410", "0401": "0410", "0420": "0430", "0421": "0430"}
    assert {each: answer_type(each) for each in types} == types
    assert [is_question(each) for each in ("0200", "0421", "0800", "0210", "0430")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    told = answer(purchase_message(BRI, asking(pan="1" * 16)), "51", de38="", de54="x")
    assert Key.of(told) == KEY
    assert (told.mti, told.get(39), told.get(38), told.get(54)) == ("0210", "51", "", "x")
    assert not told.get(2)
    assert network_message("301", KEY, NOW).get(70) == "301"


@pytest.mark.parametrize(
    ("told", "now", "moment"),
    [
        ("1121030000", NOW, NOW),
        ("1231235959", datetime(2027, 1, 1, tzinfo=UTC),
         datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("0101000001", datetime(2026, 12, 31, 23, tzinfo=UTC),
         datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)),
        ("0229120000", datetime(2028, 3, 1, tzinfo=UTC), datetime(2028, 2, 29, 12, tzinfo=UTC)),
    ],
    ids=["now", "last-year", "next-year", "leap"],
)  # fmt: skip
def test_a_moment_is_of_the_year_in_which_it_is_nearest(told, now, moment):
    assert moment_of(told, now) == moment


@pytest.mark.parametrize("told", ["1332000000", "0230000000", "1121250000"])
def test_what_is_no_moment_is_refused(told):
    with pytest.raises(IsoError, match="field 7"):
        moment_of(told, NOW)


def test_balances_come_with_their_sign_and_nothing_else_is_read():
    text = balance_part(BRI, "01", 90_000) + balance_part(BRI, "02", -5_000)
    assert balances(BRI, Message("0210", {54: text})) == {"01": 90_000, "02": -5_000}
    assert balances(BRI, Message("0210", {})) == {}
    for broken in (text[:-1], text.replace("C", "X"), text.replace("36", "3\u00e9")[:20] + "x"):
        with pytest.raises(IsoError, match="field 54"):
            balances(BRI, Message("0210", {54: broken}))


@pytest.mark.parametrize(
    ("told", "fee"),
    [("", 0), ("C00050000", 0), ("D00000000", 0), ("D00050000", 500), ("D00000001", 1)],
)
def test_a_fee_is_what_is_taken_from_the_family(told, fee):
    fields = {28: told} if told else {}
    assert debit_fee(BRI, Message("0210", fields)) == fee


FRAMES = [
    Frame(),
    Frame("binary2", inclusive=True, header=bytes.fromhex("6000030000")),
    Frame("ascii4", header=b"ISO"),
    Frame("ascii4", inclusive=True),
]


@pytest.mark.parametrize("how", FRAMES, ids=range(4))
@given(bodies=st.lists(st.binary(min_size=1, max_size=60), max_size=6), size=st.integers(1, 40))
def test_messages_come_out_as_they_went_in_however_they_were_cut(how, bodies, size):
    line = b"".join(framed(how, body) for body in bodies)
    unframer, found = Unframer(how), []
    for at in range(0, len(line), size):
        found += unframer.feed(line[at : at + size])
    assert found == bodies


@pytest.mark.parametrize(
    ("how", "line", "field"),
    [
        (FRAMES[0], b"\x00\x00", "length"),
        (FRAMES[0], (MESSAGE_BYTES_MAX + 1).to_bytes(2), "length"),
        (FRAMES[2], b"00x4", "length"),
        (FRAMES[3], b"0003", "length"),
        (FRAMES[1], b"\x00\x08" + b"123456", "header"),
    ],
    ids=["nothing", "huge", "letters", "below-itself", "header"],
)
def test_a_line_that_lost_its_step_is_told(how, line, field):
    with pytest.raises(IsoError) as caught:
        list(Unframer(how).feed(line))
    assert caught.value.field == field


@given(st.binary(max_size=300))
def test_any_bytes_on_a_line_end_in_messages_or_in_one_error(line):
    for how in FRAMES:
        unframer = Unframer(how)
        try:
            assert sum(len(body) for body in unframer.feed(line)) <= len(line)
        except IsoError as error:
            told = error.field
            assert_known(told)


def assert_known(field):
    assert field in {"length", "header"}
