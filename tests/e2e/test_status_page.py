"""The public status page in Chromium without scripts: a village, a name, a question, no barrier."""

import re
import socket
import threading
import time

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from catalog.zones import region_name, region_path
from pos_engine.web.app import create_app
from tests.e2e.test_layout import WCAG
from tests.web.test_cards_and_status import VILLAGE, answer_of

pytestmark = pytest.mark.e2e


@pytest.fixture(params=["sqlite"])
def kind(request):
    return request.param


@pytest.fixture
def address(engine):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(create_app(engine), host="127.0.0.1", port=port, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def barriers(page):
    found = Axe().run(page, options=WCAG).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [each["id"] for each in found] + (["wider than the screen"] if wide else [])


def test_a_neighbour_finds_a_family_and_nothing_bars_her(page, address):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{address}/cek")
    assert barriers(page) == []
    page.get_by_label("Nama desa").fill(region_name(VILLAGE))
    page.get_by_role("button", name="Cari desa").click()
    assert barriers(page) == []
    page.get_by_role("link", name=region_path(VILLAGE)).click()
    question = page.locator("label").filter(has=page.locator('[name="jawaban"]'))
    page.get_by_label("Nama pengurus").fill("siti wahyuni")
    page.locator('[name="jawaban"]').fill(answer_of(question.inner_text()))
    assert barriers(page) == []
    page.get_by_role("button", name="Cek").click()
    expect(page.get_by_text("sudah salur").first).to_be_visible()
    assert barriers(page) == []
    assert not re.search(r"<script", page.content())
