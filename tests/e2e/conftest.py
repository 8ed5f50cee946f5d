"""The real thing to drive: a demo engine, Chromium with a portrait before its camera, a cashier."""

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, BrowserType, Locator, Page, expect
from skimage.data import astronaut

from biometrics.finder import open_finder
from tests.biometrics.turned_portrait import turned

START_SECONDS_MAX = 90
STOP_SECONDS_MAX = 15
GATEWAY_SECRET = "for-tests-alone" * 3
CAMERA_WIDTH, CAMERA_HEIGHT, CAMERA_FRAMES = 640, 480, 10
CAMERA_OPTION = "--use-file-for-fake-video-capture"
MARK, MARK_COLOUR = (
    (10, 210, 70, 270),
    (255, 0, 0),
)  # beside the face, while the turn's clock starts
CHROMIUM = shutil.which("chromium")
CHROMIUM_MISSING = "Chromium is missing: apt-get install -y --no-install-recommends chromium"
IN_CI = bool(os.environ.get("CI"))  # noqa: TID251 - a switch of the test run, no setting


@dataclass(frozen=True)
class Shop:
    """A demo engine as the tests see it. `families` are used up, one for each sale."""

    base_url: str
    sample: dict[str, Any]
    families: list[dict[str, Any]] = field(default_factory=list)

    def ask(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> tuple[int, Any]:
        """One request past the browser."""
        request = Request(  # noqa: S310 - our own server
            self.base_url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json"},
        )
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    def cashier(self, shop_id: str) -> dict[str, Any]:
        """The log-in of the shop's cashier."""
        found = (
            each
            for each in self.sample["staff"]
            if each["shop_id"] == shop_id and each["role"] == "KASIR"
        )
        return next(found)

    def token(self, shop_id: str) -> str:
        """A cashier's token, to look at what the engine thinks."""
        fields = ("device_id", "device_secret", "staff_id", "pin")
        login = {name: self.cashier(shop_id)[name] for name in fields}
        return str(self.ask("POST", "/v1/sessions", login)[1]["access_token"])

    def balance(self, kpm: dict[str, Any]) -> int:
        """The wallet as a quote tells it."""
        payer = {"method": "KKS", "card": kpm["card"], "pin": kpm["pin"]}
        lines = [{"sku": "TEMPE", "quantity_milli": 1000, "unit_price": 1}]
        body = {"lines": lines, "payer": payer}
        return int(
            self.ask("POST", "/v1/quotes", body, self.token(kpm["shop_id"]))[1]["balance_before"]
        )

    def ceiling(self, shop_id: str, sku: str) -> int:
        """The ceiling of a good at the shop today."""
        region = next(each["region"] for each in self.sample["shops"] if each["shop_id"] == shop_id)
        path = f"/v1/catalog?region={region}"
        goods = self.ask("GET", path, token=self.token(shop_id))[1]["goods"]
        return int(next(good for good in goods if good["sku"] == sku)["ceiling"]["amount"])

    def newest_sms(self) -> str:
        """The newest text the demo's gateway took."""
        return str(self.ask("GET", "/demo/sms.json")[1]["messages"][0]["text"])


@dataclass(frozen=True)
class Cashier:
    """A cashier's hands: finds keys by `data-test` and taps them."""

    page: Page
    shop: Shop

    def key(self, name: str) -> Locator:
        """What carries this hook and can be seen."""
        return self.page.locator(f'[data-test="{name}"]:visible').first

    def tap(self, *names: str) -> None:
        """Tap keys one after the other."""
        for name in names:
            self.key(name).click()

    def digits(self, text: str, prefix: str = "key") -> None:
        """Type on the till's own keypad."""
        self.tap(*(f"{prefix}-{digit}" for digit in text))

    def log_in(self, shop_id: str) -> None:
        """Open the till and come to work at a shop."""
        login = self.shop.cashier(shop_id)
        self.page.goto(f"{self.shop.base_url}/till/")
        self.tap(f"shop-{shop_id}", f"staff-{login['staff_id']}")
        self.digits(login["pin"], "pin")
        self.tap("enter")
        expect(self.key("pay")).to_be_visible()

    def type_good(self, sku: str, quantity: str, price: int) -> None:
        """Open a good's keypad and type quantity and price."""
        if self.key("pane-goods").is_visible():
            self.tap("pane-goods")
        self.tap(f"good-{sku}")
        self.digits(quantity)
        self.tap("field-price")
        self.digits(str(price))

    def add(self, sku: str, quantity: str, price: int) -> None:
        """Put a good into the basket."""
        self.type_good(sku, quantity, price)
        self.tap("add-line")

    def pay_by_card(self, kpm: dict[str, Any]) -> None:
        """From Bayar to the key under the PIN, which is left for the test to tap."""
        self.tap("pay", "way-card", "type-card")
        self.digits(kpm["card"])
        self.tap("card-next", "confirm-yes")
        self.digits(kpm["pin"], "pin")

    def expect_result(self, kind: str) -> None:
        """Wait for the outcome; it has the focus and is announced."""
        result = self.key("result")
        expect(result).to_have_attribute("data-kind", kind, timeout=20_000)
        expect(result).to_have_attribute("role", "alert")
        expect(result).to_be_focused()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A fresh demo engine on a free port."""
    log_file = tmp_path_factory.mktemp("engine") / "server.log"
    folder = log_file.parent / "data"
    port = _free_port()
    command = [sys.executable, "-m", "pos_engine.cli", "demo", "--port", str(port), "--reset"]
    with (
        pytest.MonkeyPatch.context() as patch,
        log_file.open("w") as log,
    ):
        patch.setenv("EWARONG_DATA_DIR", str(folder))
        patch.setenv("EWARONG_GATEWAY_SECRET", GATEWAY_SECRET)
        with subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as server:
            try:
                base_url = f"http://127.0.0.1:{port}"
                _wait_for(server, base_url, log_file)
                sample = json.loads((folder / "demo.json").read_text())
                plain = [each for each in sample["kpm"] if not each["face"]]
                yield Shop(base_url, sample, plain)
            finally:
                server.terminate()
                try:
                    server.wait(STOP_SECONDS_MAX)
                except subprocess.TimeoutExpired:
                    server.kill()


@pytest.fixture
def kpm(shop: Shop) -> dict[str, Any]:
    """A family that has bought nothing yet."""
    return shop.families.pop(0)


@pytest.fixture
def till(page: Page, shop: Shop) -> Cashier:
    """A browser at the till."""
    page.set_default_timeout(20_000)
    return Cashier(page, shop)


@pytest.fixture
def requests_seen(context: BrowserContext) -> list[str]:
    """The addresses of everything the browser asks for."""
    seen: list[str] = []
    context.on("request", lambda request: seen.append(request.url))
    return seen


@pytest.fixture(scope="session")
def browser_type_launch_args(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Debian's Chromium with a portrait before its camera."""
    if CHROMIUM is None:
        if IN_CI:
            pytest.fail(CHROMIUM_MISSING)
        pytest.skip(CHROMIUM_MISSING)
    camera = tmp_path_factory.mktemp("camera") / "portrait.y4m"
    _write_camera(camera, [_scene(astronaut())] * CAMERA_FRAMES)
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"{CAMERA_OPTION}={camera}",
    ]
    return {"executable_path": CHROMIUM, "headless": True, "args": arguments}


@pytest.fixture(scope="session")
def turning_browser(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Browser]:
    """Chromium before a head that turns to its own left, again and again.

    The portrait is turned by a made-up depth map: no free film of a turning head exists.
    """
    camera = tmp_path_factory.mktemp("turning") / "turning.y4m"
    _write_camera(camera, _turning_left())
    others = [each for each in browser_type_launch_args["args"] if CAMERA_OPTION not in each]
    arguments = [*others, f"{CAMERA_OPTION}={camera}"]
    browser = browser_type.launch(**browser_type_launch_args | {"args": arguments})
    yield browser
    browser.close()


@pytest.fixture
def turning_till(
    turning_browser: Browser, browser_context_args: dict[str, Any], shop: Shop
) -> Iterator[Cashier]:
    """A till before the turning head."""
    context = turning_browser.new_context(**browser_context_args)
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield Cashier(page, shop)
    context.close()


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """An Indonesian tablet held upright."""
    return {
        "locale": "id-ID",
        "timezone_id": "Asia/Jakarta",
        "permissions": ["camera"],
        "has_touch": True,
        "viewport": {"width": 800, "height": 1280},
        # A worker would answer where a test plays the network; test_shell lets it work.
        "service_workers": "block",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(server: subprocess.Popen[bytes], base_url: str, log_file: Path) -> None:
    sample = log_file.parent / "data" / "demo.json"
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"{base_url}/health", timeout=5) as answer:  # noqa: S310 - our own server
                if answer.status == 200 and sample.exists():
                    return
        except URLError:
            time.sleep(0.2)
    pytest.fail(f"the demo engine did not start:\n{log_file.read_text()[-3000:]}")


def _turning_left() -> list[Image.Image]:
    """Ten pictures a second: straight with the mark, straight, a turn, held, and back."""
    portrait = astronaut()
    points = open_finder().find(portrait).face.points

    def at(degrees: int) -> Image.Image:
        return _scene(np.asarray(Image.open(io.BytesIO(turned(portrait, points, -degrees)))))

    straight = _scene(portrait)
    marked = straight.copy()
    marked.paste(MARK_COLOUR, MARK)
    turn = [at(degrees) for degrees in range(4, 48, 4)]
    return [marked] * 5 + [straight] * 14 + turn + [turn[-1]] * 32 + turn[::-2]


def _scene(portrait: "np.ndarray[Any, Any]") -> Image.Image:
    """A square picture in the middle of what the camera sees."""
    frame = Image.new("RGB", (CAMERA_WIDTH, CAMERA_HEIGHT), (128, 128, 128))
    side = CAMERA_HEIGHT
    face = Image.fromarray(portrait).resize((side, side), Image.Resampling.LANCZOS)
    frame.paste(face, ((CAMERA_WIDTH - side) // 2, 0))
    return frame


def _write_camera(path: Path, pictures: list[Image.Image]) -> None:
    """The raw video that Chromium's fake camera plays in a loop."""
    header = f"YUV4MPEG2 W{CAMERA_WIDTH} H{CAMERA_HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(header + b"".join(b"FRAME\n" + _planes(each) for each in pictures))


def _planes(picture: Image.Image) -> bytes:
    luma, blue, red = (np.asarray(plane) for plane in picture.convert("YCbCr").split())
    halves = [plane.reshape(CAMERA_HEIGHT // 2, 2, CAMERA_WIDTH // 2, 2) for plane in (blue, red)]
    quarter = (half.mean(axis=(1, 3)).round().astype(np.uint8) for half in halves)
    return b"".join(plane.tobytes() for plane in (luma, *quarter))
