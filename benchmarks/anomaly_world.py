"""A made-up world of shops for the anomaly rules: honest ones that look odd, and planted bad ones.

Everything is SYNTHETIC. The honest model is richer than one coin a purchase: each shop has rates of
its own (gamma, coefficient of variation 0.4), days bunch around the payout, tills serve one after
the other. It still is a model: what it says about false alarms holds for shops like these.

Honest confusers, each a share of the shops (the rest are plain):
  MARKET  one till that sells 65 % of its month on its weekly market day, in four hours
  HAMLET  the only shop of its kecamatan: two days of a boat sell 45 %, half of the families drain
  RICE    sells rice alone: one good, one price, two sizes
  SAHUR   sells a fifth before dawn in Ramadan (every shop sells some)
  SUNDAY  closed on Sundays; on Nyepi all of Bali is closed
  BORDER  at the edge of its kecamatan: one family in seven comes from the next
  DEAR    sells at the ceiling because its market is dear: the whole regency does
Provinces lie in all three time zones; times are the shop's own (WIT hours are no night hours).

Planted: for each rule some shops whose bad behaviour fills a share (0.7 or 0.2) of their purchases
or families: `_plant_N`, `_wrong_amounts`, `_one_face`, `_refused` and `_given` say how.
"""

# ruff: noqa: S608 - queries of a benchmark

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from pos_engine.lake.anomalies import Given, month_of
from pos_engine.lake.compact import LAST_TIER
from pos_engine.lake.datasets import ATTEMPTS, PURCHASES
from pos_engine.lake.state import WRITE, Feed
from pos_engine.lake.views import connected, plain_type
from pos_engine.lake.writer import Part, Writer, of_table

PROVINCES = {"35": 7, "32": 7, "51": 8, "94": 9}  # hours east of UTC
REGENCIES, DISTRICTS = 5, 6
SHARES = {"MARKET": 0.05, "HAMLET": 0.02, "RICE": 0.03, "SAHUR": 0.03, "SUNDAY": 0.10,
          "BORDER": 0.04}  # fmt: skip
SKUS = ("BERAS-MEDIUM", "BERAS-PREMIUM", "TELUR-AYAM", "MINYAKITA", "GULA-PASIR", "TEMPE", "TAHU",
        "BAYAM", "WORTEL", "BAWANG-MERAH", "CABAI-RAWIT", "IKAN-KEMBUNG")  # fmt: skip
CEILINGS = np.array([13_500, 14_900, 30_000, 15_700, 17_500, 14_000, 12_000, 9_000, 16_000, 41_500,
                     57_000, 40_000])  # fmt: skip
LIKED = (0.2, 0.08, 0.16, 0.1, 0.06, 0.08, 0.07, 0.06, 0.04, 0.06, 0.04, 0.05)
MEDIUM, PREMIUM, EGGS = 0, 1, 2
KKS, FACE, PHONE, QR, DELEGATE, SUPERVISED = range(6)
METHODS = ("KKS", "FACE", "PHONE", "QR", "DELEGATE", "SUPERVISED")
SHARE_OF_METHOD = (0.56, 0.20, 0.15, 0.05, 0.025, 0.015)
LINES_MAX = 6
NYEPI = {date(2026, 3, 19)}
RAMADAN = (date(2026, 2, 19), date(2026, 3, 20))
FAMILIES_OF_A_SHOP = 10_000  # how family numbers are laid out
HOUR = 3_600


@dataclass
class World:
    """Shops with what is true of them for all months."""

    rng: np.random.Generator
    region: np.ndarray
    province: np.ndarray
    families: np.ndarray
    kind: np.ndarray
    bad: np.ndarray  # the rule that it was planted for; empty: honest
    share: np.ndarray
    price: np.ndarray  # shop x good: rupiah
    provinces: tuple[str, ...]
    rates: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def size(self):
        return len(self.kind)

    def ids(self, which):
        return [f"shop-{at:06d}" for at in np.flatnonzero(which)]


def make_world(shops, plants, *, seed=1, mean_families=110, rules=tuple(range(1, 21)),
               provinces=tuple(PROVINCES)):  # fmt: skip
    """`plants` is how many bad shops for each rule and share: {0.7: 3, 0.2: 3}."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, len(provinces), shops)
    regency = rng.integers(1, REGENCIES + 1, shops)
    district = rng.integers(1, DISTRICTS + 1, shops)
    kind = rng.choice(
        ["PLAIN", *SHARES], shops, p=[1 - sum(SHARES.values()), *SHARES.values()]
    ).astype("U8")
    codes = np.array(provinces)[at]
    alone = np.flatnonzero(kind == "HAMLET")
    district[alone] = 20 + np.arange(len(alone)) % 70  # a kecamatan of their own
    region = np.array(
        [f"{p}.{r:02d}.{d:02d}.2001" for p, r, d in zip(codes, regency, district, strict=True)]
    )
    families = np.clip(rng.lognormal(np.log(mean_families), 0.45, shops), 25, 900).astype(int)
    families[alone] = np.clip(families[alone] // 2, 25, 80)
    level = rng.uniform(0.88, 0.97, (shops, 1)) + rng.normal(0, 0.015, (shops, len(SKUS)))
    dear = regency == REGENCIES  # one regency of each province
    level[dear] = rng.uniform(0.99, 1.0, (int(dear.sum()), 1))
    price = np.minimum(np.round(CEILINGS * level / 100) * 100, CEILINGS).astype(int)
    bad, share = np.full(shops, "", "U3"), np.zeros(shops)
    plain = rng.permutation(np.flatnonzero((kind == "PLAIN") & ~dear & (families >= 50)))
    taken = 0
    for rule in rules:
        for part, count in plants.items():
            mine = plain[taken : taken + count]
            bad[mine], share[mine] = f"R{rule}", part
            taken += count
    world = World(rng, region, codes, families, kind, bad, share, price, provinces)
    for name in ("drain", "offline", "away", "typed", "delegate", "lookup", "refused", "night"):
        world.rates[name] = rng.gamma(1 / 0.16, 0.16, shops)
    return world


def _days(world, shop, first, count):
    """Which day of the month each purchase is made on."""
    rng = world.rng
    start = 4 + (np.char.ljust(world.region[shop], 8).view("U1").reshape(len(shop), -1)[:, 7]
                 .astype("U1").astype(int) % 3)  # fmt: skip
    spread = rng.integers(0, count, len(shop))
    pay = start + rng.integers(0, 4, len(shop))
    day = np.where(rng.random(len(shop)) < 0.35, pay, spread)
    kind = world.kind[shop]
    market = (kind == "MARKET") & (rng.random(len(shop)) < 0.65)
    weekday = shop % 7
    weeks = (weekday - first.weekday()) % 7 + 7 * rng.integers(0, 4, len(shop))
    day = np.where(market, np.minimum(weeks, count - 1), day)
    boat = (kind == "HAMLET") & (rng.random(len(shop)) < 0.45)
    day = np.where(boat, np.where(rng.random(len(shop)) < 0.5, 7, 21), day)
    sunday = (first.weekday() + day) % 7 == 6
    day = np.where((kind == "SUNDAY") & sunday, np.minimum(day + 1, count - 1), day)
    for closed in NYEPI:
        at = (closed - first).days
        if 0 <= at < count:
            bali = world.province[shop] == "51"
            day = np.where(bali & (day == at), at + 1, day)
    return np.clip(day, 0, count - 1)


def _seconds(world, shop, day, first):
    """By the shop's clock: one after the other at one till, most in the morning."""
    rng, many = world.rng, len(shop)
    wish = np.clip(rng.normal(9.5, 2.6, many), 6, 18.5) * HOUR
    market = (world.kind[shop] == "MARKET") & ((first.weekday() + day) % 7 == shop % 7)
    wish = np.where(market, rng.uniform(6, 10, many) * HOUR, wish)
    fasting = np.array([RAMADAN[0] <= first + timedelta(int(each)) <= RAMADAN[1]
                        for each in range(32)])[day]  # fmt: skip
    early = np.where(world.kind[shop] == "SAHUR", 0.2, 0.03)
    wish = np.where(fasting & (rng.random(many) < early), rng.uniform(2.6, 4.4, many) * HOUR, wish)
    night = rng.random(many) < 0.004 * world.rates["night"][shop]
    wish = np.where(night, rng.uniform(21, 22.5, many) * HOUR, wish)
    group = shop.astype(np.int64) * 64 + day
    order = np.lexsort((wish, group))
    serve = rng.lognormal(np.log(85), 0.35, many)
    base = np.unique(group[order], return_inverse=True)[1] * 1e7
    done = np.cumsum(serve)
    at = np.maximum.accumulate(wish[order] + base - (done - serve)) + done - serve - base
    seconds = np.empty(many)
    seconds[order] = at
    return np.clip(seconds, 0, 86_390).astype(int)


def _honest(world, first, count):
    """Purchases, lines and attempts of a month before anybody does wrong."""
    rng = world.rng
    home = np.repeat(np.arange(world.size), world.families)
    number = np.concatenate([np.arange(each) for each in world.families])
    twice = rng.random(len(home)) < 0.3
    shop = np.concatenate([home, home[twice]])
    family = shop.astype(np.int64) * FAMILIES_OF_A_SHOP + np.concatenate([number, number[twice]])
    many = len(shop)
    day = _days(world, shop, first, count)
    p = {
        "pid": np.arange(many), "shop": shop, "family": family, "day": day,
        "sec": _seconds(world, shop, day, first),
        "method": rng.choice(len(METHODS), many, p=SHARE_OF_METHOD),
        "away": family * 2_654_435_761 % 9_973 / 9_973  # a family lives in one place
        < np.where(world.kind[shop] == "BORDER", 0.14, 0.04) * world.rates["away"][shop],
        "offline": rng.random(many) < np.where(world.province[shop] == "94", 0.10, 0.02)
        * world.rates["offline"][shop],
        "late_h": np.where(rng.random(many) < 0.02, 80, rng.integers(0, 30, many)),
        "lines": np.where(world.kind[shop] == "RICE", 1, 1 + rng.binomial(LINES_MAX - 1, 0.45,
                                                                         many)),
        "declined": np.zeros(many, bool),
    }  # fmt: skip
    often = rng.random(many) < 0.8 * world.rates["delegate"][shop]
    p["method"] = np.where((p["method"] == DELEGATE) & ~often, KKS, p["method"])
    return p, _lines(world, p)


def _lines(world, p):
    """Goods of each purchase: lines x LINES_MAX arrays, cut to each one's number."""
    rng, shop, many = world.rng, p["shop"], len(p["shop"])
    sku = rng.choice(len(SKUS), (many, LINES_MAX), p=LIKED)
    sku[world.kind[shop] == "RICE"] = MEDIUM
    quantity = 250 * rng.integers(1, 9, (many, LINES_MAX))
    rice = sku <= PREMIUM
    quantity = np.where(rice, rng.choice([2_000, 3_000, 5_000, 10_000], (many, LINES_MAX),
                                         p=[0.1, 0.2, 0.4, 0.3]), quantity)  # fmt: skip
    price, ceiling = world.price[shop[:, None], sku], CEILINGS[sku]
    pieces = (sku == EGGS) & (rng.random((many, LINES_MAX)) < 0.05)
    return {
        "sku": sku, "quantity": np.where(pieces, 10_000, quantity), "unit": pieces.astype(int),
        "price": np.where(pieces, price // 16 * 97 // 100, price),
        "ceiling": np.where(pieces, ceiling // 16, ceiling),
    }  # fmt: skip


def _amounts(world, p, lines):
    """Sums of lines, and what the family had before."""
    rng, many = world.rng, len(p["shop"])
    inside = np.arange(LINES_MAX) < p["lines"][:, None]
    total = np.where(inside, lines["price"] * lines["quantity"] // 1000, 0).sum(axis=1)
    drains = np.where(world.kind[p["shop"]] == "HAMLET", 0.45, 0.22) * np.clip(
        world.rates["drain"][p["shop"]], 0.3, 1.7
    )
    left = np.where(rng.random(many) < drains, rng.uniform(0.985, 1, many),
                    rng.uniform(0.35, 0.96, many))  # fmt: skip
    p["amount"] = total.astype(np.int64)
    p["before"] = np.maximum(total / left, total).astype(np.int64)


# ---- bad behaviour: each takes the purchases of one shop ------------------------------------
def _some(world, p, at):
    mine = np.flatnonzero(p["shop"] == at)
    return mine[world.rng.random(len(mine)) < world.share[at]], mine


def _some_families(world, p, at):
    mine = np.flatnonzero(p["shop"] == at)
    own = np.unique(p["family"][mine])
    chosen = own[world.rng.random(len(own)) < world.share[at]]
    return mine[np.isin(p["family"][mine], chosen)], chosen


def _bursts(world, p, some, gap):
    """These purchases in runs on three afternoons, `gap` seconds apart."""
    days = world.rng.choice(28, 3, replace=False)
    p["day"][some] = days[np.arange(len(some)) % 3]
    for each in days:
        run = some[p["day"][some] == each]
        p["sec"][run] = 13 * HOUR + np.cumsum(world.rng.integers(gap[0], gap[1], len(run)))


def _same_basket(p, lines, some, quantity):
    p["lines"][some] = len(quantity)
    for place, (sku, much) in enumerate(quantity):
        lines["sku"][some, place], lines["quantity"][some, place] = sku, much
        lines["ceiling"][some, place], lines["unit"][some, place] = CEILINGS[sku], 0


def _plant_1(world, p, _lines_of, at):
    some, _ = _some(world, p, at)
    _bursts(world, p, some, (12, 40))
    p["method"][some] = PHONE


def _plant_4(world, p, lines, at):
    some, _ = _some_families(world, p, at)
    _same_basket(p, lines, some, [(MEDIUM, 5_000), (EGGS, 1_000), (3, 1_000), (5, 500)])
    lines["price"][some[:, None], np.arange(4)] = world.price[at][[MEDIUM, EGGS, 3, 5]]


def _plant_6(world, p, _lines_of, at):
    some, _ = _some(world, p, at)
    p["sec"][some] = (21 + 2.8 * world.rng.random(len(some))) * HOUR


def _plant_7(world, p, _lines_of, at):
    some, _ = _some_families(world, p, at)
    p["away"][some] = True


def _plant_9(world, p, _lines_of, at):
    some, _ = _some(world, p, at)
    p["day"][some] = 16
    p["sec"][some] = 7 * HOUR + np.sort(world.rng.integers(0, 10 * HOUR, len(some)))


def _plant_11(world, p, _lines_of, at):
    some, _ = _some(world, p, at)
    p["method"][some] = SUPERVISED


def _plant_13(world, p, lines, at):
    mine = np.flatnonzero(p["shop"] == at)
    hug = world.rng.random((len(mine), LINES_MAX)) < world.share[at]
    lines["price"][mine] = np.where(hug, lines["ceiling"][mine], lines["price"][mine])


def _plant_14(world, p, _lines_of, at):
    some, _ = _some(world, p, at)
    p["offline"][some] = True
    p["late_h"][some] = np.where(world.rng.random(len(some)) < 0.4, 90, 20)


def _plant_16(world, p, lines, at):
    some, _ = _some(world, p, at)
    _same_basket(p, lines, some, [(MEDIUM, 10_000), (EGGS, 1_000)])
    lines["price"][some[:, None], np.arange(2)] = world.price[at][[MEDIUM, EGGS]]
    _hours(world, p, some, 16)


def _hours(world, p, some, size):
    """Groups of so many within an hour."""
    for number, start in enumerate(range(0, len(some), size)):
        group = some[start : start + size]
        p["day"][group] = (3 + 5 * number) % 28
        p["sec"][group] = 15 * HOUR + np.sort(world.rng.choice(3_500, len(group), replace=False))


def _plant_17(world, p, _lines_of, at):
    some, _ = _some(world, p, at)
    p["method"][some] = KKS
    _bursts(world, p, some, (46, 58))


def _plant_18(world, p, _lines_of, at):
    some, _ = _some_families(world, p, at)
    p["method"][some] = DELEGATE


def _plant_20(world, p, lines, at):
    mine = np.flatnonzero(p["shop"] == at)
    eggs = (lines["sku"][mine] == EGGS) & (
        world.rng.random((len(mine), LINES_MAX)) < world.share[at]
    )
    per_piece = CEILINGS[EGGS] // 16
    lines["unit"][mine] = np.where(eggs, 1, lines["unit"][mine])
    lines["price"][mine] = np.where(eggs, per_piece, lines["price"][mine])
    lines["ceiling"][mine] = np.where(eggs, per_piece, lines["ceiling"][mine])
    lines["quantity"][mine] = np.where(eggs, 10_000, lines["quantity"][mine])


BEFORE_AMOUNTS = {
    "R1": _plant_1, "R4": _plant_4, "R6": _plant_6, "R7": _plant_7, "R9": _plant_9,
    "R11": _plant_11, "R13": _plant_13, "R14": _plant_14, "R16": _plant_16, "R17": _plant_17,
    "R18": _plant_18, "R20": _plant_20,
}  # fmt: skip


def _wrong_amounts(world, p):
    """R2, R3, R5 and R10 are about sums."""
    for at in np.flatnonzero(np.isin(world.bad, ["R2", "R3", "R5", "R10"])):
        bad = world.bad[at]
        some, _ = _some_families(world, p, at) if bad == "R2" else _some(world, p, at)
        rng = world.rng
        if bad == "R2":
            p["amount"][some] = rng.integers(155_000, 200_000, len(some))
            p["before"][some] = p["amount"][some] + rng.integers(0, 2_000, len(some))
        elif bad == "R3":
            p["lines"][some] = np.maximum(p["lines"][some], 2)
            p["amount"][some] = 187_300
        elif bad == "R5":
            p["amount"][some] = 50_000 * rng.integers(2, 5, len(some))
        else:
            p["lines"][some] = np.maximum(p["lines"][some], 2)
            p["amount"][some] = rng.integers(196_000, 199_900, len(some))
        p["before"][some] = np.maximum(p["before"][some], p["amount"][some])


def _attempts(world, p):
    """A face is looked for before it pays; some fail; some are looked up and buy nothing."""
    rng = world.rng
    by_face = np.flatnonzero(p["method"] == FACE)
    a = {name: [p[name][by_face]] for name in ("shop", "family", "day")}
    a["sec"], a["failed"] = [p["sec"][by_face] - 15], [np.zeros(len(by_face), bool)]
    wrong = by_face[rng.random(len(by_face)) < 0.12]
    a["sec"].append(p["sec"][wrong] - 40)
    a["failed"].append(np.ones(len(wrong), bool))
    shop = np.repeat(np.arange(world.size),
                     rng.poisson(0.025 * world.families * world.rates["lookup"]))  # fmt: skip
    fresh = {
        "shop": shop, "day": rng.integers(0, 28, len(shop)),
        "family": shop.astype(np.int64) * FAMILIES_OF_A_SHOP
        + rng.integers(0, 1 << 30, len(shop)) % np.maximum(world.families[shop], 1),
    }  # fmt: skip
    bad = []
    for at in np.flatnonzero(world.bad == "R15"):
        many = int(world.families[at] * 1.3 * world.share[at])
        bad.append((at, many))
    for at, many in bad:
        own = {
            "shop": np.full(many, at), "day": rng.integers(0, 28, many),
            "family": at * FAMILIES_OF_A_SHOP + 5_000 + np.arange(many),
        }  # fmt: skip
        fresh = {name: np.concatenate([fresh[name], own[name]]) for name in fresh}
    for name in ("shop", "family", "day"):
        a[name] += [p[name][wrong], fresh[name]]
    a["sec"].append(rng.integers(7 * HOUR, 17 * HOUR, len(fresh["shop"])))
    a["failed"].append(np.zeros(len(fresh["shop"]), bool))
    one_face = [_one_face(world, p, at) for at in np.flatnonzero(world.bad == "R8")]
    for each in one_face:
        for name, values in each.items():
            a[name].append(values)
    return {name: np.concatenate(parts) for name, parts in a.items()}


def _one_face(world, p, at):
    """One person's face is found, then a card of another family pays."""
    mine = np.flatnonzero((p["shop"] == at) & (p["method"] != FACE))
    some = mine[: max(4, int(len(mine) * world.share[at] / 4))]
    face = at * FAMILIES_OF_A_SHOP + 9_000
    return {
        "shop": np.full(len(some), at), "family": np.full(len(some), face),
        "day": p["day"][some], "sec": p["sec"][some] - 20, "failed": np.zeros(len(some), bool),
    }  # fmt: skip


def _refused(world, p, lines):
    """Baskets refused for the price of medium rice; R19 sells the same as premium minutes later."""
    rng = world.rng
    some = np.flatnonzero(rng.random(len(p["shop"])) < 0.02 * world.rates["refused"][p["shop"]])
    some = some[world.bad[p["shop"][some]] != "R19"]
    asked = np.full(len(some), 0) + (CEILINGS[MEDIUM] * rng.uniform(1.01, 1.08, len(some)))
    parts = [(some, asked, p["sec"][some] - 60)]
    for at in np.flatnonzero(world.bad == "R19"):
        bad, _ = _some(world, p, at)
        lines["sku"][bad, 0], lines["ceiling"][bad, 0] = PREMIUM, CEILINGS[PREMIUM]
        lines["price"][bad, 0], lines["unit"][bad, 0] = 14_300, 0
        parts.append((bad, np.full(len(bad), 14_300.0), p["sec"][bad] - 120))
    index = np.concatenate([each[0] for each in parts])
    return (
        index,
        np.concatenate([each[1] for each in parts]) // 100 * 100,
        np.concatenate([each[2] for each in parts]),
    )


def _given(world, p, first):
    """What the database would say beside the lake."""
    rng, changes, cards = world.rng, [], []
    for at in np.flatnonzero(world.bad == "R12"):
        mine = np.flatnonzero(p["shop"] == at)
        for each in mine[: max(3, int(len(mine) * world.share[at] / 4))]:
            family, day = f"F{p['family'][each]}", first + timedelta(int(p["day"][each]))
            when = datetime.combine(day, datetime.min.time()) - timedelta(hours=5)
            officer = f"officer-{at}"
            changes.append((family, "FACE", when, officer, True))
            changes.append((family, "FACE", when + timedelta(days=9), officer, True))
    some = np.flatnonzero(rng.random(len(p["shop"])) < 0.003)
    for each in some:
        when = datetime.combine(first, datetime.min.time()) + timedelta(int(p["day"][each]))
        changes.append((f"F{p['family'][each]}", "CARD", when, "", True))
    typed = rng.poisson(0.012 * world.families * world.rates["typed"])
    cards = [(f"shop-{at:06d}", first, "TYPED", int(n)) for at, n in enumerate(typed) if n]
    remote = [f"shop-{at:06d}" for at in np.flatnonzero(world.kind == "HAMLET")[::2]]
    return Given(remote, cards, changes, ())


def write_month(world, lake, period):
    """Make a month and write it into a lake; what the database would say beside it."""
    first, last = month_of(period)
    count = (last - first).days + 1
    p, lines = _honest(world, first, count)
    for at in np.flatnonzero(np.isin(world.bad, list(BEFORE_AMOUNTS))):
        BEFORE_AMOUNTS[str(world.bad[at])](world, p, lines, at)
    refused = _refused(world, p, lines)
    _amounts(world, p, lines)
    _wrong_amounts(world, p)
    attempts, given = _attempts(world, p), _given(world, p, first)
    with closing(Writer(lake, lambda: datetime.now(UTC))) as writer, connected("2GB") as sql:
        _register(world, sql, p, lines, refused, attempts, first, period)
        for code in world.provinces:
            parts = [
                *_parts(sql, PURCHASES, "made_purchases", first, code),
                *_parts(sql, ATTEMPTS, "made_attempts", first, code),
            ]
            writer.commit(WRITE, Feed(), parts)
    return given


def _parts(sql, dataset, query, first, code):
    """The rows of a province, a file a day."""
    columns = ", ".join(each.name for each in dataset.columns)
    found = sql.sql(
        f"SELECT day_at, {columns} FROM {query} WHERE province_of = '{code}'"
        f" ORDER BY day_at, {', '.join(dataset.order)}"
    ).to_arrow_table()
    days = found["day_at"].to_numpy()
    rows = found.drop_columns(["day_at"]).cast(dataset.schema)
    for day in np.unique(days):
        begin, end = np.searchsorted(days, day), np.searchsorted(days, day, "right")
        name = (first + timedelta(int(day))).isoformat()
        own = rows.slice(begin, end - begin)
        yield Part(dataset, name, code, 0, of_table(own), LAST_TIER)


def _columns(dataset, given):
    return ", ".join(
        f"CAST({given.get(each.name, 'NULL')} AS {plain_type(each.type)}) AS {each.name}"
        for each in dataset.columns
    )


def _register(world, sql, p, lines, refused, attempts, first, period):
    """Numbers in, texts out: DuckDB writes the names."""
    shops = pa.table({
        "shop": np.arange(world.size), "region": world.region.tolist(),
        "province_of": world.province.tolist(),
        "east": [PROVINCES[code] for code in world.province],
    })  # fmt: skip
    inside = np.arange(LINES_MAX) < p["lines"][:, None]
    which, place = np.nonzero(inside)
    index, asked, asked_at = refused
    bought = pa.table({name: p[name] for name in (
        "pid", "shop", "family", "day", "sec", "method", "away", "offline", "late_h", "lines",
        "amount", "before")})  # fmt: skip
    of_lines = {name: lines[name][which, place] for name in lines}
    bought_lines = pa.table({"pid": which, "line": place} | of_lines)
    refusals = pa.table({
        "pid": np.arange(len(index)), "shop": p["shop"][index], "family": p["family"][index],
        "day": p["day"][index], "sec": np.maximum(asked_at, 0), "price": asked.astype(int),
    })  # fmt: skip
    for name, table in (("w_shops", shops), ("w_bought", bought), ("w_lines", bought_lines),
                        ("w_refused", refusals), ("w_tried", pa.table(attempts))):  # fmt: skip
        sql.register(f"given_{name}", table)
        sql.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM given_{name}")
    skus, methods = list(SKUS), list(METHODS)
    local = f"TIMESTAMP '{first} 00:00:00' + to_days(CAST(b.day AS INT)) + to_seconds(b.sec)"
    utc = f"(({local}) - to_hours(s.east))::TIMESTAMP AT TIME ZONE 'UTC'"
    later = "to_hours(IF(b.offline, b.late_h, 0))"
    common = {
        "region": "s.region", "regency": "left(s.region, 5)",
        "shop_id": "printf('shop-%06d', s.shop)", "till_id": "printf('till-%06d', s.shop)",
        "staff_id": "printf('staff-%06d', s.shop)", "family": "'F' || b.family",
    }  # fmt: skip
    of_line = common | {
        "purchase_id": f"printf('%s-{period}-%08d', s.province_of, b.pid)", "line": "l.line",
        "lines": "b.lines", "status": "'APPROVED'", "method": f"{methods}[b.method + 1]",
        "person": "'P' || b.family", "amount": "b.amount", "balance_before": "b.before",
        "family_district": "IF(b.away, left(s.region, 5) || '.99', left(s.region, 8))",
        "sku": f"{skus}[l.sku + 1]", "name": f"{skus}[l.sku + 1]", "quantity_milli": "l.quantity",
        "unit": "IF(l.unit = 1, 'butir', 'kg')", "unit_price": "l.price",
        "line_total": "l.price * l.quantity // 1000", "verdict": "'OK'", "line_flags": "''",
        "ceiling": "l.ceiling", "ceiling_kind": "'HET'", "regulation": "'Sintetis'",
        "flags": "IF(b.offline, 'OFFLINE', '')", "policy": "'SEMBAKO-2021'",
        "price_book": "'synthetic'", "number": "printf('%08d', b.pid)", "occurred_at": utc,
        "decided_at": f"{utc} + {later}", "local_time": f"{local} + {later}",
    }  # fmt: skip
    of_refusal = common | {
        "purchase_id": f"printf('%s-{period}-x%08d', s.province_of, b.pid)", "line": "0",
        "lines": "1", "status": "'DECLINED'", "reason": "'PRICE_ABOVE_CEILING'",
        "method": "'KKS'", "amount": "0", "sku": "'BERAS-MEDIUM'", "name": "'BERAS-MEDIUM'",
        "quantity_milli": "5000", "unit": "'kg'", "unit_price": "b.price", "line_total": "0",
        "verdict": "'PRICE_ABOVE_CEILING'", "ceiling": str(CEILINGS[MEDIUM]), "flags": "''",
        "occurred_at": utc, "decided_at": utc, "local_time": local,
    }  # fmt: skip
    of_attempt = common | {
        "attempt_id": f"printf('a-{period}-%09d', b.rowid)", "method": "'FACE'",
        "outcome": "IF(b.failed, 'NOT_IDENTIFIED', 'IDENTIFIED')", "failed": "b.failed",
        "reason": "IF(b.failed, 'FACE_NO_MATCH', NULL)", "tried_at": utc, "local_time": local,
        "family": "IF(b.failed, NULL, 'F' || b.family)",
    }  # fmt: skip
    places = "b.day AS day_at, s.province_of"
    sql.execute(f"""CREATE OR REPLACE VIEW made_purchases AS
        SELECT {places}, {_columns(PURCHASES, of_line)}
        FROM w_bought b JOIN w_shops s ON s.shop = b.shop JOIN w_lines l ON l.pid = b.pid
        UNION ALL SELECT {places}, {_columns(PURCHASES, of_refusal)}
        FROM w_refused b JOIN w_shops s ON s.shop = b.shop""")  # fmt: skip
    sql.execute(f"""CREATE OR REPLACE VIEW made_attempts AS
        SELECT {places}, {_columns(ATTEMPTS, of_attempt)}
        FROM w_tried b JOIN w_shops s ON s.shop = b.shop""")
