"""Families' keys: rows cannot be exchanged, keys change while all stays readable."""

import base64
import os
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from pos_engine.keyring.families import MARK, ErasedError
from pos_engine.keyring.kek import OF_BEFORE, EnvironmentKeks, LocalKek
from pos_engine.keyring.token import TokenKeks
from pos_engine.keys import KeyFileError, create_key_file, load_keys
from pos_engine.rules.ids import shard_of
from pos_engine.services import family_keys, key_rotation
from pos_engine.services.authorize import authorize
from pos_engine.services.install import Refused
from pos_engine.services.key_rotation import What, rotate
from pos_engine.services.key_status import status
from pos_engine.services.register import NewFamily, register_family
from pos_engine.services.tell import tell_family
from pos_engine.services.two_officers import KEY_HOLDERS, Pair, pair_of
from pos_engine.store import families
from pos_engine.store import family_keys as rows
from pos_engine.store.schema import phone
from tests.services.test_disburse_killed import DyingDatabase, KilledError
from tests.world import MSISDN, a_purchase

OFFICERS = Pair("admin-1", "admin-2")
INIT = "softhsm2-util --init-token --free --label ewarong-test --pin 1234 --so-pin 5678"
MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")


def nobody(_done: int, _of: int) -> None:
    """Hears nothing."""


@pytest.fixture
def own(engine, tmp_path):
    """The engine with a key file of this test, which may be changed; old rows still open."""
    path = tmp_path / "keys.json"
    shutil.copy(engine.keys.file.path, path)
    return replace(engine, keys=load_keys(path))


def number_of(engine, kpm_id="KPM-1"):
    with engine.database.read() as tx:
        phone_id, _, sealed = families.phones_of(tx, kpm_id)[0]
        return family_keys.open_sealed(tx, engine, kpm_id, sealed, phone_id)


def another_family(engine, world, number="+6281299990007", kpm_id="KPM-7"):
    new = NewFamily(kpm_id, "35.07.13.2001", world.shop_id, "Ani", msisdn=number)
    assert not isinstance(register_family(engine, new), Refused)
    return number


class TestSealing:
    def test_a_phone_lies_under_its_familys_key(self, engine):
        with engine.database.read() as tx:
            sealed = families.phones_of(tx, "KPM-1")[0][2]
            known = rows.keys_of(tx, ["KPM-1"])["KPM-1"]
        assert sealed.startswith(MARK)
        assert MSISDN.encode() not in sealed
        assert known.kek_id == engine.keys.families.ring.current.kek_id
        assert number_of(engine) == MSISDN

    def test_a_row_of_another_family_does_not_open_even_with_her_key_beside_it(self, engine, world):
        """Whoever may write to the database cannot send her texts to another's phone."""
        another_family(engine, world)
        with engine.database.begin() as tx:
            theirs = families.phones_of(tx, "KPM-7")[0][2]
            mine = families.phones_of(tx, "KPM-1")[0][0]
            where = (phone.c.shard == shard_of("KPM-1")) & (phone.c.phone_id == mine)
            tx.execute(update(phone).where(where).values(sealed=theirs))
        with pytest.raises(KeyFileError):
            number_of(engine)
        with engine.database.begin() as tx:  # and her wrapped key is hers alone
            key = rows.keys_of(tx, ["KPM-7"])["KPM-7"]
            rows.rewrap(tx, shard_of("KPM-1"), {"KPM-1": key})
        with pytest.raises(KeyFileError):
            number_of(engine)

    def test_a_row_of_before_opens_and_moves_to_her_own_key(self, own):
        with own.database.begin() as tx:
            phone_id = families.phones_of(tx, "KPM-1")[0][0]
            old = own.keys.seal_personal(MSISDN, phone_id)
            where = (phone.c.shard == shard_of("KPM-1")) & (phone.c.phone_id == phone_id)
            tx.execute(update(phone).where(where).values(sealed=old))
        assert number_of(own) == MSISDN
        assert [each.rows for each in status(own) if each.what == "personal"] == [1]
        moved = rotate(own, What.PERSONAL, OFFICERS, nobody)
        assert (moved.rows, number_of(own)) == (1, MSISDN)
        assert rotate(own, What.PERSONAL, OFFICERS, nobody).rows == 0
        with own.database.read() as tx:
            assert families.phones_of(tx, "KPM-1")[0][2].startswith(MARK)

    def test_a_destroyed_key_is_never_made_again(self, engine):
        with engine.database.begin() as tx:
            rows.destroy(tx, "KPM-1", "any", engine.now())
        with pytest.raises(KeyFileError):
            number_of(engine)
        with engine.database.begin() as tx, pytest.raises(ErasedError):
            family_keys.seal(tx, engine, "KPM-1", "x", "row")


class TestRotation:
    def test_a_kek_goes_on_after_a_kill_and_nothing_is_unreadable(self, own, world):
        number = another_family(own, world)
        before = own.keys.families.ring.current.kek_id
        dying = replace(own, database=DyingDatabase(own.database, 1, inside=False))
        with pytest.raises(KilledError):
            rotate(dying, What.KEK, OFFICERS, nobody)
        fresh = replace(own, keys=load_keys(own.keys.file.path))  # another process
        assert (number_of(fresh), number_of(fresh, "KPM-7")) == (MSISDN, number)
        begun = fresh.keys.families.ring.current.kek_id
        done = rotate(fresh, What.KEK, OFFICERS, nobody)
        assert begun != before
        assert (done.key, done.resumed) == (begun, True)
        with own.database.read() as tx:
            assert {each.kek_id for each in rows.under(tx)} == {begun}
        assert (number_of(own), number_of(own, "KPM-7")) == (MSISDN, number)
        assert rotate(own, What.KEK, OFFICERS, nobody).key != begun

    def test_a_process_that_runs_wraps_with_the_new_key(self, own, world):
        running = replace(own, keys=load_keys(own.keys.file.path))
        done = rotate(own, What.KEK, OFFICERS, nobody)
        another_family(running, world)
        with own.database.read() as tx:
            assert rows.keys_of(tx, ["KPM-7"])["KPM-7"].kek_id == done.key

    def test_what_an_old_key_signed_still_holds_everywhere(self, own, world, monkeypatch):
        monkeypatch.setattr("pos_engine.keys.LOOK_EVERY_S", 0.0)
        running = replace(own, keys=load_keys(own.keys.file.path))
        old, kid = own.keys.sign(b"a receipt"), own.keys.key_id
        token = own.keys.issue({"purpose": "session", "n": 1})
        paper = {"sum": 1}
        offline, allowance = own.keys.offline, own.keys.offline.sign(paper)
        assert rotate(own, What.SIGNING, OFFICERS, nobody).key != kid
        assert own.keys.offline.kid == offline.kid  # a key of its own
        rotate(own, What.ALLOWANCES, OFFICERS, nobody)
        new = own.keys.sign(b"a receipt")
        for keys in (own.keys, running.keys, load_keys(own.keys.file.path)):
            assert keys.signature_ok(b"a receipt", old)
            assert keys.signature_ok(b"a receipt", new)
            assert not keys.signature_ok(b"another", old)
            assert keys.read(token, "session")["n"] == 1
            assert keys.verifier(kid).kid == kid
            assert keys.offline.signed(paper, allowance)
            assert [each.kid for each in keys.offline.retired] == [offline.kid]
        assert '"status":"APPROVED"' in authorize(own, a_purchase(world)).body

    def test_two_officers_are_needed(self, engine, world):
        first, second = world.staff["KEMENSOS"]["staff_id"], world.staff["KEMENSOS-2"]["staff_id"]
        for pair in ((None, None), (first, first), (first, second)):
            assert isinstance(pair_of(engine, *pair, KEY_HOLDERS), Refused)

    def test_status_names_what_is_overdue(self, own, clock):
        rotate(own, What.SIGNING, OFFICERS, nobody)
        clock.advance(days=800)
        overdue = {each.what for each in status(own) if "OVERDUE" in each.note}
        assert overdue == {"kek", "signing"}


class TestWhereTheyLie:
    def test_the_environment_names_the_newest_first(self, engine, world, tmp_path):
        old, new = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
        path = engine.keys.file.path
        one = replace(engine, keys=load_keys(path, EnvironmentKeks(old)))
        number = another_family(one, world)
        assert isinstance(rotate(one, What.KEK, OFFICERS, nobody), key_rotation.Rotated)
        refused = rotate(one, What.KEK, OFFICERS, nobody)
        assert isinstance(refused, Refused)
        both = replace(engine, keys=load_keys(path, EnvironmentKeks(f"{new},{old}")))
        assert rotate(both, What.KEK, OFFICERS, nobody).rows >= 1
        assert number_of(both, "KPM-7") == number
        with pytest.raises(KeyFileError, match="EWARONG_KEK_SECRETS"):
            load_keys(path, EnvironmentKeks("short"))
        lost = replace(engine, keys=load_keys(path, EnvironmentKeks(old)))
        with pytest.raises(KeyFileError, match="safe"):
            number_of(lost, "KPM-7")

    def test_a_key_file_of_before_needs_nothing(self, engine, tmp_path):
        path = tmp_path / "keys.json"
        create_key_file(path)
        keys = load_keys(path)
        keys.file.change(lambda content: [content.pop(each) for each in ("keks", "allowances")])
        old = load_keys(path)
        assert old.families.ring.current.kek_id == OF_BEFORE
        assert old.offline.kid == load_keys(path).offline.kid
        assert path.stat().st_mode & 0o077 == 0

    def test_a_key_opens_what_it_wrapped_for_that_name_only(self):
        kek = LocalKek("k", bytes(32))
        wrapped = kek.wrap(b"x" * 32, "KPM-1")
        assert kek.unwrap(wrapped, "KPM-1") == b"x" * 32
        with pytest.raises(KeyFileError):
            kek.unwrap(wrapped, "KPM-2")

    @pytest.mark.skipif(not MODULE.exists(), reason="Debian's softhsm2 is not installed")
    def test_a_token_wraps_and_shows_its_key_to_nobody(self, engine, world, token):
        own = replace(engine, keys=load_keys(engine.keys.file.path, token))
        number = another_family(own, world)
        first = own.keys.families.ring.current.kek_id
        assert number_of(own, "KPM-7") == number
        wrapped = own.keys.families.ring.current.wrap(b"x" * 32, "KPM-1")
        with pytest.raises(KeyFileError):
            own.keys.families.ring.current.unwrap(wrapped, "KPM-2")
        # from the file's key to the token's, then to the token's next one
        assert rotate(own, What.KEK, OFFICERS, nobody).key == first
        assert rotate(own, What.KEK, OFFICERS, nobody).key > first
        assert (number_of(own, "KPM-7"), number_of(own)) == (number, MSISDN)


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """A real software token; its library reads the environment once in a process."""
    pytest.importorskip("pkcs11")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    conf = folder / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    patched = pytest.MonkeyPatch()
    patched.setenv("SOFTHSM2_CONF", str(conf))
    subprocess.run(
        shlex.split(INIT),
        check=True,
        capture_output=True,
    )
    with pytest.raises(KeyFileError, match="does not open"):
        TokenKeks(str(MODULE), "ewarong-test", "9999")
    yield TokenKeks(str(MODULE), "ewarong-test", "1234")
    patched.undo()


def test_texts_of_a_family_still_leave(engine, world):
    assert tell_family(engine, "KPM-1", "x")
    assert [each.to for each in engine.sms.messages()] == [MSISDN]
