"""The programme's six yardsticks: for each a sentence, a picture, one number and its rows."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pos_engine.web.office_cells import number, percent, short_money
from pos_engine.web.pictures_bars import Bar, bars

Row = Mapping[str, Any]
Reports = Mapping[str, Sequence[Row] | None]  # by name; None: only the lake has it
PLACE = "Tempat"
BANDS = {
    "days_0_1": "hari itu atau besoknya", "days_2_3": "2-3 hari", "days_4_7": "4-7 hari",
    "days_8_14": "8-14 hari", "days_15_30": "15-30 hari", "days_later": "sesudah itu",
}  # fmt: skip
WITHIN_WEEK = ("days_0_1", "days_2_3", "days_4_7")
OUTCOMES = ("purchases", "approved", "business_declines", "technical_declines")
NOBODY = "Tidak ada penyaluran pada hari-hari ini di wilayah ini."


@dataclass(frozen=True, slots=True)
class Yardstick:
    """One yardstick as the page shows it."""

    title: str
    reading: str
    number: str = ""
    definition: str = ""
    picture: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    download: str = ""
    more: tuple[str, str] | None = None  # path and words of the page that goes deeper
    lacking: bool = False  # only the lake answers it


def six(reports: Reports) -> list[Yardstick]:
    """All six from the reports `reach`, `places`, `quality` and `service`, by their names."""
    return [make(reports) for make in _MAKERS]


def _sum(rows: Sequence[Row], column: str) -> int:
    return sum(row[column] or 0 for row in rows)


def _lacking(title: str) -> Yardstick:
    return Yardstick(title, "", lacking=True)


def _target(reports: Reports) -> Yardstick:
    title, rows = "Tepat sasaran", reports["reach"]
    if rows is None:
        return _lacking(title)
    families, bought = _sum(rows, "families"), _sum(rows, "bought")
    turned, silent = _sum(rows, "turned_away"), _sum(rows, "silent")
    if not families:
        return Yardstick(title, NOBODY)
    reading = (
        f"Dari {number(families)} keluarga yang disalurkan, {number(bought)} sudah belanja, "
        f"{number(turned)} datang tetapi belum berhasil, {number(silent)} belum datang."
    )
    shown = [
        Bar("Sudah belanja", bought, number(bought)),
        Bar("Datang, belum berhasil", turned, number(turned), bad=True),
        Bar("Belum datang", silent, number(silent)),
    ]
    return Yardstick(
        title,
        reading,
        percent(bought / families),
        "keluarga yang disalurkan pada hari-hari ini dan sejak itu sudah belanja dengan bukti diri",
        bars("sasaran", title, reading, shown),
        {"place": PLACE, "families": "Disalurkan", "bought": "Sudah belanja",
         "turned_away": "Belum berhasil", "silent": "Belum datang"},
        rows,
        "reach",
    )  # fmt: skip


def _amount(reports: Reports) -> Yardstick:
    title, rows = "Tepat jumlah", reports["reach"]
    if rows is None:
        return _lacking(title)
    credited, spent = _sum(rows, "credited"), _sum(rows, "spent")
    if not credited:
        return Yardstick(title, NOBODY)
    reading = (
        f"Dari {short_money(credited)} yang disalurkan, {short_money(spent)} sudah dibelanjakan "
        f"dan {short_money(max(credited - spent, 0))} masih milik keluarga."
    )
    shown = [
        Bar("Disalurkan", credited, short_money(credited)),
        Bar("Dibelanjakan", spent, short_money(spent)),
        Bar("Belum dibelanjakan", max(credited - spent, 0), short_money(max(credited - spent, 0))),
    ]
    return Yardstick(
        title,
        reading,
        percent(spent / credited),
        "rupiah belanja sejak penyaluran, sesudah dikurangi pengembalian, dibagi rupiah disalurkan",
        bars("jumlah", title, reading, shown),
        {"place": PLACE, "credited": "Disalurkan", "spent": "Dibelanjakan"},
        rows,
        "reach",
    )


def _price(reports: Reports) -> Yardstick:
    title, rows = "Tepat harga", reports["places"]
    if rows is None:
        return _lacking(title)
    priced, above = _sum(rows, "priced_lines"), _sum(rows, "above_ceiling")
    refused = _sum(rows, "refused_price")
    columns = {
        "place": PLACE,
        "priced_lines": "Barang berbatas harga",
        "above_ceiling": "Di atas acuan",
        "refused_price": "Ditolak karena harga",
    }
    more = ("/kemensos/harga", "Harga dan HET")
    if not priced and not refused:
        reading = "Belum ada belanja barang yang punya harga tertinggi."
        return Yardstick(title, reading, more=more)
    reading = (
        f"Dari {number(priced)} barang berbatas harga yang dibeli, {number(above)} di atas harga "
        f"acuan; {number(refused)} permintaan di atas harga tertinggi ditolak."
    )
    shown = [
        Bar("Sesuai batas", priced - above, number(priced - above)),
        Bar("Di atas acuan (HAP)", above, number(above), bad=True),
        Bar("Ditolak karena harga", refused, number(refused), bad=True),
    ]
    return Yardstick(
        title,
        reading,
        percent((priced - above) / priced) if priced else "",
        "baris belanja yang harganya tidak di atas HET, HAP, atau harga daerah",
        bars("harga", title, reading, shown),
        columns,
        rows,
        "places",
        more,
    )


def _time(reports: Reports) -> Yardstick:
    title, rows = "Tepat waktu", reports["reach"]
    if rows is None:
        return _lacking(title)
    families = _sum(rows, "families")
    if not families:
        return Yardstick(title, NOBODY)
    within = sum(_sum(rows, band) for band in WITHIN_WEEK)
    reading = (
        f"{number(within)} dari {number(families)} keluarga belanja pertama kali dalam 7 hari "
        "sejak bantuan masuk."
    )
    shown = [
        Bar(words, _sum(rows, band), number(_sum(rows, band)), bad=band == "days_later")
        for band, words in BANDS.items()
    ]
    return Yardstick(
        title,
        reading,
        percent(within / families),
        "keluarga yang disalurkan pada hari-hari ini dan belanja pertama dalam 7 hari",
        bars("waktu", title, reading, shown),
        {"place": PLACE, "families": "Disalurkan", **BANDS},
        rows,
        "reach",
    )


def _quality(reports: Reports) -> Yardstick:
    title, rows = "Tepat kualitas", reports["quality"]
    if rows is None or reports["places"] is None:
        return _lacking(title)
    complaints, still_open = _sum(rows, "complaints"), _sum(rows, "open")
    purchases = _sum(reports["places"], "purchases")
    goods, swaps, swapped = (_sum(rows, name) for name in ("bad_goods", "swaps", "swapped"))
    reading = (
        f"Dari {number(purchases)} belanja, {number(goods)} diadukan karena mutu barang; "
        f"{number(swapped)} dari {number(swaps)} penukaran selesai. Aduan seluruhnya "
        f"{number(complaints)}, {number(still_open)} belum dijawab."
    )
    shown = [
        Bar("Aduan mutu barang", goods, number(goods), bad=True),
        Bar("Barang sudah ditukar", swapped, number(swapped)),
        Bar("Menunggu ditukar", swaps - swapped, number(swaps - swapped), bad=True),
        Bar("Aduan belum dijawab", still_open, number(still_open), bad=True),
    ]
    return Yardstick(
        title,
        reading,
        number(round(goods * 1000 / purchases, 1)) if purchases else "",
        "aduan mutu barang per 1.000 belanja; barang yang diadukan ditukar tanpa uang dalam 24 jam",
        bars("kualitas", title, reading, shown) if complaints else "",
        {"regency": "Kabupaten/kota", "shop": "Warung", "complaints": "Aduan",
         "bad_goods": "Mutu barang", "swaps": "Minta tukar", "swapped": "Sudah ditukar",
         "open": "Belum dijawab", "oldest_open": "Paling lama sejak"},
        rows,
        "quality",
        ("/kemensos/pengaduan", "Pengaduan"),
    )  # fmt: skip


def _order(reports: Reports) -> Yardstick:
    title, rows, told = "Tepat administrasi", reports["service"], reports["quality"]
    if rows is None or told is None:
        return _lacking(title)
    own = [row for row in rows if row["purchases"] is not None]
    asked, approved = _sum(own, "purchases"), _sum(own, "approved")
    business, technical = _sum(own, "business_declines"), _sum(own, "technical_declines")
    if not asked:
        return Yardstick(title, "Belum ada belanja yang diminta pada hari-hari ini.")
    duties, late = _sum(told, "complaints"), _sum(told, "late")
    reading = (
        f"Dari {number(asked)} permintaan belanja, {number(technical)} gagal karena bank, "
        "jaringan, atau data kita, bukan karena keluarga atau warung. "
        f"{number(late)} dari {number(duties)} aduan lewat batas waktu jawab."
    )
    shown = [
        Bar("Disetujui", approved, number(approved)),
        Bar("Ditolak menurut aturan", business, number(business)),
        Bar("Gagal teknis", technical, number(technical), bad=True),
        Bar("Aduan lewat batas waktu", late, number(late), bad=True),
    ]
    done = asked - technical + duties - late
    return Yardstick(
        title,
        reading,
        percent(done / (asked + duties)),
        "permintaan belanja yang dijawab tanpa gangguan bank, jaringan, atau data, dan aduan yang "
        "tidak lewat batas waktunya, dari semuanya",
        bars("administrasi", title, reading, shown),
        {"regency": "Kabupaten/kota", "purchases": "Permintaan", "approved": "Disetujui",
         "business_declines": "Ditolak aturan", "technical_declines": "Gagal teknis"},
        _by_regency(own),
        "service",
        ("/kemensos/layanan", "Layanan"),
    )  # fmt: skip


def _by_regency(rows: Sequence[Row]) -> list[Row]:
    """All days and ways of a regency together, where most failed first."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        counts = {name: row[name] or 0 for name in OUTCOMES}
        found.setdefault(row["regency"], Counter(dict.fromkeys(OUTCOMES, 0))).update(counts)
    made = [{"regency": regency, **counts} for regency, counts in found.items()]
    return sorted(made, key=lambda row: (-row["technical_declines"], row["regency"]))


_MAKERS: tuple[Callable[[Reports], Yardstick], ...] = (
    _target, _amount, _price, _time, _quality, _order,
)  # fmt: skip
