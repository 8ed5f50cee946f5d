// Complaints at the till: bad goods that this shop swaps, and reports written down for a family.

import { uuid7 } from './uuid7.js';

/** What is said of one act on the screen. @typedef {{message: string, next_step: string, done: boolean}} Told */

/** @param {any} till */
export function complaining({ store, session, attempt, refuse }) {
  /** @type {any} */
  let sealer = null;

  /** Her PIN, sealed before it leaves this page. @param {string} pin */
  async function sealed(pin) {
    const { openSealer } = await import('./identify/sealing.js');
    sealer ??= openSealer((/** @type {string} */ path) => session.call(path));
    return sealer.seal({ pin, tillId: session.current.till_id, nowMs: session.serverNow() });
  }

  async function bring() {
    const answer = await session.call('/v1/complaints/swaps');
    if (answer.status === 200) store.set({ swaps: answer.body.swaps });
    else await refuse(answer);
  }

  return {
    askSwaps: () => attempt(bring),

    /** Today's purchases, to say which one it is about. */
    askReceipts: () => attempt(async () => {
      const answer = await session.call('/v1/purchases?day=today');
      if (answer.status === 200) store.set({ receipts: answer.body.purchases });
      else await refuse(answer);
    }),

    /** The shop gave a good one; with her PIN it is settled. @param {string} reference @param {string} [pin] @param {(told: Told) => void} [tell] */
    swapDone: (reference, pin = '', tell = () => {}) => attempt(async () => {
      const body = { act_id: uuid7(), ...(pin && { pin_sealed: await sealed(pin) }) };
      const answer = await session.call(`/v1/complaints/${reference}/swap`, { method: 'POST', body });
      if (answer.status !== 200) return void refuse(answer);
      tell({ ...answer.body, done: answer.body.swap !== null });
      return bring();
    }),

    /** A report for a family, by her receipt. @param {{id: string, number: string, kind: string}} report @param {(told: Told) => void} tell */
    complain: ({ id, number, kind }, tell) => attempt(async () => {
      const body = { complaint_id: id, number, kind };
      const answer = await session.call('/v1/complaints', { method: 'POST', body });
      if (answer.status !== 200) return void refuse(answer);
      tell({ ...answer.body, done: true });
      return bring();
    }),
  };
}
