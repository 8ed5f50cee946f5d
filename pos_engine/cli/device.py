"""Commands for selling without signal: devices that may hold allowances, remote shops."""

from contextlib import closing
from typing import Annotated

import typer

from pos_engine.cli.out import console, fail, say_json, say_table
from pos_engine.cli.people import device, shop
from pos_engine.cli.shop import DECIDERS, actor_of
from pos_engine.engine import open_engine
from pos_engine.services.devices import DeviceProblem, approve, list_devices
from pos_engine.services.remote_shops import mark_remote

Officer = Annotated[str, typer.Option(help="Staff id of the DINSOS officer who does it.")]
COLUMNS = ("device_id", "shop", "region", "kid", "state", "label", "made_at")


@device.command("approve")
def device_approve(
    device_id: Annotated[str, typer.Argument(help="Device id, from `ewarong device list`.")],
    officer: Officer,
) -> None:
    """Let a device hold allowances: money of families that it may sell without signal."""
    with closing(open_engine(faces=False)) as engine:
        actor = actor_of(engine, officer, DECIDERS)
        found = approve(engine, device_id, actor.staff_id, actor.region)
    if isinstance(found, DeviceProblem):
        fail(f"{found.value}.")
    console.print(f"{found.state}. The tablet may hold allowances now.")


@device.command("list")
def device_list(
    shop_id: Annotated[str | None, typer.Option("--shop", help="Of one shop.")] = None,
    region: Annotated[str | None, typer.Option(help="Kemendagri code as a prefix.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List devices that have a key, the newest first, with their state."""
    with closing(open_engine(faces=False)) as engine:
        rows = list_devices(engine, shop_id=shop_id, region=region)
    cells = [
        (
            each.key.device_id,
            each.shop_name,
            each.region,
            each.key.kid,
            each.key.state,
            each.key.label,
            each.key.made_at.isoformat(timespec="seconds"),
        )
        for each in rows
    ]
    if as_json:
        say_json([dict(zip(COLUMNS, row, strict=True)) for row in cells])
    else:
        say_table(COLUMNS, cells)


@shop.command("remote")
def shop_remote(
    shop_id: Annotated[str, typer.Argument(help="Shop id.")],
    officer: Officer,
    *,
    off: Annotated[bool, typer.Option("--off", help="It has signal now.")] = False,
) -> None:
    """Mark a shop beyond the signal: its families may put all aside, for a month."""
    with closing(open_engine(faces=False)) as engine:
        actor = actor_of(engine, officer, DECIDERS)
        done = mark_remote(engine, shop_id, actor.staff_id, actor.region, remote=not off)
    if not done:
        fail(f"No shop {shop_id} in your region.")
    console.print("The shop has signal." if off else "The shop is REMOTE.")


def add_to(_app: typer.Typer) -> None:
    """The commands stand in the groups `device` and `shop` already."""
