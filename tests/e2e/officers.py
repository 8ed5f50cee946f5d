"""The ministry's pages as a browser meets them: a server over two places, each page by its name."""

import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Page

from pos_engine.engine import Engine
from pos_engine.web.app import create_app
from pos_engine.web.office import NAVIGATION
from tests.e2e.test_layout import AXE, SHOTS, WCAG
from tests.world import World

WIDTHS = (360, 600, 800, 1280)
FIRST_VIEW_BYTES_MAX = 100 * 1024
DAYS = "dari=2026-11-01&sampai=2027-01-31"
ALL_RULES = {"runOnly": WCAG["runOnly"]}  # with target-size: these pages have no key that covers
WORKERS_ONLY = {"/kemensos/tersisih/keluarga": "DINSOS"}
SPILLED = """
() => {
  const width = document.documentElement.clientWidth;
  const shown = (one) => one.checkVisibility();
  const out = [...document.querySelectorAll('main *, header *, nav *')].filter((one) =>
    shown(one) && !one.closest('.scroll, .lines, .unseen, svg') &&
    (one.getBoundingClientRect().right > width + 1 || one.getBoundingClientRect().left < -1));
  const faults = out.slice(0, 3).map((one) => `${one.tagName}.${one.className} leaves the page`);
  if (document.documentElement.scrollWidth > width) faults.push('page scrolls sideways');
  return faults;
}
"""


@dataclass
class Ministry:
    """Where the pages are, who reads them, and pages of one thing by a name."""

    address: str
    world: World
    single: dict[str, str] = field(default_factory=dict)

    def log_in(self, page: Page, role: str = "KEMENSOS") -> None:
        """A session in the browser's cookie."""
        page.context.clear_cookies()
        form = self.world.staff[role]
        page.request.post(f"{self.address}/kemensos/masuk", form=form, max_redirects=0)

    def open(self, page: Page, name: str) -> None:
        """A page of the navigation by its path, or one of `single`."""
        path = self.single.get(name, name)
        answer = page.goto(f"{self.address}{path}{'' if '?' in path else f'?{DAYS}'}")
        assert answer is not None
        assert answer.status == 200, (name, answer.status)

    def role_of(self, name: str) -> str:
        """Who opens it here."""
        return WORKERS_ONLY.get(name, "KEMENSOS")


@contextmanager
def served(engine: Engine) -> Iterator[str]:
    """The app on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(create_app(engine), host="127.0.0.1", port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def faults_of(page: Page, name: str, widths: tuple[int, ...] = WIDTHS) -> list[str]:
    """What axe finds against WCAG A and AA, and what leaves the page, at each width."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        photograph(page, f"{name}-{width}")
        for violation in AXE.run(page, options=ALL_RULES).response["violations"]:
            places = "; ".join(str(node["target"][0]) for node in violation["nodes"][:3])
            found.append(f"{width}: axe {violation['id']} at {places}")
        found += [f"{width}: {each}" for each in page.evaluate(SPILLED)]
    return found


def photograph(page: Page, name: str) -> None:
    """For a person to look at, when SHOTS says where."""
    if SHOTS:
        page.screenshot(path=_place(f"{name}.png"), full_page=True)


def on_paper(page: Page, name: str) -> tuple[int, str]:
    """The page printed on A4: how many sheets, and its words in a row."""
    content = page.pdf(format="A4", prefer_css_page_size=True, print_background=True)
    if SHOTS:
        _place(f"{name}.pdf").write_bytes(content)
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"],  # noqa: S607 - Debian's
        input=content,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return text.count("\f"), " ".join(text.split())


def _place(name: str) -> Path:
    folder = Path(str(SHOTS))
    folder.mkdir(parents=True, exist_ok=True)
    return folder / re.sub(r"[^\w.-]+", "_", name.strip("/"))


def names_of_pages() -> list[str]:
    """All pages of the navigation."""
    return [page.path for page in NAVIGATION]


def weight_of(page: Page, go: Any) -> int:
    """Bytes of everything that is fetched while `go` opens a page."""
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(len(answer.body())))
    go()
    page.wait_for_load_state("networkidle")
    return sum(sizes)
