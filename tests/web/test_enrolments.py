"""Enrolling over HTTP: the whole way, bad input, scope, limits, and a KPM's lock at the till."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.services import install
from pos_engine.services.sessions import Role
from pos_engine.store import families
from pos_engine.store.schema_enrolment import enrolment
from pos_engine.web.enrolment_bodies import ENROLMENT_IMAGE_BYTES_MAX
from pos_engine.web.limits import BODY_BYTES_MAX, ENROLMENT_BODY_BYTES_MAX
from tests.named_faces import NamedFaces, shots
from tests.web.conftest import log_in
from tests.world import NOW, PIN


@pytest.fixture
def engine(engine):
    return replace(engine, faces=NamedFaces())


@pytest.fixture
def as_role(client, world):
    """Call as an officer or cashier: `as_role("DINSOS").post(...)`."""
    tokens = {}

    class Caller:
        def __init__(self, role):
            self.role = role

        def __getattr__(self, method):
            def call(path, **named):
                if self.role not in tokens:
                    tokens[self.role] = log_in(client, world.staff[self.role])["access_token"]
                headers = {"Authorization": f"Bearer {tokens[self.role]}"}
                return client.request(method.upper(), path, headers=headers, **named)

            return call

    return Caller


def base64_of(images):
    return [base64.b64encode(image).decode() for image in images]


@pytest.fixture
def body(engine, world):
    def make(name="siti", **changes):
        kpm_id = changes.get("kpm_id", world.kpm_id)
        with engine.database.read() as tx:
            [person] = families.persons_of(tx, kpm_id) or families.persons_of(tx, world.kpm_id)
        default = {
            "enrolment_id": new_uuid7(NOW),
            "kpm_id": kpm_id,
            "person_id": person.person_id,
            "images": base64_of(shots(name)),
            "consent": {"given": True, "text_version": "wajah-1", "language": "id"},
            "factor": {"kind": "PIN", "value": PIN},
            "started_at": (NOW - timedelta(minutes=5)).isoformat(),
            "finished_at": (NOW - timedelta(minutes=1)).isoformat(),
            "place": {"region": "35.07.13.2001", "shop_id": world.shop_id},
        } | changes
        return {name: value for name, value in default.items() if value is not ...}

    return make


def test_proposed_by_one_approved_by_another(as_role, body):
    sent = body()
    made = as_role("PENDAMPING").post("/v1/enrolments", json=sent)
    assert made.status_code == 201
    answer = made.json()
    assert (answer["enrolment_id"], answer["status"]) == (sent["enrolment_id"], "PROPOSED")
    assert (answer["quality"], answer["pictures"], answer["findings"]) == (80, 5, [])
    assert answer["next_step"] == "Menunggu persetujuan petugas lain."
    again = as_role("PENDAMPING").post("/v1/enrolments", json=sent)
    assert (again.status_code, again.json()) == (200, answer)
    path = f"/v1/enrolments/{sent['enrolment_id']}"
    own = as_role("PENDAMPING").post(f"{path}/approve", json={})
    assert (own.status_code, own.json()["code"]) == (403, "SECOND_PERSON_NEEDED")
    done = as_role("DINSOS").post(f"{path}/approve").json()
    assert (done["status"], done["effective_at"]) == ("IN_FORCE", NOW.isoformat())
    assert as_role("DINSOS").post(f"{path}/approve", json={}).json() == done
    late = as_role("DINSOS").post(f"{path}/refuse", json={"note": "ragu"})
    assert (late.status_code, late.json()["code"]) == (409, "WRONG_STATUS")
    shown = as_role("KEMENSOS").get(path).json()
    assert {each["kind"] for each in shown["events"]} == {"PROPOSED", "APPROVED"}
    assert shown["consent"]["text_version"] == "wajah-1"
    assert (shown["factor"], shown["searched"]["templates"]) == ("PIN", 0)


def test_an_enrolment_id_may_be_left_to_the_engine(as_role, body):
    made = as_role("PENDAMPING").post("/v1/enrolments", json=body(enrolment_id=...))
    assert made.status_code == 201
    assert made.json()["enrolment_id"]


def test_other_content_under_the_same_id_is_409(as_role, body):
    sent = body()
    as_role("PENDAMPING").post("/v1/enrolments", json=sent)
    other = sent | {"images": base64_of(shots("siti", 4))}
    answer = as_role("PENDAMPING").post("/v1/enrolments", json=other)
    assert (answer.status_code, answer.json()["code"]) == (409, "DUPLICATE_DIFFERENT")
    assert answer.json()["errors"][0]["field"] == "enrolment_id"


def test_saying_no_needs_no_picture_and_no_factor(as_role, body):
    no = {"given": False, "text_version": "wajah-1", "language": "jv"}
    made = as_role("PENDAMPING").post(
        "/v1/enrolments", json=body(consent=no, images=..., factor=...)
    )
    assert (made.status_code, made.json()["status"]) == (201, "DECLINED_BY_KPM")
    assert "KKS" in made.json()["next_step"]


@pytest.mark.parametrize(
    ("change", "status", "reason", "field"),
    [
        ({"images": base64_of(shots("siti", 2))}, "RETAKE", "TOO_FEW_PICTURES", "images"),
        ({"images": base64_of([b"nobody"] * 3)}, "RETAKE", "PICTURES_UNUSABLE", "images"),
        ({"factor": ...}, "REFUSED", "FACTOR_MISSING", "factor"),
        ({"factor": {"kind": "PIN", "value": "000000"}}, "REFUSED", "PIN_WRONG", "factor.value"),
        ({"finished_at": (NOW + timedelta(hours=1)).isoformat()},
         "REFUSED", "TIMES_WRONG", "finished_at"),
        ({"started_at": NOW.isoformat()}, "REFUSED", "TIMES_WRONG", "started_at"),
        ({"place": {"region": "94.01"}}, "REFUSED", "PLACE_OUTSIDE", "place.region"),
    ],
)  # fmt: skip
def test_a_refusal_says_why_and_what_next(as_role, body, change, status, reason, field):
    answer = as_role("PENDAMPING").post("/v1/enrolments", json=body(**change))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["reason"], told["field"]) == (status, reason, field)
    assert told["message"]
    assert told["next_step"]


MALFORMED = {
    "no picture": ({"images": []}, "images"),
    "eleven pictures": ({"images": base64_of(shots("siti", 11))}, "images"),
    "not base64": ({"images": ["?"] * 3}, "images.0"),
    "id of no kind": ({"enrolment_id": "1"}, "enrolment_id"),
    "no consent": ({"consent": ...}, "consent"),
    "consent as text": ({"consent": {"given": "ya", "text_version": "1", "language": "id"}},
                        "consent.given"),
    "language of no kind": ({"consent": {"given": True, "text_version": "1", "language": "X!"}},
                            "consent.language"),
    "factor of no kind": ({"factor": {"kind": "FACE", "value": "000000"}}, "factor.kind"),
    "short pin": ({"factor": {"kind": "PIN", "value": "1"}}, "factor.value"),
    "no time": ({"started_at": ...}, "started_at"),
    "time without zone": ({"started_at": "2026-11-21T09:14:00"}, "started_at"),
    "place unknown": ({"place": {"region": "00"}}, "place.region"),
    "unknown field": ({"colour": "red"}, "colour"),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_bodies_name_the_field(as_role, body, engine, case):
    change, field = MALFORMED[case]
    answer = as_role("PENDAMPING").post("/v1/enrolments", json=body(**change))
    assert (answer.status_code, answer.json()["code"]) == (422, "MALFORMED")
    assert field in [each["field"] for each in answer.json()["errors"]]
    assert PIN not in answer.text
    with engine.database.read() as tx:
        assert tx.execute(enrolment.select()).all() == []


def test_a_picture_of_more_than_two_mib_is_413_by_name(as_role, body):
    big = base64.b64encode(b"x" * (ENROLMENT_IMAGE_BYTES_MAX + 1)).decode()
    images = [*base64_of(shots("siti", 2)), big]
    answer = as_role("PENDAMPING").post("/v1/enrolments", json=body(images=images))
    assert (answer.status_code, answer.json()["code"]) == (413, "IMAGE_TOO_LARGE")
    assert answer.json()["errors"][0]["field"] == "images.2"


def test_ten_pictures_of_two_mib_fit_and_only_here(as_role, body):
    whole = base64.b64encode(b"siti/" + b"1" * (ENROLMENT_IMAGE_BYTES_MAX - 5)).decode()
    answer = as_role("PENDAMPING").post("/v1/enrolments", json=body(images=[whole] * 10))
    assert answer.json()["status"] == "PROPOSED"
    for path, limit in (
        ("/v1/enrolments", ENROLMENT_BODY_BYTES_MAX),
        ("/v1/enrolments/codes", BODY_BYTES_MAX),
        (f"/v1/enrolments/{new_uuid7(NOW)}/approve", BODY_BYTES_MAX),
    ):
        refused = as_role("PENDAMPING").post(path, content=b" " * (limit + 1))
        assert (refused.status_code, refused.json()["code"]) == (413, "BODY_TOO_LARGE")
        assert str(limit) in refused.json()["detail"]


@pytest.mark.parametrize("role", ["KASIR", "PEMILIK", "KEMENSOS"])
def test_only_officers_enrol(as_role, body, role):
    for path in ("", "/codes", "/x/approve", "/x/refuse", "/x/withdraw"):
        sent = {} if path else body()
        answer = as_role(role).post(f"/v1/enrolments{path}", json=sent)
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_NOT_ALLOWED")
    if role != "KEMENSOS":
        assert as_role(role).get("/v1/enrolments").status_code == 403
    assert as_role(role).post("/v1/enrolments").status_code in (403, 422)


def test_nobody_without_a_session(client, body):
    assert client.post("/v1/enrolments", json=body()).status_code == 401
    assert client.get("/v1/enrolments").status_code == 401
    assert client.post("/v1/faces/lock", json={}).status_code == 401


def test_an_officer_of_another_region_finds_nothing(as_role, body, engine, client):
    sent = body()
    as_role("PENDAMPING").post("/v1/enrolments", json=sent)
    device = install.add_device(engine, None)
    far = install.add_staff(engine, "Petugas", Role.DINSOS, region="94.01")
    login = {
        "device_id": device.device_id, "device_secret": device.device_secret,
        "staff_id": far.staff_id, "pin": far.pin,
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {log_in(client, login)['access_token']}"}
    path = f"/v1/enrolments/{sent['enrolment_id']}"
    assert client.get("/v1/enrolments", headers=headers).json() == {"enrolments": [], "next": None}
    for answer in (
        client.get(path, headers=headers),
        client.post(f"{path}/approve", json={}, headers=headers),
        client.post(f"{path}/withdraw", json={"note": "x"}, headers=headers),
        client.get("/v1/enrolments/nothing", headers=headers),
        client.post("/v1/enrolments", json=body(place={"region": "94.01"}), headers=headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_the_review_list_goes_page_by_page(as_role, body, world):
    as_role("PENDAMPING").post("/v1/enrolments", json=body("siti"))
    twin = as_role("PENDAMPING").post("/v1/enrolments", json=body("siti", kpm_id="KPM-2")).json()
    assert (twin["status"], len(twin["findings"])) == ("REVIEW", 1)
    [found] = twin["findings"]
    assert set(found) == {"finding", "source", "score", "fpir_estimate", "decision"}
    [row] = as_role("DINSOS").get("/v1/enrolments?status=REVIEW").json()["enrolments"]
    assert row["enrolment_id"] == twin["enrolment_id"]
    first = as_role("DINSOS").get("/v1/enrolments?limit=1").json()
    rest = as_role("DINSOS").get(f"/v1/enrolments?cursor={first['next']}").json()
    ids = [each["enrolment_id"] for each in (*first["enrolments"], *rest["enrolments"])]
    assert len(set(ids)) == 2
    assert rest["next"] is None
    for query in ("status=GOOD", "limit=0", "limit=101", "cursor='--"):
        assert as_role("DINSOS").get(f"/v1/enrolments?{query}").status_code == 422


def test_a_review_needs_a_decision_and_shows_who_to_dinsos_only(as_role, body):
    as_role("PENDAMPING").post("/v1/enrolments", json=body("siti"))
    twin = as_role("PENDAMPING").post("/v1/enrolments", json=body("siti", kpm_id="KPM-2")).json()
    path = f"/v1/enrolments/{twin['enrolment_id']}"
    [named] = as_role("DINSOS").get(path).json()["findings"]
    assert (named["kpm_id"], named["name"]) == ("KPM-1", "S*** W******")
    [masked] = as_role("PENDAMPING").get(path).json()["findings"]
    assert not {"kpm_id", "person_id", "name"} & set(masked)
    missing = as_role("DINSOS").post(f"{path}/approve", json={"decisions": []})
    assert (missing.status_code, missing.json()["code"]) == (422, "DECISIONS_MISSING")
    said = {"finding": 1, "decision": "TWIN", "note": "kembar"}
    for wrong in (
        {"decisions": [said, said]},
        {"decisions": [said | {"decision": "MAYBE"}]},
        {"decisions": [said | {"note": "a\nb"}]},
        {"decisions": [said | {"note": " "}]},
    ):
        answer = as_role("DINSOS").post(f"{path}/approve", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "MALFORMED")
    done = as_role("DINSOS").post(f"{path}/approve", json={"decisions": [said]}).json()
    assert (done["status"], done["findings"][0]["decision"]) == ("IN_FORCE", "TWIN")


def test_refuse_and_withdraw(as_role, body):
    sent = body()
    path = f"/v1/enrolments/{sent['enrolment_id']}"
    as_role("PENDAMPING").post("/v1/enrolments", json=sent)
    done = as_role("DINSOS").post(f"{path}/refuse", json={"note": "buram"}).json()
    assert (done["status"], done["reason"]) == ("REFUSED", "BY_OFFICER")
    late = as_role("DINSOS").post(f"{path}/approve", json={})
    assert (late.status_code, late.json()["code"]) == (409, "WRONG_STATUS")
    new = body()
    as_role("PENDAMPING").post("/v1/enrolments", json=new)
    gone = as_role("PENDAMPING").post(
        f"/v1/enrolments/{new['enrolment_id']}/withdraw", json={"note": "salah orang"}
    )
    assert gone.json()["status"] == "WITHDRAWN"


def test_a_code_is_sent_for_one_enrolment(as_role, body, engine, world):
    sent = body()
    asked = {"enrolment_id": sent["enrolment_id"], "kpm_id": world.kpm_id}
    answer = as_role("PENDAMPING").post("/v1/enrolments/codes", json=asked)
    assert answer.json()["sent"] is True
    code = engine.sms.messages()[0].text.split("kode ")[1][:6]
    assert code not in answer.text
    made = as_role("PENDAMPING").post(
        "/v1/enrolments", json=sent | {"factor": {"kind": "CODE", "value": code}}
    )
    assert made.json()["status"] == "PROPOSED"
    none = asked | {"kpm_id": world.other_kpm_id}
    told = as_role("PENDAMPING").post("/v1/enrolments/codes", json=none).json()
    assert (told["sent"], bool(told["next_step"])) == (False, True)
    unknown = asked | {"kpm_id": "nobody"}
    assert as_role("PENDAMPING").post("/v1/enrolments/codes", json=unknown).status_code == 404


def test_a_kpm_locks_and_unlocks_her_face_at_the_till(as_role, body, world):
    sent = body()
    as_role("PENDAMPING").post("/v1/enrolments", json=sent)
    as_role("DINSOS").post(f"/v1/enrolments/{sent['enrolment_id']}/approve", json={})
    card = {"till_id": world.till_id, "method": "KKS", "card": world.card, "pin": PIN}
    proof = as_role("KASIR").post("/v1/payers/identify", json=card).json()["payer_token"]
    at_till = {"till_id": world.till_id, "payer": {"token": proof}}
    locked = as_role("KASIR").post("/v1/faces/lock", json=at_till | {"reason": "LOCK"}).json()
    assert (locked["status"], locked["templates"]) == ("LOCKED", 1)
    opened = as_role("KASIR").post("/v1/faces/unlock", json=at_till).json()
    assert (opened["status"], opened["templates"]) == ("OPEN", 1)
    gone = as_role("KASIR").post("/v1/faces/lock", json=at_till | {"reason": "WITHDRAW"}).json()
    assert gone["status"] == "WITHDRAWN"
    never = as_role("KASIR").post("/v1/faces/unlock", json=at_till).json()
    assert never["status"] == "WITHDRAWN"
    stranger = at_till | {"payer": {"token": "x"}, "reason": "LOCK"}
    refused = as_role("KASIR").post("/v1/faces/lock", json=stranger).json()
    assert (refused["status"], refused["reason"]) == ("REFUSED", "PAYER_UNKNOWN")
    other_till = at_till | {"till_id": world.other_till_id}
    assert as_role("KASIR").post("/v1/faces/unlock", json=other_till).status_code == 403
    wrong = as_role("KASIR").post("/v1/faces/lock", json=at_till | {"reason": "REST"})
    assert wrong.status_code == 422
