// The shop, the families and the shelf of the training ground: invented, the same each time.

const KG = { code: 'kg', numerator: 1, denominator: 1, whole: false };
const LITER = { code: 'L', numerator: 1, denominator: 1, whole: false };
const EGG = { code: 'butir', numerator: 1, denominator: 16, whole: true };
const PIECE = { code: 'bungkus', numerator: 1, denominator: 1, whole: true };
const BANNED = 'tidak boleh dibeli dengan bantuan. Bisa dibayar tunai, struk terpisah.';

/**
 * @param {[string, string, string, string, string]} names sku, name, group, category, picture
 * @param {number} position @param {any[]} units @param {number|null} ceiling rupiah for the first unit
 * @returns {import('../types.js').Good}
 */
function good([sku, name, group, category, picture], position, units, ceiling) {
  return {
    sku, name, group, category, picture, position, base_unit: units[0].code, units, verdict: 'OK', flags: [], daily_limit: null, programmes: ['BPNT'],
    ceiling: ceiling === null ? null : { amount: ceiling, kind: 'HET', action: 'DECLINE', unit: units[0].code, regulation: 'Contoh' },
  };
}

/** @param {[string, string, string, string, string]} names @param {number} position @returns {import('../types.js').Good} */
const banned = (names, position) => ({
  ...good(names, position, [PIECE], null), verdict: 'ITEM_BANNED', message: `${names[1]} ${BANNED}`, programmes: [],
});

/** @type {import('../types.js').Good[]} */
export const GOODS = [
  good(['BERAS-MEDIUM', 'Beras medium', 'KARBO', 'RICE', 'beras'], 1, [KG], 13_500),
  good(['BERAS-PREMIUM', 'Beras premium', 'KARBO', 'RICE', 'beras-premium'], 2, [KG], 14_900),
  good(['JAGUNG', 'Jagung', 'KARBO', 'CORN', 'jagung'], 3, [KG], null),
  good(['TELUR-AYAM', 'Telur ayam ras', 'HEWANI', 'EGG', 'telur'], 4, [KG, EGG], 30_000),
  good(['DAGING-AYAM', 'Daging ayam', 'HEWANI', 'MEAT', 'ayam'], 5, [KG], 40_000),
  good(['TEMPE', 'Tempe', 'NABATI', 'SOY', 'tempe'], 6, [KG], null),
  good(['TAHU', 'Tahu', 'NABATI', 'SOY', 'tahu'], 7, [KG], null),
  good(['BAYAM', 'Bayam', 'VITMIN', 'VEGETABLE', 'sayur'], 8, [KG], null),
  good(['PISANG', 'Pisang', 'VITMIN', 'FRUIT', 'pisang'], 9, [KG], null),
  good(['MINYAKITA', 'MinyaKita', 'LAIN', 'OIL', 'minyak'], 10, [LITER], 15_700),
  banned(['ROKOK-KRETEK', 'Rokok kretek', 'NON_PANGAN', 'TOBACCO', 'rokok'], 11),
];

export const SHOP = { shop_id: 'latihan', name: 'Warung Latihan', region: '35.07', time_zone: 'Asia/Jakarta' };
const DEVICE = { device_id: 'latihan', device_secret: 'latihan', shop_id: SHOP.shop_id, shop_name: SHOP.name, region_name: 'Latihan', pin: '123456' };
/** Who works there. */
export const STAFF = [
  { ...DEVICE, staff_id: 'latihan-kasir', role: 'KASIR', name: 'Kasir latihan' },
  { ...DEVICE, staff_id: 'latihan-pemilik', role: 'PEMILIK', name: 'Pemilik latihan' },
];

/** Who buys there. Card and telephone belong to nobody. */
export const FAMILIES = [
  { card: '6019000000000014', msisdn: '081200000001', name: 'S*** W******', balance: 200_000 },
  { card: '6019000000000022', msisdn: '081200000002', name: 'B*** S******', balance: 60_000 },
];
/** Of every family, and the code of every text message. */
export const SAMPLE_PIN = '123456';
