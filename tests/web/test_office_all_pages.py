"""All officers' pages and files at once: none leads out of a region, none is heavy, none falls."""

import csv
import io
import re
import zipfile
from itertools import product

import pyarrow.parquet as pq
import pytest

from pos_engine.services import install
from pos_engine.services.register import NewFamily, register_family
from pos_engine.services.report import NAMES
from pos_engine.services.report_words import FORMULA_STARTS
from pos_engine.web.office import NAVIGATION
from tests.lakes import with_lake, write
from tests.officers import FAR, FAR_KPM, two_places
from tests.world import credit

FIRST_VIEW_BYTES_MAX = 100 * 1024
DAYS = {"dari": "2026-11-01", "sampai": "2027-02-28"}
SHORT = ("purchases", "credits", "not-redeemed", "anomalies", "shops")
AWAY = ("94", "94.01", FAR, "Papua Tengah (94)", "35", "35.78", "94' OR '1'='1", "%", "..")
MORE = {  # what else can be asked of a page, with values that would lead elsewhere
    "hitung": ("1",), "hari": ("30", "-1", "x"), "lihat": ("AID_ONLY", "x' OR 1"),
    "ukuran": ("tolak", "belum", "x"), "aturan": ("R1", "x"), "keadaan": ("OPEN", "CLOSED", "x"),
    "petugas": ("officer-1", "' OR ''='"), "perbuatan": ("CREDIT", "x"), "tentang": ("OTHER",),
    "selesai": ("1",), "periode": ("BPNT 2026-10",), "barang": ("BERAS-MEDIUM|kg", "x"),
    "tingkat": ("village",), "shop_id": ("",), "region": ("94",), "scope": ("94",),
}  # fmt: skip
OF_ONE_SITTING = re.compile(  # the note, ids of acts to come, what was typed
    r'<p class="alert".*?</p>|name="(?:act|kunci)" value="[^"]*"|value="[^"]*\(?94[^"]*"'
    r'|/kemensos/jadwal/[a-z]+\.csv\?[^"]*',
    re.DOTALL,
)
PLANS = ("/kemensos/jadwal/kalender.csv", "/kemensos/jadwal/antrean.csv")


@pytest.fixture
def engine(engine, tmp_path):
    return with_lake(engine, tmp_path)


@pytest.fixture
def far(engine, world, clock):
    found = two_places(engine, world)
    clock.advance(days=8)
    write(engine)
    return found


@pytest.fixture
def sign_in(client, world):
    def signed(role):
        client.cookies.clear()
        client.post("/kemensos/masuk", data=world.staff[role], follow_redirects=False)
        return client

    return signed


def pages_of(role):
    return [page.path for page in NAVIGATION if role in page.roles]


def kept(text):
    """A page without what differs from sitting to sitting: the note, ids of acts to come."""
    return OF_ONE_SITTING.sub("", text)


def found_in(text, marks):
    return [mark for mark in marks if mark in text]


@pytest.mark.proof
def test_no_question_leads_out_of_a_region(sign_in, far, clock):
    """Whatever is asked, an officer of Malang reads what he reads when he asks nothing."""
    for role in ("DINSOS", "PENDAMPING"):
        client = sign_in(role)
        files = [f"/kemensos/unduh/{name}.csv" for name in NAMES]
        for path in [*pages_of(role), *files, *PLANS]:
            own = client.get(path, params=DAYS, follow_redirects=False)
            assert not found_in(own.text, far.marks), path
            for place in AWAY:
                other = client.get(path, params=DAYS | {"wilayah": place}, follow_redirects=False)
                assert kept(other.text) == kept(own.text), (role, path, place)
            twice = client.get(
                path, params=[*DAYS.items(), ("wilayah", "35.07"), ("wilayah", "94")]
            )
            assert not found_in(twice.text, far.marks), path


@pytest.mark.proof
def test_no_other_parameter_and_no_id_leads_out_of_a_region(sign_in, far, engine):
    for role in ("DINSOS", "PENDAMPING"):
        client = sign_in(role)
        for path, (name, values) in product(pages_of(role), MORE.items()):
            for value in values:
                answer = client.get(path, params=DAYS | {name: value, "wilayah": "94"})
                assert answer.status_code in {200, 422}, (path, name, value)
                assert not found_in(answer.text.replace(value, ""), far.marks), (path, name, value)
        for path in one_by_one(far):
            answer = client.get(path, follow_redirects=True)
            known = {far.case_id, far.reference}  # what she typed herself
            marks = [mark for mark in far.marks if mark not in known]
            assert not found_in(answer.text, marks), path
            assert not answer.headers["content-type"].startswith("image/"), path
        for each in ("belum-belanja", "kartu", "tersisih/keluarga"):
            chosen = {"pilih": [f"{FAR_KPM}|BPNT|2026-10", far.card_id, f"{FAR_KPM}|FAILED"]}
            paper = client.post(f"/kemensos/{each}/cetak?wilayah=94&dari=2026-11-01", data=chosen)
            assert not found_in(paper.text, far.marks), each


def one_by_one(far):
    return (
        f"/kemensos/kejanggalan/{far.case_id}",
        f"/kemensos/pengaduan/{far.reference}",
        f"/kemensos/pengaduan/{far.reference}/foto",
        "/kemensos/batas-harga/usulan/94.01:BERAS-MEDIUM:2026-11-20",
    )


def test_an_officer_of_malang_meets_nothing_of_papua(sign_in, far):
    """The short form of the two above."""
    client, away = sign_in("DINSOS"), DAYS | {"wilayah": "94"}
    files = [f"/kemensos/unduh/{name}.csv" for name in SHORT]
    for path in [*pages_of("DINSOS"), *files]:
        answer = client.get(path, params=away)
        assert answer.status_code == 200, path
        assert not found_in(answer.text, far.marks), path


@pytest.mark.proof
def test_the_ministry_meets_every_mark(sign_in, far):
    """The marks are real: what the tests above look for stands on pages and in files."""
    ministry = sign_in("KEMENSOS")
    paths = [*(f"/kemensos/unduh/{name}.csv" for name in NAMES), *one_by_one(far)]
    seen = "".join(ministry.get(path, params=DAYS).text for path in [*pages_of("KEMENSOS"), *paths])
    assert set(found_in(seen, far.marks)) == set(far.marks)


def test_the_first_view_of_each_page_is_small(sign_in, far):
    """Page, styles, script and picture of the tab together; no font is fetched."""
    client, sizes = sign_in("KEMENSOS"), {}
    weights = {}
    single = (*one_by_one(far)[:2], "/kemensos/pengaduan/baru", "/publik")
    for path in (*pages_of("KEMENSOS"), *single):
        page = client.get(path, params=DAYS if path != "/publik" else {})
        assert page.status_code == 200, path
        files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
        for each in files - set(weights):
            weights[each] = len(client.get(each).content)
        sizes[path] = len(page.content) + sum(weights[each] for each in files)
    assert max(sizes.values()) <= FIRST_VIEW_BYTES_MAX, sizes
    assert client.get("/favicon.ico").status_code == 200


@pytest.mark.proof
def test_years_names_and_nonsense_never_break_a_page(sign_in, far):
    client = sign_in("KEMENSOS")
    for path in pages_of("KEMENSOS"):
        for params in (
            {"dari": "1900-01-01", "sampai": "2999-12-31"},
            {"dari": "2999-12-31", "sampai": "1900-01-01", "wilayah": "35'; DROP TABLE shop;--"},
        ):
            answer = client.get(path, params=params)
            assert answer.status_code == 200, (path, params)
            assert "DROP TABLE shop;--</" not in answer.text


@pytest.mark.proof
def test_an_empty_place_and_no_lake_are_said(sign_in, client, world, engine, tmp_path):
    client = sign_in("KEMENSOS")
    for path in pages_of("KEMENSOS"):
        for params in ({"wilayah": "11"}, {"dari": "2018-01-01", "sampai": "2018-01-02"}):
            page = client.get(path, params=params)
            assert page.status_code == 200, path
            words = re.sub(r"<[^>]+>", " ", page.text)
            assert re.search(r"[Bb]elum|[Tt]idak|danau| 0 ", words), path
            assert "None" not in words, path
            assert "nan" not in words.split(), path


@pytest.mark.proof
def test_no_file_holds_a_cell_that_a_spreadsheet_would_run(sign_in, world, engine, clock):
    names = ("=1+1", "+SUM(A1)", "-2+3", "@SUM(A1)")
    for place, name in enumerate(names):
        shop = install.add_shop(engine, name, "35.07.13.2001")
        assert not isinstance(shop, install.Refused), name
        family = NewFamily(
            kpm_id=f"=KPM-{place}", region="35.07.13.2001", home_shop=shop.shop_id, name=name,
            birth_date=None,
        )  # fmt: skip
        register_family(engine, family)
        credit(engine, {world.kpm_id: 1_000 + place}, period=f"2027-0{place + 1}")
    two_places(engine, world)
    clock.advance(days=8)
    write(engine)
    cells = 0
    for role, name in product(("KEMENSOS", "DINSOS"), NAMES):
        for output in ("csv", "xlsx", "parquet"):
            file = sign_in(role).get(
                f"/kemensos/unduh/{name}.{output}", params=DAYS, follow_redirects=False
            )
            if file.status_code == 200:
                cells += harmless_cells(output, file.content)
    for path in PLANS:
        cells += harmless_cells("csv", sign_in("KEMENSOS").get(f"{path}?kapasitas=300").content)
    for path in ("/publik/provinsi.csv", "/publik/harga.csv"):
        cells += harmless_cells("csv", sign_in("KEMENSOS").get(path).content)
    assert cells > 1_000


def harmless_cells(output, content):
    if output == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        texts = [cell for row in rows for cell in row]
    elif output == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
            whole = "".join(book.read(name).decode() for name in sheets)
        assert "<f>" not in whole
        texts = re.findall(r"<t[^>]*>([^<]*)</t>", whole)
    else:  # typed columns: no program takes a Parquet text for a formula, so it stays as it is
        return pq.read_table(io.BytesIO(content)).num_rows
    for text in texts:
        assert not text.startswith(FORMULA_STARTS) or re.fullmatch(r"-[\d.]+", text), text
    return len(texts)
