// The basket's own code on this screen, held by the engine and waited for; and the KPM's own code read here.

import { toWire } from './cart.js';
import { rememberPending } from './entering.js';
import { Unreachable } from './api.js';
import { answered } from './steps.js';
import { uuid7 } from './uuid7.js';
import { say } from './words.js';

const LOOK_EVERY_MS = 2_500;
const OWN_CODE = /^KPM1\.[\w-]{40,400}\.[\w-]{86}$/;

/** Is this text a KPM's own code as her telephone shows it. @param {string} text */
export const isOwnCode = (text) => OWN_CODE.test(text.trim());

/** @param {any} till */
export function showing(till) {
  const { store, session, tab } = till;
  const sale = (changes) => store.set((state) => ({ sale: { ...state.sale, ...changes } }));
  const put = (id) => session.call(`/v1/baskets/${id}`, {
    method: 'PUT', body: { till_id: session.current.till_id, lines: toWire(store.get().cart) },
  });

  /** True as long as this very code stands on the screen. @param {number} visit */
  const standing = (visit) => store.get().sale?.visit === visit && store.get().screen === 'who';

  /** Holds the basket under the purchase's id; an id that stands for other goods is left behind. */
  async function hold() {
    const id = store.get().purchaseId ?? uuid7();
    const answer = await put(id);
    if (answer.status !== 409 && answer.body?.status !== 'EXPIRED') return { id, answer };
    const fresh = uuid7();
    return { id: fresh, answer: await put(fresh) };
  }

  /** @param {{amount: number, reference: string}} basket */
  async function picture({ amount, reference }) {
    const path = `/v1/shops/${session.current.shop.shop_id}/qris.svg?amount=${amount}&reference=${reference}`;
    const response = await session.authorised(path);
    return response.status === 200 ? URL.createObjectURL(await response.blob()) : null;
  }

  /** What became of it: an answer of the purchase, ordinary money, or the end of its time. @param {string} id */
  async function look(id) {
    const paid = await session.call(`/v1/purchases/${id}`);
    if (paid.status !== 404) return paid;
    const basket = await session.call(`/v1/baskets/${id}`);
    return basket.body?.status === 'OPEN' ? null : basket;
  }

  /** Asks until it is answered or nobody waits any more. @param {string} id @param {number} visit */
  async function wait(id, visit) {
    while (standing(visit)) {
      await new Promise((resolve) => { setTimeout(resolve, LOOK_EVERY_MS); });
      if (!standing(visit)) return;
      const answer = await look(id).catch((failure) => {
        if (!(failure instanceof Unreachable)) throw failure;
        return null; // the network is away for a moment: the code stays where it is
      });
      if (!standing(visit) || !answer) continue;
      if (answer.status === 401) return void till.refuse(answer);
      if (answer.body?.status === 'EXPIRED') return sale({ shown: { ended: true } });
      return void till.finish(answer);
    }
  }

  return {
    /** Shows the code of this basket and waits for her yes. */
    showCode: () => till.attempt(async () => {
      const { visit } = store.get().sale;
      const { id, answer } = await hold();
      if (!standing(visit)) return;
      if (answer.status !== 200) return void till.refuse(answer);
      if (answer.body.status === 'DECLINED') return store.set((state) => answered(state, answer));
      store.set({ purchaseId: id });
      rememberPending(tab, id, store.get().cart);
      const drawn = answer.body.payload ? await picture(answer.body) : null;
      if (!standing(visit)) return;
      if (answer.body.message && !drawn) store.set({ problem: say(answer.body.message) });
      sale({ shown: { picture: drawn, ended: false } });
      if (drawn) wait(id, visit);
    }),

    /** A code whose time is over: the same goods under a new one. */
    showAgain() {
      store.set((state) => ({ purchaseId: null, problem: null, sale: { ...state.sale, shown: null, visit: state.sale.visit + 1 } }));
    },

    /** Her own code was read: she sees the basket and agrees, then it is sent at once. @param {string} text */
    readOwnCode(text) {
      sale({ ownCode: text.trim() });
      store.set({ screen: 'agree', problem: null });
    },
  };
}
