// Money set aside while an online purchase is not answered: never sold twice, and certain again as soon as it is known.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keep } from '../../warung_client/static/offline/allowance.js';
import { certain, DOUBTS_MAX, inDoubt, leftOf, without, withDoubt } from '../../warung_client/static/offline/doubt.js';
import { sentBefore } from '../../warung_client/static/offline/unanswered.js';

const ALLOWANCE = { alw: 'a', card_ref: 'c', amount_max: 100_000, limits: {} };
const kept = (alw, left = 100_000) => keep({ allowance: { ...ALLOWANCE, alw }, sig: 's' }, left);
const doubt = (changes) => ({ purchase_id: 'p', amount: 67_000, alw: null, settled: false, at_ms: 0, ...changes });

test('what an unanswered purchase may have drawn is not sold again, whoever comes', () => {
  const doubts = [doubt({})];
  assert.equal(certain(doubts, kept('a')).left, 33_000);
  assert.equal(certain(doubts, kept('b', 50_000)).left, 0);
  assert.equal(certain([], kept('a')).left, 100_000);
});

test('where the card was read it is hers alone', () => {
  const doubts = [doubt({ alw: 'a' })];
  assert.equal(certain(doubts, kept('a')).left, 33_000);
  assert.equal(certain(doubts, kept('b')).left, 100_000);
});

test('the same purchase recorded here is one purchase', () => {
  const doubts = [doubt({ purchase_id: 'p' }), doubt({ purchase_id: 'q', amount: 10_000 })];
  assert.equal(inDoubt(doubts, kept('a'), 'p'), 10_000);
  assert.equal(inDoubt(doubts, kept('a')), 77_000);
  assert.deepEqual(without(doubts, ['p']).map(({ purchase_id: id }) => id), ['q']);
});

test('asked again under the same id it counts once, and too many leave nothing certain', () => {
  const once = withDoubt(withDoubt([], doubt({})), doubt({ amount: 12_000 }));
  assert.deepEqual(once.map(({ amount }) => amount), [12_000]);
  const many = Array.from({ length: DOUBTS_MAX + 3 }, (_, place) => doubt({ purchase_id: `p${place}`, amount: 1 })).reduce(withDoubt, []);
  assert.equal(many.length, DOUBTS_MAX);
  assert.equal(certain(many, kept('a')).left, 0);
});

test('what the engine says is left is less by all it has not heard of', () => {
  const sale = (seq, total) => ({ seq, total });
  assert.equal(leftOf(33_000, [], []), 33_000);
  assert.equal(leftOf(33_000, [sale(1, 20_000)], [sale(1, 20_000)]), 13_000);
  assert.equal(leftOf(33_000, [sale(1, 20_000)], []), 13_000, 'it went out while the engine answered');
  assert.equal(leftOf(33_000, [], [sale(2, 20_000)]), 13_000, 'it was sold while the engine answered');
});

test('an id that was never answered is of its own basket, and not of the next family', () => {
  const cart = (price) => ({ lines: [{ key: 1, sku: 'TEMPE', quantityMilli: 1000, unit: 'kg', unitPrice: price }] });
  const tab = (pending) => ({ getItem: () => JSON.stringify(pending) });
  assert.equal(sentBefore(tab({ id: 'p', cart: cart(12_000) }), cart(12_000), null).id, 'p');
  assert.equal(sentBefore(tab({ id: 'p', cart: cart(12_000) }), cart(11_000), 'p'), null);
  assert.equal(sentBefore(tab({ id: 'p', cart: cart(12_000), left: true }), cart(12_000), null), null);
  assert.equal(sentBefore(tab({ id: 'p', cart: cart(12_000), left: true }), cart(12_000), 'p').id, 'p', 'it waited and came back');
  assert.equal(sentBefore(tab(null), cart(12_000), null), null);
});
