"""Commands that run the engine: serve, worker, db upgrade, keys init."""

import os
import signal
import tempfile
import threading
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import structlog
import typer

from pos_engine import worker as background
from pos_engine.cli.lines import start_beside, start_line
from pos_engine.cli.out import WRONG_USE, console, fail
from pos_engine.cli.tls import ready_files, shown_ca, tls_options
from pos_engine.engine import Settings, open_engine, shard_map_of
from pos_engine.keys import create_key_file
from pos_engine.logs import configure
from pos_engine.store.database import Database, LockedError, open_database

if TYPE_CHECKING:
    from fastapi import FastAPI

    from pos_engine.web.quotas import Quotas

SHUTDOWN_S = 6  # for requests under way; all of the end is in web/ending.py
db = typer.Typer(help="The database.", no_args_is_help=True)
keys = typer.Typer(help="The key file.", no_args_is_help=True)
log = structlog.get_logger()


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(serve)
    app.command()(worker)
    app.add_typer(db, name="db")
    app.add_typer(keys, name="keys")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; more than one needs PostgreSQL.")] = 1,
    *,
    tls: Annotated[bool, typer.Option(help="https, with what `ewarong tls init` made.")] = False,
    ca_port: Annotated[
        int, typer.Option(help="Beside --tls: page where tablets get the certificate; 0 is none.")
    ] = 8080,
) -> None:
    """Run the engine. On SQLite the background worker runs inside."""
    settings = Settings()
    if workers > 1 and settings.url.startswith("sqlite"):
        fail("SQLite has one writer: use PostgreSQL for more than one process.", WRONG_USE)
    files = ready_files(settings) if tls else None
    beside = shown_ca(files, host, ca_port, port) if files else nullcontext()
    options = uvicorn_options(settings) | (tls_options(files) if files else {})
    with beside:
        _serve(host, port, workers, options)


def _serve(host: str, port: int, workers: int, options: dict[str, Any]) -> None:
    import uvicorn  # noqa: PLC0415 - the web server loads a second that other commands spare

    if workers > 1:
        with tempfile.TemporaryDirectory(prefix="ewarong-metrics-") as folder:
            # read by the metrics' library when a worker imports it
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # noqa: TID251 - not our setting
            uvicorn.run(
                "pos_engine.cli.serve:make_app",
                factory=True,
                host=host,
                port=port,
                workers=workers,
                **options,
            )
        return
    uvicorn.run(make_app(), host=host, port=port, **options)


def make_app() -> "FastAPI":
    """The app by the settings of the environment; with SQLite the worker runs inside."""
    from pos_engine.web.app import create_app  # noqa: PLC0415

    settings = Settings()
    configure(settings.log_level)  # of a process that was spawned
    engine = open_engine(settings, several=True)
    inside = engine.database.dialect == "sqlite"
    start = (lambda: start_beside(engine, settings)) if inside else None
    return create_app(engine, on_start=start, quotas=quotas_of(settings))


def quotas_of(settings: Settings) -> "Quotas":
    """How often devices, shops and KPM may ask of this process."""
    from pos_engine.web.quotas import Quotas  # noqa: PLC0415 - with the web server

    return Quotas(*map(int, settings.per_minute.split("/")))


def uvicorn_options(settings: Settings) -> dict[str, Any]:
    """Options of every server: bounded shutdown, no forwarded addresses believed."""
    return {
        "log_level": settings.log_level,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "timeout_graceful_shutdown": SHUTDOWN_S,
        "http": "pos_engine.web.http_protocol:LimitedHttp",
        "ws": "none",
        "log_config": None,  # what it tells goes the way of our own lines
    }


def worker() -> None:
    """Run the background worker and the line to the operator. Stop it with Ctrl-C or SIGTERM."""
    settings, stop = Settings(), threading.Event()
    configure(settings.log_level)
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    with closing(open_engine(settings, faces=False, several=True)) as engine:
        log.info("worker.started")
        end_line = start_line(engine, settings)
        try:
            background.run(engine, stop)
        finally:
            end_line()
        log.info("worker.stopped")


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema to the newest version. Safe to run again."""
    settings = Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    shard_map = shard_map_of(settings)
    for url in shard_map.urls if shard_map else [settings.url]:
        with closing(open_database(url)) as database:
            _upgrade(database)
    console.print("The schema is current.")


def _upgrade(database: Database) -> None:
    try:
        database.upgrade()
    except LockedError:
        fail("A table stayed locked. Nothing was changed; run `ewarong db upgrade` again.")


@keys.command("init")
def keys_init() -> None:
    """Make the key file once. Keep a copy in a safe: without it nothing sealed opens again."""
    path = Settings().keys_path
    create_key_file(path)
    console.print(f"Keys written to {path} (readable by you only). Back it up separately.")
