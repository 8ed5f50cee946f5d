"""The officers' page of cases, and a shop's own answer, over HTTP."""

import pytest

from pos_engine.rules.ids import new_uuid7
from tests.services.test_anomalies import PERIOD, a_case
from tests.web.conftest import log_in
from tests.world import NOW

MONTH = {"dari": "2026-01-01", "sampai": "2026-01-31"}


@pytest.fixture
def officer(client, world):
    def logged_in(who="KEMENSOS"):
        client.post("/kemensos/masuk", data=world.staff[who])
        return client

    return logged_in


@pytest.fixture
def owner(client, world):
    def call(method, path, **more):
        token = log_in(client, world.staff["PEMILIK"])["access_token"]
        return client.request(method, path, headers={"Authorization": f"Bearer {token}"}, **more)

    return call


def test_the_list_and_a_case_can_be_read(officer, engine, world):
    case = a_case(engine, world.shop_id)
    page = officer().get("/kemensos/kejanggalan", params=MONTH)
    assert page.status_code == 200
    assert "Warung Bu Sri" in page.text
    assert f"/kemensos/kejanggalan/{case.case_id}" in page.text
    one = officer().get(f"/kemensos/kejanggalan/{case.case_id}")
    assert "40 dari 60 belanja" in one.text
    assert "Tanyakan kepada warung" in one.text
    for wrong in ("?keadaan=LAIN", "?aturan=R99", "?wilayah=%27--"):
        assert officer().get(f"/kemensos/kejanggalan{wrong}").status_code == 200
    assert officer().get("/kemensos/kejanggalan/nonsense").status_code == 422


def test_nobody_without_log_in_and_nobody_of_another_place(client, officer, engine, world):
    near = a_case(engine, world.shop_id)
    far = a_case(engine, "shop-far", region="94.01.01.1001")
    assert client.get("/kemensos/kejanggalan", follow_redirects=False).status_code == 303
    signed = officer("DINSOS")
    page = signed.get("/kemensos/kejanggalan", params=MONTH | {"wilayah": "94"})
    assert near.case_id in page.text
    assert far.case_id not in page.text
    away = signed.get(f"/kemensos/kejanggalan/{far.case_id}", follow_redirects=False)
    assert away.status_code == 303
    refused = signed.post(
        f"/kemensos/kejanggalan/{far.case_id}",
        data={"act": new_uuid7(NOW), "what": "ASK", "note": "?"},
        follow_redirects=False,
    )
    assert refused.status_code == 303
    assert refused.headers["location"] == "/kemensos/kejanggalan"


def test_asked_on_the_page_and_answered_at_the_till(officer, owner, engine, world):
    case = a_case(engine, world.shop_id)
    path = f"/kemensos/kejanggalan/{case.case_id}"
    assert owner("GET", "/v1/anomalies").json() == {"cases": []}
    form = {"act": new_uuid7(NOW), "what": "ASK", "note": "Mengapa cepat sekali? <b>"}
    assert officer().post(path, data=form, follow_redirects=False).status_code == 303
    [said] = owner("GET", "/v1/anomalies").json()["cases"]
    assert said["questions"] == ["Mengapa cepat sekali? <b>"]
    assert not {"score", "value", "peers", "evidence"} & said.keys()
    body = {"answer_id": new_uuid7(NOW), "text": "Hari pasar."}
    where = f"/v1/anomalies/{case.case_id}/answers"
    for _ in range(2):
        assert owner("POST", where, json=body).json()["status"] == "ASKED"
    [said] = owner("GET", "/v1/anomalies").json()["cases"]
    assert said["answers"] == ["Hari pasar."]
    page = officer().get(path).text
    assert "Hari pasar." in page
    assert "&lt;b&gt;" in page


def test_one_officer_alone_closes_nothing(officer, engine, world):
    case = a_case(engine, world.shop_id)
    path = f"/kemensos/kejanggalan/{case.case_id}"
    explain = {"act": new_uuid7(NOW), "what": "EXPLAIN", "note": "Hari pasar."}
    assert officer().post(path, data=explain, follow_redirects=False).status_code == 303
    close = {"act": new_uuid7(NOW), "what": "CLOSE", "note": "Selesai."}
    alone = officer().post(path, data=close)
    assert alone.status_code == 409
    assert "Petugas lain yang harus menutup" in alone.text


def test_a_stranger_to_the_shop_answers_nothing(owner, engine):
    case = a_case(engine, "shop-far")
    body = {"answer_id": new_uuid7(NOW), "text": "Halo."}
    assert owner("POST", f"/v1/anomalies/{case.case_id}/answers", json=body).status_code == 404
    assert owner("POST", "/v1/anomalies/x/answers", json=body).status_code == 422


def test_cases_go_out_as_a_file(officer, engine, world):
    a_case(engine, world.shop_id)
    file = officer().get("/kemensos/unduh/anomalies.csv", params=MONTH)
    assert file.status_code == 200
    assert PERIOD in file.text
    assert "Warung Bu Sri" in file.text
