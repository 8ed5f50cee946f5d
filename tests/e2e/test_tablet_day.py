"""What breaks a cashier's day: a stopped tablet, a jumping clock, a signal that dies too soon."""

# ruff: noqa: F811 - fixtures of the other offline tests

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.conftest import Cashier
from tests.e2e.offline_tablet import SYNC_MS_MAX, Engine, Tablet, scan, staff_token
from tests.e2e.test_layout import SIZES, Eye
from tests.e2e.test_offline import (  # noqa: F401
    DAY_MS,
    SENT,
    _bought,
    engine,
    families,
    family,
    island,
    ready,
    tablet,
)
from tests.e2e.test_shift import NO_PRINTER

pytestmark = [pytest.mark.e2e, pytest.mark.proof]

WAIT_MS = 30_000
JUMPING_CLOCK = """
const Real = Date;
globalThis.jump = Number(localStorage.getItem('tests.jump') ?? 0);
globalThis.Date = class extends Real {
  constructor(...given) { if (given.length) super(...given); else super(Real.now() + jump); }
  static now() { return Real.now() + globalThis.jump; }
};
"""
JUMP = """ms => { globalThis.jump = ms; localStorage.setItem('tests.jump', String(ms)); }"""
NO_CAMERA = (
    "navigator.mediaDevices.getUserMedia = async () => "
    "{ throw new DOMException('no', 'NotAllowedError'); };"
)
A_VOICE = """
window.read = [];
const voice = { lang: 'id-ID', localService: true, name: 'Suara' };
Object.defineProperty(window, 'speechSynthesis', { value: {
  getVoices: () => [voice], cancel() {}, addEventListener() {}, removeEventListener() {},
  speak: (said) => window.read.push(said.text) } });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""
LEFT = """async () => {
  const { openStore } = await import('/till/offline/store.js');
  const db = await openStore();
  return { left: (await db.getAll('allowances')).map(({ left }) => left),
    doubts: (await db.get('meta', 'doubts') ?? []).length };
}"""
NUMBERS = """async () => {
  const { openStore } = await import('/till/offline/store.js');
  const db = await openStore();
  return [...await db.getAllKeys('sent'), ...await db.getAllKeys('queue')].sort((a, b) => a - b);
}"""


def _proof(line: str) -> None:
    print(line)  # noqa: T201 - the proof's line


def _ended(tablet: Tablet) -> list[str]:
    """What became of each envelope, in order, once all is told."""
    for _ in range(100):
        kept = tablet.till.page.evaluate(SENT)
        if not kept["queue"] and all(outcome for _, outcome in kept["sent"]):
            break
        tablet.till.page.wait_for_timeout(200)
    return [str(outcome) for _, outcome in kept["sent"]]


# ---- the signal dies between an online purchase and what it drew ------------------------------


def test_what_an_unanswered_online_purchase_may_have_drawn_is_not_sold_again(
    ready, engine, family, island
):
    tablet, sticker, pin = ready
    till = tablet.till
    price = 11_050

    def die(route: Route) -> None:
        route.fetch()  # the engine decides, its answer is lost
        engine.kill()
        route.abort()

    till.add("BERAS-MEDIUM", "6", price)
    till.pay_by_card(family)
    till.page.route("**/v1/purchases/*", die, times=1)
    till.tap("secret-done")
    expect(till.key("record-instead")).to_be_visible(timeout=60_000)
    before = till.page.evaluate(LEFT)
    assert before == {"left": [100_000], "doubts": 1}
    till.tap("record-instead")  # she goes home instead; the basket is emptied
    till.tap("back", "remove")
    till.add("BERAS-MEDIUM", "6", price)
    tablet.pay_until_card(sticker)
    expect(till.key("notice")).to_contain_text("yang pasti masih ada: Rp33.700")
    till.tap("back", "remove")
    tablet.sell(sticker, pin, 12_050)  # what is certain can be sold
    engine.start()
    tablet.expect_waiting(0)
    assert _ended(tablet) == ["ACCEPTED"]
    assert _bought(island, family["shop_id"], 66_300) == 1
    _until_left(tablet, [100_000 - 66_300 - 12_050])
    _proof("answer lost: 66.300 in doubt, 66.300 not sold twice, 12.050 accepted, nobody liable")


def test_a_signal_that_dies_before_the_look_up_leaves_nothing_liable(ready, engine, family, island):
    tablet, sticker, pin = ready
    till = tablet.till
    till.page.route("**/v1/offline/allowances", lambda route: route.abort())
    till.add("BERAS-MEDIUM", "6", 11_060)
    till.pay_by_card(family)
    till.tap("secret-done")
    till.expect_result("APPROVED")
    engine.kill()
    till.tap("new-sale")
    tablet.expect_away()
    assert till.page.evaluate(LEFT) == {"left": [33_640], "doubts": 0}
    till.add("BERAS-MEDIUM", "6", 11_070)
    tablet.pay_until_card(sticker)
    expect(till.key("notice")).to_contain_text("tinggal Rp33.640")
    till.tap("back", "remove")
    tablet.sell(sticker, pin, 12_060)
    till.page.unroute("**/v1/offline/allowances")
    engine.start()
    tablet.expect_waiting(0)
    assert _ended(tablet) == ["ACCEPTED"]
    _proof("answer heard, look-up lost: the answer itself said what was drawn")


def _until_left(tablet: Tablet, left: list[int]) -> None:
    """Until the engine has told what is left."""
    for _ in range(150):
        if tablet.till.page.evaluate(LEFT) == {"left": left, "doubts": 0}:
            return
        tablet.till.page.wait_for_timeout(200)
    pytest.fail(f"{tablet.till.page.evaluate(LEFT)} is not {left}")


# ---- stopped ----------------------------------------------------------------------------------


def test_a_revoked_tablet_says_why_lets_its_sales_out_and_officers_decide(
    ready, engine, family, island, tmp_path
):
    tablet, sticker, pin = ready
    till = tablet.till
    engine.kill()
    tablet.expect_away()
    tablet.sell(sticker, pin, 11_610)
    till.page.route("**/v1/offline/batches", lambda route: route.abort())
    tablet.context.set_offline(True)
    engine.start()
    token = staff_token(island, family["shop_id"], "PEMILIK")
    status, _ = island.ask("POST", f"/v1/devices/{tablet.device_id}/revoke", {}, token)
    assert status == 200
    tablet.context.set_offline(False)
    tablet.fill_basket()
    till.tap("pay")  # nobody comes in any more
    panel = till.key("still-here")
    expect(panel).to_be_visible(timeout=SYNC_MS_MAX)
    expect(till.key("stopped")).to_contain_text("dicabut")
    expect(till.key("still-waiting")).to_contain_text("1 belanja (Rp11.610)")
    expect(till.key("stopped-steps")).to_contain_text("berkas")
    till.page.set_viewport_size({"width": 360, "height": 740})
    eye = Eye(till, "360")
    eye.look("dicabut")
    assert eye.faults == []
    with till.page.expect_download() as held:
        till.tap("export")
    held.value.save_as(tmp_path / "queue.jsonl")
    assert '"total":11610' in (tmp_path / "queue.jsonl").read_text()
    tablet.log_in(family["shop_id"])
    expect(till.key("notice")).to_contain_text("dicabut")
    till.page.unroute("**/v1/offline/batches")
    till.page.reload()
    expect(till.key("still-waiting")).to_contain_text("terkirim", timeout=SYNC_MS_MAX)
    expect(till.key("still-to-see")).to_contain_text("1 perlu dilihat")
    assert _ended(tablet) == ["HELD_REVIEW"]
    assert engine.decide(tablet.device_id, "CLEAR") == 1
    assert _bought(island, family["shop_id"], 11_610) == 1
    engine.kill()  # and without signal it sells nothing
    till.page.reload()
    expect(till.key("pay")).to_contain_text("12.000", timeout=WAIT_MS)  # the basket is there
    tablet.expect_away()
    till.tap("pay")
    expect(till.key("notice")).to_contain_text("dicabut")
    _proof("revoked: exported, sent, held, cleared by officers, bought once; sells no more")


# ---- a clock that is set while the till is open ------------------------------------------------


@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_that_jumps_two_days_strands_nothing(tablet, engine, family, island, days):
    sticker, pin = engine.sticker(family["kpm_id"]), family["pin"]
    tablet.init_script = JUMPING_CLOCK
    tablet.enrol(family["shop_id"])
    tablet.set_aside(sticker, pin)
    till = tablet.till
    till.page.evaluate(JUMP, days * DAY_MS)
    tablet.fill_basket(11_720 + days)
    till.pay_by_card(family)
    till.tap("secret-done")
    till.expect_result("APPROVED")  # by the engine's time
    till.tap("new-sale")
    till.page.evaluate(JUMP, 0)
    till.add("TEMPE", "1", 11_730 + days)
    till.pay_by_card(family)
    till.page.evaluate(JUMP, days * DAY_MS)  # in the very moment before it is sent
    till.tap("secret-done")
    expect(till.key("result")).not_to_have_attribute("data-kind", "WAITING", timeout=WAIT_MS)
    if till.key("result").get_attribute("data-kind") == "DECLINED":
        expect(till.key("result-message")).to_contain_text("Jam tablet berbeda")
        expect(till.key("result-next")).to_contain_text("jam otomatis")
        till.tap("try-again")
        till.digits(pin, "pin")
        till.tap("secret-done")
        _proof(f"clock {days:+} days between PIN and sending: it says so, the next try is paid")
    till.expect_result("APPROVED")
    till.tap("new-sale")
    _expect_clock(till, "Berbeda dari mesin")
    engine.kill()
    tablet.expect_away()
    tablet.sell(sticker, pin, 11_740 + days)
    tablet.close()
    tablet.open().page.goto(f"{tablet.shop.base_url}/till/")
    till = tablet.till
    tablet.log_in(family["shop_id"])
    tablet.expect_away()
    tablet.sell(sticker, pin, 11_750 + days)
    _expect_clock(till, "mesin")
    engine.start()
    tablet.expect_waiting(0)
    assert _ended(tablet) == ["ACCEPTED", "ACCEPTED"]
    for base in (11_720, 11_730, 11_740, 11_750):
        assert _bought(island, family["shop_id"], base + days) == 1
    _proof(f"clock {days:+} days: two sales online, two without signal, all accepted")


def _expect_clock(till: Cashier, words: str) -> None:
    """What the self-test of the shift says of the clock."""
    till.tap("menu", "menu-shift")
    row = till.key("checks").locator("li", has_text="Jam")
    expect(row).to_have_class("watch", timeout=WAIT_MS)
    expect(row).to_contain_text(words)
    till.tap("back")


# ---- two tabs, wrong PINs, a file ----------------------------------------------------------------


def test_two_tabs_write_one_chain_and_the_second_takes_over(ready, engine, family, island):
    tablet, sticker, pin = ready
    first = tablet.till
    engine.kill()
    tablet.expect_away()
    tablet.sell(sticker, pin, 11_810)
    second = tablet.context.new_page()
    second.set_default_timeout(20_000)
    second.goto(f"{tablet.shop.base_url}/till/")
    tablet.till = Cashier(second, tablet.shop)
    tablet.log_in(family["shop_id"])
    expect(tablet.till.key("other-tab")).to_be_visible()
    tablet.fill_basket(11_820)
    tablet.till.tap("pay")
    expect(tablet.till.key("notice")).to_contain_text("tab lain")
    tablet.till = first
    tablet.sell(sticker, pin, 11_830)  # the first leads still
    first.page.close()
    tablet.till = Cashier(second, tablet.shop)
    expect(tablet.till.key("other-tab")).to_be_hidden(timeout=WAIT_MS)
    tablet.pay(sticker, pin)
    tablet.till.tap("secret-done")
    tablet.till.expect_result("RECORDED")
    tablet.till.tap("new-sale")
    tablet.expect_waiting(3)
    engine.start()
    tablet.expect_waiting(0)
    assert second.evaluate(NUMBERS) == [1, 2, 3]
    assert _ended(tablet) == ["ACCEPTED"] * 3
    for amount in (11_810, 11_820, 11_830):
        assert _bought(island, family["shop_id"], amount) == 1
    _proof("two tabs: numbers 1, 2, 3, each accepted once")


def test_three_wrong_pins_stop_one_family_until_sync_and_others_are_served(
    ready, engine, family, families
):
    tablet, sticker, pin = ready
    till = tablet.till
    place = next(n for n, one in enumerate(families) if one["shop_id"] == family["shop_id"])
    other = families.pop(place)
    others = engine.sticker(other["kpm_id"])
    tablet.set_aside(others, other["pin"])
    expect(till.key("families")).to_contain_text("2 keluarga")
    engine.kill()
    tablet.expect_away()
    tablet.fill_basket(11_910)
    tablet.pay_until_card(sticker)
    till.tap("confirm-yes")
    for _ in range(3):
        till.digits("000000" if pin != "000000" else "000001", "pin")
        till.tap("secret-done")
        expect(till.key("notice")).to_be_visible()
    expect(till.key("notice")).to_contain_text("salah 3 kali")
    expect(till.key("families")).to_contain_text("1 keluarga")
    till.page.reload()  # no way around it
    tablet.expect_away()
    tablet.pay_until_card(sticker)
    expect(till.key("notice")).to_contain_text("salah 3 kali")
    scan(till.page, others)
    till.tap("confirm-yes")
    till.digits(other["pin"], "pin")
    till.tap("secret-done")
    till.expect_result("RECORDED")
    till.tap("new-sale")
    engine.start()
    tablet.expect_waiting(0)
    expect(till.key("families")).to_contain_text("2 keluarga", timeout=SYNC_MS_MAX)
    engine.kill()
    tablet.expect_away()
    tablet.sell(sticker, pin, 11_920)
    engine.start()
    tablet.expect_waiting(0)
    assert _ended(tablet) == ["ACCEPTED", "ACCEPTED"]
    _proof("three wrong PINs: that family waits for signal, another one was served meanwhile")


def test_the_file_and_the_tablet_bring_each_sale_once(
    ready, engine, family, island, tmp_path: Path
):
    tablet, sticker, pin = ready
    till = tablet.till
    engine.kill()
    tablet.expect_away()
    for price in (12_110, 12_120):
        tablet.sell(sticker, pin, price)
    till.tap("menu", "menu-pending")
    with till.page.expect_download() as held:
        till.tap("export")
    file = tmp_path / "queue.jsonl"
    held.value.save_as(file)
    till.page.route("**/v1/offline/batches", lambda route: route.abort())
    engine.start()
    assert _imported(engine, file) == ["ACCEPTED", "ACCEPTED"]
    with till.page.expect_navigation(timeout=WAIT_MS):
        till.tap("repair")
    expect(till.key("pay")).to_be_visible(timeout=WAIT_MS)
    tablet.expect_waiting(2)
    till.tap("leave")
    tablet.log_in(family["shop_id"])
    expect(till.key("pay")).to_be_visible()
    till.page.unroute("**/v1/offline/batches")
    tablet.expect_waiting(0)
    assert _ended(tablet) == ["ACCEPTED", "ACCEPTED"]
    assert _imported(engine, file) == ["ACCEPTED", "ACCEPTED"]  # again changes nothing
    for price in (12_110, 12_120):
        assert _bought(island, family["shop_id"], price) == 1
    _proof("two sales by file, by the tablet and by the file again: bought once each")


def _imported(engine: Engine, file: Path) -> list[str]:
    """The outcomes as `ewarong offline import` prints them."""
    command = [sys.executable, "-m", "pos_engine.cli", "offline", "import", str(file), "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=engine.environment()
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [each["outcome"] for each in json.loads(done.stdout)["envelopes"]]


# ---- a sale goes on ----------------------------------------------------------------------


def test_without_camera_and_printer_the_sale_is_finished(till, kpm, shop, context):
    context.clear_permissions()
    till.page.add_init_script(NO_CAMERA + NO_PRINTER)
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "1", 12_210)
    till.tap("pay", "way-face")
    expect(till.key("notice")).to_contain_text("Kamera belum bisa dipakai")
    till.tap("way-card", "type-card")
    till.digits(kpm["card"])
    till.tap("card-next", "confirm-yes")
    till.digits(kpm["pin"], "pin")
    till.tap("secret-done")
    till.expect_result("APPROVED")
    till.tap("print")
    expect(till.key("notice")).to_contain_text("Printer belum menjawab")
    till.tap("share-text")
    expect(till.key("given")).to_be_visible(timeout=WAIT_MS)
    till.tap("new-sale")
    expect(till.key("pay")).to_be_disabled()
    assert shop.balance(kpm) == kpm["balance"] - 12_210
    _proof("no camera, no printer: said so, card and shared text, sale done")


def test_help_is_read_aloud_where_there_is_a_voice(till, kpm, browser, browser_context_args):
    till.log_in(kpm["shop_id"])
    till.tap("menu", "menu-guide", "guide-signal")
    expect(till.key("guide-word")).to_be_visible()
    assert till.page.evaluate("speechSynthesis.getVoices().length") == 0
    expect(till.key("listen-guide")).to_have_count(0)
    context = browser.new_context(**browser_context_args)
    try:
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.add_init_script(A_VOICE)
        hearing = Cashier(page, till.shop)
        hearing.log_in(kpm["shop_id"])
        page.set_viewport_size({"width": SIZES["360"][0], "height": SIZES["360"][1]})
        hearing.tap("menu", "menu-guide", "guide-signal", "listen-guide")
        assert page.evaluate("window.read") == [hearing.key("guide-word").text_content()]
        eye = Eye(hearing, "360")
        eye.look("bantuan-dengarkan")
        assert eye.faults == []
    finally:
        context.close()
