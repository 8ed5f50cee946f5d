// What a day allows of a good, said beside the basket.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { add, EMPTY_CART } from '../../warung_client/static/cart.js';
import { onlyFor, untilSheIsKnown } from '../../warung_client/static/elsewhere.js';
import { beyondDaily, dailyLimit, leftToday } from '../../warung_client/static/daily.js';

const UNITS = [
  { code: 'L', numerator: 1, denominator: 1, whole: false },
  { code: 'pouch2', numerator: 2, denominator: 1, whole: true },
  { code: 'botol900', numerator: 900, denominator: 1000, whole: true },
];
const OIL = { sku: 'MINYAKITA', base_unit: 'L', units: UNITS, daily_limit: { quantity_milli: 2000, unit: 'L', regulation: 'SE 03/2023' } };
const basket = (...chosen) => chosen.reduce((cart, [unit, quantityMilli]) => (
  add(cart, { sku: 'MINYAKITA', name: 'MinyaKita', unit, quantityMilli, unitPrice: 15_700 })), EMPTY_CART);

test('a limited good says so, any other nothing', () => {
  assert.equal(dailyLimit(OIL), 'Paling banyak 2 liter sehari satu keluarga');
  assert.equal(dailyLimit({ ...OIL, daily_limit: null }), '');
  assert.equal(dailyLimit(undefined), '');
});

test('lines and packs of a good share its limit', () => {
  assert.equal(beyondDaily(basket(['pouch2', 1000]), OIL), false);
  assert.equal(beyondDaily(basket(['botol900', 2000]), OIL), false);
  assert.equal(beyondDaily(basket(['botol900', 2000], ['L', 200]), OIL), false);
  assert.equal(beyondDaily(basket(['botol900', 2000], ['L', 201]), OIL), true);
  assert.equal(beyondDaily(basket(['pouch2', 2000]), { ...OIL, daily_limit: null }), false);
});

test('what is left of today is told in words', () => {
  const limit = { sku: 'MINYAKITA', name: 'MinyaKita', maximum_milli: 2000, used_milli: 500, unit: 'L' };
  assert.equal(leftToday(limit), 'MinyaKita: hari ini masih boleh 1,5 liter');
  assert.match(leftToday({ ...limit, used_milli: 2000 }), /sudah habis/);
});

test('goods of another programme wait until the family is known, banned ones do not', () => {
  const soap = { sku: 'SABUN', verdict: 'ITEM_NOT_IN_PROGRAMME', programmes: ['PKH'] };
  const beer = { sku: 'BIR', verdict: 'ITEM_BANNED', programmes: [] };
  assert.deepEqual([onlyFor(soap), onlyFor(beer), onlyFor({ ...soap, verdict: 'OK' }), onlyFor(undefined)], [['PKH'], [], [], []]);
  const said = [{ sku: 'SABUN', verdict: 'ITEM_NOT_IN_PROGRAMME' }, { sku: 'BIR', verdict: 'ITEM_BANNED' }, { sku: 'SABUN', verdict: 'PRICE_ABOVE_CEILING' }];
  assert.deepEqual(untilSheIsKnown(said, [soap, beer]).map(({ verdict }) => verdict), ['OK', 'ITEM_BANNED', 'PRICE_ABOVE_CEILING']);
  assert.deepEqual(untilSheIsKnown(said, []), said);
});
