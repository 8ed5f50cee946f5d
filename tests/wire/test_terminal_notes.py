"""The basket of an EDC terminal: read as it was written, refused by part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.basket import Line
from pos_engine.rules.money import Rupiah
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.terminal_notes import PARTS_MAX, read_notes, written_line

RICE = Line("BERAS-MEDIUM", None, 5_000, Rupiah(13_400), None)
SACK = Line(None, "2990000000019", 1_000, Rupiah(67_000), "karung")


def test_lines_and_values_come_back():
    told = read_notes(f"{written_line(RICE)};{written_line(SACK)};PIN=493817;")
    assert told.lines == (RICE, SACK)
    assert (told.get("PIN"), told.get("KSN")) == ("493817", "")
    assert "493817" not in repr(told)
    assert read_notes("").lines == ()


@pytest.mark.parametrize(
    "text",
    [
        "X=1",
        "PIN",
        "PIN=1;PIN=2",
        "L=BERAS",
        "L=BERAS*1",
        "L=BERAS*1*2*kg*x",
        "L=beras*1*2",
        "L=*1*2",
        "L=BERAS*x*2",
        "L=BERAS*1*x",
        "L=BERAS*1*0",
        "L=BERAS*1*-5",
        "L=BERAS*1*100000001",
        f"PIN={'1' * 901}",
        "L=BERAS*1*2;" * (PARTS_MAX + 1),
    ],
)
def test_a_wrong_part_is_named_and_not_told(text):
    with pytest.raises(IsoError, match="field 63") as caught:
        read_notes(text)
    assert "1111" not in str(caught.value)


@given(st.text(max_size=40) | st.text("L=;*BERAS-0129PINK", max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        told = read_notes(text)
    except IsoError as error:
        field = error.field
        assert_of_notes(field)
    else:
        assert read_notes(";".join(map(written_line, told.lines))).lines == told.lines


def assert_of_notes(field):
    assert field == "63"
