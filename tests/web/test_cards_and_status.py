"""Cards stopped by officers, work lists, the public status page, and what no pendamping can do."""

import re

import pytest

from pos_engine.rules import question
from pos_engine.services import cards
from pos_engine.web.status_page import LOOKUPS_OF_AN_ADDRESS_MAX
from tests.web.conftest import a_body, a_line, a_path, log_in

VILLAGE = "35.07.13.2001"


def as_role(client, world, role):
    token = log_in(client, world.staff[role])["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def the_card(client, world):
    return client.get("/v1/cards", params={"kpm_id": world.kpm_id}).json()["cards"][0]


def test_a_lost_card_stops_at_once_and_the_money_stays(client, world):
    as_role(client, world, "PENDAMPING")
    card = the_card(client, world)
    assert world.card not in str(card)
    path = f"/v1/cards/{card['card_id']}/block"
    for _ in range(2):
        assert client.post(path, json={"kind": "LOST"}).json()["state"] == "LOST"
    as_role(client, world, "KASIR")
    answer = client.put(a_path(), json=a_body(world)).json()
    assert answer["reason"] == "CARD_LOST"
    assert "tetap utuh" in answer["message"]


def test_a_card_of_another_region_is_not_known(client, world, engine):
    as_role(client, world, "DINSOS")
    with engine.database.begin() as tx:
        tx.exec_driver_sql("UPDATE family SET region = '94.01.01.1001'")
    assert client.get("/v1/cards", params={"kpm_id": world.kpm_id}).json() == {"cards": []}
    with engine.database.read() as tx:
        card_id = tx.exec_driver_sql("SELECT card_id FROM card").scalar()
    assert client.post(f"/v1/cards/{card_id}/block", json={"kind": "LOST"}).status_code == 404
    assert client.post(f"/v1/cards/{card_id}/block", json={"kind": "STOLEN"}).status_code == 422


def test_work_lists_are_for_officers_of_the_region(client, world, engine):
    issued = cards.issue(engine, world.kpm_id, "ani", person_id="nobody")
    assert issued.field == "family_id"
    span = {"from": "2026-01-01", "to": "2027-01-01"}
    as_role(client, world, "PENDAMPING")
    rows = client.get("/v1/reports/not-redeemed", params={"from": "2026-11-01", "to": "2027-10-01"})
    assert {row["kpm_id"] for row in rows.json()["rows"]} == {world.kpm_id, world.other_kpm_id}
    assert rows.json()["rows"][0]["likely_reason"] == "NOT_YET_SHOPPED"
    assert (
        client.get("/v1/reports/cards-undistributed", params={**span, "to": "2026-12-31"}).json()[
            "rows"
        ]
        == []
    )
    assert (
        client.get("/v1/reports/purchases", params={**span, "to": "2026-12-31"}).status_code == 403
    )
    as_role(client, world, "PEMILIK")
    assert (
        client.get("/v1/reports/not-redeemed", params={**span, "to": "2026-12-31"}).status_code
        == 403
    )


# What a pendamping may call, each looked at by a person: none debits, sees a code, picks goods.
PENDAMPING_MAY = {
    ("POST", "/v1/enrolments"),
    ("POST", "/v1/enrolments/codes"),
    ("GET", "/v1/enrolments"),
    ("GET", "/v1/enrolments/{enrolment_id}"),
    ("POST", "/v1/enrolments/{enrolment_id}/approve"),
    ("POST", "/v1/enrolments/{enrolment_id}/refuse"),
    ("POST", "/v1/enrolments/{enrolment_id}/withdraw"),
    ("GET", "/v1/cards"),
    ("POST", "/v1/cards/{card_id}/block"),
    ("GET", "/v1/reports/{name}"),
    ("DELETE", "/v1/sessions"),
    ("POST", "/v1/delegations"),
    ("GET", "/v1/delegations"),
    ("POST", "/v1/delegations/{delegation_id}/approve"),
    ("POST", "/v1/delegations/{delegation_id}/end"),
    ("PUT", "/v1/access"),
    ("GET", "/v1/supervisions"),
    ("POST", "/v1/supervisions/{supervision_id}/confirm"),  # her word, no token: the till buys
    ("POST", "/v1/supervisions/{supervision_id}/refuse"),
    ("POST", "/v1/pins/witnesses"),  # says that it is she; the PIN is typed at a till
    ("POST", "/v1/pins/witnesses/{witness_id}"),
    # a shop's application and its own static code on the wall
    ("POST", "/v1/shops"),
    ("GET", "/v1/shops"),
    ("POST", "/v1/complaints"),  # types down what a family of the region says
    ("GET", "/v1/shops/{shop_id}"),
    ("GET", "/v1/shops/{shop_id}/qris.png"),
    ("GET", "/v1/shops/{shop_id}/qris.svg"),
    ("GET", "/v1/shops/{shop_id}/qris.html"),
}
ANYONE_MAY = {
    ("GET", "/health"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/metrics"),
    ("POST", "/v1/sessions"),
    ("POST", "/v1/sessions/refresh"),
    ("GET", "/v1/receipts/{name}/proof"),
    ("POST", "/v1/receipts/check"),
    ("GET", "/v1/sessions/sealing-key"),
    ("GET", "/v1/offline/keys"),
    ("POST", "/v1/devices"),  # by the code of its owner
}
# Signed by a provider's or a device's key, no session counts there; texts, which no secret opens.
OF_PROVIDERS = {
    "/v1.0/": (400, 401),
    "/gateway/": (404,),
    "/v1/offline/closings": (401, 422),
    "/v1/offline/batches": (401,),
    "/v1/offline/outcomes": (401, 422),
}


def test_no_call_lets_a_pendamping_debit_see_a_code_or_pick_goods(client, world):
    as_role(client, world, "PENDAMPING")
    paths = client.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        for method in map(str.upper, operations):
            if (method, path) in PENDAMPING_MAY | ANYONE_MAY:
                continue
            url = re.sub(r"\{[^}]*\}", a_path().rpartition("/")[2], path)
            body = {**a_body(world, a_line()), "challenge_id": "x"}
            answer = client.request(method, url, json=None if method == "GET" else body)
            refused = next((r for each, r in OF_PROVIDERS.items() if path.startswith(each)), (403,))
            assert answer.status_code in refused, (method, path, answer.status_code, answer.text)


def answer_of(text):
    """What a person answers."""
    if found := re.search(r"membeli (\w+) butir telur, lalu (\w+)", text):
        return str(sum(question.NUMBERS.index(word) for word in found.groups()))
    if found := re.search(r"sesudah (\w+)", text):
        return question.DAYS[(question.DAYS.index(found[1]) + 2) % 7]
    return next(word for word in question.THINGS if word in text)


def asked(client):
    page = client.get("/cek", params={"wilayah": VILLAGE}).text
    token = re.search(r'name="soal" value="([^"]+)"', page)[1]
    text = re.search(r"<label>([^<]*)<input name=\"jawaban\"", page)[1]
    return token, answer_of(text)


def look(client, name, token, answer):
    form = {"wilayah": VILLAGE, "nama": name, "soal": token, "jawaban": answer}
    return client.post("/cek", data=form)


def test_a_name_of_a_village_is_told_its_status_and_nothing_else(client, world):
    assert f"/cek?wilayah={VILLAGE}" in client.get("/cek", params={"desa": village_name()}).text
    assert "belum ditemukan" in client.get("/cek", params={"desa": "Antah Berantah"}).text
    found = look(client, "siti  wahyuni", *asked(client))
    assert found.status_code == 200
    assert found.text.count("2026-11: sudah salur") == 2  # two families of that name
    for secret in (world.kpm_id, world.card, "200.000", "1980"):
        assert secret not in found.text
    assert "belum ditemukan" in look(client, "Orang Lain", *asked(client)).text


def village_name():
    from catalog.zones import region_name  # noqa: PLC0415

    return region_name(VILLAGE)


def test_a_question_is_good_once_and_wrong_answers_see_nothing(client):
    token, answer = asked(client)
    assert "sudah salur" not in look(client, "Siti Wahyuni", token, "salah").text
    assert "sudah salur" in look(client, "Siti Wahyuni", token, answer).text
    again = look(client, "Siti Wahyuni", token, answer)
    assert again.status_code == 422
    assert "sudah salur" not in again.text
    assert look(client, "Siti Wahyuni", "forged", answer).status_code == 422


def test_an_address_asks_only_so_often(client):
    answers = [
        look(client, "x", "no", "no").status_code for _ in range(LOOKUPS_OF_AN_ADDRESS_MAX + 1)
    ]
    assert answers[-1] == 429
    assert 429 not in answers[:-1]


@pytest.mark.parametrize("query", ["?wilayah=99.99.99.9999", "?desa=%00", "?wilayah=35"])
def test_odd_questions_get_the_first_page(client, query):
    assert "Nama desa atau kelurahan" in client.get(f"/cek{query}").text
