"""The KPM's page in Chromium on a small telephone: without scripts, and with the rotating code."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_status_page import barriers
from tests.kpm_page import hold_one, newest_code
from tests.sim.psp import NMID, join, serving
from tests.web.test_kpm_page import PAGES, read_picture
from tests.world import MSISDN

pytestmark = pytest.mark.e2e
TELEPHONE = {"width": 360, "height": 740}
SMALL = "() => [...document.querySelectorAll('button, a.key, a.tile, input:not([type=hidden]):not([type=radio]), textarea')].filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 55.5).map(e => e.outerHTML)"  # noqa: E501


@pytest.fixture(params=["sqlite"])
def kind(request):
    return request.param


@pytest.fixture
def address(engine):
    with serving(engine) as url:
        yield url


def enter(page, address, engine):
    page.goto(f"{address}/saya")
    page.get_by_label("Nomor HP").fill(MSISDN)
    page.get_by_role("button", name="Kirim kode").click()
    page.get_by_label("Kode 6 angka").fill(newest_code(engine))
    page.get_by_role("button", name="Buka").click()
    expect(page.get_by_text("Rp200.000").first).to_be_visible()


def test_without_scripts_she_pays_a_shown_basket_and_reports(browser, address, engine, world):
    join(engine, {world.shop_id: NMID})
    held = hold_one(engine, world)
    context = browser.new_context(java_script_enabled=False, viewport=TELEPHONE, locale="id-ID")
    page = context.new_page()
    enter(page, address, engine)
    page.get_by_role("link", name="Bayar kode di kasir").click()
    page.get_by_label("Atau tempel isi kode QR").fill(held.payload)
    page.get_by_role("button", name="Lihat belanja").click()
    expect(page.get_by_text("Beras medium")).to_be_visible()
    page.get_by_role("button", name="Ya, bayar Rp67.000").click()
    expect(page.get_by_role("heading", name="Disetujui")).to_be_visible()
    page.reload()  # the browser sends it again: nothing is taken twice
    expect(page.get_by_text("Rp133.000")).to_be_visible()
    page.get_by_role("link", name="Kembali").click()
    expect(page.locator("p.amount")).to_have_text("Rp133.000")
    page.get_by_role("link", name="QR saya").click()
    expect(page.get_by_role("img", name="Kode QR")).to_be_visible()
    page.get_by_role("link", name="Kembali").click()
    page.get_by_role("link", name="Riwayat belanja").click()
    page.get_by_role("link", name="Bukan belanja saya? Lapor").click()
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.get_by_text(re.compile(r"L\d{6}[A-Z0-9]{4}"))).to_be_visible()
    page.get_by_role("button", name="Keluar").click()
    expect(page.get_by_label("Nomor HP")).to_be_visible()
    context.close()


def test_nothing_bars_her_and_the_code_turns_by_itself(browser, address, engine, world):
    context = browser.new_context(viewport=TELEPHONE, locale="id-ID")
    page = context.new_page()
    asked, said = [], []
    context.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/saya")
    assert barriers(page) == []
    enter(page, address, engine)
    for path in PAGES:
        page.goto(address + path)
        assert barriers(page) == [], path
        assert page.evaluate(SMALL) == [], path
    page.clock.install()
    with page.expect_response(re.compile("qr.png")) as first:
        page.goto(f"{address}/saya/qr")
    with page.expect_response(re.compile("qr.png")) as second:
        page.clock.run_for(51_000)
    codes = [read_picture(each.value.body()) for each in (first, second)]
    assert codes[0] != codes[1]
    assert all(each.startswith("KPM1.") for each in codes)
    assert {each.split("/")[2] for each in asked} == {address.split("/")[2]}
    assert [each for each in said if "Content Security Policy" in each] == []
    context.close()
