"""The commands simulate ...: the other side of a line on this machine, to try an installation."""

import asyncio
import sys
from contextlib import suppress
from typing import Annotated

import typer

from pos_engine.cli.out import console

simulate = typer.Typer(help="The other side of a line, on this machine.", no_args_is_help=True)
HOW = (
    "Type:  0812... SALDO   a phone texts\n"
    "       0812... *       a phone dials the menu;  0812... 1  presses a key\n"
    "Stop with Ctrl-C."
)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(simulate, name="simulate")


@simulate.command("smsc")
def simulate_smsc(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 2775,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    report_after: Annotated[
        float, typer.Option(min=0, max=600, help="Seconds until a text is reported delivered.")
    ] = 1.0,
) -> None:
    """An operator by SMPP 3.4: prints each text, reports its delivery, lets phones text and dial.

    It takes any name and password.
    """
    with suppress(KeyboardInterrupt):
        asyncio.run(_smsc(host, port, report_after))


async def _smsc(host: str, port: int, report_after: float) -> None:
    from pos_engine.telco.simulator import Shown, Simulator  # noqa: PLC0415 - loads the protocol

    def show(shown: Shown) -> None:
        kind = "USSD" if shown.ussd else "SMS"
        typer.echo(f"{kind} {shown.to}: {shown.text}")

    smsc = Simulator(port, host, report_after_s=report_after, on_text=show)
    await smsc.start()
    console.print(f"SMPP 3.4 on {host}:{port}\n{HOW}", highlight=False)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        number, _, said = line.strip().partition(" ")
        if not smsc.bound or not said:
            console.print("Nobody is bound yet." if said else HOW, highlight=False)
        elif said == "*" or said.isdigit():
            await smsc.dial(_international(number), said, begin=said == "*")
        else:
            await smsc.text(_international(number), said)
    await asyncio.Event().wait()  # no more lines: go on taking texts


def _international(number: str) -> str:
    return f"+62{number[1:]}" if number.startswith("0") else number
