// A new version comes in only while no family waits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayChange } from '../../warung_client/static/shell.js';
import { BEGINNING } from '../../warung_client/static/state.js';

const line = { key: 1, sku: 'TEMPE', name: 'Tempe', unit: 'kg', quantityMilli: 1000, unitPrice: 12_000 };

test('before work and with an empty basket it may', () => {
  assert.ok(mayChange(BEGINNING));
  assert.ok(mayChange({ ...BEGINNING, screen: 'cart' }));
});

test('never with goods, a keypad, a payer, or an answer that is still out', () => {
  const open = { ...BEGINNING, screen: 'cart' };
  const moments = [
    { cart: { lines: [line], removed: null, nextKey: 2 } }, { aside: { lines: [line], removed: null, nextKey: 2 } },
    { busy: true }, { pad: {} }, { told: {} }, { sale: {} }, { screen: 'who' }, { screen: 'result' },
    { screen: 'menu' }, { outcome: { kind: 'WAITING' } },
  ];
  for (const moment of moments) assert.ok(!mayChange({ ...open, ...moment }), JSON.stringify(moment));
});
