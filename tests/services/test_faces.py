"""A face from picture to step-up, on the real models."""

import io
from dataclasses import replace

import pytest
from PIL import Image
from skimage import data

from biometrics.child import WorkerConfig
from biometrics.gallery import Scope
from biometrics.pool import FacePool
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.scopes import NATION, ScopeKind
from pos_engine.engine import DEMO, KIND
from pos_engine.services import identify_face as faces
from pos_engine.services.enrol import Enrolled, enrol
from pos_engine.services.faces import Unreadable
from pos_engine.services.identification import Status, asked_at
from pos_engine.services.identify import Factor, continue_with
from pos_engine.services.identify_face import FaceAsk
from pos_engine.services.identify_ktp import identify_ktp
from pos_engine.services.install import Refused
from pos_engine.services.lookup import search_images
from pos_engine.services.payer import Place
from pos_engine.services.sessions import open_session
from pos_engine.services.tokens import sign_payer_token
from pos_engine.store import installation
from pos_engine.store.database import UnavailableError
from pos_engine.store.schema import identity_attempt, template
from tests.world import BORN, NIK, PIN

pytestmark = pytest.mark.faces


@pytest.fixture(params=["sqlite"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def pool():
    with FacePool(WorkerConfig()) as pool:
        pool.warm_up()
        yield pool


@pytest.fixture
def engine(engine, pool):
    with engine.database.begin() as tx:
        installation.mark(tx, KIND, DEMO)
    return replace(engine, faces=pool)


def jpeg(image):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def portrait():
    """NASA's portrait of Eileen Collins, public domain."""
    return Image.fromarray(data.astronaut())


@pytest.fixture
def asked(engine, world):
    session = open_session(engine, **world.staff["KASIR"]).session
    return asked_at(engine, session, Place(world.shop_id, world.till_id), None)


@pytest.fixture
def enrolled(engine, world, portrait):
    done = enrol(engine, world.kpm_id, [jpeg(portrait)])
    assert isinstance(done, Enrolled), done
    return done


def frames(portrait):
    """Three frames of another moment: brighter, smaller, mirrored light."""
    return [
        jpeg(portrait.point(lambda value: min(255, int(value * 1.1)))),
        jpeg(portrait.resize((420, 420))),
        jpeg(portrait.crop((40, 0, 480, 440))),
    ]


def test_a_face_is_a_step_up_and_shows_no_name(engine, asked, enrolled, portrait):
    found = faces.identify_face(engine, asked, FaceAsk(frames(portrait)))
    assert (found.status, found.name) == (Status.STEP_UP, None)
    assert found.token.step_up == ("PIN", "CODE")
    assert (found.scope.kind, found.scope.size) == ("SHOP", 1)
    assert 0 < found.scope.fpir_estimate < 0.01


def test_the_pin_turns_the_claim_into_a_name(engine, asked, enrolled, portrait):
    found = faces.identify_face(engine, asked, FaceAsk([jpeg(portrait)]))
    token = sign_payer_token(engine.keys, found.token)
    proven = continue_with(engine, asked, token, Factor("PIN", PIN, "", 0))
    assert (proven.status, proven.name) == (Status.IDENTIFIED, "S*** W******")
    assert proven.token.method == "FACE"


def test_another_shop_finds_her_by_her_village_or_not_at_all(engine, world, enrolled, portrait):
    session = open_session(engine, **world.staff["KASIR-2"]).session
    place = Place(world.other_shop_id, world.other_till_id)
    far = asked_at(engine, session, place, None)
    found = faces.identify_face(engine, far, FaceAsk([jpeg(portrait)]))
    assert (found.status, found.reason) == (Status.NOT_IDENTIFIED, "FACE_NO_MATCH")


def test_anywhere_in_the_nation_her_birth_date_finds_her(engine, world, enrolled, portrait):
    session = open_session(engine, **world.staff["KASIR-2"]).session
    far = asked_at(engine, session, Place(world.other_shop_id, world.other_till_id), None)
    found = faces.identify_face(engine, far, FaceAsk([jpeg(portrait)], birth_date=BORN))
    assert (found.status, found.scope.kind, found.name) == (Status.STEP_UP, "BIRTH_DATE", None)
    other = BORN.replace(day=16)
    missed = faces.identify_face(engine, far, FaceAsk([jpeg(portrait)], birth_date=other))
    assert missed.reason == "FACE_NO_MATCH"


def test_an_empty_gallery_knows_nobody(engine, asked, portrait):
    found = faces.identify_face(engine, asked, FaceAsk([jpeg(portrait)]))
    assert (found.status, found.reason) == (Status.NOT_IDENTIFIED, "FACE_NO_MATCH")


def side_by_side(portrait):
    wide = Image.new("RGB", (1024, 512))
    wide.paste(portrait, (0, 0))
    wide.paste(portrait, (512, 0))
    return wide


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda p: b"this is no image", "FACE_QUALITY"),
        (lambda p: jpeg(Image.new("RGB", (640, 480), "gray")), "FACE_NOT_DETECTED"),
        (lambda p: jpeg(side_by_side(p)), "FACE_QUALITY"),
        (lambda p: jpeg(p.rotate(180)), "FACE_QUALITY"),
        (lambda p: jpeg(p)[:20_000], "FACE_QUALITY"),
    ],
    ids=["no image", "no face", "two faces", "upside down", "cut"],
)
def test_a_bad_picture_says_how_to_take_it_again(engine, asked, enrolled, portrait, make, reason):
    found = faces.identify_face(engine, asked, FaceAsk([make(portrait)]))
    assert (found.status, found.reason) == (Status.RETAKE, reason)
    assert found.message
    assert found.token is None


def test_ktp_is_one_to_one(engine, asked, enrolled, portrait):
    found = identify_ktp(engine, asked, NIK, [jpeg(portrait)])
    assert (found.status, found.method, found.name) == (Status.STEP_UP, "KTP", None)
    unknown = identify_ktp(engine, asked, "3507135508800002", [jpeg(portrait)])
    assert unknown.reason == "PAYER_UNKNOWN"


def test_ktp_without_a_template_is_no_match(engine, asked, portrait):
    found = identify_ktp(engine, asked, NIK, [jpeg(portrait)])
    assert found.reason == "FACE_NO_MATCH"


def test_the_attempt_keeps_the_risk_and_no_picture(engine, asked, enrolled, portrait):
    faces.identify_face(engine, asked, FaceAsk([jpeg(portrait)]))
    with engine.database.read() as tx:
        row = tx.execute(identity_attempt.select()).mappings().one()
    assert row["gallery_size"] == 1
    assert row["score"] > 0.9
    assert row["model_id"] == "sface-2021dec"


def test_templates_are_append_only_and_sealed(engine, world, enrolled, portrait):
    again = enrol(engine, world.kpm_id, [jpeg(portrait)])
    assert (enrolled.version, again.version) == (1, 2)
    with engine.database.read() as tx:
        rows = tx.execute(template.select()).mappings().all()
    vectors = {row["sealed"] for row in rows}
    assert len(vectors) == 2
    assert all(b"sface" not in sealed for sealed in vectors)


def test_enrolment_outside_a_demo_needs_two_people(engine, world, portrait, monkeypatch):
    monkeypatch.setattr(installation, "fact", lambda _tx, _name: "LIVE")
    done = enrol(engine, world.kpm_id, [jpeg(portrait)])
    assert isinstance(done, Refused)
    assert "two people" in done.message


def test_enrolment_names_what_is_wrong(engine, world, portrait):
    assert isinstance(enrol(engine, "nobody", [jpeg(portrait)]), Refused)
    assert isinstance(enrol(engine, world.kpm_id, []), Refused)
    assert isinstance(enrol(engine, world.kpm_id, [b"x"]), Unreadable)


def test_a_search_by_hand_lists_candidates(engine, world, enrolled, portrait):
    [hit] = search_images(engine, [jpeg(portrait)], NATION)
    assert (hit.kpm_id, hit.scope, hit.size) == (world.kpm_id, "NATION", 1)
    elsewhere = Scope(ScopeKind.SHOP, world.other_shop_id)
    assert search_images(engine, [jpeg(portrait)], elsewhere) == []
    born = Scope(ScopeKind.BIRTH_DATE, BORN.isoformat())
    assert len(search_images(engine, [jpeg(portrait)], born)) == 1


def test_a_full_queue_is_nobodys_face_that_failed(engine, asked, portrait, monkeypatch):
    monkeypatch.setattr(
        FacePool,
        "embed_many",
        lambda _pool, images, _pose: [FaceRefusal(FaceReason.BUSY)] * len(images),
    )
    with pytest.raises(UnavailableError):
        faces.identify_face(engine, asked, FaceAsk([jpeg(portrait)]))
    with engine.database.read() as tx:
        assert tx.execute(identity_attempt.select()).all() == []
