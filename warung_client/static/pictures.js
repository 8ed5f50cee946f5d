// Which drawing in icons/goods.svg shows a good.

/** Every drawing there is, named like the catalogue's pictures or a good's code; a test compares. */
export const DRAWINGS = new Set([
  'beras', 'beras-premium', 'beras-sphp', 'beras-khusus', 'jagung', 'sagu', 'umbi', 'singkong', 'telur', 'telur-bebek', 'telur-puyuh', 'ayam',
  'ayam-kampung', 'daging', 'ikan', 'ikan-asin', 'ikan-teri', 'ikan-lele', 'tempe', 'tahu',
  'kacang', 'kacang-tanah', 'kacang-merah', 'kedelai-lokal', 'sayur', 'kangkung',
  'kacang-panjang', 'kol', 'terong', 'ketimun', 'buncis', 'labu-siam', 'kentang', 'wortel',
  'tomat', 'bawang', 'bawang-putih', 'cabai', 'cabai-rawit', 'cabai-keriting', 'pisang', 'jeruk',
  'apel', 'buah', 'pepaya', 'semangka', 'mangga', 'salak', 'jambu-biji', 'minyak', 'gula',
  'tepung', 'garam', 'bumbu', 'susu', 'kaleng', 'mi', 'minuman', 'sabun', 'gas', 'pulsa',
  'rokok', 'miras', 'bir', 'pangan', 'barang',
]);

const SAME = { 'kedelai-impor': 'kedelai-lokal' };
const NO_FOOD = 'NON_PANGAN';

/**
 * The good's own drawing, else its catalogue picture, else a plain one.
 * @param {{sku: string, picture?: string, group?: string}} good @returns {string}
 */
export function pictureOf({ sku, picture = '', group = '' }) {
  const own = sku.toLowerCase();
  const found = [SAME[own] ?? own, picture].find((name) => DRAWINGS.has(name));
  return found ?? (group === NO_FOOD ? 'barang' : 'pangan');
}
