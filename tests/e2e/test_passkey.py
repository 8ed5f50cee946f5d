"""A passkey in a real browser, with the browser's own virtual authenticator: made, then used."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.e2e.conftest import CHROMIUM, Shop
from tests.e2e.test_offline import Engine, _free_port

pytestmark = [pytest.mark.e2e, pytest.mark.proof]


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Engine, Shop]]:
    """A demo that asks its officers for a second factor, as any other installation does."""
    monkeypatch.setenv("EWARONG_STAFF_FACTOR", "required")
    engine = Engine(tmp_path / "data", _free_port())
    yield engine, engine.start()
    engine.kill()


def command(engine: Engine, *words: str) -> dict[str, str]:
    """What a command of the installation answers, as JSON."""
    run = subprocess.run(
        [sys.executable, "-m", "pos_engine.cli", *words, "--json"],
        env=engine.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    said: dict[str, str] = json.loads(run.stdout)
    return said


@pytest.fixture
def page(playwright: Playwright) -> Iterator[Page]:
    """A browser with an authenticator in it, as a telephone or computer has one."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    page = browser.new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    browser.close()


def test_an_officer_makes_a_passkey_and_logs_in_with_it(
    strict: tuple[Engine, Shop], page: Page
) -> None:
    engine, shop = strict
    home = re.sub("127.0.0.1", "localhost", shop.base_url) + "/kemensos"  # a passkey has a name
    officer = command(engine, "staff", "add", "--name", "Petugas", "--role", "KEMENSOS")
    computer = command(engine, "device", "add")
    login = {"staff_id": officer["staff_id"], "pin": officer["pin"], **computer}

    def pin() -> None:
        page.goto(home)
        for name, value in login.items():
            page.fill(f'input[name="{name}"]', value)
        page.click("form.login button")

    pin()
    page.fill('input[name="kode"]', officer["setup_code"])
    page.click("text=Lanjut")
    page.click("text=Pasang kunci sandi")
    expect(page.locator("h1")).to_have_text("Faktor kedua terpasang")
    assert page.locator(".codes li").count() == 10
    page.click("text=Sudah saya simpan")
    expect(page.locator("text=Keluar")).to_be_visible()
    page.click("text=Keluar")
    pin()
    expect(page.locator("h1")).to_have_text("Satu langkah lagi")
    page.click("text=Pakai kunci sandi")
    expect(page.locator("text=Keluar")).to_be_visible()
