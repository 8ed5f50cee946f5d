"""What the till sends to a thermal printer, byte for byte what python-escpos would send."""

import json
import shutil
import subprocess

import pytest
from escpos.constants import QR_ECLEVEL_L, QR_ECLEVEL_M
from escpos.printer import Dummy

from warung_client import ASSETS

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="needs Node: apt-get install -y nodejs")
TEXT = (
    "         WARUNG BU SRI\n"
    "--------------------------------\n"
    "No 3507-261121-0A1B2C3D\n"
    "Beras medium\n"
    " 5 kg x Rp13.400        Rp67.000\n"
    "JUMLAH                  Rp67.000\n"
)
SIGNED = f"EW1*3507-261121-0A1B2C3D*67000*2611211000*0123456789abcdef*{'A' * 86}"
PROOF = f"EWO1:{'b' * 700}"
SCRIPT = """
import { receiptBytes } from './receipts/escpos.js';
const receipt = JSON.parse(process.argv[1]);
process.stdout.write(Buffer.from(receiptBytes(receipt)).toString('hex'));
"""


def ours(**receipt):
    command = [NODE, "--input-type=module", "-e", SCRIPT, json.dumps(receipt)]
    ran = subprocess.run(
        command, cwd=ASSETS, capture_output=True, text=True, timeout=30, check=True
    )
    return bytes.fromhex(ran.stdout)


def theirs(rows, qr, level, size):
    printer = Dummy()
    printer.hw("INIT")
    printer.set(align="left")
    for row in rows:
        printer.text(f"{row}\n")
    if qr:
        printer.set(align="center")
        printer.qr(qr, native=True, ec=level, size=size)
        printer.set(align="left")
    printer.text("\n")
    printer.print_and_feed(4)
    printer.cut(feed=False)
    return printer.output


ROWS = TEXT.splitlines()
WIDE = [" " * 8 + row for row in ROWS]
COPY = " " * 12 + "SALINAN"
CASES = {
    "narrow": ({"text": TEXT, "qr": SIGNED}, (ROWS, SIGNED, QR_ECLEVEL_M, 5)),
    "wide": (
        {"text": TEXT, "qr": SIGNED, "columns": 48},
        (WIDE, SIGNED, QR_ECLEVEL_M, 5),
    ),
    "copy": ({"text": TEXT, "copy": True}, ([COPY, *ROWS, COPY], "", 0, 0)),
    "offline": ({"text": TEXT, "qr": PROOF}, (ROWS, PROOF, QR_ECLEVEL_L, 3)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_same_bytes_as_another_makers(case):
    receipt, (rows, qr, level, size) = CASES[case]
    assert ours(**receipt) == theirs(rows, qr, level, size)


def test_a_name_cannot_command_the_printer():
    sent = ours(text="Warung \x1bp0\x1d(k Kopi é ½\n")
    assert b"Warung ?p0?(k Kopi e 1?2\n" in sent
