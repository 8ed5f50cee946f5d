"""Commands of the cards: issue, hand over, block, replace, list."""

import getpass
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from pos_engine.cli.out import WRONG_USE, console, fail, say_json, say_table
from pos_engine.engine import open_engine
from pos_engine.rules.card import CardState, UndistributedReason
from pos_engine.services import cards
from pos_engine.services.card_secrets import make_sticker
from pos_engine.services.install import Refused
from pos_engine.services.qr_picture import svg_of

card = typer.Typer(help="KKS cards of our own series.", no_args_is_help=True)
CardId = Annotated[str, typer.Argument(help="Card id, from `ewarong card list`.")]
Officer = Annotated[str, typer.Option(help="Who does this, default the log-in name.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Good = TypeVar("Good")


class Kind(StrEnum):
    """What happened to a card that must stop."""

    LOST = "LOST"
    SWALLOWED = "SWALLOWED"
    BLOCKED = "BLOCKED"


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(card, name="card")


def _good(done: Good | Refused) -> Good:
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    return done


@card.command("issue")
def card_issue(
    kpm_id: Annotated[str, typer.Argument(help="Family id.")],
    person: Annotated[str, typer.Option(help="Person id; her PENGURUS unless named.")] = "",
    officer: Officer = "",
    *,
    as_json: Json = False,
) -> None:
    """Issue a card; its number is printed once, to be written on the card."""
    with closing(open_engine(faces=False)) as engine:
        _say(_good(cards.issue(engine, kpm_id, _who(officer), person)), as_json=as_json)


@card.command("distribute")
def card_distribute(card_id: CardId, officer: Officer = "") -> None:
    """Say that a card was handed over; with a PIN belanja it works at once."""
    with closing(open_engine(faces=False)) as engine:
        state = _good(cards.distribute(engine, card_id, _who(officer)))
    console.print(state.value)
    if state is CardState.DISTRIBUTED:
        console.print("It works as soon as the family sets its PIN: ewarong kpm set-pin")


@card.command("undistributed")
def card_undistributed(
    card_id: CardId,
    reason: Annotated[UndistributedReason, typer.Option(help="Why not.")],
    officer: Officer = "",
) -> None:
    """Say that a card could not be handed over, and why."""
    with closing(open_engine(faces=False)) as engine:
        console.print(_good(cards.undistributed(engine, card_id, reason, _who(officer))).value)


@card.command("block")
def card_block(
    card_id: CardId,
    kind: Annotated[Kind, typer.Option(help="What happened.")] = Kind.LOST,
    officer: Officer = "",
) -> None:
    """Stop a lost or swallowed card at once. The money stays, every other way works on."""
    with closing(open_engine(faces=False)) as engine:
        state = _good(cards.block(engine, card_id, CardState(kind.value), _who(officer)))
    console.print(f"{state.value}. The money stays; face, phone and KTP work on.")


@card.command("replace")
def card_replace(card_id: CardId, officer: Officer = "", *, as_json: Json = False) -> None:
    """Issue a new card for the same person; the old one never works again."""
    with closing(open_engine(faces=False)) as engine:
        _say(_good(cards.replace(engine, card_id, _who(officer))), as_json=as_json)


@card.command("qr")
def card_qr(
    card_id: CardId,
    out: Annotated[Path, typer.Option(help="SVG file to write; an existing one is kept.")],
    officer: Officer = "",
) -> None:
    """Make the sticker of a card: a QR code with its secret. The one before never works again."""
    if out.exists():
        fail(f"{out} exists already and is kept.", WRONG_USE)
    with closing(open_engine(faces=False)) as engine:
        made = _good(make_sticker(engine, card_id, _who(officer)))
    out.touch(mode=0o600)
    out.write_bytes(svg_of(made.text))
    console.print(f"Print {out}, stick it on the card, then delete the file: who has it has half")
    console.print("of what a sale without signal asks for. The PIN belanja is the other half.")


@card.command("list")
def card_list(
    kpm_id: Annotated[str, typer.Option("--kpm", help="Family id.")] = "",
    region: Annotated[str | None, typer.Option(help="Kemendagri code as a prefix.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """List a family's cards, or those of a region that were not handed over yet."""
    with closing(open_engine(faces=False)) as engine:
        rows = cards.list_cards(engine, kpm_id=kpm_id, region=region)
    columns = ("card_id", "family_id", "last4", "state", "reason", "region")
    cells = [(c.card_id, c.kpm_id, c.last4, c.status, c.reason, c.region) for c in rows]
    if as_json:
        say_json([dict(zip(columns, row, strict=True)) for row in cells])
    else:
        say_table(columns, cells)


def _who(officer: str) -> str:
    return officer or getpass.getuser()


def _say(new: cards.Issued, *, as_json: bool) -> None:
    if as_json:
        say_json({"card_id": new.card_id, "card": new.card})
    else:
        console.print(f"card {new.card_id}\nnumber {new.card}  (shown once)")
