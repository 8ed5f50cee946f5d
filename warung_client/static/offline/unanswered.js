// A purchase that was sent and never answered: its id belongs to its own basket and family, and to nobody after them.

import { toWire } from '../cart.js';
import { pendingOf, rememberPending } from '../entering.js';

/**
 * What was sent and not answered yet, when it is this very basket of this very family: another one has an id of its own.
 * @param {Storage} tab @param {import('../types.js').Cart} cart @param {string|null} purchaseId the basket's own id @returns {{id: string}|null}
 */
export function sentBefore(tab, cart, purchaseId) {
  const pending = pendingOf(tab);
  const hers = !pending?.left || pending.id === purchaseId;
  const same = pending && hers && JSON.stringify(toWire(pending.cart)) === JSON.stringify(toWire(cart));
  return same ? pending : null;
}

/** Only where a sale may go on without its answer can its id outlive its basket. @param {any} till */
export function unanswered(till) {
  const { store, tab } = till;
  let { cart: before } = store.get();
  store.watch((/** @type {any} */ { cart, purchaseId }) => {
    const emptied = before.lines.length && !cart.lines.length;
    before = cart;
    const pending = emptied ? pendingOf(tab) : null;
    if (!pending) return;
    rememberPending(tab, pending.id, pending.cart, true);
    if (purchaseId === pending.id) store.set({ purchaseId: null });
  });

  /** The id of the basket as it stands now; null where it needs a new one. @returns {string|null} */
  till.idNow = () => {
    const { purchaseId, cart } = store.get();
    const taken = purchaseId && pendingOf(tab)?.id === purchaseId && !sentBefore(tab, cart, purchaseId);
    return taken ? null : purchaseId;
  };
}
