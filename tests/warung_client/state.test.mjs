// What the till makes of the engine's answers, and the cashier's session.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, EMPTY_CART } from '../../warung_client/static/cart.js';
import { openSession } from '../../warung_client/static/session.js';
import { BEGINNING, createStore } from '../../warung_client/static/state.js';
import { answered, identified, liesWithGoods, quoted, voidAnswered, wayChosen } from '../../warung_client/static/steps.js';

const cart = add(EMPTY_CART, { sku: 'BERAS-MEDIUM', name: 'Beras medium', unit: 'kg', quantityMilli: 5000, unitPrice: 14000 });
const quote = (verdict) => ({ quote_id: 'q', amount: 70000, lines: [{ sku: 'BERAS-MEDIUM', verdict, ceiling: 13500 }] });

test('a refused line keeps the cart and stays in the basket', () => {
  const next = quoted({ ...BEGINNING, cart }, quote('PRICE_ABOVE_CEILING'), () => 'new');
  assert.equal(next.screen, 'cart');
  assert.equal(next.cart.lines.length, 1);
  assert.equal(next.purchaseId, undefined);
});

test('one id until it is answered, a new one after a refusal', () => {
  const state = { ...BEGINNING, cart };
  assert.equal(quoted(state, quote('OK'), () => 'new').purchaseId, 'new');
  assert.equal(quoted({ ...state, purchaseId: 'old' }, quote('OK'), () => 'new').purchaseId, 'old');
  const declined = { status: 200, body: { status: 'DECLINED', reason: 'PIN_WRONG', message: 'm', next_step: 'n', lines: [] } };
  const after = answered({ ...state, purchaseId: 'old' }, declined);
  assert.equal(after.purchaseId, null);
  assert.equal(after.cart.lines.length, 1);
  assert.equal(after.outcome.nextStep, 'n');
  assert.ok(!liesWithGoods({ ...state, ...after }, after.outcome));
  const malformed = answered({ ...state, purchaseId: 'old' }, { status: 422, body: { code: 'MALFORMED', detail: 'x' } });
  assert.equal(malformed.purchaseId, undefined, 'nothing was stored: the id stays');
});

test('an approval empties the cart', () => {
  const after = answered({ ...BEGINNING, cart }, { status: 200, body: { status: 'APPROVED', amount: 1 } });
  assert.equal(after.cart.lines.length, 0);
  assert.equal(after.outcome.kind, 'APPROVED');
});

test('a name is kept only when identified, and forgotten with the way', () => {
  const state = { ...BEGINNING, ...quoted({ ...BEGINNING, cart }, quote('OK'), () => 'new') };
  const step = identified(state, { status: 'STEP_UP', step_up: ['PIN'], payer_token: 't', reason: 'STEP_UP_REQUIRED', message: 'm', name: 'S***' });
  assert.equal(step.sale.name, '');
  assert.equal(step.problem, null);
  const wrong = identified({ ...state, sale: step.sale }, { status: 'STEP_UP', step_up: ['PIN'], payer_token: 't', reason: 'PIN_WRONG', message: 'm' });
  assert.equal(wrong.problem.calm, false);
  const known = identified({ ...state, sale: step.sale }, { status: 'IDENTIFIED', payer_token: 'u', name: 'S***' });
  assert.deepEqual([known.sale.name, known.sale.token, known.sale.stepUp], ['S***', 'u', []]);
  assert.deepEqual(wayChosen({ ...state, sale: known.sale }, 'KKS').sale.token, null);
});

test('a claim without a second proof is said, not left hanging', () => {
  const state = { ...BEGINNING, ...quoted({ ...BEGINNING, cart }, quote('OK'), () => 'new') };
  const said = identified(state, { status: 'STEP_UP', step_up: [], payer_token: 't', reason: 'STEP_UP_REQUIRED', message: 'Tunggu' });
  assert.equal(said.problem.message, 'Tunggu');
  assert.equal(said.sale.token, null);
});

test('where a way ends the next one is named', () => {
  const state = { ...BEGINNING, ...quoted({ ...BEGINNING, cart }, quote('OK'), () => 'new') };
  const chosen = { ...state, ...wayChosen(state, 'KTP') };
  const said = { status: 'NOT_IDENTIFIED', reason: 'FACE_NO_MATCH', message: 'm', next_step: 'terang' };
  const ladder = { message: 'Minta pendampingan.' };
  assert.equal(identified(chosen, { ...said, next_method: 'KTP', ladder }).problem.nextStep, 'terang');
  assert.equal(identified(chosen, { ...said, next_method: 'SUPERVISED', ladder }).problem.nextStep, 'Minta pendampingan.');
});

test('a store tells its watchers', () => {
  const store = createStore({ a: 1 });
  const seen = [];
  const stop = store.watch((state) => seen.push(state.a));
  store.set({ a: 2 });
  store.set(({ a }) => ({ a: a + 1 }));
  stop();
  store.set({ a: 9 });
  assert.deepEqual(seen, [2, 3]);
});

const shelf = () => {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text), removeItem: (key) => kept.delete(key) };
};
const reply = (status, body) => new Response(JSON.stringify(body), { status });
const opened = (token) => ({ access_token: token, expires_in: 600, refresh_token: `r-${token}`, till_id: 'T', shop: { region: '35' }, server_time: '2026-11-21T09:00:00+07:00' });

test('a dead token is renewed once and the call repeated', async () => {
  const asked = [];
  const send = async (path, init) => {
    asked.push(`${init.method} ${path} ${init.headers.Authorization ?? ''}`.trim());
    if (path === '/v1/sessions') return reply(200, opened('one'));
    if (path === '/v1/sessions/refresh') return reply(200, opened('two'));
    return init.headers.Authorization === 'Bearer two' ? reply(200, { ok: true }) : reply(401, {});
  };
  const session = openSession({ send, devices: shelf(), tab: shelf(), now: () => Date.UTC(2026, 10, 21, 2, 0, 5) });
  await session.enter({ device_id: 'd', device_secret: 's', staff_id: 'k', role: 'KASIR' }, '1234');
  assert.equal(session.serverNow(), Date.UTC(2026, 10, 21, 2, 0, 0));
  const [one, two] = await Promise.all([session.call('/v1/quotes'), session.call('/v1/quotes')]);
  assert.equal(one.status + two.status, 400);
  assert.equal(asked.filter((line) => line.includes('refresh')).length, 1);
  await session.leave();
  assert.equal(session.current, null);
});

test('a void is asked under one id until it is answered', () => {
  const state = { voiding: { id: 'a', reason: 'Salah barang', done: null, purchase: {} } };
  const done = voidAnswered(state, { status: 200, body: { status: 'VOIDED', receipt: { text: 'x' } } }, () => 'b');
  assert.equal(done.voiding.done.receipt.text, 'x');
  const refusedIt = voidAnswered(state, { status: 200, body: { status: 'DECLINED', message: 'm', next_step: 'n' } }, () => 'b');
  assert.deepEqual([refusedIt.voiding.id, refusedIt.voiding.reason, refusedIt.problem.message], ['b', null, 'm']);
  assert.equal(voidAnswered(state, { status: 503, body: { detail: 'x' } }, () => 'b').voiding, undefined);
  assert.equal(voidAnswered(state, { status: 409, body: { detail: 'x' } }, () => 'b').voiding.id, 'b');
});
