"""Commands for the beginning of an installation: admin, shop, staff, device, kpm."""

from contextlib import closing
from typing import Annotated

import typer

from pos_engine.cli.out import console, fail, say_json
from pos_engine.engine import open_engine
from pos_engine.rules.identity import compact
from pos_engine.rules.ids import new_uuid7
from pos_engine.services import install
from pos_engine.services.install import NewStaff, Refused
from pos_engine.services.pin_reset import reset_pin, send_reset_code
from pos_engine.services.register import set_pin
from pos_engine.services.sessions import Role

admin = typer.Typer(help="Administrators.", no_args_is_help=True)
shop = typer.Typer(help="Shops.", no_args_is_help=True)
staff = typer.Typer(help="Staff of shops and offices.", no_args_is_help=True)
device = typer.Typer(help="Tablets and office computers.", no_args_is_help=True)
kpm = typer.Typer(help="Beneficiary families.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for name, part in (
        ("admin", admin),
        ("shop", shop),
        ("staff", staff),
        ("device", device),
        ("kpm", kpm),
    ):
        app.add_typer(part, name=name)


@admin.command("create")
def admin_create(
    name: Annotated[str, typer.Option(help="Name of the administrator.")], *, as_json: Json = False
) -> None:
    """Create an administrator; PIN and set-up code are printed once."""
    with closing(open_engine(faces=False, several=True)) as engine:
        _say_staff(install.add_staff(engine, name, Role.ADMIN), as_json=as_json)


@shop.command("add")
def shop_add(
    name: Annotated[str, typer.Option(help="Name on the receipt.")],
    region: Annotated[str, typer.Option(help="Kemendagri code, for example 35.07.13.2001.")],
    *,
    as_json: Json = False,
) -> None:
    """Add a shop with one till."""
    with closing(open_engine(faces=False, several=True)) as engine:
        new = install.add_shop(engine, name, region)
    if isinstance(new, Refused):
        fail(f"{new.field}: {new.message}")
    if as_json:
        say_json({"shop_id": new.shop_id, "till_id": new.till_id})
    else:
        console.print(f"shop {new.shop_id}\ntill {new.till_id}")


@staff.command("add")
def staff_add(
    name: Annotated[str, typer.Option(help="Name of the person.")],
    role: Annotated[Role, typer.Option(help="What the person is.")],
    shop_id: Annotated[str | None, typer.Option("--shop", help="Shop, for shop roles.")] = None,
    region: Annotated[str | None, typer.Option(help="Row scope of an officer: 35.07.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Add a member of staff; the PIN, and an officer's set-up code, are printed once."""
    with closing(open_engine(faces=False, several=True)) as engine:
        new = install.add_staff(engine, name, role, shop_id=shop_id, region=region)
    _say_staff(new, as_json=as_json)


@device.command("add")
def device_add(
    till: Annotated[str | None, typer.Option(help="Till; none for an office computer.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Add a device; its secret is printed once and never stored in clear."""
    with closing(open_engine(faces=False, several=True)) as engine:
        new = install.add_device(engine, till)
    if isinstance(new, Refused):
        fail(f"{new.field}: {new.message}")
    if as_json:
        say_json({"device_id": new.device_id, "device_secret": new.device_secret})
    else:
        console.print(f"device {new.device_id}\nsecret {new.device_secret}  (shown once)")


@staff.command("reset-pin")
def staff_reset_pin(
    staff_id: Annotated[str, typer.Argument(help="Staff id.")], *, as_json: Json = False
) -> None:
    """Give a member of staff a new PIN, also after a lock; it is printed once."""
    with closing(open_engine(faces=False, several=True)) as engine:
        _say_staff(install.reset_staff_pin(engine, staff_id), as_json=as_json)


@staff.command("setup-code")
def staff_setup_code(
    staff_id: Annotated[str, typer.Argument(help="Staff id of an officer.")],
    *,
    as_json: Json = False,
) -> None:
    """Give an officer without a second factor a set-up code; it is printed once."""
    with closing(open_engine(faces=False, several=True)) as engine:
        code = install.new_setup_code(engine, staff_id)
    if isinstance(code, Refused):
        fail(f"{code.field}: {code.message}")
    if as_json:
        say_json({"staff_id": staff_id, "setup_code": code})
    else:
        console.print(f"set-up code {code}  (shown once)")


@staff.command("log-out")
def staff_log_out(staff_id: Annotated[str, typer.Argument(help="Staff id.")]) -> None:
    """End every session of a member of staff at once."""
    with closing(open_engine(faces=False, several=True)) as engine:
        ended = install.log_out_everywhere(engine, staff_id)
    if isinstance(ended, Refused):
        fail(f"{ended.field}: {ended.message}")
    console.print(f"{ended} sessions ended.")


@device.command("revoke")
def device_revoke(device_id: Annotated[str, typer.Argument(help="Device id.")]) -> None:
    """Stop a lost or stolen device at once; its sessions die with it."""
    with closing(open_engine(faces=False, several=True)) as engine:
        refused = install.revoke_device(engine, device_id)
    if refused is not None:
        fail(f"{refused.field}: {refused.message}")
    console.print("The device is revoked.")


@kpm.command("set-pin")
def kpm_set_pin(kpm_id: Annotated[str, typer.Argument(help="Family id.")]) -> None:
    """Set the PIN belanja of a family. She types it herself; it is asked twice and not shown."""
    pin = typer.prompt("PIN belanja (6 angka)", hide_input=True, confirmation_prompt=True)
    with closing(open_engine(faces=False, several=True)) as engine:
        refused = set_pin(engine, kpm_id, pin)
    if refused is not None:
        fail(f"{refused.field}: {refused.message}")
    console.print("PIN belanja tersimpan.")


@kpm.command("reset-pin")
def kpm_reset_pin(
    card: Annotated[str, typer.Option(prompt="Nomor kartu", help="The card in her hand.")],
) -> None:
    """Set a new PIN belanja with card and code. She types code and PIN herself."""
    with closing(open_engine(faces=False)) as engine:
        reset_id = new_uuid7(engine.now())
        number = compact(card)
        if not send_reset_code(engine, reset_id, number):
            fail("No code was sent: the card does not work, has no phone, or too many were sent.")
        code = typer.prompt("Kode dari SMS", hide_input=True)
        pin = typer.prompt("PIN belanja baru (6 angka)", hide_input=True, confirmation_prompt=True)
        refused = reset_pin(engine, reset_id, number, code, pin)
    if refused is not None:
        fail(f"{refused.field}: {refused.message}")
    console.print("PIN belanja tersimpan.")


def _say_staff(new: NewStaff | Refused, *, as_json: bool) -> None:
    if isinstance(new, Refused):
        fail(f"{new.field}: {new.message}")
    if as_json:
        code = {"setup_code": new.setup_code} if new.setup_code else {}
        say_json({"staff_id": new.staff_id, "pin": new.pin} | code)
    else:
        console.print(f"staff {new.staff_id}\nPIN   {new.pin}  (shown once)")
        if new.setup_code:
            console.print(f"set-up code {new.setup_code}  (shown once, for her second factor)")
