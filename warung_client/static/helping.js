// Pendampingan: the shop asks, an officer elsewhere vouches, and only then is there somebody to pay.

import { say, SUPERVISION_ENDED } from './words.js';
import { uuid7 } from './uuid7.js';

const FIELDS = { KKS: 'card', NIK: 'nik', PHONE: 'msisdn' };

/** @param {any} till @param {() => Promise<boolean|undefined>} showBalance what follows a proven payer */
export function helping(till, showBalance) {
  const { store, session } = till;
  const sale = (changes) => store.set((state) => ({ sale: { ...state.sale, ...changes } }));
  const here = (visit) => store.get().sale?.visit === visit;

  return {
    /** @param {string} kind @param {string} number @param {string} reason @param {string} pin the cashier's own */
    askSupervision: (kind, number, reason, pin) => till.attempt(async () => {
      const { amount, visit } = store.get().sale;
      const answer = await session.call('/v1/supervisions', {
        method: 'POST',
        body: {
          till_id: session.current.till_id, supervision_id: uuid7(), [FIELDS[kind]]: number, amount,
          no_other_way: reason, pin,
        },
      });
      if (!here(visit)) return undefined;
      if (answer.status !== 200) return till.refuse(answer);
      return sale({ supervision: answer.body });
    }),

    /** Has the officer answered? Asked again and again while the screen waits. */
    lookSupervision: () => till.attempt(async () => {
      const { supervision, visit } = store.get().sale ?? {};
      if (!supervision) return undefined;
      const answer = await session.call(`/v1/supervisions/${supervision.supervision_id}`);
      if (!here(visit)) return undefined;
      if (answer.status !== 200) return till.refuse(answer);
      const { status, payer_token: token, expires_at: until, name } = answer.body;
      if (token) {
        sale({ token, name: name ?? '', supervision: null });
        return showBalance();
      }
      if (status === 'ASKED' && session.serverNow() < Date.parse(until)) return undefined;
      sale({ supervision: null });
      return store.set({ problem: say(...SUPERVISION_ENDED) });
    }),
  };
}
