"""A tablet was stolen, an officer sold data: who was exposed, to what, and what she is told.

Law 27/2022, Art. 46: notice within 3 x 24 hours to the person and to the agency.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.install import Refused
from pos_engine.store import exposure, privacy_events
from pos_engine.store.exposure import KINDS, Exposed, Wanted
from pos_engine.store.privacy_events import Act, PrivacyEvent

NOTICE_WITHIN = timedelta(hours=72)
WHAT = {
    "LOOKED_UP": "nama tersamar saat dicari di warung",
    "PURCHASE": "belanja: barang, harga, saldo",
    "ALLOWANCE": "nama tersamar dan jatah uang di tablet",
    "FACE": "pendaftaran wajah",
    "COMPLAINT": "kata-kata keluhan",
    "EXPORT": "seluruh data yang kami simpan",
}


@dataclass(frozen=True, slots=True)
class Breach:
    """Rows by family and kind, how many families, and both notices."""

    rows: tuple[Exposed, ...]
    families: int
    to_family: str
    to_agency: str


def who_was_exposed(
    engine: Engine, wanted: Wanted, kinds: Collection[str], by: str
) -> Breach | Refused:
    """Ask for a device, an officer, kinds, or all of a span. That it was asked is on record."""
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown or wanted.since >= wanted.until:
        return Refused(
            "kind" if unknown else "to", f"one of {', '.join(KINDS)}; --from before --to"
        )
    chosen = frozenset(kinds) or frozenset(KINDS)
    rows: list[Exposed] = []
    for each in engine.each_database():
        with each.database.read() as tx:
            rows += exposure.exposed(tx, wanted, chosen)
    families = len({each.kpm_id for each in rows})
    found = {each.kind for each in rows}
    _note(engine, by, f"{families} families, {' '.join(sorted(found))}")
    what = "; ".join(WHAT[kind] for kind in KINDS if kind in found) or "tidak ada"
    return Breach(
        tuple(rows), families, _to_family(wanted, what), _to_agency(engine, wanted, what, families)
    )


def _note(engine: Engine, by: str, detail: str) -> None:
    now = engine.now()
    event = PrivacyEvent(new_uuid7(now), None, Act.BREACH.value, detail, by, None, now)
    with engine.database.begin() as tx:
        privacy_events.add_event(tx, event)


def _to_family(wanted: Wanted, what: str) -> str:
    return (
        f"Pemberitahuan: antara {wanted.since:%d-%m-%Y} dan {wanted.until:%d-%m-%Y} sebagian data "
        f"Ibu/Bapak mungkin dilihat pihak yang tidak berhak: {what}. Uang bantuan Ibu tetap ada. "
        "PIN dan wajah tidak dapat dibaca dari data itu. Yang kami lakukan: perangkat atau petugas "
        "itu sudah dihentikan. Yang bisa Ibu lakukan: ganti PIN di warung atau pendamping, dan "
        "laporkan belanja yang bukan milik Ibu."
    )


def _to_agency(engine: Engine, wanted: Wanted, what: str, families: int) -> str:
    due = engine.now() + NOTICE_WITHIN
    return (
        f"Pemberitahuan kegagalan pelindungan data pribadi (UU 27/2022 Ps. 46), paling lambat "
        f"{due:%d-%m-%Y %H:%M} UTC.\n"
        f"1. Data yang terungkap: {what}.\n"
        f"2. Kapan: {wanted.since.isoformat()} sampai {wanted.until.isoformat()}. Bagaimana: "
        f"perangkat {wanted.device_id or '-'}, petugas {wanted.staff_id or '-'} (lengkapi).\n"
        f"3. Subjek data: {families} keluarga.\n"
        "4. Penanganan dan pemulihan: perangkat/petugas dihentikan, kunci diganti (lengkapi)."
    )


def with_till(engine: Engine, wanted: Wanted) -> Wanted:
    """The device's till, by which most rows know it."""
    if wanted.device_id is None:
        return wanted
    with engine.database.read() as tx:
        till_id = exposure.till_of(tx, wanted.device_id)
    return Wanted(wanted.since, wanted.until, wanted.device_id, till_id, wanted.staff_id)
