// What the till knows right now, and who watches it change.

import { EMPTY_CART } from './cart.js';
import { OFFLINE_BEGINNING } from './offline/door.js';

export const BEGINNING = Object.freeze({
  screen: 'start', busy: false, problem: null, catalogue: null,
  cart: EMPTY_CART, prices: {}, pane: 'goods', pad: null, told: null,
  purchaseId: null, sale: null, outcome: null, today: null, catalogueAt: 0, voiding: null, newShell: false,
  offline: OFFLINE_BEGINNING,
  aside: EMPTY_CART, parked: [], priceBook: {}, counts: {}, sold: null, cash: null,
  queue: [], methods: null, skewMs: 0, // families that were recognised and still pack; ways that are taken here
});

/** A value that can be read, replaced and watched. @param {any} initial */
export function createStore(initial) {
  let state = initial;
  const watchers = new Set();
  return {
    get: () => state,
    set(changes) {
      state = { ...state, ...(typeof changes === 'function' ? changes(state) : changes) };
      watchers.forEach((watch) => watch(state));
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/** Back to the basket; an answer that is still on its way means nothing any more. @param {any} state */
export function basketAgain({ sale }) {
  return { screen: 'cart', pane: 'cart', problem: null, outcome: null, sale: sale && { ...sale, visit: sale.visit + 1 } };
}
