// Ids, times, and one purchase sent until it is answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unreachable } from '../../warung_client/static/api.js';
import { date, hour, rfc3339 } from '../../warung_client/static/clock.js';
import { alarm, purchaseBody, purchaseSender } from '../../warung_client/static/purchase.js';
import { uuid7 } from '../../warung_client/static/uuid7.js';

const AT = Date.UTC(2026, 10, 21, 2, 14, 0);
const approved = { status: 200, body: { status: 'APPROVED' }, retryAfter: null };

/** Answers in turn; an Error is thrown. */
function stand(answers) {
  const asked = [];
  const call = async (path, what = {}) => {
    asked.push({ path, ...what });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, call };
}

test('a UUIDv7 carries its time, version and variant', () => {
  const id = uuid7(AT, new Uint8Array(10).fill(0xff));
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7fff-bfff-ffffffffffff$/);
  assert.equal(parseInt(id.replaceAll('-', '').slice(0, 12), 16), AT);
  assert.match(uuid7(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(uuid7(AT) < uuid7(AT + 1));
  assert.notEqual(uuid7(AT), uuid7(AT));
});

test('times carry the offset of the shop', () => {
  assert.equal(rfc3339(AT, 'Asia/Jakarta'), '2026-11-21T09:14:00+07:00');
  assert.equal(rfc3339(AT, 'Asia/Jayapura'), '2026-11-21T11:14:00+09:00');
  assert.equal(rfc3339(AT, 'UTC'), '2026-11-21T02:14:00+00:00');
  assert.equal(hour('2026-11-21T02:14:00Z', 'Asia/Makassar'), '10.14 WITA');
  assert.equal(date('2026-11-21'), '21 Nov 2026');
});

test('the body holds what the contract names and nothing else', () => {
  const body = purchaseBody({ tillId: 'T1', timeZone: 'Asia/Jakarta', nowMs: AT, payer: { token: 'x' }, lines: [] });
  assert.deepEqual(body, { till_id: 'T1', occurred_at: '2026-11-21T09:14:00+07:00', payer: { token: 'x' }, lines: [] });
});

test('without an answer the same id and the same bytes are sent again', async () => {
  const { asked, call } = stand([
    new Unreachable('gone'), { status: 503, body: { detail: 'sibuk' }, retryAfter: 7 },
    { status: 202, body: { message: 'bank' }, retryAfter: null }, approved,
  ]);
  const waits = [];
  const heard = [];
  const sender = purchaseSender(call, async (seconds) => { waits.push(seconds); });
  assert.equal(await sender.send('id-1', { a: 1 }, (said) => heard.push(said)), approved);
  assert.equal(asked.length, 4);
  assert.equal(new Set(asked.map(({ path, text }) => `${path} ${text}`)).size, 1);
  assert.deepEqual(waits, [3, 7, 3]);
  assert.deepEqual(heard, [null, { detail: 'sibuk' }, { message: 'bank' }]);
});

test('two taps share one flight', async () => {
  const { asked, call } = stand([approved, approved]);
  const sender = purchaseSender(call, async () => {});
  const [first, second] = [sender.send('id-1', {}, () => {}), sender.send('id-1', {}, () => {})];
  assert.equal(first, second);
  await first;
  assert.equal(asked.length, 1);
});

test('an id the engine knows with other content answers what was stored', async () => {
  const { asked, call } = stand([{ status: 409, body: {}, retryAfter: null }, approved]);
  assert.equal(await purchaseSender(call, async () => {}).send('id-1', {}, () => {}), approved);
  assert.equal(asked[1].method, undefined);
});

test('a malformed purchase is answered, not repeated', async () => {
  const { asked, call } = stand([{ status: 422, body: { code: 'MALFORMED' }, retryAfter: null }]);
  assert.equal((await purchaseSender(call, async () => {}).send('id-1', {}, () => {})).status, 422);
  assert.equal(asked.length, 1);
});

test('an alarm wakes early', async () => {
  const waker = alarm();
  const slept = waker.sleep(3600);
  waker.wake();
  await slept;
});
