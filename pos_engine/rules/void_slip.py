"""The slip of a return, and the mark on a copy of a receipt that was returned: 58 mm paper."""

from dataclasses import dataclass
from datetime import datetime

from pos_engine.rules.money import Rupiah, in_words, written
from pos_engine.rules.quantity import quantity_written
from pos_engine.rules.receipt import COLUMNS, centred, filled, pair, wrapped, written_at
from pos_engine.rules.voids import Status

RULE = "-" * COLUMNS
CANCELLED = "*** BATAL ***"
COPIES = {
    Status.VOIDED: "SALINAN - BATAL",
    Status.REVERSED: "SALINAN - DIKEMBALIKAN",
    None: "SALINAN - SEBAGIAN BATAL",
}


@dataclass(frozen=True, slots=True)
class SlipLine:
    """Goods that came back."""

    name: str
    quantity_milli: int
    unit: str
    amount: Rupiah


@dataclass(frozen=True, slots=True)
class VoidSlip:
    """Everything on the slip of a void. It names no balance: the family need not be there.

    `number` is that of the purchase's receipt; `returned` counts all voids of it so far.
    """

    shop_name: str
    place: str
    number: str
    at: datetime
    zone: str
    lines: tuple[SlipLine, ...]
    amount: Rupiah
    bought: Rupiah
    returned: Rupiah


def void_slip_text(slip: VoidSlip) -> str:
    """The slip, each row at most 32 columns wide."""
    rows = [
        *centred(slip.shop_name.upper()),
        *centred(slip.place),
        RULE,
        *centred(CANCELLED),
        f"No {slip.number}",
        written_at(slip.at, slip.zone),
        RULE,
    ]
    for line in slip.lines:
        rows += wrapped(line.name)
        rows += pair(f" {quantity_written(line.quantity_milli, line.unit)}", written(line.amount))
    rows += [RULE, *pair("KEMBALI", written(slip.amount))]
    rows += filled(f"({in_words(slip.amount)})")
    rows += pair("Belanja semula", written(slip.bought))
    rows += pair("Tetap dibeli", written(Rupiah(slip.bought - slip.returned)))
    rows += [RULE, *centred("Uang kembali ke bantuan, bukan tunai.")]
    rows += centred("Simpan struk ini.")
    return "\n".join(rows) + "\n"


def marked_copy(text: str, became: Status | None) -> str:
    """The text of a receipt as it may be shown after a return; None: a part is still bought."""
    mark = "\n".join(centred(COPIES[became]))
    return f"{mark}\n{text}"
