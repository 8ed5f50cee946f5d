"""`pad-report` over a folder of recorded challenges, as a test lab would fill it."""

import json

import cv2
import numpy as np
import pytest
import skimage.data
import typer
from typer.testing import CliRunner

from biometrics.pool import FacePool
from biometrics.refusal import FaceReason, FaceRefusal
from pos_engine.cli import face_pad


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.setenv("EWARONG_FACE_ENGINE", "sface")
    return tmp_path / "lab"


def run(*arguments):
    app = typer.Typer()
    app.callback()(lambda: None)
    face_pad.add_to(app)
    return CliRunner().invoke(app, ["pad-report", *map(str, arguments)])


def record(folder, zooms, action=None):
    folder.mkdir(parents=True)
    portrait = skimage.data.astronaut()[..., ::-1]
    for index, zoom in enumerate(zooms):
        matrix = cv2.getRotationMatrix2D((222, 122), 0, zoom)
        picture = cv2.warpAffine(portrait, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE)
        cv2.imwrite(str(folder / f"{index:02}.jpg"), picture)
    if action:
        (folder / "action.txt").write_text(action + "\n")


def test_rates_by_species_as_json_and_as_a_table(lab):
    record(lab / "bonafide" / "001", np.linspace(1, 1.5, 6), "CLOSER")
    record(lab / "bonafide" / "002-CLOSER", np.linspace(1, 1.5, 3))
    record(lab / "print" / "001-TURN_LEFT", np.ones(5))
    record(lab / "zoomed-print" / "001-CLOSER", np.linspace(1, 1.5, 6))
    ended = run(lab, "--json")
    assert ended.exit_code == 0, ended.output
    told = json.loads(ended.stdout)
    assert told["note"] == "PAD not certified"
    assert told["BPCER"]["events"] == 0
    assert told["BPCER"]["trials"] == 1
    assert told["BPNRR"]["events"] == 1
    assert told["APCER"]["print"]["value"] == 0
    assert told["APCER"]["zoomed-print"]["value"] == 1  # what CLOSER cannot see
    assert told["worst_species"] == "zoomed-print"


def test_the_table_names_the_worst_and_never_certifies(lab, capsys):
    record(lab / "print" / "001-TURN_LEFT", np.ones(5))
    ended = run(lab)
    printed = ended.output + capsys.readouterr().out
    assert ended.exit_code == 0, printed
    for word in ("APCER", "APNRR", "worst species: print", "PAD not certified"):
        assert word in printed
    assert "BPCER" not in printed


def test_the_living_alone_have_no_worst_species(lab, capsys):
    record(lab / "bonafide" / "001-CLOSER", np.ones(3))
    ended = run(lab)
    printed = ended.output + capsys.readouterr().out
    assert ended.exit_code == 0, printed
    assert "BPNRR" in printed
    assert "worst" not in printed


@pytest.mark.parametrize(
    ("fill", "word"),
    [
        (lambda lab: None, "not a folder"),
        (lambda lab: lab.mkdir(), "no sequence folders"),
        (lambda lab: record(lab / "print" / "001", np.ones(5)), "action"),
        (lambda lab: record(lab / "print" / "001", np.ones(5), "NOD"), "action"),
        (lambda lab: record(lab / "print" / "001-CLOSER", np.ones(16)), "at most 15"),
    ],
    ids=["missing", "empty", "no action", "unknown action", "too many frames"],
)
def test_a_folder_that_is_not_so_is_wrong_use(lab, fill, word, capsys):
    fill(lab)
    ended = run(lab)
    assert ended.exit_code == 2
    assert word in " ".join((ended.output + capsys.readouterr().err).split())


def test_switched_off_faces_and_broken_workers_give_no_figures(lab, monkeypatch):
    record(lab / "print" / "001-CLOSER", np.ones(5))
    broken = FaceRefusal(FaceReason.WORKER_FAILED, "gone")
    monkeypatch.setattr(FacePool, "embed_many", lambda self, images, pose: [broken])
    assert run(lab).exit_code == 1
    monkeypatch.setenv("EWARONG_FACE_ENGINE", "off")
    assert run(lab).exit_code == 2
