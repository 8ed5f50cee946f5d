"""A day with and without signal: the engine dies mid-sale, the page reloads, a look at all."""

# ruff: noqa: F811 - fixtures of the other offline tests

import contextlib
import json
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Route, expect

from tests.e2e.offline_tablet import Tablet, scan
from tests.e2e.test_layout import Eye
from tests.e2e.test_offline import (  # noqa: F401
    SENT,
    _bought,
    engine,
    families,
    family,
    island,
    ready,
    tablet,
)
from tests.e2e.test_shell import SIZES

pytestmark = [pytest.mark.e2e, pytest.mark.proof]

# Themes and widths with letters of the usual size: test_offline_looks.
LOOKS = [("biasa", "200", 360)]


def _recorded(tablet: Tablet, sticker: str, pin: str) -> None:
    """The sale that was sent goes on without the engine."""
    till = tablet.till
    expect(till.key("record-instead")).to_be_visible(timeout=60_000)
    till.tap("record-instead")
    scan(till.page, sticker)
    till.tap("confirm-yes")
    till.digits(pin, "pin")
    till.tap("secret-done")
    till.expect_result("RECORDED")
    till.tap("new-sale")
    tablet.expect_waiting(1)


@pytest.mark.parametrize("decided", [True, False], ids=["after-its-commit", "before-it-asked"])
def test_the_engine_dies_mid_sale_and_it_is_one_sale(ready, engine, family, island, decided):
    tablet, sticker, pin = ready
    price = 11_300 + decided

    def die(route: Route) -> None:
        if decided:
            route.fetch()
        engine.kill()
        route.abort()

    tablet.fill_basket(price)
    tablet.till.pay_by_card(family)
    tablet.till.page.route("**/v1/purchases/*", die, times=1)
    tablet.till.tap("secret-done")
    _recorded(tablet, sticker, pin)
    engine.start()
    tablet.expect_waiting(0)
    assert _bought(island, family["shop_id"], price) == 1
    [[_, outcome]] = tablet.till.page.evaluate(SENT)["sent"]
    assert outcome == "ACCEPTED"
    print(f"engine killed mid-sale ({'decided' if decided else 'not asked'}): one purchase")  # noqa: T201


def test_what_waits_goes_out_before_an_online_purchase_after_a_reload(
    ready, engine, family, island
):
    tablet, sticker, pin = ready
    till = tablet.till
    engine.kill()
    tablet.expect_away()
    price = 13_000
    till.add("BERAS-MEDIUM", "7", price)
    tablet.pay(sticker, pin)
    till.tap("secret-done")
    till.expect_result("RECORDED")
    till.tap("new-sale")
    till.add("TEMPE", "1", 11_000)
    held: list[Route] = []
    quotes: list[str] = []

    def hold(route: Route) -> None:
        held.append(route)

    till.page.route("**/v1/offline/batches", hold)
    till.page.on(
        "request", lambda one: quotes.append(one.url) if one.url.endswith("/v1/quotes") else None
    )
    engine.start()
    till.page.reload()
    till.tap("pay")
    till.page.wait_for_timeout(3_000)
    assert held, "nothing was sent"
    assert quotes == [], "it was bought online before the queue was sent"
    till.page.unroute("**/v1/offline/batches")
    for route in held:
        with contextlib.suppress(PlaywrightError):  # asked by the page before the reload
            route.continue_()
    expect(till.key("way-card")).to_be_visible()
    till.tap("way-card", "type-card")
    till.digits(family["card"])
    till.tap("card-next", "confirm-yes")
    till.digits(family["pin"], "pin")
    till.tap("secret-done")
    till.expect_result("APPROVED")
    assert till.page.evaluate(SENT)["sent"] == [[1, "ACCEPTED"]]
    assert _bought(island, family["shop_id"], 11_000) == 1
    print("reload, Bayar at once: the queue was sent first, nobody is liable")  # noqa: T201


def test_an_update_waits_for_the_basket_and_the_queue_stays(ready, engine, family):
    """The application is mended with sales that wait and a full basket: neither is lost."""
    tablet, sticker, pin = ready
    till = tablet.till
    engine.kill()
    tablet.expect_away()
    tablet.sell(sticker, pin, 11_200)
    tablet.fill_basket(11_100)
    till.page.route("**/v1/offline/batches", lambda route: route.abort())
    engine.start()
    tablet.expect_away(away=False)
    till.tap("menu", "menu-pending", "repair")
    expect(till.key("pay")).to_contain_text("11.100")
    tablet.expect_waiting(1, "Rp11.200")
    till.page.unroute("**/v1/offline/batches")
    tablet.expect_waiting(0)


@pytest.mark.parametrize(("theme", "text", "width"), LOOKS)
def test_every_screen_without_signal(tablet, engine, family, theme, text, width):
    chosen = json.dumps({"theme": theme, "text": text})
    tablet.init_script = f"localStorage.setItem('ewarong.look', '{chosen}')"
    sticker, pin = engine.sticker(family["kpm_id"]), family["pin"]
    tablet.enrol(family["shop_id"])
    till = tablet.till
    wide, high = SIZES[width]
    till.page.set_viewport_size({"width": wide, "height": high})
    eye = Eye(till, f"{theme}-{text}-{width}")
    _look_at_setting_aside(eye, sticker, pin)
    engine.kill()
    tablet.expect_away()
    _look_at_a_sale(eye, tablet, sticker, pin)
    engine.start()
    assert eye.faults == []


def _look_at_setting_aside(eye: Any, sticker: str, pin: str) -> None:
    till = eye.till
    till.tap("menu", "menu-device")
    expect(till.key("device-state")).to_have_attribute("data-state", "APPROVED")
    eye.look("perangkat")
    till.tap("back", "menu", "menu-allowances")
    expect(till.key("ask-allowance")).to_be_enabled()
    eye.look("jatah")
    till.tap("ask-allowance")
    eye.look("jatah-kartu")
    scan(till.page, sticker)
    till.tap("amount-100000")
    eye.look("jatah-pin")
    till.digits(pin, "pin")
    till.tap("secret-done")
    expect(till.key("allowance").first).to_be_visible()
    eye.look("jatah-ada")
    till.tap("back")


def _look_at_a_sale(eye: Any, tablet: Tablet, sticker: str, pin: str) -> None:
    till = tablet.till
    tablet.fill_basket()
    eye.look("keranjang-tanpa-sinyal")
    till.tap("pay")
    expect(till.key("card-qr")).to_be_visible()
    eye.look("kenali-tanpa-sinyal")
    scan(till.page, sticker)
    expect(till.key("confirm-yes")).to_be_visible()
    eye.look("setuju-tanpa-sinyal")
    till.tap("confirm-yes")
    till.digits(pin, "pin")
    eye.look("pin-tanpa-sinyal")
    till.tap("secret-done")
    till.expect_result("RECORDED")
    expect(till.key("receipt-qr")).to_be_visible()
    eye.look("dicatat")
    till.tap("new-sale", "menu", "menu-pending")
    expect(till.key("queued")).to_be_visible()
    eye.look("tertunda")
    till.page.evaluate(TO_SEE)
    till.tap("back", "menu", "menu-pending")
    expect(till.key("read")).to_be_visible()
    eye.look("tertunda-putusan")
    till.tap("back")
    till.page.evaluate(STOPPED)
    till.page.reload()
    expect(till.key("pay")).to_be_visible()
    till.tap("menu", "menu-device")
    expect(till.key("stopped-steps")).to_be_visible()
    eye.look("perangkat-dihentikan")


TO_SEE = """async () => {
  const { openStore } = await import('/till/offline/store.js');
  const db = await openStore();
  const row = (seq, outcome, more) => db.put('outcomes', {
    seq, outcome, purchase_id: `p${seq}`, reason: null, total: 11000, at_ms: Date.now(),
    message: 'Belanja sedang diperiksa petugas.', ...more });
  await row(901, 'HELD_REVIEW');
  await row(902, 'SHOP_LIABLE', { decision: 'REFUSE' });
  await row(903, 'ACCEPTED', { decision: 'CLEAR' });
}"""
STOPPED = """async () => {
  const { openStore, readFact, writeFact } = await import('/till/offline/store.js');
  const db = await openStore();
  await db.clear('outcomes');
  await writeFact(db, 'device', { ...await readFact(db, 'device'), state: 'QUARANTINED' });
}"""
