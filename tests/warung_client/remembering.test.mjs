// A till that starts shows the keys it knows before anybody is asked, and the engine's answer disturbs nobody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entering } from '../../warung_client/static/entering.js';
import { goodsMemory, sameGoods } from '../../warung_client/static/remembering.js';
import { BEGINNING, createStore } from '../../warung_client/static/state.js';

const good = (sku, amount) => ({ sku, name: sku, verdict: 'OK', ceiling: amount ? { amount } : null });
const told = (amount, changes = {}) => ({ region: '33', day: '2026-11-22', goods: [good('BERAS', amount), good('TEMPE')], server_time: 'now', ...changes });
const CART = { lines: [{ key: 1, sku: 'TEMPE' }], before: null, nextKey: 2 };
const SHOP = { shop_id: 'S1', region: '33' };

/** @param {Record<string, string>} [kept] @returns {any} */
function drawerOf(kept = {}) {
  const values = new Map(Object.entries(kept));
  return {
    values, writes: [],
    getItem: (name) => values.get(name) ?? null,
    setItem(name, value) { this.writes.push(name); values.set(name, value); },
    removeItem: (name) => values.delete(name),
  };
}

/** A tab that was reloaded. @param {{body?: any, status?: number, device?: any, shop?: any}} is */
function reloaded({ body = told(13_000), status = 200, device = drawerOf(), shop = SHOP }) {
  const tab = drawerOf({ 'ewarong.cart': JSON.stringify(CART) });
  const store = createStore(BEGINNING);
  const till = {
    store, tab, device, attempt: (work) => work(), ready: async () => {},
    session: { current: shop && { shop, staff: { role: 'KASIR' } }, call: async () => ({ status, body }), samples: async () => [], installed: () => [] },
    offline: { soon() {}, keepCatalogue() {}, opened() {}, away: () => false, openKept: async () => false, cashiers: async () => [] },
  };
  const acts = entering(till);
  return { till, store, tab, acts };
}
const knowing = (amount, changes) => {
  const device = drawerOf();
  goodsMemory(device).write(told(amount, changes));
  return device;
};
const drawn = () => new Promise((resolve) => { setTimeout(resolve); });

test('what was told last stands there at once, with the basket of before the reload', () => {
  const { till, store } = reloaded({ device: knowing(12_500) });
  assert.equal(till.openRemembered(), true);
  const { screen, catalogue, cart, shop } = store.get();
  assert.deepEqual([screen, catalogue.goods.length, cart, shop], ['cart', 2, CART, SHOP]);
});

test('nobody at work, another region, or nothing kept: the engine is asked as ever', async () => {
  assert.equal(reloaded({ device: knowing(12_500), shop: null }).till.openRemembered(), false);
  assert.equal(reloaded({ device: knowing(12_500, { region: '91' }) }).till.openRemembered(), false);
  assert.equal(reloaded({ device: drawerOf({ 'ewarong.goods': '{"broken' }) }).till.openRemembered(), false);
  const { till, store, acts } = reloaded({});
  assert.equal(till.openRemembered(), false);
  await acts.begin();
  assert.equal(store.get().screen, 'cart');
  assert.deepEqual(store.get().cart, CART);
});

test('the answer brings today\'s ceiling to the keypad that is open, and moves nobody elsewhere', async () => {
  const { till, store, acts } = reloaded({ device: knowing(12_500) });
  till.openRemembered();
  store.set({ screen: 'menu', pad: { good: store.get().catalogue.goods[0], line: null } });
  await acts.begin();
  assert.equal(store.get().screen, 'menu');
  assert.equal(store.get().pad.good.ceiling.amount, 13_000);
  await drawn();
  assert.equal(goodsMemory(till.device).read('33')?.goods[0].ceiling.amount, 13_000);
});

test('goods that did not change are the same goods: no key is drawn anew', async () => {
  const { till, store, acts } = reloaded({ device: knowing(13_000) });
  till.openRemembered();
  const { goods } = store.get().catalogue;
  await acts.begin();
  assert.equal(store.get().catalogue.goods, goods);
  assert.notEqual(sameGoods(told(1), told(2)).goods[0].ceiling.amount, 1);
});

test('a session that is over ends at the log-in, and the next one finds the basket', async () => {
  const { till, store, acts } = reloaded({ device: knowing(12_500), status: 401 });
  till.openRemembered();
  await acts.begin();
  assert.equal(store.get().screen, 'start');
  await till.openWith(told(13_000));
  assert.deepEqual([store.get().screen, store.get().cart], ['cart', CART]);
});

test('the basket is written when it changes, not at every tap', () => {
  const { till, store, tab } = reloaded({ device: knowing(12_500) });
  till.openRemembered();
  const before = tab.writes.length;
  store.set({ pad: { good: store.get().catalogue.goods[0] } });
  store.set({ pad: null });
  assert.equal(tab.writes.length, before);
  store.set({ cart: { ...CART, nextKey: 3 } });
  assert.equal(JSON.parse(tab.values.get('ewarong.cart')).nextKey, 3);
});

test('a full storage forgets the goods and sells on', () => {
  const device = { ...knowing(12_500), setItem: () => { throw new Error('QuotaExceededError'); } };
  goodsMemory(device).write(told(13_000));
  assert.equal(goodsMemory(device).read('33'), null);
  goodsMemory(device).write(told(1, { packs: 'x'.repeat(500_000) }));
  assert.equal(goodsMemory(device).read('33'), null);
});
