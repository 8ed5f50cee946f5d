"""A face that moves as asked: the challenge is answered once, and only then is a face enough."""

import json
from dataclasses import replace

import numpy as np
import pytest

from biometrics.template import Template
from pos_engine.engine import DEMO, KIND
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.authorize import authorize
from pos_engine.services.challenge import ACTIONS, LIFE, issue_challenge, take_challenge
from pos_engine.services.enrol import Enrolled, enrol
from pos_engine.services.identification import Status, asked_at
from pos_engine.services.identify_face import FaceAsk, identify_face
from pos_engine.services.payer import Place, TokenProof
from pos_engine.services.sessions import open_session
from pos_engine.services.tokens import sign_payer_token
from pos_engine.store import challenges, families, installation
from pos_engine.store.schema import challenge
from tests.biometrics import heads
from tests.services.test_faces import jpeg, pool, portrait
from tests.world import BORN, a_purchase

__all__ = ["pool", "portrait"]


@pytest.fixture
def place(world):
    return Place(world.shop_id, world.till_id)


class TestNonce:
    def test_it_names_an_action_and_ends_within_a_minute(self, engine, place):
        new = issue_challenge(engine, place)
        assert new.action in ACTIONS
        assert new.expires_at == engine.now() + LIFE

    def test_it_is_drawn_anew_each_time(self, engine, place):
        drawn = {issue_challenge(engine, place).action for _ in range(60)}
        assert drawn == set(ACTIONS)

    def test_it_is_answered_once(self, engine, place):
        new = issue_challenge(engine, place)
        assert take_challenge(engine, new.challenge_id, place) == new
        assert take_challenge(engine, new.challenge_id, place) is None

    def test_late_foreign_and_unknown_ones_are_nothing(self, engine, place, world, clock):
        late, foreign = issue_challenge(engine, place), issue_challenge(engine, place)
        other = Place(world.other_shop_id, world.other_till_id)
        assert take_challenge(engine, foreign.challenge_id, other) is None
        assert take_challenge(engine, foreign.challenge_id, place) is None  # burnt by the try
        clock.advance(seconds=61)
        assert take_challenge(engine, late.challenge_id, place) is None
        assert take_challenge(engine, new_uuid7(clock()), place) is None


class TurningHead:
    """A pool that answers as for a real head that turns, with the template of a real portrait.

    No second free portrait exists whose head turns, so the geometry is a made-up head's.
    """

    def __init__(self, face, geometry):
        self.face, self.geometry = face, geometry

    def embed_many(self, images, _pose):
        rng = np.random.default_rng(1)
        noisy = [self.face.vector + rng.normal(0, 0.01, 128) for _ in self.geometry]
        templates = [Template.of(each, self.face.model_id, 80) for each in noisy]
        frames = zip(self.geometry, templates, strict=True)
        return [replace(frame, template=template) for frame, template in frames][: len(images)]


@pytest.mark.faces
class TestLiveFace:
    @pytest.fixture(params=["sqlite"])
    def kind(self, request):
        return request.param

    @pytest.fixture
    def engine(self, engine, pool):
        with engine.database.begin() as tx:
            installation.mark(tx, KIND, DEMO)
        return replace(engine, faces=pool)

    @pytest.fixture
    def asked(self, engine, world, place):
        session = open_session(engine, **world.staff["KASIR"]).session
        return asked_at(engine, session, place, None)

    @pytest.fixture(autouse=True)
    def enrolled(self, engine, world, portrait):
        done = enrol(engine, world.kpm_id, [jpeg(portrait)])
        assert isinstance(done, Enrolled), done

    @pytest.fixture
    def turning(self, engine, portrait):
        """The engine before a head that turns to its own left, as it will be asked to."""
        [seen] = engine.faces.embed_many([jpeg(portrait)])
        geometry = heads.frames(heads.head(), heads.turn(-38))
        return replace(engine, faces=TurningHead(seen.template, geometry))

    def drawn(self, engine, place, action):
        """A challenge whose draw we know."""
        new = issue_challenge(engine, place)
        with engine.database.begin() as tx:
            tx.execute(challenge.update().values(action=action))
        return new.challenge_id

    def nearer(self, portrait):
        """Eight frames of a picture that comes closer."""
        boxes = [(12 * s, 4 * s, 512 - 12 * s, 512 - 20 * s) for s in range(8)]
        return [jpeg(portrait.crop(box).resize((512, 512))) for box in boxes]

    def ask(self, engine, place, action, images):
        return FaceAsk(images, challenge_id=self.drawn(engine, place, action))

    def test_a_head_that_turns_as_asked_is_enough_and_buys(self, turning, asked, world, place):
        found = identify_face(turning, asked, self.ask(turning, place, "TURN_LEFT", [b""] * 9))
        assert (found.status, found.name) == (Status.IDENTIFIED, "S*** W******"), found
        proof = TokenProof(sign_payer_token(turning.keys, found.token))
        answer = json.loads(authorize(turning, a_purchase(world, proof=proof)).body)
        assert answer["status"] == "APPROVED"

    def test_the_other_way_is_not_what_was_asked(self, turning, asked, place):
        found = identify_face(turning, asked, self.ask(turning, place, "TURN_RIGHT", [b""] * 9))
        assert (found.status, found.reason) == (Status.RETAKE, "FACE_NOT_LIVE")

    def test_the_same_frames_a_second_time_are_not_live(self, turning, asked, place):
        ask = self.ask(turning, place, "TURN_LEFT", [b""] * 9)
        assert identify_face(turning, asked, ask).status is Status.IDENTIFIED
        assert identify_face(turning, asked, ask).reason == "FACE_NOT_LIVE"

    def test_a_budget_of_nothing_always_asks_for_more(self, turning, asked, place):
        careful = replace(turning, face_risk_budget=0.0)
        found = identify_face(careful, asked, self.ask(turning, place, "TURN_LEFT", [b""] * 9))
        assert (found.status, found.name) == (Status.STEP_UP, None)
        assert found.token.step_up == ("PIN", "CODE", "BIRTH_DATE")

    def test_a_birth_date_that_was_given_is_no_second_factor(self, turning, asked, place):
        careful = replace(turning, face_risk_budget=0.0)
        ask = self.ask(turning, place, "TURN_LEFT", [b""] * 9)
        found = identify_face(careful, asked, replace(ask, birth_date=BORN))
        assert found.token.step_up == ("PIN", "CODE")

    def test_nor_is_it_offered_without_a_turn(self, engine, asked, place, portrait):
        still = identify_face(engine, asked, FaceAsk([jpeg(portrait)]))
        near = identify_face(
            engine, asked, self.ask(engine, place, "CLOSER", self.nearer(portrait))
        )
        for found in (still, near):
            assert found.token.step_up == ("PIN", "CODE")

    def test_twins_of_one_family_always_step_up(
        self, engine, turning, asked, world, place, portrait
    ):
        with engine.database.begin() as tx:
            twin = families.Person("twin", world.kpm_id, "Siti Wahyuna", None, "P", "ANGGOTA")
            families.add_person(tx, twin, engine.now())
        assert isinstance(enrol(engine, world.kpm_id, [jpeg(portrait)], "twin"), Enrolled)
        found = identify_face(turning, asked, self.ask(turning, place, "TURN_LEFT", [b""] * 9))
        assert (found.status, found.name) == (Status.STEP_UP, None)

    def test_a_photograph_brought_nearer_never_identifies(self, engine, asked, place, portrait):
        """The real pool on real pixels: an approach passes as CLOSER, and is still a claim."""
        found = identify_face(
            engine, asked, self.ask(engine, place, "CLOSER", self.nearer(portrait))
        )
        assert (found.status, found.name) == (Status.STEP_UP, None), found
        turned = identify_face(
            engine, asked, self.ask(engine, place, "TURN_LEFT", self.nearer(portrait))
        )
        assert turned.reason == "FACE_NOT_LIVE"

    def test_a_still_picture_is_not_live(self, engine, asked, place, portrait):
        still = [jpeg(portrait)] * 8
        for action in ("TURN_LEFT", "TURN_RIGHT", "CLOSER"):
            found = identify_face(engine, asked, self.ask(engine, place, action, still))
            assert (found.status, found.reason, found.token) == (
                Status.RETAKE, "FACE_NOT_LIVE", None,
            )  # fmt: skip


def test_the_row_is_kept_with_its_use(engine, place):
    new = issue_challenge(engine, place)
    take_challenge(engine, new.challenge_id, place)
    with engine.database.begin() as tx:
        row = tx.execute(challenge.select()).mappings().one()
        assert row["used_at"] is not None
        assert challenges.use_challenge(tx, new.challenge_id, engine.now()) is None
