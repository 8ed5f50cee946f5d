// What stands on the keys under a receipt, and what became of it: a sale needs no more of these words.

import { say } from '../words.js';

export const RECEIPT = {
  TITLE: 'Struk', PRINT: 'Cetak struk', PICTURE: 'Bagikan gambar', TEXT: 'Bagikan teks',
  PRINTED: 'Struk dikirim ke printer.',
  GIVEN: { SHARED: 'Struk sudah dibagikan.', SAVED: 'Struk tersimpan di berkas Unduhan.', COPIED: 'Teks struk sudah disalin. Tempel di pesan.' },
  PRINTER_GONE: say('Printer belum menjawab. Struk tetap ada di sini.', 'Nyalakan printer, isi kertas, lalu tekan Cetak lagi. Atau bagikan gambarnya.'),
  NOT_SHARED: say('Struk belum bisa dibagikan dari tablet ini.', 'Cetak struknya, atau tulis nomor struk di kertas.'),
  NONE: say('Belanja ini tidak punya struk.', 'Hanya belanja yang disetujui yang punya struk.'),
};
