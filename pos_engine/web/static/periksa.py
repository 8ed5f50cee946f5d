"""Checks the public record of food aid by itself: python3 periksa.py akar.json [--bukti FILE].

It needs Python 3.8 and nothing else, asks no network, and trusts nobody: every closed day is signed
and names the day before it; a receipt's proof leads to the root of its day. Words are Indonesian.
"""

# ruff: noqa: INP001 - it runs by itself, wherever somebody saved it
from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
DAY_FIELDS, SEAL_FIELDS, RECEIPT_FIELDS = 6, 8, 6
KEY_BYTES, SIGNATURE_BYTES = 32, 64


def add(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The sum of two points of the curve, in extended coordinates (RFC 8032)."""
    m = (a[1] - a[0]) * (b[1] - b[0]) % P
    n = (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """A point so many times."""
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def point_of(data: bytes) -> tuple[int, int, int, int] | None:
    """The point that 32 bytes name, or None."""
    y, sign = int.from_bytes(data, "little"), data[31] >> 7
    y &= (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def base_point() -> tuple[int, int, int, int]:
    """The point that every signature is made with: y = 4/5."""
    found = point_of((4 * pow(5, P - 2, P) % P).to_bytes(KEY_BYTES, "little"))
    return found or (0, 1, 1, 0)


def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Is the message under this Ed25519 signature of this key (RFC 8032, 5.1.7)."""
    if len(key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    a, r = point_of(key), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = times(s, base_point()), add(r, times(h, a))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


def unpacked(text: str) -> bytes:
    """Bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def leaf(text: str) -> bytes:
    """The hash of a fact in the tree (RFC 6962)."""
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def climbed(node: bytes, path: list[list[str]]) -> str:
    """The root that a leaf and its path lead to."""
    for side, neighbour in path:
        other = bytes.fromhex(neighbour)
        pair = other + node if side == "L" else node + other
        node = hashlib.sha256(b"\x01" + pair).digest()
    return node.hex()


def check_days(roots: dict[str, Any]) -> list[str]:
    """What is wrong with the chain of days; an empty list when nothing is."""
    faults: list[str] = []
    before = None
    key = unpacked(roots["key"]["x"])
    name = hashlib.sha256(key).hexdigest()[:16]
    if name != roots["key_id"]:
        faults.append(f"nama kunci {roots['key_id']} bukan dari kunci ini ({name})")
    known = [key, *(unpacked(each["x"]) for each in roots.get("keys", []))]
    keys = {hashlib.sha256(each).hexdigest()[:16]: each for each in known}
    for each in roots["days"]:
        said = each["statement"].split("*")
        if (said[0], len(said)) != ("EWD1", DAY_FIELDS) or said[1] != each["day"]:
            faults.append(f"{each['day']}: bentuk pernyataan salah")
            before = None
            continue
        if said[3] != each["root"]:
            faults.append(f"{each['day']}: akar tidak sama dengan pernyataannya")
        if before is not None and said[2] != before:
            faults.append(f"{each['day']}: tidak menyambung ke hari sebelumnya")
        signer, statement = keys.get(each["key_id"]), each["statement"].encode()
        if signer is None:
            faults.append(f"{each['day']}: ditandatangani kunci lain ({each['key_id']})")
        elif not signed(signer, statement, unpacked(each["signature"])):
            faults.append(f"{each['day']}: tanda tangan salah")
        before = hashlib.sha256(each["statement"].encode()).hexdigest()
    return faults


def check_older(roots: dict[str, Any], older: dict[str, Any]) -> list[str]:
    """Days that an older copy of the file knew and that say something else now."""
    now = {each["day"]: each["statement"] for each in roots["days"]}
    first = min(now, default="")
    return [
        f"{each['day']}: berbeda dari salinan lama"
        for each in older["days"]
        if each["day"] >= first and now.get(each["day"]) != each["statement"]
    ]


def check_proof(found: dict[str, Any], roots: dict[str, Any]) -> list[str]:
    """What is wrong with the proof of a receipt; an empty list when it leads to a known day."""
    if found.get("state") != "RECORDED" or not found.get("proofs"):
        return [f"struk ini belum tercatat dalam hari yang ditutup: {found.get('state')}"]
    known = {each["statement"] for each in roots["days"]}
    faults = []
    for proof in found["proofs"]:
        receipt, seal, day = proof["receipt"], proof["seal"].split("*"), proof["day"].split("*")
        node = bytes.fromhex(proof["leaf"])
        if receipt is not None:
            shaped = receipt.startswith("EW1*") and receipt.count("*") == RECEIPT_FIELDS - 1
            if not shaped or leaf(receipt) != node:
                faults.append("isi struk tidak sama dengan segelnya")
        good = (seal[0], len(seal), day[0], len(day)) == ("EWS1", SEAL_FIELDS, "EWD1", DAY_FIELDS)
        if not good or climbed(node, proof["path"]) != seal[4]:
            faults.append("jalur ke segel tidak cocok")
        elif climbed(leaf(proof["seal"]), proof["seal_path"]) != day[3]:
            faults.append("jalur ke akar hari tidak cocok")
        if proof["day"] not in known:
            faults.append(f"hari {found.get('day')} tidak ada dalam daftar akar ini")
    return faults


def read(path: str) -> Any:
    """A JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def say(text: str) -> None:
    """One line for people."""
    sys.stdout.write(f"{text}\n")


def main() -> int:
    """Check what is asked; exit 0 good, 1 something is wrong, 2 a file cannot be read."""
    parser = argparse.ArgumentParser(description="Memeriksa catatan publik bantuan pangan.")
    parser.add_argument("akar", help="berkas akar.json dari halaman publik")
    parser.add_argument("--bukti", help="bukti satu struk, dari alamat /v1/receipts/NOMOR/proof")
    parser.add_argument("--lama", help="salinan akar.json yang Anda simpan dahulu")
    asked = parser.parse_args()
    try:
        roots = read(asked.akar)
        faults = check_days(roots)
        if asked.lama:
            faults += check_older(roots, read(asked.lama))
        if asked.bukti:
            faults += check_proof(read(asked.bukti), roots)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as fault:
        say(f"Berkas tidak bisa dibaca: {type(fault).__name__}")
        return 2
    for wrong in faults:
        say(f"SALAH: {wrong}")
    days = roots["days"]
    if not faults:
        span = f"{days[0]['day']} sampai {days[-1]['day']}" if days else "belum ada"
        say(f"BENAR: {len(days)} hari ({span}), kunci {roots['key_id']}.")
        if asked.bukti:
            say("BENAR: struk itu ada dalam catatan harinya.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
