// The tablet's own decision: the same refusals as the engine's, by the catalogue it keeps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, EMPTY_CART } from '../../warung_client/static/cart.js';
import { envelopeLines, judge } from '../../warung_client/static/offline/judging.js';
import { paper } from '../../warung_client/static/offline/receipt.js';

const kg = { code: 'kg', numerator: 1, denominator: 1, whole: false };
const egg = { code: 'butir', numerator: 1, denominator: 16, whole: true };
const litre = { code: 'L', numerator: 1, denominator: 1, whole: false };
const bottle = { code: 'botol900', numerator: 9, denominator: 10, whole: true };
const het = (amount, action = 'DECLINE') => ({ amount, kind: 'HET', action, unit: 'kg', regulation: 'x' });
const good = (sku, changes) => ({ sku, name: sku, base_unit: 'kg', units: [kg], verdict: 'OK', price_rule: 'HET', ceiling: het(13_500), daily_limit: null, ...changes });
const CATALOGUE = {
  goods: [
    good('BERAS-MEDIUM'), good('TELUR-AYAM', { units: [kg, egg], ceiling: het(32_000, 'FLAG') }),
    good('MINYAKITA', { base_unit: 'L', units: [litre, bottle], ceiling: het(15_700), daily_limit: { quantity_milli: 2000, unit: 'L', regulation: 'x' } }),
    good('ROKOK-KRETEK', { verdict: 'ITEM_BANNED', message: 'Rokok tidak boleh.' }), good('SABUN', { verdict: 'ITEM_NOT_IN_PROGRAMME' }),
    good('SAGU', { ceiling: null }), good('TEMPE', { ceiling: null, price_rule: 'NONE' }),
  ],
};
const line = (sku, price, quantity = 1000, unit = 'kg') => ({ sku, quantity_milli: quantity, unit_price: price, unit });
const verdict = (...lines) => judge(lines, CATALOGUE).lines.map((each) => each.verdict);

test('a price at the ceiling sells, one rupiah above does not, and the highest lawful one is named', () => {
  assert.deepEqual(verdict(line('BERAS-MEDIUM', 13_500)), ['OK']);
  const { lines: [said], reason, total } = judge([line('BERAS-MEDIUM', 13_501, 5000)], CATALOGUE);
  assert.deepEqual([said.verdict, said.ceiling, reason, total], ['PRICE_ABOVE_CEILING', 13_500, 'PRICE_ABOVE_CEILING', 67_505]);
  assert.deepEqual(verdict(line('MINYAKITA', 14_130, 1000, 'botol900'), line('MINYAKITA', 14_131, 1000, 'botol900')), ['OK', 'PRICE_ABOVE_CEILING']);
  assert.deepEqual(verdict(line('TELUR-AYAM', 99_000)), ['OK'], 'a reference price only warns');
});

test('what the aid may not pay is refused line by line', () => {
  assert.deepEqual(
    verdict(line('ROKOK-KRETEK', 1), line('SABUN', 1), line('NASI', 1), line('SAGU', 1), line('TEMPE', 1), line('BERAS-MEDIUM', 1, 1000, 'karung')),
    ['ITEM_BANNED', 'ITEM_NOT_IN_PROGRAMME', 'ITEM_UNKNOWN', 'CEILING_MISSING', 'OK', 'UNIT_MISMATCH'],
  );
  assert.equal(judge([line('ROKOK-KRETEK', 1)], CATALOGUE).lines[0].message, 'Rokok tidak boleh.');
});

test('quantities that cannot be are refused', () => {
  const odd = [line('BERAS-MEDIUM', 1, 0), line('BERAS-MEDIUM', 1, -5), line('BERAS-MEDIUM', 1, 1_000_001), line('BERAS-MEDIUM', 1, 1.5),
    line('BERAS-MEDIUM', 0), line('TELUR-AYAM', 2000, 1500, 'butir'), line('TEMPE', 100_000_001)];
  assert.ok(verdict(...odd).every((each) => each === 'QUANTITY_INVALID'));
});

test("lines of one good share a day's limit with what she bought before", () => {
  assert.deepEqual(verdict(line('MINYAKITA', 15_000, 1000, 'L'), line('MINYAKITA', 14_000, 1000, 'botol900')), ['OK', 'OK']);
  assert.deepEqual(verdict(line('MINYAKITA', 15_000, 1000, 'L'), line('MINYAKITA', 14_000, 2000, 'botol900')), ['QUANTITY_LIMIT', 'QUANTITY_LIMIT']);
  const { lines: [said], taken } = judge([line('MINYAKITA', 15_000, 1000, 'L')], CATALOGUE, { MINYAKITA: 1001 });
  assert.deepEqual([said.verdict, taken], ['QUANTITY_LIMIT', { MINYAKITA: 1000 }]);
});

test('no basket and too large a one have their own reason', () => {
  assert.equal(judge([], CATALOGUE).reason, 'BASKET_EMPTY');
  assert.equal(judge(Array(51).fill(line('TEMPE', 1)), CATALOGUE).reason, 'BASKET_TOO_LARGE');
  assert.equal(judge([line('TEMPE', 1)], CATALOGUE).reason, null);
});

test('a scanned pack is written as the unit of its size; one without is refused', () => {
  const put = (cart, pack) => add(cart, { sku: 'MINYAKITA', name: 'Minyak', unit: 'pack', gtin: '8990000000001', pack, quantityMilli: 2000, unitPrice: 14_000 });
  const lines = envelopeLines(put(EMPTY_CART, { ...bottle, code: 'pack' }), CATALOGUE);
  assert.deepEqual(lines, [{ sku: 'MINYAKITA', quantity_milli: 2000, unit: 'botol900', unit_price: 14_000 }]);
  const odd = envelopeLines(put(EMPTY_CART, { ...bottle, code: 'pack', numerator: 7 }), CATALOGUE);
  assert.equal(judge(odd, CATALOGUE).reason, 'UNIT_MISMATCH');
});

test('the paper fits 58 mm and says that it waits', () => {
  const cart = add(EMPTY_CART, { sku: 'BERAS-MEDIUM', name: 'Beras medium', unit: 'kg', quantityMilli: 5000, unitPrice: 13_400 });
  const text = paper({ shop: { name: 'Warung Bu Sri', time_zone: 'Asia/Makassar' }, staff: { name: 'Ani' }, cart, total: 67_000, left: 33_000, seq: 12, atMs: Date.UTC(2026, 10, 21, 1), name: 'S*** W***' });
  const lines = text.split('\n');
  assert.equal(lines[0], 'DICATAT - MENUNGGU SINYAL');
  assert.ok(lines.every((each) => each.length <= 32), text);
  assert.match(text, /21 Nov 2026 09\.00 WITA/);
  assert.match(text, /JUMLAH +Rp67\.000/);
  assert.match(text, /Sisa jatah +Rp33\.000/);
});
