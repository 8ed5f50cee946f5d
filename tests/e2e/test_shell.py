"""The shell of the till: starts without signal, changes its version, is worn by everybody."""

import base64
import hashlib
import json
import time
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import expect

from pos_engine.cli.local_ca import TlsFiles, make_certificates
from tests.e2e.conftest import Cashier, Shop, _free_port
from tests.e2e.front import Front
from tests.e2e.test_layout import Eye

pytestmark = pytest.mark.e2e

WAIT_S = 30
TABS_MAX = 150
SIZES = {360: (360, 740), 600: (600, 960), 800: (800, 1280), 1280: (1280, 800)}
# What is looked at each time; the other widths of each look are a proof. The usual look has
# test_layout at 360.
EACH_TIME = {("terik", "100", 360)}
LOOKS = [
    pytest.param(
        *look, id="-".join(map(str, look)), marks=() if look in EACH_TIME else pytest.mark.proof
    )
    for look in [
        *((theme, "100", width) for theme in ("biasa", "terik", "malam") for width in SIZES),
        *(("biasa", "200", width) for width in SIZES),
        ("terik", "200", 360),
        ("malam", "200", 1280),
    ]
]
SHELLS = "caches.keys().then(all => all.filter(name => name.startsWith('ewarong-shell-')))"
ACTIVE = "navigator.serviceWorker.ready.then(({ active }) => active.state)"
WAITING = "navigator.serviceWorker.getRegistration().then(all => Boolean(all && all.waiting))"
UPDATE = "navigator.serviceWorker.getRegistration().then(all => all.update())"
VERSION = "document.documentElement.dataset.version"
CLIPS = """
async (names) => {
  const context = new OfflineAudioContext(1, 48000, 48000);
  const lengths = [];
  for (const name of names) {
    const answer = await fetch(`sounds/${name}.opus`);
    lengths.push((await context.decodeAudioData(await answer.arrayBuffer())).duration);
  }
  return lengths;
}
"""


@pytest.fixture
def front(shop, tmp_path):
    made = Front(tmp_path / "static", shop.base_url, _free_port())
    made.start()
    yield made
    made.stop()


@pytest.fixture
def working(browser, browser_context_args, front, shop):
    """A till that may keep its files, and the addresses of all it asks for."""
    context = browser.new_context(**browser_context_args | {"service_workers": "allow"})
    seen = []
    context.on("request", lambda request: seen.append(request.url))
    page = context.new_page()
    page.set_default_timeout(20_000)
    behind = Shop(front.base_url, shop.sample, shop.families)
    yield Cashier(page, behind), seen
    context.close()


def until(page, question, wanted, seconds=WAIT_S):
    """Ask the page again and again: a strict policy forbids the browser's own waiting."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            found = page.evaluate(question)
        except Exception as failure:  # noqa: BLE001 - a page that is being exchanged answers nothing
            found = failure
        if found == wanted:
            return
        time.sleep(0.2)
    pytest.fail(f"{question} is {found}, not {wanted}")


def test_it_starts_with_the_server_gone(working, front, kpm):
    till, seen = working
    till.log_in(kpm["shop_id"])
    until(till.page, ACTIVE, "activated")
    till.add("TEMPE", "1", 12_000)
    time.sleep(3)  # the catalogue and the log-in are put aside behind the first screen
    front.stop()
    till.page.reload()
    expect(till.key("pay")).to_have_text("Bayar Rp12.000")
    expect(till.key("good-BERAS-MEDIUM").or_(till.key("pane-goods"))).to_be_visible()
    assert till.page.evaluate(VERSION)
    front.start()
    assert all(url.startswith((front.base_url, "blob:", "data:")) for url in seen)


@pytest.mark.proof
def test_a_new_version_waits_for_an_empty_basket(working, front, kpm):
    till, _ = working
    page = till.page
    till.log_in(kpm["shop_id"])
    until(page, ACTIVE, "activated")
    first = page.evaluate(VERSION)
    page.reload()  # from now on the worker answers
    till.add("TEMPE", "1", 12_000)
    front.change()
    page.evaluate(UPDATE)
    until(page, WAITING, wanted=True)
    time.sleep(6)
    assert page.evaluate(VERSION) == first
    till.tap("menu", "menu-look")
    expect(till.key("newer")).to_be_visible()
    till.tap("back", "back")
    expect(till.key("pay")).to_have_text("Bayar Rp12.000")
    till.tap("remove")
    until(page, f"{VERSION} !== '{first}'", wanted=True)
    expect(till.key("pay")).to_be_disabled()
    assert len(page.evaluate(SHELLS)) == 2  # the one before is kept
    second = page.evaluate(VERSION)
    front.change()
    page.evaluate(UPDATE)
    until(page, f"Boolean({VERSION}) && {VERSION} !== '{second}'", wanted=True)
    kept = page.evaluate(SHELLS)
    assert len(kept) == 2
    assert not any(first in name for name in kept)


def test_a_sale_with_the_keyboard_alone(till, kpm, shop):
    keyboard = till.page.keyboard
    login = shop.cashier(kpm["shop_id"])

    def go(name):
        """As often as it takes, never the mouse."""
        expect(till.key(name)).to_be_enabled(timeout=20_000)
        for _ in range(TABS_MAX):
            here = till.page.evaluate("document.activeElement?.dataset?.test ?? ''")
            if here == name:
                time.sleep(0.4)  # a key that guards against a double tap
                keyboard.press("Enter")
                return
            keyboard.press("Tab")
        pytest.fail(f"{name} is not reached by the keyboard")

    def type_below(digits, name):
        """As a person types, who waits for the keypad; a scanner would be faster."""
        expect(till.key(name)).to_be_visible()
        time.sleep(0.5)
        keyboard.type(digits, delay=150)

    till.page.goto(f"{shop.base_url}/till/")
    go(f"shop-{kpm['shop_id']}")
    go(f"staff-{login['staff_id']}")
    type_below(login["pin"], "pin-1")
    go("enter")
    expect(till.key("pay")).to_be_visible()
    go("good-TEMPE")
    type_below("2", "key-1")
    go("field-price")
    type_below("12000", "key-1")
    go("add-line")
    go("pay")
    go("way-card")
    go("type-card")
    type_below(kpm["card"], "key-1")
    go("card-next")
    go("confirm-yes")
    type_below(kpm["pin"], "pin-1")
    go("secret-done")
    till.expect_result("APPROVED")
    assert shop.balance(kpm) == kpm["balance"] - 24_000


@pytest.mark.parametrize(("theme", "text", "width"), LOOKS)
def test_every_screen_in_every_look(till, kpm, shop, theme, text, width):
    wide, high = SIZES[width]
    till.page.set_viewport_size({"width": wide, "height": high})
    chosen = json.dumps({"theme": theme, "text": text})
    till.page.add_init_script(f"localStorage.setItem('ewarong.look', '{chosen}')")
    eye = Eye(till, f"{theme}-{text}-{width}")
    _look_at_goods(eye, shop, kpm)
    _look_at_payment(eye, kpm)
    assert eye.faults == []


def _look_at_goods(eye, shop, kpm):
    till, login = eye.till, shop.cashier(kpm["shop_id"])
    till.page.goto(f"{shop.base_url}/till/")
    expect(till.key("install")).to_be_visible()
    eye.look("masuk")
    till.tap(f"shop-{kpm['shop_id']}", f"staff-{login['staff_id']}")
    till.digits(login["pin"], "pin")
    eye.look("pin")
    till.tap("enter")
    expect(till.key("pay")).to_be_visible()
    eye.look("barang")
    till.type_good("BERAS-MEDIUM", "5", 14_000)
    eye.look("harga-terlalu-tinggi")
    till.tap("use-ceiling", "add-line")
    if till.key("pane-goods").is_visible():
        till.tap("pane-goods")
    till.tap("good-ROKOK-KRETEK")
    eye.look("rokok")
    till.tap("told-close")
    if till.key("pane-cart").is_visible():
        till.tap("pane-cart")
    expect(till.key("total")).to_be_visible()
    eye.look("keranjang")


def _look_at_payment(eye, kpm):
    till = eye.till
    till.tap("pay")
    expect(till.key("way-card")).to_be_visible()
    eye.look("kenali")
    till.tap("way-card", "type-card")
    till.digits(kpm["card"])
    eye.look("kks")
    till.tap("card-next")
    eye.look("setuju")
    till.tap("confirm-yes")
    till.digits(kpm["pin"], "pin")
    eye.look("pin-belanja")
    till.tap("secret-done")
    till.expect_result("APPROVED")
    expect(till.key("receipt-qr")).to_be_visible()
    eye.look("disetujui")
    till.tap("new-sale", "today")
    expect(till.key("today-total")).to_be_visible()
    eye.look("hari-ini")
    till.tap("back", "menu")
    expect(till.key("version")).to_be_visible()
    eye.look("menu")
    till.tap("menu-look")
    expect(till.key("listen")).to_be_visible()
    eye.look("tampilan")


def test_what_is_chosen_is_worn_and_kept(till, kpm, shop):
    till.page.set_viewport_size({"width": 1280, "height": 800})
    till.log_in(kpm["shop_id"])
    till.tap("menu", "menu-look", "look-theme-malam", "look-hand-left", "look-text-150")
    page = till.page
    page.reload()
    expect(till.key("pay")).to_be_visible()
    chosen = page.evaluate("({ ...document.documentElement.dataset })")
    assert (chosen["theme"], chosen["hand"], chosen["text"]) == ("malam", "left", "150")
    basket, goods = page.locator(".cart-side").bounding_box(), till.key("search").bounding_box()
    assert basket["x"] < goods["x"]


def test_another_language_is_spoken_by_the_till_and_for_the_engine(till, kpm, shop):
    till.log_in(kpm["shop_id"])
    till.tap("menu", "menu-look", "look-language-jv")
    expect(till.key("search")).to_have_attribute("aria-label", "Golek barang")
    assert till.page.evaluate("document.documentElement.lang") == "jv"
    till.add("TEMPE", "1", 12_000)
    till.pay_by_card(kpm | {"pin": "000000" if kpm["pin"] != "000000" else "000001"})
    till.tap("secret-done")
    till.expect_result("DECLINED")
    expect(till.key("result-message")).to_have_text("PIN blanja durung cocog.")


def test_the_clips_can_be_heard(till, shop):
    till.page.goto(f"{shop.base_url}/till/")
    lengths = till.page.evaluate(CLIPS, ["enam", "puluh", "tujuh", "ribu", "rupiah", "sisa-saldo"])
    assert all(0.15 < length < 2 for length in lengths), lengths


def test_https_in_the_own_network_lets_the_till_keep_itself(
    browser_type, browser_type_launch_args, browser_context_args, shop, tmp_path
):
    files = TlsFiles(tmp_path / "tls")
    make_certificates(files, ["kasir.test"], datetime.now(UTC), new_ca=False)
    leaf = x509.load_pem_x509_certificate(files.leaf.read_bytes())
    key = leaf.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    known = base64.b64encode(hashlib.sha256(key).digest()).decode()
    port = _free_port()
    front = Front(
        tmp_path / "static",
        shop.base_url,
        port,
        ssl_keyfile=str(files.leaf_key),
        ssl_certfile=str(files.leaf),
    )
    front.start()
    arguments = [
        *browser_type_launch_args["args"],
        f"--ignore-certificate-errors-spki-list={known}",
        "--host-resolver-rules=MAP kasir.test 127.0.0.1",
    ]
    context = browser_type.launch_persistent_context(
        tmp_path / "profile",
        **browser_type_launch_args | {"args": arguments},
        **browser_context_args | {"service_workers": "allow"},
    )
    try:
        page = context.new_page()
        page.goto(f"https://kasir.test:{port}/till/")
        expect(page.locator('[data-test="install"]')).to_be_visible()
        assert page.evaluate("isSecureContext && Boolean(navigator.mediaDevices && crypto.subtle)")
        until(page, ACTIVE, "activated")
        front.stop()
        page.reload()
        expect(page.locator('[data-test="install"]')).to_be_visible()
    finally:
        context.close()
        front.stop()
