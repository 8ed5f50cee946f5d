"""Commands of a shop that becomes an e-warong: apply, decide, the provider's answer."""

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from pos_engine.cli.out import WRONG_USE, fail, say_json
from pos_engine.cli.people import shop
from pos_engine.engine import Engine, open_engine
from pos_engine.services import shop_onboarding as onboarding
from pos_engine.services.sessions import Role
from pos_engine.services.shop_nmid import Merchant, give_nmid
from pos_engine.services.shop_onboarding import Actor, ShopProblem, Standing
from pos_engine.store import shops
from pos_engine.web.shop_bodies import NmidIn, ShopIn, standing_json

APPLICANTS, DECIDERS = (Role.PENDAMPING, Role.DINSOS), (Role.DINSOS,)
KEEPERS = (Role.DINSOS, Role.ADMIN)
Officer = Annotated[str, typer.Option(help="Staff id of the officer who does it.")]
ShopId = Annotated[str, typer.Argument(help="Shop id.")]


def shop_apply(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="JSON as of POST /v1/shops.")
    ],
    officer: Officer,
) -> None:
    """Take down an application: owner, place, account, photo. Personal data stays off the line."""
    body = _body(ShopIn, file)
    with closing(open_engine(faces=False)) as engine:
        actor = actor_of(engine, officer, APPLICANTS)
        _say(onboarding.apply(engine, actor, body.to_shop(engine.now())))


def shop_approve(shop_id: ShopId, officer: Officer) -> None:
    """Approve as a second person: the shop sells on our till at once."""
    with closing(open_engine(faces=False)) as engine:
        _say(onboarding.approve(engine, actor_of(engine, officer, DECIDERS), shop_id))


def shop_reject(
    shop_id: ShopId,
    officer: Officer,
    reason: Annotated[str, typer.Option(help="Why, for the owner to read.")],
) -> None:
    """Refuse as a second person, with a reason."""
    with closing(open_engine(faces=False)) as engine:
        _say(onboarding.reject(engine, actor_of(engine, officer, DECIDERS), shop_id, reason))


def shop_nmid(
    shop_id: ShopId,
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="JSON as of POST /v1/shops/ID/nmid."),
    ],
    officer: Officer,
) -> None:
    """Write down what the acquiring provider answered: the shop sells by QRIS from now on."""
    given: Merchant = _body(NmidIn, file).to_merchant()
    with closing(open_engine(faces=False)) as engine:
        found = give_nmid(engine, actor_of(engine, officer, KEEPERS), shop_id, given)
    if isinstance(found, ShopProblem):
        fail(f"{found.value}.")
    say_json({"shop_id": shop_id, "nmid": found.nmid})


def _body(shape: Any, file: Path) -> Any:
    try:
        return shape.model_validate_json(file.read_text())
    except ValidationError as error:
        places = {".".join(map(str, each["loc"])) for each in error.errors(include_input=False)}
        fail(f"{file.name}: {json.dumps(sorted(places))}", WRONG_USE)


def actor_of(engine: Engine, officer: str, roles: tuple[Role, ...]) -> Actor:
    """Who acts by a command: active staff of one of these roles; exit 1 for anybody else."""
    with engine.database.read() as tx:
        staff = shops.find_staff(tx, officer)
    if staff is None or staff.status != shops.ACTIVE or Role(staff.role) not in roles:
        fail(f"{officer} is no {' or '.join(roles)}.")
    return Actor(staff.staff_id, staff.region)


def _say(found: Standing | ShopProblem) -> None:
    if isinstance(found, ShopProblem):
        fail(f"{found.value}.")
    say_json(standing_json(found))


def add_to(_app: typer.Typer) -> None:
    """Register the commands in the group `shop`, beside `shop add`."""
    shop.command("apply")(shop_apply)
    shop.command("approve")(shop_approve)
    shop.command("reject")(shop_reject)
    shop.command("nmid")(shop_nmid)
