"""Commands about EDC terminals that speak to us: serve them, name one."""

import asyncio
import ssl
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from pos_engine.cli.out import WRONG_USE, console, fail
from pos_engine.edc.server import TerminalServer
from pos_engine.engine import Engine, open_engine
from pos_engine.services.bank_question import merchant_of, terminal_of
from pos_engine.store import shops

edc = typer.Typer(help="EDC terminals.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(edc, name="edc")


@edc.command("serve")
def edc_serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8583,
    cert: Annotated[
        Path | None, typer.Option(help="Certificate (PEM): terminals then speak TLS.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
) -> None:
    """Serve EDC terminals (ISO 8583 over TCP) until Ctrl-C: they get the tills' own answers."""
    if (cert is None) != (key is None):
        fail("--cert and --key belong together", WRONG_USE)
    if cert is None and host not in ("127.0.0.1", "::1", "localhost"):
        fail("beyond this machine terminals need TLS: --cert and --key", WRONG_USE)
    with closing(open_engine(faces=False)) as engine:
        try:
            asyncio.run(_serve(engine, host, port, _tls(cert, key)))
        except KeyboardInterrupt:
            console.print("closed")


async def _serve(engine: Engine, host: str, port: int, tls: ssl.SSLContext | None) -> None:
    server = TerminalServer(engine)
    try:
        found = await server.start(host, port, tls)
        console.print(f"terminals on {host}:{found}{' with TLS' if tls else ''}")
        await asyncio.Event().wait()
    finally:
        await server.close()


def _tls(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if cert is None or key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as error:
        fail(f"{cert}, {key}: {error}", WRONG_USE)
    return context


@edc.command("terminal")
def edc_terminal(
    till: Annotated[str, typer.Argument(help="Till id.")],
) -> None:
    """The numbers of a till's terminal (DE41) and of its shop (DE42), for its set-up and banks."""
    with closing(open_engine(faces=False)) as engine, engine.database.read() as tx:
        shop_id = shops.find_till_shop(tx, till)
    if shop_id is None:
        fail(f"no till {till}")
    console.print(f"DE41 {terminal_of(till)}\nDE42 {merchant_of(shop_id)}")
