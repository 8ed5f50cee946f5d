"""The slip of a closed day (Z) on 58 mm paper: what was sold with aid, and the drawer."""

from dataclasses import dataclass
from datetime import date, datetime

from pos_engine.rules.money import written
from pos_engine.rules.receipt import COLUMNS, MONTHS, centred, pair, written_at
from pos_engine.rules.shift import Cash, Unsent

RULE = "-" * COLUMNS


@dataclass(frozen=True, slots=True)
class Sold:
    """What a till sold with aid on a day: counts and rupiah."""

    approved: int = 0
    amount: int = 0
    returned: int = 0
    returned_amount: int = 0
    declined: int = 0

    @property
    def net(self) -> int:
        """What the shop keeps."""
        return self.amount - self.returned_amount


@dataclass(frozen=True, slots=True)
class DaySlip:
    """Everything on the slip. `at` is the shop's local time, `zone` its name."""

    shop_name: str
    place: str
    day: date
    at: datetime
    zone: str
    sold: Sold
    cash: Cash
    unsent: Unsent


def day_slip_text(slip: DaySlip) -> str:
    """The slip, each row at most 32 columns wide."""
    sold, cash = slip.sold, slip.cash
    rows = [
        *centred(slip.shop_name.upper()),
        *centred(slip.place),
        RULE,
        *centred("TUTUP KAS (Z)"),
        *centred(f"{slip.day.day} {MONTHS[slip.day.month - 1]} {slip.day.year}"),
        f"Ditutup {written_at(slip.at, slip.zone)}",
        RULE,
        *pair(f"Belanja bantuan {sold.approved}", written(sold.amount)),
        *pair(f"Dibatalkan {sold.returned}", written(sold.returned_amount)),
        *pair("Belum bisa", str(sold.declined)),
        *pair("JUMLAH BANTUAN", _signed(sold.net)),
        RULE,
        *pair("Kas awal", written(cash.opening)),
        *pair("Jualan tunai", written(cash.sales)),
        *pair("Uang masuk", written(cash.taken_in)),
        *pair("Uang keluar", written(cash.taken_out)),
        *pair("Seharusnya", _signed(cash.expected)),
        *pair("Dihitung", written(cash.counted)),
        *pair("SELISIH", _signed(cash.difference)),
        RULE,
    ]
    if slip.unsent.count:
        rows += [*pair(f"Belum terkirim {slip.unsent.count}", written(slip.unsent.amount)), RULE]
    return "\n".join(rows) + "\n"


def _signed(amount: int) -> str:
    return written(amount) if amount >= 0 else f"-{written(-amount)}"
