"""A step-up takes only what was offered, and a birth date only three times a day."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.reasons import Reason
from pos_engine.services import identification
from pos_engine.services.identification import Status, asked_at
from pos_engine.services.identify import Factor, continue_with, identify_phone
from pos_engine.services.payer import Place
from pos_engine.services.sessions import open_session
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.store import families, proofs
from pos_engine.store.schema import identity_attempt, person
from tests.world import BORN, MSISDN, PIN

RIGHT, WRONG = BORN.isoformat(), "1980-08-16"
ALL = ("PIN", "CODE", "BIRTH_DATE")


@pytest.fixture
def asked(engine, world):
    session = open_session(engine, **world.staff["KASIR"]).session
    return asked_at(engine, session, Place(world.shop_id, world.till_id), None)


@pytest.fixture
def siti(engine, world):
    with engine.database.read() as tx:
        return families.persons_of(tx, world.kpm_id)[0]


@pytest.fixture
def claim(engine, world, siti):
    """Make a claim of hers that offers these factors."""

    def make(*offered, **changes):
        where = (world.shop_id, world.till_id)
        token = new_payer_token(
            world.kpm_id, siti.person_id, where, "FACE", engine.now(), proven=False, step_up=offered
        )
        return sign_payer_token(engine.keys, replace(token, **changes))

    return make


@pytest.fixture
def say(engine, asked):
    """Say a birth date for a claim."""

    def make(token, value, at=None):
        now = replace(asked, now=at or engine.now())
        return continue_with(engine, now, token, Factor("BIRTH_DATE", value, "", 0))

    return make


def rows(engine):
    with engine.database.read() as tx:
        return tx.execute(identity_attempt.select()).mappings().all()


class TestOnlyWhatWasOffered:
    @pytest.mark.parametrize(
        ("offered", "factor"),
        [
            (("CODE",), Factor("PIN", PIN, "", 0)),
            (("PIN",), Factor("CODE", None, "p", 67_000)),
            (("PIN",), Factor("CODE", "123456", "p", 67_000)),
            (("PIN", "CODE"), Factor("BIRTH_DATE", RIGHT, "", 0)),
            ((), Factor("PIN", PIN, "", 0)),
        ],
    )
    def test_another_factor_is_not_looked_at(self, engine, asked, world, claim, offered, factor):
        found = continue_with(engine, asked, claim(*offered), factor)
        assert (found.status, found.reason) == (Status.STEP_UP, Reason.STEP_UP_REQUIRED)
        assert (found.token.proven, found.token.step_up, found.name) == (False, offered, None)
        assert engine.sms.messages() == []
        assert [row["reason"] for row in rows(engine)] == ["STEP_UP_REQUIRED"]

    def test_and_spends_no_try(self, engine, asked, world, claim):
        for _ in range(5):
            continue_with(engine, asked, claim("CODE"), Factor("PIN", "000001", "", 0))
        with engine.database.begin() as tx:
            assert proofs.lock_pin(tx, world.kpm_id).tries_left == 3

    def test_a_miss_never_adds_a_factor(self, engine, asked):
        purchase_id = new_uuid7(engine.now())
        answer = identify_phone(engine, asked, MSISDN, purchase_id, 67_000)
        token = sign_payer_token(engine.keys, answer.token)
        missed = continue_with(engine, asked, token, Factor("CODE", "000000", purchase_id, 67_000))
        assert missed.token.step_up == ("CODE",)  # she has a PIN, but it was not offered here


class TestBirthDate:
    def test_the_right_day_proves_her_and_shows_the_masked_name(self, claim, say):
        found = say(claim(*ALL), RIGHT)
        assert (found.status, found.name) == (Status.IDENTIFIED, "S*** W******")
        assert found.token.proven

    def test_a_wrong_day_says_so_and_the_claim_stands(self, engine, world, claim, say):
        missed = say(claim(*ALL), WRONG)
        assert (missed.status, missed.reason, missed.name) == (
            Status.STEP_UP, Reason.BIRTH_DATE_WRONG, None,
        )  # fmt: skip
        assert missed.token.step_up == ALL
        [row] = rows(engine)
        assert (row["reason"], row["kpm_id"]) == ("BIRTH_DATE_WRONG", world.kpm_id)
        assert WRONG not in str(dict(row))

    def test_three_wrong_days_end_it_for_every_token_until_a_day_has_passed(
        self, claim, say, clock
    ):
        offered = [say(claim(*ALL), WRONG).token.step_up for _ in range(3)]
        assert offered == [ALL, ALL, ("PIN", "CODE")]
        late = say(claim(*ALL), RIGHT)
        assert (late.status, late.reason) == (Status.STEP_UP, Reason.STEP_UP_REQUIRED)
        assert late.token.step_up == ("PIN", "CODE")
        clock.advance(hours=23, minutes=59)
        assert say(claim(*ALL), RIGHT).status is Status.STEP_UP
        clock.advance(minutes=2)
        assert say(claim(*ALL), RIGHT).status is Status.IDENTIFIED

    def test_an_old_token_that_still_names_it_is_worth_nothing(self, claim, say):
        token = claim(*ALL)
        for _ in range(3):
            say(token, WRONG)
        assert say(token, RIGHT).status is Status.STEP_UP

    def test_wrong_days_of_one_family_do_not_count_for_another(self, engine, world, claim, say):
        with engine.database.read() as tx:
            [other] = families.persons_of(tx, world.other_kpm_id)
        for _ in range(3):
            say(claim(*ALL), WRONG)
        token = claim(*ALL, kpm_id=world.other_kpm_id, person_id=other.person_id)
        assert say(token, RIGHT).status is Status.IDENTIFIED

    def test_many_at_once_are_counted_one_by_one(self, engine, claim, say):
        token = claim(*ALL)
        with ThreadPoolExecutor(6) as together:
            found = list(together.map(lambda _: say(token, WRONG), range(6)))
        reasons = sorted(each.reason for each in found)
        assert reasons == ["BIRTH_DATE_WRONG"] * 3 + ["STEP_UP_REQUIRED"] * 3

    @pytest.mark.parametrize(
        ("born", "asked_for"),
        [
            (BORN, True),
            (None, False),
            (BORN.replace(month=1, day=1), False),
            (BORN.replace(month=7, day=1), False),
            (BORN.replace(month=12, day=31), False),
            (BORN.replace(month=1, day=2), True),
        ],
    )
    def test_a_day_that_clerks_make_up_is_not_asked_for(
        self, engine, asked, world, siti, claim, say, born, asked_for
    ):
        with engine.database.begin() as tx:
            tx.execute(person.update().values(birth_date=born))
        with engine.database.begin() as tx:
            found = identification.factors_of_live(tx, asked, world.kpm_id, siti.person_id)
        assert found == (ALL if asked_for else ("PIN", "CODE"))
        right = say(claim(*ALL), (born or BORN).isoformat())
        assert right.status is (Status.IDENTIFIED if asked_for else Status.STEP_UP)

    def test_a_wrong_pin_keeps_the_birth_date(self, engine, asked, claim):
        missed = continue_with(engine, asked, claim(*ALL), Factor("PIN", "000001", "", 0))
        assert missed.token.step_up == ALL
