"""Names and numbers of people: read as people write them, never shown in full."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.identity import (
    compact,
    is_digits,
    is_own_card,
    luhn_digit,
    luhn_ok,
    masked_name,
    nik_ok,
    phone_number,
)

digits = st.text("0123456789", min_size=1, max_size=18)


@pytest.mark.parametrize("number", ["4111111111111111", "79927398713", "0", "5555555555554444"])
def test_known_numbers_pass_luhn(number):
    assert luhn_ok(number)


@given(digits, st.data())
def test_luhn_notices_one_wrong_digit(payload, data):
    number = payload + luhn_digit(payload)
    assert luhn_ok(number)
    place = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert not luhn_ok(number[:place] + wrong + number[place + 1 :])


@given(digits, st.data())
def test_luhn_notices_two_neighbours_swapped_but_for_0_and_9(payload, data):
    number = payload + luhn_digit(payload)
    place = data.draw(st.integers(0, len(number) - 2))
    one, two = number[place : place + 2]
    swapped = number[:place] + two + one + number[place + 2 :]
    assert luhn_ok(swapped) == (one == two or {one, two} == {"0", "9"})


@pytest.mark.parametrize("written", ["9991 0000 1234 5678", "9991-0000-1234-5678"])
def test_spaces_and_dashes_are_how_people_write_numbers(written):
    assert compact(written) == "9991000012345678"


@pytest.mark.parametrize(
    ("text", "length", "answer"),
    [
        ("123456", 6, True),
        ("12345", 6, False),
        ("1234567", 6, False),
        ("12345a", 6, False),
        ("12 456", 6, False),
        ("", 0, False),
        ("\N{ARABIC-INDIC DIGIT ONE}23456", 6, False),
        ("\N{SUPERSCRIPT TWO}23456", 6, False),
        ("-12345", 6, False),
    ],
)
def test_a_pin_is_so_many_plain_digits(text, length, answer):
    assert is_digits(text, length) is answer


def test_our_cards_are_known_by_their_prefix_and_no_bank_card_is_ours():
    assert is_own_card("9991000012345678")
    assert not is_own_card("6013010000000000")


@pytest.mark.parametrize(
    "written",
    [
        "081234567890",
        "0812-3456-7890",
        "0812 3456 7890",
        "+62 812 3456 7890",
        "+6281234567890",
        "6281234567890",
        "81234567890",
        "(0812)34567890",
    ],
)
def test_a_mobile_number_is_the_same_however_it_is_written(written):
    assert phone_number(written) == "+6281234567890"


@pytest.mark.parametrize(
    "written", ["", "abc", "0341 123456", "08123", "+1 5551234567", "0812345678901234567"]
)
def test_what_cannot_get_an_sms_is_no_mobile_number(written):
    assert phone_number(written) is None


@pytest.mark.parametrize(
    ("nik", "answer"),
    [
        ("3507011201900001", True),
        ("3507015201900001", True),  # a woman: 40 is added to the day
        ("3507993112800001", True),  # an unknown district is no fault
        ("3507013202900001", False),  # 32 February
        ("3507011213900001", False),  # month 13
        ("9907011201900001", False),  # no such province
        ("350701120190000", False),
        ("350701120190000A", False),
        ("", False),
    ],
)
def test_the_structure_of_a_nik(nik, answer):
    assert nik_ok(nik) is answer


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Siti Wahyuni", "S*** W******"),
        ("  Siti   Wahyuni ", "S*** W******"),
        ("Sukarno", "S******"),
        ("", ""),
    ],
)
def test_a_masked_name_is_known_only_to_its_owner(name, masked):
    assert masked_name(name) == masked


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=12))
def test_a_mask_never_shows_a_word_in_full(word):
    assert masked_name(word) != word
    assert masked_name(f"Siti {word}").split()[1] != word


@given(st.lists(st.text("abcdefghijklmnop", min_size=2, max_size=12), min_size=1, max_size=4))
def test_a_mask_shows_one_letter_a_word(words):
    assert [each.strip("*") for each in masked_name(" ".join(words)).split()] == [
        word[0] for word in words
    ]
