"""The officers' pages of proposed faces: who sees them, and a decision by form."""

from dataclasses import replace

import pytest

from pos_engine.store import enrolments
from tests.enrolling import Office
from tests.named_faces import NamedFaces

HOME = "/kemensos/wajah"


@pytest.fixture
def engine(engine):
    return replace(engine, faces=NamedFaces())


@pytest.fixture
def office(engine, world):
    return Office(engine, world)


@pytest.fixture
def twin(office, world):
    """KPM-2's proposal of a face that is in force for KPM-1."""
    office.enrol("siti")
    return office.propose("siti", kpm_id=world.other_kpm_id).enrolment


@pytest.fixture
def dinsos(client, world):
    client.post("/kemensos/masuk", data=world.staff["DINSOS"])
    return client


def status_of(office, row):
    with office.engine.database.read() as tx:
        return enrolments.find_enrolment(tx, row.enrolment_id).status


def test_it_asks_for_a_log_in_first(client, twin):
    for path in (HOME, f"{HOME}/{twin.enrolment_id}"):
        asked = client.get(path, follow_redirects=False)
        assert (asked.status_code, asked.headers["location"]) == (303, "/kemensos")
    for act in ("setuju", "tolak"):
        client.post(f"{HOME}/{twin.enrolment_id}/{act}", data={"catatan": "x"})


def test_the_list_and_one_of_it(dinsos, twin):
    listed = dinsos.get(HOME).text
    assert twin.enrolment_id in listed
    assert twin.enrolment_id not in dinsos.get(f"{HOME}?keadaan=IN_FORCE").text
    shown = dinsos.get(f"{HOME}/{twin.enrolment_id}").text
    assert "S*** W******, keluarga KPM-1" in shown
    assert "3.0 menit" in shown
    assert "Setujui" in shown
    gone = dinsos.get(f"{HOME}/nothing", follow_redirects=False)
    assert gone.headers["location"] == HOME


def test_a_decision_by_form(dinsos, office, twin):
    path = f"{HOME}/{twin.enrolment_id}"
    for missing in (
        {},
        {"keputusan": "TWIN"},
        {"keputusan": "TWIN", "catatan": " "},
        {"keputusan": "", "catatan": "kembar"},
    ):
        answer = dinsos.post(f"{path}/setuju", data=missing)
        assert answer.status_code == 422
        assert "Setiap wajah mirip perlu satu keputusan" in answer.text
    assert status_of(office, twin) == "REVIEW"
    done = dinsos.post(f"{path}/setuju", data={"keputusan": "TWIN", "catatan": "kembar"})
    assert "Wajah berlaku." in done.text
    assert "Kembar atau sangat mirip" in done.text
    assert status_of(office, twin) == "IN_FORCE"


def test_a_refusal_by_form(dinsos, office, twin):
    done = dinsos.post(f"{HOME}/{twin.enrolment_id}/tolak", data={"catatan": "ragu\nsekali"})
    assert "Pendaftaran tidak disetujui." in done.text
    assert status_of(office, twin) == "REFUSED"
    late = dinsos.post(f"{HOME}/{twin.enrolment_id}/setuju")
    assert "sudah diputuskan" in late.text or "Setiap wajah" in late.text


def test_kemensos_looks_and_does_not_decide(client, world, office, twin):
    client.post("/kemensos/masuk", data=world.staff["KEMENSOS"])
    shown = client.get(f"{HOME}/{twin.enrolment_id}").text
    assert "Temuan 1" in shown
    assert "S***" not in shown
    assert "Setujui" not in shown
    answer = client.post(
        f"{HOME}/{twin.enrolment_id}/tolak", data={"catatan": "x"}, follow_redirects=False
    )
    assert answer.headers["location"] == "/kemensos"
    assert status_of(office, twin) == "REVIEW"
