"""The commands settle and shop account: what shops are owed, and where it is paid."""

import getpass
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pos_engine.cli.disburse_say import Bar
from pos_engine.cli.out import WRONG_USE, console, fail, say_json
from pos_engine.cli.people import shop
from pos_engine.engine import Engine, Settings, open_engine
from pos_engine.services import settle as settlement
from pos_engine.services import shop_account
from pos_engine.services.disburse import needs_second_person
from pos_engine.services.install import Refused
from pos_engine.services.settle_files import Debtor, PayoutFile, write_draft, write_files

HELD_SHOWN_MAX = 20
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
StaffId = Annotated[
    str, typer.Option("--officer", help="Staff id of the officer (KEMENSOS); a demo takes any.")
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("settle")(settle)


def settle(
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The bank's day (WIB).")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path(),
    minimum: Annotated[int, typer.Option(min=1, help="Rupiah; less than this waits.")] = 1,
    debtor: Annotated[str, typer.Option(help="Name on the escrow account.")] = "Kementerian Sosial",
    officer: StaffId = "",
    *,
    approve: Annotated[
        bool, typer.Option("--approve", help="Pay what another officer planned.")
    ] = False,
    recount: Annotated[
        bool, typer.Option("--recount", help="Compare every day there ever was.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Pay the shops: files for the bank of what they sold until the end of a day.

    One officer plans it and gets a draft, another one approves it and gets the files (CSV and
    pain.001). Cut off, the same command goes on; done, it writes the same files again.
    """
    if not out.is_dir():
        fail(f"--out: {out} is no folder.", WRONG_USE)
    with closing(open_engine(faces=False)) as engine:
        payer = _payer(engine, debtor)
        with Bar("settling") as bar:
            person = officer or getpass.getuser()
            done = (
                settlement.approve_settlement(engine, day.date(), person, bar.show)
                if approve
                else settlement.settle(
                    engine, day.date(), person,
                    minimum=minimum, recount=recount, on_progress=bar.show,
                )
            )  # fmt: skip
        if isinstance(done, Refused):
            fail(f"{done.field}: {done.message}")
        with Bar("writing", done.payouts) as bar:
            try:
                files = (
                    write_files(engine, done, payer, out, bar.add)
                    if done.final
                    else [write_draft(engine, done, out)]
                )
            except OSError as error:
                fail(f"{out}: {error.strerror}. The settlement stands: run the command again.")
    if as_json:
        say_json(_as_json(done, files))
    else:
        _say(done, files)


def _payer(engine: Engine, debtor: str) -> Debtor:
    """The escrow account that is debited: named everywhere but on a demo."""
    settings = Settings()
    escrow = settings.escrow_account or ("" if needs_second_person(engine) else "DEMO-ESCROW")
    if not escrow:
        fail("EWARONG_ESCROW_ACCOUNT: name the account from which shops are paid.")
    return Debtor(debtor, escrow, settings.escrow_bank)


def _say(done: settlement.Settled, files: list[PayoutFile]) -> None:
    run = done.run
    state = "settled" if done.fresh else "was settled before, the same files"
    state = state if done.final else "planned, nothing is paid"
    console.print(
        f"{run.day} {state}: {done.payouts} payouts, {done.total} rupiah, to be paid on "
        f"{run.pays_on}.",
        soft_wrap=True,
    )
    for each in files:
        console.print(
            f"{each.path}: {each.payouts} payouts, {each.total} rupiah, sha256 {each.sha256}",
            soft_wrap=True,
        )
    if not done.final:
        console.print(
            f"Next, as another officer: ewarong settle --day {run.day} --approve --officer ID",
            soft_wrap=True,
        )
    for shop_id, reason, amount in done.held[:HELD_SHOWN_MAX]:
        console.print(f"waits: shop {shop_id} {amount} rupiah {reason}", soft_wrap=True)
    if len(done.held) > HELD_SHOWN_MAX:
        console.print(f"and {len(done.held) - HELD_SHOWN_MAX} shops more: --json lists all.")
    for name in done.unverified:
        console.print(f"The day of payment is moved by {name}, which nobody has signed.")
    if not done.covered:
        console.print("The bank calendar ends before that day: only week-ends are known.")


def _as_json(done: settlement.Settled, files: list[PayoutFile]) -> dict[str, object]:
    return {
        "day": done.run.day.isoformat(),
        "pays_on": done.run.pays_on.isoformat(),
        "fresh": done.fresh,
        "final": done.final,
        "made_by": done.run.made_by,
        "approved_by": done.run.approved_by,
        "payouts": done.payouts,
        "total": done.total,
        "files": [asdict(each) | {"path": str(each.path)} for each in files],
        "held": [
            {"shop_id": shop_id, "reason": reason, "amount": amount}
            for shop_id, reason, amount in done.held
        ],
        "unverified_holidays": list(done.unverified),
        "calendar_covers": done.covered,
    }


@shop.command("account")
def account(
    shop_id: Annotated[str, typer.Argument(help="Shop id.")],
    bank: Annotated[str, typer.Option(help="BIC or clearing code of the bank.")] = "",
    name: Annotated[str, typer.Option(help="Name of the holder, as the bank knows it.")] = "",
    officer: Annotated[
        str, typer.Option(help="Staff id of an officer of the region; a demo takes any name.")
    ] = "",
    *,
    approve: Annotated[
        bool, typer.Option("--approve", help="Put what another person named in force.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Name where a shop is paid. The number is asked, not shown in full, and stored sealed."""
    person = officer or getpass.getuser()
    with closing(open_engine(faces=False)) as engine:
        if approve:
            done = shop_account.approve_account(engine, shop_id, person)
        elif bank or name:
            number = typer.prompt("Account number", hide_input=True)
            holder = shop_account.BankAccount(number, name)
            done = shop_account.name_account(engine, shop_id, bank, holder, person)
        else:
            done = shop_account.find_account(engine, shop_id)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    if as_json:
        say_json(asdict(done))
        return
    console.print(
        f"{done.status}: {done.masked} at {done.bank}, version {done.version}, named by "
        f"{done.made_by}, approved by {done.approved_by}.",
        soft_wrap=True,
    )
    if done.status == "PROPOSED":
        console.print(
            f"Next, as another person: ewarong shop account {shop_id} --approve --officer ID"
        )
