// Rupiah, quantities and what the keypad types.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grouped, lineTotal, masked, quantity, rupiah } from '../../warung_client/static/money.js';
import { cardFits, nikFits, phoneFits } from '../../warung_client/static/numbers.js';
import { BACK, COMMA, milli, press, tidy } from '../../warung_client/static/typing.js';

test('rupiah has dots, no space and no decimals', () => {
  assert.equal(rupiah(0), 'Rp0');
  assert.equal(rupiah(950), 'Rp950');
  assert.equal(rupiah(12500), 'Rp12.500');
  assert.equal(rupiah(1234567), 'Rp1.234.567');
});

test('a line total is rounded down, for the KPM', () => {
  assert.equal(lineTotal(13400, 5000), 67000);
  assert.equal(lineTotal(13333, 1500), 19999);
  assert.equal(lineTotal(1, 999), 0);
});

test('a quantity is written with a comma and without idle zeros', () => {
  assert.equal(quantity(1500), '1,5');
  assert.equal(quantity(250), '0,25');
  assert.equal(quantity(1000), '1');
  assert.equal(quantity(1000000), '1.000');
});

test('numbers are masked and grouped', () => {
  assert.equal(masked('6032980012344821'), '**** 4821');
  assert.equal(grouped('6032980012344821'), '6032 9800 1234 4821');
  assert.equal(grouped('60329'), '6032 9');
});

test('keys build a quantity, and the comma comes once', () => {
  const limits = { digitsMax: 6, comma: true };
  const typed = ['1', COMMA, '5', COMMA, '0'].reduce((text, key) => press(text, key, limits), '');
  assert.equal(typed, '1,50');
  assert.equal(milli(typed), 1500);
  assert.equal(press('', COMMA, limits), '0,');
  assert.equal(press('1,234', '5', limits), '1,234');
  assert.equal(press('12', BACK, limits), '1');
});

test('a price has no comma, no leading zeros and a last digit', () => {
  assert.equal(press('12', COMMA, { digitsMax: 8 }), '12');
  assert.equal(press('1234567', '000', { digitsMax: 8 }), '1234567');
  assert.equal(tidy('0013500'), '13500');
  assert.equal(tidy('0'), '0');
  assert.equal(tidy('0,5'), '0,5');
});

test('slips of the finger in card, phone and NIK are found', () => {
  assert.ok(cardFits('4111111111111111'));
  assert.ok(!cardFits('4111111111111112'));
  assert.ok(!cardFits('411111111111111'));
  assert.ok(phoneFits('081234567890'));
  assert.ok(phoneFits('6281234567890'));
  assert.ok(!phoneFits('0211234567'));
  assert.ok(nikFits('3507134101500001'));
  assert.ok(nikFits('3507130101500001'));
  assert.ok(!nikFits('3507130013500001'));
  assert.ok(!nikFits('3507130101500000'));
});
