"""The page that proves a receipt, opened from its file: no server, no network."""

import re
from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import expect

from pos_engine.rules.merkle import NO_HASH, Side, Step
from pos_engine.services.audit_prove import Found, State, prove_purchase
from pos_engine.web.audit import proof_page
from tests.sealing import close, seal_all, sell

pytestmark = pytest.mark.e2e
RECORDED, MISSING = "Struk ini tercatat", "Struk ini tidak ada dalam catatan hari itu"
DAY = date(2026, 11, 21)


@pytest.fixture(params=["sqlite"])
def kind(request):
    return request.param


@pytest.fixture
def found(engine, world, clock):
    """The proof of the third of seven purchases, one batch each but for the last ones."""
    ids = []
    for at in range(7):
        ids.append(sell(engine, world))
        if at < 4:
            seal_all(engine)
    close(engine, clock)
    return prove_purchase(engine, ids[2])


@pytest.fixture
def opened(page, context, tmp_path):
    """Open a page from a file, off the network; everything it asks for is counted."""
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(str(error)))

    def open_page(found):
        file = tmp_path / "struk.html"
        file.write_text(proof_page(found))
        context.set_offline(True)
        page.goto(file.as_uri())
        assert asked == [file.as_uri()]
        asked.clear()
        return page

    return open_page


def test_a_good_proof_is_checked_offline(opened, found):
    page = opened(found)
    expect(page.locator("h1")).to_have_text(RECORDED)
    number, amount = found.proofs[0].receipt.split("*")[1:3]
    expect(page.locator("dl")).to_contain_text(number)
    expect(page.locator("dl")).to_contain_text(f"Rp{int(amount):,}".replace(",", "."))
    expect(page.locator("dl")).to_contain_text("21-11-2026 pukul 10.00")
    expect(page.locator("#root")).to_contain_text(found.signed.day.root.hex())
    # nothing hangs over the edge of a small telephone
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def tampered(proof):
    receipt = proof.receipt
    turned = Step(Side.LEFT, proof.path[0].neighbour)
    return {
        "amount": replace(proof, receipt=receipt.replace("*13400*", "*14300*")),
        "script": replace(proof, receipt=receipt.replace("*13400*", "*</script><script>*")),
        "leaf": replace(proof, leaf=NO_HASH),
        "bare leaf": replace(proof, leaf=NO_HASH, receipt=None),
        "path": replace(proof, path=proof.path[1:]),
        "side": replace(proof, path=(turned, *proof.path[1:])),
        "batch": replace(proof, seal=re.sub("^EWS1\\*", "EWS1*1", proof.seal)),
        "link": replace(proof, seal_path=()),
        "day": replace(proof, day=proof.day.replace(proof.day.split("*")[3], "ab" * 32)),
        "format": replace(proof, seal=proof.seal.replace("EWS1", "EWS2")),
    }


@pytest.mark.parametrize(
    "fault",
    ["amount", "script", "leaf", "bare leaf", "path", "side", "batch", "link", "day", "format"],
)
def test_a_tampered_proof_is_refused(opened, found, fault):
    page = opened(replace(found, proofs=(tampered(found.proofs[0])[fault],)))
    expect(page.locator("h1")).to_have_text(MISSING)
    expect(page.locator("dl")).to_have_count(0)


def test_one_bad_proof_among_twins_spoils_both(opened, found):
    [proof] = found.proofs
    page = opened(replace(found, proofs=(proof, tampered(proof)["amount"])))
    expect(page.locator("h1")).to_have_text(MISSING)


def test_a_leaf_without_a_receipt_is_checked_as_well(opened, found):
    [proof] = found.proofs
    page = opened(replace(found, proofs=(replace(proof, receipt=None),)))
    expect(page.locator("h1")).to_have_text(RECORDED)
    expect(page.locator("dl")).to_contain_text(proof.leaf.hex())


@pytest.mark.parametrize(
    ("state", "says"), [(State.OPEN, "Hari itu belum ditutup"), (State.MISSING, MISSING)]
)
def test_what_has_no_proof_is_said_plainly(opened, state, says):
    page = opened(Found(state, DAY))
    expect(page.locator("h1")).to_have_text(says)
    expect(page.locator("dl")).to_have_count(0)


def test_the_page_runs_under_its_own_policy(page, shop):
    """Served by the engine, whose policy allows this one script by its hash and no connection."""
    for _ in range(60):  # the demo closes its days a moment after it started
        page.goto(f"{shop.base_url}/v1/receipts/3507-200101-00000000/proof")
        if page.locator("h1").inner_text() == MISSING:
            break
        page.wait_for_timeout(1000)
    expect(page.locator("h1")).to_have_text(MISSING)
    expect(page.locator("h1")).to_have_css("border-top-width", "3px")
