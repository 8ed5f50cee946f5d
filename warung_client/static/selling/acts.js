// What a till does around the basket: scanned goods, waiting baskets, the shop's prices, goods paid apart.

import { add, EMPTY_CART, remove, withLines } from '../cart.js';
import { ALL_GOODS, CODE_OF_PERSON, CODE_UNREAD, PARK_FULL } from '../words/selling.js';
import { meaningOf } from './codes.js';
import { counted } from './favourites.js';
import { unlisted } from './other.js';
import { park, recall, waiting } from './park.js';
import { forget, note, priceKey, pricesNow } from './prices.js';
import { soldOn, soldOnce } from './same.js';

const ONE_MILLI = 1000;
const TELL_FIRST_MS = 5_000;
const TELL_EVERY_MS = 3_600_000;
const SOLD = new Set(['APPROVED', 'RECORDED']);

/** @param {any} till @returns {Record<string, (...all: any[]) => any>} */
export function sellingActs(till) {
  const { store, session } = till;
  let timer = 0;

  /** Habits and waiting baskets of the shop that works here now; its counts are told. */
  function opened() {
    store.set({
      parked: waiting(till.drawer.read('parked', []), Date.now()), sold: soldOn(till.drawer.read('sold', null), till.today()),
    });
    window.clearInterval(timer);
    const now = () => tell().catch(() => null); // without signal: in an hour
    window.setTimeout(now, TELL_FIRST_MS);
    timer = window.setInterval(now, TELL_EVERY_MS);
  }

  /** How many ordinary sales there were; what nobody heard is told again in an hour. */
  async function tell() {
    const { shop } = store.get();
    if (!session.current || !shop) return;
    const { tellCounts } = await import('./telling.js');
    await tellCounts({ shopId: shop.shop_id, today: till.today(), call: session.call, drawer: till.drawer });
  }

  /** For who closes the shop: told now, without waiting longer than this. @param {number} msMax */
  till.tellCashCounts = (msMax) => Promise.race([
    tell().catch(() => null), new Promise((over) => { window.setTimeout(over, msMax); }),
  ]);

  /** What this device sold for ordinary money on a day: for whoever counts the drawer. @param {string} [day] */
  till.cashOfDay = async (day = till.today()) => {
    const { salesOf, sumsOf } = await import('./cash_book.js');
    return sumsOf(await salesOf(store.get().shop.shop_id, day));
  };

  function keepPrices(book) {
    till.drawer.write('prices', book);
    store.set({ priceBook: book, prices: pricesNow(book) });
  }

  /** @param {import('../types.js').CartLine} line */
  till.notePrice = (line) => {
    if (!line.sku && !line.gtin) return; // other goods share one key: no price of theirs is kept
    keepPrices(note(store.get().priceBook, priceKey(line), { day: till.today(), price: line.unitPrice, set: false }));
  };

  /** Goods that went over the counter: habits of the shop, and whether baskets are alike. */
  till.goodsSold = (lines, withAid) => {
    const { counts, sold } = store.get();
    const next = {
      counts: counted(counts, lines.map(({ sku }) => sku)),
      sold: withAid ? soldOnce(sold, till.today(), lines) : sold,
    };
    Object.entries(next).forEach(([name, value]) => till.drawer.write(name, value));
    store.set(next);
  };

  const inHand = ({ cart, aside, purchaseId }) => (cart.lines.length || aside.lines.length
    ? { atMs: Date.now(), cart, aside, purchaseId } : null);

  let last = store.get();
  store.watch((/** @type {any} */ state) => {
    const before = last;
    last = state;
    if (state.shop && state.shop !== before.shop) opened();
    const answered = state.outcome && state.outcome.kind !== before.outcome?.kind && SOLD.has(state.outcome.kind);
    if (answered && before.cart.lines.length) till.goodsSold(before.cart.lines, true);
  });
  if (last.shop) opened();

  /** A pack with a known price goes in at once; else its keypad asks. */
  function putPack(good, pack, where) {
    const chosen = { sku: good.sku, name: pack.name, unit: pack.unit.code, gtin: pack.gtin, pack: pack.unit, quantityMilli: ONE_MILLI };
    const unitPrice = store.get().prices[priceKey(chosen)];
    if (!unitPrice) return store.set({ screen: 'cart', pad: { good, line: null, pack, aside: where === 'aside' }, told: null, problem: null });
    return store.set((state) => ({ [where]: add(state[where], { ...chosen, unitPrice }), told: null, problem: null }));
  }

  return {
    /** Too little balance: the aid pays its part, money the rest. */
    splitTender: () => till.attempt(async () => (await import('./splitting.js')).splitTender(till)),

    /** Nothing is sold; one tap brings the goods back. */
    cancelSale() {
      till.abandon();
      store.set(({ cart }) => ({
        screen: 'cart', pane: 'cart', sale: null, outcome: null, problem: null, purchaseId: null,
        cart: { ...cart, lines: [], before: { kind: 'REMOVED', name: ALL_GOODS, lines: cart.lines } },
      }));
    },

    /** What a scanner or the camera read. @param {string} text */
    scan(text) {
      const found = meaningOf(text, store.get().catalogue);
      if (found.kind === 'NONE') return store.set({ problem: CODE_UNREAD });
      if (found.kind === 'PERSON') return store.set({ problem: CODE_OF_PERSON });
      const good = found.kind === 'PACK' ? found.good : unlisted(found.gtin);
      const pack = found.kind === 'PACK' ? found.pack : /** @type {any} */ (good).pack;
      if (good.verdict === 'OK') return putPack(good, pack, 'cart');
      if (store.get().prices[priceKey({ ...pack, unit: '' })]) return putPack(good, pack, 'aside');
      return store.set({ screen: 'cart', told: { ...good, name: pack.name, pack }, pad: null, problem: null });
    },

    /** The basket waits under a letter. */
    park: () => store.set((state) => {
      const basket = inHand(state);
      const parked = basket && park(state.parked, basket);
      if (!parked) return basket ? { problem: PARK_FULL } : {};
      till.drawer.write('parked', parked);
      return { parked, cart: EMPTY_CART, aside: EMPTY_CART, purchaseId: null, sale: null, problem: null, pane: 'goods' };
    }),

    /** @param {string} label */
    recall: (label) => store.set((state) => {
      const { basket, parked } = recall(state.parked, label, inHand(state));
      if (!basket) return {};
      till.drawer.write('parked', parked);
      const { cart, aside, purchaseId } = basket;
      return { parked, cart, aside, purchaseId, sale: null, problem: null, pane: 'cart', pad: null, told: null };
    }),

    /** A line that the aid does not pay, paid apart. @param {number} key */
    moveAside: (key) => store.set((state) => {
      const line = state.cart.lines.find((one) => one.key === key);
      return line ? { cart: remove(state.cart, key), aside: withLines(state.aside, [line]), problem: null } : {};
    }),
    removeAside: (key) => store.set((state) => ({ aside: remove(state.aside, key) })),

    /** Ordinary money: for all that lies there, or only for what is paid apart. @param {boolean} all */
    openCash: (all) => store.set((state) => ({
      screen: 'cash', pad: null, told: null, problem: null, cash: { all, lines: [...(all ? state.cart.lines : []), ...state.aside.lines] },
    })),

    /** Back to the basket: what was paid is gone from it. */
    closeCash: () => store.set(({ cart }) => ({ screen: 'cart', cash: null, problem: null, pane: cart.lines.length ? 'cart' : 'goods' })),

    /** @param {{sku: string, unit: string}} of @param {number} price 0: none any more */
    setPrice(of, price) {
      const { priceBook } = store.get();
      keepPrices(price ? note(priceBook, priceKey(of), { day: till.today(), price, set: true }) : forget(priceBook, priceKey(of)));
    },
  };
}
