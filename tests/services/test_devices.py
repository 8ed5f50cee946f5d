"""A device's way in and out: the owner's code, its key, approval by DINSOS, the end."""

from dataclasses import replace

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.services import devices, install, sessions
from pos_engine.services.device_codes import DEVICE_CODE_LIFE, make_code
from pos_engine.services.device_requests import device_of_request
from pos_engine.services.device_signature import (
    SIGNATURE_BYTES,
    Algorithm,
    PublicKey,
    body_signed_by,
    read_public_key,
    signed_by,
)
from pos_engine.services.devices import SECRET_SHOWN, DeviceProblem, Enrolled, NewDevice
from pos_engine.services.remote_shops import mark_remote
from pos_engine.store import devices as store
from pos_engine.store.remote_shops import is_remote, remote_now
from pos_engine.wire.canonical import to_base64url
from tests.reserving import LABEL, TabletKey, a_code, session_of, with_key
from tests.world import NOW

PAIRS = [TabletKey.ed25519(), TabletKey.p256()]
KINDS = ["Ed25519", "ES256"]


def a_device(key=None, **changes):
    made = NewDevice(new_uuid7(NOW), (key or TabletKey.ed25519()).public, LABEL)
    return replace(made, **changes)


def state_of(engine, device_id):
    with engine.database.read() as tx:
        return store.find_key(tx, device_id).state


class TestSignature:
    @pytest.mark.parametrize("pair", PAIRS, ids=KINDS)
    def test_what_the_holder_signed_holds_and_nothing_else(self, pair):
        body, key = {"seq": 1, "total": 67_000}, pair.public
        signature = pair.sign_body(body)
        assert body_signed_by(key, body, signature)
        assert not body_signed_by(key, body | {"total": 1}, signature)
        assert not body_signed_by(key, {"x": 1.5}, signature)
        assert not body_signed_by(key, body, to_base64url(bytes(SIGNATURE_BYTES)))
        assert not body_signed_by(key, body, signature[:-1])
        assert not signed_by(replace(key, raw=bytes(len(key.raw))), b"x", signature)
        other = type(pair)(TabletKey.ed25519(2).private)
        assert not body_signed_by(other.public, body, signature)

    @pytest.mark.parametrize("pair", PAIRS, ids=KINDS)
    def test_a_key_reads_as_a_browser_writes_it(self, pair):
        key = pair.public
        assert read_public_key(key.algorithm, to_base64url(key.raw)) == key
        assert len(key.key_id) == 16
        for text in ("", "A", to_base64url(key.raw[:-1]), to_base64url(key.raw + b"\0")):
            assert read_public_key(key.algorithm, text) is None

    def test_a_point_that_is_not_on_the_curve_is_no_key(self):
        assert read_public_key("ES256", to_base64url(b"\x04" + bytes(64))) is None
        assert read_public_key("RS256", to_base64url(bytes(32))) is None
        assert PublicKey(Algorithm.ED25519, bytes(32)).key_id


class TestEnrolment:
    def test_a_spare_phone_sells_online_at_once(self, engine, world):
        """The owner's code, a key, a log-in by a member of staff: no officer is waited for."""
        found = devices.enrol(engine, a_device(), a_code(engine, world))
        assert isinstance(found, Enrolled)
        assert (found.key.state, found.shop.shop_id) == ("ONLINE", world.shop_id)
        cashier = world.staff["KASIR"]
        assert (cashier["staff_id"], "KASIR") in found.staff
        login = (found.key.device_id, found.device_secret, cashier["staff_id"], cashier["pin"])
        opened = sessions.open_session(engine, *login)
        assert opened.session.till_id == world.till_id

    def test_a_lost_answer_may_be_asked_again_until_somebody_logs_in(self, engine, world, clock):
        new, code = a_device(), a_code(engine, world)
        first = devices.enrol(engine, new, code)
        assert devices.enrol(engine, new, code).device_secret == first.device_secret
        other = replace(new, label="Lain")
        assert devices.enrol(engine, other, code) is DeviceProblem.DEVICE_TAKEN
        clock.advance(seconds=SECRET_SHOWN + 1)
        assert devices.enrol(engine, new, code) is DeviceProblem.DEVICE_TAKEN
        clock.advance(seconds=-SECRET_SHOWN)
        cashier = world.staff["KASIR"]
        login = (new.device_id, first.device_secret, cashier["staff_id"], cashier["pin"])
        assert isinstance(sessions.open_session(engine, *login), sessions.Opened)
        assert devices.enrol(engine, new, code) is DeviceProblem.DEVICE_TAKEN

    def test_a_code_lets_one_device_in_and_only_for_ten_minutes(self, engine, world, clock):
        code = a_code(engine, world)
        devices.enrol(engine, a_device(), code)
        second = a_device(TabletKey.ed25519(2))
        assert devices.enrol(engine, second, code) is DeviceProblem.CODE_USED
        late = a_code(engine, world)
        clock.at += DEVICE_CODE_LIFE
        clock.advance(seconds=1)
        assert devices.enrol(engine, second, late) is DeviceProblem.CODE_WRONG

    def test_three_wrong_ends_spend_a_code(self, engine, world):
        code = a_code(engine, world)
        wrong = code[:4] + f"{(int(code[4:]) + 1) % 10_000:04d}"
        for _ in range(3):
            assert devices.enrol(engine, a_device(), wrong) is DeviceProblem.CODE_WRONG
        assert devices.enrol(engine, a_device(), code) is DeviceProblem.CODE_WRONG

    def test_a_key_belongs_to_one_device(self, engine, world):
        devices.enrol(engine, a_device(), a_code(engine, world))
        taken = devices.enrol(engine, a_device(), a_code(engine, world))
        assert taken is DeviceProblem.KEY_TAKEN

    def test_the_owner_shows_her_pin_once_more(self, engine, world):
        owner = session_of(engine, world, "PEMILIK")
        assert make_code(engine, owner, "000000") is sessions.LoginRefusal.WRONG


class TestBinding:
    def test_a_device_gets_one_key_and_dinsos_approves_it(self, engine, world):
        session = with_key(engine, world, approved=False)
        assert state_of(engine, session.device_id) == "ONLINE"
        same = devices.bind_key(engine, session, TabletKey.ed25519().public, LABEL, None)
        assert same.state == "ONLINE"
        other = devices.bind_key(engine, session, TabletKey.p256().public, LABEL, None)
        assert other is DeviceProblem.DEVICE_TAKEN
        for region in ("94.01", "35.08"):
            outside = devices.approve(engine, session.device_id, "officer", region)
            assert outside is DeviceProblem.DEVICE_UNKNOWN
        for _ in range(2):
            done = devices.approve(engine, session.device_id, "officer", "35.07")
            assert (done.state, done.approved_at) == ("APPROVED", NOW)
        assert devices.approve(engine, "x", "officer", None) is DeviceProblem.DEVICE_UNKNOWN

    def test_without_a_code_only_a_sample_binds_and_is_approved_at_once(self, engine, world):
        session = session_of(engine, world)
        key = TabletKey.p256().public
        assert devices.bind_key(engine, session, key, LABEL, None) is DeviceProblem.CODE_WRONG
        install.mark_demo(engine)
        assert devices.bind_key(engine, session, key, LABEL, None).state == "APPROVED"

    def test_a_code_of_another_shop_and_a_key_of_another_device_bind_nothing(self, engine, world):
        with_key(engine, world)
        other = session_of(engine, world, "KASIR-2")
        taken = devices.bind_key(engine, other, TabletKey.ed25519().public, LABEL, "00000000")
        assert taken is DeviceProblem.KEY_TAKEN
        code = a_code(engine, world)
        wrong = devices.bind_key(engine, other, TabletKey.p256().public, LABEL, code)
        assert wrong is DeviceProblem.CODE_WRONG
        office = session_of(engine, world, "DINSOS")
        no_till = devices.bind_key(engine, office, TabletKey.p256().public, LABEL, code)
        assert no_till is DeviceProblem.DEVICE_NOT_TILL


class TestEnd:
    def test_a_revoked_device_is_dead_at_once_and_its_key_is_still_known(self, engine, world):
        session, owner = with_key(engine, world), session_of(engine, world, "PEMILIK")
        opened = sessions.open_session(engine, **world.staff["KASIR"])
        for _ in range(2):
            assert devices.revoke(engine, owner, session.device_id) is None
        assert sessions.authenticate(engine, opened.access_token) is None
        again = sessions.open_session(engine, **world.staff["KASIR"])
        assert again is sessions.LoginRefusal.STOPPED  # she need not doubt her PIN
        assert state_of(engine, session.device_id) == "REVOKED"
        approved = devices.approve(engine, session.device_id, "officer", None)
        assert approved is DeviceProblem.DEVICE_STOPPED
        header = TabletKey.ed25519().header(session.device_id, "POST", "/x", b"{}")
        found = device_of_request(engine, header, "POST", "/x", b"{}")
        assert found.state == "REVOKED"

    def test_only_those_of_the_shop_and_its_region_stop_it(self, engine, world):
        session = with_key(engine, world)
        stranger = session_of(engine, world, "DINSOS")
        far = replace(stranger, region="94.01")
        assert devices.revoke(engine, far, session.device_id) is DeviceProblem.DEVICE_UNKNOWN
        own = session_of(engine, world, "PEMILIK")
        with engine.database.read() as tx:
            other_shop = replace(own, shop=replace(own.shop, shop_id=world.other_shop_id))
            assert store.find_key(tx, session.device_id).state == "APPROVED"
        refused = devices.revoke(engine, other_shop, session.device_id)
        assert refused is DeviceProblem.DEVICE_UNKNOWN
        assert devices.revoke(engine, stranger, session.device_id) is None

    def test_the_command_stops_the_key_too(self, engine, world):
        session = with_key(engine, world)
        assert install.revoke_device(engine, session.device_id) is None
        assert state_of(engine, session.device_id) == "REVOKED"

    def test_two_tablets_that_sign_as_one_get_no_new_allowance(self, engine, world):
        session = with_key(engine, world)
        for _ in range(2):
            with engine.database.begin() as tx:
                key = store.find_key(tx, session.device_id, lock=True)
                devices.quarantine_in(tx, engine, key, "sync")
        assert state_of(engine, session.device_id) == "QUARANTINED"
        approved = devices.approve(engine, session.device_id, "officer", None)
        assert approved is DeviceProblem.DEVICE_STOPPED
        listed = devices.list_devices(engine, shop_id=world.shop_id)
        assert [each.key.state for each in listed] == ["QUARANTINED"]
        assert devices.list_devices(engine, region="94.01") == []


@pytest.mark.parametrize("pair", PAIRS, ids=KINDS)
def test_a_request_is_its_devices_only_as_it_was_signed(engine, world, pair):
    session = with_key(engine, world, pair)
    header = pair.header(session.device_id, "POST", "/v1/x", b"{}")
    found = device_of_request(engine, header, "POST", "/v1/x", b"{}")
    assert found.device_id == session.device_id
    for request in (
        (header, "PUT", "/v1/x", b"{}"),
        (header, "POST", "/v1/y", b"{}"),
        (header, "POST", "/v1/x", b"{ }"),
        ("Bearer x", "POST", "/v1/x", b"{}"),
        (pair.header("unknown", "POST", "/v1/x", b"{}"), "POST", "/v1/x", b"{}"),
    ):
        assert device_of_request(engine, *request) is None


def test_dinsos_says_which_shops_lie_beyond_the_signal(engine, world, clock):
    assert not mark_remote(engine, world.shop_id, "officer", "94.01", remote=True)
    for _ in range(2):
        assert mark_remote(engine, world.shop_id, "officer", "35.07", remote=True)
    with engine.database.read() as tx:
        assert is_remote(tx, world.shop_id)
        assert remote_now(tx) == {world.shop_id}
    clock.advance(seconds=1)
    assert mark_remote(engine, world.shop_id, "officer", None, remote=False)
    with engine.database.read() as tx:
        assert not is_remote(tx, world.shop_id)
        assert remote_now(tx) == set()
