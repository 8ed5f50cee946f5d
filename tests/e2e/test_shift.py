"""After the sale and around the day: receipts, the drawer, the owner's PIN, training."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_layout import SIZES, Eye

pytestmark = pytest.mark.e2e

SLOW_MS = 20_000  # a busy machine is no fault of the till

PRINTER = """
window.papers = [];
window.print = () => window.papers.push(document.querySelector('.receipt').textContent);
"""
QUEUE_OF_THREE = """
() => new Promise((done, failed) => {
  const asked = indexedDB.open('ewarong-offline');
  asked.onerror = failed;
  asked.onsuccess = () => {
    const tx = asked.result.transaction('meta', 'readwrite');
    tx.objectStore('meta').put({ seq: 3, head: 'A'.repeat(43), count: 3, sum: 245000 }, 'chain');
    tx.oncomplete = () => { asked.result.close(); done(); };
  };
})
"""
NO_PRINTER = """
Object.defineProperty(navigator, 'serial', { value: {
  getPorts: async () => [{ open: async () => { throw new Error('gone'); }, close: async () => {} }],
} });
localStorage.setItem('ewarong.printer', JSON.stringify({ kind: 'SERIAL', columns: 32 }));
"""


def owner_of(shop, shop_id):
    found = (s for s in shop.sample["staff"] if s["shop_id"] == shop_id and s["role"] == "PEMILIK")
    return next(found)


def printed(till, count):
    """Taps the key and waits until so many papers came out."""
    till.tap("print")
    for _ in range(50):
        papers = till.page.evaluate("window.papers")
        if len(papers) >= count:
            return papers
        till.page.wait_for_timeout(100)
    raise AssertionError(papers)


def a_sale(till, kpm, price=13_400):
    till.add("BERAS-MEDIUM", "1", price)
    till.pay_by_card(kpm)
    till.tap("secret-done")
    till.expect_result("APPROVED")


def close_the_day(till, owner):
    """Over three unsent sales, handed on, and with a thousand rupiah too little."""
    till.page.evaluate(QUEUE_OF_THREE)
    till.page.reload()
    expect(till.key("signal")).to_have_class(re.compile("waits"))
    till.tap("menu", "menu-shift", "close-shift")
    expect(till.key("unsent")).to_contain_text(
        "3 belanja (Rp245.000) belum terkirim", timeout=SLOW_MS
    )
    till.tap("hand-over")
    expect(till.key("blind")).to_be_visible()
    expect(till.page.locator("main")).not_to_contain_text("Rp200.000")
    till.digits("199000")
    till.tap("count-done")
    till.digits(owner["pin"], "pin")
    till.tap("owner-done")
    expect(till.key("closed")).to_be_visible(timeout=SLOW_MS)
    expect(till.key("difference")).to_contain_text("Kurang Rp1.000")
    expect(till.key("z-expected")).to_have_text("Rp200.000")
    expect(till.key("z-slip")).to_contain_text("Belum terkirim 3")
    till.tap("shift-done")
    expect(till.key("pay")).to_be_visible()


def test_a_day_from_the_open_drawer_to_z(till, kpm, shop):
    owner = owner_of(shop, kpm["shop_id"])
    till.page.add_init_script(PRINTER)
    till.log_in(kpm["shop_id"])
    till.tap("cash-open")
    expect(till.key("checks").locator("li")).to_have_count(5)
    till.digits("200000")
    till.tap("open-shift")
    expect(till.key("shift-open")).to_be_visible(timeout=SLOW_MS)
    till.tap("back")
    expect(till.key("cash-strip")).not_to_be_visible()
    a_sale(till, kpm)
    first, second = printed(till, 1)[0], printed(till, 2)[1]
    assert "SALINAN" not in first
    assert second.count("SALINAN") == 2
    till.tap("new-sale")
    a_sale(till, kpm, price=10_000)
    till.tap("new-sale", "today")
    expect(till.key("today-total")).to_be_visible(timeout=SLOW_MS)
    till.key("find").fill("10000")
    expect(till.page.locator('[data-test="purchase"]')).to_have_count(1)
    till.page.locator('[data-test^="void-"]:visible').first.click()
    till.tap("void-reason-1")
    till.digits(owner["pin"], "pin")
    till.tap("owner-done")
    expect(till.key("void-slip")).to_contain_text("*** BATAL ***", timeout=SLOW_MS)
    till.tap("void-close")
    till.page.locator('[data-test^="receipt-"]:visible').last.click()
    expect(till.key("receipt")).to_contain_text("SALINAN")
    till.tap("share-text")
    expect(till.key("given")).to_be_visible(timeout=SLOW_MS)
    till.tap("back")
    expect(till.key("today-total")).to_be_visible(timeout=SLOW_MS)
    till.tap("back", "menu", "menu-shift", "count-now")
    expect(till.key("x-aid")).to_have_text("Rp13.400", timeout=SLOW_MS)
    close_the_day(till, owner)


def test_a_printer_that_is_gone_leaves_the_receipt_on_the_screen(till, kpm, shop):
    till.page.add_init_script(NO_PRINTER)
    till.log_in(kpm["shop_id"])
    a_sale(till, kpm)
    till.tap("print")
    expect(till.key("notice")).to_contain_text("Printer belum menjawab. Struk tetap ada di sini.")
    expect(till.key("receipt")).to_contain_text("Rp13.400")


def test_a_training_sale_without_log_in_sends_nothing(till, shop, requests_seen):
    till.page.goto(f"{shop.base_url}/till/")
    expect(till.key("training")).to_be_visible()
    before = till.page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
    asked = len(requests_seen)
    till.tap("training")
    expect(till.key("coach")).to_contain_text("Tekan gambar barang", timeout=SLOW_MS)
    till.add("BERAS-MEDIUM", "2", 13_000)
    till.tap("pay", "way-card", "sample-card", "confirm-yes")
    till.digits("123456", "pin")
    till.tap("secret-done")
    till.expect_result("APPROVED")
    assert till.key("receipt").text_content().count("LATIHAN") >= 2
    till.tap("new-sale", "today")
    expect(till.key("today-total")).to_have_text("Rp26.000", timeout=SLOW_MS)
    till.tap("back")
    till.page.wait_for_timeout(2_500)  # what asks by itself has asked
    ours = [url.removeprefix(shop.base_url) for url in requests_seen[asked:]]
    assert [url for url in ours if not url.startswith(("/till/", "blob:", "data:"))] == []
    kept = till.page.evaluate("async () => (await indexedDB.databases()).map(({ name }) => name)")
    new = [name for name in kept if name not in ("ewarong-offline", "ewarong-cash")]
    assert all(name.startswith("latihan.") for name in new)
    after = till.page.evaluate(
        "JSON.stringify(Object.fromEntries(Object.entries({ ...localStorage, ...sessionStorage })"
        ".filter(([name]) => !name.startsWith('latihan.'))))"
    )
    assert after == before
    till.tap("practice-leave")
    expect(till.key("install")).to_be_visible()


@pytest.fixture(params=["360", pytest.param("1280", marks=pytest.mark.proof)])
def eye(request, till):
    width, height = SIZES[request.param]
    till.page.set_viewport_size({"width": width, "height": height})
    return Eye(till, request.param)


def test_the_screens_around_the_day(eye, till, shop):
    """The owner's, since she sees all of them; the other shop's till, so that its day is open."""
    shop_id = shop.sample["shops"][-1]["shop_id"]
    owner = owner_of(shop, shop_id)
    till.page.goto(f"{shop.base_url}/till/")
    till.tap(f"shop-{shop_id}", f"staff-{owner['staff_id']}")
    till.digits(owner["pin"], "pin")
    till.tap("enter")
    expect(till.key("cash-strip")).to_be_visible(timeout=SLOW_MS)
    eye.look("kas-belum-dibuka")
    till.tap("cash-open")
    expect(till.key("checks")).to_be_visible(timeout=SLOW_MS)
    eye.look("buka-kas")
    till.digits("50000")
    till.tap("open-shift", "count-now")
    expect(till.key("x")).to_be_visible(timeout=SLOW_MS)
    eye.look("kas")
    till.tap("note-OUT", "cash-why-0")
    till.digits("5000")
    eye.look("uang-keluar")
    till.tap("note-keep", "close-shift")
    eye.look("hitung-kas")
    till.tap("back", "back")
    for screen, hook in (
        ("money", "money-waiting"),
        ("printer", "sample"),
        ("guide", "guide-sale"),
        ("training", "training-begin"),
        ("stock", "stock-find"),
    ):
        till.tap("menu", f"menu-{screen}")
        expect(till.key(hook)).to_be_visible()
        eye.look(screen)
        if screen == "guide":
            till.tap("guide-close")
            eye.look("guide-close")
            till.tap("back")
        if screen != "stock":
            till.tap("back", "back")
    till.tap("stock-add-BERAS-MEDIUM")
    till.digits("3")
    till.tap("stock-keep")
    expect(till.key("low")).to_have_text(re.compile("Hampir habis"))
    eye.look("stok-hampir-habis")
    assert eye.faults == []
