// KENALI KPM's pure modules: what was read, the sealed PIN, the shuffled pad, notes, the queue, the ways.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Unreachable } from '../../warung_client/static/api.js';
import { stickerMark, whatWasRead } from '../../warung_client/static/identify/cardqr.js';
import { NOTES_MAX, openNotes } from '../../warung_client/static/identify/notes.js';
import { CannotSeal, openSealer, seal } from '../../warung_client/static/identify/sealing.js';
import { shuffledDigits } from '../../warung_client/static/identify/shuffled.js';
import { initialsOf, join, LIFE_MS, minutesLeft, QUEUE_MAX, take } from '../../warung_client/static/identify/waiting.js';
import { waysTaken } from '../../warung_client/static/identify/ways.js';
import { identified, wayChosen } from '../../warung_client/static/steps.js';

const STICKER = `EWK1:abcdEFGH12345678:${'A'.repeat(22)}`;

test('a sticker of ours is a card without its number', () => {
  assert.deepEqual(whatWasRead(` ${STICKER}\n`), { kind: 'STICKER', cardQr: STICKER });
  assert.equal(stickerMark(STICKER), 'KKS ...5678');
  assert.ok(!stickerMark(STICKER).includes('AAAA'));
});

test('of our own stripe the number is kept, of a bank\'s nothing at all', () => {
  const own = luhn('999100000000001');
  assert.deepEqual(whatWasRead(`;${own}=30121010000012345?`), { kind: 'OWN_CARD', card: own });
  assert.deepEqual(whatWasRead(`%B${own}^SITI^3012?;${own}=3012?`), { kind: 'OWN_CARD', card: own });
  assert.deepEqual(whatWasRead(';6013011234567890=30121010000012345?'), { kind: 'BANK_CARD' });
  assert.deepEqual(whatWasRead('6013011234567890'), { kind: 'BANK_CARD' });
  assert.deepEqual(whatWasRead(`;${own.slice(0, 15)}${(Number(own[15]) + 1) % 10}=3012?`), { kind: 'BANK_CARD' });
});

test('whatever else a reader types is no card', () => {
  for (const text of ['8991234567890', 'EWK1:short:AAAA', 'hello', ';123=1?']) assert.equal(whatWasRead(text).kind, 'OTHER', text);
  assert.equal(whatWasRead(`KPM1.${'a'.repeat(60)}.${'b'.repeat(86)}`).kind, 'PHONE_CODE');
});

/** @param {string} payload */
function luhn(payload) {
  const sum = [...payload].reverse().reduce((total, digit, place) => {
    const doubled = Number(digit) * (place % 2 ? 1 : 2);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${payload}${(10 - (sum % 10)) % 10}`;
}

const { subtle } = globalThis.crypto;
const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
const toText = (/** @type {ArrayBuffer} */ raw) => Buffer.from(raw).toString('base64url');
const toBytes = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text, 'base64url'));

async function engineKey() {
  const pair = /** @type {CryptoKeyPair} */ (await subtle.generateKey(CURVE, true, ['deriveBits']));
  return { pair, key: { kid: '0123456789abcdef', public_key: toText(await subtle.exportKey('raw', pair.publicKey)) } };
}

/** @param {CryptoKeyPair} pair @param {any} key @param {string} sealed */
async function open(pair, key, sealed) {
  const [kid, ...parts] = sealed.split('.');
  const [point, iv, cipher] = parts.map(toBytes);
  const theirs = await subtle.importKey('raw', point, CURVE, false, []);
  const shared = await subtle.deriveBits({ name: 'ECDH', public: theirs }, pair.privateKey, 256);
  const material = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const salt = new Uint8Array([...point, ...toBytes(key.public_key)]);
  const info = new TextEncoder().encode('ewarong pin-sealing v1');
  const once = await subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info }, material, { name: 'AES-GCM', length: 256 }, false, ['decrypt']);
  const plain = await subtle.decrypt({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(kid) }, once, cipher);
  return JSON.parse(new TextDecoder().decode(plain));
}

test('a PIN is sealed for one act, opens for the engine alone, and never twice alike', async () => {
  const { pair, key } = await engineKey();
  const secret = { pin: '493817', tillId: 'T-1', act: 'P-1', nowMs: 1_763_700_000_000.4 };
  const sealed = await seal(key, secret);
  const again = await seal(key, secret);
  assert.ok(!sealed.includes('493817') && sealed.length <= 640);
  assert.notEqual(sealed, again);
  const { nonce, ...plain } = await open(pair, key, sealed);
  assert.deepEqual(plain, { pin: '493817', till_id: 'T-1', time: 1_763_700_000_000, act: 'P-1' });
  assert.equal(toBytes(nonce).length, 16);
  const other = await engineKey();
  await assert.rejects(open(other.pair, other.key, sealed));
});

test('the key is asked once an hour, and again when a PIN was not opened', async () => {
  const { key } = await engineKey();
  let asked = 0;
  let now = 0;
  const sealer = openSealer(async () => { asked += 1; return { status: 200, body: key, retryAfter: null }; }, () => now);
  const secret = { pin: '493817', tillId: 'T-1', nowMs: 1 };
  await sealer.prepare();
  await sealer.seal(secret);
  assert.equal(asked, 1);
  sealer.forget();
  await sealer.seal(secret);
  now = 3_600_001;
  await sealer.seal(secret);
  assert.equal(asked, 3);
});

test('without a key nothing is sealed', async () => {
  const sealer = openSealer(async () => ({ status: 503, body: null, retryAfter: null }));
  await assert.rejects(sealer.seal({ pin: '493817', tillId: 'T-1', nowMs: 1 }), CannotSeal);
});

test('the pad shows each digit once, in every order alike', () => {
  for (let round = 0; round < 50; round += 1) assert.equal([...shuffledDigits()].sort().join(''), '0123456789');
  const places = Array.from({ length: 10 }, () => 0);
  for (let round = 0; round < 5_000; round += 1) places[shuffledDigits().indexOf('7')] += 1;
  assert.ok(Math.min(...places) > 400 && Math.max(...places) < 600, places.join(' '));
});

function device() {
  const kept = new Map();
  return { getItem: (/** @type {string} */ name) => kept.get(name) ?? null, setItem: (/** @type {string} */ name, /** @type {string} */ value) => kept.set(name, value) };
}
const AT = { nowMs: Date.parse('2026-11-21T03:00:00Z'), timeZone: 'Asia/Jakarta' };

test('a note without signal waits and is told once, in order, when there is signal', async () => {
  /** @type {any[]} */
  const told = [];
  let away = true;
  const notes = openNotes(/** @type {any} */ (device()), async (path, what) => {
    if (away) throw new Unreachable('away');
    told.push([path, /** @type {any} */ (what).body]);
    return { status: 204, body: null, retryAfter: null };
  });
  await notes.add('/v1/turned-away', { reason: 'STOCK' }, AT);
  await notes.add('/v1/turned-away', { reason: 'QUEUE' }, AT);
  assert.equal(notes.count(), 2);
  away = false;
  await notes.tell();
  await notes.tell();
  assert.deepEqual(told.map(([, body]) => body.reason), ['STOCK', 'QUEUE']);
  assert.equal(told[0][1].occurred_at, '2026-11-21T10:00:00+07:00');
  assert.match(told[0][1].note_id, /^[0-9a-f-]{14}7/);
  assert.equal(notes.count(), 0);
});

test('a note the engine refuses for good stops no other; one it cannot take now waits', async () => {
  let status = 503;
  const notes = openNotes(/** @type {any} */ (device()), async () => ({ status, body: null, retryAfter: null }));
  await notes.add('/v1/turned-away', { reason: 'FACE' }, AT);
  assert.equal(notes.count(), 1);
  status = 422;
  await notes.tell();
  assert.equal(notes.count(), 0);
});

test('a tablet that is never heard keeps the newest notes', async () => {
  const notes = openNotes(/** @type {any} */ (device()), async () => { throw new Unreachable('away'); });
  for (let number = 0; number < NOTES_MAX + 5; number += 1) await notes.add('/v1/turned-away', { reason: 'QUEUE' }, AT);
  assert.equal(notes.count(), NOTES_MAX);
});

const sale = (/** @type {string} */ name, provenAtMs = 0) => ({ sale: { name, provenAtMs, amount: 1 }, cart: { lines: [name] }, purchaseId: `P-${name}` });

test('four families wait, a fifth does not, and one that is over gives way', () => {
  /** @type {any[]|null} */
  let queue = [];
  for (const name of ['A', 'B', 'C', 'D']) queue = join(/** @type {any[]} */ (queue), sale(name), 0);
  assert.equal(queue?.length, QUEUE_MAX);
  assert.equal(join(/** @type {any[]} */ (queue), sale('E'), LIFE_MS - 1), null);
  const later = join(/** @type {any[]} */ (queue), sale('E', LIFE_MS), LIFE_MS);
  assert.deepEqual(later?.map((each) => each.sale.name), ['B', 'C', 'D', 'E']);
});

test('a family is taken back with her own basket and id; the minutes count down', () => {
  const queue = /** @type {any[]} */ (join(/** @type {any[]} */ (join([], sale('A'), 0)), sale('B', 60_000), 60_000));
  const { one, rest } = take(queue, queue[0].key);
  assert.equal(one?.purchaseId, 'P-A');
  assert.deepEqual(rest.map((each) => each.sale.name), ['B']);
  assert.equal(minutesLeft(queue[1], 60_000), 10);
  assert.equal(minutesLeft(queue[1], 60_000 + LIFE_MS), 0);
  assert.equal(take(queue, 99).one, null);
});

test('of a name only initials stand on the strip', () => {
  assert.equal(initialsOf('S*** W******'), 'S. W.');
  assert.equal(initialsOf('S***'), 'S.');
  assert.equal(initialsOf(''), '-');
});

test('ways that no keeper takes are not offered; nobody told is all of them', () => {
  const ways = ['FACE', 'PHONE', 'KKS', 'KTP'];
  assert.deepEqual(waysTaken(ways, null), ways);
  assert.deepEqual(waysTaken(ways, ['OWN_CARD', 'PHONE', 'QR']), ['PHONE', 'KKS']);
  assert.deepEqual(waysTaken(ways, ['KKS']), ways);
});

const asking = (/** @type {string} */ way) => /** @type {any} */ ({ sale: { ...wayChosen({ sale: { visit: 0, faceFailures: 0 } }, way).sale } });
const failed = { status: 'NOT_IDENTIFIED', reason: 'PAYER_UNKNOWN', message: 'Belum dikenal.', step_up: [], ladder: { message: 'Pakai HP.' } };

test('a failure names the next way, and a key leads there when it is another one', () => {
  assert.equal(identified(asking('KTP'), { ...failed, next_method: 'PHONE' }).problem.way, 'PHONE');
  assert.equal(identified(asking('PHONE'), { ...failed, next_method: 'PHONE' }).problem.way, null);
  assert.equal(identified(asking('KTP'), { ...failed, next_method: 'VISIT' }).problem.way, null);
  assert.equal(identified(asking('KTP'), { ...failed, next_method: null, next_step: 'Minta kasir lain.' }).problem.nextStep, 'Minta kasir lain.');
});

test('a delegate of two families says for whom, and nobody is a payer before', () => {
  const families = [{ kpm_id: 'K-1', name: 'S***' }, { kpm_id: 'K-2', name: 'R***' }];
  const next = identified(asking('DELEGATE'), { status: 'STEP_UP', reason: 'STEP_UP_REQUIRED', message: 'Untuk siapa?', step_up: [], families });
  assert.deepEqual(next.sale.families, families);
  assert.equal(next.sale.token, null);
  assert.equal(wayChosen(/** @type {any} */ (next), 'KKS').sale.families, null);
});

test('another way forgets the card that was read, its secret too', () => {
  const sale = { ...asking('KKS').sale, cardQr: STICKER, card: '1', typed: true, holder: 'OTHER' };
  const next = wayChosen(/** @type {any} */ ({ sale }), 'PHONE').sale;
  assert.deepEqual([next.cardQr, next.card, next.typed, next.holder], ['', '', false, 'SELF']);
});
