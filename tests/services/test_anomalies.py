"""Cases: one of each rule, subject and month; two people close them; food is never refused."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from benchmarks.anomaly_world import make_world, write_month
from pos_engine.lake.folder import LakeError
from pos_engine.rules.anomaly_case import Act, ActReason, CaseStatus, case_name
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import new_uuid7
from pos_engine.services import anomaly_nightly
from pos_engine.services.anomalies import run_month
from pos_engine.services.anomaly_cases import act, asked_of_shop, overview, told
from pos_engine.services.anomaly_stops import stop_faces, stop_officer
from pos_engine.services.audit_verify import verify
from pos_engine.services.authorize import Answer, authorize
from pos_engine.services.face_lock import lock_face, unlock_face
from pos_engine.services.payer import Place
from pos_engine.services.report import Scope, make_report
from pos_engine.services.sessions import LoginRefusal, Opened, open_session
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.store import anomalies, templates
from pos_engine.store.anomalies import Case, Wanted
from pos_engine.store.anomaly_facts import Alike
from tests.enrolling import Office
from tests.sealing import seal_all
from tests.world import a_purchase

PERIOD = "2026-01"
MALANG = "35.07.13.2001"


@pytest.fixture(params=["sqlite"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def a_month(tmp_path_factory):
    """A lake with one month of 45 shops, four of them bad."""
    lake = tmp_path_factory.mktemp("month") / "lake"
    world = make_world(45, {0.7: 1}, seed=3, mean_families=60, rules=(1, 2, 6, 18),
                       provinces=("35",))  # fmt: skip
    write_month(world, lake, PERIOD)
    return lake, world


@pytest.fixture
def session(engine, world):
    def logged_in(who):
        opened = open_session(engine, **world.staff[who])
        assert isinstance(opened, Opened)
        return opened.session

    return logged_in


def a_case(engine, subject_id, *, rule="R1", subject="SHOP", region=MALANG, score=12.0):
    now = engine.now()
    case = Case(
        case_id=case_name(rule, subject, subject_id, PERIOD), rule=rule, subject_kind=subject,
        subject_id=subject_id, period=PERIOD, region=region, status=CaseStatus.OPEN, score=score,
        counted=40, looked_at=60, value=0.667, bound=0.3, peers_middle=0.05, peers=20,
        peers_of="35.07.13", sentence="40 dari 60 belanja ...", evidence=({"id": "p1"},),
        opened_at=now, seen_at=now,
    )  # fmt: skip
    return engine.database.transact(lambda tx: anomalies.keep_found(tx, case))


def an_act(engine):
    return new_uuid7(engine.now())


def test_a_run_opens_one_case_and_again_changes_nothing(engine, a_month):
    lake, world = a_month
    there = replace(engine, lake=lake)
    first = run_month(there, PERIOD)
    again = run_month(there, PERIOD)
    assert (first.shops, first.months) == (45, 1)
    assert first.opened == first.found >= 4
    assert (again.found, again.opened) == (first.found, 0)
    found = overview(there, Wanted())
    assert len(found.cases) == first.found
    assert found.runs[0].shops == 45
    planted = {(str(world.bad[at]), f"shop-{at:06d}") for at in np.flatnonzero(world.bad != "")}
    assert planted <= {(each.rule, each.subject_id) for each in found.cases}
    assert [each.score for each in found.cases] == sorted(
        (each.score for each in found.cases), reverse=True
    )
    with engine.database.read() as tx:
        whole = anomalies.find_case(tx, found.cases[0].case_id)
    assert whole.evidence
    assert str(whole.counted) in whole.sentence


def test_an_asked_case_keeps_its_evidence(engine, world, session):
    case = a_case(engine, world.shop_id)
    act(engine, session("DINSOS"), case.case_id, an_act(engine), Act.ASK, "Mengapa?")
    a_case(engine, world.shop_id, score=50.0)
    with engine.database.read() as tx:
        assert anomalies.find_case(tx, case.case_id).score == 12.0


def test_without_a_lake_it_is_said(engine):
    with pytest.raises(LakeError, match="lake write"):
        run_month(engine, PERIOD)
    with pytest.raises(ValueError, match="month"):
        run_month(engine, "2026-13")


def test_asked_answered_explained_and_closed_by_another(engine, world, session):
    case = a_case(engine, world.shop_id)
    first, second, owner = session("DINSOS"), session("KEMENSOS"), session("PEMILIK")
    assert act(engine, owner, case.case_id, an_act(engine), Act.ANSWER, "?") is ActReason.NOT_FOUND
    asked = an_act(engine)
    for _ in range(2):  # twice is once
        done = act(engine, first, case.case_id, asked, Act.ASK, "Mengapa begitu cepat?")
        assert done.status is CaseStatus.ASKED
    assert act(engine, first, case.case_id, asked, Act.ASK, "Lain") is ActReason.DUPLICATE_DIFFERENT
    act(engine, owner, case.case_id, an_act(engine), Act.ANSWER, "Hari pasar, dua kasir.")
    act(engine, first, case.case_id, an_act(engine), Act.EXPLAIN, "Benar hari pasar.")
    alone = act(engine, first, case.case_id, an_act(engine), Act.CLOSE, "Selesai")
    assert alone is ActReason.SECOND_PERSON_NEEDED
    assert act(engine, second, case.case_id, an_act(engine), Act.CLOSE, "Setuju").status is (
        CaseStatus.CLOSED
    )
    whole = told(engine, second, case.case_id)
    assert [each.kind for each in whole.steps] == ["ASK", "ANSWER", "EXPLAIN", "CLOSE"]
    assert {len(each.content) for each in whole.steps} == {64}
    [(own, _)] = asked_of_shop(engine, world.shop_id)
    assert own.case_id == case.case_id


def test_steps_are_sealed(engine, world, session):
    case = a_case(engine, world.shop_id)
    act(engine, session("DINSOS"), case.case_id, an_act(engine), Act.ASK, "Mengapa?")
    seal_all(engine)
    assert verify(engine).problems == []


def test_nobody_sees_another_place(engine, world, session):
    far = a_case(engine, "shop-far", region="94.01.01.1001")
    officer = session("DINSOS")
    assert told(engine, officer, far.case_id) is None
    assert act(engine, officer, far.case_id, an_act(engine), Act.ASK, "?") is ActReason.NOT_FOUND
    for who in ("KASIR", "PEMILIK", "PENDAMPING"):
        assert told(engine, session(who), far.case_id) is None
    near = overview(engine, Wanted(region="35.07"))
    assert near.cases == []
    assert asked_of_shop(engine, world.shop_id) == []


def test_a_family_buys_whatever_the_shops_score(engine, world):
    """A shop's case refuses nobody food: it is a question to the shop."""
    for rule in ("R1", "R2", "R8", "R16"):
        a_case(engine, world.shop_id, rule=rule, score=99.0)
    answer = authorize(engine, a_purchase(world, at=engine.now()))
    assert isinstance(answer, Answer)
    assert '"APPROVED"' in answer.body


def test_the_report_lists_cases_and_a_shop_sees_none(engine, world):
    case = a_case(engine, world.shop_id)
    days = (datetime(2026, 1, 1, tzinfo=UTC).date(), datetime(2026, 1, 31, tzinfo=UTC).date())
    [row] = make_report(engine, "anomalies", *days, Scope(region="35.07")).rows
    assert (row["case_id"], row["subject"]) == (case.case_id, "Warung Bu Sri")
    assert make_report(engine, "anomalies", *days, Scope(region="94")).rows == []
    assert make_report(engine, "anomalies", *days, Scope(shop_id=world.shop_id)).rows == []


def test_an_officer_is_stopped_until_two_others_have_looked(engine, world, session):
    officer = world.staff["PENDAMPING"]
    case = a_case(engine, officer["staff_id"], rule="R12", subject="OFFICER", region="35.07")
    assert stop_officer(engine, case)
    assert not stop_officer(engine, case)  # once
    assert open_session(engine, **officer) is LoginRefusal.WRONG
    first, second = session("DINSOS"), session("KEMENSOS")
    act(engine, first, case.case_id, an_act(engine), Act.EXPLAIN, "Kamera rusak.")
    assert open_session(engine, **officer) is LoginRefusal.WRONG
    act(engine, second, case.case_id, an_act(engine), Act.CLOSE, "Setuju.")
    assert isinstance(open_session(engine, **officer), Opened)


def test_faces_are_closed_and_everything_else_of_hers_works(engine, world, session):
    office = Office(engine, world)
    office.enrol("siti")
    person_id = office.person_id()
    pair = Alike("e", 1, world.kpm_id, person_id, world.other_kpm_id, "nobody", 0.9)
    case = a_case(engine, "e-1", rule="R8", subject="FACE")
    assert stop_faces(engine, case, pair) == 1
    assert in_force(engine, world) == []
    answer = authorize(engine, a_purchase(world, at=engine.now()))
    assert '"APPROVED"' in answer.body
    # her own unlock waits for the officers, and their word opens it again
    place = Place(world.shop_id, world.till_id)
    new = new_payer_token(
        world.kpm_id, person_id, (world.shop_id, world.till_id), Method.PHONE, engine.now(),
        proven=True, bounds=None,
    )  # fmt: skip
    unlock_face(engine, office.pendamping, place, sign_payer_token(engine.keys, new))
    assert in_force(engine, world) == []
    act(engine, session("DINSOS"), case.case_id, an_act(engine), Act.EXPLAIN, "Saudara kandung.")
    act(engine, session("KEMENSOS"), case.case_id, an_act(engine), Act.CLOSE, "Setuju.")
    assert len(in_force(engine, world)) == 1


def in_force(engine, world):
    with engine.database.read() as tx:
        return templates.in_force(tx, world.kpm_id)


def test_a_face_that_she_withdrew_stays_withdrawn(engine, world, session):
    office = Office(engine, world)
    office.enrol("siti")
    person_id = office.person_id()
    pair = Alike("e", 1, world.kpm_id, person_id, world.other_kpm_id, "nobody", 0.9)
    case = a_case(engine, "e-1", rule="R8", subject="FACE")
    stop_faces(engine, case, pair)
    new = new_payer_token(
        world.kpm_id, person_id, (world.shop_id, world.till_id), Method.KKS, engine.now(),
        proven=True, bounds=None,
    )  # fmt: skip
    place = Place(world.shop_id, world.till_id)
    lock_face(engine, office.pendamping, place, sign_payer_token(engine.keys, new), withdraw=True)
    act(engine, session("DINSOS"), case.case_id, an_act(engine), Act.EXPLAIN, "Kembar.")
    act(engine, session("KEMENSOS"), case.case_id, an_act(engine), Act.CLOSE, "Setuju.")
    assert in_force(engine, world) == []


class TestNight:
    """By itself at night, and once."""

    NIGHT = datetime(2026, 11, 20, 19, 30, tzinfo=UTC)  # 02.30 WIB of the 21st

    def test_at_night_this_month_and_early_the_one_before(self):
        assert anomaly_nightly.due(self.NIGHT, {}) == ["2026-11"]
        assert anomaly_nightly.due(self.NIGHT.replace(day=2), {}) == ["2026-10", "2026-11"]
        assert anomaly_nightly.due(self.NIGHT.replace(hour=3), {}) == []

    def test_not_again_the_same_night(self):
        ran = {"2026-11": self.NIGHT.replace(hour=18)}
        assert anomaly_nightly.due(self.NIGHT, ran) == []
