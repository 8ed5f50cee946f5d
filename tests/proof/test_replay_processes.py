"""A month decided again by two processes comes to what one finds, an altered row included."""

import json

import pytest
from sqlalchemy import text

from pos_engine.engine import Settings, open_engine
from pos_engine.services.authorize import authorize
from pos_engine.services.payer import CardProof
from tests.cli.test_cli import run  # noqa: F401 - a fixture
from tests.world import PIN, a_purchase, populate, rice

pytestmark = pytest.mark.proof


def test_two_processes_name_the_altered_row(run, tmp_path):  # noqa: F811
    run("keys", "init")
    run("db", "upgrade")
    engine = open_engine(Settings(), faces=False)
    world = populate(engine)
    for card in (world.card, world.other_card):
        proof = CardProof(card, PIN)
        authorize(engine, a_purchase(world, rice(1000), proof=proof, at=engine.now()))
    days = ("--from", "2020-01-01", "--to", "2030-01-01", "--processes", "2")
    found = json.loads(run("replay", *days, "--json"))
    assert (found["purchases"], found["differing"]) == (2, 0)
    with engine.database.begin() as tx:
        tx.execute(
            text("UPDATE purchase SET amount = amount + 1 WHERE kpm_id = :kpm"),
            {"kpm": world.kpm_id},
        )
    engine.close()
    assert "1 of 2 purchases" in run("replay", *days, expect=1)
