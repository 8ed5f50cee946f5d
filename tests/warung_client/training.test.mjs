// The training ground: lawful like the real engine, and nothing of it leaves the page.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { coach, offersCard } from '../../warung_client/static/training/coach.js';
import { trainingEngine } from '../../warung_client/static/training/engine.js';
import { trainingFetch } from '../../warung_client/static/training/ground.js';
import { apart, PREFIX, TRAINING } from '../../warung_client/static/training/here.js';
import { FAMILIES, SAMPLE_PIN, STAFF } from '../../warung_client/static/training/sample.js';
import { seal } from '../../warung_client/static/identify/sealing.js';
import { cardFits, phoneFits } from '../../warung_client/static/numbers.js';
import { COACH } from '../../warung_client/static/words/training.js';

const NOW = Date.UTC(2026, 10, 21, 3);
const RICE = { sku: 'BERAS-MEDIUM', quantity_milli: 5_000, unit_price: 13_400, unit: 'kg' };
const PAYER = { method: 'KKS', card: FAMILIES[0].card, pin: SAMPLE_PIN };
const engine = () => trainingEngine({ now: () => NOW });
const put = (ask, id, lines, payer = PAYER) => ask({ method: 'PUT', path: `/v1/purchases/${id}`, body: { lines, payer } }).body;

test('the sample families can be typed', () => {
  assert.ok(FAMILIES.every(({ card, msisdn }) => cardFits(card) && phoneFits(msisdn)));
});

test('a lawful basket is paid once, and the receipt says LATIHAN', () => {
  const ask = engine();
  const first = put(ask, 'a-1111', [RICE]);
  assert.deepEqual([first.status, first.amount, first.balance_after], ['APPROVED', 67_000, 133_000]);
  assert.match(first.receipt.text, /\*\*\* LATIHAN \*\*\*[^]*BUKAN BUKTI BELANJA[^]*\*\*\* LATIHAN \*\*\*/);
  assert.ok(first.receipt.text.split('\n').every((row) => row.length <= 32), first.receipt.text);
  assert.equal(put(ask, 'a-1111', [RICE]), first);
  assert.equal(put(ask, 'b-2222', [RICE]).balance_before, 133_000);
});

test('what the real engine refuses is refused here, with the next step', () => {
  const ask = engine();
  const refusals = [
    [[{ ...RICE, unit_price: 14_000 }], PAYER, 'PRICE_ABOVE_CEILING'],
    [[{ ...RICE, sku: 'ROKOK-KRETEK' }], PAYER, 'ITEM_BANNED'],
    [[{ ...RICE, quantity_milli: 50_000 }], PAYER, 'INSUFFICIENT_BALANCE'],
    [[RICE], { ...PAYER, pin: '000000' }, 'PIN_WRONG'],
    [[RICE], { ...PAYER, card: '6019000000000030' }, 'CARD_UNKNOWN'],
    [[RICE], { method: 'PHONE', msisdn: FAMILIES[0].msisdn, code: '1' }, 'CODE_WRONG'],
  ];
  refusals.forEach(([lines, payer, reason], place) => {
    const said = put(ask, `r-${place}`, lines, payer);
    assert.deepEqual([said.status, said.reason], ['DECLINED', reason]);
    assert.ok(said.message && said.next_step, reason);
  });
  assert.equal(put(ask, 'ok', [RICE]).balance_before, 200_000);
});

test('every way of proving leads to the family', () => {
  const ask = engine();
  const identify = (body) => ask({ method: 'POST', path: '/v1/payers/identify', body }).body;
  const phone = identify({ method: 'PHONE', msisdn: '+6281200000002' });
  assert.deepEqual([phone.status, phone.step_up], ['STEP_UP', ['CODE']]);
  const face = identify({ method: 'FACE', images: [] });
  assert.equal(identify({ continue: face.payer_token, factor: 'PIN', value: '000000' }).reason, 'PIN_WRONG');
  const known = identify({ continue: face.payer_token, factor: 'PIN', value: SAMPLE_PIN });
  assert.equal(known.status, 'IDENTIFIED');
  const quote = ask({ method: 'POST', path: '/v1/quotes', body: { lines: [RICE], payer: { token: known.payer_token } } }).body;
  assert.deepEqual([quote.balance_before, quote.balance_after], [200_000, 133_000]);
  assert.equal(put(ask, 'f', [RICE], { token: known.payer_token }).status, 'APPROVED');
  assert.equal(identify({ method: 'PHONE', msisdn: '080000000000' }).status, 'NOT_IDENTIFIED');
});

test('its day is closed once, its void gives the sum back to the list', () => {
  const ask = engine();
  put(ask, 'a', [RICE]);
  assert.equal(ask({ method: 'PUT', path: '/v1/voids/v', body: { purchase_id: 'a', reason: 'x' } }).body.status, 'VOIDED');
  const list = ask({ method: 'GET', path: '/v1/purchases?day=today', body: null }).body;
  assert.deepEqual([list.purchases[0].status, list.total_approved], ['VOIDED', 0]);
  const close = { close_id: 'z', day: '2026-11-21', cash: { opening: 10, sales: 5, taken_in: 0, taken_out: 1, counted: 12 }, unsent: {} };
  const path = '/v1/shops/latihan/day/close';
  const first = ask({ method: 'POST', path, body: close });
  assert.equal(first.body.cash.difference, -2);
  assert.equal(ask({ method: 'POST', path, body: close }).body, first.body);
  assert.equal(ask({ method: 'POST', path, body: { ...close, close_id: 'y' } }).status, 409);
});

test('nothing of it leaves the page but the till\'s own files', async () => {
  const asked = [];
  const files = async (path) => { asked.push(String(path)); return new Response('x'); };
  const send = trainingFetch(files, 'http://till', () => NOW);
  const login = { device_id: 'latihan', device_secret: 'latihan', staff_id: STAFF[0].staff_id, pin: SAMPLE_PIN };
  assert.equal((await send('/v1/sessions', { method: 'POST', body: JSON.stringify(login) })).status, 200);
  assert.equal((await send('/v1/offline/batches', { method: 'POST', body: '{}' })).status, 404);
  assert.equal((await send('/v1/sessions', { method: 'DELETE' })).status, 204);
  assert.equal((await send(new Request('http://till/v1/purchases?day=today'))).status, 200);
  assert.equal((await send('/health')).status, 200);
  assert.match((await send('/v1/purchases/x/receipt.svg')).headers.get('Content-Type'), /svg/);
  assert.deepEqual(asked, []);
  await send('words/jv.json');
  assert.deepEqual(asked, ['words/jv.json']);
  await assert.rejects(send('http://elsewhere/x'), TypeError);
});

test('a PIN that was sealed for it opens there, and for nobody else', async () => {
  const send = trainingFetch(async () => new Response('x'), 'http://till', () => NOW);
  const key = await (await send('/v1/sessions/sealing-key')).json();
  const secret = { pin: SAMPLE_PIN, tillId: 'latihan', nowMs: NOW };
  const buy = async (id, pin_sealed) => (await (await send(`/v1/purchases/${id}`, {
    method: 'PUT', body: JSON.stringify({ lines: [RICE], payer: { method: 'KKS', card: FAMILIES[0].card, pin_sealed } }),
  })).json()).reason ?? 'APPROVED';
  const good = await seal(key, secret);
  assert.equal(await buy('a', good), 'APPROVED');
  assert.equal(await buy('b', await seal(key, { ...secret, pin: '000000' })), 'PIN_WRONG');
  assert.equal(await buy('c', good.replace('latihan', 'engine')), 'PIN_WRONG');
});

test('its data have names of their own', () => {
  const kept = new Map([['ewarong.cart', 'real']]);
  const storage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name) };
  const own = apart(storage, 'latihan.');
  own.setItem('ewarong.cart', 'x');
  assert.deepEqual([own.getItem('ewarong.cart'), kept.get('ewarong.cart')], ['x', 'real']);
  own.removeItem('ewarong.cart');
  assert.equal(kept.get('ewarong.cart'), 'real');
  assert.equal(apart(storage, ''), storage);
  assert.deepEqual([TRAINING, PREFIX], [false, '']);
});

test('the learner is told what to do from the first key to the receipt', () => {
  const cart = { lines: [] };
  const steps = [
    [{ screen: 'cart', cart }, COACH.goods], [{ screen: 'cart', cart, pad: {} }, COACH.price], [{ screen: 'cart', cart: { lines: [1] } }, COACH.pay],
    [{ screen: 'who', sale: {} }, COACH.way], [{ screen: 'who', sale: { way: 'KKS' } }, COACH.card], [{ screen: 'agree', sale: {} }, COACH.yes],
    [{ screen: 'agree', sale: { asking: 'PIN' } }, COACH.pin], [{ screen: 'result', outcome: { kind: 'APPROVED' } }, COACH.done],
    [{ screen: 'result', outcome: { kind: 'DECLINED' } }, COACH.again], [{ screen: 'menu' }, ''],
  ];
  steps.forEach(([state, word]) => assert.equal(coach(state), word));
  assert.ok(offersCard({ screen: 'who', sale: { way: 'KKS' } }));
});
