// The basket, the ceilings and the shelves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cart from '../../warung_client/static/cart.js';
import { highestLawfulPrice, judgePrice, unitOf, unitsOf } from '../../warung_client/static/ceiling.js';
import { shelves } from '../../warung_client/static/shelves.js';
import { unitName } from '../../warung_client/static/words.js';

const EGG = { code: 'butir', numerator: 1, denominator: 16, whole: true };
const KG = { code: 'kg', numerator: 1, denominator: 1, whole: false };
const good = (changes) => ({
  sku: 'BERAS-MEDIUM', name: 'Beras medium', group: 'KARBO', category: 'RICE', position: 1,
  base_unit: 'kg', units: [EGG, KG], verdict: 'OK',
  ceiling: { amount: 13500, action: 'DECLINE', unit: 'kg' }, ...changes,
});
const rice = { sku: 'BERAS-MEDIUM', name: 'Beras medium', unit: 'kg', quantityMilli: 5000, unitPrice: 14000 };

test('the ceiling of a unit is rounded down and its price judged without rounding', () => {
  const eggs = good({ ceiling: { amount: 30001, action: 'DECLINE', unit: 'kg' } });
  assert.equal(highestLawfulPrice(eggs, EGG), 1875);
  assert.equal(judgePrice(eggs, EGG, 1875), 'FINE');
  assert.equal(judgePrice(eggs, EGG, 1876), 'ABOVE_CEILING');
  assert.equal(judgePrice(good({ ceiling: null }), KG, 999999), 'FINE');
  assert.equal(judgePrice(good({ ceiling: { amount: 1, action: 'FLAG', unit: 'kg' } }), KG, 2), 'ABOVE_REFERENCE');
  assert.equal(judgePrice(good({ ceiling: { amount: 1, action: 'CAP', unit: 'kg' } }), KG, 2), 'ABOVE_CEILING');
});

test('the base unit comes first', () => {
  assert.deepEqual(unitsOf(good()).map(({ code }) => code), ['kg', 'butir']);
  assert.equal(unitOf(good(), 'butir'), EGG);
});

test('the same good at the same price is one line, at another price two', () => {
  let basket = cart.add(cart.EMPTY_CART, rice);
  basket = cart.add(basket, { ...rice, quantityMilli: 1000 });
  basket = cart.add(basket, { ...rice, unitPrice: 13000 });
  assert.deepEqual(basket.lines.map(({ quantityMilli }) => quantityMilli), [6000, 5000]);
  assert.equal(cart.total(basket), 84000 + 65000);
});

test('a removed line comes back where it stood', () => {
  let basket = cart.add(cart.add(cart.EMPTY_CART, rice), { ...rice, sku: 'TEMPE', name: 'Tempe' });
  basket = cart.remove(basket, basket.lines[0].key);
  assert.deepEqual([basket.before.kind, basket.before.name], ['REMOVED', 'Beras medium']);
  basket = cart.undo(basket);
  assert.deepEqual(basket.lines.map(({ sku }) => sku), ['BERAS-MEDIUM', 'TEMPE']);
  assert.equal(basket.before, null);
  assert.equal(cart.undo(basket), basket);
});

test('the last change is taken back, be it a price, a quantity or a new good', () => {
  const one = cart.add(cart.EMPTY_CART, rice);
  const dearer = cart.change(one, 1, { unitPrice: 15000 });
  assert.equal(dearer.before.kind, 'CHANGED');
  assert.equal(cart.undo(dearer).lines[0].unitPrice, 14000);
  assert.equal(cart.undo(cart.step(one, 1, 1000)).lines[0].quantityMilli, 5000);
  const more = cart.add(one, rice);
  assert.deepEqual([more.before.kind, more.lines[0].quantityMilli], ['ADDED', 10000]);
  assert.equal(cart.undo(more).lines[0].quantityMilli, 5000);
  assert.deepEqual(cart.undo(one).lines, []);
  assert.equal(cart.change(one, 99, { unitPrice: 1 }), one);
  assert.equal(cart.remove(one, 99), one);
});

test('a pack goes by its barcode and stands apart from loose goods', () => {
  const pack = { ...rice, unit: 'pack', gtin: '2990000000019', pack: { code: 'pack', numerator: 5, denominator: 1, whole: true }, quantityMilli: 1000, unitPrice: 67000 };
  const basket = cart.add(cart.add(cart.add(cart.EMPTY_CART, rice), pack), pack);
  assert.deepEqual(cart.toWire(basket), [
    { sku: 'BERAS-MEDIUM', quantity_milli: 5000, unit_price: 14000, unit: 'kg' },
    { gtin: '2990000000019', quantity_milli: 2000, unit_price: 67000 },
  ]);
  assert.equal(unitName('pack'), 'kemasan');
});

test('a step never goes under zero', () => {
  let basket = cart.add(cart.EMPTY_CART, { ...rice, quantityMilli: 1500 });
  basket = cart.step(basket, 1, -1000);
  assert.equal(basket.lines[0].quantityMilli, 500);
  assert.equal(cart.step(basket, 1, -1000).lines[0].quantityMilli, 500);
});

test('a refused line is marked, mended in one tap, and the mark goes with the price', () => {
  const said = [{ sku: 'BERAS-MEDIUM', verdict: 'PRICE_ABOVE_CEILING', message: 'Terlalu tinggi', ceiling: 13500 }];
  let basket = cart.mark(cart.add(cart.EMPTY_CART, rice), said);
  assert.equal(cart.refused(basket).length, 1);
  basket = cart.lowerToCeiling(basket, 1);
  assert.equal(basket.lines[0].unitPrice, 13500);
  assert.equal(cart.refused(basket).length, 0);
  assert.deepEqual(cart.toWire(basket), [{ sku: 'BERAS-MEDIUM', quantity_milli: 5000, unit_price: 13500, unit: 'kg' }]);
});

test('what the aid cannot pay stands last, and search finds by words', () => {
  const goods = [
    good({ sku: 'ROKOK', name: 'Rokok kretek', group: 'NON_PANGAN', verdict: 'ITEM_BANNED', position: 9 }),
    good({ sku: 'PISANG', name: 'Pisang', group: 'VITMIN', category: 'FRUIT', position: 5 }),
    good({ sku: 'BAYAM', name: 'Bayam', group: 'VITMIN', category: 'VEGETABLE', position: 6 }), good(),
  ];
  assert.deepEqual(shelves(goods).map((shelf) => shelf.goods.map(({ sku }) => sku)),
    [['BERAS-MEDIUM'], ['BAYAM'], ['PISANG'], ['ROKOK']]);
  assert.deepEqual(shelves(goods, { wanted: 'kretek rokok' }).length, 1);
  assert.deepEqual(shelves(goods, { only: 'BUAH' }).flatMap((shelf) => shelf.goods.map(({ sku }) => sku)), ['PISANG']);
});

test('units are said as a cashier says them', () => {
  assert.equal(unitName('karung25'), 'karung 25 kg');
  assert.equal(unitName('botol900'), 'botol 900 ml');
  assert.equal(unitName('pouch2'), 'kantong 2 liter');
  assert.equal(unitName('butir'), 'butir');
});
