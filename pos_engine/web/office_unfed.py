"""The front page's first line: families refused for a price who bought nothing for two days."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pos_engine.services.unfed import UnfedPlace
from pos_engine.web.office_cells import number
from pos_engine.web.office_places import place_name
from pos_engine.web.pictures_bars import Bar, bars

COLUMNS = {
    "regency": "Kabupaten/kota", "refused": "Ditolak karena harga", "unfed": "Tidak belanja 48 jam",
    "waiting": "Masih ditunggu",
}  # fmt: skip


def unfed_slot(places: Sequence[UnfedPlace]) -> Mapping[str, Any]:
    """Sentence, number, picture and rows; the places with most unfed families first."""
    ordered = sorted(places, key=lambda each: (-each.unfed, -each.waiting, each.regency))
    refused, unfed = sum(each.refused for each in places), sum(each.unfed for each in places)
    waiting = sum(each.waiting for each in places)
    reading = (
        f"{number(unfed)} keluarga ditolak karena harga dan dalam 48 jam tidak belanja apa pun; "
        f"{number(waiting)} masih ditunggu, dari {number(refused)} keluarga yang ditolak."
    )
    if not refused:
        reading = "Tidak ada keluarga yang ditolak karena harga."
    shown = [
        Bar(place_name(each.regency), each.unfed, f"{number(each.unfed)} keluarga", bad=True)
        for each in ordered
        if each.unfed
    ]
    return {
        "reading": reading,
        "number": number(unfed),
        "picture": bars("terlewat", "Ditolak karena harga dan belum belanja", reading, shown),
        "columns": COLUMNS,
        "rows": [asdict(each) for each in ordered],
    }
