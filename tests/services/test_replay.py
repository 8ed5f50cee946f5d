"""A month decided again: the same bytes, every altered row by its name, and other rules."""

import json
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from catalog.load import shipped_files
from catalog.price_book import Action
from pos_engine.rules.basket import Line
from pos_engine.rules.money import Rupiah
from pos_engine.services.authorize import authorize
from pos_engine.services.key_rotation import What, rotate
from pos_engine.services.payer import CardProof
from pos_engine.services.replay import Found, Period, replay
from pos_engine.services.replay_rule import Rule, month_of
from pos_engine.services.two_officers import Pair
from pos_engine.services.void import void
from tests.lakes import a_day_of_everything
from tests.make import RICE_SACK_GTIN
from tests.reserving import issued, sticker, with_key
from tests.returning import a_void, buy
from tests.services.test_ceilings import published
from tests.world import PIN, a_purchase, credit, rice

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
AS_IT_WAS = Rule()
proof = pytest.mark.proof
REPLACED = {
    "sqlite": "replace(lines, '{}', '{}')",
    "postgres": "CAST(replace(CAST(lines AS TEXT), '{}', '{}') AS JSON)",
}
WORDS = {
    "DEARER": ("13400", "13300"),
    "RENAMED": ("Beras medium", "Beras Medium"),
    "RAISED": ('"ceiling":13500', '"ceiling":13600'),
}
ROW = "UPDATE purchase SET"
CLAIM, ONE = "UPDATE purchase_claim SET answer =", "WHERE purchase_id = :id"
pytestmark = pytest.mark.plants  # rows are altered behind the engine's back


def again(engine, rule=AS_IT_WAS, period=NOVEMBER):
    found = Found()
    for _, _, part in replay(engine, period, rule):
        found.add(part)
    return found


def of(found):
    return [(each.purchase_id, each.parts) for each in found.differences]


def a_month(engine, world, clock):
    """Everything that a till may be answered, one thing after the other."""

    def next_moment():
        clock.advance(minutes=7)

    next_moment()
    a_day_of_everything(engine, world)
    next_moment()
    oil = Line("MINYAKITA", None, 1500, Rupiah(15_000), None)
    sack = Line(None, RICE_SACK_GTIN, 1000, Rupiah(67_000), None)
    for lines in (
        (oil,),
        (oil,),
        (sack,),
        (),
        (rice(0),),
        (rice(1000, 1, "NASI"),),
        (rice(),) * 51,
        (Line("BERAS-MEDIUM", None, 1000, Rupiah(13_400), "kg"), rice(500)),
        (Line("BERAS-MEDIUM", None, 1000, Rupiah(1), "liter"),),
    ):
        next_moment()
        request = a_purchase(world, rice(), at=engine.now())
        authorize(engine, type(request)(**_fields(request) | {"lines": lines}))  # fmt: skip
    next_moment()
    bought = buy(engine, world, rice(1000))
    next_moment()
    void(engine, a_void(world, bought))
    next_moment()
    credit(engine, {"KPM-1": 50_000}, period="2026-12", days=90, programme="PKH")
    next_moment()
    buy(engine, world, rice(2000))
    next_moment()
    proof = CardProof(world.other_card, PIN)
    for quantity in (12_000, 12_000, 1000):  # the second one asks for more than there is
        next_moment()
        authorize(engine, a_purchase(world, rice(quantity), proof=proof, at=engine.now()))


def _fields(request):
    return {name: getattr(request, name) for name in request.__slots__}


def test_a_month_comes_out_byte_for_byte(engine, world, clock):
    def ticking():
        clock.advance(milliseconds=1)
        return clock.at

    a_month(replace(engine, now=ticking), world, clock)
    found = again(engine)
    assert of(found) == []
    assert found.purchases > 20
    assert found.lines_alone == 0


def test_a_day_of_another_catalogue_is_decided_by_its_own(engine, world, clock):
    buy(engine, world, rice(1000))
    published(engine, world, clock)
    clock.advance(days=2)
    answer = authorize(engine, a_purchase(world, rice(1000, 14_000), at=engine.now()))
    assert '"asked_price":14000' in answer.body
    assert of(again(engine)) == []


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("UPDATE purchase SET amount = amount + 1 WHERE purchase_id = :id", "amount"),
        ("UPDATE purchase SET lines = DEARER WHERE purchase_id = :id", "lines"),
        pytest.param(f"{ROW} lines = '[{{}}]' {ONE}", "unreadable", marks=proof),
        ("UPDATE purchase SET status = 'DECLINED' WHERE purchase_id = :id", "status"),
        pytest.param(f"{ROW} reason = 'CARD_LOST' {ONE}", "status", marks=proof),
        pytest.param(f"{ROW} price_book = 'none' {ONE}", "price_book", marks=proof),
        pytest.param(f"{ROW} till_id = 'another' {ONE}", "content", marks=proof),
        pytest.param(f"{ROW} flags = '[\"X\"]' {ONE}", "flags", marks=proof),
        pytest.param(f"{CLAIM} replace(answer, 'Siti', 'Sita') {ONE}", "", marks=proof),
        pytest.param(f"{ROW} lines = RENAMED {ONE}", "lines", marks=proof),
        (f"{ROW} lines = RAISED {ONE}", "lines"),
        pytest.param(f"{CLAIM} replace(answer, 'Simpan', 'simpan') {ONE}", "answer", marks=proof),
        (f"{CLAIM} replace(answer, '67000', '66000') {ONE}", "answer"),
        ("UPDATE posting SET amount = amount - 1 WHERE txn_id = :id AND account LIKE 'wallet:%'",
         "postings"),
    ],
)  # fmt: skip
def test_every_altered_row_is_named(engine, world, clock, kind, change, part):
    bought = buy(engine, world)
    clock.advance(minutes=5)
    other = buy(engine, world, rice(1000))
    with engine.database.begin() as tx:
        tx.execute(text(_written(change, kind)), {"id": bought})
    named = dict(of(again(engine)))
    if not part:  # nothing was altered: the name does not stand there
        assert named == {}
        return
    assert part in named[bought]
    if part != "postings":  # her later balance follows from them
        assert other not in named


def _written(change, kind):
    """The statement with its words put in; a colon is no parameter there."""
    for name, words in WORDS.items():
        change = change.replace(name, REPLACED[kind].format(*words).replace(":", "\\:"))
    return change


def _set_answer(engine, purchase_id, answer):
    with engine.database.begin() as tx:
        tx.execute(text(f"{CLAIM} :answer {ONE}"), {"id": purchase_id, "answer": answer})


def _answer(engine, purchase_id):
    with engine.database.read() as tx:
        question = text("SELECT answer FROM purchase_claim WHERE purchase_id = :id")
        return tx.execute(question, {"id": purchase_id}).scalar_one()


def test_one_letter_of_a_signature_and_swapped_answers_are_named(engine, world, clock):
    bought = []
    for _ in range(4):
        clock.advance(minutes=5)
        bought.append(buy(engine, world, rice(1000)))
    signed, first, second, _ = bought
    answer = _answer(engine, signed)
    at = answer.index('"', answer.index('"verify":"') + 10) - 3
    _set_answer(
        engine, signed, f"{answer[:at]}{'A' if answer[at] != 'A' else 'B'}{answer[at + 1 :]}"
    )
    one, other = _answer(engine, first), _answer(engine, second)
    _set_answer(engine, first, other)
    _set_answer(engine, second, one)
    named = dict(of(again(engine)))
    assert named == dict.fromkeys((signed, first, second), ("answer",))


def test_what_an_older_key_signed_comes_out_and_an_altered_byte_of_it_does_not(
    engine, world, clock
):
    bought = buy(engine, world, rice(1000))
    rotate(engine, What.SIGNING, Pair("A", "B"), lambda _done, _all: None)
    clock.advance(minutes=5)
    buy(engine, world, rice(1000))
    assert of(again(engine)) == []
    _set_answer(engine, bought, _answer(engine, bought).replace("EW1*", "EW2*"))
    assert of(again(engine)) == [(bought, ("answer",))]


def test_what_a_tablet_drew_of_its_own_allowance_comes_out(engine, world, clock):
    till = with_key(engine, world)
    made = issued(engine, till, sticker(engine, world.kpm_id))
    clock.advance(minutes=5)
    drawn = []
    for _ in range(2):  # the second one takes the rest of it and more
        clock.advance(minutes=5)
        request = replace(a_purchase(world, rice(5000), at=engine.now()), session=till)
        drawn.append(json.loads(authorize(engine, request).body))
    assert drawn[0]["set_aside"] == {"allowance_id": made.allowance_id, "amount": 67_000}
    assert of(again(engine)) == []
    first, told = drawn[0]["purchase_id"], '"amount":67000}'
    _set_answer(engine, first, _answer(engine, first).replace(told, '"amount":66000}'))
    assert (first, ("answer",)) in of(again(engine))


def test_cap_in_place_of_decline_feeds_those_who_went_without(engine, world, clock, tmp_path):
    buy(engine, world, rice(1000))
    clock.advance(minutes=5)
    authorize(engine, a_purchase(world, rice(1000, 14_000), at=engine.now()))
    clock.advance(minutes=5)
    buy(engine, world, rice(1000))  # she found a shop
    proof = CardProof(world.other_card, PIN)
    authorize(engine, a_purchase(world, rice(1000, 14_000), proof=proof, at=engine.now()))
    authorize(engine, a_purchase(world, rice(20_000, 14_000), proof=proof, at=engine.now()))
    found = again(engine, Rule(mode=Action.CAP))
    effect = found.effects["35.07"]
    assert (effect.purchases, effect.refused_for_price) == (5, 3)
    assert (effect.gained, effect.lost) == (2, 0)  # for the last one there is too little money
    assert (effect.families_gain, effect.families_fed) == (2, 1)
    assert (effect.rupiah_gained, effect.shops_bear) == (27_000, 1_000)


def test_other_ceilings_and_policies(engine, world, clock):
    buy(engine, world, rice(1000))
    files = shipped_files()["ceilings.csv"].decode().replace(",13500,", ",13000,").encode()
    lower = again(engine, Rule(files={"ceilings.csv": files})).effects["35.07"]
    assert (lower.lost, lower.families_lose) == (1, 1)
    assert again(engine, Rule(policy="PANGAN-2022")).total.lost == 0


def test_a_region_and_a_month(engine, world, clock):
    buy(engine, world, rice(1000))
    assert again(engine, period=Period(NOVEMBER.first, NOVEMBER.last, "94")).purchases == 0
    assert again(engine, period=Period(NOVEMBER.first, NOVEMBER.last, "35.07")).purchases == 1
    assert month_of("2026-02") == (date(2026, 2, 1), date(2026, 2, 28))
    assert month_of("2026-13") is None
    assert json.dumps(month_of("")) == "null"
