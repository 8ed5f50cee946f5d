// Filling the basket: the keypad of a good, the lines, and their quick fixes.

import { add, change, lowerToCeiling, remove, step, undo } from './cart.js';
import { OTHER } from './selling/other.js';

/** @param {any} till */
export function choosing(till) {
  const { store } = till;
  const withCart = (changed) => store.set((state) => ({ cart: changed(state.cart), problem: null }));

  /** The keypad of a line, in the basket or among what is paid apart. */
  const editing = (line, aside) => store.set(({ catalogue }) => {
    const good = catalogue.goods.find(({ sku }) => sku === line.sku) ?? (aside ? { ...OTHER, name: line.name } : null);
    const pack = line.gtin ? { gtin: line.gtin, sku: line.sku, name: line.name, unit: line.pack } : null;
    return good ? { pad: { good, line, pack, aside }, told: null } : {};
  });

  return {
    /** @param {import('./types.js').Good} good */
    openGood: (good) => store.set(good.verdict === 'OK'
      ? { pad: { good, line: null, aside: false }, told: null, problem: null }
      : { told: good, pad: null, problem: null }),

    /** Goods that only another programme's money pays, once the cashier has read so. */
    openAnyway: (good) => store.set({ pad: { good, line: null, pack: good.pack, aside: false }, told: null, problem: null }),

    /** A good that is paid apart, with ordinary money. */
    openAside: (good) => store.set({ pad: { good, line: null, pack: good.pack, aside: true }, told: null, problem: null }),

    editLine: (line) => editing(line, false),
    editAside: (line) => editing(line, true),

    closePad: () => store.set({ pad: null, told: null }),
    showPane: (pane) => store.set({ pane, pad: null, told: null }),

    /**
     * A lawful price is proposed again the next time the good is opened.
     * @param {Omit<import('./types.js').CartLine, 'key'|'mark'>} chosen @param {boolean} lawful
     */
    putLine(chosen, lawful) {
      if (lawful) till.notePrice?.(chosen);
      store.set((state) => {
        const { line, aside } = state.pad;
        const where = aside ? 'aside' : 'cart';
        const basket = line ? change(state[where], line.key, chosen) : add(state[where], chosen);
        return { [where]: basket, pad: null, problem: null };
      });
    },

    stepLine: (key, stepMilli) => withCart((cart) => step(cart, key, stepMilli)),
    removeLine: (key) => withCart((cart) => remove(cart, key)),
    undoLast: () => withCart(undo),
    useCeiling: (key) => withCart((cart) => lowerToCeiling(cart, key)),
  };
}
