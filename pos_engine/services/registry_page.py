"""The differences of two lists as one page to print: numbers, villages, people, with reasons."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, islice
from typing import Any

VILLAGES_SHOWN_MAX = 200
ROWS_SHOWN_MAX = 5_000
_KINDS = {"ONLY_A": "Hanya di A", "ONLY_B": "Hanya di B", "CHANGED": "Berubah"}
_FIELDS = {
    "name": "nama", "birth_date": "tanggal lahir", "role": "peran", "region": "desa",
    "programme": "program", "status": "status",
}  # fmt: skip
_STYLE = (
    "body{font:15px/1.4 sans-serif;margin:1.5rem;color:#111}table{border-collapse:collapse;"
    "width:100%;margin:.5rem 0 1.5rem}th,td{border:1px solid #555;padding:.25rem .4rem;"
    "text-align:left;vertical-align:top}th{background:#eee}h2{font-size:1.05rem}"
    "tr{break-inside:avoid}@media print{body{margin:0;font-size:11px}}"
)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two lists beside each other: rows, and how many differences of each kind."""

    rows_a: int
    rows_b: int
    twice_a: int
    twice_b: int
    only_a: int
    only_b: int
    changed: int


def page(
    names: tuple[str, str],
    sums: Compared,
    villages: Sequence[tuple[Any, ...]],
    rows: Iterable[dict[str, Any]],
) -> Iterator[str]:
    """The page in pieces; at most ROWS_SHOWN_MAX people, the files have them all."""
    yield (
        '<!doctype html>\n<html lang="id">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Beda dua daftar</title><style>{_STYLE}</style></head>\n<body>\n<main>\n"
        f"<h1>Beda dua daftar</h1>\n<p>A: {escape(names[0])}, {sums.rows_a} baris. "
        f"B: {escape(names[1])}, {sums.rows_b} baris. Hanya di A: <b>{sums.only_a}</b>. "
        f"Hanya di B: <b>{sums.only_b}</b>. Berubah: <b>{sums.changed}</b>.</p>\n"
    )
    if sums.twice_a or sums.twice_b:
        yield (
            f"<p>Tertulis lebih dari sekali: {sums.twice_a} baris di A, {sums.twice_b} di B; "
            "yang pertama dibandingkan.</p>\n"
        )
    yield "<h2>Per desa</h2>\n"
    yield _table(("Desa", "Hanya di A", "Hanya di B", "Berubah"), villages)
    shown = islice(rows, ROWS_SHOWN_MAX)
    for (place, village), people in groupby(shown, key=lambda row: (row["place"], row["village"])):
        yield f"<h2>{escape(place)} ({escape(village)})</h2>\n"
        yield _table(
            ("Beda", "Keluarga", "NIK", "Nama", "Yang berubah", "Alasan", "Tanggal", "SK"),
            map(_cells, people),
        )
    if sums.only_a + sums.only_b + sums.changed > ROWS_SHOWN_MAX:
        yield f"<p>Ditampilkan {ROWS_SHOWN_MAX} orang; selengkapnya di berkas CSV.</p>\n"
    yield "</main>\n</body>\n</html>\n"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    changed = "; ".join(f"{_FIELDS[field]}: {a} menjadi {b}" for field, a, b in row["changes"])
    said = (row[name] or "-" for name in ("reason", "date", "decree"))
    return (_KINDS[row["kind"]], row["family_id"], row["nik"], row["name"], changed, *said)


def _table(headings: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    head = "".join(f'<th scope="col">{each}</th>' for each in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>\n" for row in rows
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"
