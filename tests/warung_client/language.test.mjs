// Another language: sentences, what changes in them, and reasons by their code.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import { inWords, speak, spoken, told } from '../../warung_client/static/language.js';
import { html } from '../../warung_client/static/view.js';

const words = (language) => JSON.parse(readFileSync(new URL(`../../warung_client/static/words/${language}.json`, import.meta.url), 'utf-8'));

afterEach(() => speak(null));

test('Indonesian stays as it is written', () => {
  assert.equal(inWords('Cari barang'), 'Cari barang');
  const said = { reason: 'PIN_WRONG', message: 'PIN belanja belum cocok.', nextStep: 'x' };
  assert.equal(told(said), said);
});

test('a known sentence is said in Javanese, with the space around it kept', () => {
  speak(words('jv'));
  assert.equal(inWords('Cari barang'), 'Golek barang');
  assert.equal(inWords(' Menu '), ' Menu ');
  assert.equal(inWords('Kata yang tidak ada'), 'Kata yang tidak ada');
});

test('what changes in a sentence comes along', () => {
  speak(words('su'));
  assert.equal(inWords('Keranjang (3)'), 'Karanjang (3)');
  assert.equal(inWords('Paling tinggi Rp13.500 per kg'), 'Pangluhurna Rp13.500 per kg');
  assert.equal(inWords('Paling tinggi Rp13.500 per kg'), 'Pangluhurna Rp13.500 per kg'); // remembered
});

test('a reason is told by its code, with the sums of the engine', () => {
  speak(words('jv'));
  const engine = { reason: 'PRICE_ABOVE_CEILING', message: 'Harga Beras medium Rp14.000 per kg terlalu tinggi. Paling tinggi Rp13.500.', nextStep: '' };
  assert.equal(told(engine).message, 'Rega Rp14.000 kedhuwuren. Paling dhuwur Rp13.500.');
  assert.equal(told({ ...engine, message: '' }).message, 'Regane kedhuwuren.');
  assert.ok(told(engine).nextStep);
  const unknown = { reason: 'BRAND_NEW', message: 'Kalimat mesin.', nextStep: 'Langkah.' };
  assert.deepEqual(told(unknown), unknown);
});

test('what a template made is exchanged in texts and spoken attributes, never in values', () => {
  speak(words('jv'));
  const made = html`<div><input aria-label="Cari barang" value="Cari barang" /><p>Jumlah</p>${['Kembali']}</div>`;
  const [input, line, list] = made.props.children;
  assert.equal(input.props['aria-label'], 'Golek barang');
  assert.equal(input.props.value, 'Cari barang');
  assert.equal(line.props.children, 'Gunggung');
  assert.deepEqual(list, ['Bali']);
  assert.equal(spoken(null), null);
});

test('no sum is lost in any language', () => {
  for (const language of ['jv', 'su']) {
    const { sentences, reasons } = words(language);
    const holes = (text) => text.split('{}').length - 1;
    for (const [sentence, said] of Object.entries(sentences)) assert.equal(holes(said), holes(sentence), sentence);
    for (const [code, { text }] of Object.entries(reasons)) {
      const [full, plain = ''] = text.split(' || ');
      assert.equal(holes(plain), 0, code);
      assert.ok(holes(full) === 0 || plain, code);
    }
  }
});
