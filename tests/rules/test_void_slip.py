"""The slip of a void, and the mark on a copy."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from pos_engine.rules.receipt import COLUMNS
from pos_engine.rules.void_slip import SlipLine, VoidSlip, marked_copy, void_slip_text
from pos_engine.rules.voids import Status

SLIP = VoidSlip(
    shop_name="Warung Bu Sri",
    place="Kabupaten Malang, Jawa Timur",
    number="3507-261121-1A2B3C4D",
    at=datetime(2026, 11, 21, 10, 5, tzinfo=ZoneInfo("Asia/Jakarta")),
    zone="WIB",
    lines=(SlipLine("Beras medium kemasan karung goni yang besar", 1500, "kg", 20_100),),
    amount=20_100,
    bought=67_000,
    returned=33_500,
)


def test_a_slip_says_what_came_back_and_what_is_still_bought():
    rows = void_slip_text(SLIP).splitlines()
    assert max(map(len, rows)) <= COLUMNS
    assert [row for row in rows if "BATAL" in row]
    assert rows[4:6] == ["No 3507-261121-1A2B3C4D", "21 Nov 2026 10.05 WIB"]
    text = " ".join(" ".join(rows).split())
    assert "1,5 kg Rp20.100" in text
    assert "KEMBALI Rp20.100 (dua puluh ribu seratus rupiah)" in text
    assert "Tetap dibeli Rp33.500" in text
    assert "bukan tunai" in text
    assert "Saldo" not in text


@pytest.mark.parametrize(
    ("became", "mark"),
    [(Status.VOIDED, "BATAL"), (Status.REVERSED, "DIKEMBALIKAN"), (None, "SEBAGIAN BATAL")],
    ids=["voided", "reversed", "part"],
)
def test_a_copy_is_marked_before_its_first_row(became, mark):
    rows = marked_copy("WARUNG\nstruk\n", became).splitlines()
    assert rows[0].strip() == f"SALINAN - {mark}"
    assert rows[1:] == ["WARUNG", "struk"]
