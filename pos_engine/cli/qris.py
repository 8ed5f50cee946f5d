"""Commands of QRIS: parse any code, build a shop's, register providers of the SNAP interface."""

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from pos_engine.cli.out import WRONG_USE, console, fail, say_json, say_table
from pos_engine.engine import Engine, open_engine
from pos_engine.rules.qris import QrisRefusal
from pos_engine.services import snap_auth
from pos_engine.services.install import Refused
from pos_engine.services.qr_picture import png_of, svg_of
from pos_engine.services.shop_code import ShopCode, code_of
from pos_engine.web.app import STYLES
from pos_engine.web.office import pages
from pos_engine.wire.qris import Field, Qris, parse
from pos_engine.wire.qris_build import Merchant, build, purchase_of
from pos_engine.wire.qris_cpm import parse_cpm
from pos_engine.wire.tlv_issue import Issue

qris = typer.Typer(help="QRIS codes.", no_args_is_help=True)
snap = typer.Typer(help="The SNAP interface for providers.", no_args_is_help=True)
partner = typer.Typer(help="Providers that may call.", no_args_is_help=True)
AMOUNT_MAX = 10_000_000
PAN_SHOWN = 4


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    snap.add_typer(partner, name="partner")
    app.add_typer(qris, name="qris")
    app.add_typer(snap, name="snap")


@qris.command("parse")
def qris_parse(
    text: Annotated[str, typer.Argument(metavar="STRING", help="The code's text.")],
    nmid: Annotated[
        str | None,
        typer.Option(help="The NMID that the shop has: another one is a forged sticker."),
    ] = None,
) -> None:
    """Read a QRIS (merchant's, or customer's in base64) as JSON; exit 1 when it is not valid."""
    if text.startswith("00"):
        found = parse(text)
        valid = found.valid and (nmid is None or found.nmid == nmid)
        say_json(_merchant_json(found, nmid) | {"valid": valid})
    else:
        code = parse_cpm(text)
        valid = code.valid
        shown = f"{code.nns}...{code.pan[-PAN_SHOWN:]}" if code.pan else None
        issues = [_issue_json(each) for each in code.issues]
        say_json({"kind": "CPM", "valid": valid, "pan": shown, "nns": code.nns, "issues": issues})
    if not valid:
        fail("This is not a code to pay.")


def _merchant_json(found: Qris, nmid: str | None) -> dict[str, Any]:
    issues = [_issue_json(each) for each in found.issues]
    if nmid is not None and found.nmid != nmid:
        place = found.field("51")
        issues.append(_issue_json(Issue("NMID_OTHER", "51.02", place.offset if place else 0)))
    return {
        "kind": "MPM",
        "valid": found.valid,
        "dynamic": found.dynamic,
        "name": found.value("59"),
        "city": found.value("60"),
        "nmid": found.nmid,
        "mcc": found.value("52"),
        "amount": found.amount,
        "reference": found.reference,
        "purchase_id": purchase_of(found.reference or ""),
        "fields": [_field_json(each) for each in found.fields],
        "issues": issues,
    }


def _field_json(field: Field) -> dict[str, Any]:
    body: dict[str, Any] = {"tag": field.tag, "value": field.value, "offset": field.offset}
    if field.children:
        body["fields"] = [_field_json(each) for each in field.children]
    return body


def _issue_json(issue: Issue) -> dict[str, Any]:
    return {
        "code": issue.code,
        "tag": issue.tag,
        "offset": issue.offset,
        "warning": issue.warning,
    }


@qris.command("build")
def qris_build(
    *,
    shop: Annotated[str | None, typer.Option(help="Shop of this installation.")] = None,
    name: Annotated[str, typer.Option(help="Without --shop: name of the merchant.")] = "",
    city: Annotated[str, typer.Option(help="City.")] = "",
    postal_code: Annotated[str, typer.Option(help="Postal code, 5 digits.")] = "",
    domain: Annotated[str, typer.Option(help="Reverse domain of the provider.")] = "",
    mpan: Annotated[str, typer.Option(help="Merchant PAN, 9360...")] = "",
    merchant_id: Annotated[str, typer.Option(help="The provider's merchant id.")] = "",
    nmid: Annotated[str, typer.Option(help="National merchant id, ID and 13 digits.")] = "",
    criteria: Annotated[str, typer.Option(help="UMI, UKE, UME, UBE.")] = "UMI",
    mcc: Annotated[str, typer.Option(help="Merchant category, 4 digits.")] = "5411",
    amount: Annotated[
        int | None, typer.Option(min=1, max=AMOUNT_MAX, help="Rupiah: makes it dynamic.")
    ] = None,
    reference: Annotated[str | None, typer.Option(help="Reference 62.05, 25 letters.")] = None,
    png: Annotated[Path | None, typer.Option(help="Write the picture.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write the drawing.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the sheet to print.")] = None,
) -> None:
    """Build a QRIS, static or dynamic, as JSON; pictures and the sheet into files."""
    if shop is not None:
        with closing(open_engine(faces=False)) as engine:
            code = _of_shop(engine, shop, amount, reference)
    else:
        given = Merchant(domain, mpan, merchant_id, criteria, nmid, mcc, name, city, postal_code)
        try:
            code = ShopCode(given, build(given, amount=amount, reference=reference))
        except ValueError as error:
            fail(f"{error}.", WRONG_USE)
    found = parse(code.payload)
    if not found.valid:
        say_json({"valid": False, "issues": [_issue_json(each) for each in found.issues]})
        fail("These values make no QRIS: see issues.")
    _write(code, png, svg, html)
    say_json({"payload": code.payload} | _merchant_json(found, None))


def _of_shop(engine: Engine, shop: str, amount: int | None, reference: str | None) -> ShopCode:
    found = code_of(engine, shop, None, amount, reference)
    if found is None:
        fail(f"There is no shop {shop}.")
    if isinstance(found, QrisRefusal):
        fail(f"{found.value}.")
    return found


def _write(code: ShopCode, png: Path | None, svg: Path | None, html: Path | None) -> None:
    picture = svg_of(code.payload)
    if png is not None:
        png.write_bytes(png_of(code.payload))
    if svg is not None:
        svg.write_bytes(picture)
    if html is not None:
        sheet = pages.get_template("qris_sheet.html")
        style = (STYLES / "qris.css").read_text()
        html.write_text(sheet.render(code=code, picture=picture.decode(), style=style))


@partner.command("add")
def partner_add(
    name: Annotated[str, typer.Option(help="Name of the provider.")],
    public_key: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="Its RSA public key (PEM).")
    ],
    nns: Annotated[
        str | None, typer.Option(help="Its national numbering prefix, if it is licensed for CPM.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Register a provider; its client secret is printed once and kept sealed."""
    with closing(open_engine(faces=False)) as engine:
        new = snap_auth.add_partner(engine, name, public_key.read_bytes(), nns)
    if isinstance(new, Refused):
        fail(f"{new.field}: {new.message}")
    if as_json:
        say_json({"partner_id": new.partner_id, "client_secret": new.client_secret})
    else:
        console.print(f"partner {new.partner_id}\nsecret  {new.client_secret}  (shown once)")


@partner.command("list")
def partner_list() -> None:
    """The providers that may call."""
    with closing(open_engine(faces=False)) as engine:
        rows = snap_auth.listed(engine)
    say_table(
        ("partner", "name", "nns", "status"),
        [(each.partner_id, each.name, each.nns, each.status) for each in rows],
    )


@partner.command("stop")
def partner_stop(partner_id: Annotated[str, typer.Argument(help="Partner id.")]) -> None:
    """Stop a provider at once; its tokens die with it."""
    with closing(open_engine(faces=False)) as engine:
        stopped = snap_auth.stop_partner(engine, partner_id)
    if not stopped:
        fail(f"There is no partner {partner_id}.")
    console.print("The partner is stopped.")
