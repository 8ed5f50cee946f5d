// What this shop's till remembers, in place before the first goods key: prices, habits, what is paid apart.

import { rfc3339 } from '../clock.js';
import { apart } from '../training/here.js';
import { drawer } from './keep.js';
import { pricesNow } from './prices.js';

const ASIDE_KEY = 'ewarong.aside';

/** @param {any} till gets `today` and `drawer` */
export function selling(till) {
  const { store, session, tab } = till;

  /** The shop's own day. @returns {string} */
  till.today = () => rfc3339(session.serverNow(), session.current.shop.time_zone).slice(0, 10);

  /** @param {{shop_id: string}} shop the one that works here now */
  function openShop({ shop_id }) {
    till.drawer = drawer(apart(window.localStorage), shop_id);
    const book = till.drawer.read('prices', {});
    store.set({
      priceBook: book, prices: pricesNow(book), counts: till.drawer.read('counts', {}), parked: till.drawer.read('parked', []),
    });
  }

  const aside = JSON.parse(tab.getItem(ASIDE_KEY) ?? 'null'); // a reload keeps it, as it keeps the basket
  if (aside) store.set({ aside });
  let last = store.get();
  store.watch((/** @type {any} */ state) => {
    const before = last;
    last = state;
    if (state.shop && state.shop !== before.shop) openShop(state.shop);
    if (state.aside !== before.aside) tab.setItem(ASIDE_KEY, JSON.stringify(state.aside));
  });
}
