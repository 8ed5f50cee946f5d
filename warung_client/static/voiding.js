// The owner takes a purchase back on its own day: one id until it is answered, then the slip.

import { voidAnswered } from './state.js';
import { uuid7 } from './uuid7.js';

/** @param {any} till */
export function voiding(till) {
  const { store, session } = till;

  return {
    /** @param {any} purchase a row of the day's list */
    openVoid: (purchase) => store.set({
      screen: 'cancel', problem: null, voiding: { purchase, id: uuid7(session.serverNow()), reason: null, done: null },
    }),

    /** Sent again with the same reason it is the same void: the money goes back at most once. */
    sendVoid: (reason) => till.attempt(async () => {
      const { voiding: { id, purchase } } = store.get();
      store.set((state) => ({ voiding: { ...state.voiding, reason } }));
      const answer = await session.call(`/v1/voids/${id}`, { method: 'PUT', body: { purchase_id: purchase.purchase_id, reason } });
      if (answer.status === 401) await till.refuse(answer);
      else store.set((state) => voidAnswered(state, answer, uuid7));
    }),

    closeVoid: () => till.showToday(),
  };
}
