"""One table: each reason as an Indonesian sentence, next step, ISO 8583 and SNAP code."""

from dataclasses import dataclass

from pos_engine.rules.basket import JudgedLine
from pos_engine.rules.limits import AmountLimit
from pos_engine.rules.money import Rupiah, written
from pos_engine.rules.purse import BoundMoney
from pos_engine.rules.quantity import unit_name
from pos_engine.rules.reasons import Reason
from pos_engine.wire.more import amount_limit_told, bound_money_told, quantity_limit_told

OTHER_WAYS = "Coba cara lain: HP, kartu KKS, KTP, atau wajah."


@dataclass(frozen=True, slots=True)
class Wording:
    """How a reason is told to people and to machines.

    `iso8583` is DE39; `snap` is the SNAP case code (HTTP status + case, service code goes between).
    A sentence may name {item}, {price}, {ceiling}, {unit}, {amount}, {balance} and {missing}.
    """

    sentence: str
    next_step: str
    iso8583: str
    snap: str


WORDINGS: dict[Reason, Wording] = {
    Reason.SHOP_SUSPENDED: Wording(
        "Warung ini sedang tidak melayani bantuan.",
        "Silakan ke e-warong terdekat. Bantuan Ibu/Bapak tetap utuh.",
        "58",
        "403-19",
    ),
    Reason.PAYER_UNKNOWN: Wording(
        "Data Ibu/Bapak belum ditemukan.",
        "Periksa nomornya, coba cara lain, atau hubungi pendamping.",
        "14",
        "404-11",
    ),
    Reason.PAYER_TOKEN_EXPIRED: Wording(
        "Waktu pengenalan sudah habis.", "Kenali Ibu/Bapak sekali lagi.", "54", "403-12"
    ),
    Reason.PAYER_TOKEN_USED: Wording(
        "Pengenalan ini sudah dipakai untuk belanja lain.",
        "Kenali Ibu/Bapak sekali lagi.",
        "94",
        "403-12",
    ),
    Reason.FACE_NOT_DETECTED: Wording(
        "Wajah belum terlihat.",
        "Hadapkan satu wajah ke kamera di tempat terang, atau pakai cara lain.",
        "55",
        "403-11",
    ),
    Reason.FACE_QUALITY: Wording(
        "Gambar wajah belum cukup jelas.",
        "Ulangi di tempat terang, tegak, lebih dekat, satu orang saja.",
        "55",
        "403-11",
    ),
    Reason.FACE_NOT_LIVE: Wording(
        "Gerakan wajah belum terbaca.", "Ulangi gerakan, atau pakai cara lain.", "55", "403-11"
    ),
    Reason.FACE_NO_MATCH: Wording(
        "Wajah belum dikenali.",
        "Coba sekali lagi di tempat terang, atau pakai HP, KKS, KTP.",
        "55",
        "403-11",
    ),
    Reason.FACE_AMBIGUOUS: Wording(
        "Wajah mirip dengan beberapa orang.", "Pakai HP, kartu KKS, atau KTP.", "55", "403-11"
    ),
    Reason.STEP_UP_REQUIRED: Wording(
        "Perlu satu bukti lagi.",
        "Masukkan PIN belanja atau kode dari HP.",
        "65",
        "403-11",
    ),
    Reason.PIN_WRONG: Wording(
        "PIN belanja belum cocok.",
        "Coba lagi pelan-pelan, atau pakai cara lain.",
        "55",
        "403-11",
    ),
    Reason.PIN_BLOCKED: Wording(
        "PIN salah 3 kali, PIN belanja berhenti dulu.",
        "Pakai cara lain hari ini (HP, wajah, KTP). Pendamping membantu membuat PIN baru.",
        "75",
        "403-07",
    ),
    Reason.CODE_WRONG: Wording(
        "Kode dari HP belum cocok.",
        "Periksa SMS terakhir, minta kode baru, atau pakai cara lain.",
        "55",
        "403-11",
    ),
    Reason.CODE_EXPIRED: Wording(
        "Kode dari HP sudah lewat waktunya.", "Minta kode baru.", "54", "403-12"
    ),
    Reason.BIRTH_DATE_WRONG: Wording(
        "Tanggal lahir belum cocok.",
        "Periksa tanggal, bulan, dan tahun seperti di KTP, atau pakai cara lain.",
        "55",
        "403-11",
    ),
    Reason.CARD_UNKNOWN: Wording(
        "Kartu ini belum terdaftar.", f"Periksa nomor kartu. {OTHER_WAYS}", "14", "404-11"
    ),
    Reason.CARD_BLOCKED: Wording(
        "Kartu ini sedang diblokir. Bantuan tetap utuh.", OTHER_WAYS, "62", "403-07"
    ),
    Reason.CARD_LOST: Wording(
        "Kartu ini dilaporkan hilang. Bantuan tetap utuh.", OTHER_WAYS, "41", "403-07"
    ),
    Reason.CARD_EXPIRED: Wording(
        "Masa berlaku kartu sudah habis. Bantuan tetap utuh.", OTHER_WAYS, "54", "403-08"
    ),
    Reason.KPM_SUSPENDED: Wording(
        "Kepesertaan sedang ditinjau petugas.",
        "Hubungi pendamping untuk alasan dan cara keberatan.",
        "62",
        "403-05",
    ),
    Reason.DELEGATE_NOT_ALLOWED: Wording(
        "Wakil ini belum terdaftar untuk keluarga tersebut.",
        "Minta pendamping mendaftarkan wakil, atau anggota keluarga datang sendiri.",
        "57",
        "403-15",
    ),
    Reason.BASKET_EMPTY: Wording("Belum ada barang.", "Pilih barang dahulu.", "30", "400-01"),
    Reason.BASKET_TOO_LARGE: Wording(
        "Terlalu banyak baris, paling banyak 50.", "Bagi menjadi dua belanja.", "30", "400-01"
    ),
    Reason.ITEM_UNKNOWN: Wording(
        "Barang {item} tidak ada di daftar.",
        "Pilih barang dari layar, atau bayar tunai dengan struk terpisah.",
        "57",
        "403-15",
    ),
    Reason.QUANTITY_INVALID: Wording(
        "Jumlah {item} belum benar.", "Periksa banyaknya barang dan harganya.", "13", "400-01"
    ),
    Reason.ITEM_BANNED: Wording(
        "{item} tidak boleh dibeli dengan bantuan.",
        "Keluarkan barang ini. Bisa dibayar tunai, struk terpisah.",
        "57",
        "403-15",
    ),
    Reason.ITEM_NOT_IN_PROGRAMME: Wording(
        "{item} tidak termasuk bahan pangan program ini.",
        "Keluarkan barang ini. Bisa dibayar tunai, struk terpisah.",
        "57",
        "403-15",
    ),
    Reason.UNIT_MISMATCH: Wording(
        "{item} tidak dijual dengan satuan itu.",
        "Pilih satuan yang tersedia di layar.",
        "57",
        "403-15",
    ),
    Reason.CEILING_MISSING: Wording(
        "Harga tertinggi {item} untuk daerah ini belum ada.",
        "Keluarkan barang ini dan laporkan ke dinas. Barang lain tetap bisa dibeli.",
        "57",
        "403-15",
    ),
    Reason.PRICE_ABOVE_CEILING: Wording(
        "Harga {item} {price} per {unit} terlalu tinggi. Paling tinggi {ceiling}.",
        "Turunkan harga menjadi {ceiling} atau keluarkan barang.",
        "57",
        "403-15",
    ),
    Reason.QUANTITY_LIMIT: Wording(
        "Jumlah {item} melebihi batas.", "Kurangi jumlahnya.", "61", "403-02"
    ),
    Reason.NOT_DISBURSED: Wording(
        "Bantuan belum masuk. Bukan salah kartu.",
        "Lapor ke pendamping: tanyakan jadwal penyaluran.",
        "51",
        "403-14",
    ),
    Reason.TRANCHE_EXPIRED: Wording(
        "Masa pakai bantuan periode lalu sudah habis.",
        "Tanyakan periode berikutnya ke pendamping.",
        "54",
        "403-14",
    ),
    Reason.TRANCHE_RETURNED: Wording(
        "Bantuan periode ini dibekukan atau dikembalikan.",
        "Hubungi pendamping untuk alasan dan cara keberatan.",
        "62",
        "403-14",
    ),
    Reason.RESERVED_OFFLINE: Wording(
        "Sebagian bantuan disisihkan untuk belanja tanpa sinyal.",
        "Belanja di warung yang menyisihkan, atau tarik kembali sisihan.",
        "51",
        "403-14",
    ),
    Reason.INSUFFICIENT_BALANCE: Wording(
        "Saldo {balance}, belanja {amount}.",
        "Kurangi barang atau bayar sisanya {missing} tunai.",
        "51",
        "403-14",
    ),
    Reason.LIMIT_REACHED: Wording(
        "Batas belanja hari ini tercapai.", "Lanjutkan besok.", "61", "403-02"
    ),
    Reason.BANK_DECLINED: Wording(
        "Bank belum menyetujui.", "Coba cara lain atau hubungi bank.", "05", "403-01"
    ),
    Reason.BANK_UNREACHABLE: Wording(
        "Bank belum menjawab.", "Tunggu sebentar lalu coba lagi.", "91", "504-00"
    ),
    Reason.OFFLINE_LIMIT: Wording(
        "Batas belanja tanpa sinyal tercapai.", "Kirim belanja tertunda dahulu.", "61", "403-02"
    ),
    Reason.OFFLINE_STALE: Wording(
        "Data tanpa sinyal terlalu lama.", "Sambungkan tablet ke sinyal dahulu.", "68", "403-02"
    ),
    Reason.ALREADY_VOIDED: Wording(
        "Belanja ini sudah dibatalkan.", "Lihat riwayat hari ini.", "12", "404-18"
    ),
}


def line_message(line: JudgedLine) -> str:
    """Why this line is refused, with what would be lawful; empty when it is not refused."""
    if line.limit is not None:
        return quantity_limit_told(line.name, line.limit)[0]
    return _filled(WORDINGS[line.reason].sentence, line) if line.reason else ""


def explain(
    reason: Reason,
    lines: tuple[JudgedLine, ...],
    *,
    amount: int,
    balance: int,
    bound: BoundMoney | None = None,
    limit: AmountLimit | None = None,
) -> tuple[str, str]:
    """The sentence and the next step of a refusal. `balance` is used only by balance reasons.

    `bound` and `limit` say more of INSUFFICIENT_BALANCE and LIMIT_REACHED, where they are known.
    """
    line = next((each for each in lines if each.reason is reason), None)
    if reason is Reason.INSUFFICIENT_BALANCE and bound is not None:
        return bound_money_told(bound)
    if reason is Reason.LIMIT_REACHED and limit is not None:
        return amount_limit_told(limit)
    if line is not None and line.limit is not None:
        return quantity_limit_told(line.name, line.limit)
    wording = WORDINGS[reason]
    money = {
        "amount": written(amount),
        "balance": written(balance),
        "missing": written(max(amount - balance, 0)),
    }
    return _filled(wording.sentence, line, money), _filled(wording.next_step, line, money)


def _filled(text: str, line: JudgedLine | None, money: dict[str, str] | None = None) -> str:
    words = {"item": "Barang", "price": "", "unit": "satuan", "ceiling": ""} | (money or {})
    if line is not None:
        words |= {
            "item": line.name,
            "price": written(line.unit_price),
            "unit": unit_name(line.unit),
            "ceiling": written(line.ceiling or Rupiah(0)),
        }
    return text.format_map(words)
