// What the screen "Tampilan & suara" says.

/** @type {Record<string, {title: string, of: Record<string, string>}>} */
export const LOOKS = {
  theme: { title: 'Warna layar', of: { biasa: 'Biasa', terik: 'Terik matahari', malam: 'Malam' } },
  text: { title: 'Besar huruf', of: { 100: 'Biasa', 150: 'Besar', 200: 'Sangat besar' } },
  hand: { title: 'Papan angka', of: { right: 'Di kanan', left: 'Di kiri' } },
  sound: { title: 'Suara', of: { tones: 'Nada', words: 'Nada dan jumlah', off: 'Tanpa suara' } },
  language: { title: 'Bahasa', of: { id: 'Indonesia', jv: 'Jawa', su: 'Sunda' } },
};
export const TITLE = 'Tampilan & suara';
export const LISTEN = 'Coba suara';
export const NEWER = 'Versi baru sudah siap. Dipasang sendiri saat keranjang kosong.';
export const WITHOUT_SIGNAL = 'Kasir ini bisa dibuka tanpa sinyal.';
export const ONLY_WITH_SIGNAL = 'Kasir ini hanya bisa dibuka dengan sinyal: alamatnya belum aman (https).';
