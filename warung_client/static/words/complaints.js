// What the screen Pengaduan says.

export const COMPLAINT = {
  TITLE: 'Pengaduan', SWAPS: 'Barang yang harus ditukar', NONE: 'Tidak ada barang yang menunggu ditukar.', RECEIPT: 'Struk', UNTIL: 'Tukar paling lambat', LATE: 'Terlambat, batasnya',
  SWAPPED: 'Sudah ditukar', HER_PIN: 'PIN belanja Ibu/Bapak KPM', HER_PIN_WHY: 'KPM mengetik sendiri bila barang penggantinya baik. Tanpa uang.', AGREED: 'Setuju, sudah ditukar',
  WITHOUT: 'KPM tidak di sini: catat kata warung saja', WRITE: 'Tulis laporan KPM', WHICH: 'Tentang belanja yang mana?', NO_RECEIPTS: 'Belum ada belanja hari ini. KPM bisa SMS LAPOR atau lewat pendamping.',
  WHAT: 'Apa masalahnya?',
  KINDS: [
    { kind: 'QUALITY', word: 'Barang rusak, basi, atau bermutu jelek' },
    { kind: 'PRICE', word: 'Harga terlalu mahal' },
    { kind: 'NOT_ME', word: 'Bukan belanja KPM ini' },
    { kind: 'BALANCE', word: 'Saldo kosong atau kurang' },
    { kind: 'CARD', word: 'Kartu, PIN, atau nomor HP' },
    { kind: 'OTHER', word: 'Lainnya' },
  ],
};
