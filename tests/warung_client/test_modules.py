"""The till's pure modules, tested by Node's own test runner."""

import shutil
import subprocess
from pathlib import Path

import pytest

from warung_client import ASSETS

HERE = Path(__file__).parent
NODE = shutil.which("node")
TEXTS = (".js", ".css", ".html", ".svg", ".json", ".webmanifest")
FILE_LINES_MAX = 200


@pytest.mark.skipif(NODE is None, reason="needs Node: apt-get install -y nodejs")
def test_the_pure_modules_pass_their_node_tests():
    files = sorted(str(path) for path in HERE.glob("*.test.mjs"))
    ran = subprocess.run(
        [NODE, "--test", *files], capture_output=True, text=True, timeout=120, check=False
    )
    assert files
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_page_names_only_files_that_are_there_and_nothing_elsewhere():
    page = (ASSETS / "index.html").read_text(encoding="utf-8")
    names = [part.split('"')[0] for mark in ('href="', 'src="') for part in page.split(mark)[1:]]
    assert names
    assert all((ASSETS / name).is_file() for name in names)


def test_no_source_names_another_host():
    found = (path for path in ASSETS.rglob("*.*") if path.suffix in TEXTS)
    sources = [path for path in found if path.parent.name != "vendor"]
    foreign = [
        path.name
        for path in sources
        if "://" in path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    ]
    assert foreign == []


def test_each_file_can_be_read_in_one_go():
    long = [
        path.name
        for path in ASSETS.rglob("*.js")
        if path.parent.name != "vendor"
        and len(path.read_text(encoding="utf-8").splitlines()) > FILE_LINES_MAX
    ]
    assert long == []
