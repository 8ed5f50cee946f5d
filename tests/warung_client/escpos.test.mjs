// The bytes a thermal printer gets: every command whole, marks on copies, the QR drawn by the printer.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CUT, plain, QR_BYTES_MAX, qrCode, receiptBytes } from '../../warung_client/static/receipts/escpos.js';
import { gave, gaveBefore } from '../../warung_client/static/receipts/first.js';
import { marked, rowsOn } from '../../warung_client/static/receipts/mark.js';
import { keepPrinter, printerChoice } from '../../warung_client/static/receipts/choice.js';

const TEXT = '        WARUNG BU SRI\nBeras medium\n 5 kg x Rp13.400        Rp67.000\n';
const shelf = () => {
  const kept = new Map();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name) };
};
const read = (bytes) => new TextDecoder().decode(bytes);

test('the text arrives row by row, then the code, then the cut', () => {
  const bytes = receiptBytes({ text: TEXT, qr: 'EW1*x' });
  const said = read(bytes);
  assert.ok(said.includes('WARUNG BU SRI\nBeras medium\n'));
  assert.ok(said.includes('EW1*x'));
  assert.deepEqual([...bytes.slice(0, 2)], [0x1b, 0x40]);
  assert.deepEqual([...bytes.slice(-4)], CUT);
});

test('a copy says so above and below, a first receipt does not', () => {
  assert.equal(marked(TEXT), TEXT);
  assert.equal(marked(TEXT, { copy: true }).match(/SALINAN/g).length, 2);
  assert.equal(read(receiptBytes({ text: TEXT, copy: true })).match(/SALINAN/g).length, 2);
  const cancelled = `        SALINAN - BATAL\n${TEXT}`;
  assert.equal(marked(cancelled, { copy: true }), cancelled, 'the engine has marked it');
});

test('the training ground marks everything it gives away', () => {
  const bytes = read(receiptBytes({ text: TEXT, copy: true, training: true }));
  assert.equal(bytes.match(/LATIHAN/g).length, 2);
  assert.equal(marked('*** LATIHAN ***\nx\n', { training: true }), '*** LATIHAN ***\nx\n');
});

test('wide paper keeps the layout in its middle', () => {
  assert.deepEqual(rowsOn('abc\n\nd\n', 48), ['        abc', '', '        d']);
  assert.deepEqual(rowsOn('abc\n', 32), ['abc']);
});

test('letters the printer does not know never become commands', () => {
  assert.equal(String.fromCharCode(...plain('Café\u001b@ 5½')), 'Cafe?@ 51?2');
  assert.ok(plain('\u001bE').every((byte) => byte >= 0x20 && byte < 0x7f));
});

test('a code that is too long is left out, never cut off', () => {
  assert.deepEqual(qrCode(''), []);
  assert.deepEqual(qrCode('x'.repeat(QR_BYTES_MAX + 1)), []);
  const stored = qrCode('x'.repeat(500));
  const at = stored.findIndex((byte, place) => byte === 80 && stored[place - 1] === 49);
  assert.deepEqual(stored.slice(at - 3, at - 1), [(500 + 3) & 0xff, (500 + 3) >> 8]);
});

test('the second paper of a sale is known, of three hundred sales', () => {
  const kept = shelf();
  assert.equal(gaveBefore('a', kept), false);
  gave('a', kept);
  assert.equal(gaveBefore('a', kept), true);
  for (let each = 0; each < 300; each += 1) gave(`b${each}`, kept);
  assert.equal(gaveBefore('a', kept), false);
  kept.setItem('ewarong.gave', '{');
  assert.equal(gaveBefore('a', kept), false);
});

test('the choice of a printer survives, whatever somebody wrote there', () => {
  const kept = shelf();
  assert.deepEqual(printerChoice(kept), { kind: 'PAGE', columns: 32 });
  keepPrinter({ kind: 'BLUETOOTH', columns: 48 }, kept);
  assert.deepEqual(printerChoice(kept), { kind: 'BLUETOOTH', columns: 48 });
  kept.setItem('ewarong.printer', 'x');
  assert.deepEqual(printerChoice(kept), { kind: 'PAGE', columns: 32 });
  kept.setItem('ewarong.printer', '{"kind":"FAX","columns":7}');
  assert.deepEqual(printerChoice(kept), { kind: 'PAGE', columns: 32 });
});
