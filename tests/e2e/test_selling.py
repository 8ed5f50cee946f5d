"""Selling all day: scanner, goods paid apart, too little balance, waiting baskets, own prices."""

import re
import time
from collections.abc import Iterator

import pytest
import qrcode
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.e2e.conftest import (
    CAMERA_HEIGHT,
    CAMERA_OPTION,
    CAMERA_WIDTH,
    Cashier,
    _write_camera,
)
from tests.e2e.test_layout import SIZES, Eye

pytestmark = pytest.mark.e2e

RICE_SACK, RICE_NAME = "2990000000019", "Beras medium karung 5 kg"
EGGS, PEAS = "2990000000057", "2990000000064"
STRANGER = "96385074"  # a barcode that no catalogue lists
A4_POINTS = (595, 842)
KEY_GAP_S = 0.004
COUNTS = "/v1/shops/cash-counts"


@pytest.fixture
def scan(till):
    """A scanner's keys: so fast that the clock of each is said, however busy the machine is."""
    session = till.page.context.new_cdp_session(till.page)

    def keys(text):
        # the listener comes after the first goods
        till.page.wait_for_selector("html[data-scanner]", state="attached")
        began = time.time()
        for place, letter in enumerate([*text, "Enter"]):
            at = {"key": letter, "timestamp": began + place * KEY_GAP_S}
            typed = {"code": "Enter", "text": "\r"} if letter == "Enter" else {"text": letter}
            session.send("Input.dispatchKeyEvent", {"type": "keyDown", **at, **typed})
            session.send("Input.dispatchKeyEvent", {"type": "keyUp", **at})

    return keys


def show(till, pane):
    """In one column goods and basket stand behind a key each."""
    if till.key(f"pane-{pane}").is_visible():
        till.tap(f"pane-{pane}")


def test_a_scanned_pack_is_a_line_and_typing_stays_typing(till, kpm, scan):
    till.log_in(kpm["shop_id"])
    scan(RICE_SACK)
    expect(till.page.get_by_role("heading", name=RICE_NAME)).to_be_visible()
    till.page.keyboard.type("67000", delay=90)
    till.tap("add-line")
    till.key("search").fill("tempe")
    scan(RICE_SACK)
    expect(till.key("search")).to_have_value("tempe")
    expect(till.key("pay")).to_have_text("Bayar Rp134.000")
    till.page.keyboard.press("Enter")
    expect(till.key("field-quantity")).to_be_visible()
    till.page.keyboard.type("3", delay=90)
    till.page.keyboard.press("Enter")
    till.page.keyboard.type("12000", delay=90)
    expect(till.key("typed-price")).to_have_text("Rp12.000")
    till.page.keyboard.press("Enter")
    expect(till.key("pay")).to_have_text("Bayar Rp170.000")
    with till.page.expect_response("**/v1/quotes") as quoted:
        till.page.keyboard.press("Control+Enter")
    lines = quoted.value.request.post_data_json["lines"]
    assert lines[0] == {"gtin": RICE_SACK, "quantity_milli": 2000, "unit_price": 67_000}
    assert [line["verdict"] for line in quoted.value.json()["lines"]] == ["OK", "OK"]
    expect(till.key("way-card")).to_be_visible()


def test_a_banned_good_is_a_cash_sale_with_its_own_receipt(till, kpm, shop):
    before, told = shop.balance(kpm), []
    till.page.on("request", lambda asked: told.append(asked) if COUNTS in asked.url else None)
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.tap("good-ROKOK-KRETEK", "told-cash")
    till.digits("1")
    till.tap("field-price")
    till.digits("25000")
    till.tap("add-line")
    expect(till.key("pay")).to_have_text("Bayar Rp12.000")
    expect(till.key("aside")).to_contain_text("Rp25.000")
    till.tap("pay-apart")
    expect(till.key("not-aid")).to_contain_text("Bukan belanja bantuan")
    till.tap("note-50000")
    expect(till.key("change")).to_have_text("Kembali Rp25.000")
    till.tap("cash-done")
    expect(till.key("cash-result")).to_be_focused()
    expect(till.key("cash-receipt")).to_contain_text("BUKAN BELANJA BANTUAN")
    expect(till.key("cash-receipt")).not_to_contain_text("Tempe")
    till.tap("cash-next")
    expect(till.key("pay")).to_have_text("Bayar Rp12.000")
    till.tap("menu", "menu-cashday")
    expect(till.key("cash-total")).to_have_text("Rp25.000")
    till.tap("back", "leave")
    expect(till.key("install")).to_be_visible()
    assert {**told[-1].post_data_json, "day": ""} == {"day": "", "sales": 1, "goods_lines": 1}
    assert shop.balance(kpm) == before


def test_too_little_balance_is_split_and_the_rest_paid_in_cash(till, kpm, shop):
    balance = shop.balance(kpm)
    price = shop.ceiling(kpm["shop_id"], "BERAS-MEDIUM")
    kilos = balance // price + 2
    till.log_in(kpm["shop_id"])
    till.add("BERAS-MEDIUM", str(kilos), price)
    till.pay_by_card(kpm)
    till.tap("secret-done")
    till.expect_result("DECLINED")
    words = till.key("split").inner_text()
    aid, cash = (int(part.replace(".", "")) for part in re.findall(r"Rp([\d.]+)", words))
    assert aid <= balance < aid + price
    till.tap("pay-rest")
    expect(till.key("agree-total")).to_have_text(f"Rp{aid:,}".replace(",", "."))
    till.tap("confirm-yes")
    till.digits(kpm["pin"], "pin")
    till.tap("secret-done")
    till.expect_result("APPROVED")
    assert shop.balance(kpm) == balance - aid
    till.tap("new-sale", "pay-apart", "exact", "cash-done")
    expect(till.key("cash-receipt")).to_contain_text(f"Rp{cash:,}".replace(",", "."))
    assert abs(aid + cash - kilos * price) <= 1


def test_baskets_wait_and_come_back_and_the_last_change_is_undone(till, kpm):
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.tap("park")
    expect(till.key("pay")).to_be_disabled()
    till.add("TELUR-AYAM", "1", 28_000)
    till.page.reload()
    expect(till.key("pay")).to_have_text("Bayar Rp28.000")
    show(till, "cart")
    expect(till.key("recall-A")).to_contain_text("Rp12.000")
    till.tap("recall-A")
    expect(till.key("pay")).to_have_text("Bayar Rp12.000")
    till.tap("more")
    expect(till.key("pay")).to_have_text("Bayar Rp24.000")
    till.tap("undo")
    expect(till.key("pay")).to_have_text("Bayar Rp12.000")
    till.tap("recall-A")
    expect(till.key("pay")).to_have_text("Bayar Rp28.000")


def test_the_shops_own_prices_are_proposed_and_printed_with_the_ceiling(till, kpm, shop):
    ceiling = f"Rp{shop.ceiling(kpm['shop_id'], 'BERAS-MEDIUM'):,}".replace(",", ".")
    till.log_in(kpm["shop_id"])
    till.tap("menu", "menu-prices", "price-BERAS-MEDIUM")
    till.digits("99000")
    expect(till.key("keep-price")).to_be_disabled()
    expect(till.key("limit")).to_contain_text(f"Paling tinggi {ceiling} per kg")
    till.tap("use-ceiling", "price-TEMPE")
    till.digits("11500")
    till.tap("keep-price")
    till.page.emulate_media(media="print")
    sheet = till.key("price-sheet")
    expect(sheet).to_contain_text("Daftar harga")
    expect(sheet).to_contain_text(re.compile(rf"Beras medium\s*kg\s*{ceiling}\s*{ceiling}"))
    expect(sheet).to_contain_text("Rp11.500")
    expect(till.page.locator(".heading")).to_be_hidden()
    paper = till.page.pdf(prefer_css_page_size=True)
    found = re.search(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)", paper)
    assert found
    assert all(abs(int(a) - b) <= 2 for a, b in zip(found.groups(), A4_POINTS, strict=True))
    till.page.emulate_media(media="screen")
    till.tap("back")
    show(till, "goods")
    till.tap("good-TEMPE")
    expect(till.key("typed-price")).to_have_text("Rp11.500")


@pytest.mark.proof
def test_an_unknown_code_and_qris_are_sold_without_anybody(till, kpm, scan):
    till.log_in(kpm["shop_id"])
    scan(STRANGER)
    expect(till.key("told")).to_contain_text("belum ada di daftar")
    till.tap("told-cash")
    till.digits("7500")
    till.tap("add-line")
    scan(STRANGER)
    till.tap("pay-apart")
    expect(till.key("cash-amount")).to_have_text("Rp15.000")
    till.tap("cash-QRIS")
    expect(till.key("shop-qr")).to_be_visible()
    till.tap("cash-done")
    expect(till.key("cash-receipt")).to_contain_text("QRIS")


@pytest.mark.proof
def test_the_fifth_basket_of_its_kind_reminds_that_families_choose(till, kpm):
    till.log_in(kpm["shop_id"])
    sold = '{"day": "%s", "times": {"TEMPE/kg/1000": 4}}'
    till.page.evaluate(
        "([shop, sold]) => localStorage.setItem(`ewarong.selling.${shop}.sold`, sold)",
        [kpm["shop_id"], sold % till.page.evaluate("new Date().toLocaleDateString('sv')")],
    )
    till.page.reload()
    till.add("TEMPE", "1", 12_000)
    expect(till.key("free-choice")).to_contain_text("bebas memilih barang")


@pytest.mark.proof
@pytest.mark.parametrize("width", SIZES)
def test_the_screens_around_the_basket(till, kpm, width, scan):
    size = SIZES[width]
    till.page.set_viewport_size({"width": size[0], "height": size[1]})
    eye = Eye(till, width)
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.tap("park")
    till.add("TELUR-AYAM", "1", 28_000)
    till.tap("good-ROKOK-KRETEK", "told-cash")
    eye.look("tunai-terpisah")
    till.tap("field-price")
    till.digits("25000")
    till.tap("add-line")
    show(till, "cart")
    eye.look("keranjang-lengkap")
    scan(STRANGER)
    eye.look("kode-asing")
    till.tap("told-close", "cash", "note-20000")
    eye.look("tunai")
    till.tap("cash-QRIS")
    expect(till.key("shop-qr")).to_be_visible()
    eye.look("qris")
    till.tap("cash-CASH", "note-100000", "cash-done")
    expect(till.key("cash-receipt")).to_be_visible()
    eye.look("lunas")
    till.tap("cash-next", "menu", "menu-cashday")
    expect(till.key("cash-sale")).to_be_visible()
    eye.look("tunai-hari-ini")
    till.tap("back", "menu", "menu-prices")
    expect(till.key("print-prices")).to_be_visible()
    eye.look("harga-warung")
    till.tap("price-BERAS-MEDIUM")
    till.digits("99000")
    eye.look("harga-keliru")
    till.tap("back", "back")
    show(till, "goods")
    till.tap("scan")
    expect(till.key("scan-done")).to_be_visible()
    eye.look("pindai")
    assert eye.faults == []


@pytest.mark.proof
def test_an_ordinary_sale_is_taken_back_and_the_counts_follow(till, kpm):
    told = []
    till.page.on("request", lambda asked: told.append(asked) if COUNTS in asked.url else None)
    till.page.set_viewport_size({"width": 360, "height": 740})
    eye = Eye(till, "360")
    till.log_in(kpm["shop_id"])
    for price in (12_000, 15_000):
        till.add("TEMPE", "1", price)
        show(till, "cart")
        till.tap("cash", "exact", "cash-done", "cash-next")
    till.tap("menu", "menu-cashday")
    expect(till.key("cash-total")).to_have_text("Rp27.000")
    eye.look("tunai-hari-ini")
    till.tap("take-back-2")
    expect(till.key("back-amount")).to_have_text("Rp15.000")
    eye.look("batalkan-tunai")
    till.tap("take-back-now")
    expect(till.key("cash-receipt")).to_contain_text("DIBATALKAN")
    till.tap("back")
    expect(till.key("cash-total")).to_have_text("Rp12.000")
    expect(till.key("cash-cancelled")).to_have_text("1 dibatalkan")
    expect(till.page.locator('[data-test="take-back-2"]')).to_have_count(0)
    eye.look("tunai-dibatalkan")
    till.tap("back", "leave")
    expect(till.key("install")).to_be_visible()
    counted = {**told[-1].post_data_json, "day": ""}
    assert counted == {"day": "", "sales": 1, "goods_lines": 1, "cancelled": 1}
    assert eye.faults == []


@pytest.fixture
def scanning_till(
    browser_type, browser_type_launch_args, browser_context_args, shop, tmp_path
) -> Iterator[Cashier]:
    """A till whose camera sees a barcode and then a QR, again and again."""
    film = tmp_path / "codes.y4m"
    _write_camera(film, [_barcode(EGGS)] * 25 + [_qr(PEAS)] * 25)
    others = [each for each in browser_type_launch_args["args"] if CAMERA_OPTION not in each]
    arguments = [*others, f"{CAMERA_OPTION}={film}"]
    browser = browser_type.launch(**browser_type_launch_args | {"args": arguments})
    page = browser.new_context(**browser_context_args).new_page()
    page.set_default_timeout(20_000)
    yield Cashier(page, shop)
    browser.close()


@pytest.mark.proof
def test_the_camera_reads_a_barcode_and_a_qr_with_our_own_reader(scanning_till, shop):
    till, seen = scanning_till, []
    till.page.on("request", lambda request: seen.append(request.url))
    till.log_in(shop.sample["shops"][0]["shop_id"])
    assert not any("zxing" in url for url in seen)
    for price in ("16000", "14000"):
        till.tap("scan")
        expect(till.key("typed-price")).to_be_visible(timeout=30_000)
        till.digits(price)
        till.tap("add-line")
        show(till, "goods")
    assert any("zxing_reader.wasm" in url for url in seen)
    assert all(url.startswith((shop.base_url, "blob:", "data:")) for url in seen)
    show(till, "cart")
    expect(till.page.locator('[data-test^="line-"]')).to_have_count(2)
    show(till, "goods")
    till.tap("scan")
    expect(till.key("scanned")).to_be_visible(timeout=30_000)  # both prices are known now


# GS1 General Specifications 5.2.1: the left halves of the digits, and which of six stand turned
LEFT = [f"{code:07b}" for code in (13, 25, 19, 61, 35, 49, 47, 59, 55, 11)]
TURNED = [f"{turned:06b}" for turned in (0, 11, 13, 14, 19, 25, 28, 21, 22, 26)]
FLIP = str.maketrans("01", "10")


def _barcode(digits: str) -> Image.Image:
    """An EAN-13 as a camera sees it: black bars on white, 4 px a module."""
    sides = {"0": LEFT, "1": [code.translate(FLIP)[::-1] for code in LEFT]}
    left = (
        sides[side][int(digit)]
        for side, digit in zip(TURNED[int(digits[0])], digits[1:7], strict=True)
    )
    right = (LEFT[int(digit)].translate(FLIP) for digit in digits[7:])
    modules = f"101{''.join(left)}01010{''.join(right)}101"
    picture = Image.new("RGB", (CAMERA_WIDTH, CAMERA_HEIGHT), (255, 255, 255))
    pen, start = ImageDraw.Draw(picture), (CAMERA_WIDTH - 4 * len(modules)) // 2
    for place, module in enumerate(modules):
        if module == "1":
            pen.rectangle((start + 4 * place, 120, start + 4 * place + 3, 360), fill=(0, 0, 0))
    return picture


def _qr(text: str) -> Image.Image:
    picture = Image.new("RGB", (CAMERA_WIDTH, CAMERA_HEIGHT), (255, 255, 255))
    code = qrcode.make(text).get_image().convert("RGB").resize((320, 320))
    picture.paste(code, ((CAMERA_WIDTH - 320) // 2, (CAMERA_HEIGHT - 320) // 2))
    return picture
