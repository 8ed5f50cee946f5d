"""The command ledger check."""

from contextlib import closing
from typing import Annotated

import typer

from pos_engine.cli.out import console, errors, fail, say_json
from pos_engine.engine import open_engine
from pos_engine.services.prove import check_ledger

PROBLEMS = ("unbalanced", "differing", "negative", "held_differing", "over_returned", "unsettled")
ledger = typer.Typer(help="The books.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.add_typer(ledger, name="ledger")


@ledger.command("check")
def ledger_check(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Prove the books: sums are zero, balances equal postings, nothing is negative."""
    with closing(open_engine(faces=False, several=True)) as engine:
        found = check_ledger(engine)
    if as_json:
        say_json(
            {
                "good": found.good,
                "wallets": found.wallets,
                "postings": found.postings,
                "left": found.left,
                "unbalanced": found.unbalanced,
                "differing": found.differing,
                "negative": found.negative,
                "held_differing": found.held_differing,
                "over_returned": found.over_returned,
                "unsettled": found.unsettled,
            }
        )
    else:
        console.print(
            f"{found.wallets} wallets, {found.postings} postings, {found.left} rupiah unspent."
        )
        for name in PROBLEMS:
            for each in getattr(found, name):
                errors.print(f"{name}: {each}")
    if not found.good:
        fail("The books do not add up.")
    if not as_json:
        console.print("The books add up.")
