"""A tablet that outlives its browser, and an engine that is killed: hands for the offline tests."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import BrowserContext, Locator, Page, Playwright, expect
from playwright.sync_api import Error as PlaywrightError

from tests.e2e.conftest import Cashier, Shop

START_SECONDS_MAX = 240
SYNC_MS_MAX = 120_000
ALLOWANCE = 100_000
MAKE_STICKER = """
import sys
from contextlib import closing
from pos_engine.engine import open_engine
from pos_engine.cli.demo import _demo_settings
from pos_engine.services.card_secrets import make_sticker
from pos_engine.services.cards import list_cards
with closing(open_engine(_demo_settings(), faces=False)) as engine:
    cards = list_cards(engine, kpm_id=sys.argv[1], region=None)
    card = next(each for each in cards if each.status == "ACTIVE")
    print(make_sticker(engine, card.card_id, "tests").text)
"""


DECIDE = """
import sys
from contextlib import closing
from pos_engine.engine import open_engine
from pos_engine.cli.demo import _demo_settings
from pos_engine.services.sync_review import Decision, ReviewOrder, review
with closing(open_engine(_demo_settings(), faces=False)) as engine:
    order = ReviewOrder(sys.argv[1], Decision(sys.argv[2]), "struk diperiksa", "demo", None)
    print(len(review(engine, order)))
"""


@dataclass
class Engine:
    """A demo engine in a process of its own, killed and started again over the same data."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    shop: Shop | None = None

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Shop:
        """Start it and wait until it answers."""
        log = (self.folder.parent / "engine.log").open("a")
        command = [sys.executable, "-m", "pos_engine.cli", "demo", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, env=self.environment()
        )
        log.close()
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            try:
                with urlopen(f"{self.base_url}/health", timeout=5) as answer:  # noqa: S310 - ours
                    if answer.status == 200:
                        sample = json.loads((self.folder / "demo.json").read_text())
                        self.shop = Shop(self.base_url, sample)
                        return self.shop
            except OSError:  # not there yet, or too slow to answer
                time.sleep(0.2)
        raise AssertionError((self.folder.parent / "engine.log").read_text()[-3000:])

    def kill(self) -> None:
        """As a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def sticker(self, kpm_id: str) -> str:
        """The text of a new sticker for the family's card."""
        return self._run(MAKE_STICKER, kpm_id)

    def decide(self, subject: str, decision: str) -> int:
        """Officers decide about an envelope, or all that waits of a device; how many it were."""
        return int(self._run(DECIDE, subject, decision))

    def _run(self, program: str, *words: str) -> str:
        made = subprocess.run(
            [sys.executable, "-c", program, *words],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment(),
        )
        assert made.returncode == 0, made.stderr[-2000:]
        return made.stdout.strip()

    def environment(self) -> dict[str, str]:
        """Of a child that works on its data."""
        return {**os.environ, "EWARONG_DATA_DIR": str(self.folder)}  # noqa: TID251 - a child's own


@dataclass
class Tablet:
    """A browser profile on a disk: closed, killed and opened again."""

    playwright: Playwright
    launch: dict[str, Any]
    folder: Path
    shop: Shop
    init_script: str = ""
    device_id: str = ""
    context: BrowserContext | None = None
    till: Cashier = field(init=False)

    def open(self) -> Cashier:
        """Start the browser; nothing is loaded yet."""
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder), **self.launch
        )
        if self.init_script:
            self.context.add_init_script(self.init_script)
        page = self.context.pages[0] if self.context.pages else self.context.new_page()
        page.set_default_timeout(20_000)
        self.till = Cashier(page, self.shop)
        return self.till

    def close(self) -> None:
        """As a cashier who goes home."""
        if self.context is not None:
            self.context.close()
            self.context = None

    def kill(self) -> None:
        """As the system does when memory is short: every process of this profile, at once."""
        ours = [pid for pid, line in _commands() if f"--user-data-dir={self.folder}" in line]
        assert ours, "no browser of this profile runs"
        for pid in ours:
            os.kill(pid, signal.SIGKILL)
        assert self.context is not None
        with contextlib.suppress(PlaywrightError):  # the connection died with the browser
            self.context.close()
        self.context = None
        for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.folder / name).unlink(missing_ok=True)

    def copy(self, folder: Path) -> "Tablet":
        """The closed profile, copied: a clone of the tablet."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Tablet(
            self.playwright, self.launch, folder, self.shop, self.init_script, self.device_id
        )

    # ---- what a cashier does ----------------------------------------------------------------

    def enrol(self, shop_id: str) -> None:
        """From the owner's code to a cashier at work, with a key that DINSOS let in."""
        shop, till = self.shop, self.open()
        till.page.goto(f"{shop.base_url}/till/")
        till.tap("enrol")
        till.digits(owner_code(shop, shop_id))
        till.tap("code-done")
        expect(till.key("notice")).to_contain_text("sudah terpasang")
        self.log_in(shop_id)
        till.tap("menu", "menu-device")
        state = till.key("device-state")
        expect(state).not_to_have_attribute("data-state", "NONE")
        self.device_id = str(till.page.evaluate(DEVICE_ID))
        if state.get_attribute("data-state") != "APPROVED":
            approve(shop, self.device_id)
            till.tap("back", "menu", "menu-device")
        expect(state).to_have_attribute("data-state", "APPROVED")
        till.tap("back")
        till.page.evaluate(KEPT_BY_WORKER)

    def log_in(self, shop_id: str) -> None:
        """The cashier's PIN, on the log-in of this very tablet."""
        login = self.shop.cashier(shop_id)
        till = self.till
        till.tap(f"shop-{shop_id}")
        staff = till.page.locator(f'[data-test="staff-{login["staff_id"]}"]')
        pin = till.page.locator('[data-test="pin-1"]')
        expect(staff.or_(pin).last).to_be_visible()
        if staff.count():
            staff.last.click()
        till.digits(login["pin"], "pin")
        till.tap("enter")

    def set_aside(self, sticker: str, pin: str, amount: int = ALLOWANCE) -> None:
        """The family asks for money without signal."""
        till = self.till
        till.tap("menu", "menu-allowances", "ask-allowance")
        scan(till.page, sticker)
        till.tap(f"amount-{amount}")
        till.digits(pin, "pin")
        till.tap("secret-done")
        expect(till.key("allowance").first).to_be_visible()
        till.tap("back")

    def fill_basket(self, price: int = 12_000) -> None:
        """One piece of tempeh, whatever lies in the basket."""
        self.till.add("TEMPE", "1", price)

    def pay(self, sticker: str, pin: str) -> None:
        """From Bayar to the key under the PIN."""
        till = self.till
        till.tap("pay")
        scan(till.page, sticker)
        till.tap("confirm-yes")
        till.digits(pin, "pin")

    def pay_until_card(self, sticker: str) -> None:
        """Bayar without signal, and her card is read."""
        self.till.tap("pay")
        scan(self.till.page, sticker)

    def sell(self, sticker: str, pin: str, price: int = 12_000) -> None:
        """One whole sale without signal, up to the next."""
        self.fill_basket(price)
        self.pay(sticker, pin)
        self.till.tap("secret-done")
        self.till.expect_result("RECORDED")
        self.till.tap("new-sale")

    def expect_away(self, *, away: bool = True) -> None:
        """The till knows by itself."""
        expect(self.till.key("signal")).to_have_attribute(
            "data-away", str(away).lower(), timeout=SYNC_MS_MAX
        )

    def expect_waiting(self, count: int, rupiah: str = "") -> None:
        """What the line on every screen says."""
        word = f"{count} belanja" if count else "Semua belanja terkirim"
        expect(self.waiting).to_contain_text(word, timeout=SYNC_MS_MAX)
        if rupiah:
            expect(self.waiting).to_contain_text(rupiah)

    @property
    def waiting(self) -> Locator:
        """The part of the line that counts."""
        return self.till.key("waiting")


DEVICE_ID = """async () => {
  const { openStore, readFact } = await import('/till/offline/store.js');
  return (await readFact(await openStore(), 'device')).device_id;
}"""
KEPT_BY_WORKER = """async () => {
  const { active } = await navigator.serviceWorker.ready;
  if (active.state === 'activated') return;
  await new Promise((done) => active.addEventListener('statechange', done, { once: true }));
}"""


def scan(page: Page, text: str) -> None:
    """As a scanner types."""
    page.locator('[data-test="card-qr"]').fill(text)


def staff_token(shop: Shop, shop_id: str | None, role: str) -> str:
    """A token of somebody of the sample."""
    person = next(
        each
        for each in shop.sample["staff"]
        if each["role"] == role and (shop_id is None or each["shop_id"] == shop_id)
    )
    login = {name: person[name] for name in ("device_id", "device_secret", "staff_id", "pin")}
    return str(shop.ask("POST", "/v1/sessions", login)[1]["access_token"])


def owner_code(shop: Shop, shop_id: str) -> str:
    """Eight digits by which a tablet comes in."""
    owner = next(
        each
        for each in shop.sample["staff"]
        if each["role"] == "PEMILIK" and each["shop_id"] == shop_id
    )
    token = staff_token(shop, shop_id, "PEMILIK")
    status, made = shop.ask("POST", "/v1/devices/codes", {"pin": owner["pin"]}, token)
    assert status == 201, made
    return str(made["code"])


def approve(shop: Shop, device_id: str) -> None:
    """DINSOS lets the tablet hold allowances."""
    token = staff_token(shop, None, "DINSOS")
    status, said = shop.ask("POST", f"/v1/devices/{device_id}/approve", {}, token)
    assert status == 200, said


def _commands() -> list[tuple[int, str]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found.append((int(entry.name), (entry / "cmdline").read_text().replace("\0", " ")))
            except OSError:
                continue
    return found
