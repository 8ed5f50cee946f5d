"""A KPM with her telephone: what she types on her own page, and what she reads there."""

import re
from html import unescape
from typing import Any

from fastapi.testclient import TestClient

from pos_engine.engine import Engine
from pos_engine.rules.ids import PurchaseId, new_uuid7
from pos_engine.services.baskets import Held, hold
from pos_engine.services.payer import Place
from pos_engine.store import shops
from tests.world import MSISDN, World, rice


def newest_code(engine: Engine) -> str:
    """The six digits of the newest SMS."""
    found = re.search(r"\b\d{6}\b", engine.sms.messages()[0].text)  # type: ignore[attr-defined]
    assert found
    return found[0]


def hidden(page: str, name: str) -> str:
    """A hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return unescape(found[1])


def ask(client: TestClient, number: str = MSISDN) -> Any:
    return client.post("/saya/masuk", data={"nomor": number})


def enter(client: TestClient, engine: Engine, number: str = MSISDN) -> str:
    """Open a visit; the page that it begins with."""
    asked = ask(client, number)
    assert asked.status_code == 200, asked.text
    data = {"masuk": hidden(asked.text, "masuk"), "kode": newest_code(engine)}
    opened = client.post("/saya/kode", data=data)
    assert opened.status_code == 200, opened.text
    return opened.text


def send(client: TestClient, page: str, path: str, **data: str) -> Any:
    """Send a form of a page."""
    return client.post(path, data={"kunci": hidden(page, "kunci")} | data)


def hold_one(engine: Engine, world: World, *lines: Any) -> Held:
    """A basket at the first shop's till, with its code when the shop has an NMID."""
    with engine.database.read() as tx:
        shop = shops.find_shop(tx, world.shop_id)
    assert shop is not None
    place = Place(world.shop_id, world.till_id)
    new = PurchaseId(new_uuid7(engine.now()))
    held = hold(engine, shop, place, "staff-1", new, lines or (rice(),))
    assert isinstance(held, Held)
    return held
