"""Every screen at three widths: nothing spills, every key is big enough, text stays readable."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

SIZES = {"360": (360, 740), "800": (800, 1280), "1280": (1280, 800)}
WRONG_PIN = "000000"  # the sample never gives this one
SHOTS = os.environ.get("SHOTS")  # noqa: TID251 - where a person wants to look, no setting
FAULTS = """
() => {
  const faults = [];
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) faults.push(`page is ${page.scrollWidth} wide`);
  const shown = (element) => element.getClientRects().length > 0;
  const name = (element) => element.dataset.test ?? element.className ?? element.tagName;
  const keys = [...document.querySelectorAll('button, input')].filter(shown);
  for (const key of keys) {
    const box = key.getBoundingClientRect();
    const least = key.classList.contains('primary') ? 72 : 56;
    if (box.height < least - 0.5 || box.width < 55.5) {
      faults.push(`${name(key)} is ${box.width} x ${box.height}`);
    }
    const text = document.createRange();
    text.selectNodeContents(key);
    for (const part of text.getClientRects()) {
      const out = part.left < box.left - 1 || part.right > box.right + 1
        || part.top < box.top - 1 || part.bottom > box.bottom + 1;
      if (part.width && out && key.tagName === 'BUTTON') faults.push(`${name(key)} spills`);
    }
    const next = key.nextElementSibling;
    if (next && next.matches('button')) {
      const other = next.getBoundingClientRect();
      const apart = Math.max(other.left - box.right, box.left - other.right,
        other.top - box.bottom, box.top - other.bottom);
      if (apart < 7.5) faults.push(`${name(key)} and ${name(next)} are ${apart} px apart`);
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    const words = walker.currentNode.data.trim();
    if (!words || !shown(holder)) continue;
    const size = parseFloat(getComputedStyle(holder).fontSize);
    const least = holder.matches('.receipt') ? 12 : 16;
    if (size < least) faults.push(`"${words}" is ${size} px`);
    const box = holder.getBoundingClientRect();
    const hidden = getComputedStyle(holder).clipPath !== 'none';
    const out = box.right > page.clientWidth + 1 || box.left < -1;
    if (out && !hidden) faults.push(`"${words}" leaves the page`);
  }
  return [...new Set(faults)];
}
"""


NOT_LIVE = {
    "status": "RETAKE", "method": "FACE", "payer_token": None, "step_up": [],
    "reason": "FACE_NOT_LIVE", "name": None, "scope": None,
    "message": "Gerakan wajah belum terbaca. Gerakan terlalu cepat. Ulangi pelan-pelan.",
    "next_step": "Ulangi gerakan, atau pakai cara lain.",
}  # fmt: skip
NO_MATCH = NOT_LIVE | {
    "status": "NOT_IDENTIFIED",
    "reason": "FACE_NO_MATCH",
    "message": "Wajah belum dikenali.",
    "next_step": "Coba sekali lagi di tempat terang, atau pakai HP, KKS, KTP.",
}
MAY_SAY_DATE = NOT_LIVE | {
    "status": "STEP_UP",
    "payer_token": "t",
    "step_up": ["PIN", "CODE", "BIRTH_DATE"],
    "reason": "STEP_UP_REQUIRED",
}
TWO_CAMERAS = """
const camera = { kind: 'videoinput' };
navigator.mediaDevices.enumerateDevices = async () => [camera, camera];
"""
AXE = Axe()
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # FAULTS asks for 56 px; axe counts what the pay key covers until one scrolls
    "rules": {"target-size": {"enabled": False}},
}


def barriers(page):
    """What axe-core finds against WCAG 2.2 A and AA."""
    for violation in AXE.run(page, options=WCAG).response["violations"]:
        places = "; ".join(node["target"][0] for node in violation["nodes"][:3])
        yield f"axe {violation['id']} at {places}"


class Eye:
    """Looks at each screen and keeps what is wrong with it."""

    def __init__(self, till, width):
        self.till, self.width, self.seen, self.faults = till, width, 0, []

    def look(self, name):
        self.photograph(name)
        page = self.till.page
        faults = [*page.evaluate(FAULTS), *barriers(page)]
        self.faults += [f"{name}: {fault}" for fault in faults]

    def photograph(self, name):
        self.seen += 1
        if SHOTS:
            folder = Path(SHOTS)
            folder.mkdir(parents=True, exist_ok=True)
            self.till.page.screenshot(path=folder / f"{self.width}-{self.seen:02d}-{name}.png")


# The narrowest is looked at each time: what spills, spills there first.
@pytest.fixture(
    params=["360", *(pytest.param(width, marks=pytest.mark.proof) for width in ("800", "1280"))]
)
def eye(request, till):
    width, height = SIZES[request.param]
    till.page.set_viewport_size({"width": width, "height": height})
    return Eye(till, request.param)


def test_the_screens_of_a_sale(eye, till, kpm, shop):
    login = shop.cashier(kpm["shop_id"])
    till.page.goto(f"{shop.base_url}/till/")
    expect(till.key("install")).to_be_visible()
    eye.look("masuk")
    till.tap(f"shop-{kpm['shop_id']}")
    eye.look("petugas")
    till.tap(f"staff-{login['staff_id']}")
    till.digits(login["pin"], "pin")
    eye.look("pin")
    till.tap("enter")
    expect(till.key("pay")).to_be_visible()
    eye.look("barang")
    till.type_good("BERAS-MEDIUM", "5", 14_000)
    eye.look("harga-terlalu-tinggi")
    till.tap("ask-engine", "good-ROKOK-KRETEK")
    eye.look("rokok")
    till.tap("told-close")
    till.add("TELUR-AYAM", "2", 31_000)
    till.tap("pay")
    expect(till.key("refusal")).to_be_visible()
    eye.look("keranjang-ditandai")
    till.tap("use-ceiling")
    eye.look("keranjang")
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
    assert eye.faults == []


def test_the_screens_of_a_face_and_of_refusals(eye, till, shop):
    kpm = next(each for each in shop.sample["kpm"] if each["face"])
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.tap("pay", "way-face")
    expect(till.key("start-turn")).to_be_enabled()
    eye.look("wajah")
    till.tap("skip-turn")
    expect(till.key("factor")).to_be_visible(timeout=20_000)
    eye.look("bukti-kedua")
    till.digits(WRONG_PIN, "pin")
    till.tap("secret-done")
    expect(till.key("notice")).to_be_visible()
    eye.look("pin-salah")
    till.digits(kpm["pin"], "pin")
    till.tap("secret-done")
    expect(till.key("balance")).to_be_visible()
    eye.look("setuju-saldo")
    till.tap("back", "way-ktp")
    eye.look("ktp")
    till.tap("way-phone")
    till.digits("089999999999")
    till.tap("phone-next")
    expect(till.key("notice")).to_be_visible()
    eye.look("hp-belum-dikenal")
    till.tap("back", "pay", "way-qr")
    expect(till.key("basket-qr")).to_be_visible()
    eye.look("kode-qr")
    till.tap("way-card", "type-card")
    till.digits(kpm["card"])
    till.tap("card-next", "confirm-yes")
    till.digits(WRONG_PIN, "pin")
    till.page.route("**/v1/purchases/*", lambda route: route.abort())
    till.tap("secret-done")
    expect(till.key("ask-again")).to_be_enabled()
    eye.look("menunggu")
    till.page.unroute("**/v1/purchases/*")
    till.tap("ask-again")
    till.expect_result("DECLINED")
    eye.look("belum-bisa")
    assert eye.faults == []


def test_the_screens_of_a_movement(eye, till, shop):
    kpm = next(each for each in shop.sample["kpm"] if each["face"])
    answers = [NOT_LIVE, NO_MATCH, NO_MATCH, NO_MATCH, MAY_SAY_DATE]
    till.page.route("**/v1/payers/identify", lambda route: route.fulfill(json=answers.pop(0)))
    till.page.add_init_script(TWO_CAMERAS)
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_000)
    till.tap("pay", "way-face", "start-turn")
    expect(till.page.locator(".asked.look")).to_be_visible()
    eye.photograph("wajah-lurus")
    expect(till.page.locator(".oval .arrow")).to_be_visible()
    eye.look("wajah-tengok")
    expect(till.key("notice")).to_be_visible(timeout=20_000)
    eye.look("wajah-belum-bergerak")
    till.tap("skip-turn")
    expect(till.key("birth-date")).to_be_visible()
    eye.look("wajah-belum-dikenali")
    till.tap("birth-date")
    till.digits("3102196")
    eye.look("tanggal-lahir")
    till.digits("8")
    expect(till.key("slip")).to_be_visible()
    eye.look("tanggal-keliru")
    till.tap("date-skip", "skip-turn")
    expect(till.key("ladder")).to_be_visible()
    eye.look("cara-lain-dahulu")
    till.tap("face-again", "skip-turn")
    expect(till.key("notice")).to_be_visible()
    till.tap("skip-turn")
    expect(till.key("factor")).to_be_visible(timeout=20_000)
    till.tap("factor-BIRTH_DATE")
    till.digits("31021968", "pin")
    eye.look("bukti-tanggal-lahir")
    assert eye.faults == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_ministrys_page(page, shop, width):
    page.set_viewport_size({"width": width, "height": 800})
    faults = []
    page.goto(f"{shop.base_url}/kemensos")
    faults += barriers(page)
    page.locator("form.login button").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ringkasan")
    faults += barriers(page)
    if page.evaluate("document.documentElement.scrollWidth") > width:
        faults.append("the page scrolls sideways")
    assert faults == []
