"""Frames of a confirmed visit join her templates: sealed, bounded, never a stranger's."""

from dataclasses import replace

import numpy as np
import pytest

from biometrics.template import Template
from pos_engine.rules.face_refresh import PAUSE, VISITS_MAX
from pos_engine.services.challenge import issue_challenge
from pos_engine.services.identification import Status, asked_at
from pos_engine.services.identify import Factor, continue_with
from pos_engine.services.identify_face import FaceAsk, identify_face
from pos_engine.services.payer import Place
from pos_engine.services.sessions import open_session
from pos_engine.services.tokens import sign_payer_token
from pos_engine.store import look_alikes, templates
from pos_engine.store.schema import challenge
from pos_engine.store.templates import Source
from tests.biometrics import heads
from tests.matching.enrolled import MODEL, enrol, face, head_of
from tests.services.test_challenge import TurningHead
from tests.world import PIN


@pytest.fixture(params=["sqlite"])
def kind(request):
    return request.param


def seen(likeness, seed=5):
    """A face at this cosine from the enrolled one."""
    rng = np.random.default_rng(seed)
    mine = face(0).vector
    away = rng.normal(size=128)
    away -= (away @ mine) * mine
    away /= np.linalg.norm(away)
    return Template.of(likeness * mine + np.sqrt(1 - likeness**2) * away, MODEL, 80)


class Visit:
    """A live face at the till that has to show a second factor."""

    def __init__(self, engine, world):
        self.world = world
        self.engine = replace(engine, face_risk_budget=0.0)
        self.known = head_of(engine, world, world.kpm_id)
        enrol(engine, self.known, face(0))

    def face(self, template, *, live=True):
        geometry = heads.frames(heads.head(), heads.turn(-38))
        engine = replace(self.engine, faces=TurningHead(template, geometry))
        ask = FaceAsk([b""] * 9)
        if live:
            with engine.database.begin() as tx:
                tx.execute(challenge.delete())
            new = issue_challenge(engine, self.place)
            with engine.database.begin() as tx:
                tx.execute(challenge.update().values(action="TURN_LEFT"))
            ask = replace(ask, challenge_id=new.challenge_id)
        return identify_face(engine, self.asked, ask)

    @property
    def place(self):
        return Place(self.world.shop_id, self.world.till_id)

    @property
    def asked(self):
        session = open_session(self.engine, **self.world.staff["KASIR"]).session
        return asked_at(self.engine, session, self.place, None)

    def show(self, found, kind="PIN", value=PIN):
        token = sign_payer_token(self.engine.keys, found.token)
        return continue_with(self.engine, self.asked, token, Factor(kind, value, "", 0))

    def kept(self):
        with self.engine.database.read() as tx:
            mine = templates.in_force(tx, self.known.kpm_id)
        return [each.template_id for each in mine if each.source is Source.VISIT]


@pytest.fixture
def visit(engine, world):
    return Visit(engine, world)


def test_a_confirmed_visit_after_a_month_is_kept_and_found(visit, clock):
    clock.advance(seconds=PAUSE.total_seconds())
    found = visit.face(seen(0.9))
    assert found.status is Status.STEP_UP
    assert visit.kept() == []  # nothing is stored before the factor
    assert visit.show(found).status is Status.IDENTIFIED
    [kept] = visit.kept()
    again = visit.face(seen(0.9))
    assert again.scope.score > 0.99  # the younger face is what she is compared with now
    assert visit.show(again).status is Status.IDENTIFIED
    assert visit.kept() == [kept]  # not again within the month


def test_the_token_that_carries_the_frames_tells_nobody_her_face(visit, clock):
    clock.advance(seconds=PAUSE.total_seconds())
    found = visit.face(seen(0.9))
    assert seen(0.9).vector.tobytes()[:12] not in str(found.token.evidence).encode()
    assert found.token.evidence["template"]


@pytest.mark.parametrize("why", ["too soon", "not like enough", "not live", "wrong pin", "a date"])
def test_otherwise_nothing_is_kept(visit, clock, why):
    if why != "too soon":
        clock.advance(seconds=PAUSE.total_seconds())
    found = visit.face(seen(0.6 if why == "not like enough" else 0.9), live=why != "not live")
    assert found.status is Status.STEP_UP
    if why == "wrong pin":
        visit.show(found, value="000000")
    elif why == "a date":
        assert visit.show(found, "BIRTH_DATE", "1980-08-15").status is Status.IDENTIFIED
    else:
        assert visit.show(found).status is Status.IDENTIFIED
    assert visit.kept() == []


def test_the_oldest_visit_goes_and_the_enrolment_stays(visit, clock):
    kept = []
    for number in range(VISITS_MAX + 2):
        clock.advance(seconds=PAUSE.total_seconds())
        assert visit.show(visit.face(seen(0.9, seed=number))).status is Status.IDENTIFIED
        kept.append(visit.kept()[-1])
    assert visit.kept() == kept[-VISITS_MAX:]
    with visit.engine.database.read() as tx:
        sources = [each.source for each in templates.in_force(tx, visit.known.kpm_id)]
    assert sources.count(Source.ENROLMENT) == 1


def test_a_face_enrolled_meanwhile_leaves_nothing_to_keep(visit, clock):
    clock.advance(seconds=PAUSE.total_seconds())
    found = visit.face(seen(0.9))
    enrol(visit.engine, visit.known, face(1))
    assert visit.show(found).status is Status.IDENTIFIED
    assert visit.kept() == []


def test_while_a_new_face_is_proposed_no_visit_takes_its_number(visit, clock, monkeypatch):
    clock.advance(seconds=PAUSE.total_seconds())
    found = visit.face(seen(0.9))
    monkeypatch.setattr("pos_engine.store.enrolments.of_person", lambda *_: ["a proposal"])
    assert visit.show(found).status is Status.IDENTIFIED
    assert visit.kept() == []


def test_a_flagged_look_alike_always_steps_up(visit, engine, clock):
    visit.engine = replace(visit.engine, face_risk_budget=0.001)
    assert visit.face(seen(0.9)).status is Status.IDENTIFIED
    with engine.database.begin() as tx:
        look_alikes.flag(tx, visit.known.person_id, "somebody", "e-1", "officer", clock())
    assert visit.face(seen(0.9)).status is Status.STEP_UP
