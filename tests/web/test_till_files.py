"""The till's files over HTTP: packed, asked for once, and never of two versions."""

import gzip
import re
import shutil

import brotli
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pos_engine.web.till_files import TillFiles
from warung_client import ASSETS


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(ASSETS, tmp_path / "static")


@pytest.fixture
def client(folder):
    app = Starlette()
    app.mount("/till", TillFiles(folder))
    with TestClient(app) as opened:
        yield opened


def version_of(client):
    return re.search(r'data-version="(\w+)"', client.get("/till/").text)[1]


def test_the_page_is_asked_for_each_time_and_its_files_never_again(client):
    page = client.get("/till/")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    entry = client.get(f"/till/till.js?v={version_of(client)}")
    assert entry.headers["cache-control"].endswith("immutable")
    assert entry.headers["content-type"] == "text/javascript; charset=utf-8"
    assert client.get("/till/sw.js").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "encoding", "opened"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("gzip, br;q=0", "gzip", gzip.decompress),
        ("identity", None, bytes),
    ],
)
def test_the_smallest_form_that_the_browser_reads(client, accepted, encoding, opened):
    with client.stream("GET", "/till/till.css", headers={"Accept-Encoding": accepted}) as answer:
        content = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert b".key" in opened(content)


def test_what_the_browser_has_is_not_sent_again(client):
    first = client.get("/till/critical.js")
    again = client.get("/till/critical.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_page_of_an_older_version_gets_nothing_rather_than_what_does_not_fit(client, folder):
    old = version_of(client)
    words = folder / "words.js"
    words.write_text(words.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    new = version_of(client)
    assert new != old
    assert client.get(f"/till/critical.js?v={old}").status_code == 404
    assert client.get(f"/till/critical.js?v={new}").status_code == 200


def test_every_file_of_the_tree_that_is_not_joined_is_there(client, folder):
    for name in ("icons/app-512.png", "sounds/satu.opus", "vendor/VENDOR.toml", "words/id.json"):
        assert client.get(f"/till/{name}").content == (folder / name).read_bytes()


@pytest.mark.parametrize("path", ["/till/nowhere.js", "/till/../app.py", "/till/%2e%2e/app.py"])
def test_nothing_else_is_there(client, path):
    assert client.get(path).status_code == 404


def test_it_is_read_only(client):
    assert client.post("/till/").status_code == 405
    head = client.head("/till/")
    assert (head.status_code, head.content) == (200, b"")
    assert client.get("/till", follow_redirects=False).is_redirect
