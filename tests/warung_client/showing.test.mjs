// A basket's code on the till's screen: held once, waited for, and left behind when nobody wants it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, EMPTY_CART } from '../../warung_client/static/cart.js';
import { isOwnCode, showing } from '../../warung_client/static/showing.js';
import { BEGINNING, createStore } from '../../warung_client/static/state.js';
import { quoted, wayChosen } from '../../warung_client/static/steps.js';

const cart = add(EMPTY_CART, { sku: 'BERAS-MEDIUM', name: 'Beras medium', unit: 'kg', quantityMilli: 5000, unitPrice: 13400 });
const quote = { quote_id: 'q', amount: 67000, lines: [{ sku: 'BERAS-MEDIUM', verdict: 'OK', ceiling: 13500 }] };

function aTill(answers) {
  const store = createStore({ ...BEGINNING, cart });
  store.set((state) => quoted(state, quote, () => 'id-1'));
  store.set((state) => wayChosen(state, 'QR'));
  const asked = [];
  const call = async (path) => { asked.push(path); return answers(path, asked); };
  const session = { current: { till_id: 't', shop: { shop_id: 's' } }, call, authorised: async () => ({ status: 404 }) };
  const till = {
    store, session, tab: { setItem() {} }, attempt: (work) => work(),
    refuse: (answer) => { till.refused = answer; }, finish: () => {},
  };
  return { till, asked, act: showing(till) };
}

test('only our own codes are read', () => {
  assert.ok(isOwnCode(` KPM1.${'a'.repeat(160)}.${'b'.repeat(86)}\n`));
  for (const other of ['', 'KPM1.a.b', '00020101021126', `KPM1.${'a'.repeat(160)}.${'b'.repeat(85)}`]) assert.ok(!isOwnCode(other));
});

test('an id that stands for other goods is left behind', async () => {
  const open = { status: 200, body: { status: 'OPEN', amount: 67000, reference: 'R', payload: null, message: 'tanpa NMID' } };
  const { till, asked, act } = aTill((path, all) => (all.length === 1 ? { status: 409, body: {} } : open));
  await act.showCode();
  assert.equal(asked[0], '/v1/baskets/id-1');
  assert.notEqual(asked[1], asked[0]);
  assert.equal(asked[1], `/v1/baskets/${till.store.get().purchaseId}`);
  assert.equal(till.store.get().problem.message, 'tanpa NMID');
});

test('a basket that is not lawful goes back to its goods', async () => {
  const body = { status: 'DECLINED', reason: 'PRICE_ABOVE_CEILING', message: 'm', next_step: 'n', lines: [] };
  const { till, act } = aTill(() => ({ status: 200, body }));
  await act.showCode();
  assert.equal(till.store.get().screen, 'result');
  assert.equal(till.store.get().purchaseId, null);
});

test('her own code leads to her yes, and another way forgets it', () => {
  const { till, act } = aTill(() => ({ status: 404 }));
  act.readOwnCode(' KPM1.x ');
  assert.equal(till.store.get().screen, 'agree');
  assert.equal(till.store.get().sale.ownCode, 'KPM1.x');
  till.store.set((state) => wayChosen(state, 'KKS'));
  assert.equal(till.store.get().sale.ownCode, '');
});
