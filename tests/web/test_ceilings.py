"""Batas harga over HTTP: routes for programs and the officers' page, scope from the session."""

import re
from datetime import timedelta

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.services import ceiling_proposals
from pos_engine.services.authorize import authorize
from tests.services.test_ceiling_proposals import DAYS, day
from tests.web.conftest import log_in
from tests.world import a_purchase, rice

HOME = "/kemensos/batas-harga"


def as_officer(client, world, name):
    token = log_in(client, world.staff[name])["access_token"]
    return {"Authorization": f"Bearer {token}"}


def body_of(engine, **changes):
    first = engine.now().date() + timedelta(days=2)
    plain = {
        "act": new_uuid7(engine.now()),
        "target": "BERAS-MEDIUM",
        "place": "35.07",
        "rupiah": 13_200,
        "mode": "DECLINE",
        "regulation": "SK Bupati 12/2026",
        "reason": "harga turun",
        "valid_from": first.isoformat(),
    }
    return plain | changes


def act(engine, note=""):
    return {"act": new_uuid7(engine.now()), "note": note}


@pytest.fixture
def proposed(engine, monkeypatch):
    monkeypatch.setattr(ceiling_proposals, "attempts_of", lambda *_: [day(n) for n in DAYS])
    ceiling_proposals.make_proposals(engine)
    return "35.07:BERAS-MEDIUM:2026-11-20"


class TestRoutes:
    def test_draft_preview_sign_and_withdraw(self, client, engine, world, clock):
        authorize(engine, a_purchase(world, rice(1000), at=engine.now()))
        dinsos, nation = (as_officer(client, world, name) for name in ("DINSOS", "KEMENSOS"))
        made = client.post("/v1/ceilings", json=body_of(engine), headers=dinsos).json()
        path = f"/v1/ceilings/{made['draft_id']}"
        seen = client.get(path, headers=dinsos).json()["preview"]
        assert seen["sentence"] == "Aturan ini akan menolak 100% penjualan di 1 kabupaten/kota."
        once = client.post(f"{path}/signatures", json=act(engine), headers=dinsos)
        assert once.json()["state"] == "SIGNED"
        again = client.post(f"{path}/signatures", json=act(engine), headers=dinsos)
        assert (again.status_code, again.json()["code"]) == (409, "SAME_PERSON")
        clock.advance(minutes=1)
        signed = client.post(f"{path}/signatures", json=act(engine), headers=nation).json()
        assert signed["state"] == "PUBLISHED"
        assert len(signed["acts"]) == 2
        empty = client.post(f"{path}/withdrawals", json=act(engine), headers=nation)
        assert empty.status_code == 422
        back = client.post(f"{path}/withdrawals", json=act(engine, "salah"), headers=nation)
        assert back.json()["state"] == "WITHDRAWING"
        [row] = client.get("/v1/ceilings", headers=dinsos).json()["drafts"]
        assert row["draft_id"] == made["draft_id"]

    def test_scope_and_roles(self, client, engine, world):
        dinsos = as_officer(client, world, "DINSOS")
        for place in ("", "35", "94.01", "Z1"):
            response = client.post(
                "/v1/ceilings", json=body_of(engine, place=place), headers=dinsos
            )
            assert (response.status_code, response.json()["code"]) == (403, "OFFICER"), place
        wrong = client.post("/v1/ceilings", json=body_of(engine, place="x' OR 1"), headers=dinsos)
        assert wrong.status_code == 422
        assert client.get("/v1/ceilings/none", headers=dinsos).status_code == 404
        for name in ("KASIR", "PENDAMPING"):
            headers = as_officer(client, world, name)
            assert client.get("/v1/ceilings", headers=headers).status_code == 403

    def test_a_proposal_is_answered(self, client, engine, world, proposed):
        dinsos = as_officer(client, world, "DINSOS")
        [found] = client.get("/v1/ceilings/proposals", headers=dinsos).json()["proposals"]
        assert (found["proposal_id"], found["answer"]) == (proposed, None)
        path = f"/v1/ceilings/proposals/{proposed}/answers"
        yes = {"act": new_uuid7(engine.now()), "reason": "pasar naik", "mode": "FLAG", "days": 14}
        assert client.post(path, json=yes, headers=dinsos).json()["action"] == "FLAG"
        no = {"act": new_uuid7(engine.now()), "reason": "tidak"}
        assert client.post(path, json=no, headers=dinsos).json()["code"] == "ANSWERED"


class TestPage:
    @pytest.fixture
    def officer(self, client, world):
        client.post("/kemensos/masuk", data=world.staff["DINSOS"])
        return client

    def test_from_a_typed_draft_to_the_tills(self, officer, client, engine, world, clock):
        authorize(engine, a_purchase(world, rice(1000), at=engine.now()))
        hidden = re.search(r'name="act" value="([^"]+)"', officer.get(HOME).text)
        typed = body_of(engine, act=hidden[1], rupiah="13.200")
        page = officer.post(HOME, data=typed)
        assert "akan menolak 100% penjualan" in page.text
        assert "Kabupaten Malang" in page.text
        path = str(page.url.path)
        assert officer.post(HOME, data=typed).url.path == path  # sent twice, kept once
        signed = officer.post(f"{path}/tanda-tangan", data=act(engine))
        assert "Satu tanda tangan" in signed.text
        refused = officer.post(f"{path}/tanda-tangan", data=act(engine))
        assert (refused.status_code, "orang lain" in refused.text) == (422, True)
        client.post("/kemensos/masuk", data=world.staff["KEMENSOS"])
        clock.advance(minutes=1)
        assert "Terbit ke kasir" in client.post(f"{path}/tanda-tangan", data=act(engine)).text
        back = client.post(f"{path}/tarik", data=act(engine, "salah"))
        assert "sedang ditarik" in back.text
        assert "salah" in back.text

    def test_what_was_typed_stays_when_it_is_refused(self, officer, engine):
        page = officer.post(HOME, data=body_of(engine, reason="<b>mahal</b>", valid_from="besok"))
        assert page.status_code == 422
        assert "&lt;b&gt;mahal" in page.text
        assert "paling cepat besok" in page.text
        for changes in ({"rupiah": "murah"}, {"mode": "GIFT"}, {"place": "94.01"}):
            assert officer.post(HOME, data=body_of(engine, **changes)).status_code == 422

    def test_a_proposal_on_one_page(self, officer, engine, proposed):
        assert f"{HOME}/usulan/{proposed}" in officer.get(HOME).text
        path = f"{HOME}/usulan/{proposed}"
        page = officer.get(path).text
        assert "30% permintaan Beras medium ditolak karena harga" in page
        assert 'name="mode" value="CAP"' in page
        nothing = {"act": new_uuid7(engine.now()), "mode": "CAP", "days": "99", "reason": "naik"}
        assert officer.post(path, data=nothing).status_code == 422
        made = officer.post(path, data=nothing | {"days": "30"})
        assert made.url.path.startswith(HOME)
        assert "Bayar sebatas harga" in made.text
        assert "Diterima" in officer.get(path).text

    def test_strangers_and_readers(self, client, engine, world, proposed):
        assert client.get(HOME).url.path == "/kemensos"
        assert client.post(HOME, data=body_of(engine)).url.path == "/kemensos"
        client.post("/kemensos/masuk", data=world.staff["DINSOS"])
        assert client.get(f"{HOME}/none").url.path == HOME
        assert client.get(f"{HOME}/usulan/94.01:X:2026-01-01").url.path == HOME
