// Scanner, waiting baskets, split tender, favourites, prices, change and the slips of ordinary sales.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cart from '../../warung_client/static/cart.js';
import { sumsOf } from '../../warung_client/static/selling/cash_book.js';
import { cashSlip, numberOf } from '../../warung_client/static/selling/cash_slip.js';
import { changeOf, GIVEN_MAX, withNote } from '../../warung_client/static/selling/change.js';
import { gtinFits, meaningOf } from '../../warung_client/static/selling/codes.js';
import { counted, favourites, TOP } from '../../warung_client/static/selling/favourites.js';
import { drawer } from '../../warung_client/static/selling/keep.js';
import { OTHER, unlisted } from '../../warung_client/static/selling/other.js';
import { park, PARKED_MAX, recall, waiting } from '../../warung_client/static/selling/park.js';
import { forget, lastTwo, note, priceKey, pricesNow, PRICE_DAYS_MAX } from '../../warung_client/static/selling/prices.js';
import { isUsual, soldOn, soldOnce } from '../../warung_client/static/selling/same.js';
import { split } from '../../warung_client/static/selling/split.js';
import { divided, payableNow } from '../../warung_client/static/selling/splitting.js';
import { keyed, NO_BURST } from '../../warung_client/static/selling/wedge.js';

const KG = { code: 'kg', numerator: 1, denominator: 1, whole: false };
const SACK = { code: 'karung5', numerator: 5, denominator: 1, whole: true };
const GOODS = [
  { sku: 'BERAS-MEDIUM', name: 'Beras medium', verdict: 'OK', position: 10, base_unit: 'kg', units: [KG, SACK] },
  { sku: 'TELUR-AYAM', name: 'Telur ayam', verdict: 'OK', position: 20, base_unit: 'kg', units: [KG] },
  { sku: 'TEMPE', name: 'Tempe', verdict: 'OK', position: 30, base_unit: 'kg', units: [KG] },
  { sku: 'ROKOK-KRETEK', name: 'Rokok kretek', verdict: 'ITEM_BANNED', position: 40, base_unit: 'bungkus', units: [{ ...SACK, code: 'bungkus' }] },
];
const rice = { key: 1, sku: 'BERAS-MEDIUM', name: 'Beras medium', unit: 'kg', quantityMilli: 5000, unitPrice: 13400 };
const eggs = { key: 2, sku: 'TELUR-AYAM', name: 'Telur ayam', unit: 'kg', quantityMilli: 1000, unitPrice: 28000 };

/** Types a text; `gaps` between its keys in milliseconds. */
function typed(text, gap, end = 'Enter') {
  let [burst, read, at] = [NO_BURST, null, 1000];
  for (const key of [...text, end]) ({ burst, read } = keyed(burst, key, at += gap));
  return read;
}

test('a scanner is heard, fingers are not', () => {
  assert.equal(typed('2990000000019', 4), '2990000000019');
  assert.equal(typed('2990000000019', 4, 'Tab'), '2990000000019');
  assert.equal(typed('2990000000019', 120), null);
  assert.equal(typed('1234567', 4), null); // too short for a barcode
  assert.equal(typed('12', 4), null);
  let { burst } = keyed(NO_BURST, '9', 0);
  for (const [place, key] of [...'2990000000019'].entries()) {
    burst = keyed(burst, key, 5000 + place * 5).burst; // a digit typed long before is no part of it
    burst = keyed(burst, 'Shift', 5000 + place * 5 + 1).burst;
  }
  assert.equal(keyed(burst, 'Enter', 5070).read, '2990000000019');
  assert.equal(keyed(burst, 'Enter', 9000).read, null);
});

test('a scanned code is a pack, a stranger, a card or nothing', () => {
  const pack = { gtin: '2990000000019', sku: 'BERAS-MEDIUM', name: 'Beras medium karung 5 kg', unit: SACK };
  const catalogue = { goods: GOODS, packs: [pack] };
  assert.equal(gtinFits('2990000000019'), true);
  assert.equal(gtinFits('2990000000018'), false);
  assert.equal(gtinFits('99'), false);
  assert.deepEqual(meaningOf(' 2990000000019', catalogue), { kind: 'PACK', pack, good: GOODS[0] });
  assert.deepEqual(meaningOf('02990000000019', catalogue).kind, 'PACK'); // the same pack with 14 digits
  assert.deepEqual(meaningOf('8992222222220', { goods: GOODS }), { kind: 'NONE' });
  assert.deepEqual(meaningOf('96385074', catalogue), { kind: 'UNKNOWN', gtin: '96385074' });
  assert.deepEqual(meaningOf('EWK1:abc:def', catalogue), { kind: 'PERSON' });
  assert.equal(unlisted('96385074').pack.gtin, '96385074');
  assert.equal(OTHER.sku, '');
});

test('too little balance: whole goods first, then a part of what can be weighed', () => {
  const parts = split([rice, eggs], GOODS, 60_000);
  assert.deepEqual(parts.aid.map(({ sku, quantityMilli }) => [sku, quantityMilli]), [['BERAS-MEDIUM', 2300], ['TELUR-AYAM', 1000]]);
  assert.deepEqual(parts.cash.map(({ sku, quantityMilli }) => [sku, quantityMilli]), [['BERAS-MEDIUM', 2700]]);
  assert.equal(parts.aidTotal, 58_820);
  assert.equal(parts.aidTotal + parts.cashTotal, 95_000);
  parts.cash.concat(parts.aid).forEach(({ sku, unitPrice }) => assert.equal(unitPrice, sku === 'TELUR-AYAM' ? 28000 : 13400));
});

test('sacks, packs, banned and refused goods are never divided', () => {
  const sack = { ...rice, unit: 'karung5', quantityMilli: 2000, unitPrice: 67000 };
  assert.deepEqual(split([sack], GOODS, 100_000).aid.map(({ quantityMilli }) => quantityMilli), [1000]);
  assert.deepEqual(split([sack], GOODS, 60_000).aid, []);
  const pack = { ...rice, unit: 'pack', gtin: '2990000000019', pack: SACK, quantityMilli: 3000, unitPrice: 67000 };
  assert.deepEqual(split([pack], GOODS, 140_000).aid.map(({ quantityMilli }) => quantityMilli), [2000]);
  const smoke = { ...rice, sku: 'ROKOK-KRETEK', unit: 'bungkus', quantityMilli: 2000, unitPrice: 20000 };
  assert.deepEqual(split([smoke], GOODS, 30_000).aid, []);
  const refused = { ...eggs, mark: { verdict: 'PRICE_ABOVE_CEILING', message: '', ceiling: 1 } };
  assert.deepEqual(split([refused], GOODS, 100_000).cash.length, 1);
  assert.deepEqual(split([rice, eggs], GOODS, 0), { aid: [], cash: [rice, eggs], aidTotal: 0, cashTotal: 95_000 });
});

test('no division ever asks the aid for more than it has, and nothing is lost', () => {
  let seed = 7;
  const random = (max) => { seed = (seed * 48271) % 2147483647; return seed % max; };
  for (let round = 0; round < 2000; round += 1) {
    const lines = Array.from({ length: 1 + random(5) }, (_, place) => ({
      ...rice, key: place, sku: GOODS[random(3)].sku, quantityMilli: 100 * (1 + random(60)), unitPrice: 500 + random(40_000),
    }));
    const money = random(150_000);
    const { aid, cash, aidTotal } = split(lines, GOODS, money);
    assert.ok(aidTotal <= money);
    lines.forEach(({ key, quantityMilli }) => assert.equal(
      [...aid, ...cash].filter((line) => line.key === key).reduce((sum, line) => sum + line.quantityMilli, 0), quantityMilli));
  }
});

test('after the division a proven payer agrees again, others prove again', () => {
  const quote = { quote_id: 'q2', amount: 58_820, lines: [], balance_before: 60_000, balance_after: 1_180 };
  const sale = { visit: 3, way: 'FACE', token: 't', stepUp: [], amount: 95_000, balance: { before: 60_000 } };
  const state = { screen: 'agree', sale, aside: cart.EMPTY_CART, outcome: { approvable_amount: 0 } };
  assert.equal(payableNow(state), 60_000);
  assert.equal(payableNow({ ...state, screen: 'result', outcome: { approvable_amount: 40_000 } }), 40_000);
  assert.equal(payableNow({ screen: 'agree', sale: {} }), 0);
  const basket = cart.withLines(cart.EMPTY_CART, [rice]);
  const proven = divided(state, basket, [eggs], quote);
  assert.deepEqual([proven.screen, proven.sale.amount, proven.sale.balance.after, proven.purchaseId], ['agree', 58_820, 1_180, null]);
  assert.equal(cart.total(proven.aside), 28_000);
  const card = divided({ ...state, sale: { ...sale, token: null, way: 'KKS', card: '1' } }, basket, [eggs], { ...quote, balance_before: null });
  assert.deepEqual([card.screen, card.sale.card, card.sale.balance, card.sale.asking], ['agree', '1', null, null]);
  const phone = divided({ ...state, sale: { ...sale, token: null, way: 'PHONE', msisdn: '08' } }, basket, [eggs], quote);
  assert.deepEqual([phone.screen, phone.sale.way, phone.sale.msisdn, phone.sale.quoteId], ['who', 'PHONE', '08', 'q2']);
});

test('six baskets wait under letters, the one in hand changes places', () => {
  const basket = (sku) => ({ atMs: 1000, cart: cart.withLines(cart.EMPTY_CART, [{ ...rice, sku }]), aside: cart.EMPTY_CART, purchaseId: null });
  let parked = [];
  for (let number = 0; number < PARKED_MAX; number += 1) parked = park(parked, basket(`S${number}`));
  assert.deepEqual(parked.map(({ label }) => label), ['A', 'B', 'C', 'D', 'E', 'F']);
  assert.equal(park(parked, basket('X')), null);
  const swapped = recall(parked, 'C', basket('HAND'));
  assert.equal(swapped.basket.cart.lines[0].sku, 'S2');
  assert.equal(swapped.parked.length, PARKED_MAX);
  assert.equal(swapped.parked.find(({ label }) => label === 'C').cart.lines[0].sku, 'HAND');
  assert.equal(recall(parked, 'C', null).parked.length, PARKED_MAX - 1);
  assert.deepEqual(recall(parked, 'Z', null), { basket: null, parked });
  assert.deepEqual(waiting(parked, 1000 + 13 * 3_600_000), []);
  assert.equal(waiting(parked, 2000).length, PARKED_MAX);
  assert.ok(parked.every((one) => !('name' in one)));
});

test('favourites follow what is sold, once there is a habit', () => {
  let counts = {};
  for (let times = 0; times < 2; times += 1) counts = counted(counts, ['TEMPE', 'ROKOK-KRETEK', '']);
  assert.deepEqual(favourites(counts, GOODS), []);
  counts = counted(counts, ['TEMPE', 'ROKOK-KRETEK']);
  assert.deepEqual(favourites(counts, GOODS).map(({ sku }) => sku), ['TEMPE']);
  for (let times = 0; times < 10; times += 1) counts = counted(counts, ['BERAS-MEDIUM']);
  assert.deepEqual(favourites(counts, GOODS).map(({ sku }) => sku), ['BERAS-MEDIUM', 'TEMPE']);
  for (let times = 0; times < 400; times += 1) counts = counted(counts, ['TELUR-AYAM']);
  assert.ok(counts['TELUR-AYAM'] <= 400);
  assert.equal(favourites(counts, GOODS)[0].sku, 'TELUR-AYAM');
  const many = Array.from({ length: 20 }, (_, place) => ({ ...GOODS[0], sku: `S${place}`, position: place }));
  assert.equal(favourites(Object.fromEntries(many.map(({ sku }) => [sku, 5])), many).length, TOP);
});

test('the shop has its own price a day; a typed one never replaces the list', () => {
  const key = priceKey({ sku: 'BERAS-MEDIUM', unit: 'kg' });
  assert.equal(priceKey({ sku: 'BERAS-MEDIUM', unit: 'pack', gtin: '299' }), 'BERAS-MEDIUM 299');
  let book = note({}, key, { day: '2026-11-21', price: 13_000, set: false });
  book = note(book, key, { day: '2026-11-22', price: 13_200, set: true });
  assert.deepEqual(pricesNow(book), { [key]: 13_200 });
  assert.equal(note(book, key, { day: '2026-11-22', price: 12_000, set: false }), book);
  assert.equal(note(book, key, { day: '2026-11-22', price: 13_200, set: true }), book);
  book = note(book, key, { day: '2026-11-22', price: 13_300, set: true });
  assert.deepEqual([lastTwo(book, key).newest.price, lastTwo(book, key).before.price], [13_300, 13_000]);
  assert.deepEqual(lastTwo(book, 'none'), { newest: null, before: null });
  for (let day = 1; day < 28; day += 1) book = note(book, key, { day: `2026-12-${String(day).padStart(2, '0')}`, price: day, set: false });
  assert.equal(book[key].length, PRICE_DAYS_MAX);
  assert.deepEqual(forget(book, key), {});
  const full = Object.fromEntries(Array.from({ length: 500 }, (_, place) => [`S${place} kg`, [{ day: 'd', price: 1, set: false }]]));
  assert.equal(note(full, key, { day: 'd', price: 1, set: true }), full);
});

test('the fifth basket of its kind in a day is told, another day is new', () => {
  let sold = null;
  for (let times = 0; times < 4; times += 1) {
    assert.equal(isUsual(sold, [rice, eggs]), false);
    sold = soldOnce(sold, '2026-11-22', times % 2 ? [rice, eggs] : [eggs, rice]);
  }
  assert.equal(isUsual(sold, [rice, { ...eggs, unitPrice: 1 }]), true);
  assert.equal(isUsual(sold, [rice]), false);
  assert.equal(isUsual(soldOn(sold, '2026-11-23'), [rice, eggs]), false);
  assert.equal(soldOn(sold, '2026-11-22'), sold);
  assert.deepEqual(soldOnce(sold, '2026-11-23', [rice]).times, { 'BERAS-MEDIUM/kg/5000': 1 });
  assert.equal(isUsual(sold, []), false);
});

test('notes on the counter and what goes back', () => {
  assert.equal(withNote(withNote(0, 50_000), 50_000), 100_000);
  assert.equal(withNote(GIVEN_MAX, 20_000), GIVEN_MAX);
  assert.equal(changeOf(83_500, 100_000), 16_500);
  assert.equal(changeOf(83_500, 83_500), 0);
  assert.equal(changeOf(83_500, 80_000), null);
});

test('a cash receipt fits the paper and says that it is no aid', () => {
  const sale = {
    id: 'x', shop_id: 'S', day: '2026-11-22', number: 7, at: '22 Nov 2026 09.14 WIB', way: 'CASH', amount: 88_000, given: 100_000,
    lines: [{ ...rice, key: undefined, name: 'Rokok kretek isi dua belas batang dengan nama yang panjang sekali' }, { ...rice, name: 'Tempe', quantityMilli: 1000, unitPrice: 21_000 }],
  };
  const text = cashSlip(sale, 'Warung Bu Sri Makmur Sentosa Jaya Abadi');
  assert.ok(text.split('\n').every((line) => line.length <= 32), text);
  assert.match(text, /BUKAN BELANJA BANTUAN/);
  assert.match(text, /No T22-0007/);
  assert.match(text, /JUMLAH +Rp88\.000\nTunai\nUang +Rp100\.000\nKembali +Rp12\.000/);
  assert.doesNotMatch(cashSlip({ ...sale, way: 'QRIS', given: 88_000 }, 'W'), /Kembali/);
  assert.equal(numberOf(sale), 'T22-0007');
  assert.deepEqual(sumsOf([sale, { ...sale, way: 'QRIS', amount: 5 }]), { sales: 2, goodsLines: 4, cash: 88_000, qris: 5, cancelled: 0 });
  const gone = { ...sale, cancelled: '22 Nov 2026 09.20 WIB' };
  assert.match(cashSlip(gone, 'W'), / +DIBATALKAN\n +22 Nov 2026 09\.20 WIB\n/);
  assert.deepEqual(sumsOf([sale, gone]), { sales: 1, goodsLines: 2, cash: 88_000, qris: 0, cancelled: 1 });
});

test('a full or broken storage forgets and sells on', () => {
  const rows = new Map();
  const storage = { getItem: (name) => rows.get(name) ?? null, setItem: (name, value) => rows.set(name, value) };
  const ours = drawer(storage, 'S1');
  assert.equal(ours.read('prices', 5), 5);
  assert.equal(ours.write('prices', { a: 1 }), true);
  assert.deepEqual(ours.read('prices', null), { a: 1 });
  assert.equal(drawer(storage, 'S2').read('prices', null), null);
  rows.set('ewarong.selling.S1.prices', '{half');
  assert.equal(ours.read('prices', 'none'), 'none');
  assert.equal(drawer({ setItem() { throw new Error('full'); } }, 'S').write('x', 1), false);
});
