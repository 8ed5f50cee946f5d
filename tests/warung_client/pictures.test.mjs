// Drawings and the rules the files themselves must keep.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { base64, fitted } from '../../warung_client/static/camera.js';
import { DRAWINGS, pictureOf } from '../../warung_client/static/pictures.js';

const STATIC = new URL('../../warung_client/static/', import.meta.url);
const DATA = new URL('../../catalog/data/goods.csv', import.meta.url);
const ids = (file) => [...readFileSync(new URL(`icons/${file}`, STATIC), 'utf8').matchAll(/symbol id="([^"]+)"/g)].map(([, id]) => id);
const sources = () => ['', 'screens/'].flatMap((folder) => readdirSync(new URL(folder || '.', STATIC))
  .filter((name) => name.endsWith('.js')).map((name) => [name, readFileSync(new URL(folder + name, STATIC), 'utf8')]));

test('the list of drawings is the sprite', () => {
  assert.deepEqual([...DRAWINGS].sort(), ids('goods.svg').sort());
});

test('both sheets hang in one page: no drawing has the name of another', () => {
  const all = [...ids('goods.svg'), ...ids('signs.svg'), 'till', 'holder'];
  assert.equal(new Set(all).size, all.length);
});

test('every shipped good has a drawing of its own kind', () => {
  const rows = readFileSync(DATA, 'utf8').trim().split('\n').map((row) => row.split(','));
  const [head, ...goods] = rows;
  const plain = goods.map((row) => Object.fromEntries(head.map((name, place) => [name, row[place]])))
    .filter(({ item_code: sku, picture, group }) => ['pangan', 'barang'].includes(pictureOf({ sku, picture, group })));
  assert.deepEqual(plain, []);
});

test('an unknown good still gets a picture', () => {
  assert.equal(pictureOf({ sku: 'KELEPON', picture: '?', group: 'LAIN' }), 'pangan');
  assert.equal(pictureOf({ sku: 'SAPU', picture: '', group: 'NON_PANGAN' }), 'barang');
});

test('every sign that is used is drawn', () => {
  const drawn = new Set(ids('signs.svg'));
  const used = sources().flatMap(([, text]) => [...text.matchAll(/<\$\{Sign\} name="([a-z]+)"/g)].map(([, name]) => name));
  assert.ok(used.length > 20);
  assert.deepEqual(used.filter((name) => !drawn.has(name)), []);
});

test('no inline style, no emoji, and a first line that says why the file exists', () => {
  for (const [name, text] of sources()) {
    assert.match(text, /^\/\/ .+\.\n/, name);
    assert.doesNotMatch(text, /\sstyle=|\.style\.|innerHTML|\p{Extended_Pictographic}/u, name);
  }
});

test('pictures are fitted and encoded', () => {
  assert.deepEqual(fitted(1280, 960, 640), { width: 640, height: 480 });
  assert.deepEqual(fitted(480, 640), { width: 360, height: 480 });
  assert.deepEqual(fitted(320, 240), { width: 320, height: 240 });
  assert.equal(base64(new Uint8Array([72, 105])), 'SGk=');
});
