"""What the till shows of limits and programmes, and the owner's void with its slip."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_goods_of_another_programme_say_so_and_show_the_limit_of_a_day(till, kpm, shop):
    till.log_in(kpm["shop_id"])
    till.tap("good-MINYAKITA")
    expect(till.key("told-others")).to_contain_text("Hanya dengan uang PKH")
    till.tap("told-anyway")
    till.digits("3")
    till.tap("field-price")
    till.digits("15000")
    till.tap("add-line")
    if till.key("pane-cart").is_visible():
        till.tap("pane-cart")
    expect(till.key("only-with")).to_contain_text("PKH")
    expect(till.key("daily-limit")).to_contain_text("Paling banyak 2 liter sehari")
    expect(till.key("daily-limit")).to_have_class("daily beyond")
    till.tap("less")
    expect(till.key("daily-limit")).to_have_class("daily")


def test_what_only_another_programme_pays_is_refused_to_a_family_without_it(till, kpm, shop):
    """Without a payer nobody knows whose money it will be: the engine says it at the end."""
    till.log_in(kpm["shop_id"])
    till.tap("good-SABUN", "told-anyway")
    till.digits("1")
    till.tap("field-price")
    till.digits("5000")
    till.tap("add-line")
    if till.key("pane-cart").is_visible():
        till.tap("pane-cart")
    till.pay_by_card(kpm)
    till.tap("secret-done")
    till.expect_result("DECLINED")
    expect(till.key("result")).to_have_attribute("data-reason", "ITEM_NOT_IN_PROGRAMME")


@pytest.mark.proof
def test_she_sees_the_money_of_each_programme_and_what_is_left_of_today(till, shop, tmp_path):
    """Cash aid beside food aid, credited as on any installation: the demo's folder is ours."""
    kpm = next(each for each in shop.sample["kpm"] if each["face"])
    file = tmp_path / "cash.csv"
    file.write_text(f"family_id,amount\n{kpm['kpm_id']},50000\n")
    period = f"{datetime.now(UTC):%Y-%m}"
    counts = ("--expect-count", "1", "--expect-total", "50000")
    said = ("disburse", str(file), "--programme", "PKH", "--period", period, *counts)
    done = subprocess.run(
        [sys.executable, "-m", "pos_engine.cli", *said], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    till.log_in(kpm["shop_id"])
    till.tap("good-MINYAKITA", "told-anyway")
    till.digits("2")
    till.tap("field-price")
    till.digits("15000")
    till.tap("add-line")
    if till.key("pane-cart").is_visible():
        till.tap("pane-cart")
    till.tap("pay", "way-face", "skip-turn")
    till.digits(kpm["pin"], "pin")
    till.tap("secret-done")
    expect(till.key("share-PKH")).to_contain_text("Rp50.000 sisa Rp20.000")
    expect(till.key("left-today")).to_have_text("MinyaKita: hari ini masih boleh 2 liter")


def test_the_owner_takes_a_purchase_back_and_gets_a_slip(till, kpm, shop):
    before = shop.balance(kpm)
    till.log_in(kpm["shop_id"])
    till.add("BERAS-MEDIUM", "5", 13_400)
    till.pay_by_card(kpm)
    till.tap("secret-done")
    till.expect_result("APPROVED")
    till.tap("new-sale", "today")
    till.page.locator('[data-test^="void-"]:visible').first.click()
    till.tap("void-reason-0")
    expect(till.key("owner-done")).to_be_visible()  # a cashier alone does not
    expect(till.key("void-slip")).not_to_be_visible()
    till.tap("back", "leave")
    owner = next(
        each
        for each in shop.sample["staff"]
        if each["shop_id"] == kpm["shop_id"] and each["role"] == "PEMILIK"
    )
    till.tap(f"shop-{kpm['shop_id']}", f"staff-{owner['staff_id']}")
    till.digits(owner["pin"], "pin")
    till.tap("enter", "today")
    till.page.locator('[data-test^="void-"]:visible').first.click()
    expect(till.key("void-amount")).to_have_text("Rp67.000")
    till.tap("void-reason-0")
    expect(till.key("void-slip")).to_contain_text("*** BATAL ***")
    expect(till.key("void-slip")).to_contain_text("Rp67.000")
    assert shop.balance(kpm) == before
    till.tap("void-close")
    expect(till.key("purchase")).to_contain_text("Dibatalkan")
