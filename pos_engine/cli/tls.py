"""`ewarong tls init`: https in the shop's own network, which camera and offline start need."""

import contextlib
import socket
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import qrcode
import typer

from pos_engine.cli.ca_page import ca_page
from pos_engine.cli.local_ca import (
    LocalCaError,
    TlsFiles,
    ends_on,
    fingerprint,
    is_local,
    make_certificates,
    names_of,
)
from pos_engine.cli.out import WRONG_USE, console, fail, say_json
from pos_engine.engine import Settings, real_now

FOLDER = "tls"
tls = typer.Typer(help="https for tablets in the shop's own network.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(tls, name="tls")


@tls.command("init")
def init(
    host: Annotated[
        list[str] | None,
        typer.Option(help="A name or address tablets use, as kasir.local. May be repeated."),
    ] = None,
    *,
    new_ca: Annotated[
        bool, typer.Option("--new-ca", help="Replace the authority: tablets install it again.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Make a certificate for this server; again renews it, under the authority tablets know."""
    files = tls_files(Settings())
    try:
        made = make_certificates(files, [*own_names(), *(host or [])], real_now(), new_ca=new_ca)
    except LocalCaError as error:
        fail(str(error), WRONG_USE)
    facts = {
        "ca": str(files.ca),
        "ca_sha256": fingerprint(files),
        "new_ca": made,
        "names": names_of(files),
        "ends": ends_on(files).date().isoformat(),
    }
    if as_json:
        say_json(facts)
        return
    console.print(f"Certificate for {', '.join(names_of(files))}, until {facts['ends']}.")
    # letters between colons are a picture to rich: `:AB:`
    console.print(
        f"Authority {files.ca}, SHA-256\n{fingerprint(files)}", soft_wrap=True, emoji=False
    )
    if made:
        console.print("New authority: install it on each tablet. `ewarong serve --tls` shows how.")


def tls_files(settings: Settings) -> TlsFiles:
    """In the data folder."""
    return TlsFiles(settings.data_dir / FOLDER)


def own_names() -> list[str]:
    """This machine's own names and its address in the own network."""
    names = ["localhost", "127.0.0.1", "::1"]
    label = socket.gethostname().split(".")[0].lower()
    if label.isascii() and label.replace("-", "").isalnum() and label != "localhost":
        names.append(f"{label}.local")
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("10.255.255.255", 1))  # asks the routing table; nothing is sent
        address = probe.getsockname()[0]
        if is_local(address) and address not in names:
            names.append(address)
    return names


def ready_files(settings: Settings, *, make: bool = False) -> TlsFiles:
    """The files of a server that starts; ends the command when there are none."""
    files = tls_files(settings)
    if make and not files.ready:
        make_certificates(files, own_names(), real_now(), new_ca=False)
    if not files.ready:
        fail("No certificate yet: run `ewarong tls init --host NAME` first.")
    if ends_on(files) <= real_now():
        fail("The certificate has ended: run `ewarong tls init` again, tablets stay as they are.")
    return files


def tls_options(files: TlsFiles) -> dict[str, Any]:
    """What uvicorn needs."""
    return {"ssl_keyfile": str(files.leaf_key), "ssl_certfile": str(files.leaf)}


@contextlib.contextmanager
def shown_ca(files: TlsFiles, host: str, ca_port: int, port: int) -> Iterator[None]:
    """The page for tablets beside the server, its address and code on the terminal; 0 is none."""
    if not ca_port:
        yield
        return
    name = next((each for each in names_of(files) if _reachable(each)), "localhost")
    page, till = f"http://{name}:{ca_port}/", f"https://{name}:{port}/till/"
    with ca_page(files, host, ca_port, page, till):
        console.print(f"Tablets install the certificate at {page}")
        console.print(f"SHA-256 {fingerprint(files)}", soft_wrap=True, emoji=False)
        if sys.stdout.isatty():
            code = qrcode.QRCode(border=2)
            code.add_data(page)
            code.print_ascii(invert=True)
        yield


def _reachable(name: str) -> bool:
    """From another machine: the first that is not this machine to itself."""
    return name not in ("localhost", "127.0.0.1", "::1")
