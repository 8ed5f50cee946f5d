"""Evaluate and calibrate from the command line: files written, figures repeated, faults named."""

import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import skimage.data
import typer
from typer.testing import CliRunner

from biometrics.calibration_file import load_calibration
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.reply import Embedded
from biometrics.template import Template
from biometrics.thresholds import SFACE
from pos_engine.cli import face_evaluate, face_material
from tests.biometrics import pictures
from tests.biometrics.synthetic_people import people

MEASURES = None  # not read by an evaluation
FEW = ["--enrol", "2", "--probe", "2", "--draws", "1"]


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    app = typer.Typer()
    face_evaluate.add_to(app)

    def ewarong(*arguments, expect=0):
        ended = CliRunner().invoke(app, ["face", *map(str, arguments)])
        assert ended.exit_code == expect, (ended.output, ended.stderr, ended.exception)
        return ended.stdout if expect == 0 else " ".join(ended.stderr.split())

    return ewarong


@pytest.fixture
def arrays(tmp_path):
    vectors, persons = people(400, 4)
    path = tmp_path / "faces.npz"
    np.savez(path, embedding=vectors.astype(np.float16), person=persons)
    return path


def test_evaluate_prints_tables_and_writes_figures_and_picture(run, arrays, tmp_path):
    printed = run("evaluate", arrays, "--out", tmp_path / "out", *FEW)
    for word in ("FNMR", "FNIR", "FPIR", "Failure to acquire", "FPIR 0.003", "PAD not certified"):
        assert word in printed
    report = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert report["material"]["persons"] == 400
    assert len(report["source_sha256"]) == 64
    assert ET.parse(tmp_path / "out" / "det.svg").getroot().tag.endswith("svg")  # noqa: S314


def test_evaluate_in_json_repeats_by_its_seed(run, arrays):
    one, two = (run("evaluate", arrays, "--json", "--seed", 3, *FEW) for _ in range(2))
    assert json.loads(one) == json.loads(two)


def test_calibrate_writes_a_file_that_loads(run, arrays, tmp_path):
    out = tmp_path / "made" / "calibration.json"
    printed = run("calibrate", arrays, "--out", out, "--population", "nobody", "--fmr", 1e-2, *FEW)
    made = load_calibration(out.read_text(), SFACE.model_id)
    assert (made.population, made.population_factor, made.enrol) == ("nobody", 8.0, 2)
    assert "identify from" in printed


def test_calibrate_says_when_people_are_too_few(run, tmp_path):
    vectors, persons = people(5, 4)
    np.savez(tmp_path / "few.npz", embedding=vectors, person=persons)
    said = run(
        "calibrate", tmp_path / "few.npz", "--out", tmp_path / "c.json", "--population", "x",
        *FEW, expect=1,
    )  # fmt: skip
    assert "evaluate more persons" in said
    assert not (tmp_path / "c.json").exists()


def test_faults_of_files_are_named(run, tmp_path):
    vectors, persons = people(3, 2)
    np.savez(tmp_path / "half.npz", embedding=vectors)
    np.savez(tmp_path / "objects.npz", embedding=vectors, person=np.array([{}] * 6, object))
    np.savez(tmp_path / "singles.npz", embedding=vectors[::2], person=persons[::2])
    np.save(tmp_path / "one.npy", vectors)
    (tmp_path / "text.npz").write_text("no")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "half.npz").read_bytes()[:300])
    (tmp_path / "empty").mkdir()
    assert "holds no person" in run("evaluate", tmp_path / "half.npz", expect=1)
    assert "nobody has two pictures" in run("evaluate", tmp_path / "singles.npz", expect=1)
    for name in ("objects.npz", "text.npz", "cut.npz", "one.npy"):
        assert "no NPZ file" in run("evaluate", tmp_path / name, expect=1)
    assert "one folder a person" in run("evaluate", tmp_path / "empty", expect=1)
    assert "Give an NPZ file or a folder" in run("evaluate", tmp_path / "nowhere", expect=2)
    run("evaluate", tmp_path / "half.npz", "--engine", "eigenfaces", expect=2)


def test_a_place_that_cannot_be_written_is_wrong_use(run, arrays, tmp_path):
    (tmp_path / "file").write_text("")
    said = run("evaluate", arrays, "--out", tmp_path / "file", *FEW, expect=2)
    assert "Choose a place" in said


class FakePool:
    """Stands for the workers: each content is a row number, or a picture without a face."""

    def __init__(self, vectors):
        self.vectors = vectors

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def warm_up(self):
        return None

    def embed_many(self, images):
        return [self._one(image) for image in images]

    def _one(self, image):
        if image == b"nobody":
            return FaceRefusal(FaceReason.NO_FACE)
        return Embedded(Template(self.vectors[int(image)], SFACE.model_id, 50), MEASURES)


def test_a_folder_counts_pictures_without_a_face_by_reason(run, tmp_path, monkeypatch):
    vectors, persons = people(6, 4)
    monkeypatch.setattr(face_material, "FacePool", lambda _: FakePool(vectors))
    for row, person in enumerate(persons):
        folder = tmp_path / f"person {person}"
        folder.mkdir(exist_ok=True)
        (folder / f"{row}.jpg").write_text(str(row))
        (folder / "notes.txt").write_text("left alone")
    (tmp_path / "person 0" / "dark.png").write_text("nobody")
    report = json.loads(run("evaluate", tmp_path, "--json", *FEW))
    assert (report["material"]["pictures"], report["material"]["persons"]) == (25, 6)
    assert report["material"]["failures"] == {"NO_FACE": 1}
    assert "NO_FACE" in run("evaluate", tmp_path, *FEW)


def test_a_folder_without_any_face_is_refused(run, tmp_path, monkeypatch):
    monkeypatch.setattr(face_material, "FacePool", lambda _: FakePool([]))
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.jpg").write_text("nobody")
    assert "no face in any of 1 pictures ({'NO_FACE': 1})" in run("evaluate", tmp_path, expect=1)


@pytest.mark.proof
def test_a_folder_is_evaluated_with_drawn_wear_too(run, tmp_path):
    portrait = skimage.data.astronaut()
    for person, change in {"a": 1, "b": -1}.items():
        (tmp_path / person).mkdir()
        for row, light in enumerate((1.0, 0.8)):
            picture = np.ascontiguousarray((portrait[:, ::change] * light).astype(np.uint8))
            (tmp_path / person / f"{row}.jpg").write_bytes(pictures.encode(picture))
    options = ["--enrol", 1, "--probe", 1, "--draws", 1]
    report = json.loads(run("evaluate", tmp_path, "--json", *options))
    rows = {row["group"]: row for row in report["synthetic"]}
    assert set(rows) == {f"synthetic {wear}" for wear in ("hijab", "peci", "glasses", "mask")}
    assert rows["synthetic mask"]["failures"] == {"COVERED": 2}
    assert rows["synthetic mask"]["fnir"]["value"] == 1.0
    assert rows["synthetic peci"]["failures"] == {}
    assert report["material"]["pictures"] == 4  # the main figures are of the pictures as taken
    assert "synthetic hijab" in run("evaluate", tmp_path, *options)
    assert "synthetic" not in json.loads(run("evaluate", tmp_path, "--no-wear", "--json", *options))
