"""What this installation is (DEMO or LIVE) and which catalogue is in force."""

import base64
from datetime import datetime

from sqlalchemy import insert, select

from pos_engine.store.announce import Kind, announce
from pos_engine.store.database import Tx
from pos_engine.store.driver import Later
from pos_engine.store.keyed import once
from pos_engine.store.schema import catalogue, installation

SHARD = 0  # a handful of rows, the same for all


_NEWEST = once(
    select(catalogue.c.version)
    .where(catalogue.c.shard == SHARD)
    .order_by(catalogue.c.loaded_at.desc())
    .limit(1)
)


def mark(tx: Tx, name: str, value: str) -> None:
    """Write a fact of this installation once."""
    tx.execute(insert(installation).values(shard=SHARD, name=name, value=value))


def fact(tx: Tx, name: str) -> str | None:
    """Read a fact of this installation."""
    return tx.execute(
        select(installation.c.value).where(
            installation.c.shard == SHARD, installation.c.name == name
        )
    ).scalar_one_or_none()


def add_catalogue(
    tx: Tx, version: str, files: dict[str, bytes], loaded_by: str, now: datetime
) -> None:
    """Keep the files of a catalogue; the one loaded last is in force."""
    texts = {name: base64.b64encode(content).decode() for name, content in files.items()}
    tx.execute(
        insert(catalogue).values(
            shard=SHARD, version=version, files=texts, loaded_at=now, loaded_by=loaded_by
        )
    )
    announce(tx, Kind.CATALOGUE, [(SHARD, version)])


def newest_catalogue_version(tx: Tx) -> str | None:
    """The version in force, or None before the first load."""
    return ask_newest_catalogue_version(tx)()


def ask_newest_catalogue_version(tx: Tx) -> Later[str | None]:
    """The same, answered when the trip is over."""
    rows = _NEWEST.ask(tx, {})
    return lambda: next((row.version for row in rows()), None)


def catalogue_history(tx: Tx) -> list[tuple[str, datetime]]:
    """Every version that was in force and since when, the oldest first."""
    rows = tx.execute(
        select(catalogue.c.version, catalogue.c.loaded_at)
        .where(catalogue.c.shard == SHARD)
        .order_by(catalogue.c.loaded_at, catalogue.c.version)
    )
    return [(row.version, row.loaded_at) for row in rows]


def catalogue_files(tx: Tx, version: str) -> dict[str, bytes]:
    """The CSV files of a version."""
    texts: dict[str, str] = tx.execute(
        select(catalogue.c.files).where(catalogue.c.shard == SHARD, catalogue.c.version == version)
    ).scalar_one()
    return {name: base64.b64decode(text) for name, text in texts.items()}
