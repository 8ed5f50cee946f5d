"""Sales at the till, driven in Chromium against a real engine."""

import re
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Route, expect

pytestmark = pytest.mark.e2e

PRINTABLE_PIXELS = 48 / 25.4 * 96
RICE, RICE_PRICE = "BERAS-MEDIUM", 13_400


def test_card_sale(till, kpm, shop, requests_seen):
    before = shop.balance(kpm)
    till.log_in(kpm["shop_id"])
    till.add(RICE, "5", RICE_PRICE)
    expect(till.key("pay")).to_have_text("Bayar Rp67.000")
    till.pay_by_card(kpm)
    till.tap("secret-done")
    till.expect_result("APPROVED")
    expect(till.key("receipt")).to_contain_text("Rp67.000")
    expect(till.key("receipt-qr")).to_be_visible()
    assert till.key("receipt-qr").evaluate("picture => picture.naturalWidth") > 0
    assert shop.balance(kpm) == before - 67_000
    _expect_to_fit_the_paper(till)
    till.tap("new-sale", "today")
    expect(till.key("purchase")).to_contain_text("Disetujui")
    assert all(url.startswith((shop.base_url, "blob:", "data:")) for url in requests_seen)


def test_wrong_pin_says_why_and_the_next_try_is_a_new_purchase(till, kpm, shop):
    puts = _puts(till)
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.pay_by_card(kpm | {"pin": "000000" if kpm["pin"] != "000000" else "000001"})
    till.tap("secret-done")
    till.expect_result("DECLINED")
    expect(till.key("result")).to_have_attribute("data-reason", "PIN_WRONG")
    expect(till.key("result-next")).not_to_be_empty()
    till.tap("try-again")
    till.digits(kpm["pin"], "pin")
    till.tap("secret-done")
    till.expect_result("APPROVED")
    assert len(set(puts)) == len(puts) == 2
    assert shop.balance(kpm) == kpm["balance"] - 12_000


def test_phone_sale_with_the_code_from_the_sms(till, kpm, shop):
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "2", 12_000)
    till.tap("pay", "way-phone")
    till.digits("0" + kpm["msisdn"].removeprefix("+62"))
    till.tap("phone-next", "confirm-yes")
    code = re.search(r"\b\d{6}\b", shop.newest_sms())
    assert code
    till.digits(code.group(), "pin")
    till.tap("secret-done")
    till.expect_result("APPROVED")
    assert shop.balance(kpm) == kpm["balance"] - 24_000


def test_sale_by_the_code_on_the_screen_and_by_her_own_code(till, kpm, shop, browser):
    """She reads the basket's code on her page and says yes; then the till reads hers."""
    hers = browser.new_context(viewport={"width": 360, "height": 740}, locale="id-ID")
    page = hers.new_page()
    _enter_own_page(page, shop, kpm)
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    with till.page.expect_response(re.compile("/v1/baskets/")) as held:
        till.tap("pay", "way-qr")
    expect(till.key("basket-qr")).to_be_visible()
    page.get_by_role("link", name="Bayar kode di kasir").click()
    page.get_by_label("Atau tempel isi kode QR").fill(held.value.json()["payload"])
    page.get_by_role("button", name="Lihat belanja").click()
    page.get_by_role("button", name="Ya, bayar Rp12.000").click()
    expect(page.get_by_role("heading", name="Disetujui")).to_be_visible()
    till.expect_result("APPROVED")
    expect(till.key("receipt")).to_contain_text("Rp12.000")
    till.tap("new-sale")
    till.add("TEMPE", "2", 12_000)
    till.tap("pay", "way-qr")
    picture = hers.request.get(f"{shop.base_url}/saya/qr.png").body()
    hers.close()
    code = cv2.QRCodeDetectorAruco().detectAndDecode(
        cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    )[0]
    till.key("own-code").fill(code)
    till.tap("confirm-yes")
    till.expect_result("APPROVED")
    assert shop.balance(kpm) == kpm["balance"] - 36_000


def _enter_own_page(page, shop, kpm):
    page.goto(f"{shop.base_url}/saya")
    page.get_by_label("Nomor HP").fill(kpm["msisdn"])
    page.get_by_role("button", name="Kirim kode").click()
    found = re.search(r"\b\d{6}\b", shop.newest_sms())
    assert found
    page.get_by_label("Kode 6 angka").fill(found.group())
    page.get_by_role("button", name="Buka").click()


def test_face_sale_shows_no_name_before_the_pin(till, shop):
    kpm = _portrait(shop)
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.tap("pay", "way-face", "skip-turn")
    expect(till.key("factor")).to_be_visible()
    expect(till.page.locator("main")).not_to_contain_text("***")
    till.digits(kpm["pin"], "pin")
    till.tap("secret-done")
    expect(till.key("payer")).to_contain_text("***")
    expect(till.key("balance")).to_be_visible()
    till.tap("confirm-yes")
    till.expect_result("APPROVED")


def test_ktp_sale_with_the_code_as_second_proof(till, shop):
    kpm = _portrait(shop)
    before = shop.balance(kpm)
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.tap("pay", "way-ktp")
    till.digits(kpm["nik"])
    till.tap("ktp-next", "take-face", "factor-CODE")
    expect(till.key("notice")).to_be_visible()
    code = re.search(r"\b\d{6}\b", shop.newest_sms())
    assert code
    till.digits(code.group(), "pin")
    till.tap("secret-done", "confirm-yes")
    till.expect_result("APPROVED")
    assert shop.balance(kpm) == before - 12_000


def test_the_balance_hides_by_itself(till, shop):
    kpm = _portrait(shop)
    till.page.clock.install()
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.tap("pay", "way-face", "skip-turn")
    till.digits(kpm["pin"], "pin")
    till.tap("secret-done")
    expect(till.key("balance")).to_be_visible()
    till.page.clock.fast_forward(10_500)
    expect(till.key("balance")).to_be_hidden()
    till.tap("show-balance")
    expect(till.key("balance")).to_be_visible()


def test_an_unknown_phone_says_so_and_other_ways_stay(till, kpm):
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.tap("pay", "way-phone")
    till.digits("089999999999")
    till.tap("phone-next")
    expect(till.key("notice")).to_be_focused()
    for way in ("face", "card", "ktp"):
        expect(till.key(f"way-{way}")).to_be_enabled()


def test_a_refused_camera_leaves_the_other_ways(till, kpm, context):
    context.clear_permissions()
    till.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no'); };"
    )
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.tap("pay", "way-face")
    expect(till.key("notice")).to_contain_text("Kamera belum bisa dipakai")
    expect(till.key("way-card")).to_be_enabled()


def test_cigarettes_are_refused_with_the_reason(till, kpm, shop):
    till.log_in(kpm["shop_id"])
    till.tap("good-ROKOK-KRETEK")
    expect(till.key("told")).to_be_focused()
    expect(till.key("told")).to_contain_text("tidak boleh")
    expect(till.page.get_by_text("Bayar tunai, struk terpisah")).to_be_visible()
    till.tap("told-close")
    expect(till.key("pay")).to_be_disabled()
    lines = [{"sku": "ROKOK-KRETEK", "quantity_milli": 1000, "unit_price": 20_000}]
    _, quote = shop.ask("POST", "/v1/quotes", {"lines": lines}, shop.token(kpm["shop_id"]))
    assert quote["lines"][0]["verdict"] == "ITEM_BANNED"


def test_rice_above_the_ceiling_is_refused_by_the_engine_and_sold_in_one_tap(till, kpm, shop):
    ceiling = shop.ceiling(kpm["shop_id"], RICE)
    till.log_in(kpm["shop_id"])
    till.type_good(RICE, "5", ceiling + 500)
    expect(till.key("limit")).to_contain_text(
        f"Paling tinggi Rp{ceiling:,} per kg".replace(",", ".")
    )
    expect(till.key("add-line")).to_be_disabled()
    till.tap("ask-engine", "pay")
    expect(till.key("refusal")).to_contain_text(f"{ceiling:,}".replace(",", "."))
    till.tap("use-ceiling")
    till.pay_by_card(kpm)
    till.tap("secret-done")
    till.expect_result("APPROVED")
    assert shop.balance(kpm) == kpm["balance"] - 5 * ceiling


def test_a_purchase_refused_for_its_price_leads_back_to_the_marked_line(till, kpm, shop):
    """The quote was lawful, the decision no longer is: a ceiling fell in between."""

    def lawful(route: Route) -> None:
        answer = route.fetch()
        lines = [line | {"verdict": "OK"} for line in answer.json()["lines"]]
        route.fulfill(response=answer, json=answer.json() | {"lines": lines})

    ceiling, puts = shop.ceiling(kpm["shop_id"], RICE), _puts(till)
    till.log_in(kpm["shop_id"])
    till.page.route("**/v1/quotes", lawful)
    till.type_good(RICE, "1", ceiling + 1)
    till.tap("ask-engine")
    till.pay_by_card(kpm)
    till.tap("secret-done")
    till.expect_result("DECLINED")
    till.page.unroute("**/v1/quotes")
    till.tap("fix-basket", "use-ceiling")
    till.pay_by_card(kpm)
    till.tap("secret-done")
    till.expect_result("APPROVED")
    assert len(set(puts)) == 2
    assert shop.balance(kpm) == kpm["balance"] - ceiling


def test_the_keypad_offers_the_ceiling_while_typing(till, kpm, shop):
    ceiling = shop.ceiling(kpm["shop_id"], RICE)
    till.log_in(kpm["shop_id"])
    till.type_good(RICE, "2", ceiling + 1)
    till.tap("use-ceiling", "add-line")
    expect(till.key("total")).to_have_text(f"Rp{2 * ceiling:,}".replace(",", "."))


def test_a_double_tap_debits_once(till, kpm, shop):
    puts = _puts(till)
    till.log_in(kpm["shop_id"])
    till.add(RICE, "5", RICE_PRICE)
    till.pay_by_card(kpm)
    till.key("secret-done").dblclick()
    till.expect_result("APPROVED")
    assert len(puts) == 1
    assert shop.balance(kpm) == kpm["balance"] - 67_000


def test_a_lost_answer_is_asked_again_under_the_same_id_and_debited_once(till, kpm, shop):
    sent: list[tuple[str, str | None]] = []

    def lose_the_first_answer(route: Route) -> None:
        sent.append((route.request.url, route.request.post_data))
        answer = route.fetch()
        if len(sent) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    till.log_in(kpm["shop_id"])
    till.page.route("**/v1/purchases/*", lose_the_first_answer)
    till.add(RICE, "5", RICE_PRICE)
    till.pay_by_card(kpm)
    till.tap("secret-done")
    till.expect_result("WAITING")
    till.tap("ask-again")
    till.expect_result("APPROVED")
    assert len(sent) == 2
    assert len(set(sent)) == 1
    assert shop.balance(kpm) == kpm["balance"] - 67_000


def test_a_reload_in_the_middle_finds_the_purchase_again(till, kpm, shop):
    till.log_in(kpm["shop_id"])
    till.page.route("**/v1/purchases/*", _answer_lost)
    till.add(RICE, "5", RICE_PRICE)
    till.pay_by_card(kpm)
    till.tap("secret-done")
    till.expect_result("WAITING")
    expect(till.key("ask-again")).to_be_enabled()
    till.page.unroute("**/v1/purchases/*")
    till.page.reload()
    till.expect_result("APPROVED")
    assert shop.balance(kpm) == kpm["balance"] - 67_000


def test_a_removed_line_comes_back(till, kpm):
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.tap("remove")
    expect(till.key("pay")).to_be_disabled()
    till.tap("undo")
    expect(till.key("pay")).to_have_text("Bayar Rp12.000")


def test_a_reload_and_a_dead_session_keep_the_basket(till, kpm, shop):
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.page.reload()
    expect(till.key("pay")).to_have_text("Bayar Rp12.000")
    for path in ("**/v1/quotes", "**/v1/sessions/refresh"):
        till.page.route(path, lambda route: route.fulfill(status=401, json={"detail": "x"}))
    till.tap("pay")
    expect(till.key("notice")).to_contain_text("Masuk sekali lagi")
    till.page.unroute("**/v1/quotes")
    login = shop.cashier(kpm["shop_id"])
    till.tap(f"shop-{kpm['shop_id']}", f"staff-{login['staff_id']}")
    till.digits(login["pin"], "pin")
    till.tap("enter")
    expect(till.key("pay")).to_have_text("Bayar Rp12.000")


def test_a_refused_price_is_not_proposed_again(till, kpm):
    till.log_in(kpm["shop_id"])
    till.type_good(RICE, "1", 20_000)
    till.tap("ask-engine", f"good-{RICE}")
    expect(till.key("typed-price")).to_have_text("Rp")
    till.tap("back")
    till.add(RICE, "1", RICE_PRICE)
    till.tap(f"good-{RICE}")
    expect(till.key("typed-price")).to_have_text("Rp13.400")


def test_a_device_is_installed_and_the_cashier_leaves(till, kpm, shop):
    login = shop.cashier(kpm["shop_id"])
    till.page.route("**/demo/devices", lambda route: route.fulfill(status=404, json={}))
    till.page.goto(f"{shop.base_url}/till/")
    till.tap("install")
    for name in ("device_id", "device_secret", "staff_id"):
        till.key(f"field-{name}").fill(login[name])
    till.tap("install-save", f"shop-{login['device_id']}")
    till.digits(login["pin"], "pin")
    till.tap("enter")
    expect(till.key("shop-name")).not_to_be_empty()
    till.tap("leave")
    expect(till.key(f"shop-{login['device_id']}")).to_be_visible()


def _expect_to_fit_the_paper(till) -> None:
    """58 mm paper: the printer reaches 48 mm of it, and nothing but the receipt is printed."""
    till.page.emulate_media(media="print")
    width = till.key("receipt").evaluate(
        "paper => { const all = document.createRange(); all.selectNodeContents(paper);"
        " return all.getBoundingClientRect().width; }"
    )
    assert 0 < width <= PRINTABLE_PIXELS
    expect(till.key("new-sale")).to_be_hidden()
    till.page.emulate_media(media="screen")


def _answer_lost(route: Route) -> None:
    route.fetch()
    route.abort()


def _puts(till) -> list[str]:
    """The addresses of the purchases sent from now on."""
    puts: list[str] = []
    till.page.on("request", lambda each: puts.append(each.url) if each.method == "PUT" else None)
    return puts


def _portrait(shop) -> dict[str, Any]:
    return next(each for each in shop.sample["kpm"] if each["face"])
