"""What a refusal tells beyond its reason: which limit, how much of it is left, whose money."""

from catalog.limits import LimitKind
from pos_engine.rules.basket import LineLimit
from pos_engine.rules.limits import AmountLimit
from pos_engine.rules.money import written
from pos_engine.rules.purse import BoundMoney
from pos_engine.rules.quantity import quantity_written

LIMITED = {
    LimitKind.KPM: "Batas belanja satu keluarga sehari",
    LimitKind.SHOP: "Batas penjualan warung ini sehari",
    LimitKind.TILL: "Batas penjualan kasir ini sehari",
}
ELSEWHERE = {
    LimitKind.KPM: "lanjutkan besok",
    LimitKind.SHOP: "belanja di warung lain",
    LimitKind.TILL: "pakai kasir lain di warung ini",
}


def quantity_limit_told(item: str, limit: LineLimit) -> tuple[str, str]:
    """The sentence and the next step when a good goes beyond what a family may buy in a day."""
    most = quantity_written(limit.maximum_milli, limit.unit)
    sentence = f"{item} paling banyak {most} sehari untuk satu keluarga."
    if not limit.left_milli:
        return f"{sentence} Hari ini sudah habis.", f"Keluarkan {item}, beli lagi besok."
    left = quantity_written(limit.left_milli, limit.unit)
    return f"{sentence} Hari ini tersisa {left}.", f"Kurangi {item} menjadi {left}."


def amount_limit_told(limit: AmountLimit) -> tuple[str, str]:
    """The same when a family, a shop or a till goes beyond its rupiah of a day."""
    elsewhere = ELSEWHERE[limit.kind]
    sentence = f"{LIMITED[limit.kind]} {written(limit.maximum)}."
    if not limit.left:
        return f"{sentence} Hari ini sudah tercapai.", f"{elsewhere.capitalize()}."
    left = written(limit.left)
    return (
        f"{sentence} Hari ini tersisa {left}.",
        f"Kurangi belanja menjadi {left}, atau {elsewhere}.",
    )


def bound_money_told(bound: BoundMoney) -> tuple[str, str]:
    """The same when money is there, but of programmes that do not allow these goods."""
    goods, missing = ", ".join(bound.goods), written(bound.missing)
    only = f"Sisa saldo {written(bound.left)} hanya untuk barang {', '.join(bound.programmes)}."
    return (
        f"Uang untuk {goods} kurang {missing}. {only}",
        f"Kurangi {goods} atau bayar {missing} tunai.",
    )
