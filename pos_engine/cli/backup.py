"""Commands backup, restore and backup-key."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from pos_engine.cli.out import console, errors, fail
from pos_engine.engine import Settings, open_engine, real_now, shard_map_of
from pos_engine.services.audit_verify import verify
from pos_engine.services.backup import Backup, BackupError, back_up, make_identity, restore_from
from pos_engine.services.prove import check_ledger

AFTERWARDS = (
    "Before the till opens: move the lake/ folder away (`ewarong lake write` makes it anew), and "
    "let tablets send what they keep: they hold what they sent for 31 days."
)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("backup-key")(backup_key)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; an existing one is kept.")],
    to: Annotated[
        list[str] | None,
        typer.Option(help="Public key (age1...), may be repeated; else EWARONG_BACKUP_RECIPIENTS."),
    ] = None,
) -> None:
    """Write an encrypted copy of the database while it sells.

    The key file is not in it: keep that one apart. Try a restore into an empty place now and then.
    """
    settings = Settings()
    if shard_map_of(settings) is not None:
        fail("Back up each database of the map by itself: EWARONG_DATABASE_URL without a map.")
    recipients = to or settings.backup_recipients.replace(",", " ").split()
    with Progress(console=errors) as progress:
        task = progress.add_task("copying", total=None)

        def shown(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of)

        try:
            made = back_up(settings.url, file, recipients, real_now(), shown)
        except BackupError as error:
            fail(str(error))
    console.print(f"{file}: {_words(made)}, {file.stat().st_size} bytes, sealed.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file of `ewarong backup`.")],
    identity: Annotated[Path, typer.Option(help="The private key of `ewarong backup-key`.")],
    into: Annotated[
        str, typer.Option(help="An empty database; default: the one of the settings.")
    ] = "",
) -> None:
    """Put a backup into an empty database, then prove its books and its record."""
    settings = Settings()
    url = into or settings.url
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        told = restore_from(file, identity, url)
    except BackupError as error:
        fail(str(error))
    console.print(f"Restored: {_words(told)}, every table counted.")
    with closing(
        open_engine(settings.model_copy(update={"database_url": url}), faces=False)
    ) as engine:
        if not check_ledger(engine).good:
            fail("The books do not add up: `ewarong ledger check` names what differs.")
        console.print("The books add up.")
        if not verify(engine).good:
            fail("The record is not as it was sealed: `ewarong audit verify` names what differs.")
        console.print(f"The record is as it was sealed. {AFTERWARDS}")


def backup_key(
    file: Annotated[Path, typer.Argument(help="The file to write; an existing one is kept.")],
) -> None:
    """Make the key that opens backups. Keep its file away from this machine."""
    try:
        public = make_identity(file)
    except BackupError as error:
        fail(str(error))
    console.print(f"{file} opens backups: keep it elsewhere, twice. Its public half, for")
    console.print(f"EWARONG_BACKUP_RECIPIENTS:\n{public}", soft_wrap=True)


def _words(told: Backup) -> str:
    rows = sum(told.rows.values())
    return f"{rows} rows in {len(told.rows)} tables, schema {told.schema}, as of {told.made_at}"
