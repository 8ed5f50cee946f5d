"""A provider over real HTTP: tokens, codes, late words, refunds, customers' codes, forgeries."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx2
import pytest
from sqlalchemy import text

from pos_engine.rules.ids import PersonId, PurchaseId, new_uuid7
from pos_engine.services.baskets import Held, hold
from pos_engine.services.confirm_basket import Confirmed, confirm_basket, proof_for, scan
from pos_engine.services.kpm_code import issue_code
from pos_engine.services.notify import drain
from pos_engine.services.payer import Place
from pos_engine.services.prove import check_ledger
from pos_engine.services.snap_auth import stop_partner
from pos_engine.store import ledger, shops
from pos_engine.wire.qris import parse
from tests.sim.psp import NMID, NNS, OTHER_NMID, Psp, join, serving
from tests.wire.test_qris_cpm import a_customer_code
from tests.world import BALANCE, rice

COST = 67_000
PERSON = PersonId("KPM-1")


@pytest.fixture
def psp(engine, world, clock):
    partner = join(engine, {world.shop_id: NMID, world.other_shop_id: OTHER_NMID})
    with serving(engine) as url:
        yield Psp(url, partner, clock)


@pytest.fixture
def held(engine, world) -> Held:
    return hold_one(engine, world)


def hold_one(engine, world, *lines) -> Held:
    with engine.database.read() as tx:
        shop = shops.find_shop(tx, world.shop_id)
    place = Place(world.shop_id, world.till_id)
    new = PurchaseId(new_uuid7(engine.now()))
    made = hold(engine, shop, place, "staff-1", new, lines or (rice(),))
    assert isinstance(made, Held)
    return made


def unreachable(message):
    raise ConnectionRefusedError


def left(engine, kpm_id) -> int:
    with engine.database.read() as tx:
        return sum(
            each.credited - each.spent for each in ledger.tranches_of(tx, kpm_id, lock=False)
        )


def code(engine, world) -> str:
    return issue_code(engine, world.kpm_id, PERSON)


def aid(psp, engine, world, held, **changed):
    more = {"additionalInfo": {"kpmCode": code(engine, world)}}
    return psp.paid(held.reference, COST, **(more | changed))


def says(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["responseCode"]


def test_a_code_is_made_asked_about_and_paid_by_the_page(psp, engine, world, held):
    made = psp.call(
        "qr-mpm-generate",
        {
            "partnerReferenceNo": held.reference,
            "merchantId": NMID,
            "amount": {"value": f"{COST}.00", "currency": "IDR"},
        },
    )
    assert says(made) == (200, "2004700")
    payload = made.json()["qrContent"]
    assert payload == held.payload
    assert parse(payload).valid
    ask = {"originalPartnerReferenceNo": held.reference}
    assert psp.call("qr-mpm-query", ask).json()["latestTransactionStatus"] == "01"
    scanned = scan(engine, payload)
    proof = proof_for(engine, scanned.basket, world.kpm_id, PERSON)
    done = confirm_basket(engine, scanned.basket.purchase_id, proof)
    assert isinstance(done, Confirmed)
    assert done.answer["status"] == "APPROVED"
    assert psp.call("qr-mpm-query", ask).json()["latestTransactionStatus"] == "00"
    assert left(engine, world.kpm_id) == BALANCE - COST
    assert says(psp.call("qr-mpm-notify", aid(psp, engine, world, held)))[0] == 404
    assert says(psp.call("qr-mpm-notify", psp.paid(held.reference, COST)))[0] == 404
    assert left(engine, world.kpm_id) == BALANCE - COST
    assert check_ledger(engine).good


def test_codes_that_are_not_made_and_baskets_that_are_not_told(psp, engine, world, held, clock):
    def generate(**changed):
        amount = {"value": f"{COST}.00", "currency": "IDR"}
        body = {"partnerReferenceNo": held.reference, "merchantId": NMID, "amount": amount}
        return says(psp.call("qr-mpm-generate", body | changed))

    assert generate(merchantId="ID0000000000000") == (404, "4044708")
    assert generate(merchantId=OTHER_NMID) == (404, "4044708")
    assert generate(partnerReferenceNo="0" * 25) == (404, "4044701")
    assert generate(amount={"value": "1.00", "currency": "IDR"}) == (404, "4044713")
    assert generate(amount={"value": "1.00", "currency": "USD"}) == (400, "4004701")
    ask = {"originalPartnerReferenceNo": held.reference}
    stranger = Psp(psp.base_url, join(engine, {}), clock)
    assert says(stranger.call("qr-mpm-query", ask)) == (404, "4045101")
    assert says(stranger.call("qr-mpm-notify", psp.paid(held.reference, COST))) == (404, "4045208")
    ask = {"originalPartnerReferenceNo": "0" * 25}
    assert says(psp.call("qr-mpm-query", ask)) == (404, "4045101")
    clock.advance(minutes=11)
    assert generate() == (403, "4034715")
    assert cpm_says(psp, held, code(engine, world)) == (403, "4036015")
    with engine.database.begin() as tx:
        shops.set_shop_status(tx, world.shop_id, "SUSPENDED")
    suspended = hold_one(engine, world)
    assert (suspended.refused, suspended.payload) == ("SHOP_SUSPENDED", None)


def cpm_says(psp, held, content):
    return says(psp.call("qr-cpm-payment", cpm(held, content)))


def test_a_late_word_is_honoured_once_and_said_twice_is_said_once(psp, engine, world, held, clock):
    body = aid(psp, engine, world, held)
    clock.advance(hours=2)  # the code was alive when it was paid, the word comes late
    psp._token = ""
    assert says(psp.call("qr-mpm-notify", body)) == (200, "2005200")
    assert left(engine, world.kpm_id) == BALANCE - COST
    assert says(psp.call("qr-mpm-notify", body)) == (200, "2005200")
    other = body | {"originalReferenceNo": "another-number"}
    assert psp.call("qr-mpm-notify", other).json()["additionalInfo"]["reason"] == "PAID_ALREADY"
    changed = body | {"amount": {"value": "1.00", "currency": "IDR"}}
    assert says(psp.call("qr-mpm-notify", changed)) == (404, "4045218")
    assert left(engine, world.kpm_id) == BALANCE - COST
    assert check_ledger(engine).good


def test_a_word_whose_answer_was_lost_debits_once(psp, engine, world, held):
    body = aid(psp, engine, world, held)
    psp.drop("qr-mpm-notify", body)
    assert says(psp.call("qr-mpm-notify", body)) == (200, "2005200")
    assert left(engine, world.kpm_id) == BALANCE - COST


def test_aid_and_ordinary_money_never_pay_the_same_basket(psp, engine, world):
    for _ in range(3):
        held = hold_one(engine, world, rice(quantity_milli=1_000))
        bodies = [
            psp.paid(held.reference, 13_400),
            psp.paid(held.reference, 13_400, additionalInfo={"kpmCode": code(engine, world)}),
        ]
        psp.token()
        before = left(engine, world.kpm_id)
        with ThreadPoolExecutor() as pool:
            ordinary, aided = pool.map(lambda body: psp.call("qr-mpm-notify", body), bodies)
        assert sorted([ordinary.status_code, aided.status_code]) == [200, 404]
        debited = 13_400 if aided.status_code == 200 else 0
        assert left(engine, world.kpm_id) == before - debited
    assert check_ledger(engine).good


def test_a_replay_after_midnight_is_a_replay(psp, engine, held, clock):
    clock.at = datetime(2026, 11, 21, 16, 58, tzinfo=UTC)  # 23.58 WIB
    body = psp.paid(held.reference, COST)
    raw = json.dumps(body).encode()
    path = "/v1.0/qr/qr-mpm-notify"
    headers = psp.headers(path, raw)
    answers = []
    for _ in range(2):
        answers.append(httpx2.post(f"{psp.base_url}{path}", content=raw, headers=headers))
        clock.advance(minutes=4)  # 00.02
    assert answers[1].json()["responseCode"] == "4095200"


def test_what_cannot_be_honoured_goes_back_and_the_family_is_told(psp, engine, world, held, clock):
    body = aid(psp, engine, world, held)
    clock.advance(hours=24)
    psp._token = ""
    refused = psp.call("qr-mpm-notify", body)
    assert refused.json()["additionalInfo"] == {"action": "REFUND", "reason": "BASKET_EXPIRED"}
    assert left(engine, world.kpm_id) == BALANCE
    gateway = engine.sms.send
    engine.sms.send = unreachable
    drain(engine)  # it waits for another round
    engine.sms.send = gateway
    drain(engine)
    [message] = engine.sms.messages()
    assert "bayar QR Rp67.000" in message.text
    assert "tidak berkurang" in message.text


def test_aid_that_is_not_enough_goes_back(psp, engine, world):
    large = hold_one(engine, world, rice(quantity_milli=20_000))
    body = psp.paid(large.reference, 268_000, additionalInfo={"kpmCode": code(engine, world)})
    answer = psp.call("qr-mpm-notify", body)
    assert says(answer) == (403, "4035214")
    assert answer.json()["additionalInfo"]["reason"] == "INSUFFICIENT_BALANCE"
    assert left(engine, world.kpm_id) == BALANCE
    # the basket's aid was refused for good: ordinary money may still pay it
    assert says(psp.call("qr-mpm-notify", psp.paid(large.reference, 268_000)))[0] == 200


def test_ordinary_money_is_recorded_and_touches_no_wallet(psp, engine, world, held):
    static = psp.paid("", 5_000)
    del static["originalPartnerReferenceNo"]
    assert says(psp.call("qr-mpm-notify", static)) == (200, "2005200")
    assert says(psp.call("qr-mpm-notify", psp.paid(held.reference, COST))) == (200, "2005200")
    failed = psp.paid(held.reference, COST, latestTransactionStatus="06")
    assert says(psp.call("qr-mpm-notify", failed)) == (200, "2005200")
    assert left(engine, world.kpm_id) == BALANCE
    with engine.database.read() as tx:
        rows = tx.execute(text("SELECT kind, state, kpm_id FROM qris_notice")).all()
    assert rows == [("ORDINARY", "HONOURED", None)] * 2
    assert "6281234567890" not in str(rows)
    again = psp.call("qr-mpm-notify", aid(psp, engine, world, held))
    assert again.json()["additionalInfo"]["reason"] == "PAID_ALREADY"
    assert left(engine, world.kpm_id) == BALANCE


def test_words_about_the_wrong_thing_move_nothing(psp, engine, world, held, capfd):
    broken = {"value": "1", "currency": "IDR"}
    cases = [
        (psp.paid("0" * 25, COST), 404, "4045201"),
        (psp.paid(held.reference, COST + 1), 404, "4045213"),
        (psp.paid(held.reference, COST, externalStoreId=OTHER_NMID), 404, "4045208"),
        (psp.paid(held.reference, COST, externalStoreId="ID0000000000000"), 404, "4045208"),
        (aid(psp, engine, world, held, additionalInfo={"kpmCode": "forged"}), 404, "4045211"),
        (psp.paid(held.reference, COST) | {"amount": broken}, 400, "4005201"),
        (psp.paid(held.reference, COST, transactionDate="now"), 400, "4005201"),
    ]
    for body, status, code_ in cases:
        assert says(psp.call("qr-mpm-notify", body)) == (status, code_)
    assert left(engine, world.kpm_id) == BALANCE
    assert says(psp.call("qr-mpm-notify", {"x": 1})) == (400, "4005202")
    logged = "".join(capfd.readouterr())
    assert "snap.refund" in logged
    assert "6281234567890" not in logged
    assert "KPM-1" not in logged


def test_an_unlawful_basket_is_never_paid(psp, engine, world):
    unlawful = hold_one(engine, world, rice(unit_price=20_000))
    assert unlawful.payload is None
    answer = psp.call("qr-mpm-notify", psp.paid(unlawful.reference, 100_000))
    assert answer.json()["additionalInfo"]["reason"] == "BASKET_NOT_LAWFUL"


def cpm(held, content, amount=COST, **changed):
    return {
        "partnerReferenceNo": held.reference,
        "merchantId": NMID,
        "qrContent": content,
        "amount": {"value": f"{amount}.00", "currency": "IDR"},
    } | changed


def test_a_customers_code_pays_a_held_basket_once(psp, engine, world, held, clock):
    own = code(engine, world)
    first = psp.call("qr-cpm-payment", cpm(held, own))
    assert says(first) == (200, "2006000")
    assert says(psp.call("qr-cpm-payment", cpm(held, own))) == (200, "2006000")
    other = hold_one(engine, world)
    replay = psp.call("qr-cpm-payment", cpm(other, own))
    assert replay.json()["additionalInfo"]["reason"] == "PAYER_TOKEN_USED"
    assert left(engine, world.kpm_id) == BALANCE - COST
    third = hold_one(engine, world)
    fresh = code(engine, world)
    clock.advance(seconds=90)
    assert says(psp.call("qr-cpm-payment", cpm(third, fresh))) == (403, "4036012")
    licensed = a_customer_code(f"{NNS}0000000001", code(engine, world))
    assert says(psp.call("qr-cpm-payment", cpm(third, licensed))) == (200, "2006000")
    assert left(engine, world.kpm_id) == BALANCE - 2 * COST
    assert check_ledger(engine).good


def test_customers_codes_that_are_refused(psp, engine, world, held):
    stranger = psp.call("qr-cpm-payment", cpm(held, a_customer_code("936000020000000001", "x")))
    assert says(stranger) == (403, "4036015")
    assert "our own QR" in stranger.json()["responseMessage"]
    forged = a_customer_code(f"{NNS}0000000001", "x")
    fee = {"feeAmount": {"value": "1000.00", "currency": "IDR"}}
    good = code(engine, world)
    cases = [
        (cpm(held, forged), (403, "4036012")),
        (cpm(held, "rubbish!"), (400, "4006001")),
        (cpm(held, good, **fee), (403, "4036015")),
        (cpm(held, good, amount=COST - 1), (404, "4046013")),
        (cpm(held, good, merchantId=OTHER_NMID), (404, "4046008")),
        (cpm(held, good, partnerReferenceNo="0" * 25), (404, "4046001")),
    ]
    for body, expected in cases:
        assert says(psp.call("qr-cpm-payment", body)) == expected
    assert left(engine, world.kpm_id) == BALANCE


def test_forged_and_replayed_calls_do_nothing(psp, engine, world, held, clock):
    body = aid(psp, engine, world, held)
    raw = json.dumps(body).encode()
    good = psp.headers("/v1.0/qr/qr-mpm-notify", raw)
    mac = bytearray(base64.b64decode(good["X-SIGNATURE"]))
    mac[0] ^= 1
    one_off = {"X-SIGNATURE": base64.b64encode(mac).decode()}
    refused = [
        (one_off, "4015200"),
        ({"X-SIGNATURE": "no base64"}, "4015200"),
        ({"X-TIMESTAMP": "2026-11-21T09:50:00+07:00"}, "4015200"),  # ten minutes old
        ({"X-TIMESTAMP": "2026-11-21"}, "4005201"),
        ({"X-PARTNER-ID": "somebody"}, "4015201"),
        ({"Authorization": "Bearer x"}, "4015201"),
        ({"X-EXTERNAL-ID": ""}, "4005202"),
        ({"CHANNEL-ID": ""}, "4005202"),
    ]
    for changed, expected in refused:
        assert psp.call("qr-mpm-notify", body, **changed).json()["responseCode"] == expected
    assert left(engine, world.kpm_id) == BALANCE
    first, second = psp.twice("qr-mpm-notify", body)
    assert (says(first)[0], says(second)) == (200, (409, "4095200"))
    assert left(engine, world.kpm_id) == BALANCE - COST
    clock.advance(minutes=16)
    assert psp.call("qr-mpm-notify", body).json()["responseCode"] == "4015201"  # the token died


def test_tokens_are_given_to_the_key_alone(psp, engine):
    assert psp.ask_token().json()["responseCode"] == "2007300"
    assert psp.ask_token(**{"X-SIGNATURE": "AAAA"}).json()["responseCode"] == "4017300"
    assert psp.ask_token(**{"X-CLIENT-KEY": "x"}).json()["responseCode"] == "4017300"
    assert psp.ask_token(**{"X-TIMESTAMP": "x"}).json()["responseCode"] == "4007301"
    assert stop_partner(engine, psp.partner.partner_id)
    assert psp.ask_token().json()["responseCode"] == "4017300"
