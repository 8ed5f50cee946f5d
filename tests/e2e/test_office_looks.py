"""The officers' pages in Chromium: no barrier at four widths, whole on A4, light, close to read."""

import shutil
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.e2e.officers import (
    FIRST_VIEW_BYTES_MAX,
    Ministry,
    faults_of,
    names_of_pages,
    on_paper,
    photograph,
    served,
    weight_of,
)
from tests.lakes import with_lake, write
from tests.officers import two_places
from tests.returning import buy
from tests.web.test_ceilings import body_of
from tests.world import Clock, make_engine, rice

pytestmark = pytest.mark.e2e
SINGLE = ("case", "complaint", "complaint-photo", "new-complaint", "draft", "public", "log-in")


@pytest.fixture(params=["sqlite"])
def kind(request):
    return request.param


@pytest.fixture
def ministry(engine, world, clock, tmp_path):
    """A day of everything in two places, no history: the short look."""
    engine = with_lake(engine, tmp_path)
    far = two_places(engine, world)
    clock.advance(days=8)
    write(engine)
    with served(engine) as address:
        yield Ministry(address, world, _single(far))


def _single(far):
    return {
        "case": f"/kemensos/kejanggalan/{far.case_id}",
        "complaint": f"/kemensos/pengaduan/{far.reference}",
        "complaint-photo": f"/kemensos/pengaduan/{far.reference}",
        "new-complaint": "/kemensos/pengaduan/baru",
        "public": "/publik?",
        "log-in": "/kemensos?masuk",
    }


def test_three_pages_bar_nobody(page, ministry):
    ministry.log_in(page)
    faults = []
    for name in ("/kemensos", "/kemensos/harga", "/kemensos/kejanggalan"):
        ministry.open(page, name)
        faults += [f"{name} {each}" for each in faults_of(page, name, (360, 1280))]
    assert faults == []


@pytest.fixture(scope="module")
def land(databases, keys, tmp_path_factory):
    """Two places with troubles and four more days of purchases: for the long look."""
    url, world = databases.copy("sqlite")
    clock = Clock()
    made = make_engine(url, keys, clock)
    engine = replace(made, lake=tmp_path_factory.mktemp("land") / "lake")
    far = two_places(engine, world)
    for price in (13_100, 13_300, 13_200, 13_500):
        clock.advance(days=2)
        buy(engine, world, rice(500, price))
    write(engine)
    with served(engine) as address:
        yield Ministry(address, world, _single(far))
    engine.close()


@pytest.fixture
def drafted(land, page, keys):
    """A draft of a ceiling, made on its page."""
    if "draft" not in land.single:
        land.log_in(page)
        page.goto(f"{land.address}/kemensos/batas-harga")
        act = page.locator('input[name="act"]').first.input_value()
        form = {name: str(value) for name, value in body_of(Now(), act=act).items()}
        answer = page.request.post(f"{land.address}/kemensos/batas-harga", form=form)
        land.single["draft"] = answer.url.removeprefix(land.address)
    return land


class Now:
    """The clock of `land` as `body_of` asks for it."""

    @staticmethod
    def now():
        clock = Clock()
        clock.advance(days=8)
        return clock.at


@pytest.mark.proof
@pytest.mark.parametrize("name", [*names_of_pages(), *SINGLE])
def test_a_page_bars_nobody_is_light_and_whole_on_paper(name, page, drafted):
    page.set_default_timeout(60_000)
    if name == "log-in":
        page.context.clear_cookies()
    else:
        drafted.log_in(page, drafted.role_of(name))
    weight = weight_of(page, lambda: drafted.open(page, name))
    assert weight <= FIRST_VIEW_BYTES_MAX, weight
    assert faults_of(page, name) == []
    for each in page.locator("main details > summary").all():
        each.click()
    photograph(page, f"{name}-open")
    page.reload()
    first = page.locator("main :not(.no-paper) > .reading:visible, main h1").last
    words = " ".join(first.inner_text().split())
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is missing: apt-get install -y poppler-utils")
    sheets, text = on_paper(page, name)
    assert sheets >= 1
    assert words.replace(" ", "") in text.replace(" ", ""), words
    if name not in {"public", "log-in"}:
        assert "Dicetak 29 Nov 2026" in text
        assert f"Halaman 1 dari {sheets}" in text
    assert "Unduh CSV" not in text


@pytest.mark.proof
def test_days_can_be_read_closely_by_keys_and_not_only_by_pointer(page, land):
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.set_viewport_size({"width": 360, "height": 800})
    land.log_in(page)
    land.open(page, "/kemensos/harga")
    svg = page.locator('svg[aria-labelledby^="pita-t"]')
    expect(svg).to_be_visible()
    page.get_by_role("button", name="Lihat per hari dari dekat").click()
    status = page.get_by_role("status")
    expect(page.locator(".uplot canvas")).to_be_visible()
    expect(svg).to_be_hidden()
    page.locator(".lines").focus()
    page.keyboard.press("Home")
    expect(status).to_contain_text("tengah Rp")
    first = status.inner_text()
    page.keyboard.press("ArrowRight")
    expect(status).not_to_have_text(first)
    page.get_by_role("button", name="Lebih dekat").click()
    assert faults_of(page, "harga-dekat") == []
    page.get_by_role("button", name="Semua hari").click()
    _, text = on_paper(page, "harga-dekat")
    assert "Lebih dekat" not in text
    page.emulate_media(media="print")
    expect(svg).to_be_visible()
    expect(page.locator(".uplot")).to_be_hidden()
    assert [each for each in said if "Content Security Policy" in each] == []
