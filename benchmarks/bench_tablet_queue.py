"""A tablet's queue: how soon 2 000 unsent sales stand on the screen, and how fast they leave.

    python -m benchmarks.bench_tablet_queue [--throttle 6] [--sales 2000]

Starts a sample installation and Chromium of its own, with the CPU slowed down as a tablet of
Rp1,5 million is. The sales are signed by the tablet's own key in its own store; more than an
allowance pays, so most of them are the shop's: a case a piece is the slow way for the engine.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Request, expect, sync_playwright

from benchmarks.match_figures import cpu_name
from tests.e2e.conftest import CHROMIUM, _free_port
from tests.e2e.offline_tablet import Engine, Tablet
from tests.e2e.test_offline import BRING_MODULES, QUEUE_MANY

PRICE = 100
WAIT_MS = 600_000
SLOW = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # 400 kbit/s
LAUNCH = {
    "executable_path": CHROMIUM,
    "headless": True,
    "args": ["--no-sandbox", "--disable-gpu", "--no-first-run"],
    "locale": "id-ID",
    "viewport": {"width": 800, "height": 1280},
}


def main() -> None:
    """Print each figure beside its target."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--throttle", type=float, default=6)
    parser.add_argument("--sales", type=int, default=2_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        engine = Engine(Path(folder) / "data", _free_port())
        try:
            shop = engine.start()
            tablet = Tablet(playwright, LAUNCH, Path(folder) / "profile", shop)
            print(f"{cpu_name()}, engine and Chromium on one machine, CPU {given.throttle:g}x")
            measure(engine, tablet, given.sales, given.throttle)
            tablet.close()
        finally:
            engine.kill()


def measure(engine: Engine, tablet: Tablet, sales: int, throttle: float) -> None:
    """Fill the queue twice: once for loopback, once for a thin line."""
    family = next(each for each in tablet.shop.sample["kpm"] if not each["face"])
    tablet.enrol(family["shop_id"])
    tablet.set_aside(engine.sticker(family["kpm_id"]), family["pin"])
    assert tablet.context is not None
    session = tablet.context.new_cdp_session(tablet.till.page)
    for line, target in ((None, 200), (SLOW, 60)):
        tablet.till.page.evaluate(BRING_MODULES)
        engine.kill()
        tablet.expect_away()
        tablet.till.page.evaluate(QUEUE_MANY, [sales, PRICE])
        slow(session, throttle, line)
        opened(tablet, sales)
        seconds = sent(tablet, engine)
        where = "400 kbit/s, 400 ms" if line else "loopback"
        print(f"sync, {where}: {sales / seconds:.0f} envelopes/s (target >= {target})")
        slow(session, 1, None)


def slow(session: CDPSession, throttle: float, line: dict[str, int] | None) -> None:
    """As a cheap tablet in a village."""
    session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    session.send("Network.enable")
    free: dict[str, Any] = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {"offline": False} | (line or free))


def opened(tablet: Tablet, sales: int) -> None:
    """From the reload without signal to the line that counts them, and to the list."""
    page = tablet.till.page
    started = time.perf_counter()
    page.reload()
    expect(tablet.waiting).to_contain_text(f"{sales} belanja", timeout=WAIT_MS)
    shown = time.perf_counter() - started
    started = time.perf_counter()
    tablet.till.tap("menu", "menu-pending")
    expect(tablet.till.key("queued")).to_be_visible()
    listed = time.perf_counter() - started
    print(f"{sales} unsent sales: till open in {shown:.2f} s, Tertunda in {listed:.2f} s (<= 2 s)")
    tablet.till.tap("back")


def sent(tablet: Tablet, engine: Engine) -> float:
    """Seconds from the first batch that was answered to the last checkpoint taken in."""
    begun: list[float] = []

    def answered(one: Request) -> None:
        if _batch(one.url):
            begun.append(one.timing["startTime"] / 1000)  # as the browser's clock says

    tablet.till.page.on("requestfinished", answered)
    engine.start()
    expect(tablet.waiting).to_contain_text("Semua belanja terkirim", timeout=WAIT_MS)
    tablet.till.page.remove_listener("requestfinished", answered)
    return time.time() - min(begun)


def _batch(url: str) -> bool:
    return url.endswith("/v1/offline/batches")


if __name__ == "__main__":
    main()
