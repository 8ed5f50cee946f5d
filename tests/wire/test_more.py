"""A limit is told with its good, its size and what is left; money with whose it is."""

import pytest
from msgspec.structs import replace

from catalog.limits import LimitKind
from pos_engine.rules.basket import LineLimit
from pos_engine.rules.limits import AmountLimit
from pos_engine.rules.purse import BoundMoney
from pos_engine.rules.reasons import Reason
from pos_engine.wire.response import explain, line_message
from tests.make import a_judged_line


def oil(left_milli):
    limit = LineLimit(2000, left_milli, "L", "SE 03/2023")
    return replace(
        a_judged_line("MINYAKITA", 3000, 15_000), reason=Reason.QUANTITY_LIMIT, limit=limit
    )


@pytest.mark.parametrize(
    ("left_milli", "rest", "step"),
    [
        (500, "Hari ini tersisa 0,5 liter.", "Kurangi MinyaKita menjadi 0,5 liter."),
        (0, "Hari ini sudah habis.", "Keluarkan MinyaKita, beli lagi besok."),
    ],
)
def test_a_quantity_limit_names_the_good_the_limit_and_what_is_left(left_milli, rest, step):
    sentence = f"MinyaKita paling banyak 2 liter sehari untuk satu keluarga. {rest}"
    line = oil(left_milli)
    assert line_message(line) == sentence
    lines = (a_judged_line(), line)
    assert explain(Reason.QUANTITY_LIMIT, lines, amount=1, balance=0) == (sentence, step)


@pytest.mark.parametrize(
    ("kind", "left", "sentence", "step"),
    [
        (
            LimitKind.KPM,
            66_999,
            "Batas belanja satu keluarga sehari Rp100.000. Hari ini tersisa Rp66.999.",
            "Kurangi belanja menjadi Rp66.999, atau lanjutkan besok.",
        ),
        (
            LimitKind.SHOP,
            0,
            "Batas penjualan warung ini sehari Rp100.000. Hari ini sudah tercapai.",
            "Belanja di warung lain.",
        ),
        (
            LimitKind.TILL,
            0,
            "Batas penjualan kasir ini sehari Rp100.000. Hari ini sudah tercapai.",
            "Pakai kasir lain di warung ini.",
        ),
    ],
)
def test_a_limit_in_rupiah_says_whose_it_is_and_where_to_go(kind, left, sentence, step):
    limit = AmountLimit(kind, 100_000, left)
    told = explain(Reason.LIMIT_REACHED, (), amount=1, balance=2, limit=limit)
    assert told == (sentence, step)


def test_money_of_another_programme_is_named():
    bound = BoundMoney(("Sabun", "Deterjen"), 1_000, 133_000, ("Program Sembako (BPNT)",))
    told = explain(Reason.INSUFFICIENT_BALANCE, (), amount=72_000, balance=71_000, bound=bound)
    only = "Sisa saldo Rp133.000 hanya untuk barang Program Sembako (BPNT)."
    assert told == (
        f"Uang untuk Sabun, Deterjen kurang Rp1.000. {only}",
        "Kurangi Sabun, Deterjen atau bayar Rp1.000 tunai.",
    )


@pytest.mark.parametrize("reason", [Reason.PIN_WRONG, Reason.ITEM_BANNED])
def test_an_earlier_reason_tells_nothing_of_limits_or_money(reason):
    bound = BoundMoney(("Sabun",), 1_000, 133_000, ("PKH",))
    limit = AmountLimit(LimitKind.KPM, 1, 0)
    plain = explain(reason, (), amount=1, balance=0)
    assert explain(reason, (), amount=1, balance=0, bound=bound, limit=limit) == plain
