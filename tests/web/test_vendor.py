"""The files others made for the officers' pages are the ones that were published, and small."""

import gzip
import hashlib
import tomllib
from pathlib import Path

import pytest

from pos_engine.web import app

VENDOR = Path(app.STYLES) / "vendor"
LISTED = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))["file"]
PACKED_BYTES_MAX = 25_000


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry["path"])
def test_a_vendored_file_is_the_published_one_with_its_licence(entry):
    content = (VENDOR / entry["path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert all((VENDOR / name).stat().st_size > 500 for name in entry["licence_files"])
    assert entry["version"]


def test_nothing_in_the_folder_is_unlisted_and_all_of_it_is_small():
    named = {entry["path"] for entry in LISTED}
    licences = {name for entry in LISTED for name in entry["licence_files"]}
    assert {path.name for path in VENDOR.iterdir()} == {"VENDOR.toml", *named, *licences}
    packed = sum(len(gzip.compress((VENDOR / name).read_bytes(), 9)) for name in named)
    assert packed <= PACKED_BYTES_MAX
