"""Menus as data: each screen is at most 160 letters of a phone, each key leads somewhere."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pos_engine.rules.qris import QrisRefusal
from pos_engine.wire import ussd
from pos_engine.wire.gsm7 import SEPTETS_MAX, septets
from pos_engine.wire.sms_answers import Price
from pos_engine.wire.ussd import MENUS, Screen

names = st.text(max_size=60)
prices = st.lists(st.builds(Price, names, st.integers(1, 10**9), st.just("kg")), max_size=12)


@given(st.sampled_from(Screen), st.text(max_size=400))
@example(Screen.CONFIRM, "€" * 300)
@example(Screen.BALANCE, "{said}{0}")
def test_a_screen_fits_and_its_keys_are_never_cut(screen, said):
    text = ussd.shown(screen, said)
    size = septets(text)
    assert size is not None
    assert size <= SEPTETS_MAX
    menu = MENUS[screen].text.replace("{said}", "")
    assert menu.strip() in text


@pytest.mark.parametrize("screen", Screen)
def test_each_key_of_a_menu_is_written_on_it(screen):
    menu = MENUS[screen]
    for key in menu.keys:
        assert f"{key} " in menu.text
    assert ussd.ends(screen) == (not menu.keys)
    assert ussd.chosen(screen, "7") is None


def test_every_screen_can_be_reached_from_the_first():
    reached, ahead = set(), {Screen.MAIN}
    while ahead:
        screen = ahead.pop()
        reached.add(screen)
        ahead |= set(MENUS[screen].keys.values()) - reached
    assert reached | {Screen.NOTHING_WAITS} == set(Screen)


def test_a_key_is_read_with_its_blanks():
    assert ussd.chosen(Screen.MAIN, " 1 ") is Screen.BALANCE
    assert ussd.chosen(Screen.MAIN, "1" * 10_000) is None


def test_a_waiting_basket_says_sum_shop_and_goods():
    goods = [ussd.quantity_text("Beras medium", 5000, "kg"), ussd.quantity_text("Telur", 500, "kg")]
    text = ussd.shown(Screen.CONFIRM, ussd.waiting_text(67_000, "Warung Bu Sri", goods))
    assert text == (
        "Rp67.000 di Warung Bu Sri: Beras medium 5 kg, Telur 0,5 kg\n"
        "1 Setuju bayar\n2 Bukan saya\n0 Nanti"
    )


def test_what_is_paid_is_said_with_the_rest():
    text = ussd.paid_text(67_000, "Warung Bu Sri", 133_000)
    assert text == "LUNAS Rp67.000 di Warung Bu Sri. Sisa bantuan Rp133.000."


@given(prices, st.integers(0, 50))
def test_pages_of_prices_fit_and_turn(prices, page):
    text, after = ussd.prices_page(prices, page)
    assert septets(ussd.shown(Screen.PRICES, text)) <= SEPTETS_MAX
    assert after > (page if page < len(prices) else 0)


def test_the_last_page_is_followed_by_the_first():
    many = [Price(f"Barang {n}", 13_500, "kg") for n in range(12)]
    page, seen = 0, set()
    for _ in range(10):
        text, page = ussd.prices_page(many, page)
        seen |= set(text.splitlines()[1:])
    assert len(seen) == 12


@pytest.mark.parametrize("refusal", QrisRefusal)
def test_why_a_basket_is_not_paid_fits(refusal):
    said = ussd.NOT_PAID.get(refusal, ussd.NOT_THERE)
    assert said in ussd.shown(Screen.PAY, said)
