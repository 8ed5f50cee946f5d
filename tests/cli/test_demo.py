"""The demo's folder: half-built ones are built anew, real ones are never touched."""

import pytest

from pos_engine.cli.demo import _demo_settings, _empty
from pos_engine.engine import DEMO, KIND
from pos_engine.store import installation
from pos_engine.store.database import open_database


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("EWARONG_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return _demo_settings()


def build(settings, kind):
    database = open_database(settings.url)
    database.upgrade()
    with database.begin() as tx:
        installation.mark(tx, KIND, kind)
    database.close()


def test_a_half_built_demo_is_removed(settings):
    build(settings, DEMO)
    settings.keys_path.write_text("{}")
    _empty(settings)
    assert not settings.data_dir.exists()


def test_a_missing_or_empty_folder_is_fine(settings):
    _empty(settings)
    settings.data_dir.rmdir()
    _empty(settings)


def test_keys_of_a_real_installation_are_never_removed(settings):
    settings.keys_path.write_text("{}")
    with pytest.raises(SystemExit):
        _empty(settings)
    assert settings.keys_path.exists()


@pytest.mark.parametrize("kind", ["LIVE", None])
def test_a_real_database_is_never_removed(settings, kind):
    if kind:
        build(settings, kind)
    else:
        (settings.data_dir / "ewarong.db").write_bytes(b"")
    with pytest.raises(SystemExit):
        _empty(settings)
    assert (settings.data_dir / "ewarong.db").exists()
