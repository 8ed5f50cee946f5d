"""Where something of a family is kept: what it means to her, what an erasure does to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import metadata

ROWS_EXPORTED_MAX = 5_000  # of one table
GONE = "(dihapus)"
NOBODY_BORN = date(1900, 1, 1)  # where a column wants a date


class Fate(StrEnum):
    """What an erasure does."""

    KEEP = "KEEP"  # a fact of money or an officer's act: stays under a name without a person
    WIPE = "WIPE"  # the row stays, what says who she is goes
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Held:
    """A table with rows of families. `meaning` is what she reads; `wiped` what an erasure sets."""

    name: str
    meaning: str
    fate: Fate = Fate.KEEP
    wiped: tuple[tuple[str, Any], ...] = ()
    column: str = "kpm_id"

    @property
    def table(self) -> Table:
        """The table."""
        return metadata.tables[self.name]

    def of(self, kpm_id: str) -> ColumnElement[bool]:
        """Her rows, by an index where there is one."""
        c = self.table.c
        mine = c[self.column] == kpm_id
        return (c.shard == shard_of(kpm_id)) & mine if self._at_home() else mine

    def _at_home(self) -> bool:
        keys = [[column.name for column in self.table.primary_key.columns]]
        keys += [[column.name for column in index.columns] for index in self.table.indexes]
        return any(each[:2] == ["shard", self.column] for each in keys)


_K, _W, _D = Fate.KEEP, Fate.WIPE, Fate.DELETE
# Every table with rows of families; a test finds one that is missing here.
HELD = (
    Held(
        "family",
        "Keluarga Ibu di daftar: desa, warung terdekat, status",
        _W,
        (("status", "ERASED"),),
    ),
    Held(
        "person",
        "Anggota keluarga: nama, tanggal lahir, NIK (tersegel)",
        _W,
        (("name", GONE), ("birth_date", None), ("sex", None), ("nik_sealed", None)),
    ),
    Held("phone", "Nomor telepon (tersegel)", _D),
    Held(
        "card",
        "Kartu kami: empat angka terakhir dan statusnya",
        _W,
        (("last4", "----"), ("status", "BLOCKED"), ("reason", "ERASED")),
    ),
    Held("card_secret", "Stiker kartu, sebagai sidik kunci", _D),
    Held("credential", "Sidik kunci nomor kartu, telepon, NIK: untuk menemukan Ibu", _D),
    Held("pin", "Sidik kunci PIN belanja; PIN-nya sendiri tidak disimpan", _D),
    Held("pin_witness", "Petugas yang menyaksikan penggantian PIN", _D),
    Held("one_time_code", "Kode SMS sekali pakai, sebagai sidik kunci", _D),
    Held("access_class", "Cara yang didahulukan untuk Ibu (misalnya tanpa wajah)", _D),
    Held("bank_account", "Rekening di bank (tersegel)", _D),
    Held("kpm_session", "Kunjungan ke halaman Ibu sendiri", _D),
    Held("ussd_session", "Dialog lewat menu telepon", _D),
    Held("phone_request", "Belanja yang menunggu jawaban di telepon Ibu", _D),
    Held("sms_out", "SMS yang menunggu dikirim (tersegel sampai terkirim)", _D),
    Held("sms_in", "SMS yang Ibu kirim: kata kuncinya saja", _W, (("kpm_id", None),)),
    Held("template", "Pola wajah (tersegel); fotonya tidak disimpan", _W, (("sealed", b""),)),
    Held(
        "enrolment",
        "Pendaftaran wajah: kapan, oleh siapa, persetujuan",
        _W,
        (("sealed", None), ("consent_witness", None)),
    ),
    Held("enrolment_event", "Siapa melakukan apa pada pendaftaran wajah"),
    Held("enrolment_finding", "Wajah yang mirip, yang dilihat petugas", _W, (("note", None),)),
    Held("face_lock", "Ibu mengunci, membuka, atau menarik wajahnya"),
    Held("template_log", "Kapan wajah Ibu mulai dan berhenti bisa dicari"),
    Held("registry_witness", "Surat dan saksi untuk yang tanpa NIK (tersegel)", _D),
    Held("registry_consent", "Persetujuan saat pendaftaran di daftar"),
    Held("consent", "Persetujuan dan penarikannya: untuk apa, naskah mana, kapan"),
    Held("registry_finding", "Catatan impor daftar tentang baris Ibu"),
    Held("registry_hold", "Kredit yang menunggu pemeriksaan data ganda"),
    Held(
        "suspension",
        "Penangguhan: alasan, kantor, keputusan, keberatan Ibu",
        _W,
        (("objection", None),),
    ),
    Held(
        "delegation",
        "Siapa boleh berbelanja untuk Ibu",
        _W,
        (
            ("name", GONE),
            ("birth_date", NOBODY_BORN),
            ("delegate_hmac", bytes(32)),
            ("status", "ENDED"),
        ),
    ),
    Held("delegation_event", "Langkah-langkah perwakilan"),
    Held("supervision", "Belanja yang disaksikan dua petugas"),
    Held("aid_case", "Hal yang dilihat Dinsos", _W, (("note", None),)),
    Held(
        "complaint",
        "Keluhan Ibu (kata-katanya tersegel) dan jawabannya",
        _W,
        (("note_sealed", None),),
    ),
    Held("identity_attempt", "Setiap kali seseorang mencari Ibu: kapan, di warung mana, siapa"),
    Held("wallet", "Uang bantuan: masuk, dibelanjakan, ditahan, sampai kapan"),
    Held("purchase", "Belanja: barang, harga, warung, waktu"),
    Held("purchase_claim", "Jawaban yang diterima warung untuk tiap belanja"),
    Held("reversal", "Belanja yang dibatalkan dan uang yang kembali"),
    Held("hold", "Uang yang disisihkan untuk satu belanja"),
    Held("allowance", "Uang yang disisihkan untuk belanja tanpa sinyal"),
    Held("offline_dispute", "Belanja tanpa sinyal yang Ibu bantah"),
    Held("limit_use", "Pemakaian batas harian"),
    Held("disbursement_item", "Baris penyaluran untuk Ibu"),
    Held("disbursement_kept", "Penyaluran yang tidak bisa ditarik kembali"),
    Held("idle_freeze", "Uang diam yang disisihkan"),
    Held("idle_item", "Uang diam dalam perjalanan ke kas negara"),
    Held("idle_notice", "Pemberitahuan tentang uang diam"),
    Held("bank_call", "Pertanyaan kepada bank tentang belanja Ibu"),
    Held("qris_notice", "Pembayaran QRIS atas nama Ibu"),
    Held("anomaly_stop", "Wajah yang dihentikan sampai petugas melihatnya"),
    Held("outbox", "Pemberitahuan yang sedang dikirim"),
    Held("family_key", "Kunci yang menyegel data pribadi Ibu; hilang bila dihapus"),
    Held("privacy_event", "Siapa mengekspor atau menghapus data Ibu"),
)
# Rows of families, by another name; nothing of the family herself stands in them.
NOT_HELD = frozenset({"look_alike", "staff_template"})
DELEGATE = Held(
    "delegation",
    "",
    _W,
    (("name", GONE), ("birth_date", NOBODY_BORN), ("delegate_hmac", bytes(32))),
    column="delegate_kpm_id",
)


def rows_of(tx: Tx, held: Held, kpm_id: str) -> Sequence[dict[str, Any]]:
    """What stands there about her, at most ROWS_EXPORTED_MAX rows."""
    columns = [each for each in held.table.c if each.name not in ("shard", "claim_shard")]
    keys = held.table.primary_key.columns
    query = select(*columns).where(held.of(kpm_id)).order_by(*keys).limit(ROWS_EXPORTED_MAX)
    return [{str(name): row[name] for name in row} for row in tx.execute(query).mappings()]


def erase(tx: Tx, kpm_id: str) -> dict[str, int]:
    """Delete and wipe; how many rows of which table."""
    done: dict[str, int] = {}
    for held in (*HELD, DELEGATE):
        if held.fate is Fate.KEEP:
            continue
        where = held.of(kpm_id)
        statement = (
            delete(held.table).where(where)
            if held.fate is Fate.DELETE
            else update(held.table).where(where).values(dict(held.wiped))
        )
        done[held.name] = done.get(held.name, 0) + tx.execute(statement).rowcount
    return done


def erase_photos(tx: Tx, kpm_id: str) -> None:
    """Pictures of her complaints, which lie by their complaint."""
    photos, own = metadata.tables["complaint_photo"], metadata.tables["complaint"]
    shard = shard_of(kpm_id)
    hers = select(own.c.complaint_id).where(own.c.shard == shard, own.c.kpm_id == kpm_id)
    mine = (photos.c.shard == shard) & photos.c.complaint_id.in_(hers)
    tx.execute(delete(photos).where(mine))
