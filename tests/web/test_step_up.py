"""The step-up over HTTP: which value fits which factor, and what a birth date is answered."""

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.store import families
from tests.web.conftest import a_body, a_path
from tests.world import BORN, NOW, PIN


@pytest.fixture
def ask(cashier, engine, world):
    """Continue a face's claim that offers PIN, code and birth date."""
    with engine.database.read() as tx:
        [siti] = families.persons_of(tx, world.kpm_id)
    where = (world.shop_id, world.till_id)
    token = new_payer_token(
        world.kpm_id, siti.person_id, where, "FACE", NOW, proven=False,
        step_up=("PIN", "CODE", "BIRTH_DATE"),
    )  # fmt: skip
    claim = {"till_id": world.till_id, "continue": sign_payer_token(engine.keys, token)}

    def post(**fields):
        return cashier.post("/v1/payers/identify", json=claim | fields)

    return post


def test_the_right_birth_date_buys(ask, cashier, world):
    known = ask(factor="BIRTH_DATE", value=BORN.isoformat()).json()
    assert (known["status"], known["name"]) == ("IDENTIFIED", "S*** W******")
    bought = cashier.put(a_path(), json=a_body(world, payer={"token": known["payer_token"]}))
    assert bought.json()["status"] == "APPROVED"


def test_a_wrong_birth_date_says_what_to_do(ask):
    missed = ask(factor="BIRTH_DATE", value="1980-08-16").json()
    assert (missed["status"], missed["reason"]) == ("STEP_UP", "BIRTH_DATE_WRONG")
    assert "Tanggal lahir" in missed["message"]
    assert missed["next_step"]
    assert missed["step_up"] == ["PIN", "CODE", "BIRTH_DATE"]


@pytest.mark.parametrize(
    "fields",
    [
        {"factor": "BIRTH_DATE"},
        {"factor": "BIRTH_DATE", "value": None},
        {"factor": "BIRTH_DATE", "value": "19800815"},
        {"factor": "BIRTH_DATE", "value": "15-08-1980"},
        {"factor": "BIRTH_DATE", "value": "1980-02-30"},
        {"factor": "BIRTH_DATE", "value": "1980-W33-5"},
        {"factor": "BIRTH_DATE", "value": "1980-08-15\n"},
        {"factor": "BIRTH_DATE", "value": "\u0661980-08-15"},
        {"factor": "BIRTH_DATE", "value": 19800815},
        {"factor": "BIRTH_DATE", "value": PIN},
        {"factor": "PIN"},
        {"factor": "PIN", "value": "1980-08-15"},
        {"factor": "PIN", "value": "12345"},
        {"factor": "CODE", "value": "x", "purchase_id": new_uuid7(NOW), "amount": 1},
    ],
)
def test_a_value_that_does_not_fit_its_factor_is_named(ask, fields):
    answer = ask(**fields)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == ["value"]
    assert str(fields.get("value") or "-") not in answer.text.replace("1980-05-17", "")


def test_an_unknown_factor_is_named(ask):
    answer = ask(factor="FACE", value="x")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "factor")
    assert len(answer.json()["errors"]) == 1
