// Filling the basket: the keypad of a good, the lines, and their quick fixes.

import { add, change, lowerToCeiling, remove, step, undo } from './cart.js';

/** @param {any} till */
export function choosing({ store }) {
  const withCart = (changed) => store.set((state) => ({ cart: changed(state.cart), problem: null }));

  return {
    /** @param {import('./types.js').Good} good */
    openGood: (good) => store.set(good.verdict === 'OK'
      ? { pad: { good, line: null }, told: null, problem: null }
      : { told: good, pad: null, problem: null }),

    /** Goods that only another programme's money pays, once the cashier has read so. */
    openAnyway: (good) => store.set({ pad: { good, line: null }, told: null, problem: null }),

    editLine: (line) => store.set(({ catalogue }) => {
      const good = catalogue.goods.find(({ sku }) => sku === line.sku);
      return good ? { pad: { good, line }, told: null } : {};
    }),

    closePad: () => store.set({ pad: null, told: null }),
    showPane: (pane) => store.set({ pane, pad: null, told: null }),

    /**
     * A lawful price is proposed again the next time the good is opened.
     * @param {Omit<import('./types.js').CartLine, 'key'|'mark'>} chosen @param {boolean} lawful
     */
    putLine: (chosen, lawful) => store.set((state) => ({
      cart: state.pad?.line ? change(state.cart, state.pad.line.key, chosen) : add(state.cart, chosen),
      prices: lawful ? { ...state.prices, [`${chosen.sku} ${chosen.unit}`]: chosen.unitPrice } : state.prices,
      pad: null, problem: null,
    })),

    stepLine: (key, stepMilli) => withCart((cart) => step(cart, key, stepMilli)),
    removeLine: (key) => withCart((cart) => remove(cart, key)),
    undoRemove: () => withCart(undo),
    useCeiling: (key) => withCart((cart) => lowerToCeiling(cart, key)),
  };
}
