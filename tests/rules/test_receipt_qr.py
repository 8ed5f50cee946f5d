"""The text of a receipt's QR code: read whole, or not at all."""

from datetime import datetime

import pytest

from pos_engine.rules.receipt_qr import read_receipt_qr

SIGNATURE = "A" * 86
GOOD = f"EW1*3507-261121-0A1B2C3D*67000*2611211000*0123456789abcdef*{SIGNATURE}"


def test_every_part_is_read():
    read = read_receipt_qr(f" {GOOD}\n")
    assert (read.number, read.amount) == ("3507-261121-0A1B2C3D", 67_000)
    assert read.at == datetime(2026, 11, 21, 10, 0)  # noqa: DTZ001 - a wall clock
    assert (read.content, read.signature) == ("0123456789abcdef", SIGNATURE)
    assert read.plain == GOOD.rpartition("*")[0]
    assert read.id_ending == "0a1b2c3d"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "EWO1:abc",
        GOOD.replace("EW1", "EW2"),
        GOOD.replace("67000", "-67000"),
        GOOD.replace("67000", "6" * 13),
        GOOD.replace("67000", "٦٧٠٠٠"),
        GOOD.replace("2611211000", "2613211000"),
        GOOD.replace("0A1B2C3D", "0a1b2c3d"),
        GOOD[:-1],
        f"{GOOD}*x",
        GOOD + "A" * 300,
    ],
)
def test_anything_else_is_no_receipt(text):
    assert read_receipt_qr(text) is None
