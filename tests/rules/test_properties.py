"""What must hold for every basket, checked against the CSV files and not against the engine."""

import csv
import io
from datetime import date
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.load import load_shipped, shipped_files
from pos_engine.rules.basket import Line
from pos_engine.rules.decision import Approved, Declined, decide
from pos_engine.rules.entitlement import TrancheStatus, draw, spendable
from pos_engine.rules.ids import ShopId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import purchase_postings
from pos_engine.rules.reasons import Reason
from tests.make import TODAY, a_line, a_market, a_tranche, some_facts

unhurried = settings(deadline=None)  # a busy machine is no fault of the rules
TABLES = {
    name: list(csv.DictReader(io.StringIO(content.decode())))
    for name, content in shipped_files().items()
}
GOODS = {row["item_code"]: row for row in TABLES["goods.csv"]}
PACKS = {row["gtin"]: row for row in TABLES["barcodes.csv"]}
ZONE = {row["province"]: row["zone"] for row in TABLES["zones.csv"]}
HARD = [row for row in TABLES["ceilings.csv"] if row["kind"] == "HET"]
UNITS = sorted({unit for good in load_shipped().goods.values() for unit in good.units})


def hard_ceiling(sku: str, region: str, day: date) -> Fraction | None:
    """Rupiah per base unit, read from ceilings.csv: HET rows are by zone or national."""
    places = {("ZONE", ZONE[region[:2]]), ("NATIONAL", "")}
    found = [
        Fraction(row["rp_high"])
        for row in HARD
        if row["item_code"] == sku
        and (row["scope"], row["scope_code"]) in places
        and row["valid_from"] <= day.isoformat() <= (row["valid_to"] or "9999-12-31")
    ]
    assert len(found) <= 1
    return found[0] if found else None


def base_units(line: Line) -> tuple[str, Fraction]:
    """The good of a line and how many base units one of its unit holds, read from the CSV files."""
    if line.gtin is not None:
        pack = PACKS[line.gtin]
        return pack["item_code"], Fraction(int(pack["numerator"]), int(pack["denominator"]))
    good = GOODS[line.sku]
    for written in good["units"].replace(" whole", "").split("; "):
        code, _, ratio = written.partition("=")
        if ratio and code == line.unit:
            return line.sku, Fraction(ratio)
    assert line.unit in (None, good["base_unit"])
    return line.sku, Fraction(1)


regions = st.sampled_from(["35.07", "12.71", "31.71", "51.71", "64.72", "94.01"])
days = st.one_of(
    st.sampled_from([TODAY, date(2025, 8, 21), date(2025, 8, 22), date(2017, 8, 31)]),
    st.dates(date(2016, 1, 1), date(2030, 12, 31)),
)
markets = st.builds(
    a_market, regions, days, st.sampled_from(["BPNT-2017", "SEMBAKO-2021", "PANGAN-2022"])
)
prices = st.one_of(
    st.sampled_from([0, 1, 13_499, 13_500, 13_501, 14_130, 14_131, 15_700, 67_500, 67_501]),
    st.integers(-10, 100_000),
    st.integers(-(10**8), 10**8),
)
quantities = st.one_of(
    st.sampled_from([1000, 5000, 10_000]), st.integers(1, 20_000), st.integers(-(10**12), 10**12)
)


def lines_of(skus: st.SearchStrategy[str]) -> st.SearchStrategy[Line]:
    loose = st.builds(
        a_line, skus, quantities, prices, unit=st.one_of(st.none(), st.sampled_from(UNITS))
    )
    scanned = st.builds(a_line, st.none(), quantities, prices, gtin=st.sampled_from(sorted(PACKS)))
    return st.one_of(loose, scanned)


any_line = lines_of(st.one_of(st.sampled_from(sorted(GOODS)), st.text(max_size=8)))
baskets = st.lists(any_line, max_size=5).map(tuple)
# Small lawful lines, so that most baskets are approved.
lawful_line = st.builds(
    a_line,
    st.sampled_from(["BERAS-MEDIUM", "BERAS-PREMIUM", "TELUR-AYAM", "TEMPE", "BAYAM"]),
    st.integers(1_000, 9_999),
    st.integers(1, 13_500),
)
lawful_baskets = st.lists(lawful_line, min_size=1, max_size=6).map(tuple)
tranches = st.builds(
    a_tranche,
    st.uuids().map(str),
    st.integers(0, 300_000),
    period=st.sampled_from(["2026-10", "2026-11"]),
    expires_on=st.dates(date(2026, 11, 19), date(2026, 11, 24)),
    status=st.sampled_from([TrancheStatus.OPEN, TrancheStatus.OPEN, *TrancheStatus]),
).flatmap(
    lambda each: st.integers(0, each.credited).flatmap(
        lambda spent: st.integers(0, each.credited - spent).map(
            lambda held: a_tranche(
                each.wallet_id,
                each.credited,
                spent=spent,
                held=held,
                period=each.period,
                expires_on=each.expires_on,
                status=each.status,
            )
        )
    )
)
poor_wallets = st.lists(tranches, max_size=5, unique_by=lambda each: each.wallet_id).map(tuple)
wallets = st.one_of(poor_wallets, poor_wallets.map(lambda poor: (*poor, a_tranche("rich", 10**6))))
standings = st.lists(st.sampled_from(Reason), max_size=2).map(tuple)


@settings(unhurried, max_examples=400)
@given(lines=st.one_of(baskets, lawful_baskets), market=markets)
def test_no_accepted_line_is_above_its_hard_ceiling_or_banned(lines, market):
    decision = decide(lines, some_facts(a_tranche(credited=10**10), market=market))
    accepted = [
        (line, judged)
        for line, judged in zip(lines, decision.lines, strict=True)
        if judged.reason is None
    ]
    if isinstance(decision, Approved):
        assert len(accepted) == len(lines) > 0
    for line, judged in accepted:
        sku, per_unit = base_units(line)
        assert judged.sku == sku
        assert GOODS[sku]["category"] not in {"TOBACCO", "ALCOHOL"}
        assert line.quantity_milli > 0
        assert judged.total == Fraction(line.unit_price * line.quantity_milli, 1000) // 1 > 0
        if GOODS[sku]["price_rule"] == "HET":
            ceiling = hard_ceiling(sku, market.region, market.day)
            assert ceiling is not None
            assert Fraction(line.unit_price) / per_unit <= ceiling


@unhurried
@given(line=lawful_line, market=markets)
def test_a_price_is_refused_only_above_the_ceiling(line, market):
    judged = decide((line,), some_facts(a_tranche(), market=market)).lines[0]
    ceiling = hard_ceiling(line.sku, market.region, market.day)
    if judged.reason is Reason.PRICE_ABOVE_CEILING:
        assert ceiling is not None
        assert line.unit_price > ceiling
    if judged.reason is Reason.CEILING_MISSING:
        assert ceiling is None


@unhurried
@given(lines=lawful_baskets, wallet=wallets)
def test_draws_sum_to_the_amount_and_no_tranche_is_overdrawn(lines, wallet):
    decision = decide(lines, some_facts(*wallet))
    usable = {
        each.wallet_id: each.credited - each.spent - each.held
        for each in wallet
        if each.status is TrancheStatus.OPEN and each.expires_on >= TODAY
    }
    if isinstance(decision, Declined):
        assert decision.amount > sum(usable.values())
        assert decision.approvable_amount == sum(usable.values())
        return
    draws = {each.wallet_id: each.amount for each in decision.draws}
    assert len(draws) == len(decision.draws)
    assert sum(draws.values()) == decision.amount == sum(line.total for line in decision.lines)
    assert decision.balance_before == sum(usable.values())
    assert decision.balance_after == decision.balance_before - decision.amount >= 0
    assert all(0 < amount <= usable[wallet_id] for wallet_id, amount in draws.items())
    postings = purchase_postings(ShopId("shop"), decision.draws)
    assert sum(leg.amount for leg in postings) == 0
    assert postings[-1].amount == decision.amount


@unhurried
@given(data=st.data(), wallet=poor_wallets)
def test_a_later_tranche_is_touched_only_when_every_earlier_one_is_used_up(data, wallet):
    amount = Rupiah(data.draw(st.integers(0, spendable(wallet, TODAY))))
    drawn = {each.wallet_id: each.amount for each in draw(wallet, amount, TODAY)}
    assert sum(drawn.values()) == amount
    last = max((each.expires_on for each in wallet if each.wallet_id in drawn), default=TODAY)
    for each in wallet:
        if each.usable(TODAY) and each.expires_on < last:
            assert drawn.get(each.wallet_id, 0) == each.left


def outcome(decision: Approved | Declined) -> tuple[object, ...]:
    if isinstance(decision, Approved):
        return decision.amount, decision.draws, decision.balance_before, decision.balance_after
    return decision.reason, decision.amount, decision.approvable_amount


@unhurried
@given(
    data=st.data(),
    lines=st.one_of(baskets, lawful_baskets),
    wallet=wallets,
    standing=standings,
    proven=st.booleans(),
)
def test_the_order_of_lines_reasons_and_tranches_never_matters(
    data, lines, wallet, standing, proven
):
    before = decide(lines, some_facts(*wallet, standing=standing, proven=proven))
    order = data.draw(st.permutations(range(len(lines))))
    shuffled = tuple(lines[place] for place in order)
    other = some_facts(*wallet[::-1], standing=standing[::-1], proven=proven)
    after = decide(shuffled, other)
    assert outcome(after) == outcome(before)
    assert after.lines == tuple(before.lines[place] for place in order)


@unhurried
@given(lines=baskets, wallet=wallets, market=markets, standing=standings, proven=st.booleans())
def test_deciding_twice_gives_the_same(lines, wallet, market, standing, proven):
    facts = some_facts(*wallet, market=market, standing=standing, proven=proven)
    first, second = decide(lines, facts), decide(lines, facts)
    assert first == second
    assert hash(first) == hash(second)


@unhurried
@given(lines=baskets, wallet=wallets, standing=standings)
def test_an_unproven_payer_gets_the_answer_of_an_empty_wallet(lines, wallet, standing):
    known = decide(lines, some_facts(*wallet, standing=standing, proven=False))
    unknown = decide(lines, some_facts(standing=standing, proven=False))
    assert isinstance(known, Declined)
    assert known == unknown
    assert known.approvable_amount == 0


@unhurried
@given(lines=baskets, wallet=wallets)
def test_what_is_told_as_approvable_is_never_more_than_there_is(lines, wallet):
    decision = decide(lines, some_facts(*wallet))
    if isinstance(decision, Declined):
        there = sum(max(each.left, 0) for each in wallet if each.usable(TODAY))
        assert 0 <= decision.approvable_amount <= Rupiah(there)
