"""Erase a family (Law 27/2022, Art. 8): her key is destroyed, money facts stay without a person."""

from dataclasses import dataclass
from datetime import date

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.install import Refused
from pos_engine.services.two_officers import Pair
from pos_engine.store import (
    enrolments,
    families,
    family_data,
    family_keys,
    ledger,
    privacy_events,
    template_log,
    templates,
)
from pos_engine.store.database import Tx
from pos_engine.store.privacy_events import DETAIL_LENGTH_MAX, Act, PrivacyEvent

ERASED = "ERASED"
REASON_LENGTH_MAX = 120
# What stays and why, as the statement to her says.
KEPT = (
    ("uang, belanja, pembatalan, penyaluran", "UU 8/1997 Ps. 11: dokumen keuangan 10 tahun"),
    ("siapa melakukan apa (catatan audit)", "UU 27/2022 Ps. 15 dan 31: rekaman pemrosesan"),
    ("persetujuan dan penarikannya", "UU 27/2022 Ps. 24: bukti persetujuan"),
)


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows of which table were wiped or deleted; `again`: it was done before."""

    kpm_id: str
    rows: dict[str, int]
    templates: int
    again: bool = False


def erase(
    engine: Engine, kpm_id: str, officers: Pair, reason: str, decree: str = ""
) -> Erased | Refused:
    """Once. While money is due to her only by a decree, which is named in the record."""
    if not 1 <= len(reason.strip()) <= REASON_LENGTH_MAX:
        return Refused("reason", f"1 to {REASON_LENGTH_MAX} characters")

    def work(tx: Tx) -> Erased | Refused:
        family = families.find_family(tx, kpm_id)
        if family is None:
            return Refused("kpm_id", "no such family")
        if family.status == ERASED:
            return Erased(kpm_id, {}, 0, again=True)
        due = _due(tx, kpm_id, engine.now().date())
        if due and not decree:
            return Refused(
                "kpm_id", f"Rp{due} is due to her: pay it first, or name the decree (--decree)"
            )
        return _erase(tx, engine, kpm_id, officers, f"{reason.strip()} {decree}".strip())

    return engine.database.transact(work)


def _due(tx: Tx, kpm_id: str, today: date) -> int:
    """Rupiah in her tranches, free, frozen or held (money on a tablet is held)."""
    tranches = ledger.tranches_of(tx, kpm_id, lock=True)
    living = [each for each in tranches if each.expires_on >= today or each.held]
    return sum(each.left + each.held for each in living)


def _erase(tx: Tx, engine: Engine, kpm_id: str, officers: Pair, why: str) -> Erased:
    now = engine.now()
    enrolments.lock_family(tx, kpm_id)
    mine = templates.in_force(tx, kpm_id)
    for each in mine:
        template_log.revoke(tx, kpm_id, each.template_id, now)
    family_data.erase_photos(tx, kpm_id)
    rows = family_data.erase(tx, kpm_id)
    family_keys.destroy(tx, kpm_id, engine.keys.families.ring.current.kek_id, now)
    detail = why[:DETAIL_LENGTH_MAX]
    event = PrivacyEvent(
        new_uuid7(now), kpm_id, Act.ERASED.value, detail, officers.first, officers.second, now
    )
    privacy_events.add_event(tx, event)
    return Erased(kpm_id, {name: count for name, count in rows.items() if count}, len(mine))


def statement(done: Erased) -> str:
    """What she is given: what went, what is kept and by which law."""
    gone = (
        f"Data pribadi keluarga {done.kpm_id} telah dihapus: nama, tanggal lahir, NIK, telepon, "
        "kartu, PIN, pola wajah, kata-kata keluhan. Kunci yang menyegelnya dimusnahkan, sehingga "
        "salinan tersegel dalam cadangan (telepon, NIK, keluhan) pun tidak terbaca lagi."
    )
    lines = [gone, "Yang tetap disimpan, tanpa nama:"]
    lines += [f"- {what} ({law})" for what, law in KEPT]
    return "\n".join(lines)
