"""A ceiling drafted, seen, signed by two, fetched by tills, taken back; and what stops it."""

from datetime import date, timedelta

import pytest

from catalog.load import shipped_files
from catalog.price_book import Action
from pos_engine.rules.ceilings import DraftKind, DraftState
from pos_engine.rules.ids import new_uuid7
from pos_engine.services import ceilings
from pos_engine.services.authorize import authorize
from pos_engine.services.catalogue import catalogue_in_force, load_catalogue, snapshot
from pos_engine.services.ceiling_preview import preview
from pos_engine.services.ceilings import AskedDraft
from pos_engine.services.install import Refused
from tests.lakes import with_lake, write
from tests.sealing import faults, seal_all
from tests.services.test_batches import said
from tests.world import a_purchase, rice

HERE, DAY = "35.07", date(2026, 11, 23)  # the world's regency; the day after tomorrow


@pytest.fixture
def kind():
    return "sqlite"


def asked(**changes):
    plain = {
        "kind": DraftKind.CEILING,
        "target": "BERAS-MEDIUM",
        "regulation": "SK Bupati 12/2026",
        "reason": "harga pasar naik",
        "valid_from": DAY,
        "valid_to": DAY + timedelta(days=29),
        "scope": "REGENCY",
        "scope_code": HERE,
        "rupiah": 13_500,
        "action": Action.CAP,
    }
    return AskedDraft(**(plain | changes))


def act(engine):
    return new_uuid7(engine.now())


def people(world):
    return [world.staff[name]["staff_id"] for name in ("DINSOS", "KEMENSOS", "KEMENSOS-2")]


def drafted(engine, world, **changes):
    made = ceilings.draft(engine, act(engine), asked(**changes), people(world)[0])
    assert not isinstance(made, Refused), made
    return made.draft.draft_id


def published(engine, world, clock, **changes):
    name = drafted(engine, world, **changes)
    for officer in people(world)[:2]:
        clock.advance(minutes=1)
        done = ceilings.sign(engine, act(engine), name, officer)
        assert not isinstance(done, Refused), done
    return name


def test_two_sign_and_from_its_day_a_dear_basket_is_paid_at_the_ceiling(engine, world, clock):
    name = published(engine, world, clock)
    [told] = ceilings.list_drafts(engine, HERE)
    assert (told.state, told.in_force, told.draft.draft_id) == (DraftState.PUBLISHED, False, name)
    assert [each.version is not None for each in told.acts] == [False, True]
    assert said(authorize(engine, a_purchase(world, rice(1000, 14_000), at=engine.now()))) == (
        "PRICE_ABOVE_CEILING"
    )
    clock.advance(days=2)
    assert ceilings.list_drafts(engine, HERE)[0].in_force
    answer = authorize(engine, a_purchase(world, rice(1000, 14_000), at=engine.now()))
    assert '"amount":13500' in answer.body
    assert '"asked_price":14000' in answer.body
    assert '"action": "CAP"' in snapshot(engine, HERE).body  # what a till fetches
    seal_all(engine)
    assert faults(engine) == []


def test_the_same_act_again_is_the_same_answer_and_one_step(engine, world, clock):
    name, who = act(engine), people(world)[0]
    first = ceilings.draft(engine, name, asked(), who)
    assert ceilings.draft(engine, name, asked(), who) == first
    assert ceilings.draft(engine, name, asked(rupiah=14_000), who).field == "act"
    signature = act(engine)
    once = ceilings.sign(engine, signature, name, who)
    assert ceilings.sign(engine, signature, name, who) == once
    assert len(once.acts) == 1
    assert ceilings.sign(engine, signature, name, people(world)[1]).field == "act"


def test_one_person_is_not_two_and_nothing_reaches_tills(engine, world, clock):
    name, version = drafted(engine, world), catalogue_in_force(engine).version
    for _ in range(2):
        done = ceilings.sign(engine, act(engine), name, people(world)[0])
    assert done.field == "same_person"
    assert catalogue_in_force(engine).version == version


def test_after_its_day_came_nobody_signs_it(engine, world, clock):
    name = drafted(engine, world)
    ceilings.sign(engine, act(engine), name, people(world)[0])
    clock.advance(days=2)
    assert ceilings.sign(engine, act(engine), name, people(world)[1]).field == "day_has_come"


def test_what_tills_have_is_taken_back_by_two_before_its_day(engine, world, clock):
    name = published(engine, world, clock)
    rows = catalogue_in_force(engine).price_book.rows
    for officer in people(world)[1:]:
        clock.advance(minutes=1)
        done = ceilings.withdraw(engine, act(engine), name, officer, "salah tempat")
    assert done.state is DraftState.WITHDRAWN
    assert [each.kind for each in done.acts] == ["SIGNED"] * 2 + ["WITHDRAWAL"] * 2
    assert len(catalogue_in_force(engine).price_book.rows) == len(rows) - 1
    clock.advance(days=2)
    again = published(engine, world, clock, valid_from=date(2026, 11, 26), valid_to=None)
    assert again != name


def test_loading_a_folder_undoes_no_signature(engine, world, clock):
    published(engine, world, clock)
    version = catalogue_in_force(engine).version
    clock.advance(minutes=1)
    assert not load_catalogue(engine, shipped_files(), "test").fresh
    assert catalogue_in_force(engine).version == version


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"target": "BERAS-KHUSUS"}, "target"),
        ({"target": "NASI"}, "target"),
        ({"rupiah": 0}, "rupiah"),
        ({"valid_from": date(2026, 11, 21)}, "valid_from"),
        ({"valid_to": date(2026, 11, 1)}, "valid_from"),
        ({"scope_code": "94.01"}, "officer"),
        ({"scope": "NATIONAL", "scope_code": ""}, "officer"),
        ({"scope_code": "35.99"}, "officer"),
        ({"reason": "a\nb"}, "reason"),
        ({"regulation": " "}, "regulation"),
        ({"scope": "MOON"}, "scope"),
        ({"kind": DraftKind.BAN}, "scope"),
    ],
)
def test_what_does_not_fit_is_told_before_anybody_signs(engine, world, changes, field):
    refused = ceilings.draft(engine, act(engine), asked(**changes), people(world)[0])
    assert isinstance(refused, Refused)
    assert refused.field == field
    assert ceilings.list_drafts(engine, None) == []


def test_a_second_ceiling_of_the_same_place_and_day_is_told(engine, world, clock):
    published(engine, world, clock)
    refused = ceilings.draft(engine, act(engine), asked(), people(world)[0])
    assert refused.field == "catalogue"


def test_a_ban_is_the_nations(engine, world, clock):
    ban = {"kind": DraftKind.BAN, "target": "TELUR-AYAM", "scope": "NATIONAL", "scope_code": ""}
    officers = people(world)[1:]
    made = ceilings.draft(engine, act(engine), asked(**ban, rupiah=0), officers[0])
    name = made.draft.draft_id
    for officer in officers:
        clock.advance(minutes=1)
        assert not isinstance(ceilings.sign(engine, act(engine), name, officer), Refused)
    egg = rice(1000, 20_000, "TELUR-AYAM")
    assert said(authorize(engine, a_purchase(world, egg, at=engine.now()))) == "APPROVED"
    clock.advance(days=2)
    assert said(authorize(engine, a_purchase(world, egg, at=engine.now()))) == "ITEM_BANNED"


@pytest.mark.parametrize("lake", [True, False])
def test_the_preview_counts_last_months_sales(engine, world, clock, tmp_path, lake):
    engine = with_lake(engine, tmp_path) if lake else engine
    for price in (13_400, 13_400, 13_000, 14_000):
        authorize(engine, a_purchase(world, rice(1000, price), at=engine.now()))
    if lake:
        write(engine)
    lower = drafted(engine, world, rupiah=13_200, action=Action.DECLINE)
    found = preview(engine, lower)
    [place] = found.regencies
    assert (place.regency, place.lines, place.lawful_now, place.newly_refused) == (HERE, 4, 3, 2)
    assert found.sentence == "Aturan ini akan menolak 66,7% penjualan di 1 kabupaten/kota."
    cap = preview(engine, drafted(engine, world))
    assert (cap.newly_refused, cap.newly_paid, cap.regencies[0].capped) == (0, 1, 1)
    assert preview(engine, "nothing") is None
