// Coming to work and leaving: log-in, installing a device, the day's catalogue.

import { BEGINNING } from './state.js';
import { say, SALE_UNFINISHED, UNEXPECTED } from './words.js';

const PENDING_KEY = 'ewarong.pending';

/** @param {any} till the store, session, sender and helpers of till.js */
export function entering(till) {
  const { store, session, tab } = till;

  async function begin() {
    if (session.current && await openShop()) return;
    const [installed, samples] = [session.installed(), await session.samples().catch(() => [])];
    store.set({ screen: 'start', devices: [...samples, ...installed], demo: samples.length > 0 });
  }

  /** Loads the catalogue of the shop's region; false when the session is over. */
  async function openShop() {
    const { shop } = session.current;
    const answer = await session.call(`/v1/catalog?region=${encodeURIComponent(shop.region)}`);
    if (answer.status !== 200) return false;
    store.set({ catalogue: answer.body, shop, staff: session.current.staff, screen: 'cart', problem: null });
    await findUnfinished();
    return true;
  }

  /** After a reload in the middle of a payment: the engine knows how it ended. */
  async function findUnfinished() {
    const pending = JSON.parse(tab.getItem(PENDING_KEY) ?? 'null');
    if (!pending) return;
    const answer = await till.sender.find(pending.id);
    if (!answer || answer.status === 202) return;
    tab.removeItem(PENDING_KEY);
    store.set({ cart: pending.cart });
    if (answer.status === 200) await till.finish(answer);
    else store.set({ purchaseId: pending.id, problem: SALE_UNFINISHED, pane: 'cart' });
  }

  return {
    begin: () => till.attempt(begin),

    enter: (device, pin) => till.attempt(async () => {
      const answer = await session.enter(device, pin);
      if (answer.status >= 300) {
        store.set({ problem: say(answer.body?.detail || UNEXPECTED.message, 'Periksa PIN, lalu coba sekali lagi.') });
        return;
      }
      if (!await openShop()) store.set({ problem: UNEXPECTED });
    }),

    install(device) {
      session.install(device);
      store.set((state) => ({ devices: [...(state.devices ?? []), device], problem: null }));
    },

    leave: () => till.attempt(async () => {
      await session.leave();
      const { devices, demo } = store.get();
      store.set({ ...BEGINNING, devices, demo });
      if (!devices) await begin();
    }),

    today: () => till.attempt(async () => {
      const answer = await session.call('/v1/purchases?day=today');
      if (answer.status === 200) store.set({ screen: 'today', today: answer.body, pad: null });
      else till.refuse(answer);
    }),

    closeToday: () => store.set({ screen: 'cart', today: null, problem: null }),
  };
}

/** Remembers the id under way (never a PIN or a code) so a reload finds it again. */
export function rememberPending(tab, id, cart) {
  tab.setItem(PENDING_KEY, JSON.stringify({ id, cart }));
}

/** @param {Storage} tab */
export function forgetPending(tab) {
  tab.removeItem(PENDING_KEY);
}

/** The receipt's QR as a blob address an <img> may show. @param {any} session @param {string} id */
export async function receiptPicture(session, id) {
  const response = await session.authorised(`/v1/purchases/${id}/receipt.svg`);
  if (response.status !== 200) return null;
  return URL.createObjectURL(await response.blob());
}
