"""The files others made are the ones that were published."""

import hashlib
import tomllib

import pytest

from warung_client import ASSETS

VENDOR = ASSETS / "vendor"
LISTED = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))["file"]


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry["path"])
def test_a_vendored_file_has_the_hash_it_was_taken_with(entry):
    content = (VENDOR / entry["path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry["path"])
def test_a_vendored_file_brings_its_licences(entry):
    assert entry["version"]
    assert all((VENDOR / name).stat().st_size > 500 for name in entry["licence_files"])


def test_nothing_in_the_folder_is_unlisted():
    named = {entry["path"] for entry in LISTED}
    licences = {name for entry in LISTED for name in entry["licence_files"]}
    types = {path.name for path in VENDOR.glob("*.d.ts")}  # ours: what the till uses of each
    assert {path.name for path in VENDOR.iterdir()} == {"VENDOR.toml", *named, *licences, *types}
