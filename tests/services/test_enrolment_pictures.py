"""Enrolment with real pictures and the real model: one portrait, two families, one of staff."""

import io
from dataclasses import replace

import pytest
from PIL import Image
from skimage import data

from biometrics.child import WorkerConfig
from biometrics.pool import FacePool
from pos_engine.rules.enrolment import Refusal, Status
from pos_engine.services.staff_face import StaffEnrolled, enrol_staff_face
from pos_engine.store.schema import metadata
from tests.enrolling import Office

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
def office(engine, world, pool):
    office = Office(engine, world)
    office.engine = replace(engine, faces=pool)
    return office


def jpeg(image):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def portrait():
    """NASA's portrait of Eileen Collins, public domain."""
    return Image.fromarray(data.astronaut())


@pytest.fixture(scope="module")
def pictures(portrait):
    return [
        jpeg(portrait),
        jpeg(portrait.point(lambda value: min(255, int(value * 1.1)))),
        jpeg(portrait.resize((420, 420))),
        jpeg(portrait.crop((40, 0, 480, 440))),
        jpeg(portrait.point(lambda value: int(value * 0.9))),
    ]


def test_one_portrait_in_two_families_goes_to_review(office, world, pictures):
    mine = office.enrol(images=pictures)
    assert mine.quality > 0
    answer = office.propose(images=pictures[::-1], kpm_id=world.other_kpm_id)
    assert answer.enrolment.status is Status.REVIEW
    [found] = answer.findings
    assert (found.kpm_id, found.template_id) == (world.kpm_id, mine.enrolment_id)
    assert found.score > 0.9


def test_a_staff_members_portrait_is_never_a_kpms(office, world, pictures):
    staff_id = world.staff["PEMILIK"]["staff_id"]
    assert isinstance(enrol_staff_face(office.engine, staff_id, pictures[:1]), StaffEnrolled)
    row = office.propose(images=pictures[1:]).enrolment
    assert (row.status, row.reason, row.sealed) == ("REFUSED", "STAFF_FACE", None)


def side_by_side(portrait):
    wide = Image.new("RGB", (1024, 512))
    wide.paste(portrait, (0, 0))
    wide.paste(portrait, (512, 0))
    return jpeg(wide)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (side_by_side, "TWO_PEOPLE"),
        (lambda _: b"this is no image", "PICTURES_UNUSABLE"),
        (lambda _: jpeg(Image.new("RGB", (640, 480), "gray")), "PICTURES_UNUSABLE"),
        (lambda portrait: jpeg(portrait.rotate(180)), "PICTURES_UNUSABLE"),
        (lambda portrait: jpeg(portrait)[:20_000], "PICTURES_UNUSABLE"),
    ],
    ids=["two people", "no image", "no face", "upside down", "cut"],
)
def test_one_bad_picture_says_how_to_take_it_again(office, portrait, pictures, spoil, expected):
    answer = office.propose(images=[*pictures[:3], spoil(portrait)])
    assert isinstance(answer, Refusal)
    assert (answer.reason, answer.field) == (expected, "images")
    assert answer.hint


def test_no_table_holds_a_picture(office, pictures):
    office.enrol(images=pictures)
    with office.engine.database.read() as tx:
        for table in metadata.sorted_tables:
            for row in tx.execute(table.select()):
                for value in row:
                    held = value if isinstance(value, bytes) else str(value).encode()
                    assert not any(image[:64] in held for image in pictures), table.name
