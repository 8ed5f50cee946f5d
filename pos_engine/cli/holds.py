"""The commands holds list and reverse: money under way, and money that goes back."""

from contextlib import closing
from typing import Annotated

import typer

from pos_engine.cli.out import console, fail, say_json, say_table
from pos_engine.engine import open_engine
from pos_engine.services.hold import list_open
from pos_engine.services.install import Refused
from pos_engine.services.reverse import ReverseOrder, reverse_purchase

holds = typer.Typer(help="Money put aside for purchases to come.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(holds, name="holds")
    app.command("reverse")(reverse)


@holds.callback()
def _group() -> None:
    """Money put aside for purchases to come."""


@holds.command("list")
def holds_list(*, as_json: Json = False) -> None:
    """Open holds, those that end first before the others, with their age in hours."""
    with closing(open_engine(faces=False)) as engine:
        found, now = list_open(engine), engine.now()
    rows = [
        {
            "hold_id": each.hold_id,
            "kpm_id": each.kpm_id,
            "shop_id": each.shop_id,
            "purpose": each.purpose,
            "amount": each.amount,
            "age_hours": round((now - each.made_at).total_seconds() / 3600, 1),
            "expires_at": each.expires_at.isoformat(timespec="seconds"),
            "late": each.late(now),
        }
        for each in found
    ]
    if as_json:
        say_json(rows)
        return
    if rows:
        say_table(tuple(rows[0]), [list(row.values()) for row in rows])
    total = sum(each.amount for each in found)
    console.print(f"{len(rows)} open holds, {total} rupiah (the first 200 at most).")


def reverse(
    purchase: Annotated[str, typer.Argument(help="Purchase id, as on the receipt's record.")],
    reason: Annotated[str, typer.Option(help="Why, in one sentence; no names.")],
    by: Annotated[str, typer.Option("--by", help="Staff id of the officer who asks for it.")],
    approve: Annotated[
        str | None, typer.Option("--approve", help="Staff id of the second officer.")
    ] = None,
    amount: Annotated[
        int | None, typer.Option(min=1, help="Rupiah; everything not returned yet without it.")
    ] = None,
    own_id: Annotated[
        str | None, typer.Option("--id", help="Names a second reversal of the same sum and reason.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Return money of a purchase to its family on any day, by two officers; never cash."""
    order = ReverseOrder(purchase, reason, by, approve, amount, own_id)
    with closing(open_engine(faces=False)) as engine:
        done = reverse_purchase(engine, order)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    if as_json:
        say_json(
            {
                "reversal_id": done.reversal_id,
                "purchase_id": done.reverses_id,
                "amount": done.amount,
                "unusable": done.unusable,
                "returns": done.returns,
            }
        )
        return
    console.print(
        f"{done.amount} rupiah went back to the family; reversal {done.reversal_id}.",
        soft_wrap=True,
    )
    if done.unusable:
        console.print(
            f"{done.unusable} of it lies in a tranche that may not be spent any more: "
            "she has no usable tranche of that programme.",
            soft_wrap=True,
        )
