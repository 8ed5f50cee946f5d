// A session that is bound to the tablet signs each request; a clock that stands wrong is set right by the engine.
import assert from 'node:assert/strict';
import { createHash, verify } from 'node:crypto';
import { test } from 'node:test';
import { keyOf, proofOf } from '../../warung_client/static/offline/device.js';
import { openSession } from '../../warung_client/static/session.js';

const shelf = () => {
  const kept = new Map();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name) };
};
const LOGIN = { device_id: 'D1', device_secret: 's', staff_id: 'S1' };
const SERVER = Date.parse('2026-11-21T09:00:00+07:00');
const TWO_DAYS = 172_800_000;
const opened = (bound, token = 'T1') => ({
  access_token: token, expires_in: 600, refresh_token: 'R1', bound, server_time: '2026-11-21T09:00:00+07:00',
});
const said = (status, body) => new Response(body && JSON.stringify(body), { status, headers: { Date: new Date(SERVER).toUTCString() } });

/** An engine that notes what it was sent. @param {(path: string, init: any) => Response} answer */
function around(answer, clock = SERVER) {
  const sent = [];
  const asked = [];
  const session = openSession({
    send: async (path, init) => { sent.push({ path, ...init }); return answer(path, init); },
    devices: shelf(), tab: shelf(), now: () => clock,
    prove: async (what) => { asked.push(what); return `proof-${asked.length}`; },
  });
  return { session, sent, asked };
}

test('a bound session signs each request with its token, and what is sent', async () => {
  const { session, sent, asked } = around((path) => said(200, path === '/v1/sessions' ? opened(true) : {}));
  await session.enter(LOGIN, '123456');
  await session.call('/v1/quotes', { method: 'POST', body: { lines: [] } });
  assert.deepEqual(sent.map(({ headers }) => headers['Device-Proof']), ['proof-1', 'proof-2']);
  assert.deepEqual(asked[0], { method: 'POST', path: '/v1/sessions', body: sent[0].body, token: '', deviceId: 'D1', atMs: SERVER });
  assert.deepEqual(asked[1], { method: 'POST', path: '/v1/quotes', body: '{"lines":[]}', token: 'T1', deviceId: 'D1', atMs: SERVER });
});

test('a session that is not bound sends its token alone', async () => {
  const { session, sent } = around((path) => said(200, path === '/v1/sessions' ? opened(false) : {}));
  await session.enter(LOGIN, '123456');
  await session.call('/v1/purchases');
  assert.equal(sent[1].headers['Device-Proof'], undefined);
});

test('two days off: what is signed carries the time of the engine', async () => {
  const { session, asked } = around((path) => said(200, path === '/v1/sessions' ? opened(true) : {}), SERVER - TWO_DAYS);
  await session.enter(LOGIN, '123456');
  await session.call('/v1/purchases');
  assert.equal(asked[1].atMs, SERVER);
});

test('a refused signature is followed by a renewal and one more try', async () => {
  let tries = 0;
  const { session, sent } = around((path) => {
    if (path === '/v1/sessions/refresh') return said(200, opened(true, 'T2'));
    if (path === '/v1/sessions') return said(200, opened(true));
    tries += 1;
    return tries === 1 ? said(401, { code: 'DEVICE_PROOF' }) : said(200, { ok: true });
  });
  await session.enter(LOGIN, '123456');
  assert.equal((await session.call('/v1/purchases')).status, 200);
  assert.deepEqual(sent.map(({ path }) => path), ['/v1/sessions', '/v1/purchases', '/v1/sessions/refresh', '/v1/purchases']);
  assert.equal(sent[3].headers.Authorization, 'Bearer T2');
});

test('the header holds a signature over method, path with query, time, body and token', async () => {
  const key = await keyOf('Ed25519');
  const header = await proofOf(
    { device_id: 'D1', key, state: 'ONLINE', label: 'x' },
    { method: 'GET', path: '/v1/purchases?q=nasi goreng', body: '', token: 'T1', atMs: 1234.6 },
  );
  const [id, at, nonce, sig] = header.split('.');
  const hash = (text) => createHash('sha256').update(text).digest('hex');
  const text = ['GET', '/v1/purchases?q=nasi%20goreng', '1235', nonce, hash(''), hash('T1')].join('\n');
  const raw = { kty: 'OKP', crv: 'Ed25519', x: key.publicKey };
  assert.deepEqual([id, at], ['D1', '1235']);
  assert.ok(verify(null, Buffer.from(text), { key: raw, format: 'jwk' }, Buffer.from(sig, 'base64url')));
});
