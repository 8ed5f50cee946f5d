// What lets a cashier go on while the engine is away: who she is, the goods, and a receipt nobody has seen yet.

import { toWire, EMPTY_CART } from '../cart.js';
import { UNLOCK } from '../words/offline.js';
import { NO_ANSWER } from '../words.js';
import { picture } from './receipt.js';
import { readFact, STRICT, writeFact } from './store.js';
import { knownCashiers, rememberCashier, unlockCashier } from './unlock.js';

/** @param {any} till @param {import('./start.js').Off} off */
export function keeping(till, { db, moments }) {
  const { store, session } = till;

  /** The receipt was on the screen and the cashier went on: it need not be shown again. */
  let shown = null;
  store.watch(({ outcome }) => {
    if (shown && outcome?.purchase_id !== shown) {
      shown = null;
      writeFact(db, 'unseen', undefined).catch((failure) => console.error(failure));
    }
    if (outcome?.kind === 'RECORDED') shown = outcome.purchase_id;
  });

  /** A sale was recorded, then the browser died before its receipt was seen: it is shown, its basket emptied. */
  async function opened() {
    const unseen = await readFact(db, 'unseen');
    const { outcome, cart } = store.get();
    if (!unseen || outcome) return;
    const same = JSON.stringify(toWire(cart)) === JSON.stringify(unseen.lines);
    const { purchase_id, amount, paper, text } = unseen;
    store.set({
      screen: 'result', problem: null, ...(same && { cart: EMPTY_CART, purchaseId: null }), sale: null,
      outcome: { kind: 'RECORDED', before: true, purchase_id, amount, receipt: { text: paper }, qr: await picture(text) },
    });
  }

  /** @returns {Promise<boolean>} */
  async function openKept() {
    const { shop } = session.current ?? {};
    const kept = shop && await db.get('catalogues', shop.region);
    if (!kept) return false;
    await till.openWith(kept.catalogue);
    await opened();
    return true;
  }

  return {
    opened,
    openKept,
    cashiers: knownCashiers,
    remember: rememberCashier,

    /** @param {any} catalogue */
    async keepCatalogue(catalogue) {
      const tx = db.transaction('catalogues', 'readwrite', STRICT);
      tx.store.put({ region: catalogue.region, catalogue, at_ms: Date.parse(catalogue.server_time) || moments.now() });
      await tx.done;
    },

    /** In by PIN, by what this tablet remembers. @param {any} device @param {string} pin */
    async enter(device, pin) {
      const said = await unlockCashier(device.staff_id, pin, device.device_id);
      if (said.kind === 'WRONG') return store.set({ problem: UNLOCK.wrong(said.left) });
      if (said.kind !== 'OPEN') return store.set({ problem: said.kind === 'BLOCKED' ? UNLOCK.blocked : UNLOCK.unknown });
      const { till_id, shop, staff, skew_ms: skewMs, device_id, staff_id } = said.cashier;
      session.adopt({ till_id, shop, staff, skewMs, device_id, staff_id });
      if (!await openKept()) store.set({ problem: NO_ANSWER });
      return undefined;
    },
  };
}
