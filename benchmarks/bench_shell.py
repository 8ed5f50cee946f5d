"""The till on a tablet of Rp1.5 million and a weak line: Chromium slowed by 6, 400 kbit/s, 400 ms.

    PYTHONPATH=. python benchmarks/bench_shell.py [--lighthouse .tools/node/.../lighthouse]

What stands beside each figure is the target. A slowed desktop only imitates a tablet.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from warung_client import ASSETS
from warung_client.packing import pack

SLOWER = 6
LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 // 8,
    "uploadThroughput": 400_000 // 8,
}
ROUNDS = 3
START_S_MAX = 120
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FIRST = ("index.html", "till.css", "critical.js", "till.js")
WATCH = """
window.figures = { goods: null, events: [] };
new MutationObserver(() => {
  const key = document.querySelector('[data-test^="good-"]');
  if (figures.goods === null && key) figures.goods = performance.now();
}).observe(document, { childList: true, subtree: true });
new PerformanceObserver((list) => {
  figures.events.push(...list.getEntries().map((one) => [one.name, one.duration]));
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""
TAP = """
(name) => new Promise((resolve) => {
  const key = document.querySelector(`[data-test="${name}"]`);
  let from = 0;
  const lines = () => document.querySelectorAll('[data-test^="line-"]').length;
  const before = lines();
  key.addEventListener('click', () => { from = performance.now(); }, { capture: true, once: true });
  new MutationObserver((_, watcher) => {
    if (lines() === before || key.isConnected) return; // until the keypad is gone
    watcher.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - from)));
  }).observe(document.body, { childList: true, subtree: true });
  key.click();
})
"""
BYTES = (
    "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
    ".reduce((sum, one) => sum + one.transferSize, 0)"
)


def main() -> None:
    """Run all of it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--lighthouse", type=Path)
    chosen = parser.parse_args()
    shell = pack(ASSETS)

    def sent(names: tuple[str, ...]) -> float:
        return sum(len(shell.files[n].gzip or shell.files[n].content) for n in names) / 1024

    say("critical path, gzip", f"{sent(FIRST):.1f} KiB", "<= 30")
    say("everything later, gzip", f"{sent(shell.later):.1f} KiB", "counted apart")
    with demo() as (base_url, sample), sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), headless=True, args=ARGUMENTS
        )
        kept = logged_in(browser, base_url, sample)
        cold = [start_cold(browser, base_url, kept) for _ in range(ROUNDS)]
        say("first goods key, cold", f"{statistics.median(cold) / 1000:.2f} s", "<= 5, aim 3")
        for name, value, target in warm_and_taps(browser, base_url, kept):
            say(name, value, target)
        browser.close()
        if chosen.lighthouse:
            lighthouse(chosen.lighthouse, f"{base_url}/till/")


def say(name: str, value: str, target: str) -> None:
    """One line of the table."""
    print(f"{name:34} {value:>14}   {target}", flush=True)


@contextmanager
def demo() -> Iterator[tuple[str, dict[str, Any]]]:
    """A fresh demo engine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pos_engine.cli", "demo", "--port", str(port), "--reset"]
        place = os.environ | {"EWARONG_DATA_DIR": folder}  # noqa: TID251 - of a child process
        with subprocess.Popen(command, env=place, stdout=subprocess.DEVNULL) as server:
            try:
                base_url = f"http://127.0.0.1:{port}"
                wait_for(server, base_url)
                yield base_url, json.loads((Path(folder) / "demo.json").read_text())
            finally:
                server.terminate()


def wait_for(server: subprocess.Popen[bytes], base_url: str) -> None:
    """Until it answers."""
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"{base_url}/health", timeout=5):  # noqa: S310 - our own server
                return
        except URLError:
            time.sleep(0.3)
    sys.exit("the demo engine did not start")


def logged_in(browser: Browser, base_url: str, sample: dict[str, Any]) -> dict[str, str]:
    """What a tab keeps of a cashier who came to work."""
    login = next(one for one in sample["staff"] if one["role"] == "KASIR")
    context = browser.new_context(service_workers="block", locale="id-ID")
    page = context.new_page()
    page.goto(f"{base_url}/till/")
    for name in (f"shop-{login['shop_id']}", f"staff-{login['staff_id']}"):
        page.locator(f'[data-test="{name}"]').click()
    for digit in login["pin"]:
        page.locator(f'[data-test="pin-{digit}"]').click()
    page.locator('[data-test="enter"]').click()
    page.locator('[data-test="pay"]').wait_for()
    kept = page.evaluate("({ ...sessionStorage })")
    context.close()
    return dict(kept)


def tablet(browser: Browser, kept: dict[str, str]) -> tuple[BrowserContext, Page]:
    """A tab with the session and nothing of the till's files."""
    context = browser.new_context(
        service_workers="allow", locale="id-ID", viewport={"width": 800, "height": 1280}
    )
    texts = json.dumps(kept)
    context.add_init_script(
        f"if (!sessionStorage.length) Object.entries({texts})"
        ".forEach((one) => sessionStorage.setItem(...one));"
    )
    context.add_init_script(WATCH)
    return context, context.new_page()


def slow(page: Page, *, line: bool) -> None:
    """A slow processor, and a weak line with it."""
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    if line:
        tools.send("Network.enable")
        tools.send("Network.emulateNetworkConditions", LINE)


def goods_after(page: Page) -> float:
    """Milliseconds from the navigation to the first goods key."""
    page.locator('[data-test^="good-"]').first.wait_for(timeout=60_000)
    return float(page.evaluate("figures.goods"))


def start_cold(browser: Browser, base_url: str, kept: dict[str, str]) -> float:
    """Nothing on the tablet, a weak line."""
    context, page = tablet(browser, kept)
    slow(page, line=True)
    page.goto(f"{base_url}/till/", wait_until="commit", timeout=60_000)
    taken = goods_after(page)
    if os.environ.get("VERBOSE"):  # noqa: TID251 - for a person who looks, no setting
        print(page.evaluate(BYTES), "bytes")
    context.close()
    return taken


def warm_and_taps(
    browser: Browser, base_url: str, kept: dict[str, str]
) -> Iterator[tuple[str, str, str]]:
    """The second start without any line, then a good into the basket."""
    context, page = tablet(browser, kept)
    page.goto(f"{base_url}/till/")
    goods_after(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    time.sleep(5)  # the catalogue and what comes later are put aside
    context.set_offline(offline=True)
    slow(page, line=False)
    times = []
    for _ in range(ROUNDS):
        page.reload(wait_until="commit")
        times.append(goods_after(page))
    yield "first goods key, warm, offline", f"{statistics.median(times) / 1000:.2f} s", "<= 1"
    taps = []
    page.locator('[data-test="pay"]').wait_for()
    time.sleep(3)
    for price in range(12_000, 12_000 + ROUNDS):
        page.locator('[data-test="good-TEMPE"]').click()
        page.locator('[data-test="field-price"]').click()
        for digit in str(price):
            page.locator(f'[data-test="key-{digit}"]').click()
        taps.append(float(page.evaluate(TAP, "add-line")))
        if page.locator('[data-test="pane-goods"]').is_visible():
            page.locator('[data-test="pane-goods"]').click()
    yield "tap to basket", f"{statistics.median(taps):.0f} ms", "<= 100"
    events = [duration for _, duration in page.evaluate("figures.events")]
    yield "slowest interaction (INP)", f"{max(events, default=16):.0f} ms", "<= 200"
    context.close()


def lighthouse(program: Path, url: str) -> None:
    """The scores of a tool that others know."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        flags = "--headless=new --no-sandbox --disable-gpu"
        command = [
            str(program), url, "--output=json", f"--output-path={report}", "--quiet",
            f"--chrome-flags={flags}", "--only-categories=performance,accessibility,best-practices",
        ]  # fmt: skip
        place = os.environ | {"CHROME_PATH": shutil.which("chromium") or ""}  # noqa: TID251 - of a child
        subprocess.run(command, env=place, check=True)
        scores = json.loads(report.read_text())["categories"]
    for name, target in (
        ("performance", ">= 0.95"),
        ("accessibility", "1.0"),
        ("best-practices", ""),
    ):
        say(f"Lighthouse {name}", f"{scores[name]['score']:.2f}", target)


if __name__ == "__main__":
    main()
