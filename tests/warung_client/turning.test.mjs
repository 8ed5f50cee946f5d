// Which way the arrow points, what is said, days that were, and how a failed face goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesEach, TURN_FRAMES } from '../../warung_client/static/camera.js';
import { add, EMPTY_CART } from '../../warung_client/static/cart.js';
import { BEGINNING, basketAgain } from '../../warung_client/static/state.js';
import { identified, quoted, wayChosen } from '../../warung_client/static/steps.js';
import { arrowOf, askOf, dayOf, spaced } from '../../warung_client/static/turning.js';

test('her left is left in a mirror and right face to face', () => {
  assert.deepEqual([arrowOf('TURN_LEFT', true), arrowOf('TURN_RIGHT', true)], ['left', 'right']);
  assert.deepEqual([arrowOf('TURN_LEFT', false), arrowOf('TURN_RIGHT', false)], ['right', 'left']);
  assert.equal(arrowOf('CLOSER', true), null);
});

test('the words name her own side, to her or to the cashier', () => {
  assert.equal(askOf('TURN_LEFT', true), 'Tengok pelan-pelan ke kiri');
  assert.match(askOf('TURN_RIGHT', false), /^Minta Ibu\/Bapak .* kanannya sendiri$/);
  assert.match(askOf('CLOSER', true), /Dekatkan/);
});

test('a day is real and not to come', () => {
  assert.equal(dayOf('07031968'), '1968-03-07');
  assert.equal(dayOf('29022000'), '2000-02-29');
  for (const typed of ['0703196', '31021968', '29021900', '00011968', '01131968', '01011899', '01012999']) {
    assert.equal(dayOf(typed), null, typed);
  }
  assert.deepEqual(['', '0', '07', '070', '0703', '07031968'].map(spaced), ['', '0', '07', '07 0', '07 03', '07 03 1968']);
});

test('all frames of a movement fit into what the engine takes', () => {
  assert.ok(TURN_FRAMES >= 9 && TURN_FRAMES <= 15);
  assert.ok(bytesEach(TURN_FRAMES) * TURN_FRAMES <= 2 * 1024 * 1024);
  assert.ok(bytesEach(3) <= 300 * 1024);
});

const cart = add(EMPTY_CART, { sku: 'TEMPE', name: 'Tempe', unit: 'kg', quantityMilli: 1000, unitPrice: 12000 });
const asked = (way) => {
  const state = { ...BEGINNING, cart };
  const lines = [{ sku: 'TEMPE', verdict: 'OK', ceiling: null }];
  const sale = { ...state, ...quoted(state, { quote_id: 'q', amount: 12000, lines }, () => 'id') };
  return { ...sale, ...wayChosen(sale, way) };
};
const after = (state, said) => ({ ...state, ...identified(state, { message: 'm', step_up: [], ...said }) });

test('failures of a face are counted across ways, and only a face that nobody knew may name a day', () => {
  let state = after(asked('FACE'), { status: 'RETAKE', reason: 'FACE_NOT_LIVE' });
  assert.deepEqual([state.sale.faceFailures, state.sale.noMatch], [1, false]);
  state = after(state, { status: 'NOT_IDENTIFIED', reason: 'FACE_NO_MATCH' });
  assert.deepEqual([state.sale.faceFailures, state.sale.noMatch], [2, true]);
  state = after({ ...state, ...wayChosen(state, 'KTP') }, { status: 'RETAKE', reason: 'FACE_QUALITY' });
  assert.deepEqual([state.sale.faceFailures, state.sale.noMatch, state.sale.birthDate], [2, false, null]);
});

test('a claim whose last proof is used up begins anew', () => {
  const claim = after(asked('FACE'), { status: 'STEP_UP', step_up: ['BIRTH_DATE'], payer_token: 't', reason: 'STEP_UP_REQUIRED' });
  assert.deepEqual(claim.sale.stepUp, ['BIRTH_DATE']);
  const ended = after(claim, { status: 'STEP_UP', step_up: [], payer_token: 't', reason: 'BIRTH_DATE_WRONG' });
  assert.deepEqual([ended.sale.stepUp, ended.sale.token, ended.problem.calm], [[], null, false]);
});

test('whoever goes elsewhere leaves the answers under way behind', () => {
  const state = asked('FACE');
  assert.ok(wayChosen(state, 'KKS').sale.visit > state.sale.visit);
  assert.ok(basketAgain(state).sale.visit > state.sale.visit);
  assert.equal(basketAgain({ ...state, sale: null }).sale, null);
});
