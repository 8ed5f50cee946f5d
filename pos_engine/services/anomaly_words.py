"""What a case says in plain Indonesian: its sentence, its state, what a shop is asked."""

from pos_engine.lake.anomalies import FACE, OFFICER, SHOP, Rule
from pos_engine.lake.anomaly_judge import Judged
from pos_engine.rules.anomaly_case import Act, ActReason, CaseStatus

WHOLE = 2.0  # a value above it is a count, below it a share

STATUS = {
    CaseStatus.OPEN: "Baru",
    CaseStatus.ASKED: "Ditanyakan",
    CaseStatus.EXPLAINED: "Dijelaskan, menunggu petugas kedua",
    CaseStatus.CONFIRMED: "Terbukti, menunggu petugas kedua",
    CaseStatus.CLOSED: "Ditutup",
}
SUBJECT = {SHOP: "Warung", OFFICER: "Petugas", FACE: "Wajah"}
ACTS = {
    Act.ASK: "Tanyakan kepada warung",
    Act.ANSWER: "Jawab",
    Act.EXPLAIN: "Ada penjelasan yang baik",
    Act.CONFIRM: "Terbukti",
    Act.CLOSE: "Setuju dan tutup",
    Act.REOPEN: "Tidak setuju, buka lagi",
}
DONE = {
    Act.ASK: "ditanyakan",
    Act.ANSWER: "jawaban warung",
    Act.EXPLAIN: "dinilai ada penjelasan",
    Act.CONFIRM: "dinilai terbukti",
    Act.CLOSE: "ditutup oleh petugas kedua",
    Act.REOPEN: "dibuka lagi oleh petugas kedua",
}
REFUSED = {
    ActReason.NOT_FOUND: "Kasus ini tidak ada di wilayah Anda.",
    ActReason.ROLE_NOT_ALLOWED: "Peran ini hanya boleh melihat.",
    ActReason.DUPLICATE_DIFFERENT: "Tindakan dengan nomor ini sudah dicatat dengan isi lain.",
    ActReason.WRONG_STATUS: "Kasus sudah berubah. Lihat keadaannya sekarang.",
    ActReason.NOTE_MISSING: "Tulis catatan, paling banyak 600 huruf.",
    ActReason.SECOND_PERSON_NEEDED: "Petugas lain yang harus menutup kasus ini.",
    ActReason.OWN_CASE: "Kasus ini tentang Anda sendiri. Petugas lain yang memutuskan.",
    ActReason.TOO_MANY_ANSWERS: "Jawaban sudah cukup. Petugas akan melihatnya.",
}


def share(value: float) -> str:
    """A share as people write it; a count stays one."""
    if value > WHOLE:
        return f"{value:.0f}"
    return f"{value * 100:.1f}".replace(".", ",").removesuffix(",0") + "%"


def sentence_of(rule: Rule, each: Judged) -> str:
    """The case in one sentence. Without peers it says so."""
    peers = share(each.middle) if each.peers else "belum diketahui"
    return rule.sentence.format(
        k=each.k,
        n=each.n,
        share=share(each.value),
        value=share(each.value),
        bound=share(each.bound),
        peers=peers,
    )
