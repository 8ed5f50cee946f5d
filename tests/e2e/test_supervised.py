"""Pendampingan in a real browser: the shop asks, an officer vouches elsewhere, the KPM buys."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_two_people_vouch_and_she_buys(till, shop, kpm):
    cashier = shop.cashier(kpm["shop_id"])
    till.log_in(kpm["shop_id"])
    till.add("TEMPE", "2", 12_000)
    till.tap("pay", "way-supervised", "help-KKS")
    till.digits(kpm["card"])
    till.tap("help-next", "why-PIN_FORGOTTEN")
    till.digits(cashier["pin"], "pin")
    till.tap("help-ask")
    expect(till.key("help-waiting")).to_be_visible()
    _vouch(shop)
    till.tap("help-look")
    expect(till.key("payer")).to_contain_text("***")
    till.tap("confirm-yes")
    till.expect_result("APPROVED")
    assert "Didampingi" in till.key("receipt").inner_text()


def _vouch(shop):
    """The pendamping on a computer of her own."""
    login = next(each for each in shop.sample["staff"] if each["role"] == "PENDAMPING")
    fields = ("device_id", "device_secret", "staff_id", "pin")
    body = {name: login[name] for name in fields}
    token = shop.ask("POST", "/v1/sessions", body)[1]["access_token"]
    [waiting] = shop.ask("GET", "/v1/supervisions", token=token)[1]["supervisions"]
    path = f"/v1/supervisions/{waiting['supervision_id']}/confirm"
    assert shop.ask("POST", path, {"pin": login["pin"]}, token)[0] == 200
