"""The app over HTTP with a cashier's session; SQLite, and PostgreSQL where it can differ."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.web.app import create_app
from tests.world import NOW, PIN, World


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def client(engine: Engine, tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(engine, demo_file=tmp_path / "demo.json")
    with TestClient(
        app, base_url="http://127.0.0.1", client=("127.0.0.1", 5000), raise_server_exceptions=False
    ) as client:
        yield client


def log_in(client: TestClient, login: dict[str, Any]) -> dict[str, Any]:
    response = client.post("/v1/sessions", json=login)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


@pytest.fixture
def cashier(client: TestClient, world: World) -> TestClient:
    """The client with a cashier's bearer token."""
    token = log_in(client, world.staff["KASIR"])["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def a_line(**changes: Any) -> dict[str, Any]:
    line = {"sku": "BERAS-MEDIUM", "quantity_milli": 5000, "unit_price": 13_400} | changes
    return {name: value for name, value in line.items() if value is not ...}


def a_body(world: World, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {
        "till_id": world.till_id,
        "occurred_at": NOW.isoformat(),
        "payer": {"method": "KKS", "card": world.card, "pin": PIN},
        "lines": list(lines) or [a_line()],
    } | changes
    return {name: value for name, value in body.items() if value is not ...}


def a_path(purchase_id: str | None = None) -> str:
    return f"/v1/purchases/{purchase_id or new_uuid7(NOW)}"
