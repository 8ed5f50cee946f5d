"""One match process on a machine: started by who needs it, shared, killed without harm."""

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from biometrics.gallery import Scope
from biometrics.scopes import NATION
from biometrics.template import ModelMismatch, Template
from pos_engine.keys import KeyFileError, create_key_file, load_template_key
from pos_engine.matching import messages, server
from pos_engine.matching.client import MatchClient, MatchFault
from pos_engine.matching.local import LocalMatcher
from pos_engine.matching.matcher import UNLIKE, Sealed
from pos_engine.matching.messages import Config
from pos_engine.store import templates
from pos_engine.store.database import UnavailableError
from tests.matching.enrolled import MODEL, again, enrol, face, head_of, revoke


@pytest.fixture(params=["sqlite"])
def kind(request):
    """The process does not care; one test asks both."""
    return request.param


@pytest.fixture
def config(prepared, tmp_path):
    create_key_file(tmp_path / "keys.json")
    folder = tmp_path / ("a-long-path" * 10)  # longer than a socket's address may be
    folder.mkdir()
    return Config(prepared[0], str(tmp_path / "keys.json"), str(folder), MODEL)


@pytest.fixture
def client(config):
    client = MatchClient(config)
    yield client
    client.close()
    _end(config)


def _end(config):
    """The process of this folder, if one is left."""
    for pid in _servers(config):
        os.kill(pid, signal.SIGTERM)
    _wait_until_left(config)


def _wait_until_left(config):
    for _ in range(200):
        if not _servers(config):
            return
        time.sleep(0.1)
    raise AssertionError("the match process did not leave")


def _servers(config):
    """Process ids that hold the lock of the folder."""
    wanted = (Path(config.folder) / "match.lock").stat().st_ino
    found = []
    for line in Path("/proc/locks").read_text().splitlines():
        parts = line.split()
        if "FLOCK" in parts and parts[-3].endswith(f":{wanted}"):
            found.append(int(parts[4]))
    return found


@pytest.fixture
def enrolled(engine, world, client):
    """An engine that asks the process; one family has a face."""
    asking = replace(engine, matcher=client)
    known = head_of(asking, world, world.kpm_id)
    return asking, known, enrol(asking, known, face(0))


def who(matcher, probe):
    return [each.family_id for each in matcher.search(probe, NATION, 3).candidates]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"], indirect=True)
def test_it_answers_as_the_matcher_in_this_process_does(enrolled, config, world):
    engine, known, template_id = enrolled
    key = load_template_key(Path(config.key_file))
    here = LocalMatcher(engine.database, key, MODEL)
    assert engine.matcher.search(again(0), NATION, 3) == here.search(again(0), NATION, 3)
    with engine.database.read() as tx:
        sealed = [Sealed(one.sealed, one.bound_to) for one in templates.in_force(tx, known.kpm_id)]
    both = engine.matcher.scores(again(0), sealed * 3), here.scores(again(0), sealed * 3)
    assert both[0] == both[1]
    assert revoke(engine, known, template_id)
    assert who(engine.matcher, again(0)) == []


def test_killed_it_is_started_by_the_next_who_asks(enrolled, config, world):
    engine, _, _ = enrolled
    assert who(engine.matcher, again(0)) == [world.kpm_id]
    [first] = _servers(config)
    os.kill(first, signal.SIGKILL)
    assert who(engine.matcher, again(0)) == [world.kpm_id]
    [second] = _servers(config)
    assert second != first


def test_many_threads_and_two_programs_share_one_process(enrolled, config, world):
    engine, _, _ = enrolled
    rival = MatchClient(config)
    asked = [engine.matcher, rival] * 15
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda matcher: who(matcher, again(0)), asked))
    rival.close()
    assert answers == [[world.kpm_id]] * 30
    assert len(_servers(config)) == 1


def test_left_alone_it_writes_a_snapshot_and_leaves(enrolled, config, world):
    engine, _, _ = enrolled
    assert who(engine.matcher, again(0)) == [world.kpm_id]
    engine.matcher.close()
    _wait_until_left(config)
    names = {path.name for path in Path(config.folder).iterdir()}
    assert names == {"match.lock", f"faces-{MODEL}.snapshot"}
    later = MatchClient(config)
    assert who(later, again(0)) == [world.kpm_id]
    later.close()


def test_the_wrong_key_is_said_by_name(enrolled, config, tmp_path):
    create_key_file(tmp_path / "other.json")
    folder = tmp_path / "other"
    folder.mkdir()
    stranger = replace_config(config, key_file=str(tmp_path / "other.json"), folder=str(folder))
    wrong = MatchClient(stranger)
    with pytest.raises(KeyFileError, match="another installation"):
        who(wrong, again(0))
    wrong.close()
    _end(stranger)


def replace_config(config, **changes):
    fields = {name: getattr(config, name) for name in config.__struct_fields__}
    return Config(**fields | changes)


def test_what_is_wrong_with_a_request_is_told_and_the_process_lives(client):
    with pytest.raises(ModelMismatch):
        client.search(Template.of(face(0).vector, "dlib-resnet-v1", 80), NATION, 3)
    with pytest.raises(MatchFault, match="no list of people"):
        client.search(again(0), Scope("PROVINCE", "35"), 3)
    with pytest.raises(MatchFault, match="k is"):
        client.search(again(0), NATION, 0)
    assert client.scores(again(0), [Sealed(b"x" * 60, "nobody")]) == [UNLIKE]
    assert who(client, again(0)) == []


def test_noise_on_the_socket_hangs_up_on_its_sender_alone(client, config):
    assert who(client, again(0)) == []
    for noise in (b"", b"\x00\x00\x00\x03abc", b"\xff" * 64, b"\x00\x00\x00\x00"):
        with messages.address(Path(config.folder)) as path, socket.socket(socket.AF_UNIX) as plain:
            plain.connect(path)
            plain.sendall(noise)
            plain.shutdown(socket.SHUT_WR)
            plain.settimeout(5)
            assert hung_up(plain)
    assert who(client, again(0)) == []
    assert len(_servers(config)) == 1


def hung_up(plain):
    try:
        return plain.recv(100) == b""
    except ConnectionResetError:
        return True


def test_only_its_own_user_may_connect(client, config):
    assert who(client, again(0)) == []
    with messages.address(Path(config.folder)) as path:
        assert Path(path).stat().st_mode & 0o077 == 0


def test_a_process_that_cannot_start_is_unavailable_not_a_hang(config, monkeypatch):
    monkeypatch.setattr("pos_engine.matching.client.START_S_MAX", 1.0)
    lost = MatchClient(replace_config(config, key_file="/nowhere/keys.json"))
    with pytest.raises(UnavailableError):
        who(lost, again(0))
    lost.close()


def test_a_database_that_is_gone_is_unavailable_and_comes_back(config, monkeypatch):
    path = Path(config.database_url.removeprefix("sqlite:///"))
    away = path.with_suffix(".away")
    path.rename(away)
    matcher = MatchClient(config)
    with pytest.raises(UnavailableError):
        who(matcher, again(0))
    path.unlink(missing_ok=True)
    away.rename(path)
    matcher.close()
    _end(config)
    later = MatchClient(config)
    assert who(later, again(0)) == []
    later.close()


def test_too_many_connections_are_hung_up_on(client, config, monkeypatch):
    assert who(client, again(0)) == []
    opened = []
    with messages.address(Path(config.folder)) as path:
        for _ in range(server.CONNECTIONS_MAX + 5):
            plain = socket.socket(socket.AF_UNIX)
            plain.connect(path)
            opened.append(plain)
        opened[-1].settimeout(5)
        assert hung_up(opened[-1])
    for plain in opened:
        plain.close()
    assert who(client, again(0)) == []
