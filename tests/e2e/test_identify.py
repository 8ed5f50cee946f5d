"""KENALI KPM before a real engine: readers, a sealed PIN, the camera's gate, who goes home."""

import base64
import io
import json
import time
from datetime import UTC, datetime
from urllib.request import Request, urlopen

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from skimage.data import astronaut

from pos_engine.rules.ids import new_uuid7
from pos_engine.wire.gateway import sign
from tests.e2e.conftest import (
    CAMERA_OPTION,
    GATEWAY_SECRET,
    Cashier,
    _scene,
    _write_camera,
)

pytestmark = pytest.mark.e2e

GATE_MS = 30_000  # a megabyte is compiled before the first look
SERIES_BYTES_MAX = 200 * 1024
SWIPES_MAX = 6
BANK_PAN = "6013011234567890"
NO_CAMERA = """
navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
"""


def read(till, text, shown):
    """A reader types this and presses Enter; again, as at a shop, where a busy machine was slow."""
    for _ in range(SWIPES_MAX):
        till.page.keyboard.type(text)
        till.page.keyboard.press("Enter")
        try:
            expect(shown).to_be_visible(timeout=1_500)
        except AssertionError:
            continue
        return
    pytest.fail("nothing was read")


def bodies(till, part):
    """What is sent to addresses with this part, from now on."""
    sent = []

    def look(request):
        if part in request.url and request.method in ("PUT", "POST"):
            sent.append(json.loads(request.post_data))

    till.page.on("request", look)
    return sent


def basket(till, shop_id):
    till.log_in(shop_id)
    till.add("TEMPE", "1", 12_000)
    till.tap("pay")
    expect(till.key("way-card")).to_be_visible()


def pad_order(till):
    return "".join(till.page.locator('[data-test="pin-pad"] .key').all_inner_texts())


def meter(shop, kind):
    """What the report of those not served counts of a kind."""
    login = next(each for each in shop.sample["staff"] if each["role"] == "KEMENSOS")
    fields = ("device_id", "device_secret", "staff_id", "pin")
    body = {name: login[name] for name in fields}
    token = shop.ask("POST", "/v1/sessions", body)[1]["access_token"]
    path = "/v1/reports/not-served?from=2026-01-01&to=2026-12-31"
    rows = shop.ask("GET", path, token=token)[1]["rows"]
    counts: dict[str, int] = {}
    for row in rows:
        if row["kind"] == kind:
            counts[row["reason"]] = counts.get(row["reason"], 0) + row["count"]
    return counts


def wait_for(look, wanted):
    ends = time.monotonic() + 10
    while not wanted(look()):
        assert time.monotonic() < ends, look()
        time.sleep(0.2)


def test_a_sticker_and_a_sealed_pin_buy_and_a_bank_card_leaves_no_trace(till, shop, kpm):
    before = shop.balance(kpm)
    purchases, notes = bodies(till, "/v1/purchases/"), bodies(till, "/v1/card-notes")
    everything = []

    def keep(request):
        everything.append(request.url + (request.post_data or ""))

    till.page.on("request", keep)
    basket(till, kpm["shop_id"])
    told = till.page.locator('[data-test="notice"]', has_text="kartu bank")
    read(till, f";{BANK_PAN}=30121010000012345?", told)
    till.tap("way-card", "holder-OTHER")
    read(till, kpm["card_qr"], till.key("payer"))
    expect(till.key("payer")).to_contain_text(kpm["card_qr"][17:21])
    till.tap("confirm-yes")
    first = pad_order(till)
    till.digits("000001", "pin")
    till.tap("secret-done")
    till.expect_result("DECLINED")
    till.tap("try-again")
    orders = {first, pad_order(till)}
    assert all(sorted(each) == list("0123456789") for each in orders)
    assert orders != {"1234567890"}
    till.digits(kpm["pin"], "pin")
    till.tap("secret-done")
    till.expect_result("APPROVED")
    assert shop.balance(kpm) == before - 12_000
    assert [sorted(body["payer"]) for body in purchases] == [
        ["card_qr", "method", "pin_sealed"]
    ] * 2
    assert {note["kind"] for note in notes} == {"HELD_BY_OTHER"}
    assert not any(BANK_PAN in each or kpm["pin"] in each for each in everything)
    wait_for(lambda: meter(shop, "CARD"), lambda found: found.get("HELD_BY_OTHER", 0) >= 1)


def test_a_stripe_of_ours_is_read_and_a_typed_number_is_told(till, shop, kpm):
    notes = bodies(till, "/v1/card-notes")
    basket(till, kpm["shop_id"])
    read(till, f";{kpm['card']}=30121010000000000?", till.key("payer"))
    expect(till.key("payer")).to_contain_text(kpm["card"][-4:])
    till.tap("confirm-yes")
    till.digits(kpm["pin"], "pin")
    till.tap("secret-done")
    till.expect_result("APPROVED")
    assert notes == []
    till.tap("new-sale")
    till.add("TEMPE", "1", 12_000)
    till.pay_by_card(kpm)
    till.tap("secret-done")
    till.expect_result("APPROVED")
    assert [note["kind"] for note in notes] == ["TYPED"]


def test_the_gate_lets_a_good_face_through_and_cuts_it_out(till, shop):
    kpm = next(each for each in shop.sample["kpm"] if each["face"])
    sent = bodies(till, "/v1/payers/identify")
    basket(till, kpm["shop_id"])
    till.tap("way-face")
    gate = till.key("gate")
    expect(gate).to_have_attribute("data-detects", "true", timeout=GATE_MS)
    expect(gate).to_have_attribute("data-code", "OK")
    till.tap("skip-turn")
    expect(till.key("factor")).to_be_visible(timeout=20_000)
    pictures = [base64.b64decode(each) for each in sent[0]["images"]]
    assert len(pictures) == 3
    assert sum(map(len, pictures)) <= SERIES_BYTES_MAX
    opened = [Image.open(io.BytesIO(each)) for each in pictures]
    assert {each.width == each.height for each in opened} == {True}
    till.digits(kpm["pin"], "pin")
    till.tap("secret-done")
    expect(till.key("payer")).to_contain_text("***")
    # she packs: another family is served, then she is taken back
    till.tap("queue-add")
    expect(till.key("face-queue")).to_contain_text("12.000")
    expect(till.key("face-queue")).not_to_contain_text("***")
    till.add("TEMPE", "2", 12_000)
    till.page.locator('[data-test^="queued-"]').click()
    expect(till.key("agree-total")).to_have_text("Rp12.000")
    expect(till.key("balance")).to_be_visible()
    till.tap("confirm-yes")
    till.expect_result("APPROVED")


@pytest.fixture(scope="module")
def dark_browser(browser_type, browser_type_launch_args, tmp_path_factory):
    """Chromium before a face in the dark."""
    camera = tmp_path_factory.mktemp("dark") / "dark.y4m"
    night = np.asarray(_scene((astronaut() * 0.12).astype(np.uint8))) // 4
    _write_camera(camera, [Image.fromarray(night.astype(np.uint8))] * 3)
    others = [each for each in browser_type_launch_args["args"] if CAMERA_OPTION not in each]
    arguments = [*others, f"{CAMERA_OPTION}={camera}"]
    browser = browser_type.launch(**browser_type_launch_args | {"args": arguments})
    yield browser
    browser.close()


def test_in_the_dark_it_says_so_and_other_ways_stay_open(
    dark_browser, browser_context_args, shop, kpm
):
    context = dark_browser.new_context(**browser_context_args)
    till = Cashier(context.new_page(), shop)
    sent = bodies(till, "/v1/payers/identify")
    basket(till, kpm["shop_id"])
    till.tap("way-face")
    expect(till.key("gate")).to_contain_text("Terlalu gelap")
    expect(till.key("start-turn")).to_be_disabled()
    assert sent == []
    till.tap("way-card")
    expect(till.key("card-asked")).to_be_visible()
    context.close()


def test_a_refused_camera_leads_to_the_other_ways(till, shop, kpm):
    till.page.add_init_script(NO_CAMERA)
    basket(till, kpm["shop_id"])
    till.tap("way-face")
    expect(till.key("notice")).to_contain_text("Kamera belum bisa dipakai")
    for way in ("way-phone", "way-card", "way-ktp"):
        expect(till.key(way)).to_be_enabled()
    till.tap("way-card", "card-camera")
    expect(till.key("notice")).to_contain_text("Kamera belum bisa dipakai")
    read(till, kpm["card_qr"], till.key("confirm-yes"))


def test_a_family_that_went_home_is_told_when_there_is_signal(till, shop, kpm):
    before = meter(shop, "TURNED_AWAY")
    till.page.route("**/v1/turned-away", lambda route: route.abort())
    till.log_in(kpm["shop_id"])
    till.tap("unserved", "unserved-POWER")
    expect(till.key("unserved-done")).to_be_visible()
    assert meter(shop, "TURNED_AWAY") == before
    till.page.unroute("**/v1/turned-away")
    till.add("TEMPE", "1", 12_000)
    till.tap("pay", "unserved", "unserved-QUEUE")
    wanted = {
        name: before.get(name, 0) + (name in ("POWER", "QUEUE")) for name in ("POWER", "QUEUE")
    }
    wait_for(lambda: meter(shop, "TURNED_AWAY"), lambda found: wanted.items() <= found.items())


def test_her_own_phone_says_yes_and_a_card_may_answer_before_it(till, shop, kpm):
    before = shop.balance(kpm)
    purchases = bodies(till, "/v1/purchases/")
    basket(till, kpm["shop_id"])
    till.tap("way-phone")
    till.digits(kpm["msisdn"].replace("+62", "0"))
    till.tap("phone-yes")
    till.expect_result("WAITING")
    expect(till.key("result")).to_contain_text("menu BPNT di HP")
    press(shop, kpm["msisdn"], "*123#", "2", "1")
    till.expect_result("APPROVED")
    assert shop.balance(kpm) == before - 12_000
    assert purchases[0]["payer"] == {
        "method": "PHONE", "msisdn": purchases[0]["payer"]["msisdn"], "confirm": "USSD",
    }  # fmt: skip
    till.tap("new-sale")
    till.add("TEMPE", "1", 12_000)
    till.tap("pay", "way-phone")
    till.digits(kpm["msisdn"].replace("+62", "0"))
    till.tap("phone-yes", "phone-other")
    read(till, kpm["card_qr"], till.key("confirm-yes"))
    till.tap("confirm-yes")
    till.digits(kpm["pin"], "pin")
    till.tap("secret-done")
    till.expect_result("APPROVED")
    assert shop.balance(kpm) == before - 24_000


def press(shop, msisdn, *keys):
    """Her telephone in the USSD menu, as an aggregator passes it on."""
    session = new_uuid7(datetime.now(UTC))
    for typed in keys:
        raw = json.dumps({"session_id": session, "msisdn": msisdn, "text": typed}).encode()
        stamp = str(int(time.time()))
        path = "/gateway/ussd"
        headers = {
            "Content-Type": "application/json",
            "X-Timestamp": stamp,
            "X-Signature": sign(GATEWAY_SECRET, stamp, "POST", path, raw),
        }
        request = Request(shop.base_url + path, raw, headers, method="POST")  # noqa: S310 - ours
        with urlopen(request, timeout=20) as answer:  # noqa: S310 - our own server
            assert answer.status == 200
