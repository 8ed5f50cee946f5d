// A day at this till: what the drawer should hold, what was sold, who stood there, and finding a sale again.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  drawer, expected, found, handed, isOpen, JOURNAL_MAX, noted, NOTES_MAX, opened, soldHere, written,
} from '../../warung_client/static/shift/book.js';
import { countedAs, inBase, levelOf, received, scarce, shelf, sold, warnedAt } from '../../warung_client/static/shift/stock.js';
import { differenceWord, unsentWord } from '../../warung_client/static/words/shift.js';

const shift = opened({ id: 's', shop: 'w', till: 't', day: '2026-11-21', now: 1, cash: 200_000, cashier: 'Sri' });
const sale = (id, amount, kind = 'APPROVED') => ({ id, number: `3507-261121-${id}`, amount, at: 1, kind, method: 'KKS' });

test('aid never passes through the drawer: opening, cash sales, in and out', () => {
  const busy = noted(noted(written(shift, sale('A', 67_000)), { kind: 'IN', amount: 50_000, word: 'x', at: 2 }), { kind: 'OUT', amount: 120_000, word: 'y', at: 3 });
  const cash = drawer(busy, 350_000, 478_000);
  assert.deepEqual(cash, { opening: 200_000, sales: 350_000, taken_in: 50_000, taken_out: 120_000, counted: 478_000 });
  assert.equal(expected(cash), 480_000);
});

test('a note without an amount, and one too many, change nothing', () => {
  assert.equal(noted(shift, { kind: 'IN', amount: 0, word: '', at: 1 }), shift);
  const full = { ...shift, notes: Array.from({ length: NOTES_MAX }, () => ({ kind: 'IN', amount: 1, word: '', at: 1 })) };
  assert.equal(noted(full, { kind: 'IN', amount: 1, word: '', at: 1 }), full);
});

test('the same sale seen twice is one sale, a cancelled one none', () => {
  const twice = written(written(written(shift, sale('A', 67_000)), sale('A', 67_000)), sale('B', 10_000, 'RECORDED'));
  assert.deepEqual(soldHere(twice), { count: 2, amount: 77_000, waiting: 1, waitingAmount: 10_000 });
  assert.deepEqual(soldHere(written(twice, sale('A', 67_000, 'VOIDED'))).count, 1);
  const many = Array.from({ length: JOURNAL_MAX + 5 }, (_, place) => sale(`n${place}`, 1)).reduce(written, shift);
  assert.equal(many.journal.length, JOURNAL_MAX);
});

test('a shift belongs to its till and day until it is closed', () => {
  assert.ok(isOpen(shift, 't', '2026-11-21'));
  assert.ok(!isOpen(shift, 'other', '2026-11-21'));
  assert.ok(!isOpen(shift, 't', '2026-11-22'));
  assert.ok(!isOpen({ ...shift, closed: {} }, 't', '2026-11-21'));
  assert.ok(!isOpen(null, 't', '2026-11-21'));
});

test('who takes over is written down', () => {
  const next = handed(shift, 'Budi', 9);
  assert.deepEqual([next.cashier, next.hands], ['Budi', [{ from: 'Sri', to: 'Budi', at: 9 }]]);
  assert.equal(handed(next, 'Budi', 10), next);
});

test('a sale is found by number, amount or hour', () => {
  const rows = [{ number: '3507-261121-0A1B2C3D', amount: 67_000, hour: '09.14 WIB' }, { number: '3507-261121-FFFF0000', amount: 13_400, hour: '10.05 WIB' }];
  const hourOf = (row) => row.hour;
  const numbers = (wanted) => found(rows, wanted, hourOf).map(({ amount }) => amount);
  assert.deepEqual(numbers('2c3d'), [67_000]);
  assert.deepEqual(numbers('Rp67.000'), [67_000]);
  assert.deepEqual(numbers('13400'), [13_400]);
  assert.deepEqual(numbers('9.14'), [67_000]);
  assert.deepEqual(numbers('10:05'), [13_400]);
  assert.deepEqual(numbers('zzz'), []);
  assert.deepEqual(numbers(' '), [67_000, 13_400]);
});

const GOODS = [
  { sku: 'TELUR-AYAM', position: 2, base_unit: 'kg', units: [{ code: 'kg', numerator: 1, denominator: 1 }, { code: 'butir', numerator: 1, denominator: 16 }] },
  { sku: 'BERAS-MEDIUM', position: 1, base_unit: 'kg', units: [{ code: 'kg', numerator: 1, denominator: 1 }] },
];
const line = (sku, unit, quantityMilli) => ({ sku, unit, quantityMilli });

test('stock falls with each sale in the unit it is counted in, and comes back with a void', () => {
  const stock = countedAs({}, 'TELUR-AYAM', 10_000);
  const after = sold(stock, [line('TELUR-AYAM', 'butir', 32_000), line('BERAS-MEDIUM', 'kg', 5_000), line('GARAM', 'kg', 1_000)], GOODS);
  assert.equal(after['TELUR-AYAM'].milli, 8_000);
  assert.equal(after['BERAS-MEDIUM'], undefined, 'nobody counts it');
  assert.deepEqual(sold(after, [line('TELUR-AYAM', 'butir', 32_000)], GOODS, -1)['TELUR-AYAM'], stock['TELUR-AYAM']);
  assert.equal(inBase(GOODS[1], '', 1_000, { numerator: 5, denominator: 1 }), 5_000, 'a scanned sack of 5 kg');
  assert.equal(inBase(undefined, 'kg', 1), null);
});

test('scarce goods stand first and are flagged', () => {
  let stock = received(countedAs({}, 'TELUR-AYAM', 1_000), 'TELUR-AYAM', 3_000);
  stock = countedAs(stock, 'BERAS-MEDIUM', 50_000);
  assert.deepEqual(shelf(stock, GOODS).map(({ good, level }) => [good.sku, level]), [['TELUR-AYAM', 'LOW'], ['BERAS-MEDIUM', 'FINE']]);
  assert.equal(scarce(stock), 1);
  assert.equal(levelOf({ milli: 0, low: 5 }), 'GONE');
  assert.equal(levelOf(warnedAt(stock, 'TELUR-AYAM', 3_000)['TELUR-AYAM']), 'FINE');
  assert.equal(warnedAt(stock, 'GARAM', 1), stock);
});

test('what stops a closing is said with count and rupiah', () => {
  assert.equal(unsentWord(3, 245_000), '3 belanja (Rp245.000) belum terkirim');
  assert.deepEqual([differenceWord(1_000), differenceWord(-2_000)], ['Lebih Rp1.000', 'Kurang Rp2.000']);
});
