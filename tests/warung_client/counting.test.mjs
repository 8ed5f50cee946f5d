// Sums as they are said: every number can be read back from its clips, and no clip is missing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AMOUNT_MAX, NUMBER_CLIPS, numberWords, rupiahWords } from '../../warung_client/static/counting.js';

const DIGITS = ['nol', 'satu', 'dua', 'tiga', 'empat', 'lima', 'enam', 'tujuh', 'delapan', 'sembilan'];

/** The other direction, written from the grammar: what a listener would note down. */
function heard(words) {
  let [total, group] = [0, 0];
  let last = 0;
  for (const word of words) {
    if (DIGITS.includes(word)) { last = DIGITS.indexOf(word); group += last; }
    else if (word === 'sepuluh') group += 10;
    else if (word === 'sebelas') group += 11;
    else if (word === 'belas') group += 10;
    else if (word === 'puluh') group += last * 9;
    else if (word === 'seratus') group += 100;
    else if (word === 'ratus') group += last * 99;
    else if (word === 'seribu') total += 1000;
    else if (word === 'ribu') { total += group * 1000; group = 0; }
    else if (word === 'juta') { total += group * 1_000_000; group = 0; }
    else assert.fail(`unknown word ${word}`);
  }
  return total + group;
}

test('sums that a cashier says every day', () => {
  const said = (amount) => numberWords(amount).join(' ');
  assert.equal(said(0), 'nol');
  assert.equal(said(1_000), 'seribu');
  assert.equal(said(11_500), 'sebelas ribu lima ratus');
  assert.equal(said(13_400), 'tiga belas ribu empat ratus');
  assert.equal(said(21_000), 'dua puluh satu ribu');
  assert.equal(said(67_000), 'enam puluh tujuh ribu');
  assert.equal(said(100_101), 'seratus ribu seratus satu');
  assert.equal(said(101_000), 'seratus satu ribu');
  assert.equal(said(1_001_000), 'satu juta seribu');
  assert.equal(said(600_000), 'enam ratus ribu');
  assert.deepEqual(rupiahWords(10), ['sepuluh', 'rupiah']);
});

test('every number up to 20 000 and ten thousand larger ones are heard as they were said', () => {
  const clips = new Set(NUMBER_CLIPS);
  let random = 20_261_122;
  const next = () => { random = (random * 1_103_515_245 + 12_345) % 2_147_483_648; return random; };
  const numbers = [...Array.from({ length: 20_001 }, (_, each) => each), ...Array.from({ length: 10_000 }, () => next() % (AMOUNT_MAX + 1)), AMOUNT_MAX];
  for (const number of numbers) {
    const words = numberWords(number);
    assert.equal(heard(words), number, words.join(' '));
    assert.ok(words.every((word) => clips.has(word)), words.join(' '));
  }
});

test('what is no sum of this till is not said', () => {
  for (const wrong of [-1, 1.5, AMOUNT_MAX + 1, Number.NaN]) assert.throws(() => numberWords(wrong), RangeError);
});
