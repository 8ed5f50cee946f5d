"""The sale over HTTP as the contract writes it."""

import json
import re

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.services import notify
from pos_engine.store import shops
from tests.web.conftest import a_body, a_line, a_path, log_in
from tests.world import BALANCE, MSISDN, NOW, PIN


def test_a_purchase_as_in_the_contract(cashier, world):
    answer = cashier.put(a_path(), json=a_body(world))
    assert answer.status_code == 200
    body = answer.json()
    assert {
        "purchase_id", "status", "amount", "balance_before", "balance_after", "lines", "receipt",
        "policy", "price_book", "decided_at",
    } <= body.keys()  # fmt: skip
    assert body["lines"] == [
        {
            "sku": "BERAS-MEDIUM", "name": "Beras medium", "quantity_milli": 5000, "unit": "kg",
            "unit_price": 13_400, "line_total": 67_000, "verdict": "OK", "flags": [],
            "ceiling": 13_500, "ceiling_kind": "HET", "regulation": "Kepka Bapanas 299/2025",
        }
    ]  # fmt: skip
    assert {"number", "text", "verify"} <= body["receipt"].keys()


def test_a_refusal_as_in_the_contract(cashier, world):
    body = cashier.put(a_path(), json=a_body(world, a_line(unit_price=14_000))).json()
    assert body["status"] == "DECLINED"
    assert body["reason"] == "PRICE_ABOVE_CEILING"
    assert body["message"] == (
        "Harga Beras medium Rp14.000 per kg terlalu tinggi. Paling tinggi Rp13.500."
    )
    assert body["next_step"]
    assert body["approvable_amount"] == 0
    assert body["lines"][0]["verdict"] == "PRICE_ABOVE_CEILING"
    assert body["lines"][0]["ceiling"] == 13_500


def test_twice_is_once_byte_for_byte(cashier, world):
    path, body = a_path(), a_body(world)
    first = cashier.put(path, json=body)
    again = cashier.put(path, json=dict(reversed(body.items())))
    assert again.content == first.content
    assert cashier.get(path).content == first.content


def test_the_same_moment_written_in_another_zone_is_the_same(cashier, world):
    path = a_path()
    first = cashier.put(path, json=a_body(world, occurred_at="2026-11-21T10:00:00+07:00"))
    again = cashier.put(path, json=a_body(world, occurred_at="2026-11-21T03:00:00Z"))
    assert again.content == first.content


def test_other_content_is_409(cashier, world):
    path = a_path()
    cashier.put(path, json=a_body(world))
    other = cashier.put(path, json=a_body(world, a_line(quantity_milli=1000)))
    assert other.status_code == 409
    assert other.headers["content-type"] == "application/problem+json"
    assert other.json()["code"] == "DUPLICATE_DIFFERENT"


def test_a_decline_replayed_stays_a_decline(cashier, world):
    path, body = a_path(), a_body(world, a_line(sku="ROKOK-KRETEK", unit_price=20_000))
    first = cashier.put(path, json=body)
    assert first.json()["reason"] == "ITEM_BANNED"
    assert cashier.put(path, json=body).content == first.content


def test_by_gtin(cashier, world, engine):
    with engine.database.read() as tx:
        packs = engine.catalogue(tx).packs.values()
    cigarettes = next(pack for pack in packs if pack.sku.startswith("ROKOK"))
    rice = next(pack for pack in packs if pack.sku == "BERAS-MEDIUM")
    line = a_line(sku=..., gtin=cigarettes.gtin, quantity_milli=1000, unit_price=25_000)
    assert cashier.put(a_path(), json=a_body(world, line)).json()["reason"] == "ITEM_BANNED"
    line = a_line(sku=..., gtin=rice.gtin, quantity_milli=1000, unit_price=67_501)
    answer = cashier.put(a_path(), json=a_body(world, line)).json()
    assert (answer["reason"], answer["lines"][0]["ceiling"]) == ("PRICE_ABOVE_CEILING", 67_500)
    assert answer["lines"][0]["gtin"] == rice.gtin


class TestQuote:
    def test_without_a_payer_there_is_no_balance(self, cashier, world):
        lines = [a_line(), a_line(sku="BIR", unit_price=30_000, quantity_milli=1000)]
        body = cashier.post("/v1/quotes", json={"lines": lines}).json()
        assert [line["verdict"] for line in body["lines"]] == ["OK", "ITEM_BANNED"]
        assert body["approvable_amount"] == 67_000
        assert body["quote_id"]
        assert "balance_before" not in body

    def test_with_a_proven_payer(self, cashier, world):
        payer = {"method": "KKS", "card": world.card, "pin": PIN}
        body = cashier.post("/v1/quotes", json={"lines": [a_line()], "payer": payer}).json()
        assert (body["balance_before"], body["balance_after"]) == (BALANCE, BALANCE - 67_000)
        buy = a_body(world, payer={"token": body["payer_token"]})
        assert cashier.put(a_path(), json=buy).json()["status"] == "APPROVED"

    def test_with_a_wrong_pin_there_is_no_balance(self, cashier, world):
        payer = {"method": "KKS", "card": world.card, "pin": "000001"}
        body = cashier.post("/v1/quotes", json={"lines": [a_line()], "payer": payer}).json()
        assert (body["payer_token"], body["payer_reason"]) == (None, "PIN_WRONG")
        assert "balance_before" not in body

    def test_an_empty_basket_says_so(self, cashier):
        assert cashier.post("/v1/quotes", json={"lines": []}).json()["reason"] == "BASKET_EMPTY"


def test_by_phone_from_ask_to_notice(cashier, world, engine):
    purchase_id = new_uuid7(NOW)
    ask = {
        "till_id": world.till_id, "method": "PHONE", "msisdn": "0812-3456-7890",
        "purchase_id": purchase_id, "amount": 67_000,
    }  # fmt: skip
    asked = cashier.post("/v1/payers/identify", json=ask).json()
    assert (asked["status"], asked["step_up"], asked["name"]) == ("STEP_UP", ["CODE"], None)
    code = re.search(r"\b\d{6}\b", engine.sms.messages()[0].text)[0]
    payer = {"method": "PHONE", "msisdn": MSISDN, "code": code}
    answer = cashier.put(a_path(purchase_id), json=a_body(world, payer=payer)).json()
    assert answer["status"] == "APPROVED"
    assert notify.drain(engine).done == 1
    assert "Rp67.000" in engine.sms.messages()[0].text
    assert notify.drain(engine).done == 0


class TestCatalog:
    def test_a_signed_snapshot(self, cashier, engine):
        body = cashier.get("/v1/catalog", params={"region": "35.07"}).json()
        goods = {good["sku"]: good for good in body["goods"]}
        assert goods["BERAS-MEDIUM"]["ceiling"]["amount"] == 13_500
        assert goods["ROKOK-KRETEK"]["verdict"] == "ITEM_BANNED"
        assert "tidak boleh" in goods["ROKOK-KRETEK"]["message"]
        signed = {k: v for k, v in body.items() if k not in ("server_time", "signature", "key_id")}
        text = json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert engine.keys.signature_ok(text.encode(), body["signature"])

    def test_an_unchanged_snapshot_is_not_sent_again(self, cashier):
        first = cashier.get("/v1/catalog", params={"region": "35.07"})
        again = cashier.get(
            "/v1/catalog",
            params={"region": "35.07"},
            headers={"If-None-Match": first.headers["etag"]},
        )
        assert (again.status_code, again.content) == (304, b"")

    def test_every_zone_has_its_ceiling(self, cashier):
        for region, ceiling in (("35.07", 13_500), ("12.71", 14_000), ("94.01", 15_500)):
            goods = cashier.get("/v1/catalog", params={"region": region}).json()["goods"]
            rice = next(good for good in goods if good["sku"] == "BERAS-MEDIUM")
            assert rice["ceiling"]["amount"] == ceiling

    def test_an_unknown_region_is_named(self, cashier):
        answer = cashier.get("/v1/catalog", params={"region": "00.00"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "region"


class TestSession:
    def test_a_session_says_who_where_and_until_when(self, client, world):
        body = log_in(client, world.staff["KASIR"])
        assert body["staff"]["role"] == "KASIR"
        assert body["till_id"] == world.till_id
        assert body["shop"] == {
            "shop_id": world.shop_id, "name": "Warung Bu Sri", "region": "35.07.13.2001",
            "time_zone": "Asia/Jakarta",
        }  # fmt: skip
        assert body["expires_in"] == 600

    @pytest.mark.parametrize("field", ["device_id", "device_secret", "staff_id", "pin"])
    def test_one_wrong_part_opens_nothing_and_says_not_which(self, client, world, field):
        wrong = world.staff["KASIR"] | {field: "000001" if field == "pin" else "x"}
        answer = client.post("/v1/sessions", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (401, "LOGIN_WRONG")

    def test_a_cashier_of_another_shop_cannot_use_this_tablet(self, client, world):
        mixed = world.staff["KASIR"] | {
            name: world.staff["KASIR-2"][name] for name in ("staff_id", "pin")
        }
        assert client.post("/v1/sessions", json=mixed).status_code == 401

    def test_five_wrong_pins_lock(self, client, world):
        login = world.staff["KASIR"]
        wrong = "000001" if login["pin"] != "000001" else "000002"
        for _ in range(5):
            client.post("/v1/sessions", json=login | {"pin": wrong})
        assert client.post("/v1/sessions", json=login).json()["code"] == "LOGIN_LOCKED"

    def test_access_ends_after_ten_minutes_and_refresh_renews(self, client, world, clock):
        opened = log_in(client, world.staff["KASIR"])
        headers = {"Authorization": f"Bearer {opened['access_token']}"}
        assert client.get("/v1/purchases", headers=headers).status_code == 200
        clock.advance(minutes=11)
        assert client.get("/v1/purchases", headers=headers).status_code == 401
        token = {"refresh_token": opened["refresh_token"]}
        renewed = client.post("/v1/sessions/refresh", json=token).json()
        headers = {"Authorization": f"Bearer {renewed['access_token']}"}
        assert client.get("/v1/purchases", headers=headers).status_code == 200

    def test_the_previous_refresh_works_a_minute_more(self, client, world, clock):
        token = {"refresh_token": log_in(client, world.staff["KASIR"])["refresh_token"]}
        assert client.post("/v1/sessions/refresh", json=token).status_code == 200
        clock.advance(seconds=59)
        assert client.post("/v1/sessions/refresh", json=token).status_code == 200
        clock.advance(seconds=61)
        assert client.post("/v1/sessions/refresh", json=token).status_code == 401

    def test_a_refresh_ends_after_twelve_hours(self, client, world, clock):
        token = {"refresh_token": log_in(client, world.staff["KASIR"])["refresh_token"]}
        clock.advance(hours=12, seconds=1)
        assert client.post("/v1/sessions/refresh", json=token).status_code == 401

    def test_log_out_ends_both_tokens(self, cashier, client):
        assert cashier.delete("/v1/sessions").status_code == 204
        assert cashier.get("/v1/purchases").status_code == 401

    def test_a_revoked_tablet_is_dead_at_once(self, cashier, world, engine):
        with engine.database.begin() as tx:
            shops.set_device_status(tx, world.staff["KASIR"]["device_id"], "REVOKED")
        answer = cashier.put(a_path(), json=a_body(world))
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")

    def test_without_a_token_nothing(self, client, world):
        for call in (
            client.put(a_path(), json=a_body(world)),
            client.post("/v1/quotes", json={"lines": []}),
            client.post("/v1/payers/identify", json={}),
            client.get("/v1/catalog?region=35.07"),
            client.get("/v1/reports/purchases?from=2026-11-01&to=2026-11-30"),
        ):
            assert call.status_code == 401

    def test_an_officer_cannot_sell(self, client, world):
        token = log_in(client, world.staff["KEMENSOS"])["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.put(a_path(), json=a_body(world), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_NOT_ALLOWED")


class TestOwnShopOnly:
    def test_a_till_of_another_shop_is_403_and_writes_nothing(self, cashier, world, engine):
        path = a_path()
        answer = cashier.put(path, json=a_body(world, till_id=world.other_till_id))
        assert (answer.status_code, answer.json()["code"]) == (403, "OTHER_TILL")
        assert cashier.get(path).status_code == 404

    def test_a_purchase_of_another_shop_is_not_found(self, cashier, client, world):
        path = a_path()
        cashier.put(path, json=a_body(world))
        token = log_in(client, world.staff["KASIR-2"])["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get(path, headers=headers).status_code == 404
        assert client.get(f"{path}/receipt.svg", headers=headers).status_code == 404
        assert client.get("/v1/purchases", headers=headers).json()["purchases"] == []


def test_the_day_list_and_the_receipt_code(cashier, world):
    path = a_path()
    cashier.put(path, json=a_body(world))
    cashier.put(a_path(), json=a_body(world, a_line(unit_price=14_000)))
    day = cashier.get("/v1/purchases", params={"day": "today"}).json()
    assert day["total_approved"] == 67_000
    assert {each["status"] for each in day["purchases"]} == {"APPROVED", "DECLINED"}
    picture = cashier.get(f"{path}/receipt.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert b"<svg" in picture.content


class TestReports:
    @pytest.fixture
    def sold(self, cashier, world):
        cashier.put(a_path(), json=a_body(world))
        cashier.put(a_path(), json=a_body(world, a_line(quantity_milli=1000, unit_price=13_000)))
        cashier.put(a_path(), json=a_body(world, a_line(unit_price=14_000)))
        rokok = a_line(sku="ROKOK-KRETEK", unit_price=25_000, quantity_milli=1000)
        cashier.put(a_path(), json=a_body(world, rokok))

    def rows(self, client, world, name, who="KEMENSOS", **more):
        token = log_in(client, world.staff[who])["access_token"]
        params = {"from": "2026-11-21", "to": "2026-11-21"} | more
        answer = client.get(
            f"/v1/reports/{name}", params=params, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["rows"] if more.get("format") != "csv" else answer.text

    def test_what_was_bought_at_what_price(self, client, world, sold):
        rows = self.rows(client, world, "purchases")
        assert {(r["commodity"], r["quantity_milli"], r["unit_price"]) for r in rows} == {
            ("BERAS-MEDIUM", 5000, 13_400),
            ("BERAS-MEDIUM", 1000, 13_000),
        }
        [prices] = self.rows(client, world, "prices")
        assert (prices["p10"], prices["p50"], prices["p90"], prices["ceiling"]) == (
            13_000, 13_000, 13_400, 13_500,
        )  # fmt: skip

    def test_what_was_refused(self, client, world, sold):
        [gap] = self.rows(client, world, "ceiling-gap")
        assert (gap["asked_price"], gap["ceiling"], gap["gap"]) == (14_000, 13_500, 500)
        [banned] = self.rows(client, world, "banned-attempts")
        assert (banned["commodity"], banned["attempts"]) == ("ROKOK-KRETEK", 1)
        assert "kpm" not in json.dumps(banned)

    def test_scope_comes_from_the_token(self, client, world, sold):
        assert len(self.rows(client, world, "purchases", who="DINSOS", region="94")) == 2
        assert len(self.rows(client, world, "purchases", who="DINSOS", region="35.07.13")) == 2
        assert self.rows(client, world, "purchases", region="94") == []
        assert self.rows(client, world, "purchases", region="3") == []
        assert len(self.rows(client, world, "purchases", who="PEMILIK")) == 2

    def test_csv(self, client, world, sold):
        text = self.rows(client, world, "purchases", format="csv")
        assert text.splitlines()[0].startswith("day,region,shop_id")
        assert len(text.splitlines()) == 3

    def test_bad_questions(self, client, world):
        token = log_in(client, world.staff["KEMENSOS"])["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        for path, status in (
            ("nothing?from=2026-11-01&to=2026-11-30", 404),
            ("purchases?from=2026-11-30&to=2026-11-01", 422),
            ("purchases?from=2020-01-01&to=2026-11-01", 422),
            ("purchases?from=yesterday&to=2026-11-01", 422),
            ("purchases", 422),
        ):
            assert client.get(f"/v1/reports/{path}", headers=headers).status_code == status


def test_health_openapi_and_headers(client):
    assert client.get("/health").json()["status"] == "ok"
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/v1/purchases/{purchase_id}", "/v1/quotes", "/v1/payers/identify"} <= paths.keys()
    page = client.get("/till/")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert client.get("/v1/nothing").json()["code"] == "NOT_FOUND"
