// Rupiah as they are said in Indonesian: the names of the clips, one after the other.

const DIGITS = ['nol', 'satu', 'dua', 'tiga', 'empat', 'lima', 'enam', 'tujuh', 'delapan', 'sembilan'];
export const AMOUNT_MAX = 999_999_999;

/** Every clip that a number may need. */
export const NUMBER_CLIPS = [
  ...DIGITS, 'sepuluh', 'sebelas', 'belas', 'puluh', 'seratus', 'ratus', 'seribu', 'ribu', 'juta', 'rupiah',
];
/** What is said besides. */
export const WORD_CLIPS = ['jumlah-belanja', 'sisa-saldo', 'disetujui', 'dicatat', 'belum-bisa', 'silakan-coba', 'terima-kasih'];

/** 1 to 999. @param {number} count @returns {string[]} */
function hundreds(count) {
  const [hundred, rest] = [Math.floor(count / 100), count % 100];
  const head = hundred === 0 ? [] : hundred === 1 ? ['seratus'] : [DIGITS[hundred], 'ratus'];
  return [...head, ...tens(rest)];
}

/** 0 to 99; nothing for zero. @param {number} count @returns {string[]} */
function tens(count) {
  if (count === 0) return [];
  if (count < 10) return [DIGITS[count]];
  if (count === 10) return ['sepuluh'];
  if (count === 11) return ['sebelas'];
  if (count < 20) return [DIGITS[count - 10], 'belas'];
  return [DIGITS[Math.floor(count / 10)], 'puluh', ...tens(count % 10)];
}

/**
 * 67000 -> enam puluh tujuh ribu.
 * @param {number} count a whole number from 0 to AMOUNT_MAX @returns {string[]}
 */
export function numberWords(count) {
  if (!Number.isInteger(count) || count < 0 || count > AMOUNT_MAX) throw new RangeError(`not said: ${count}`);
  if (count === 0) return ['nol'];
  const [millions, thousands, rest] = [Math.floor(count / 1_000_000), Math.floor(count / 1000) % 1000, count % 1000];
  return [
    ...(millions ? [...hundreds(millions), 'juta'] : []),
    // "seribu" stands alone or after millions; 21.000 is "dua puluh satu ribu"
    ...(thousands === 1 ? ['seribu'] : thousands ? [...hundreds(thousands), 'ribu'] : []),
    ...(rest ? hundreds(rest) : []),
  ];
}

/** @param {number} amount @returns {string[]} */
export const rupiahWords = (amount) => [...numberWords(amount), 'rupiah'];
