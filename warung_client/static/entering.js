// Coming to work and leaving: log-in, installing a device, the day's catalogue.

import { goodsMemory, sameGoods } from './remembering.js';
import { BEGINNING } from './state.js';
import { say, SALE_UNFINISHED, UNEXPECTED } from './words.js';

const CATALOGUE_MS_MAX = 15 * 60_000;
const CART_KEY = 'ewarong.cart';
const PENDING_KEY = 'ewarong.pending';
/** Screens of nobody in particular. */
const OUTSIDE = new Set(['start', 'enrol']);
const LEAVING_MS_MAX = 1_500; // nobody waits longer for a count to be told

/** @param {any} till the store, session, sender and helpers of till.js */
export function entering(till) {
  const { store, session, tab } = till;
  // A reload keeps the basket; it names goods only, never a family.
  let kept = JSON.parse(tab.getItem(CART_KEY) ?? 'null');
  let written = kept;
  store.watch(({ cart }) => {
    const now = kept ?? cart;
    if (now !== written) tab.setItem(CART_KEY, JSON.stringify(now)); // not at every tap on a keypad
    written = now;
  });
  const memory = goodsMemory(till.device);

  /** The first screen, with the log-ins this device offers. @param {any} [problem] */
  till.signIn = async (problem = null) => {
    const answered = await session.samples().catch(() => null);
    const samples = answered ?? [];
    const here = [...samples, ...session.installed()];
    const known = answered ? [] : await till.offline.cashiers(); // nobody answers: who was here before
    const others = known.filter(({ staff_id }) => here.every((one) => one.staff_id !== staff_id));
    store.set({ screen: 'start', devices: [...here, ...others], demo: samples.length > 0, problem });
  };

  till.showToday = () => till.attempt(async () => {
    const answer = await session.call('/v1/purchases?day=today');
    if (answer.status === 200) store.set({ screen: 'today', today: answer.body, pad: null });
    else await till.refuse(answer);
  });

  /** The keys of the goods as they were told last, before anybody is asked; false when this tab has no cashier. */
  till.openRemembered = () => {
    const { shop, staff } = session.current ?? {};
    const catalogue = shop && memory.read(shop.region);
    if (!catalogue) return false;
    store.set({ catalogue, catalogueAt: 0, shop, staff, cart: takeKept(), screen: 'cart' });
    return true;
  };

  /** The basket of before the reload, once. */
  function takeKept() {
    const cart = kept ?? store.get().cart;
    kept = null;
    return cart;
  }

  async function begin() {
    till.offline.soon();
    if (!session.current || !await openShop().catch((failure) => till.offline.openKept(failure))) await till.signIn();
  }

  /** A till left open learns the new day's ceilings before the next sale. */
  till.freshen = async () => {
    if (Date.now() - store.get().catalogueAt < CATALOGUE_MS_MAX) return;
    const answer = await askCatalogue().catch(() => null);
    if (answer?.status !== 200) return;
    told(answer.body);
    till.offline.keepCatalogue(answer.body);
  };

  const askCatalogue = () => session.call(`/v1/catalog?region=${encodeURIComponent(session.current.shop.region)}`);

  /** Loads the catalogue of the shop's region; false when the session is over. */
  async function openShop() {
    const answer = await askCatalogue();
    if (answer.status !== 200) return false;
    till.offline.keepCatalogue(answer.body);
    await till.openWith(answer.body);
    till.offline.opened();
    return true;
  }

  /** The shop with these goods: as the engine told them, or as this tablet kept them. @param {any} catalogue */
  till.openWith = async (catalogue) => {
    const { shop, staff } = session.current;
    const { screen, shop: open } = store.get();
    told(catalogue);
    // who began to sell from memory stays where she is
    if (OUTSIDE.has(screen) || open?.shop_id !== shop.shop_id) store.set({ shop, staff, cart: takeKept(), screen: 'cart', problem: null });
    await findUnfinished();
  };

  /** Today's goods: an open keypad goes on with the good as it is now. @param {import('./types.js').Catalogue} body */
  function told(body) {
    const catalogue = sameGoods(store.get().catalogue, body);
    store.set(({ pad }) => {
      const good = pad && catalogue.goods.find(({ sku }) => sku === pad.good.sku);
      return { catalogue, catalogueAt: Date.now(), ...(good && { pad: { ...pad, good } }) };
    });
    setTimeout(() => memory.write(body)); // the keys first
  }

  /** After a reload in the middle of a payment: the engine knows how it ended. */
  async function findUnfinished() {
    const pending = pendingOf(tab);
    if (!pending) return;
    if (till.offline.away()) {
      if (!pending.left) store.set({ cart: pending.cart });
      return; // nobody to ask: the same basket keeps its id
    }
    await till.ready();
    const answer = await till.sender.find(pending.id);
    if (!answer || answer.status === 202) return;
    tab.removeItem(PENDING_KEY);
    if (pending.left && answer.status !== 200) return;
    store.set({ cart: pending.cart });
    if (answer.status === 200) await till.finish(answer);
    else store.set({ purchaseId: pending.id, problem: SALE_UNFINISHED, pane: 'cart' });
  }

  return {
    begin: () => till.attempt(begin),

    enter: (device, pin) => till.attempt(async () => {
      const answer = await session.enter(device, pin).catch((failure) => till.offline.noticed(failure));
      if (!answer) {
        await till.offline.enter(device, pin);
        return;
      }
      if (answer.status >= 300) {
        till.offline.askWhy(); // a tablet that was stopped says so, and what to do
        store.set({ problem: say(answer.body?.detail || UNEXPECTED.message, answer.status === 429 || answer.body?.code === 'DEVICE_REVOKED' ? '' : 'Periksa PIN, lalu coba sekali lagi.') });
        return;
      }
      till.offline.remember(device, pin);
      if (!await openShop()) store.set({ problem: UNEXPECTED });
    }),

    install(device) {
      session.install(device);
      store.set((state) => ({ devices: [...(state.devices ?? []), device], problem: null }));
    },

    leave: () => till.attempt(async () => {
      await till.tellCashCounts?.(LEAVING_MS_MAX);
      await session.leave();
      const { devices, demo, offline } = store.get();
      store.set({ ...BEGINNING, devices, demo, offline });
      if (!devices) await till.signIn();
    }),

    today: till.showToday,

    closeToday: () => store.set({ screen: 'cart', today: null, problem: null }),
  };
}

/** Remembers the id under way (never a PIN or a code) so a reload finds it again. */
export function rememberPending(tab, id, cart, left = false) {
  tab.setItem(PENDING_KEY, JSON.stringify({ id, cart, left }));
}

/** What was sent and not answered yet; `left`: the family went, the basket was emptied. @param {Storage} tab @returns {{id: string, cart: any, left?: boolean}|null} */
export const pendingOf = (tab) => JSON.parse(tab.getItem(PENDING_KEY) ?? 'null');

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
