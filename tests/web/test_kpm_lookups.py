"""She sees on her own page who looked for her, and nobody else's look-ups."""

from tests.kpm_page import enter
from tests.web.conftest import log_in
from tests.world import MSISDN, PIN

PAGE = "/saya/pencarian"


def test_a_look_up_without_a_purchase_stands_on_her_page(client, engine, world):
    token = log_in(client, world.staff["KASIR"])["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    for card in (world.card, world.other_card):
        ask = {"till_id": world.till_id, "method": "KKS", "card": card, "pin": PIN}
        found = client.post("/v1/payers/identify", json=ask, headers=headers)
        assert found.json()["status"] == "IDENTIFIED", found.text
    assert client.get(PAGE, follow_redirects=False).status_code == 303  # nobody is here yet
    enter(client, engine, MSISDN)
    page = client.get(PAGE).text
    assert "Warung Bu Sri" in page
    assert page.count("Lewat kartu: dikenali") == 1  # the other family's is not hers
    assert "21-11-2026 10.00" in page
