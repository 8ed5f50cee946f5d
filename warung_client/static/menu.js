// What the menu offers beside a sale: the screen, its sign and word, and who may open it.

/** @typedef {{screen: string, sign: string, word: string, roles?: string[]}} Entry */

/** @type {Entry[]} in the order they stand */
export const ENTRIES = [
  { screen: 'prices', sign: 'pen', word: 'Harga warung' },
  { screen: 'cashday', sign: 'cash', word: 'Tunai hari ini' },
  { screen: 'pending', sign: 'clock', word: 'Tertunda' },
  { screen: 'allowances', sign: 'card', word: 'Jatah tanpa sinyal' },
  { screen: 'device', sign: 'tablet', word: 'Perangkat' },
  { screen: 'shift', sign: 'cash', word: 'Buka dan tutup kas' },
  { screen: 'stock', sign: 'goods', word: 'Stok' },
  { screen: 'money', sign: 'bank', word: 'Uang Anda', roles: ['PEMILIK'] },
  { screen: 'complaints', sign: 'warn', word: 'Pengaduan' },
  { screen: 'printer', sign: 'printer', word: 'Printer' },
  { screen: 'guide', sign: 'ask', word: 'Bantuan' },
  { screen: 'training', sign: 'pen', word: 'Latihan' },
  { screen: 'look', sign: 'eye', word: 'Tampilan & suara' },
];

/** @param {string|undefined} role @returns {Entry[]} */
export const entriesFor = (role) => ENTRIES.filter(({ roles }) => !roles || roles.includes(role ?? ''));
