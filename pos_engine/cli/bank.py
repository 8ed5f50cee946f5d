"""Commands about banks that keep the money: accounts, balance, open calls, key, rehearsal."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from pos_engine.cli.out import WRONG_USE, console, fail, say_json, say_table
from pos_engine.cli.simulate import simulate
from pos_engine.engine import open_engine
from pos_engine.services.bank_accounts import add_accounts, ask_balance
from pos_engine.services.bank_list import bank_state
from pos_engine.services.install import Refused
from pos_engine.store.bank_calls import Call
from pos_engine.switch.simulated import Mode, SimulatedBank, five_banks

bank = typer.Typer(help="Banks that keep families' money.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PORT_MAX = 65_535


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(bank, name="bank")


@bank.command("accounts")
def bank_accounts(
    file: Annotated[Path, typer.Argument(help="CSV: family_id,bank,account[,card].")],
) -> None:
    """Enter a bank's list of accounts; tokens are sealed, card numbers kept as keyed hashes."""
    if not file.is_file():
        fail(f"{file}: no such file", WRONG_USE)
    with closing(open_engine(faces=False)) as engine:
        done = add_accounts(engine, file)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    console.print(f"{done.rows} accounts entered, {done.refused} rows refused.")
    for each in done.problems:
        console.print(each, soft_wrap=True)
    if done.refused:
        raise typer.Exit(1)


@bank.command("balance")
def bank_balance(
    family: Annotated[str, typer.Argument(help="Family id.")],
    at: Annotated[str, typer.Option("--bank", help="Code of the bank.")],
) -> None:
    """Ask a bank what a family can spend there (0200, processing code 31)."""
    with closing(open_engine(faces=False)) as engine:
        if engine.banks is None:
            fail("No bank is linked: set EWARONG_BANK_LINKS.", WRONG_USE)
        found = ask_balance(engine, family, at)
    if isinstance(found, Refused):
        fail(f"{found.field}: {found.message}")
    console.print(f"{found} rupiah")


@bank.command("calls")
def bank_calls(*, as_json: Json = False) -> None:
    """Purchases that are not settled with their bank, and what banks said of others afterwards."""
    with closing(open_engine(faces=False)) as engine:
        found = bank_state(engine)
    rows = [_row(each) for each in found.calls]
    if as_json:
        counts = [{"bank": b, "state": s, "count": n} for (b, s), n in found.counts.items()]
        say_json({"calls": rows, "counts": counts})
        return
    if rows:
        say_table(tuple(rows[0]), [list(row.values()) for row in rows])
    for (name, state), count in sorted(found.counts.items()):
        console.print(f"{name} {state}: {count}")


def _row(call: Call) -> dict[str, str | int]:
    return {
        "purchase_id": call.purchase_id,
        "bank": call.bank,
        "state": call.state,
        "amount": call.amount,
        "code": call.code,
        "tries": call.tries,
        "asked_at": call.asked_at.isoformat(timespec="seconds"),
        "reference": call.reference,
        "noted": call.noted,
    }


@bank.command("key")
def bank_key() -> None:
    """The public key (JWK) that banks check our signed proofs with."""
    with closing(open_engine(faces=False)) as engine:
        say_json(dict(engine.keys.signing.as_dict(private=False)))


@simulate.command("bank")
def simulate_bank(
    port: Annotated[
        int, typer.Option(min=1, max=PORT_MAX - 4, help="Port of the first; five in a row.")
    ] = 7001,
    mode: Annotated[Mode, typer.Option(help="How purchases are treated.")] = Mode.ANSWER,
    delay_s: Annotated[float, typer.Option(help="Seconds, with --mode delay.")] = 1.0,
    links: Annotated[
        Path | None, typer.Option(help="Write the links file for EWARONG_BANK_LINKS.")
    ] = None,
) -> None:
    """Play five banks with five dialects on this machine until Ctrl-C."""
    banks = five_banks()
    for each in banks.values():
        each.mode, each.delay_s = mode, delay_s
    if links is not None:
        links.write_text(links_text({name: port + n for n, name in enumerate(banks)}))
        console.print(f"links written to {links}")
    try:
        asyncio.run(_play(banks, port))
    except OSError as error:
        fail(f"port {port} and the next four: {error.strerror}")
    except KeyboardInterrupt:
        console.print("closed")


async def _play(banks: dict[str, SimulatedBank], port: int) -> None:
    for number, (name, each) in enumerate(banks.items()):
        await each.start(port=port + number)
        console.print(f"{name} on 127.0.0.1:{each.port}, {each.dialect.title}", soft_wrap=True)
    await asyncio.Event().wait()


def links_text(ports: dict[str, int]) -> str:
    """A links file for banks on this machine."""
    return "".join(
        f'[{name}]\nhost = "127.0.0.1"\nport = {port}\nacquirer = "360001"\n'
        for name, port in ports.items()
    )
