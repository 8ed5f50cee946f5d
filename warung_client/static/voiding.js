// The owner takes a purchase back on its own day: one id until it is answered, then the slip.

import { voidAnswered } from './steps.js';
import { uuid7 } from './uuid7.js';

/** @param {any} till */
export function voiding(till) {
  const { store, session } = till;

  /** @param {any} call with the owner's session */
  function put(call) {
    const { voiding: { id, purchase, reason } } = store.get();
    return call(`/v1/voids/${id}`, { method: 'PUT', body: { purchase_id: purchase.purchase_id, reason } });
  }

  /** @param {any} answer */
  async function answered(answer) {
    if (answer.status === 401) return void till.refuse(answer);
    store.set((/** @type {any} */ state) => voidAnswered(state, answer, uuid7));
    const { done, purchase } = store.get().voiding;
    if (done) till.tookBack?.(purchase.purchase_id, done.lines ?? []);
    return undefined;
  }

  return {
    /** @param {any} purchase a row of the day's list */
    openVoid: (purchase) => store.set({
      screen: 'cancel', problem: null, voiding: { purchase, id: uuid7(session.serverNow()), reason: null, done: null },
    }),

    /** Why; at a cashier's till the owner's PIN is asked before anything is sent. @param {string} reason */
    chooseVoid: (reason) => store.set((/** @type {any} */ state) => ({ problem: null, voiding: { ...state.voiding, reason } })),

    /** Sent again with the same reason it is the same void: the money goes back at most once. @param {string} reason */
    sendVoid: (reason) => till.attempt(async () => {
      store.set((/** @type {any} */ state) => ({ voiding: { ...state.voiding, reason } }));
      await answered(await put(session.call));
    }),

    /** The owner's own short session on this device for this one void. @param {string} pin */
    sendVoidAs: (pin) => till.attempt(async () => {
      const [{ asOwner }, { SHIFT }] = await Promise.all([import('./shift/owner.js'), import('./words/shift.js')]);
      const done = await asOwner(till, pin, put);
      if (done.kind === 'DONE') await answered(done.value);
      else store.set({ problem: done.kind === 'WRONG' ? { ...SHIFT.OWNER_WRONG, message: done.detail || SHIFT.OWNER_WRONG.message } : SHIFT.NO_OWNER });
    }),

    closeVoid: () => till.showToday(),
  };
}
